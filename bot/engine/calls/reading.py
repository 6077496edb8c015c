"""Reads failed calls from a text, in the words of any language and client. Linear in its length, and bounded.

One reader for pastes and for logs. `read_failed_calls` takes a text as people paste it; `CallReader` takes one that is
cleaned already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.domain.calls import FailedCall
from bot.engine.calls.destination import destinations
from bot.engine.calls.gathering import Entry, Gathering, failed_call
from bot.engine.calls.margins import AT_MARGIN, GOES_BACK, GOES_ON, began
from bot.engine.calls.patterns import CallPatterns, shipped_patterns
from bot.engine.calls.search import Lines, PageSearch, Unmarked
from bot.engine.calls.telling import FoundRule, ReportedCall, told_by
from bot.engine.calls.templates import Split, Templates
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.match.hits import with_context
from bot.engine.match.page import Page, page_of
from bot.engine.match.times import LogTime, stamp_of

_MESSAGE = 12 * 1024
"""How much of a message is looked at before its first and after its last words."""

_READ_WELL = 300
"""So many messages with the same words are read one by one; those that follow are only counted."""

_READ_IN_ALL = 6000
"""So many messages of one text are read one by one. What follows in known words is counted without its destination, and
what says it in yet another way is left out."""

_DENSE = 100
"""A block with so many messages that tell of a failure: the next ones are read message by message."""

_PAUSE = 16
"""After so many blocks that is tried again, if most messages were unlike each other."""

_SHOWN = 500


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
            if reading.by_messages(index):
                continue
            numbers = self._patterns.finding.present(text)
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
        self._templates = Templates(patterns.telling)
        self._is_dense = False
        self._pause = 0

    def block(self, index: int, numbers: Sequence[int]) -> None:
        """Read one block by the patterns that may find something in it."""
        page, lines, search = self._open(index)
        found = search.words(numbers)
        at, messages = 0, 0
        while at < len(found):
            begin, end = page.message(found[at].start)
            stop = at + 1
            while stop < len(found):
                if found[stop].start < end:
                    stop += 1
                elif end + 1 < len(page.data) and GOES_ON.match(page.data, end + 1):
                    end = page.message(end + 1)[1]
                else:
                    break
            self._message(page, lines, begin, end, found[at:stop])
            at, messages = stop, messages + 1
        self._pause = max(self._pause - 1, 0)
        self._is_dense = messages >= _DENSE and not self._pause

    def by_messages(self, index: int) -> bool:
        """Read one block message by message, those alike only once; False where that would not be quicker, or wrong.

        Quicker where nearly every message tells of a failure; wrong where messages go on at the margin.
        """
        if not self._is_dense:
            return False
        page, lines, search = self._open(index)
        if AT_MARGIN.search(page.data):
            return False
        fresh = alike = 0
        for begin, end in page.messages():
            is_whole = lines.number(begin) in self._own and lines.number(end - 1) in self._own
            split = self._templates.split(page.data[begin:end]) if is_whole else None
            told = self._templates.known(split) if split is not None else None
            if told is None:
                fresh += 1
                words = search.words(self._patterns.finding.candidates(page.data[begin:end]), begin, end)
                told = self._first_of_its_kind(page, lines, begin, end, words, split)
            else:
                alike += 1
            self._add(page, lines, begin, begin, told)
        if fresh > alike:
            self._is_dense, self._pause = False, _PAUSE
        return True

    def _first_of_its_kind(
        self, page: Page, lines: Lines, begin: int, end: int, words: Sequence[FoundRule], split: Split | None
    ) -> tuple[ReportedCall, ...]:
        """Read a message, and keep what it tells for those like it. Empty: there is nothing, or it is added already."""
        if split is None or self._read_in_all >= _READ_IN_ALL:
            if words:
                self._message(page, lines, begin, end, words)
            return ()
        told, spans = self._read_fully(page.data, begin, end, words) if words else ((), ())
        self._templates.learn(split, spans, told)
        return told

    def _open(self, index: int) -> tuple[Page, Lines, PageSearch]:
        self._index = index
        block = self._paste.blocks[index]
        self._own = range(block.first, block.first + block.rows)
        page = page_of(self._paste, index)
        lines = Lines(page)
        return page, lines, PageSearch(self._patterns, page, lines, self._own)

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

    def _stamps(self, entry: Entry) -> list[LogTime]:
        """When the first and the last message of a call were written."""
        stamps = [self._stamp(entry.line, entry.head), self._stamp(entry.last_line, entry.last_head)]
        return [stamp for stamp in stamps if stamp is not None]

    def _message(self, page: Page, lines: Lines, begin: int, end: int, words: Sequence[FoundRule]) -> None:
        first = words[0].start
        if GOES_BACK.match(page.data, page.line_start(first)):
            begin = began(page.data, begin)
        low, high = max(begin, first - _MESSAGE), min(end, words[-1].end + _MESSAGE, first + 4 * _MESSAGE)
        self._add(page, lines, begin if low == begin else first, low, self._read(page.data, low, high, words))

    def _add(self, page: Page, lines: Lines, head: int, low: int, calls: Sequence[ReportedCall]) -> None:
        """Add what a message tells; its offsets count from `low`."""
        if not calls:
            return
        source = "/".join(page.names(head)) if self._paste.blocks[self._index].prefixed else ""
        row = lines.number(head)
        for told in calls:
            at = min(low + told.at, len(page.data) - 1)
            put = self._gathering.count if told.is_counted_only else self._gathering.add
            put(told, source, lines.number(at), row, partial(self._shown, page, at))

    def _is_needed(self, words: FoundRule, text: bytes) -> bool:
        needs = self._patterns.needs.get(words.rule.id)
        return needs is None or needs.search(text) is not None

    def _read(self, data: bytes, low: int, high: int, words: Sequence[FoundRule]) -> tuple[ReportedCall, ...]:
        """What a message tells. Where many are alike, those with words that are known are not read again."""
        said = tuple(data[one.start : one.end] for one in words)
        known = self._told.get(said)
        if known is not None and self._were_read[said] >= _READ_WELL and _names_all(data[low:high], known):
            return known
        if self._read_in_all >= _READ_IN_ALL:
            counted = self._counted.get(said)
            if counted is None:
                counted = tuple(
                    replace(told, host=None, address=None, port=None, is_counted_only=True) for told in known or ()
                )
                self._counted[said] = counted
            return counted
        told, _ = self._read_fully(data, low, high, words)
        self._told[said] = told
        self._were_read[said] += 1
        return told

    def _read_fully(
        self, data: bytes, low: int, high: int, words: Sequence[FoundRule]
    ) -> tuple[tuple[ReportedCall, ...], Sequence[tuple[int, int]]]:
        """What a message tells, and on which stretches of it that rests."""
        self._read_in_all += 1
        unmarked = Unmarked(data[low:high])
        text = unmarked.text
        inside = [
            replace(one, start=unmarked.inside(one.start - low), end=unmarked.inside(one.end - low))
            for one in words
            if one.end <= high
        ]
        inside = [one for one in inside if self._is_needed(one, text)]
        places = destinations(self._patterns, text)
        told = told_by(self._patterns, text, inside, places) if inside else ()
        spans = [(one.start, one.end) for one in inside] + [(one.start, one.end) for one in places]
        return (
            tuple(replace(one, at=unmarked.outside(one.at)) for one in told),
            [(unmarked.outside(start), unmarked.outside(end)) for start, end in spans],
        )

    @staticmethod
    def _shown(page: Page, at: int) -> str:
        start = max(page.line_start(at), at - _SHOWN // 2)
        end = min(page.line_end(at), start + _SHOWN)
        return page.data[start:end].decode("utf-8", errors="replace").replace("\f", "").strip()

    def _stamp(self, line: int, head: int) -> LogTime | None:
        """When a message was written: by its own line, or by its first one."""
        for number in dict.fromkeys((line, head)):
            stamp = stamp_of(self._paste.origin(number).time, self._paste.row(number)[:400])
            if stamp is not None:
                return stamp
        return None


def _names_all(message: bytes, calls: Sequence[ReportedCall]) -> bool:
    """Does a message name the destinations of these calls, as others with the same words did?"""
    return all(told.host is None or _names(message, told.host.encode()) for told in calls)


def _names(message: bytes, host: bytes) -> bool:
    at = message.find(host)
    if at < 0:
        return False
    before, after = message[max(at - 1, 0) : at], message[at + len(host) : at + len(host) + 1]
    return not (before.isalnum() or before in (b"-", b".") or after.isalnum() or after == b"-")
