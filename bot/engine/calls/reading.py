"""Reads failed calls from a text, in the words of any language and client. Linear in its length, and bounded.

One reader for pastes and for logs. `read_failed_calls` takes a text as people paste it; `CallReader` takes one that is
cleaned already.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import re2

from bot.domain.calls import FailedCall
from bot.engine.calls.gathering import Entry, Gathering, failed_call
from bot.engine.calls.patterns import CallPatterns, CallWords, shipped_patterns
from bot.engine.calls.telling import ReportedCall, Words, told_by
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.match.hits import with_context
from bot.engine.match.page import Page, page_of
from bot.engine.match.patterns import Regex
from bot.engine.match.times import Stamp, stamp_of

_MESSAGE = 12 * 1024
"""How much of a message is looked at before its first and after its last words."""

_READ_WELL = 300
"""So many messages with the same words are read one by one; those that follow are only counted."""

_READ_IN_ALL = 6000
"""So many messages of one text are read one by one. What follows in known words is counted without its destination, and
what says it in yet another way is left out."""

_ON_ONE_LINE = 20
"""How often one pattern is looked at on a line."""

_SHOWN = 500
# What libpq prints below the first line of one attempt to connect, at the margin.
_GOES_ON = re.compile(rb"SSL SYSCALL error|connection to server (?:at|on) |\(?Is the server running")
# wget and curl print the destination first, and how the call went some lines below it, at the margin.
_GOES_BACK = re.compile(
    rb"HTTP request sent|curl: \(\d|(?:Empty reply|Recv failure|Operation|Connection) \w|ERROR: |"
    rb"GnuTLS: |OpenSSL: |Unable to establish SSL|Resolving \S|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:ERROR \d|\()"
)
_BEGAN = re.compile(
    rb"(?:Connecting to \S[^\n]{0,200}connected\.|(?:\* )?(?: *Trying|Connected to) \S[^\n]{0,200}|"
    rb"--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  \S[^\n]{0,300})$",
    re.MULTILINE,
)
_BEGINNINGS = (b"Connecting to ", b"Connected to ", b" Trying ", b"--  http")
_BACK = 3000
"""How far above its last words a call of wget or curl may have begun."""
_BREAK = re.compile(rb"\n")


def read_failed_calls(text: str, where: str = "") -> tuple[FailedCall, ...]:
    """The failed calls in a text, in its order; each different one once, with a count.

    `where` says which text it is: "" for a paste, else a pod and container.
    """
    return CallReader().read(clean(text), where)


class CallReader:
    """Reads failed calls by the rules that come with the program. Thread-safe."""

    def __init__(self, patterns: CallPatterns | None = None) -> None:
        self._patterns = patterns or shipped_patterns()

    def read(self, paste: CleanPaste, where: str = "") -> tuple[FailedCall, ...]:
        """The failed calls in a cleaned text."""
        return tuple(call for call, _ in self.read_with_heads(paste, where))

    def read_with_heads(self, paste: CleanPaste, where: str = "") -> tuple[tuple[FailedCall, frozenset[int]], ...]:
        """The same, each with the numbers of the first lines of its messages (of the first few thousand)."""
        reading = _Reading(self._patterns, paste)
        for index, text in enumerate(with_context(paste)):
            numbers = self._patterns.finding.candidates(text)
            if numbers:
                reading.block(index, numbers)
        return reading.calls(where)


class _Reading:
    """One text being read. Not shared between threads."""

    def __init__(self, patterns: CallPatterns, paste: CleanPaste) -> None:
        self._patterns = patterns
        self._paste = paste
        self._gathering = Gathering()
        self._index = 0
        self._read_in_all = 0
        self._told: dict[tuple[bytes, ...], tuple[ReportedCall, ...]] = {}
        self._counted: dict[tuple[bytes, ...], tuple[ReportedCall, ...]] = {}
        self._were_read: dict[tuple[bytes, ...], int] = defaultdict(int)

    def block(self, index: int, numbers: Sequence[int]) -> None:
        """Read one block by the patterns that may find something in it."""
        self._index = index
        block = self._paste.blocks[index]
        page = page_of(self._paste, index)
        lines = _Lines(page)
        search = _PageSearch(self._patterns, page, lines, range(block.first, block.first + block.rows))
        found = sorted(search.words(numbers), key=lambda one: one.start)
        at = 0
        while at < len(found):
            begin, end = page.message(found[at].start)
            stop = at + 1
            while stop < len(found):
                if found[stop].start < end:
                    stop += 1
                elif end + 1 < len(page.data) and _GOES_ON.match(page.data, end + 1):
                    end = page.message(end + 1)[1]
                else:
                    break
            self._message(page, lines, begin, end, found[at:stop])
            at = stop

    def calls(self, where: str) -> tuple[tuple[FailedCall, frozenset[int]], ...]:
        """What was read."""
        gathering = self._gathering
        return tuple(
            (self._call(one, where, beyond=gathering.is_beyond(one)), frozenset(one.heads))
            for one in gathering.entries()
        )

    def _call(self, entry: Entry, where: str, *, beyond: bool) -> FailedCall:
        call = failed_call(entry, where, self._stamps(entry), beyond=beyond)
        return replace(call, line_number=self._paste.line_of(entry.line))

    def _stamps(self, entry: Entry) -> list[Stamp]:
        """When the first and the last message of a call were written."""
        stamps = [self._stamp(entry.line, entry.head), self._stamp(entry.last_line, entry.last_head)]
        return [stamp for stamp in stamps if stamp is not None]

    def _message(self, page: Page, lines: _Lines, begin: int, end: int, words: Sequence[Words]) -> None:
        first = words[0].start
        if _GOES_BACK.match(page.data, page.line_start(first)):
            begin = _began(page.data, begin)
        low, high = max(begin, first - _MESSAGE), min(end, words[-1].end + _MESSAGE, first + 4 * _MESSAGE)
        line = lines.number(first)
        head = lines.number(begin) if low == begin else line
        source = "/".join(page.names(first)) if self._paste.blocks[self._index].prefixed else ""
        for told in self._read(page.data, low, high, words):
            at = min(low + told.at, len(page.data) - 1)
            self._gathering.add(told, source, lines.number(at), head, partial(self._shown, page, at))

    def _is_needed(self, words: Words, text: bytes) -> bool:
        needs = self._patterns.needs.get(words.rule.id)
        return needs is None or needs.search(text) is not None

    def _read(self, data: bytes, low: int, high: int, words: Sequence[Words]) -> tuple[ReportedCall, ...]:
        """What a message tells. Where many are alike, those with words that are known are not read again."""
        said = tuple(data[one.start : one.end] for one in words)
        known = self._told.get(said)
        if known is not None and self._were_read[said] >= _READ_WELL and _names_all(data[low:high], known):
            return known
        if self._read_in_all >= _READ_IN_ALL:
            counted = self._counted.get(said)
            if counted is None:
                counted = tuple(replace(told, host=None, address=None, port=None) for told in known or ())
                self._counted[said] = counted
            return counted
        self._read_in_all += 1
        text = data[low:high].replace(b"\f", b"")
        inside = [replace(one, start=one.start - low, end=one.end - low) for one in words if one.end <= high]
        inside = [one for one in inside if self._is_needed(one, text)]
        told = told_by(self._patterns, text, inside) if inside else ()
        self._told[said] = told
        self._were_read[said] += 1
        return told

    @staticmethod
    def _shown(page: Page, at: int) -> str:
        start = max(page.line_start(at), at - _SHOWN // 2)
        end = min(page.line_end(at), start + _SHOWN)
        return page.data[start:end].decode("utf-8", errors="replace").replace("\f", "").strip()

    def _stamp(self, line: int, head: int) -> Stamp | None:
        """When a message was written: by its own line, or by its first one."""
        for number in dict.fromkeys((line, head)):
            stamp = stamp_of(self._paste.origin(number).time, self._paste.row(number)[:400])
            if stamp is not None:
                return stamp
        return None


class _Lines:
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


class _PageSearch:
    """The search of one page for the words of the rules. Only words on the `own` lines count."""

    def __init__(self, patterns: CallPatterns, page: Page, lines: _Lines, own: range) -> None:
        self._patterns = patterns
        self._page = page
        self._lines = lines
        self._own = own
        self._absent: dict[int, bool] = {}

    def words(self, numbers: Sequence[int]) -> Iterator[Words]:
        """Every place where a rule is found."""
        for number in numbers:
            yield from self._found(self._patterns.finding.regexes[number], self._patterns.words[number])

    def _found(self, regex: Regex, words: CallWords) -> Iterator[Words]:
        page, rule = self._page, words.rule
        line_end, on_line, counts = 0, 0, False
        status = dict(regex.names).get("status")
        for match in regex.finditer(page.data, 0, len(page.data)):
            start, end = match.span()
            if start >= line_end:
                line_end, on_line = page.line_end(start), 0
                counts = self._lines.number(start) in self._own
            on_line += 1
            if not counts or on_line > _ON_ONE_LINE or self._is_excused(words, start, end):
                continue
            yield Words(start, end, rule, _status(match, status))

    def _is_excused(self, words: CallWords, start: int, end: int) -> bool:
        unless = words.unless
        if unless is None:
            return False
        absent = self._absent.get(id(unless))
        if absent is None:
            absent = self._absent[id(unless)] = unless.search(self._page.data) is None
        return not absent and unless.search(self._page.own_lines(start, end)) is not None


def _began(data: bytes, begin: int) -> int:
    """Where a call began whose end is the message that begins here."""
    low = max(begin - _BACK, 0)
    for at in sorted((data.rfind(words, low, begin) for words in _BEGINNINGS), reverse=True):
        if at >= 0:
            start = data.rfind(b"\n", 0, at) + 1
            if _BEGAN.match(data, start, begin):
                return start
    return begin


def _names_all(message: bytes, calls: Sequence[ReportedCall]) -> bool:
    """Does a message name the destinations of these calls, as others with the same words did?"""
    return all(told.host is None or _names(message, told.host.encode()) for told in calls)


def _names(message: bytes, host: bytes) -> bool:
    at = message.find(host)
    if at < 0:
        return False
    before, after = message[max(at - 1, 0) : at], message[at + len(host) : at + len(host) + 1]
    return not (before.isalnum() or before in (b"-", b".") or after.isalnum() or after == b"-")


def _status(match: re2._Match, group: int | None) -> int | None:
    value = match.group(group) if group is not None else None
    return int(value) if value else None
