"""Cleans and escapes text for Slack. Whatever comes from a log, a person or a cluster passes through here.

Called by `blocks`. Three kinds of places, three treatments:

    rich_text and plain_text elements   Slack parses nothing there: `incidents.plain_text.clean` is enough
    mrkdwn, and the top-level `text`    parsed for mentions and links: `Markup`, which escapes every plain string
    buttons, modal titles               `clean`, on one line

There is no type for untrusted text: every plain string is untrusted. What is safe has a type, `Markup`, and there is no
way to make one that passes foreign markup through.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.incidents.plain_text import spoken_time


def escape(text: str) -> str:
    """Replace the three characters that control Slack's markup. Slack decodes them once and does not parse again."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str, limit: int) -> str:
    """The text escaped to at most `limit` characters, never cut inside an entity."""
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    kept: list[str] = []
    left = limit - 1
    for character in text:
        piece = escape(character)
        if len(piece) > left:
            break
        kept.append(piece)
        left -= len(piece)
    return "".join(kept) + "…"


class Markup:
    """A piece of mrkdwn that is safe to send. `source` is what goes to Slack; only this module ever sets it."""

    __slots__ = ("source",)
    source: str

    def __init__(self, *parts: str | Markup) -> None:
        """Join parts; each plain string among them is escaped, each `Markup` is taken as it is."""
        self.source = "".join(part.source if isinstance(part, Markup) else escape(part) for part in parts)

    def __str__(self) -> str:
        return self.source

    def __len__(self) -> int:
        return len(self.source)


def join(separator: str, parts: list[Markup]) -> Markup:
    """The parts with the separator (escaped) between them."""
    pieces: list[str | Markup] = []
    for part in parts:
        pieces += [separator, part] if pieces else [part]
    return Markup(*pieces)


def moment(when: datetime, *, with_date: bool) -> Markup:
    """A time that Slack shows in the reader's own zone."""
    form = "{date_short_pretty} {time}" if with_date else "{time}"
    made = Markup()
    made.source = f"<!date^{int(when.timestamp())}^{form}|{spoken_time(when, with_date=with_date)}>"
    return made


_ID = re.compile(r"[A-Z][A-Z0-9]{1,20}")


def call(called: str) -> Markup:
    """A mention of a person (`U…`, `W…`) or user group (`S…`) by its id, which pings. Raises `ValueError` for no id."""
    if not _ID.fullmatch(called):
        raise ValueError("not an id of a person or of a user group")
    made = Markup()
    made.source = f"<!subteam^{called}>" if called.startswith("S") else f"<@{called}>"
    return made
