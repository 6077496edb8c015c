"""The boundary of everything that runs for as long as the program does: whatever goes wrong in it, it goes on.

Used by upkeep, the message queue, the election and whoever else has a thread of its own. An unexpected exception is
logged with an id, counted, and the next round begins. `Worker` (`bot.diagnosis.worker`) is the same for jobs.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

Failed = Callable[[str], None]
"""Told the name of a loop whose round died of something unexpected."""
Made = TypeVar("Made")

_log = logging.getLogger(__name__)


def uncounted(_: str) -> None:
    """Where nobody counts."""


def guarded(
    name: str, work: Callable[[], Made], failed: Failed = uncounted, instead: Made | None = None
) -> Made | None:
    """What `work` returns; `instead` when it died: the log has the rest under an id, and `failed` is told."""
    try:
        return work()
    except Exception:  # noqa: BLE001  the boundary of a loop: see the module's docstring
        _log.exception("incident %s: a round of %s died; it goes on", secrets.token_hex(4), name)
        failed(name)
        return instead


class Loop:
    """A thread that does the same again and again. `start` it once; `stop` it for good; `soon` asks for a round now."""

    def __init__(self, name: str, work: Callable[[], object], every_seconds: float, failed: Failed = uncounted) -> None:
        self._name = name
        self._work = work
        self._every = every_seconds
        self._failed = failed
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin. A second call does nothing."""
        if not self._started:
            self._started = True
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """End after the round that runs; wait for it up to `timeout` seconds."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def soon(self) -> None:
        """Begin the next round without waiting for its time. Returns at once."""
        self._wanted.set()

    def is_alive(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while True:
            guarded(self._name, self._work, self._failed)
            self._wanted.wait(self._every)
            self._wanted.clear()  # before the round: what is asked for during it gets one of its own
            if self._stopping.is_set():
                return


def watch_threads(failed: Failed) -> None:
    """From now on, count what ends a thread all the same. For the whole process; called once, when it starts."""

    def hook(died: threading.ExceptHookArgs) -> None:
        if died.exc_type is SystemExit or died.exc_value is None:
            return
        name = died.thread.name if died.thread is not None else "a thread"
        _log.critical("the thread %s died", name, exc_info=died.exc_value)
        failed(name.rstrip("0123456789-_ "))

    threading.excepthook = hook
