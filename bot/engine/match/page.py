"""A page: the stretch of a cleaned paste that is searched at once, with some lines of context on either side.

Built by `hits` for every block that may hold something. It knows which lines belong to one message (a dump of Node, a
Python traceback, a printed object), so that incidents are counted and not lines; and it puts the lines of each pod
together where the pods of a log are interleaved.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from bot.engine.match.clean import CleanPaste

_CONTEXT = 8 * 1024
"""Bytes before and after a block that are searched along with it."""

_BLOCKS_KEPT = 160
"""Of a paste with at most so many blocks (20 MB) the pages are kept, for symptoms and for failed calls."""

_MESSAGE = 16 * 1024
"""How many bytes of a message, before and after a hit, are looked at."""

_OWN = 4 * 1024
"""How many bytes of a line, before and after a hit, count as the hit's own line."""

# What a line begins with that goes on with the message of the line before.
_GOES_ON = (
    rb"[}\])|+^~]|\.\.\.|at |\[?cause\]?:|\[errors\]|File \""
    rb"|Traceback \(most recent|During handling of|The above exception"
    rb"|ERROR:[ ]+Exception in ASGI application|Caused by:"
    rb"|(?i:(?:target |remote |server |database |db |broker )?(?:host(?:name)?|address|endpoint|target|server): )"
    rb"\S{1,253}(?::\d{2,5}|,? (?i:port):? \d{2,5})[ \t]*\n"
    rb"|['\"]?(?:digest|errno|code|syscall|address|port|hostname|userId|is_active|is_anonymous)['\"]?:[ ]"
)
_CROSS = "⨯".encode()
_HEAD = re.compile(rb"\n(?<!\f\n)(?:[ \t]{0,4}" + _CROSS + rb"|(?=[^\s])(?!" + _GOES_ON + rb"))")
# As far indented as the line before: a new message in a paste that is indented as a whole. Not the numbered causes of
# Rust ("   1: connection refused"), which go on.
_INDENTED_HEAD = re.compile(
    rb"\n([ \t]{1,40})(?=\S[^\n]*[^,\[{(\n\f](\n)\1(?=\S)"
    rb"(?!" + _GOES_ON + rb"|['\"]?[a-z_$][\w$]{0,60}['\"]?:[ ]|\d{1,2}:[ ]))"
)
_CAUSE = re.compile(rb"\n([ \t]*)\[?cause\]?:")
_EXCEPTION = re.compile(rb"[\w.]{0,200}(?:Error|Exception|Timeout|Group|Exit|Interrupt)\b")
_FRAME = re.compile(rb"[ \t|]+File \"")


