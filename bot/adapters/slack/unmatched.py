"""A message to the bot in which no rule found anything, after it was answered so: what a plugin may add to that answer.

Made by `posts`, handed to `Plugin.unmatched`. Pure data. The text is raw: it may hold secrets, and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.slack.asked import Asked
from bot.adapters.slack.schedule import Target


@dataclass(frozen=True)
class Unmatched:
    """Who asked and where, the whole text that was looked at, what could not be read, and the answer that stands."""

    asked: Asked
    text: str
    unread: tuple[str, ...]
    answer: Target
