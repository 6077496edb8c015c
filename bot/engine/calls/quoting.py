"""What a line tells of an error that another program answered with: its words, or the URL. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKS = re.compile(
    r"\bcode = (?:Unknown|Internal|DataLoss|Aborted|FailedPrecondition|InvalidArgument|NotFound) desc = "
    r"|\b(?:details|Detail) ?= ?\\?\""
    r"|StatusRuntimeException: (?:UNKNOWN|INTERNAL|DATA_LOSS|ABORTED|FAILED_PRECONDITION|NOT_FOUND): "
    r"|\b(?:2 UNKNOWN|13 INTERNAL|15 DATA_LOSS|9 FAILED_PRECONDITION|10 ABORTED|5 NOT_FOUND): "
    r"|\bHttp(?:Server|Client)ErrorException\S*: \d{3}[^:\"]{0,60}: \[?\\?\""
    r"|\bservice has thrown: \w+\([^)\n]{0,60}\bmessage="
    r"|(?i:\b(?:answered|returned|responded|replied)(?: with)?(?: status)? 5\d\d[ :-]+)"
    r"|(?i:\bRequest failed with status code 5\d\d: )"
)
_FAILED_URL = re.compile(
    r"\bhttps?://(?P<host>[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)(?::(?P<port>\d{1,5}))?(?:[/?#][^\s\"'<>]*)?[\s\"'<>:,)-]+"
    r"(?:(?:status|code|HTTP/\d(?:\.\d)?|answered|returned|responded|failed)\W+){0,3}50[0-4]\b"
    r"|\b50[0-4] [A-Z][^\n]{0,60}\bfor url: https?://(?P<host2>[a-z0-9][a-z0-9.-]*)(?::(?P<port2>\d{1,5}))?"
)
"""A URL, and the status of a server's error that it answered with."""
_END = re.compile(r"[\"')}\]\\,.;: ]+$")
_LEAST = 12
"""Characters that two programs hardly print alike by chance."""


class Quoted(NamedTuple):
    """The words of another program at the end of a line, and through how many programs they came."""

    words: str
    depth: int


def quoted(line: str) -> Quoted | None:
    """What the line passes on; None where it speaks for itself, or passes on too little to tell whose it is."""
    marks = list(_MARKS.finditer(line[:4000]))
    if not marks:
        return None
    words = _END.sub("", line[marks[-1].end() : 4000].strip().replace('\\"', '"'))
    return Quoted(words, len(marks)) if len(words) >= _LEAST and " " in words else None


def depth_of(line: str) -> int:
    """Through how many programs the end of a line came; 0 where it speaks for itself."""
    return sum(1 for _ in _MARKS.finditer(line[:4000]))


def failed_url(line: str) -> tuple[str, int]:
    """The host and port (0: not stated) of a URL that the line says was answered with a server's error; else empty."""
    found = _FAILED_URL.search(line[:2000])
    if found is None:
        return "", 0
    return found["host"] or found["host2"], int(found["port"] or found["port2"] or 0)
