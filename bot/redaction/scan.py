"""Finds secrets in text: by their form, by the name before them, by the header, URL or command they stand in.

Called by `Redactor`. Works on UTF-8 bytes with RE2, in a fixed number of passes over the text, each linear. It finds
places and kinds; what stands in for a secret is the redactor's business.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache, lru_cache

import re2

from bot.redaction.arguments import as_lines
from bot.redaction.chance import are_words, is_mixed, is_shaped
from bot.redaction.judge import Assignment, is_placeholder, is_secret, is_stand_in, is_variable
from bot.redaction.nearby import nearby
from bot.redaction.patterns import UNQUOTED_GROUP, passes
from bot.redaction.rules.names import NAMES
from bot.redaction.rules.phrases import PHRASES
from bot.redaction.rules.phrases_apart import IN_OBJECTS
from bot.redaction.sentences import scan_links, scan_sentences, told
from bot.redaction.span import Span, without_kinds, without_paint

_EXPORTED = re.compile(rb"[ \t]*(?:export |set |- |-e |ENV )?[A-Z0-9_.-]*")
_REFERENCES = (b"arn:", b"projects/")
_REFERENCE = re.compile(rb"(?:arn:aws[\w-]*:|projects/[\w-]+/secrets/)[^\s\"',;]*")
_WORD_END = re.compile(rb"\s|$")
_PROSE = re.compile(rb"(?i)realm=.*|error=.*|[A-Za-z_-]{1,24}[.:=]{0,2}|username=.*|credential=.*|signedheaders=.*")
_PORT = re.compile(rb"\d{1,5}(?:[/?#].*)?")
_DELIMITER = re.compile(rb"[\"'`]?(?:[ \t]*(?:[,;)}\]|&<]|\r?$|\r?\n)|[ \t]+[\w.-]+[=:])")
_OF_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_LINE_KEY = re.compile(rb"[ \t]*(?:- )?[\"']?[\w.-]*$")
_LONGEST_NAME = 80
_PLAIN_WORDS = re.compile(rb"((?: [A-Za-z0-9.!?_]+){1,7})\r?\n[ \t]*(?:export )?[A-Z][A-Z0-9_]*=")
_OF_AN_ID = re.compile(rb"(?i)(?:-|\b(?:sha-?\d*|md5|hash|digest|integrity|etag|checksum)[\"']?[=:][ \t]*[\"']?)\Z")
"""Behind a dash stands the rest of an id (`7ddc31-ed4a03d7-FB24…`), behind `sha256=` a digest."""
_COUNT = re.compile(rb"\d{1,7} bytes\b")
"""What `kubectl describe secret` says of a value."""
_PLAIN_WORD = re.compile(rb"[A-Z]?[a-z]{1,11}(?:[-_][a-z]{1,11})?")
_NO_KEY = re.compile(
    rb"(?i)\w*(?:idempotency|request|cache|partition|routing|object|dedup\w*|sort|correlation|trace|public)_key"
)
_OF_A_FILE = re.compile(rb"--from(?:-env)?-file[= ][\"']?[\w.-]*$|\bchecksum/[\w.-]*$")
"""A file's name follows, or its digest: charts roll pods out by the annotation `checksum/secret`."""
_SECRET_PHRASE_KINDS = {"authorization", "bearer"}


def scan(data: bytes) -> list[Span]:
    """Every secret that one line, or two lines that belong together, show. Overlapping ones may be among them."""
    data = without_paint(without_kinds(data))
    rare = passes().rare.places(data)
    found = [*_by_form(data), *_by_phrase(data), *_in_objects(data), *_in_urls(data)]
    for start, end in rare:
        found += _carried(data, start, end)
    found += [*_by_name(data, passes().named, 0, len(data)), *scan_sentences(data), *_by_shape(data), *_nearby(data)]
    for start, end in rare:
        found += [*scan_links(data, start, end), *_in_commands(data, start, end)]
    return found


