"""Cleans text for people: whatever comes from a log, a person or a cluster passes through here before it is shown.

Used by everything that builds a card or a sentence. Pure, and the same for every chat platform; what a platform parses
besides is escaped where it is rendered.
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
