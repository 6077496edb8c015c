"""Undoes what a screen adds to a log: numbers in a gutter, and lines that are broken at its width.

Called by `clean` on whole blocks, which begin with a line break. The text has as many lines afterwards as before: what
a broken line goes on with is moved up to it, and leaves empty lines behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERED = re.compile(r"[ \t]{0,8}(\d{1,6})(?:[ \t]?[:|│][ \t]?|\t|[ ]{2}|[ \t]*$)")
_LEAST = 3
"""Lines that must be numbered in order; fewer may be a table or a list."""
_WIDTHS = frozenset((80, 100, 120, 132))
_LOOKED_AT = 60
_FULL = 2
"""Lines of just that width; a single one may be so long by chance."""
_COLUMNS = "   "
_ALIKE = 4
"""Characters at the beginning that are alike in two lines of a log, and not in a line and its rest."""


def as_printed(block: str) -> str:
    """The block as the program printed it, as far as can be told; the very same where nothing was added."""
    return _unbroken(_without_gutter(block))


def _without_gutter(block: str) -> str:
    start = block[1:400].splitlines()[:_LEAST]
    if len(start) < _LEAST or not _in_order(start):
        return block
    lines = block[1:].split("\n")
    if not _in_order([line for line in lines if line.strip()]):
        return block
    return "\n" + "\n".join(_NUMBERED.sub("", line, count=1) for line in lines)


def _in_order(lines: Sequence[str]) -> bool:
    """Does every line begin with the number after that of the one before?"""
    last = -1
    for line in lines:
        found = _NUMBERED.match(line)
        if found is None or (last >= 0 and int(found[1]) != last + 1):
            return False
        last = int(found[1])
    return True


def _unbroken(block: str) -> str:
    """The lines that fill the width of a terminal, joined with what follows them."""
    if max(map(len, block[: _LOOKED_AT * 200].split("\n")[:_LOOKED_AT])) not in _WIDTHS:
        return block
    lines = block.split("\n")
    width = max(map(len, lines))
    if width not in _WIDTHS or sum(len(line) == width for line in lines) < _FULL:
        return block
    joined: list[str] = []
    at = 0
    for index, line in enumerate(lines):
        full = index > 0 and len(lines[index - 1]) == width
        if full and line[:_ALIKE] != lines[at][:_ALIKE] and _COLUMNS not in lines[index - 1].strip():
            joined[at] += line
            joined.append("")
        else:
            at = index
            joined.append(line)
    return "\n".join(joined)