def _carried(data: bytes, start: int, end: int) -> Iterator[Span]:
    """What cookies, encoded addresses, pairs of name and value, refused settings and flags carry."""
    yield from _cookies(data, start, end)
    yield from (_span(match, 1, "url-password") for match in passes().userinfo_encoded.finditer(data, start, end))
    for pattern in (passes().pair, passes().rejected, passes().flag):
        yield from _by_name(data, pattern, start, end)


@lru_cache(maxsize=4096)
def name_kind(name: str) -> str | None:
    """The kind of secret a name announces by its end (`DB_PASSWORD`: password), or None."""
    found = passes().whole_name.search(name.encode("utf-8", "surrogatepass"))
    return _kind_of(found.group(1)) if found else None


@cache
def _kinds() -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    return tuple((kind, re.compile(f"(?i:{pattern})".encode())) for kind, pattern in NAMES)


@lru_cache(maxsize=4096)
def _kind_of(name: bytes) -> str:
    return next((kind for kind, pattern in _kinds() if pattern.fullmatch(name)), "secret")


def _span(match: re2._Match, group: int, kind: str) -> Span:
    start, end = match.span(group)
    return Span(start, end, kind)


def _by_form(data: bytes) -> Iterator[Span]:
    for formats, group in passes().by_form:
        for number, match in group.finditer(data):
            start, end = match.span(match.lastindex or 0)
            if not are_words(data[start:end]):
                yield Span(start, end, formats[number][0])


def _by_shape(data: bytes) -> Iterator[Span]:
    for match in passes().shaped.finditer(data):
        if is_shaped(match.group(1)) and not _OF_AN_ID.search(data, max(0, match.start(1) - 16), match.start(1)):
            yield _span(match, 1, "token")


def _nearby(data: bytes) -> Iterator[Span]:
    candidates = (match.span() for match in passes().alone.finditer(data))
    yield from (Span(start, end, "secret") for start, end in nearby(data, candidates))


def _by_phrase(data: bytes) -> Iterator[Span]:
    for number, match in passes().by_phrase.finditer(data):
        start, end = match.span(match.lastindex or 0)
        kind, value = PHRASES[number][0], data[start:end]
        if kind in _SECRET_PHRASE_KINDS and (_PROSE.fullmatch(value) or is_placeholder(value.strip(b"[]()<>"))):
            continue
        if (kind == "secret" and _NO_KEY.match(match.group())) or is_variable(value):
            continue
        if kind == "basic-auth" and not _is_user_and_password(value):
            continue
        yield Span(start, end, kind)


def _in_objects(data: bytes) -> Iterator[Span]:
    for number, match in passes().in_objects.finditer(data):
        if not is_placeholder(match.group(1)):
            yield _span(match, 1, IN_OBJECTS[number][0])


def _is_user_and_password(value: bytes) -> bool:
    """Whether Base64 text holds `user:password` (or the NUL-separated form of SMTP)."""
    try:
        decoded = base64.b64decode(value + b"=" * (-len(value) % 4), altchars=b"-_" if b"-" in value else None)
    except (binascii.Error, ValueError):
        return False
    return (b":" in decoded or b"\0" in decoded) and decoded.replace(b"\0", b"").isascii()


def _cookies(data: bytes, at: int, last: int) -> Iterator[Span]:
    for match in passes().cookie.finditer(data, at, last):
        start, end = match.span(2)
        for number, pair in enumerate(passes().cookie_pair.finditer(data, start, end)):
            if number and match.span(1) != (-1, -1):
                break  # what follows in Set-Cookie are attributes
            if len(pair.group(2)) >= 6 and not _PLAIN_WORD.fullmatch(pair.group(2)):
                yield _span(pair, 2, "cookie")


def _in_urls(data: bytes) -> Iterator[Span]:
    if b"@" in data:
        at = 0
        while match := passes().userinfo.search(data, at):
            start, end = match.span(2) if match.span(2) != (-1, -1) else match.span(3)
            at = match.end()
            if is_stand_in(data[start:end]) or is_variable(data[start:end]):
                continue
            if _PORT.fullmatch(data, start, end):
                inner = data.rfind(b"://", start, end)  # a URL in the query of a URL
                at = inner if inner >= 0 else at
            else:
                yield Span(start, end, "url-password")
        for match in passes().user_only.finditer(data):
            if _is_token_of_url(match.group(1)) and not data.startswith(b"sha256:", match.end(1) + 1):
                yield _span(match, 1, "url-password")


