"""From what people paste to plain log lines: no colours, no chat markup, no log prefixes; as many lines as before.

Called by the matcher. Works on blocks of lines, at the speed of C: a step runs only on a block that has a character it
is for. Single lines are looked at (where do you come from, when were you written) only when somebody asks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.engine.match import records
from bot.engine.match.decode import MAX_PASTE_BYTES, decode
from bot.engine.match.sources import NOWHERE, Origin, split_prefix, without_prefixes

__all__ = ["MAX_PASTE_BYTES", "Block", "CleanPaste", "Line", "clean", "decode"]

BLOCK_CHARACTERS = 128 * 1024
"""How much text is cleaned and matched at once, to the end of the line."""

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0f\ufeff"
)
_SPACES = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LOOKALIKES = (
    dict.fromkeys(_INVISIBLE, "")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u300c\u300d\u300e\u300f\uff02", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-")
    | {"\u2026": "...", "\uff1a": ":", "\uff0e": ".", "\uff08": "(", "\uff09": ")"}
)
_LOOKALIKE = re.compile("[" + "".join(re.escape(character) for character in _LOOKALIKES) + "]")
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-9;:?]{0,40}[ -/]?[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|[()][A-Za-z0-9]|[=>78cDEHMNOZ])"
)
# The same after a program that dropped or spelled out the escape character.
_ESCAPE_REMAINS = re.compile(
    r"(?:\\u001[bB]|\\x1[bB]|\\033|\\e|\^\[|␛)?\[(?:0|1|2|22|3[0-9]|39|4[0-9]|9[0-7])(?:;\d{1,3}){0,4}m"
)
_COLOUR_STARTS = ("[3", "[9", "[0m", "[1m", "[1;")
_ENTITY = re.compile(r"&(?:gt|lt|amp|quot|nbsp|#39|#x27|#34);")
_ENTITIES = {
    "&gt;": ">",
    "&lt;": "<",
    "&amp;": "&",
    "&quot;": '"',
    "&nbsp;": " ",
    "&#39;": "'",
    "&#x27;": "'",
    "&#34;": '"',
}
_SLACK_LINK = re.compile(r"<((?:https?|mailto|ftp|tel):[^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>")
_SLACK_MENTION = re.compile(r"<([@#!][A-Za-z0-9^_-]{1,60})(?:\|([^<>\n]{0,200}))?>")
_QUOTE = re.compile(r"\n[ \t]{0,8}(?:>[ \t]?){1,10}")
_BULLET = re.compile(r"\n[ \t]{0,16}(?:[•◦▪‣●○·]|\*(?= \S)) ?")
_RECORD = re.compile(r'\n[ \t]{0,16}(\{ ?"[^\n]*)')


_T = TypeVar("_T")


def _link_text(found: re.Match[str]) -> str:
    return found[2] or found[1]


def _plain(block: str) -> str:
    """The block without chat markup, colours and typographic characters, but with its log prefixes."""
    return _without_markup(_without_colours(_ascii_signs(block)))


def _ascii_signs(block: str) -> str:
    """Line breaks are line feeds, spaces are spaces, quotation marks are straight; what cannot be seen is gone."""
    if "\r" in block:
        block = block.replace("\r\n", "\n").removesuffix("\r").replace("\r", " ")
    if "\v" in block or "\b" in block:
        block = block.replace("\v", " ").replace("\b", "")
    if not block.isascii():
        block = _LOOKALIKE.sub(lambda found: _LOOKALIKES[found[0]], block)
    return block


def _without_colours(block: str) -> str:
    if "\x1b" in block:
        block = _ESCAPE_SEQUENCE.sub("", block).replace("\x1b", "")
    if "m" in block and any(start in block for start in _COLOUR_STARTS):
        block = _ESCAPE_REMAINS.sub("", block)
    return block


def _without_markup(block: str) -> str:
    """The block without Slack's links and mentions, entities, quote marks, code marks and bullets."""
    if "<" in block:
        block = _SLACK_MENTION.sub(_link_text, _SLACK_LINK.sub(_link_text, block))
    if "&" in block:
        block = _ENTITY.sub(lambda found: _ENTITIES[found[0]], block)
    if "`" in block:
        block = block.replace("`", "")
    if ">" in block:
        block = _QUOTE.sub("\n", block)
    if "*" in block or not block.isascii():
        block = _BULLET.sub("\n", block)
    return block


def _message_of(found: re.Match[str]) -> str:
    """The message of a JSON line, on one line; the line itself if it is no log record."""
    line = found[1]
    message = records.message(line) if records.is_candidate(line) else None
    return found[0] if message is None else "\n" + _one_line(message)


