"""Recognises log lines that mean the same in every program: one RE2 filter first, then each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from bot.playbook.schema import LineSpec

MAX_LINE = 2000
"""Characters of a line that are looked at."""


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
        self._filter: Any = re2.compile("|".join(_closed(spec.pattern) for spec in specs)) if specs else None

    def first(self, line: str) -> KnownLine | None:
        """The first kind that this line is of."""
        text = line[:MAX_LINE]
        if self._filter is None or self._filter.search(text) is None:
            return None
        for spec, pattern, unless in self._specs:
            found = pattern.search(text)
            if found is not None and not any(item.search(text) for item in unless):
                return KnownLine(spec, text, {key: value for key, value in found.groupdict().items() if value})
        return None


@lru_cache(maxsize=8)
def known_lines(specs: tuple[LineSpec, ...]) -> KnownLines:
    """The same for playbooks that are asked for again and again: patterns take long to compile."""
    return KnownLines(specs)


def _closed(pattern: str) -> str:
    """A pattern as one alternative among others: without names, its flags for itself."""
    plain = re2.sub(r"\(\?P<[A-Za-z_]+>", "(", pattern)
    return f"(?i:{plain[4:]})" if plain.startswith("(?i)") else f"(?:{plain})"
