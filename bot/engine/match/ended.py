"""Whether what a log tells of is over at the end of the same log. Called by the matcher for each symptom that it found.

A start that failed, and one that succeeded after it: the first run's error is told, and that it is over. Only lines of
the same process count, which are those with the same names in their prefix; without names, the log must not have been
put together by hand, as far as its rows show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.engine.match.clean import CleanPaste
from bot.engine.match.patterns import Regex
from bot.engine.match.times import LogTime, stamp_of

_TRIED = 200
"""Lines that show an end that are looked at."""
_BEFORE = 8
"""Rows above one without a time in which that of its process is looked for."""
_OTHER_LOG = re.compile(
    rb"(?m)^(?:[^\n]{0,80}\b(?:kubectl|oc|docker|podman|nerdctl|crictl|stern|journalctl|tail|less|cat)\s[^\n]{0,200}"
    rb"|==> .{1,200} <==|-{3,}.{0,80}|```.{0,20})$"
)
"""A command, or a heading between two logs."""


class Last(NamedTuple):
    """The row of a process' last error, and when it was written, as far as its message or an earlier one says."""

    row: int
    time: LogTime | None


class End(NamedTuple):
    """The row that shows that something is over."""

    row: int
    text: str


def end_of(paste: CleanPaste, shows: Regex, last: Mapping[tuple[str, ...], Last]) -> End | None:
    """The row after which it is over for every process that told of it; None if one of them does not say so.

    `last`: the last error of each process, by the names in its prefix.
    """
    left = dict(last)
    for row in _rows(paste, shows, min(one.row for one in last.values())):
        names = paste.names(row, 1)[0]
        if names in left and row > left[names].row and _comes_after(paste, left[names], row, names):
            del left[names]
            if not left:
                return End(row, paste.row(row))
    return None


def _rows(paste: CleanPaste, shows: Regex, after: int) -> Iterator[int]:
    """The rows after this one that show an end, in order."""
    tried = 0
    for block in paste.blocks:
        if block.first + block.rows - 1 <= after:
            continue
        for match in shows.finditer(block.data, 0, len(block.data)):
            row = block.first + block.data.count(b"\n", 0, match.start())
            if row > after:
                yield row
                tried += 1
            if tried >= _TRIED:
                return


def _comes_after(paste: CleanPaste, error: Last, row: int, names: tuple[str, ...]) -> bool:
    """Whether the row was written after the error, by the same process."""
    written, since = _time(paste, row, names), error.time
    if written is not None and since is not None and written.dated == since.dated and written.time < since.time:
        return False
    return bool(names) or not _of_two_logs(paste, error.row, row)


def _time(paste: CleanPaste, row: int, names: tuple[str, ...]) -> LogTime | None:
    """When a row was written: by itself, or by the nearest row above it of the same process."""
    for number in range(row, max(row - _BEFORE, 0), -1):
        origin = paste.origin(number)
        if origin.names == names and (stamp := stamp_of(origin.time, paste.row(number))) is not None:
            return stamp
    return None


def _of_two_logs(paste: CleanPaste, first: int, last: int) -> bool:
    """Whether something between two rows shows that another log begins there."""
    for block in paste.blocks:
        if block.first > last or block.first + block.rows <= first:
            continue
        rows = block.data.split(b"\n")[max(first - block.first, 0) : last - block.first + 1]
        if _OTHER_LOG.search(b"\n".join(rows)):
            return True
    return False
