"""Secrets in the columns of a table whose head names them: CSV, what `psql` and `mysql` print, and INSERT statements.

Called by `Redactor` beside `scan`. Only the rows that follow the head at once are looked at.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import re2

from bot.redaction.chosen import looks_chosen
from bot.redaction.coarse import Coarse, compiled
from bot.redaction.judge import is_placeholder, looks_random
from bot.redaction.scan import name_kind
from bot.redaction.span import Span

ROWS = 200
"""Rows below a head that are looked at."""
_KINDS = {"password", "api-key", "token", "secret"}
_NAME = r"\"?\w{1,40}\"?[ \t]*"
_HEAD = (
    rf"(?m)^([ \t|]*(?:{_NAME}[,;|\t][ \t]*){{0,20}}\"?\w{{0,40}}(?i:passw|secret|token|api_?key|pwd)\w{{0,20}}\"?[ \t]*"
    rf"(?:[,;|\t][ \t]*{_NAME}){{0,20}}\|?)\r?(?:\n|$)"
)
_ALIGNED = r"(?m)^([ \t]*(?:\w{1,40}[ \t]{2,}){0,10}\w{0,40}(?i:passw|secret|token|api_?key|pwd)\w{0,20}(?:[ \t]{2,}\w{1,40}){0,10})[ \t]*\r?\n"
"""A head whose columns stand apart by spaces, as `column -t` and command-line tools print them."""
_LIST = (
    r"(?i:passwords|passphrases|(?:access|admin|api|app|cookie|deploy|session)[_-]?keys|secret[_-]?keys|encryption[_-]?keys|signing[_-]?keys|auth[_-]?keys|credentials"
    r"|community_strings|(?:unseal|recovery)[_-]?keys\w*|(?:auth|access|api|bearer|bot|refresh)[_-]?tokens|(?:recovery|backup)[_-]?codes)"
    r"\\*[\"']?[ \t]*(?:[:=][ \t]*(\[[^\]{}]{3,900}\]|(?:\r?\n[ \t]*- [^\n:]+){1,50})|(=[\"']?[^\s\[\]{}\"'&]{16,900}))"
)
_ABOVE_CODES = (
    r"(?i:\b(?:recovery|backup|back-up|scratch|emergency|one-time)[ _-]?codes?\b)[^\n]{0,80}\n(?:[ \t]*\r?\n)?"
)
_CODES = re.compile(
    rb"(?i)((?:[ \t>|*-]*(?:\d{1,2}[.)][ \t]*)?(?:[a-z0-9]{3,6}(?:[- ][a-z0-9]{3,6}){1,3}|[a-z0-9]{8,12})(?:[ \t]{1,8}(?:[a-z0-9]{3,6}(?:-[a-z0-9]{3,6}){1,3}|[a-z0-9]{8,12}))*[ \t|]*\r?(?:\n|$)){1,20})"
)
_CODE = re.compile(rb"(?i)[a-z0-9]{3,6}(?:[- ][a-z0-9]{3,6}){1,3}|[a-z0-9]{8,12}")
_ITEM = re.compile(rb"[\"'\[,\s=]([^\s\"',\[\]\\]{6,})")
_CELL = re.compile(rb"[^\s]+(?:[ ][^\s]+)*")
_PLAIN = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[\d.,:]+|.* .*|[a-z0-9]+(?:-[a-z0-9]+)+")
"""What stands in a column of that name and is no secret: words, counts, names of objects."""
_SEPARATOR = re.compile(rb"[,;|\t]")
_RULE = re.compile(rb"[-+| \t=:]+\r?")
_INSERT = re.compile(
    rb"(?i)\binsert[ \t]+into[ \t]+[\w.\"`\[\]]+[ \t]*\(([^()\n]{1,500})\)\s{0,5}values\s{0,5}((?:\((?:'(?:[^'\n]|'')*'|[^()'\n])*\)[, \t]{0,3}){1,50})"
)
_ROW = re.compile(rb"\(((?:'(?:[^'\n]|'')*'|[^()'\n])*)\)")
_FIELD = re.compile(rb"[ \t]*(?:'((?:[^'\n]|'')*)'|([^,']*))[ \t]*(?:,|$)")


def scan_tables(data: bytes) -> Iterator[Span]:
    """Values in lists under telling names, and in columns under telling heads."""
    if not _any().places(data):
        return
    yield from _listed(data)
    yield from _codes(data)
    yield from _columns(data)
    yield from _aligned_columns(data)
    yield from _inserted(data)


def _listed(data: bytes) -> Iterator[Span]:
    for found in _lists().finditer(data):
        for item in _ITEM.finditer(data, *found.span(found.lastindex or 0)):
            if looks_chosen(item.group(1)) or looks_random(item.group(1)):
                yield Span(*item.span(1), "secret")


def _codes(data: bytes) -> Iterator[Span]:
    """Recovery codes below what they are."""
    for head in _above_codes().finditer(data):
        found = _CODES.match(data, head.end())
        for code in _CODE.finditer(data, *found.span(1)) if found else ():
            if any(48 <= byte <= 57 for byte in code.group()):
                yield Span(*code.span(), "recovery-code")


def _columns(data: bytes) -> Iterator[Span]:
    done = 0
    for head in _head().finditer(data):
        start, end = head.span(1)
        if start >= done:  # what is a row is no head: otherwise a thousand heads would read a thousand rows each
            for span in _rows(data, start, end):
                done = max(done, data.find(b"\n", span.end) + 1)
                yield span


def _aligned_columns(data: bytes) -> Iterator[Span]:
    done = 0
    for head in _aligned().finditer(data):
        telling = [_is_telling(cell.group()) for cell in _CELL.finditer(head.group(1))]
        at = head.end()
        for _ in range(ROWS if head.start() >= done and len(telling) > 1 and any(telling) else 0):
            cells = list(_CELL.finditer(data, at, _end_of_line(data, at)))
            if len(cells) != len(telling):
                break
            for cell, is_telling in zip(cells, telling, strict=True):
                if (
                    is_telling
                    and len(cell.group()) >= 6
                    and not (_PLAIN.fullmatch(cell.group()) or is_placeholder(cell.group()))
                ):
                    yield Span(*cell.span(), "password")
            at = done = _end_of_line(data, at) + 1


def _end_of_line(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return end if end >= 0 else len(data)


def _inserted(data: bytes) -> Iterator[Span]:
    for insert in _INSERT.finditer(data):
        columns = [_is_telling(name) for name in insert.group(1).split(b",")]
        for row in _ROW.finditer(data, *insert.span(2)):
            for telling, field in zip(columns, _FIELD.finditer(data, *row.span(1)), strict=False):
                if telling and field.group(1) and not is_placeholder(field.group(1)):
                    yield Span(*field.span(1), "password")


@cache
def _any() -> Coarse:
    return Coarse((_LIST, _ABOVE_CODES, _HEAD, _ALIGNED, r"(?i:\binsert[ \t]+into)"))


@cache
def _above_codes() -> re2._Regexp:
    return compiled(_ABOVE_CODES)


@cache
def _lists() -> re2._Regexp:
    return compiled(_LIST)


@cache
def _head() -> re2._Regexp:
    return compiled(_HEAD)


@cache
def _aligned() -> re2._Regexp:
    return compiled(_ALIGNED)


def _rows(data: bytes, start: int, end: int) -> Iterator[Span]:
    head = data[start:end]
    separator = _SEPARATOR.search(head.strip(b" \t|"))
    if separator is None:
        return
    mark = separator.group()
    telling = [_is_telling(cell) for cell in head.split(mark)]
    at = data.find(b"\n", end) + 1 or len(data)
    for _ in range(ROWS if any(telling) else 0):
        end = data.find(b"\n", at)
        end = end if end >= 0 else len(data)
        cells = data[at:end].split(mark)
        if len(cells) != len(telling) or at >= len(data):
            if not (_RULE.fullmatch(data[at:end]) and at < end):
                return
        else:
            yield from _cells(cells, telling, at)
        at = end + 1


def _cells(cells: list[bytes], telling: list[bool], at: int) -> Iterator[Span]:
    for cell, is_telling in zip(cells, telling, strict=True):
        value = cell.strip(b" \t\r\"'")
        if is_telling and len(value) >= 4 and not is_placeholder(value) and b" " not in value:
            start = at + cell.index(value)
            yield Span(start, start + len(value), "password")
        at += len(cell) + 1


def _is_telling(name: bytes) -> bool:
    return name_kind(name.strip(b" \t\r\"`[]'").decode("utf-8", "replace")) in _KINDS
