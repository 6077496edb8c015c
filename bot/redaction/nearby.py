"""Secrets that stand a few words behind what they are: `client secret for onyx is X`, `copy the new key now: X`. Pure.

Used by `scan`. The value decides first: only what chance has mixed is looked at. Then the words before it, on its line
or, where it stands alone, on the line above: they must name a secret, and nothing must name an id in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.redaction.judge import is_chance, is_mixed, is_placeholder

LOOK_BACK = 100
"""Bytes before a value in which it is named."""
CLOSE = 40
"""The same for a value of small letters and digits, which an id may be, too."""

CANDIDATE = r"[A-Za-z0-9+/_-]{20,512}={0,2}"
TELLING = (
    r"pass(?:word|wd|phrase|code)?|pw|secret|token|(?:[a-z]+[ _-])?key|seed|credentials?|creds|licen[sc]e|bearer|auth"
)
ALONE = rf"(?:^|[^\w./@%&+-])({CANDIDATE})"
_GOES_ON = b"/@%=-"
_TELLING = re.compile(rb"(?i)(?<![a-z])(?:" + TELLING.encode() + rb")(?![a-z])")
_STRONG = re.compile(
    rb"(?i)pass\w*|pw|secret|token|seed|credentials?|creds|licen[sc]e"
    rb"|(?:api|access|admin|app|auth|client|encryption|license|master|personal|private|root|secret|service|session|signing"
    rb"|subscription|account|shared|storage|functions?|host|ingest(?:ion)?|"
    rb"instrumentation|integration|write|deploy|activation)[ _-]key"
)
PUBLIC = re.compile(
    rb"(?i)(?:public[ _-]?key[ _-]?token|(?:public|publishable|host|primary|foreign|partition|sort|cache|object|routing"
    rb"|shard|map|dict|index|unique|duplicate|lookup|redis|s3|continu\w+|page|next|paging|sync|resume|idempotency|dedup\w*"
    rb"|hash|message|row|column)[ _-]?(?:key|token)?)$"
)
_AN_ID = re.compile(
    rb"(?i)(?:\bid|[_-]id|[a-z]Id|hash|digest|sha-?\d*|md5|checksum|commit|revision|version|etag|uid|trace|span|request|image"
    rb"|index|pod|name|file|path|url|cluster|fingerprint|kid|offset|from|ref|tag|branch|build|job|run|node|container"
    rb"|ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+)[\"']?[ \t]*[:=]?[ \t]*[\"'(]*$"
)
_ID = re.compile(
    rb"(?:chatcmpl|cmpl|resp|req|msg|run|thread|asst|file|batch|evt|pi|ch|cus|sub|in|price|prod|acct|job|task|trace|span"
    rb"|user|usr|org|proj|call|toolu|chunk)[-_].*"
)
"""Ids as APIs make them: a prefix of their kind."""
_OTHER_NAME = re.compile(rb"[\w.-]+=|[\w.-]+:[\"']|[;{}]")


def nearby(data: bytes, candidates: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where such values begin and end, of those that `ALONE` finds."""
    for start, end in candidates:
        value = data[start:end]
        if value.islower() and not (len(value) >= 32 and value.isalnum()):
            continue  # neither mixed nor chance: looked at first because most names are like this
        if (data[end : end + 1] in _GOES_ON and end < len(data)) or not _TELLING.search(_before(data, start)):
            continue
        if _ID.fullmatch(value):
            continue
        mixed = is_mixed(value.rstrip(b"="))
        if (mixed or is_chance(value)) and not is_placeholder(value) and _is_named(data, start, mixed=mixed):
            yield start, end


def _is_named(data: bytes, at: int, *, mixed: bool) -> bool:
    before = _before(data, at)
    told = next(reversed([*_TELLING.finditer(before)]), None)
    if told is None or PUBLIC.search(before[: told.end()]) or _AN_ID.search(before[told.end() :]):
        return False
    between = before[told.end() :].strip(b" \t\"'`(")
    if between.strip(b":=") == b"":
        between = b""
    if _OTHER_NAME.search(between):
        return False
    return mixed or bool(_STRONG.fullmatch(told.group()) and len(between) <= CLOSE and b"," not in between)


def _before(data: bytes, at: int) -> bytes:
    """What stands before the value on its line; where nothing does, the last line above that ends with a colon."""
    line = data.rfind(b"\n", 0, at) + 1
    before = data[max(line, at - LOOK_BACK) : at]
    if before.strip() or not line:
        return before
    above = data[max(0, line - LOOK_BACK * 2) : line].rstrip()
    last = above[above.rfind(b"\n") + 1 :]
    return last if last.endswith(b":") else b""
