"""A circuit breaker: after several failures in a row, nobody waits for the model for a while. Clock injected."""

from __future__ import annotations

import threading
from collections.abc import Callable

FAILURES = 3
PAUSE_SECONDS = 60.0


class Breaker:
    """Closed, it lets every call through. Open, none. After the pause it lets one through, which decides."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    def allows(self) -> bool:
        """Whether a call may be made now. Whoever is told yes must say `succeeded` or `failed` afterwards."""
        with self._lock:
            if self._opened is None:
                return True
            if self._trying or self._monotonic() - self._opened < PAUSE_SECONDS:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The server answered, whatever it said."""
        with self._lock:
            self._failures, self._opened, self._trying = 0, None, False

    def failed(self) -> None:
        """The server did not answer, or with an error of its own."""
        with self._lock:
            self._failures += 1
            self._trying = False
            if self._failures >= FAILURES:
                self._opened = self._monotonic()
