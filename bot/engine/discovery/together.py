"""Who fails whenever a program passes on another one's error in words too few to tell whose they are. Pure.

A call that fails is written down by both, one answer apart: again and again at the same moment is no chance.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.view import ContainerLog, View
from bot.engine.binding import BoundComponent
from bot.engine.calls.quoting import depth_of
from bot.engine.calls.speaker import own_text
from bot.engine.discovery.evidence import LATELY, component_logs
from bot.engine.values.clocks import clocks_of
from bot.engine.values.levels import is_error

_STAMP = re.compile(r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(?P<part>\d{1,9})Z ")
_BEFORE, _AFTER = timedelta(seconds=0.3), timedelta(seconds=0.05)
"""How far before the caller's line, and (clocks differ a little) after it, the called one's may stand."""
_LEAST = 5
"""Errors of the caller that it takes."""
_MOST = 0.8
"""Share of them beside which the called one has failed."""


class Failed(NamedTuple):
    """One line about a failure: when, and through how many programs what it says came (0: its own)."""

    time: datetime
    depth: int


def failed_lines(view: View, components: Mapping[str, BoundComponent]) -> dict[str, list[Failed]]:
    """Of each component the lines of the last minutes that it calls errors, in order of time."""
    clocks = clocks_of(view)
    found: dict[str, list[Failed]] = {}
    for name, component in components.items():
        found[name] = sorted(
            Failed(time, depth_of(text))
            for log in component_logs(view, component)
            if not log.previous
            for time, text in _timed(log)
            if time >= clocks.at(log.pod) - LATELY and is_error(text)
        )
    return found


def _timed(log: ContainerLog) -> Iterator[tuple[datetime, str]]:
    """The lines with the kubelet's time to the microsecond: `log_lines` knows whole seconds."""
    for line in own_text(log).splitlines():
        stamp = _STAMP.match(line)
        if stamp is None:
            continue
        with suppress(ValueError):  # a program's own words may look like a time
            yield datetime.fromisoformat(f"{stamp['time']}.{stamp['part'][:6]:0<6}+00:00"), line[stamp.end() :]


def failing_together(name: str, lines: Mapping[str, Sequence[Failed]]) -> list[str]:
    """The components that fail whenever this one passes an error on: through fewer programs, and of these the nearest.

    Empty where it passes on too few errors, or tells of its own beside them.
    """
    own = [item for item in lines.get(name, ()) if item.depth]
    if len(own) < _LEAST:
        return []
    deepest = max(item.depth for item in own)
    nearest: dict[str, int] = {}
    for other, theirs in lines.items():
        shallower = [item for item in theirs if item.depth < deepest]
        if other != name and shallower and _keeps_step(own, shallower):
            nearest[other] = max(item.depth for item in shallower)
    return [other for other, depth in nearest.items() if depth == max(nearest.values())]


def _keeps_step(own: Sequence[Failed], theirs: Sequence[Failed]) -> bool:
    """Whether each has about as many, and most of one stand right behind one of the other."""
    times = [item.time for item in theirs]
    if not _MOST <= len(times) / len(own) <= 1 / _MOST:
        return False
    beside = 0
    for item in own:
        place = bisect_left(times, item.time - _BEFORE)
        beside += place < len(times) and times[place] <= item.time + _AFTER
    return beside >= _MOST * len(own)
