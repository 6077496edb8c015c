"""The one lock of the workspace, and the news of every change made under it.

Every part of the workspace changes its state inside `with changes.lock`, then calls `note`. Waiting tests wake up on
the condition; open browser pages get the change itself. It never calls back into the workspace.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class WorkspaceChange:
    """One thing that changed.

    kind:     message, message_gone, ephemeral, ephemeral_gone, notice, views, home, channel, control, delivery, call…
    audience: the only person who may see it; None for everyone in `channel`
    channel:  where it happened; None when it concerns no channel
    data:     what a page needs to show it
    """

    kind: str
    data: Any = None
    channel: str | None = None
    audience: str | None = None


class Changes:
    """A re-entrant lock with a condition, and listeners."""

    def __init__(self) -> None:
        self.lock = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[WorkspaceChange], None]] = []

    def note(self, change: WorkspaceChange) -> None:
        """Tell everyone. Listeners must be quick and must not raise."""
        with self.lock:
            for listener in tuple(self._listeners):
                listener(change)
            self.lock.notify_all()

    def listen(self, listener: Callable[[WorkspaceChange], None]) -> Callable[[], None]:
        """Call `listener` for every change from now on; the returned function ends that."""
        with self.lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self.lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def wait_for(self, predicate: Callable[[], object], timeout_seconds: float) -> bool:
        """True as soon as the predicate holds; False after `timeout_seconds`.

        It is asked again after every change, and now and then: it may look at more than the workspace.
        """
        ends = time.monotonic() + timeout_seconds
        with self.lock:
            while not predicate():
                left = ends - time.monotonic()
                if left <= 0:
                    return False
                self.lock.wait(min(left, _LOOK_AGAIN_SECONDS))
            return True
