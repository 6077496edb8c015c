"""Takes records out of what carries them: JSON on one line or pretty-printed, logfmt, stacks with escaped line breaks.

A record's message becomes rows of text, one for each of its own lines, as the program printed them before a collector
or a console packed them up. Every row knows which line of the paste it stands in. Called by `clean` for each block.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.engine.match import logfmt, records
from bot.engine.match.escapes import has_path, unescaped, unquoted
from bot.engine.match.plain import plain
from bot.engine.match.sources import NOWHERE, Origin, split_prefix, without_prefixes

GOES_ON = "\f"
"""Ends a row whose record goes on in the next row: white space to patterns, and no new message begins behind it."""

_SEVERAL = re.compile(r"\}(?:\s|,|\\n){0,8}\{ ?\"")
_RECORD = re.compile(r'\n[ \t]{0,16}(\[?\{ ?"[^\n]*)')
_OPENING = re.compile(r"\n[ \t]{0,24}([\[{][\[{ \t]{0,8})(?=\n\s{0,80}[\"\[{])")
_BREAK = re.compile(r"\\n|#012|\\u000[aA]")
_PAIRS = re.compile(r"\n([ \t]{0,8}[A-Za-z_][\w.-]{0,60}=[^\n]*\\[^\n]*)")
_LINE_END = re.compile(r"[ \t,\]}]*(?=\n|\Z)")

_DOUBLED = re.compile(r'(?<=[^\s,:=(\[{"\\])""(?!")|""(?=[^\s,:)\]}"])')
_FIRST_CELL = re.compile(r'\n"([^"\n]{0,80}\d[^"\n]{0,80})","')
# A line that begins a message of its own, also inside a record: a program's whole log may be one string.
_OWN_MESSAGE = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:|\[?\d\d/\d\d/\d{4} |\[?\d\d:\d\d:\d\d[ .,\]]|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)(?::[ ]|[ ]{2,}|[ ]\[)|[ ]?⨯ "
)
_FAILED_BYTES = 4
"""How many times a block's length is read in vain for the end of JSON before what is left is taken as it is."""