def _is_token_of_url(value: bytes) -> bool:
    """Whether what stands for the user is a token: with digits and long, or shorter and mixed by chance."""
    return (len(value) >= 16 and any(48 <= byte <= 57 for byte in value)) or is_mixed(value)


def _by_name(data: bytes, pattern: re2._Regexp, at: int, last: int) -> Iterator[Span]:
    """Values behind telling names, from one place to another. After one that is no secret the search goes on in it."""
    while match := pattern.search(data, at, last):
        after_reference = _end_of_reference(data, match.start(1))
        if after_reference:
            at = after_reference
            continue
        index = match.lastindex or 0
        start, end = match.span(index)
        quoted = index - 2 != UNQUOTED_GROUP
        if not quoted and _is_exported(data, match):
            end = _end_of_variable(data, end)
        found = _assignment(data, match, start, end, quoted=quoted)
        if (
            is_secret(found)
            and not _COUNT.match(data, start)
            and not _OF_A_FILE.search(data, max(0, match.start(1) - _LONGEST_NAME), match.start(1))
        ):
            yield Span(start, end, found.kind)
            at = max(end, match.end(2))
        else:
            at = max(start, match.end(2))


def _end_of_reference(data: bytes, at: int) -> int:
    """Where the resource's name ends that this place is in, 0 when it is in none: `arn:aws:…:secret:db`."""
    began = max((data.rfind(mark, max(0, at - _LONGEST_NAME), at) for mark in _REFERENCES), default=-1)
    found = _REFERENCE.match(data, began) if began >= 0 else None
    return found.end() if found and found.end() > at else 0


def _is_exported(data: bytes, match: re2._Match) -> bool:
    """Whether this is a line like `DB_PASSWORD=a,b;c`: what `env` and `.env` files show, to the next space."""
    if match.group(2) != b"=" or not match.group(1).isupper():
        return False
    start = match.start(1)
    line = data.rfind(b"\n", max(0, start - _LONGEST_NAME), start) + 1
    return (line > 0 or start < _LONGEST_NAME) and _EXPORTED.fullmatch(data, line, start) is not None


def _end_of_variable(data: bytes, at: int) -> int:
    """To the next space; where the next line is a variable, too, to the end of a line of plain words."""
    end = _end_of_word(data, at)
    whole = _PLAIN_WORDS.match(data, end, end + _LONGEST_NAME)
    return whole.end(1) if whole else end


def _end_of_word(data: bytes, at: int) -> int:
    found = _WORD_END.search(data, at)
    return found.start() if found else len(data)


def _assignment(data: bytes, match: re2._Match, start: int, end: int, *, quoted: bool) -> Assignment:
    name_start = match.start(1)
    furthest = max(0, name_start - _LONGEST_NAME)
    line = max(data.rfind(b"\n", furthest, name_start) + 1, furthest)
    before = data[line:name_start]
    return Assignment(
        kind=_kind_of(match.group(1)),
        before=before[len(before.rstrip(_OF_NAMES)) :],
        name=match.group(1),
        separator=match.group(2),
        value=data[start:end],
        quoted=quoted,
        ends=end >= len(data) or _DELIMITER.match(data, end, end + 80) is not None,
        key=_LINE_KEY.fullmatch(data, line, name_start) is not None,
    )


def _in_commands(data: bytes, at: int, last: int) -> Iterator[Span]:
    yield from _on_line(data, at, last)
    for line in as_lines(data, passes().listed, at, last):
        for one in (*_on_line(line.text, 0, len(line.text)), *told(line.text)):
            yield Span(line.place(one.start), line.place(one.end - 1) + 1, one.kind)


def _on_line(data: bytes, at: int, last: int) -> Iterator[Span]:
    """Secrets of commands that are written as people type them."""
    for match in passes().commands.finditer(data, at, last):
        index = match.lastindex or 0
        value = match.group(index)
        if not is_placeholder(value) and not value.startswith(b"$") and not _PORT.fullmatch(value):
            yield _span(match, index, "password")
