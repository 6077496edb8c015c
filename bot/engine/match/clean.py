"""From what people paste to rows of plain log text: no colours, no chat markup, no log prefixes, no containers.

Called by the matcher. A row is one line as the program printed it; it knows the line of the paste that it stands in.
Works on blocks of lines, at the speed of C: a step runs only on a block that has a character it is for. Single rows are
looked at (where do you come from, when were you written) only when somebody asks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.engine.match import logfmt, records
from bot.engine.match.containers import GOES_ON, take_apart
from bot.engine.match.decode import MAX_PASTE_BYTES, decode
from bot.engine.match.layout import as_printed
from bot.engine.match.plain import packed, straight
from bot.engine.match.sources import NOWHERE, Origin, compose_words, split_prefix, without_prefixes

__all__ = ["GOES_ON", "MAX_PASTE_BYTES", "Block", "CleanPaste", "PasteRow", "clean", "decode"]

BLOCK_CHARACTERS = 128 * 1024
"""How much text is cleaned and matched at once, to the end of the line."""

_PREFIX = 1000
"""Characters of a line in which its prefix stands."""

_WHOLE_RECORD = 64 * 1024
"""How far a block is made longer so that it does not end inside a printed record."""

# A line that has neither a prefix nor markup in front of it.
_BARE = re.compile(r'[ \t]+["\w⨯]|"')
# What differs in the prefix of every line, and names nothing.
_TIME = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?")
_INSIDE = re.compile(r"[ \t]+\S|[}\])]")
_RECORD_ENDS = re.compile(r"\n(?=[^\s}\])])|\n[ \t]{0,8}\},?(?=\n[ \t]{0,8}\{)")
_LOGFMT = re.compile(r'\n(?:[A-Za-z_][\w.-]{0,60}=(?:"[^"\n]{0,300}"|[^\s"]{0,300}) ){1,12}(?:msg|message|err|error)=')


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PasteRow:
    """One row of a paste: its number from 1, its line's number in the paste, its text, and where it comes from."""

    number: int
    line: int
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a paste as rows. `first` is the number of the first row, `first_line` that of the first line.

    `data` is the rows' text in UTF-8, `lines` the index of each row's line in the block, `start` and `end` the place of
    the block in the paste. `prefixed`: rows may say where they come from. `words`: services that are plain words.
    """

    first: int
    rows: int
    first_line: int
    line_count: int
    start: int
    end: int
    data: bytes
    lines: Sequence[int]
    prefixed: bool
    is_logfmt: bool = False
    words: tuple[str, ...] = ()
    origins: dict[int, Origin] = field(default_factory=dict)


class CleanPaste:
    """A cleaned paste. Rows and lines are counted from 1; lines are those of the original text.

    `pages` is for whoever cuts the paste into pages (`page`), to keep them.
    """

    def __init__(self, original: str, blocks: tuple[Block, ...]) -> None:
        self._original = original
        self.blocks = blocks
        self.row_count = blocks[-1].first + blocks[-1].rows - 1 if blocks else 0
        self.line_count = blocks[-1].first_line + blocks[-1].line_count - 1 if blocks else 0
        self.pages: dict[int, Any] = {}
        self._starts = [block.first for block in blocks]
        self._cleaned: dict[int, list[bytes]] = {}
        self._originals: dict[int, list[str]] = {}
        self._prefixes: dict[str | tuple[str, ...], tuple[str, ...]] = {}

    @property
    def text(self) -> str:
        """All rows. A row whose record goes on ends with a form feed."""
        return b"\n".join(block.data for block in self.blocks).decode("utf-8", errors="replace")

    def as_pasted(self) -> Iterator[tuple[int, bytes]]:
        """The paste as it was, prefixes included, in pieces of whole lines, each with the number of its first line."""
        for block in self.blocks:
            yield block.first_line, self._original[block.start : block.end].encode("utf-8", errors="replace")

    def beginning(self) -> str:
        """The first rows, as many as one block holds."""
        return self.blocks[0].data.decode("utf-8", errors="replace") if self.blocks else ""

    def row(self, number: int) -> str:
        """The text of a row."""
        index = self._block_of(number)
        rows = self._cleaned.get(index)
        if rows is None:
            rows = _remember(self._cleaned, index, self.blocks[index].data.split(b"\n"))
        return rows[number - self.blocks[index].first].decode("utf-8", errors="replace").removesuffix(GOES_ON)

    def line_of(self, number: int) -> int:
        """The number of the line of the paste that this row stands in."""
        block = self.blocks[self._block_of(number)]
        return block.first_line + block.lines[number - block.first]

    def original(self, number: int) -> str:
        """The line that a row stands in, as it was pasted."""
        index = self._block_of(number)
        block = self.blocks[index]
        lines = self._originals.get(index)
        if lines is None:
            lines = _remember(self._originals, index, self._original[block.start : block.end].split("\n"))
        return lines[block.lines[number - block.first]]

    def names(self, first: int, count: int) -> list[tuple[str, ...]]:
        """The names that each of some rows carries in its prefix; fast, because prefixes repeat."""
        found: list[tuple[str, ...]] = []
        if not count:
            return found
        block = self.blocks[self._block_of(first)]
        before, stop = -1, block.first + block.rows
        for number in range(first, first + count):
            if number >= stop:
                block = self.blocks[self._block_of(number)]
                stop = block.first + block.rows
            line = block.first_line + block.lines[number - block.first]
            if number - block.first in block.origins:
                found.append(self.origin(number).names)
                before = -1
            elif line == before:
                found.append(found[-1])
            else:
                found.append(self._names_of(number, block))
                before = line
        return found

    def _names_of(self, number: int, block: Block) -> tuple[str, ...]:
        """The names in the line of a row that stands alone in its line, or is the first there."""
        original = self.original(number)
        key: str | tuple[str, ...]
        if original.startswith("{"):
            key = records.name_fields(original)
        elif block.is_logfmt:
            key = (*logfmt.name_fields(original), original[:40] if original.startswith(("[", "<")) else "")
        else:
            cleaned = self.row(number)
            if original == cleaned:
                return ()
            if not cleaned or not original.endswith(cleaned):
                return self.origin(number).names
            key = _TIME.sub("", original[: len(original) - len(cleaned)])
        known = self._prefixes.get(key)
        if known is None:
            known = self._prefixes[key] = self.origin(number).names
        return known

    def origin(self, number: int) -> Origin:
        """The names of pod, container or service, and the carrier's time, that stand before this row's message."""
        block = self.blocks[self._block_of(number)]
        if not block.prefixed:
            return NOWHERE
        original = self.original(number)
        inner = block.origins.get(number - block.first)
        carries = inner is None and ("{" in original[:_PREFIX] or block.is_logfmt)
        begins = original if carries else original[:_PREFIX]
        origin, rest = (
            (NOWHERE, begins) if _BARE.match(begins) else split_prefix(packed("\n" + begins)[1:], block.words)
        )
        if inner is None:
            inner = _carried(rest) if carries else NOWHERE
        if inner is NOWHERE:
            return origin
        names = tuple(dict.fromkeys(origin.names + inner.names))
        return Origin(names, origin.time or inner.time, inner.level, inner.namespace)

    def at(self, number: int) -> PasteRow:
        """Everything about a row."""
        return PasteRow(number, self.line_of(number), self.row(number), self.origin(number))

    def _block_of(self, number: int) -> int:
        if not 1 <= number <= self.row_count:
            raise IndexError(f"the paste has no row {number}")
        return bisect_right(self._starts, number) - 1


def _carried(rest: str) -> Origin:
    """Where a line without its prefix says that it comes from: a log record in JSON or in logfmt."""
    text = rest.lstrip(" \t[")
    if text.startswith("{"):
        return records.origin(text) if records.is_candidate(text) else NOWHERE
    return logfmt.origin(rest) if logfmt.is_candidate(rest) else NOWHERE


def _remember(cache: dict[int, list[_T]], index: int, lines: list[_T]) -> list[_T]:
    """Keep the lines of a few blocks only: hits come in order, and a paste may be large."""
    if len(cache) >= 32:
        del cache[next(iter(cache))]
    cache[index] = lines
    return lines


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each piece: whole lines, BLOCK_CHARACTERS or a little more, without the last line break."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start + BLOCK_CHARACTERS)
        if end < 0:
            end = len(text)
        elif _INSIDE.match(text, end + 1):
            found = _RECORD_ENDS.search(text, end, end + _WHOLE_RECORD)
            end = text.find("\n", found.end() - 1 if found[0] == "\n" else found.end()) if found else end
        yield start, end
        start = end + 1


def clean(text: str) -> CleanPaste:
    """Clean a paste. Linear in its length."""
    blocks: list[Block] = []
    number = line = 1
    for start, end in _pieces(text):
        block = _block(number, line, start, end, text[start:end])
        blocks.append(block)
        number += block.rows
        line += block.line_count
    return CleanPaste(text, tuple(blocks))


def _block(first: int, first_line: int, start: int, end: int, text: str) -> Block:
    shown = as_printed(packed("\n" + text))
    words = compose_words(shown)
    bare = without_prefixes(shown, words)
    taken = take_apart(bare)
    is_logfmt = "=" in bare and _LOGFMT.search(bare) is not None
    return Block(
        first=first,
        rows=len(taken.lines),
        first_line=first_line,
        line_count=text.count("\n") + 1,
        start=start,
        end=end,
        data=straight(taken.text)[1:].encode("utf-8", errors="replace"),
        lines=taken.lines,
        prefixed=bare != shown or taken.text != bare or is_logfmt,
        is_logfmt=is_logfmt,
        words=words,
        origins=taken.origins,
    )
