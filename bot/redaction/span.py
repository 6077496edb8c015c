"""A place in a text that must not be seen, and the tokens that stand for such places already. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_OPENING = "‹".encode()
_CLOSING = "›".encode()
_OUR_TOKEN = re.compile("‹[a-z0-9-]+:[0-9]+›".encode())
_LONGEST_TOKEN = 40
_PAINT = re.compile(rb"\x1b\[[0-9;]{0,16}m")


class Span(NamedTuple):
    """A secret: where it begins and ends in the text, and what kind it is."""

    start: int
    end: int
    kind: str


def end_of_token(data: bytes, at: int) -> int:
    """Where the token of ours ends that this place is in, 0 when it is in none: `‹password:1›` is no password."""
    opened = data.rfind(_OPENING, max(0, at - _LONGEST_TOKEN), at)
    token = _OUR_TOKEN.match(data, opened) if opened >= 0 else None
    return token.end() if token and token.end() > at else 0


def without_kinds(data: bytes) -> bytes:
    """The same text, as long as it was, with no telling kind in its tokens: `‹password:1›` becomes `‹a:11111111›`.

    Each would be a name with a value that reaches to the end of its line: a line of nothing but tokens took minutes.
    """
    return _OUR_TOKEN.sub(_without_kind, data) if _OPENING in data else data


def _without_kind(token: re.Match[bytes]) -> bytes:
    return _OPENING + b"a:".ljust(len(token.group()) - len(_OPENING) - len(_CLOSING), b"1") + _CLOSING


def without_paint(data: bytes) -> bytes:
    """The same text, as long as it was, with blanks for the colours of a terminal."""
    return _PAINT.sub(lambda paint: b" " * len(paint.group()), data) if b"\x1b[" in data else data