@dataclass(slots=True)
class UnpackedBlock:
    """A block taken apart. `text` begins with a line break; `lines` holds, for each row, the index of its line.

    `origins`: who wrote a row, for rows whose own line does not say so alone.
    """

    text: str
    lines: Sequence[int]
    origins: dict[int, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Span:
    """A piece of the block, from the line break before it to its last character, and the messages in it.

    The origin of a message is None where its line alone says who wrote it.
    """

    start: int
    end: int
    messages: tuple[tuple[str, Origin | None], ...]


_Finder = Callable[[str, int, int], _Span | None]
"""Finds the next container in a block from one place on that begins before another place."""


def take_apart(block: str, depth: int = 1) -> UnpackedBlock:
    """The block with every record in it taken out of its container. Linear: each character is looked at a few times.

    `depth`: in how many containers a record's own text may be packed once more.
    """
    lines = block.count("\n")
    if '","' in block and _FIRST_CELL.search(block):
        block = _FIRST_CELL.sub(r"\n\1 ", block).replace('""', '"')
    elif '""' in block:
        block = _DOUBLED.sub('"', block)  # a piece of a cell of a CSV file
    if ('{"' in block or '{ "' in block) and not _OPENING.search(block):
        block = _RECORD.sub(_of_one_row, block)
    spans = list(_spans(block))
    if not spans:
        return UnpackedBlock(block, range(lines))
    pieces: list[str] = []
    numbers = array("I")
    origins: dict[int, Origin] = {}
    position = line = 0
    for span in spans:
        pieces.append(block[position : span.start])
        between = block.count("\n", position, span.start)
        numbers.extend(range(line, line + between))
        line += between
        covered = block.count("\n", span.start, span.end)
        for message, origin in span.messages:
            inner = _opened(message, depth)
            first = len(numbers)
            rows = inner.text.count("\n")
            if origin is not None and origin is not NOWHERE:
                origins.update(dict.fromkeys(range(first, first + rows), origin))
            if inner.origins:
                origins.update({first + row: _joint(origin, within) for row, within in inner.origins.items()})
            numbers.extend([line] * rows if covered == 1 else _lines_of(inner.text, block, span, line))
            pieces.append(inner.text)
        position, line = span.end, line + covered
    pieces.append(block[position:])
    numbers.extend(range(line, lines))
    return UnpackedBlock("".join(pieces), numbers, origins)


def _of_one_row(found: re.Match[str]) -> str:
    """The message of a record with one line, which most are; anything else as it is."""
    line = found[1]
    if line[0] != "{" or not records.is_candidate(line) or _SEVERAL.search(line):
        return found[0]
    message = records.message(line)
    if message is None or "\n" in message or "\\" in message or not message.isascii() or "\x1b" in message:
        return found[0]
    text = "\n" + message
    return text if without_prefixes(text) is text else found[0]


def _joint(outer: Origin | None, inner: Origin) -> Origin:
    """Where a row comes from by its container and by its own prefix."""
    if outer is None:
        return inner
    names = tuple(dict.fromkeys(outer.names + inner.names))
    return Origin(names, inner.time or outer.time, outer.level or inner.level, outer.namespace or inner.namespace)


def _opened(message: str, depth: int) -> UnpackedBlock:
    """The rows of a record's message: without colours and prefixes, its own containers opened.

    Each but the last goes on in the next, unless a message of its own begins there.
    """
    if "\n" not in message and "\\" not in message and message.isascii() and "\x1b" not in message:
        text = "\n" + message.replace("\f", " ").replace("\r", "")
        bare = without_prefixes(text)
        return UnpackedBlock(bare, (0,), _own_origins(text, bare))
    if "\n" not in message and ("\\n" in message or "\\u000" in message) and not has_path(message):
        message = unescaped(message)
    text = plain("\n" + message).rstrip("\n") or "\n"
    bare = without_prefixes(text)
    origins = _own_origins(text, bare)
    if depth and ('{"' in bare or '{ "' in bare):
        inner = take_apart(bare, depth - 1)
        if inner.text != bare:
            return UnpackedBlock(inner.text, (), inner.origins)
    if origins:
        return UnpackedBlock(bare, (), origins)
    rows = bare[1:].split("\n")
    marked = [
        row if after is None or _OWN_MESSAGE.match(after) else row + GOES_ON
        for row, after in zip(rows, [*rows[1:], None], strict=True)
    ]
    return UnpackedBlock("\n" + "\n".join(marked), (), {})


def _own_origins(text: str, bare: str) -> dict[int, Origin]:
    """What the prefixes of a message's own rows say, by row."""
    if text == bare:
        return {}
    found = ((row, split_prefix(line)[0]) for row, line in enumerate(text[1:].split("\n")))
    return {row: origin for row, origin in found if origin.names}


def _lines_of(text: str, block: str, span: _Span, first: int) -> list[int]:
    """The line that each row stands in: of a record over several lines, the one that holds the row's beginning."""
    found: list[int] = []
    at, line = span.start, first
    for row in text[1:].split("\n"):
        key = row.strip()[:40].partition('"')[0].partition("\\")[0]
        place = block.find(key, at, span.end) if key else -1
        if place > at:
            line += block.count("\n", at + 1, place + 1)
            at = place
        found.append(line)
    return found


def _spans(block: str) -> Iterator[_Span]:
    """The containers in a block, in order, none within another.

    Each finder gives the next one that begins before a limit: what the finders before it have found already.
    """
    finders = _finders(block)
    waiting: list[_Span | None] = [None] * len(finders)
    begins = [0] * len(finders)  # where each looks on; beyond the block if there is nothing more
    position, whole = 0, len(block)
    while True:
        best: _Span | None = None
        for index, finder in enumerate(finders):
            span = waiting[index]
            if span is None or span.start < position:
                start, limit = max(begins[index], position), best.start if best is not None else whole
                span = waiting[index] = finder(block, start, limit) if start <= limit else None
                if span is not None:
                    begins[index] = span.end
                elif limit == whole:
                    begins[index] = whole + 1
            if span is not None and (best is None or span.start < best.start):
                best = span
        if best is None:
            return
        yield best
        position = best.end


def _finders(block: str) -> list[_Finder]:
    """What looks for each kind of container that the block may hold."""
    finders: list[_Finder] = []
    if '{"' in block or '{ "' in block or "{\n" in block or "[\n" in block or "{ \n" in block:
        finders += [_Printed(block).find, _record]
    if "\\n" in block or "#012" in block or "\\u000" in block:
        finders.append(_escaped)
    if "\\" in block and "=" in block:
        finders.append(_logfmt)
    return finders


class _Printed:
    """Pretty-printed JSON in one block."""

    def __init__(self, block: str) -> None:
        self._left = _FAILED_BYTES * len(block) + 1000

    def find(self, block: str, position: int, limit: int) -> _Span | None:
        """The next log record, or list or envelope of records, that is printed over several lines."""
        while self._left > 0 and (opening := _OPENING.search(block, position)):
            if opening.start() >= limit:
                return None
            start, position = opening.start(1), opening.end()
            try:
                value, end = records.decode(block, start)
            except (ValueError, RecursionError) as exc:
                self._left -= max(100, getattr(exc, "pos", start + 10_000) - start)
                continue
            line_end = _LINE_END.match(block, end)
            if line_end is None:
                continue
            position = line_end.end()
            found = tuple(records.within(value))
            if found:
                return _Span(opening.start(), position, found)
        return None


def _record(block: str, position: int, limit: int) -> _Span | None:
    """The next log record, or list or envelope of records, on a line of its own."""
    for found in _RECORD.finditer(block, position, limit):
        line = found[1]
        if not records.is_candidate(line):
            continue
        message = records.message(line) if line[0] == "{" and not _SEVERAL.search(line) else None
        if message is not None:
            return _Span(found.start(), found.end(), ((message, None),))
        several = tuple(records.within(records.several(line)))
        if several:
            return _Span(found.start(), found.end(), several)
    return None


def _escaped(block: str, position: int, limit: int) -> _Span | None:
    """The next line that holds a text with escaped line breaks: a string of JSON or Python, rsyslog."""
    while found := _BREAK.search(block, position, limit):
        start = block.rfind("\n", position, found.start())
        end = block.find("\n", found.end())
        position = end if end >= 0 else len(block)
        if start < 0:
            continue
        line = block[start + 1 : position]
        if not has_path(line) and not logfmt.is_candidate(line):
            return _Span(start, position, ((unescaped(unquoted(line)), None),))
    return None


def _logfmt(block: str, position: int, limit: int) -> _Span | None:
    """The next record in logfmt that holds escapes; every other one can be read as it is."""
    for found in _PAIRS.finditer(block, position, limit):
        message = logfmt.message(found[1]) if logfmt.is_candidate(found[1]) else None
        if message is not None:
            return _Span(found.start(), found.end(), ((message, None),))
    return None
