"""Finds secrets that stretch over lines: private keys (whole, cut off, behind log prefixes) and Secret manifests.

Called by `Redactor` beside `scan`. Line breaks and log prefixes stay, so that line numbers keep their meaning.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import pairwise

from bot.redaction.patterns import passes
from bot.redaction.scan import scan
from bot.redaction.span import Span

KEY_LINES = 400
"""Lines of a private key that are looked for after its first or before its last line."""

SAME_LINE = 8000
"""Bytes before the end of a key that are looked at when all of it is on one line."""

_BEGIN = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(rb"-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(rb"(?:^|[\s\"'|:>])([A-Za-z0-9+/]{4,}={0,2}|=[A-Za-z0-9+/]{4})(?:\\n)?[\"',]{0,3}\r?$")
_FULL_BODY = re.compile(rb"(?:^|[\s\"'|:>])([A-Za-z0-9+/]{60,}={0,2})(?:\\n)?[\"',]{0,3}\r?$")
_HEADER = re.compile(rb"(?:^|[\s])(?:Proc-Type|DEK-Info|Version|Comment):.*$|^\s*$")
_BODY_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"
_SAME_LINE = re.compile(rb"[A-Za-z0-9+/=\\nr\s]{16,}")

_PUTTY = re.compile(
    rb"Private-Lines: ?\d+[ \t\r]*\n((?:[^\n:]{0,80}?[A-Za-z0-9+/=]{4,128}[ \t\r]*(?:\n|$)){1,200}(?:[^\n]{0,60}?Private-(?:MAC|Hash): ?[0-9a-f]+)?)"
)
_PUTTY_LINE = re.compile(rb"(?m)([A-Za-z0-9+/=]{4,})[ \t\r]*$")
_STATIC = re.compile(rb"-----BEGIN OpenVPN Static key V1-----[ \t\r]*\n((?:[ \t]*[0-9a-f]{32}[ \t\r]*(?:\n|$)){1,16})")
_STATIC_LINE = re.compile(rb"[0-9a-f]{32}")
_WEB_KEY = re.compile(rb"\{[^{}]*\"kty\\*\"[^{}]*\}?")
_PRIVATE_MEMBER = re.compile(rb"\"(?:d|p|q|dp|dq|qi|k)\\*\"[ \t]*:[ \t]*\\*\"([A-Za-z0-9_-]{16,})")

_IS_TEXT = re.compile(rb"[\t\n\r -~]{16,}")

OBJECT_LINES = 500
"""Lines before and after `data:` among which its object's `kind:` is looked for."""

_IS_SECRET = re.compile(rb"kind\\*[\"']?:[ \t]*\\*[\"']?Secret\b")
_IS_JSON_SECRET = re.compile(rb"\"kind\\*\":[ \t]*\\*\"Secret\b")
_IS_YAML_SECRET = re.compile(rb"[ \t]*(?:- )?kind:[ \t]*[\"']?Secret[\"']?\s*$")
_DOCUMENT = re.compile(rb"(?m)^(?:---|- apiVersion:)")
_DATA = re.compile(rb"([ ]*(?:- )?)(?:data|stringData):[ \t]*\r?")
_ENTRY = re.compile(rb"[ \t]+[\w.-]+:[ \t]*[\"']?([^\s\"'|>][^\s\"']*)?")
_JSON_DATA = re.compile(rb"\\{0,7}\"(?:data|stringData)\\{0,7}\":[ \t\r\n]*\{([^{}]*)\}")
_JSON_ENTRY = re.compile(rb"\\{0,7}\"[\w.-]{1,253}\\{0,7}\":[ \t]*\\{0,7}\"([^\"\\]+)")


def scan_blocks(data: bytes) -> Iterator[Span]:
    """The secrets in private keys and in manifests of Secret objects."""
    if b"PRIVATE KEY" in data:
        yield from _private_keys(data)
    yield from _encoded(data)
    if b"OpenVPN Static" in data:
        for match in _STATIC.finditer(data):
            yield from (Span(*line.span(), "private-key") for line in _STATIC_LINE.finditer(data, *match.span(1)))
    if b"Private-Lines:" in data:
        for match in _PUTTY.finditer(data):
            for line in _PUTTY_LINE.finditer(data, *match.span(1)):
                yield Span(*line.span(1), "private-key")
    if b'"kty' in data:
        yield from _web_keys(data)
    if b"Secret" in data and _IS_SECRET.search(data):
        yield from _secret_manifests(data)


def _encoded(data: bytes) -> Iterator[Span]:
    """Base64 of a text that holds a secret: a manifest's value, a file of variables, what `echo … | base64 -d` is given."""
    for match in passes().encoded.finditer(data):
        start, end = match.span(1)
        text = _decoded(data[start:end])
        if text and _IS_TEXT.fullmatch(text) and scan(text):
            yield Span(start, end, "secret-data")


def _decoded(value: bytes) -> bytes:
    """What Base64 stands for; nothing when it is none. One digit too many of what was cut off counts for nothing."""
    value = value[:-1] if len(value) % 4 == 1 else value
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return b""


