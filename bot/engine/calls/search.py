"""Where the words of the rules stand in a page. Called by the reader."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import re2

from bot.engine.calls.patterns import CallPatterns, CallWords
from bot.engine.calls.telling import FoundRule
from bot.engine.match.page import Page
from bot.engine.match.patterns import Regex

_MARK = re.compile(rb"\f")
_ON_ONE_LINE = 20
"""How often one pattern is looked at on a line."""

_BREAK = re.compile(rb"\n")


class Lines:
    """The line numbers of a page, by offset."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._starts = [0, *[found.end() for found in _BREAK.finditer(page.data, 1)]]
        self._low = self._high = self._last = 0

    def number(self, offset: int) -> int:
        """The number, in the paste, of the line with this offset."""
        if not self._low <= offset < self._high:
            row = bisect_right(self._starts, offset) - 1
            self._low = self._starts[row]
            self._high = self._starts[row + 1] if row + 1 < len(self._starts) else len(self._page.data) + 1
            self._last = self._page.number(row)
        return self._last


class Unmarked:
    """A message without the marks of the lines inside its records, and where its offsets lie with them."""

    def __init__(self, data: bytes) -> None:
        self.text = data.replace(b"\f", b"")
        self._marks = [mark.start() for mark in _MARK.finditer(data)] if len(self.text) < len(data) else []
        self._before = [at - number for number, at in enumerate(self._marks)]

    def inside(self, offset: int) -> int:
        """Where in the text this offset of the message is."""
        return offset - bisect_left(self._marks, offset)

    def outside(self, offset: int) -> int:
        """Where in the message this offset of the text is."""
        return offset + bisect_right(self._before, offset)


class PageSearch:
    """The search of one page for the words of the rules. Only words on the `own` lines count."""

    def __init__(self, patterns: CallPatterns, page: Page, lines: Lines, own: range) -> None:
        self._patterns = patterns
        self._page = page
        self._lines = lines
        self._own = own
        self._absent: dict[int, bool] = {}

    def words(self, numbers: Sequence[int], begin: int = 0, end: int | None = None) -> list[FoundRule]:
        """Every place, in the page or in one of its messages, where a rule is found; in their order."""
        stop = len(self._page.data) if end is None else end
        found = [one for number in numbers for one in self._found(number, begin, stop)]
        return sorted(found, key=lambda one: one.start)

    def _found(self, number: int, begin: int, stop: int) -> Iterator[FoundRule]:
        regex, words = self._patterns.finding.regexes[number], self._patterns.words[number]
        page, rule = self._page, words.rule
        line_end, on_line, counts = 0, 0, False
        status = dict(regex.names).get("status")
        for match in regex.finditer(page.data, begin, stop):
            start, end = match.span()
            if start >= line_end:
                line_end, on_line = page.line_end(start), 0
                counts = self._lines.number(start) in self._own
            on_line += 1
            if not counts or on_line > _ON_ONE_LINE or self._is_excused(words, start, end):
                continue
            yield FoundRule(start, end, rule, _status(match, status))

    def _is_excused(self, words: CallWords, start: int, end: int) -> bool:
        return self._stands(words.unless, start, end) or self._stands(self._patterns.no_calls, start, end)

    def _stands(self, unless: Regex | None, start: int, end: int) -> bool:
        """Is this found on the lines of some words?"""
        if unless is None:
            return False
        absent = self._absent.get(id(unless))
        if absent is None:
            absent = self._absent[id(unless)] = unless.search(self._page.data) is None
        return not absent and unless.search(self._page.own_lines(start, end)) is not None


def _status(match: re2._Match, group: int | None) -> int | None:
    value = match.group(group) if group is not None else None
    return int(value) if value else None
