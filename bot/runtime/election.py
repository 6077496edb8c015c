"""Elects one replica as the leader, by a lock that runs out when its holder does not renew it.

Run on a thread of its own by the wiring. Whatever goes wrong while renewing means that the lock was not renewed, and
the holder stops being sure of itself, by its monotonic clock, well before anybody else may take over: a process that
was stopped for a while finds itself deposed when it goes on.

Leadership is an optimisation. What makes an effect happen once is its claim in the database (`effects`), which goes by
the term: a number that the database gives out, higher for each new leader.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import TriageError

_log = logging.getLogger(__name__)


class Lock(Protocol):
    """A lock with an end. Every call has a time limit below half of `Timing.sure_seconds`, and raises `TriageError`."""

    def acquire(self) -> bool:
        """Take it if it is free."""

    def renew(self) -> bool:
        """Hold it for longer; False when it was lost."""

    def release(self) -> None:
        """Give it back, if it is still held."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. lease: others wait so long without a sign of life; sure: the holder is sure for so long."""

    lease_seconds: float = 15
    sure_seconds: float = 10
    retry_seconds: float = 2

    def __post_init__(self) -> None:
        if not 0 < self.retry_seconds < self.sure_seconds < self.lease_seconds:
            raise ValueError("a leader must renew often, and doubt itself before others may take over")


class Elector:
    """One candidate. Implements `Leadership`.

    `begin_term` gets a new term from the database: who has no database does not lead. `monotonic` is in seconds.
    `on_change` is told the term when leadership begins, and None when it ends.
    """

    def __init__(
        self,
        lock: Lock,
        begin_term: Callable[[], int],
        monotonic: Callable[[], float],
        *,
        timing: Timing | None = None,
        on_change: Callable[[int | None], None] = lambda _: None,
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._lock = lock
        self._begin_term = begin_term
        self._monotonic = monotonic
        self._timing = timing or Timing()
        self._on_change = on_change
        self._failed = failed
        self._held: tuple[int, float] | None = None
        self._trouble = ""

    def term(self) -> int | None:
        """See `Leadership`."""
        held = self._held
        if held is None or self._monotonic() >= held[1]:
            return None
        return held[0]

    def trouble(self) -> str:
        """Why the last attempt failed; empty when it did not."""
        return self._trouble

    def run(self, stop: threading.Event) -> None:
        """Take part until told to stop, then give the lock back."""
        while not stop.is_set():
            self.tick()
            stop.wait(self._timing.retry_seconds)
        self.release()

    def tick(self) -> None:
        """Renew, or take over what is free. Never raises for a lock or a database that fails."""
        try:
            if self._held is None:
                self._acquire()
            else:
                self._renew(self._held[0])
            self._trouble = ""
        except TriageError as error:
            if str(error) != self._trouble:
                _log.warning("election: the lock cannot be taken or renewed: %s", error)
            self._trouble = str(error)
        except Exception:  # noqa: BLE001  the boundary of a loop: whatever it was, the lock was not renewed
            mark = secrets.token_hex(4)
            _log.exception("incident %s: a round of the election died; it goes on", mark)
            self._trouble = f"A mistake in the bot: look for incident {mark} in its log."
            self._failed("election")
        if self._held is not None and self.term() is None:
            self._lose("it could not renew the lock in time")

    def release(self) -> None:
        """Stop leading and let somebody else begin at once."""
        if self._held is None:
            return
        self._held = None
        self._on_change(None)
        try:
            self._lock.release()
        except TriageError as error:
            _log.warning("election: the lock was not given back; it runs out by itself: %s", error)

    def _acquire(self) -> None:
        began = self._monotonic()  # before the request: later nobody can know when it took effect
        if not self._lock.acquire():
            return
        begun = False
        try:
            term = self._begin_term()
            begun = True
        finally:
            if not begun:
                self._lock.release()
        self._held = (term, began + self._timing.sure_seconds)
        _log.info("election: this replica leads, term %d", term)
        self._on_change(term)

    def _renew(self, term: int) -> None:
        began = self._monotonic()
        if self._lock.renew():
            self._held = (term, began + self._timing.sure_seconds)
        else:
            self._lose("another one has the lock")

    def _lose(self, why: str) -> None:
        self._held = None
        _log.warning("election: this replica leads no more: %s", why)
        self._on_change(None)
