"""Builds Block Kit: messages and modals out of cleaned text. The only place here that writes block dictionaries.

Called by the renderers. Everything a reader sees goes into rich_text `text` elements, which Slack does not parse, or
into `Markup`. It makes no `link`, `user`, `usergroup`, `channel` or `broadcast` elements at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.slack.limits import (
    ACCESSIBILITY_LABEL_CHARACTERS,
    BUTTON_CHARACTERS,
    CONTEXT_TEXT_CHARACTERS,
    MODAL_TITLE_CHARACTERS,
)
from bot.adapters.slack.text import Markup, clean, one_line

Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What is posted: `blocks` for people who see them, `text` with the same content for everybody else.

    `text` is already escaped and within Slack's limit.
    """

    text: str
    blocks: list[Json] = field(default_factory=list)


def span(text: str, limit: int, *, bold: bool = False, code: bool = False) -> Json:
    """A run of text on one line."""
    element: Json = {"type": "text", "text": one_line(text, limit)}
    style = {name: True for name, wanted in (("bold", bold), ("code", code)) if wanted}
    return {**element, "style": style} if style else element


@dataclass(frozen=True)
class Sign:
    """An emoji: Slack's name for blocks, and the character for plain text."""

    name: str
    character: str


def emoji(sign: Sign) -> Json:
    """A sign as an element of its own. Always followed by a word: it says nothing to some readers."""
    return {"type": "emoji", "name": sign.name}


def space(text: str) -> Json:
    """Our own punctuation between two spans; white space at its ends is kept."""
    return {"type": "text", "text": text}


def paragraph(*spans: Json) -> Json:
    """One line of a rich_text block."""
    return {"type": "rich_text_section", "elements": list(spans)}


def bullets(items: Iterable[Sequence[Json]]) -> Json:
    """A bulleted list; each item is a sequence of spans."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(*item) for item in items]}


def preformatted(text: str, limit: int) -> Json:
    """Raw lines or a command, shown as they are."""
    return {
        "type": "rich_text_preformatted",
        "border": 0,
        "elements": [{"type": "text", "text": clean(text, limit)}],
    }


def rich_text(*containers: Json) -> Json:
    """A block of paragraphs, lists and preformatted text."""
    return {"type": "rich_text", "elements": list(containers)}


def small_print(markup: Markup) -> Json:
    """A grey line. The markup must fit Slack's limit for one text object."""
    if len(markup) > CONTEXT_TEXT_CHARACTERS:
        raise ValueError("the small print is too long: its parts must be shortened where they are made")
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": str(markup), "verbatim": True}]}


def divider() -> Json:
    """A thin line between two parts."""
    return {"type": "divider"}


def button(action_id: str, label: str, value: str, *, spoken: str) -> Json:
    """A button. `value` is an opaque token; `spoken` is what a screen reader says."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label, BUTTON_CHARACTERS),
        "value": value,
        "accessibility_label": one_line(spoken, ACCESSIBILITY_LABEL_CHARACTERS),
    }


def actions(buttons: Sequence[Json]) -> Json:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def plain_text(text: str, limit: int) -> Json:
    """A text object without markup and without emoji names."""
    return {"type": "plain_text", "text": one_line(text, limit), "emoji": False}


def modal(title: str, blocks: Sequence[Json], private_metadata: str = "") -> Json:
    """A modal that shows something and asks nothing."""
    return {
        "type": "modal",
        "title": plain_text(title, MODAL_TITLE_CHARACTERS),
        "close": plain_text("Close", MODAL_TITLE_CHARACTERS),
        "blocks": list(blocks),
        "private_metadata": private_metadata,
    }


def characters(blocks: Iterable[Json]) -> int:
    """How much text the blocks hold, wherever it stands."""
    return sum(_characters(block) for block in blocks)


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        own = value.get("text")
        rest = sum(_characters(item) for item in value.values() if not isinstance(item, str))
        return rest + (len(own) if isinstance(own, str) else 0)
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    return 0
