"""A card model as Slack shows it."""

from __future__ import annotations

from typing import Any

from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.render.card import as_message
from bot.incidents import cards

drawn = as_message


def card(*parts: Any) -> Message:
    """The card of a diagnosis, drawn."""
    return as_message(cards.card(*parts))
