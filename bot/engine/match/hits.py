"""Finding every occurrence of every signature in a cleaned paste. Called by the matcher, which makes symptoms of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.engine.match.clean import CleanPaste
from bot.engine.match.patterns import Look, Patterns

_OVERLAP = 8 * 1024
"""Bytes of the next block that are read along with a block, so that what lies across the border is found."""

_WINDOW = 4 * 1024
"""How many bytes of a line, before and after a hit, count as the hit's own line."""

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One occurrence of one pattern. `line` is the number of its first line, `offset` the bytes from there to its start.

    `text` is the line it starts on, cut around the hit if it is very long. `fields` are its named groups.
    """

    signature: int
    part: int
    line: int
    offset: int
    text: str
    fields: tuple[tuple[str, str], ...]


def find(patterns: Patterns, paste: CleanPaste, wanted: frozenset[int]) -> Iterator[Hit]:
    """Every hit of the wanted symptoms, except those that an `unless` on their own lines rules out."""
    for index, block in enumerate(paste.blocks):
        data = block.data
        if index + 1 < len(paste.blocks):
            data += b"\n" + _head(paste.blocks[index + 1].data)
        border = len(block.data) + 1
        for look, regex in patterns.candidates(data):
            if look.symptom in wanted:
                yield from _occurrences(look, regex, data, border, block.first)


def _head(data: bytes) -> bytes:
    """The first whole lines of the next block, or a part of its first line if that is very long."""
    if len(data) <= _OVERLAP:
        return data
    cut = data.rfind(b"\n", 0, _OVERLAP)
    return data[: cut if cut > 0 else _OVERLAP]


def _occurrences(look: Look, regex: re2._Regexp, data: bytes, border: int, first_line: int) -> Iterator[Hit]:
    line, counted = first_line, 0
    for found in regex.finditer(data):
        start, end = found.span()
        if start >= border:
            return
        line += data.count(b"\n", counted, start)
        counted = start
        if look.unless is not None and look.unless.search(_own_lines(data, start, end)) is not None:
            continue
        fields = tuple((name, value) for name, number in look.names if (value := _text(found[number])))
        beginning = data.rfind(b"\n", 0, start) + 1
        yield Hit(look.signature, look.part, line, start - beginning, _shown(data, beginning, start), fields)


def _own_lines(data: bytes, start: int, end: int) -> bytes:
    """The lines that the span touches; breaks inside a record count. Very long lines are cut around the span."""
    low, high = max(0, start - _WINDOW), min(len(data), end + _WINDOW)
    begin = max(data.rfind(b"\n", low, start), data.rfind(b"\f", low, start)) + 1
    breaks = [position for position in (data.find(b"\n", end, high), data.find(b"\f", end, high)) if position >= 0]
    return data[begin or low : min(breaks, default=high)]


def _shown(data: bytes, beginning: int, start: int) -> str:
    """The line with the hit, for a person: at most _SHOWN bytes, the hit among them."""
    end = data.find(b"\n", start, start + _SHOWN)
    if end < 0:
        end = min(len(data), start + _SHOWN)
    if end - beginning > _SHOWN:
        beginning = max(beginning, min(start - 100, end - _SHOWN))
    return data[beginning:end][:_SHOWN].decode("utf-8", errors="ignore").replace("\f", " ").rstrip()


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", errors="replace").strip() if value else ""
