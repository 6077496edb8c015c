"""Which lines belong to one message: a dump of Node, a Python traceback, the members of a printed object.

Called by the matcher to count incidents, not lines, and to look around a hit. Lines of other pods in between are skipped.
"""

from __future__ import annotations

import re

from bot.engine.match.clean import CleanPaste
from bot.engine.match.sources import NOWHERE, Origin

_REACH = 120
"""How many lines a message may have before and after the line that is asked about."""

_CONTINUES = re.compile(
    r"\s*(?:at\s+\S|\[?cause\]?:|\[errors\]|File\s+\"|Traceback \(most recent|During handling of|The above exception"
    r"|[}\])|+^~]|\.\.\.|ERROR:\s+Exception in ASGI application|Caused by:"
    r"|['\"]?(?:digest|errno|code|syscall|address|port|hostname|userId|is_active|is_anonymous)['\"]?:\s)"
    r"|\s+['\"]?[\w$]+['\"]?:\s"
)
_CAUSE = re.compile(r"\s*\[?cause\]?:")
_MARK = re.compile(r"\s*(?:⨯|x\s+TypeError)\s*")
_CLOSES = re.compile(r"\s*[}\])]+\s*$")
_EXCEPTION = re.compile(r"[\w.]*(?:Error|Exception|Timeout|Group|Exit|Interrupt)\b")
_FRAME = re.compile(r"\s*(?:\|\s*)?File\s+\"")


class Blocks:
    """The messages of one paste. Not shared between threads."""

    def __init__(self, paste: CleanPaste) -> None:
        self._paste = paste
        self._origins: dict[int, Origin] = {}
        self._heads: dict[int, int] = {}

    def origin(self, number: int) -> Origin:
        """Where a line comes from; nowhere in particular if nothing stands before its message."""
        if not self._paste.is_prefixed(number):
            return NOWHERE
        known = self._origins.get(number)
        if known is None:
            known = self._origins[number] = self._paste.origin(number)
        return known

    def head(self, number: int) -> int:
        """The number of the first line of the message that this line belongs to."""
        passed: list[int] = []
        current = number
        while len(passed) < _REACH:
            known = self._heads.get(current)
            if known is not None:
                current = known
                break
            passed.append(current)
            before = self._before(current)
            if before is None or self._is_head(current, before):
                break
            current = before
        for line in passed:
            self._heads[line] = current
        return current

    def text(self, number: int) -> str:
        """The whole message that a line belongs to, from its first line to its last."""
        head = self.head(number)
        lines = [self._paste.line(head)]
        current: int | None = head
        for _ in range(2 * _REACH):
            current = self._after(current) if current is not None else None
            if current is None or self.head(current) != head:
                break
            lines.append(self._paste.line(current))
        return "\n".join(lines)

    def around(self, number: int, reach: int) -> str:
        """The lines of the same source around a line."""
        names = self.origin(number).names
        first, last = max(1, number - reach), min(self._paste.line_count, number + reach)
        return "\n".join(self._paste.line(line) for line in range(first, last + 1) if self.origin(line).names == names)

    def _is_head(self, number: int, before: int) -> bool:
        """Does a new message begin at this line, given the line before it of the same source?"""
        line = self._paste.line(number)
        previous = self._paste.line(before)
        if _CAUSE.match(line):
            return self._repeats_cause(number, _indent(line))
        if not line.strip() or _CONTINUES.match(line):
            return False
        if _MARK.match(line) or not previous.strip():
            return True
        if _indent(line) > 0 and previous.rstrip().endswith(","):
            return False
        if _indent(line) > _indent(previous) and not _CLOSES.match(previous):
            return False
        return not (_EXCEPTION.match(line) and self._follows_frames(before))

    def _repeats_cause(self, number: int, indent: int) -> bool:
        """Two causes at one depth, and no message between them: somebody has cut the rest away with grep."""
        current = self._before(number)
        for _ in range(_REACH):
            if current is None:
                return False
            line = self._paste.line(current)
            if _CAUSE.match(line):
                return _indent(line) == indent
            if line.strip() and not _CONTINUES.match(line):
                return False
            current = self._before(current)
        return False

    def _follows_frames(self, before: int) -> bool:
        """Are the lines up to this one the frames of a Python traceback?"""
        current: int | None = before
        for _ in range(4):
            if current is None:
                return False
            line = self._paste.line(current)
            if _FRAME.match(line):
                return True
            if not line[:1].isspace():
                return False
            current = self._before(current)
        return False

    def _before(self, number: int) -> int | None:
        return self._next(number, -1)

    def _after(self, number: int) -> int | None:
        return self._next(number, 1)

    def _next(self, number: int, step: int) -> int | None:
        """The next line of the same source in this direction."""
        names = self.origin(number).names
        for line in range(number + step, number + step * 40, step):
            if not 1 <= line <= self._paste.line_count:
                return None
            if self.origin(line).names == names:
                return line
        return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
