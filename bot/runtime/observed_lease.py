"""A lock on a record that is only kept, not judged, by its server: a Kubernetes Lease.

Used by the elector. Compares no wall clocks: whoever has not seen the record change for its whole duration, by a
monotonic clock of its own, may take it over, by compare-and-swap. So clocks that differ make no second leader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

NOBODY = ""


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """The lease as it is kept.

    holder:      empty: free
    transitions: how often it has changed hands
    version:     changes with each write
    acquires:    only on its way to the store, for people who read the lease: this write changes hands
    """

    holder: str
    transitions: int
    duration_seconds: float
    version: str = ""
    acquires: bool = False


class LeaseStore(Protocol):
    """Keeps one lease. All methods raise `TriageError`."""

    def read(self) -> LeaseRecord | None:
        """The lease; None when there is none yet."""

    def create(self, record: LeaseRecord) -> LeaseRecord | None:
        """Make it; None when somebody else just did."""

    def replace(self, record: LeaseRecord) -> LeaseRecord | None:
        """Write it if it still has `record.version`, and return it with its new one; None when it has not."""


class ObservedLease:
    """One candidate's view of the lease. Implements `Lock`. `identity` is new for each process."""

    def __init__(
        self, store: LeaseStore, identity: str, duration_seconds: float, monotonic: Callable[[], float]
    ) -> None:
        self._store = store
        self._identity = identity
        self._duration = duration_seconds
        self._monotonic = monotonic
        self._mine: LeaseRecord | None = None
        self._seen: LeaseRecord | None = None
        self._seen_at = 0.0

    def acquire(self) -> bool:
        """Take it when nobody holds it, or its holder has not shown a sign of life for its whole duration."""
        self._mine = None
        found = self._store.read()
        if found is None:
            self._mine = self._store.create(LeaseRecord(self._identity, 0, self._duration, acquires=True))
        elif self._is_free(found):
            transitions = found.transitions + 1
            mine = LeaseRecord(self._identity, transitions, self._duration, found.version, acquires=True)
            self._mine = self._store.replace(mine)
        return self._mine is not None

    def renew(self) -> bool:
        """Write it again. Where the last answer got lost, the version is looked up first."""
        if self._mine is None:
            return False
        written = self._store.replace(self._mine)
        if written is None:
            found = self._store.read()
            if found is not None and found.holder == self._identity and found.transitions == self._mine.transitions:
                written = self._store.replace(replace(self._mine, version=found.version))
        self._mine = written
        return written is not None

    def release(self) -> None:
        """Let the next one begin at once."""
        mine, self._mine = self._mine, None
        if mine is not None:
            self._store.replace(replace(mine, holder=NOBODY))

    def _is_free(self, found: LeaseRecord) -> bool:
        if found.holder == NOBODY:
            return True
        now = self._monotonic()
        if found != self._seen:
            self._seen, self._seen_at = found, now
            return False
        return now - self._seen_at >= max(found.duration_seconds, self._duration)
