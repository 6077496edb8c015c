"""A place in a text that must not be seen, and the tokens that stand for such places already. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_OPENING = "‹".encode()
_OUR_TOKEN = re.compile("‹[a-z0-9-]+:[0-9]+›".encode())
_LONGEST_TOKEN = 40


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