def _one_line(message: str) -> str:
    """A record's message without colours and prefixes of its own, its line breaks turned into form feeds."""
    inner = _plain("\n" + message) if not message.isascii() or "\x1b" in message or "\r" in message else "\n" + message
    return without_prefixes(inner)[1:].replace("\n", records.INNER_BREAK)


def _clean_block(block: str) -> tuple[str, bool]:
    """The block as plain log lines, and whether any had a prefix. Given and returned with a line break in front."""
    plain = _plain(block)
    cleaned = without_prefixes(plain)
    if '{"' in cleaned or '{ "' in cleaned:
        cleaned = _RECORD.sub(_message_of, cleaned)
    return cleaned, cleaned != plain


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paste: its number from 1, its cleaned text, and where it comes from."""

    number: int
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a paste. `first` is the number of the first one; `data` is their cleaned text in UTF-8.

    `prefixed`: something was cut off the front of a line, so that lines may say where they come from.
    """

    first: int
    lines: int
    start: int
    end: int
    data: bytes
    prefixed: bool


class CleanPaste:
    """A cleaned paste. Line numbers count from 1 and are those of the original text."""

    def __init__(self, original: str, blocks: tuple[Block, ...]) -> None:
        self._original = original
        self.blocks = blocks
        self.line_count = blocks[-1].first + blocks[-1].lines - 1 if blocks else 0
        self._starts = [block.first for block in blocks]
        self._cleaned: dict[int, list[bytes]] = {}
        self._originals: dict[int, list[str]] = {}
        self._prefixes: dict[str | tuple[str, ...], tuple[str, ...]] = {}

    @property
    def text(self) -> str:
        """The whole cleaned text, with as many lines as the original."""
        return b"\n".join(block.data for block in self.blocks).decode("utf-8", errors="replace")

    def line(self, number: int) -> str:
        """The cleaned text of a line."""
        index = self._block_of(number)
        lines = self._cleaned.get(index)
        if lines is None:
            lines = _remember(self._cleaned, index, self.blocks[index].data.split(b"\n"))
        return lines[number - self.blocks[index].first].decode("utf-8", errors="replace")

    def original(self, number: int) -> str:
        """A line as it was pasted."""
        index = self._block_of(number)
        lines = self._originals.get(index)
        if lines is None:
            block = self.blocks[index]
            lines = _remember(self._originals, index, self._original[block.start : block.end].split("\n"))
        return lines[number - self.blocks[index].first]

    def names(self, first: int, count: int) -> list[tuple[str, ...]]:
        """The names that each of some lines carries in its prefix; fast, because prefixes repeat."""
        return [
            self._names_of(self.original(number), self.line(number), number) for number in range(first, first + count)
        ]

    def _names_of(self, original: str, cleaned: str, number: int) -> tuple[str, ...]:
        if original == cleaned:
            return ()
        if cleaned and original.endswith(cleaned):
            key: str | tuple[str, ...] = original[: len(original) - len(cleaned)]
        elif original.startswith("{"):
            key = records.name_fields(original)
        else:
            return self.origin(number).names
        known = self._prefixes.get(key)
        if known is None:
            known = self._prefixes[key] = self.origin(number).names
        return known

    def origin(self, number: int) -> Origin:
        """The names of pod, container or service, and the carrier's time, that stand before this line's message."""
        if not self.blocks[self._block_of(number)].prefixed:
            return NOWHERE
        plain = _plain("\n" + self.original(number))[1:]
        origin, rest = split_prefix(plain)
        found = _RECORD.match("\n" + rest) if rest.lstrip().startswith("{") else None
        if found is None or not records.is_candidate(found[1]):
            return origin
        inner = records.origin(found[1])
        return Origin(origin.names + inner.names, origin.time or inner.time)

    def at(self, number: int) -> Line:
        """Everything about a line."""
        return Line(number, self.line(number), self.origin(number))

    def _block_of(self, number: int) -> int:
        if not 1 <= number <= self.line_count:
            raise IndexError(f"the paste has no line {number}")
        return bisect_right(self._starts, number) - 1


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
        yield start, end
        start = end + 1


def clean(text: str) -> CleanPaste:
    """Clean a paste. Linear in its length."""
    blocks: list[Block] = []
    number = 1
    for start, end in _pieces(text):
        cleaned, prefixed = _clean_block("\n" + text[start:end])
        data = cleaned[1:].encode("utf-8", errors="replace")
        lines = data.count(b"\n") + 1
        blocks.append(Block(number, lines, start, end, data, prefixed))
        number += lines
    return CleanPaste(text, tuple(blocks))