def _web_keys(data: bytes) -> Iterator[Span]:
    """The private members of JSON web keys (RFC 7518, 6.2.2 and 6.3.2), and the whole of symmetric ones (6.4.1)."""
    for key in _WEB_KEY.finditer(data):
        for member in _PRIVATE_MEMBER.finditer(data, *key.span()):
            yield Span(*member.span(1), "private-key")


def _private_keys(data: bytes) -> Iterator[Span]:
    done = 0
    for begin in _BEGIN.finditer(data):
        if begin.start() >= done:
            spans = list(_after(data, begin.end()))
            yield from spans
            done = spans[-1].end if spans else begin.end()
    for end in _END.finditer(data):
        yield from _before(data, end.start())


def _after(data: bytes, start: int) -> Iterator[Span]:
    """The body behind a first line, on the same line (escaped) or on the next ones, to its last line or as far as it
    goes.
    """
    line_end = _line_end(data, start)
    same = _SAME_LINE.match(data, start, line_end)
    if same:
        yield Span(start, same.end(), "private-key")
        return
    at = line_end + 1
    for _ in range(KEY_LINES):
        if at >= len(data):
            return
        line_end = _line_end(data, at)
        body = _FULL_BODY.search(data[at:line_end]) or _last_line(data, at, line_end)
        if body is not None:
            yield Span(at + body.start(1), at + body.end(1), "private-key")
        elif not _HEADER.search(data[at:line_end]):
            return
        at = line_end + 1


def _last_line(data: bytes, at: int, line_end: int) -> re.Match[bytes] | None:
    """The shorter line that ends a key: padded, long, or followed by the mark of the end."""
    body = _BODY.search(data[at:line_end])
    if body is None:
        return None
    certain = body.group(1).endswith(b"=") or body.group(1).startswith(b"=") or len(body.group(1)) >= 24
    return body if certain or _END.search(data, line_end, _line_end(data, line_end + 1)) else None


def _before(data: bytes, end: int) -> Iterator[Span]:
    """The body before a last line whose first line was cut off: full lines of Base64 only."""
    line_start = data.rfind(b"\n", 0, end) + 1
    same_line = data[max(line_start, end - SAME_LINE) : end]
    length = len(same_line) - len(same_line.rstrip(_BODY_CHARACTERS))
    if length >= 60:
        yield Span(end - length, end, "private-key")
        return
    last = True
    for _ in range(KEY_LINES):
        if line_start == 0:
            return
        line_end = line_start - 1
        line_start = data.rfind(b"\n", 0, line_end) + 1
        line = data[line_start:line_end]
        body = (_BODY if last else _FULL_BODY).search(line)
        if body is None:
            return
        yield Span(line_start + body.start(1), line_start + body.end(1), "private-key")
        last = False


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return end if end >= 0 else len(data)


def _secret_manifests(data: bytes) -> Iterator[Span]:
    """Values under `data` and `stringData` of a Secret, in YAML and in JSON (escaped too)."""
    yield from _yaml_secrets(data)
    starts = [0, *(match.start() for match in _DOCUMENT.finditer(data)), len(data)]
    for start, end in pairwise(starts):
        if _IS_JSON_SECRET.search(data, start, end):
            for block in _JSON_DATA.finditer(data, start, end):
                for entry in _JSON_ENTRY.finditer(data, *block.span(1)):
                    yield Span(*entry.span(1), "secret-data")


def _yaml_secrets(data: bytes) -> Iterator[Span]:
    """Each `data:` whose neighbours, keys of the same object, say that it is a Secret's."""
    lines = data.split(b"\n")
    offset = 0
    hidden_to = -1
    for number, line in enumerate(lines):
        found = _DATA.fullmatch(line) if number > hidden_to else None
        if found and _is_secrets(lines, number, len(found.group(1))):
            at = offset
            for inner in range(number + 1, len(lines)):
                at += len(lines[inner - 1]) + 1
                if lines[inner].strip() and _column(lines[inner]) <= len(found.group(1)):
                    break
                hidden_to = inner
                yield from _yaml_value(lines[inner], at)
        offset += len(line) + 1


def _is_secrets(lines: list[bytes], number: int, column: int) -> bool:
    """Whether the object with a key in this line, at this column, has the kind Secret."""
    for step in (-1, 1):
        at = number
        for _ in range(OBJECT_LINES):
            starts_item = lines[at].lstrip().startswith(b"- ") and _column(lines[at]) < column
            if step < 0 and starts_item:
                break
            if not 0 <= at + step < len(lines):
                break
            at += step
            line = lines[at]
            own = _column(line) + (2 if line.lstrip().startswith(b"- ") and _column(line) < column else 0)
            if line.strip() and (own < column or line.startswith(b"---") or (step > 0 and own != _column(line))):
                break
            if own == column and _IS_YAML_SECRET.match(line):
                return True
            if own == column and _DATA.fullmatch(line):
                break  # the next object
    return False


def _column(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))


def _yaml_value(line: bytes, at: int) -> Iterator[Span]:
    """The value of a `key: value` line, or a whole line of a block."""
    entry = _ENTRY.match(line)
    if entry is None and line.strip():
        yield Span(at + _column(line), at + len(line.rstrip()), "secret-data")
    elif entry and entry.group(1):
        yield Span(at + entry.start(1), at + entry.end(1), "secret-data")
