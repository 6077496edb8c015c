"""Remembers which deliveries were handled, in memory. Used by the Slack adapter where one replica runs.

It forgets everything when the program restarts; then a delivery that is repeated is answered once more, not lost.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.triage.ports import Clock


class MemorySeenEvents:
    """A bounded set of keys with an expiry. Safe to use from several threads; implements `ports.SeenEvents`."""

    def __init__(self, clock: Clock, ttl_seconds: float = 86_400, max_entries: int = 100_000) -> None:
        """Keep each key for `ttl_seconds`, and at most `max_entries` of them: the oldest go first."""
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_seconds)
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._marked: OrderedDict[str, datetime] = OrderedDict()

    def first_time(self, keys: Collection[str]) -> bool:
        """True if none of the keys was seen before; marks all of them as seen."""
        with self._lock:
            now = self._clock()
            self._expire(now)
            fresh = not any(key in self._marked for key in keys)
            for key in keys:
                self._marked.setdefault(key, now)
            while len(self._marked) > self._max_entries:
                self._marked.popitem(last=False)
            return fresh

    def forget(self, keys: Collection[str]) -> None:
        """Undo the mark, because the work could not be queued after all."""
        with self._lock:
            for key in keys:
                self._marked.pop(key, None)

    def _expire(self, now: datetime) -> None:
        while self._marked:
            key, marked = next(iter(self._marked.items()))
            if now - marked < self._ttl:
                return
            del self._marked[key]
