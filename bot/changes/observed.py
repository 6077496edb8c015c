"""How long this process has seen a change stand still, by its own monotonic clock. Used by the ticker and by recovery.

Another machine's wall clock says nothing: a lease is over when whoever wants it has itself seen the row unchanged for
the whole duration, as the elector does it (`bot.runtime.observed_lease`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from bot.domain.changes import Change

REMEMBERED = 2_000


class Observations:
    """What was seen of changes, each since when. Thread-safe; forgets the oldest."""

    def __init__(self, monotonic: Callable[[], float], owner: str) -> None:
        self._monotonic, self._owner = monotonic, owner
        self._lock = threading.Lock()
        self._stood: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._left: OrderedDict[str, float] = OrderedDict()

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return self._monotonic()

    def stood_for(self, change: Change) -> timedelta:
        """How long the row has been seen as it is: nobody renewed it."""
        now = self._monotonic()
        with self._lock:
            version, since = self._stood.pop(change.id, (change.version, now))
            if version != change.version:
                version, since = change.version, now
            self._stood[change.id] = (version, since)
            if change.owner not in ("", self._owner):
                self._left.pop(change.id, None)
            _trim(self._stood)
        return timedelta(seconds=now - since)

    def left_for(self, change: Change) -> timedelta:
        """How long it has been seen without anybody who might still send something, this process aside."""
        now = self._monotonic()
        with self._lock:
            since = self._left.setdefault(change.id, now)
            _trim(self._left)
        return timedelta(seconds=now - since)


def _trim(seen: OrderedDict[str, object] | OrderedDict[str, tuple[int, float]] | OrderedDict[str, float]) -> None:
    while len(seen) > REMEMBERED:
        seen.popitem(last=False)
