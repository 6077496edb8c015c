"""Recognises log lines that mean the same in every program: one RE2 filter first, then each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from bot.playbook.schema import LineSpec

MAX_LINE = 2000
"""Characters of a line that are looked at."""
_REMEMBERED = 8192
"""Lines whose kind is remembered, the newest."""
_MEMORY = 64 << 20
"""Bytes that RE2 may keep states of the filter in: with its default of 8 MiB it gives up on each line and is slow."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line that was recognised, with the named parts of it."""

    spec: LineSpec
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


class KnownLines:
    """The kinds of lines in the order of their playbook: the first that fits counts."""

    def __init__(self, specs: Sequence[LineSpec]) -> None:
        self._specs = [(spec, re2.compile(spec.pattern), [re2.compile(item) for item in spec.unless]) for spec in specs]
        self._lasting = [
            (spec, pattern, re2.compile(spec.until)) for spec, pattern, _ in self._specs if spec.until is not None
        ]
        self._filter: Any = _filter(specs) if specs else None
        # A program's log is asked about by the checks of all who call it, and programs say the same again and again.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)

    def first(self, line: str) -> KnownLine | None:
        """The first kind that this line is of."""
        return self._remembered(line[:MAX_LINE])

    def _read(self, text: str) -> KnownLine | None:
        if self._filter is None or self._filter.search(text) is None:
            return None
        for spec, pattern, unless in self._specs:
            found = pattern.search(text)
            if found is not None and not any(item.search(text) for item in unless):
                return KnownLine(spec, text, {key: value for key, value in found.groupdict().items() if value})
        return None

    def standing(self, lines: Iterable[str]) -> list[tuple[LineSpec, list[int]]]:
        """The kinds that hold until another thing is said (`until`), which was not: the places of their lines."""
        if not self._lasting:
            return []
        held: dict[str, list[int]] = {spec.id: [] for spec, _, _ in self._lasting}
        for place, line in enumerate(lines):
            for spec, pattern, until in self._lasting:
                if until.search(line[:MAX_LINE]):
                    held[spec.id] = []
                elif pattern.search(line[:MAX_LINE]):
                    held[spec.id].append(place)
        return [(spec, held[spec.id]) for spec, _, _ in self._lasting if held[spec.id]]


@lru_cache(maxsize=8)
def known_lines(specs: tuple[LineSpec, ...]) -> KnownLines:
    """The same for playbooks that are asked for again and again: patterns take long to compile."""
    return KnownLines(specs)


def _filter(specs: Sequence[LineSpec]) -> Any:
    """All patterns in one: what it does not fit, none of them fits."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    return re2.compile("|".join(_closed(spec.pattern) for spec in specs), options)


def _closed(pattern: str) -> str:
    """A pattern as one alternative among others: without names, its flags for itself.

    A filter may let more through, so repetitions lose their upper bounds: those make an automaton large.
    """
    plain = re2.sub(r"\(\?P<[A-Za-z_0-9]+>", "(", pattern)
    plain = re2.sub(r"([^\\])\{(\d+),\d+\}", r"\1{\2,}", plain)
    return f"(?i:{plain[4:]})" if plain.startswith("(?i)") else f"(?:{plain})"
