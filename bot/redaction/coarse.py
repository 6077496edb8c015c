"""Where a group of patterns is worth looking for: many patterns in one coarse automaton, which passes over the rest.

Called by `patterns`. A coarse pattern counts to ten where the fine one counts to forty, so that dozens of them have few
states and make one fast pass. It matches wherever the fine one does; where it finds nothing there is nothing. What it
finds is looked at again, with the fine ones, in a window that begins with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import re2

MAX_MEMORY = 64 << 20
"""Bytes that RE2 may use for one pattern's automaton."""
COUNTED_TO = 10
"""Repetitions that a coarse pattern tells apart. With six, thrice as much of an ordinary log is looked at again."""
WINDOW = 512
"""Bytes behind the beginning of what was found that are looked at, and the line in which they end."""
ASKED = 16384
"""Bytes of a place up to which it is asked first which of the group's automata may find anything there."""
EVERY = 1024
"""Bytes for one window. With more of them it is faster to look at all of the text."""

_COUNTED = re.compile(r"(?<!\\)\{(\d+)(,\d*)?\}")

Place = tuple[int, int]


def compiled(pattern: str, *, capture: bool = True) -> re2._Regexp:
    """A pattern on bytes, each taken as one character. Raises `re2.error`."""
    return re2.compile(pattern.encode("latin-1"), _options(capture=capture))


def _options(*, capture: bool) -> re2.Options:
    options = re2.Options()
    options.never_capture = not capture
    options.max_mem = MAX_MEMORY
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


def coarse(pattern: str) -> str:
    """A pattern that matches whatever this one does, and counts no further than it must."""

    def counted(found: re.Match[str]) -> str:
        least = int(found[1])
        exact = found[2] is None and least <= COUNTED_TO
        return found.group() if exact else f"{{{min(least, COUNTED_TO)},}}"

    return _COUNTED.sub(counted, pattern)


_OPEN = re.compile(r"(?:\\b|\(\?:\^\|\[[^\]]*\]\))?\(?(?:\(\?:)?(?:\[|\\d)|\(\?i|\(\?:\^")


def begins_open(pattern: str) -> bool:
    """Whether many words begin as this pattern does, which begins with a class: such ones stay among themselves.

    A hundred patterns that begin with letters are as fast as one; twenty of these among them, and it takes ten times as
    long until RE2 knows the states.
    """
    return _OPEN.match(pattern) is not None


def _either(patterns: Sequence[str]) -> str:
    return "(?m)" + "|".join(f"(?:{coarse(pattern)})" for pattern in patterns)


class Coarse:
    """One pass over a text for many patterns: where any of them may be."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._coarse = compiled(_either(patterns), capture=False)

    def places(self, data: bytes) -> list[Place]:
        """Where anything of the group may be: parts that begin and end with lines; all of it when there are many."""
        found: list[Place] = []
        most = len(data) // EVERY + 4
        at = 0
        while match := self._coarse.search(data, at):
            start = data.rfind(b"\n", at, match.start()) + 1 or at
            end = _line_end(data, min(len(data), match.start() + WINDOW))
            if found and start <= found[-1][1]:
                start, _ = found.pop()
            found.append((start, end))
            most -= 1
            if most < 0:
                return [(0, len(data))]
            at = _line_end(data, match.start())
            if at >= len(data):
                break
        return found


class Group(Coarse):
    """Patterns of one group each that are looked for only where one coarse pass over the text finds something.

    `at_once` of them make one fine automaton. It was measured: with all in one, its states do not fit in RE2's
    cache, and it is ten times slower.
    """

    def __init__(self, patterns: Sequence[str], at_once: int) -> None:
        super().__init__(patterns)
        parts = [(first, patterns[first : first + at_once]) for first in range(0, len(patterns), at_once)]
        self.fine = [(first, compiled("(?m)" + "|".join(part))) for first, part in parts]
        self._which = re2.Set.SearchSet(_options(capture=False))
        for _, part in parts:
            self._which.Add(_either(part).encode("latin-1"))
        self._which.Compile()

    def parts(self, data: bytes) -> Iterator[tuple[int, re2._Regexp, int, int]]:
        """What is to be looked at with what: the number of an automaton's first pattern, itself, beginning and end."""
        for start, end in self.places(data):
            yield from ((*self.fine[index], start, end) for index in self._asked(data, start, end))

    def _asked(self, data: bytes, start: int, end: int) -> Iterable[int]:
        """Which automata may find anything in a place; all of them where it is long, or where that cannot be told."""
        every = range(len(self.fine))
        if len(self.fine) == 1 or end - start > ASKED:
            return every
        return self._which.Match(data[start:end]) or every

    def finditer(self, data: bytes) -> Iterator[tuple[int, re2._Match]]:
        """Every match that has a group, with the number of its pattern."""
        for first, pattern, start, end in self.parts(data):
            for match in pattern.finditer(data, start, end):
                index = match.lastindex
                if index:
                    yield first + index - 1, match


def _line_end(data: bytes, at: int) -> int:
    """Where the next line begins."""
    end = data.find(b"\n", at)
    return end + 1 if end >= 0 else len(data)
