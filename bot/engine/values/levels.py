"""How bad a program itself calls a line of its log, whatever its logger's format. Pure."""

from __future__ import annotations

import re

_WHEN = r"^(?:[\[(]?[\d:.,/TZ+-]{4,40}[\])]?\s+){0,2}\W*"
_LEVEL = r"\blevel[\"']?\s*[=:]\s*[\"']?"
_RUBY = r", \[[^\]]{1,50}\] +"
"""`I, [2026-11-29T17:38:00 #1]  INFO -- : `: a letter, when, and the level as a word."""
_MILD = re.compile(
    rf"(?i){_WHEN}(info|inf|debug|dbg|trace|trc|notice)\b|^[DI]{_RUBY}(info|debug) |{_LEVEL}(info|debug|trace)\b"
)
_QUIET = re.compile(rf"(?i){_WHEN}(debug|dbg|trace|trc)\b|^D{_RUBY}debug |{_LEVEL}(debug|trace)\b")


def is_mild(line: str) -> bool:
    """Whether the program itself calls the line an information: what it quotes there is no error of its own."""
    return _MILD.search(line[:80]) is not None


_FAILED = re.compile(
    rf"(?i){_WHEN}(error|err|fail|crit|fatal|ftl|pnc|critical|panic)\b|^[EF]{_RUBY}(error|fatal) "
    rf"|{_LEVEL}(error|fatal)\b"
)
_PUT_OFF = re.compile(
    r"(?i)\b(?:will be|is|are|to be) (?:re-?tried|re-?sent|sent again|tried again|re-?queued|delivered later)\b"
    r"|\b(?:stored|queued|kept|saved|scheduled|deferred)\b[^\n]{0,40}\b(?:again|later|re-?try|in \d+ ?(?:s|m|min|h)\b)"
)


def is_error(line: str) -> bool:
    """Whether the program itself calls the line an error."""
    return _FAILED.search(line[:80]) is not None


def is_put_off(line: str) -> bool:
    """Whether the program says that it has kept what failed and will do it again, and calls that no error."""
    return _PUT_OFF.search(line[:1000]) is not None and _FAILED.search(line[:80]) is None


def is_quiet(line: str) -> bool:
    """Whether the program says it only for who looks into how it works: nobody is told of a failure so."""
    return _QUIET.search(line[:80]) is not None
