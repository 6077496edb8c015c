"""Cleans and escapes text for Slack. Whatever comes from a log, a person or a cluster passes through here.

Called by `blocks`. Three kinds of places, three treatments:

    rich_text and plain_text elements   Slack parses nothing there: `clean` is enough
    mrkdwn, and the top-level `text`    parsed for mentions and links: `Markup`, which escapes every plain string
    buttons, modal titles               `clean`, on one line

There is no type for untrusted text: every plain string is untrusted. What is safe has a type, `Markup`, and there is no
way to make one that passes foreign markup through.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

PLACEHOLDER = "(empty)"
"""Stands for text of which nothing is left: Slack refuses empty strings."""

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC and other strings: titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_NEWLINE = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls, except tab and newline
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width and bidirectional
    "\U000e0000-\U000e007f]"  # tags: invisible copies of ASCII
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def clean(text: str, limit: int) -> str:
    """The text without terminal sequences, control, bidirectional and invisible characters; at most `limit` long.

    Never empty. Lines end in a newline; a lone surrogate, which no encoder accepts, becomes U+FFFD.
    """
    bounded = text[: limit * 8 + 1_000]  # a million lines need not be cleaned to show a few of them
    visible = _ESCAPE_SEQUENCE.sub("", bounded)
    visible = _INVISIBLE.sub("", _NEWLINE.sub("\n", visible))
    visible = _SURROGATE.sub("\ufffd", visible)
    return shorten(visible.strip("\n"), limit) if visible.strip() else PLACEHOLDER


def one_line(text: str, limit: int) -> str:
    """`clean`, with every run of white space made one space."""
    return shorten(_BLANKS.sub(" ", clean(text, limit * 2)).strip(), limit)


def shorten(text: str, limit: int) -> str:
    """The text, cut at `limit` characters with an ellipsis as the last of them."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


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


def spoken_time(when: datetime, *, with_date: bool) -> str:
    """`10:02 UTC`, or with its date: for readers whose client shows plain text."""
    utc = when.astimezone(UTC)
    return utc.strftime("%Y-%m-%d %H:%M UTC" if with_date else "%H:%M UTC")


def spoken_duration(seconds: float) -> str:
    """A duration as a person says it: `under a minute`, `7 min`, `2 h 5 min`, `3 d 4 h`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "under a minute"
    hours, days = minutes // 60, minutes // (60 * 24)
    if days:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"