class Page:
    """Some lines of a paste, in their order for each source. `data` begins with a line break.

    `numbers` are the line numbers, in the order of `data`; `names` the sources of the lines, or None if none has any.
    """

    def __init__(self, data: bytes, numbers: Sequence[int], names: Sequence[tuple[str, ...]] | None) -> None:
        self.data = data
        self._numbers = numbers
        self._names = names
        self._heads: list[int] | None = None
        self._counted = (0, 0)
        self.has_inner_lines = b"\f" in data
        """Rows may go on in the next one, which a form feed at their end says."""

    def index(self, offset: int) -> int:
        """Which of the page's lines holds this offset. Fast when asked in ascending order."""
        at, lines = self._counted
        if offset < at:
            at, lines = 0, 0
        lines += self.data.count(b"\n", at, offset)
        self._counted = (offset, lines)
        return lines - 1

    def line(self, offset: int) -> int:
        """The number, in the paste, of the line that holds this offset."""
        return self._numbers[self.index(offset)]

    def number(self, index: int) -> int:
        """The number, in the paste, of one of the page's lines, which count from 0."""
        return self._numbers[min(index, len(self._numbers) - 1)]

    def names(self, offset: int) -> tuple[str, ...]:
        """The names that the line with this offset carries in its prefix."""
        return () if self._names is None else self._names[self.index(offset)]

    def line_before(self, offset: int, start: int) -> int:
        """The number of the line that begins at `start`, which is at or before the offset."""
        breaks = self.data.count(b"\n", start, offset)
        return self._numbers[self.index(offset) - breaks]

    def within(self, start: int, end: int) -> tuple[int, int]:
        """A span without the white space that it begins with: a match begins where its first word stands."""
        data = self.data
        while start < end - 1 and data[start] in b" \t\n\f":
            start += 1
        return start, end

    def line_start(self, offset: int) -> int:
        """Where the line with this offset begins."""
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line with this offset ends: at its line break, or at the end of the page."""
        end = self.data.find(b"\n", offset)
        return end if end >= 0 else len(self.data)

    def own_lines(self, start: int, end: int) -> bytes:
        """The lines that a span touches; breaks inside a record count. Very long lines are cut around the span."""
        data = self.data
        low, high = max(0, start - _OWN), min(len(data), end + _OWN)
        begin = max(data.rfind(b"\n", low, start), data.rfind(b"\f", low, start)) + 1
        stop = data.find(b"\n", end, high)
        if stop < 0:
            stop = high
        inner = data.find(b"\f", end, stop)
        return data[begin or low : inner if inner >= 0 else stop]

    def message(self, offset: int) -> tuple[int, int]:
        """Where the message that this offset belongs to begins and ends."""
        heads = self._all_heads()
        first = bisect_right(heads, offset) - 1
        last = first + 1
        while first > 0 and self._ends_traceback(heads[first]):
            first -= 1
        while last < len(heads) and self._ends_traceback(heads[last]):
            last += 1
        start = heads[first] if first >= 0 else 1
        return start, (heads[last] - 1 if last < len(heads) else len(self.data))

    def messages(self) -> Iterator[tuple[int, int]]:
        """Where each message begins and ends, in order."""
        start = 1
        for head in self._all_heads():
            if head > start and not self._ends_traceback(head):
                if head - 1 > start:
                    yield start, head - 1
                start = head
        if len(self.data) > start:
            yield start, len(self.data)

    def message_text(self, offset: int) -> bytes:
        """The message that this offset belongs to; a very long one is cut around the offset."""
        start, end = self.message(offset)
        return self.data[max(start, offset - _MESSAGE) : min(end, offset + _MESSAGE)]

    def around(self, offset: int, lines: int) -> bytes:
        """The lines of the same source around this offset."""
        index = self.index(offset)
        start = stop = offset
        for _ in range(lines + 1):
            start = max(self.data.rfind(b"\n", 0, start), 0)
            stop = self.line_end(min(stop + 1, len(self.data)))
        text = self.data[max(start, offset - _MESSAGE) : min(stop, offset + _MESSAGE)]
        if self._names is None:
            return text
        first, own = self.index(max(start, 0) + 1), self._names[index]
        kept = [line for at, line in enumerate(text.split(b"\n")[1:], first) if self._name_at(at) == own]
        return b"\n".join(kept)

    def _name_at(self, index: int) -> tuple[str, ...]:
        return self._names[index] if self._names is not None and index < len(self._names) else ()

    def _all_heads(self) -> list[int]:
        """Where messages begin, in order."""
        if self._heads is None:
            heads = {found.start() + 1 for found in _HEAD.finditer(self.data)}
            heads.update(found.start(2) + 1 for found in _INDENTED_HEAD.finditer(self.data))
            self._heads = _with_repeated_causes(self.data, sorted(heads))
        return self._heads

    def _ends_traceback(self, head: int) -> bool:
        """Is this the last line of a Python traceback, which names the exception and is not indented?"""
        data, end = self.data, head - 1
        start = data.rfind(b"\n", max(0, end - 2000), end) + 1
        if data[start : start + 1] not in (b" ", b"\t") or not _EXCEPTION.match(data, head):
            return False
        for _ in range(4):
            if start == 0 or data[start : start + 1] not in (b" ", b"\t"):
                return False
            if _FRAME.match(data, start):
                return True
            end = start - 1
            start = data.rfind(b"\n", max(0, end - 2000), end) + 1
        return False


def _with_repeated_causes(data: bytes, heads: list[int]) -> list[int]:
    """The heads, and every cause as deep as the one before it with no head between: the rest was cut away by grep."""
    more: list[int] = []
    before: tuple[int, bytes] | None = None
    for found in _CAUSE.finditer(data):
        start, indent = found.start() + 1, found[1]
        if before and before[1] == indent and bisect_right(heads, before[0]) == bisect_right(heads, start):
            more.append(start)
        before = (start, indent)
    return sorted([*heads, *more]) if more else heads


def page_of(paste: CleanPaste, index: int) -> Page:
    """The page for a block of the paste: its lines, and a few before and after. Kept for the next reader."""
    page = paste.pages.get(index)
    if page is None:
        page = _page(paste, index)
        if len(paste.blocks) <= _BLOCKS_KEPT:
            paste.pages[index] = page
    return page


def _page(paste: CleanPaste, index: int) -> Page:
    block = paste.blocks[index]
    before = _tail(paste.blocks[index - 1].data) if index else b""
    after = head(paste.blocks[index + 1].data) if index + 1 < len(paste.blocks) else b""
    data = before + b"\n" + block.data + (b"\n" + after if after else b"")
    first = block.first - before.count(b"\n")
    count = data.count(b"\n")
    numbers = range(first, first + count)
    if not block.prefixed:
        return Page(data, numbers, None)
    names = paste.names(first, count)
    order = _by_source(names)
    if order is None:
        return Page(data, numbers, names)
    lines = data[1:].split(b"\n")
    data = b"\n" + b"\n".join([lines[place] for place in order])
    return Page(data, [numbers[place] for place in order], [names[place] for place in order])


def _by_source(names: Sequence[tuple[str, ...]]) -> list[int] | None:
    """The order that puts the lines of each source together, or None if they are. A line without a name follows its
    predecessor."""
    groups: dict[tuple[str, ...], list[int]] = {}
    changes = 0
    current: tuple[str, ...] = ()
    for place, name in enumerate(names):
        if name and name != current:
            current = name
            changes += 1
        groups.setdefault(current, []).append(place)
    if changes <= len(groups):
        return None
    return [place for places in groups.values() for place in places]


def _tail(data: bytes) -> bytes:
    """The last whole lines of a block, with a line break in front; empty if they are very long."""
    if len(data) <= _CONTEXT:
        return b"\n" + data
    return data[cut:] if (cut := data.find(b"\n", len(data) - _CONTEXT)) >= 0 else b""


def head(data: bytes) -> bytes:
    """The first whole lines of a block, or a piece of the first one if that is very long."""
    if len(data) <= _CONTEXT:
        return data
    cut = data.rfind(b"\n", 0, _CONTEXT)
    return data[: cut if cut > 0 else _CONTEXT]
