"""How many requests a look may still send. Shared by the threads of one look."""

from __future__ import annotations

import threading


class Budget:
    """A number of requests that is used up; thread-safe."""

    def __init__(self, requests: int) -> None:
        self._left = requests
        self._lock = threading.Lock()

    def take(self, requests: int) -> bool:
        """Use that many if they are left; False (and nothing used) if not."""
        with self._lock:
            if requests > self._left:
                return False
            self._left -= requests
            return True
