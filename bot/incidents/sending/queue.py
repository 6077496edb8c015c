"""Sends messages and edits from a few threads of its own, so that nobody else waits for the chat and nobody floods it.

Used by the answers and by the cards. The final state of a message is tried again until the platform takes it or says
that it never will; a message that was deleted meanwhile is posted anew. What is still unsent when the program ends is
known to the store: another process, or this one after its restart, brings it up to date (see `upkeep`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from bot.domain.errors import ChatError, TriageError, Unsent
from bot.incidents.card_model import CardModel
from bot.incidents.ports import Content, Target
from bot.incidents.sending.rate_limiter import EVERYTHING, PendingMessage, RateLimiter
from bot.runtime.logs import about_incident
from bot.runtime.loops import Failed, guarded, uncounted

THREADS = 3
NAME = "slack-outbox"
PAUSE_SECONDS = 0.5

_log = logging.getLogger(__name__)


class ChatClient(Protocol):
    """What the queue needs of a chat platform. Each raises `ChatError`, whose `unsent` says why, and never waits."""

    def edit_once(self, channel: str, ts: str, message: CardModel) -> None:
        """Replace a message of ours."""

    def post_once(self, channel: str, message: CardModel, thread_ts: str | None, marker: Mapping[str, str]) -> str:
        """Post a message and return its timestamp."""

    def find_marked(self, channel: str, thread_ts: str | None, marked: str) -> str:
        """The timestamp of the message of ours whose marker has this id; empty when there is none."""


class RateLimitedQueue:
    """Starts its threads at once; `close` ends them. `monotonic` gives seconds; `failed` counts the unexpected."""

    def __init__(
        self, client: ChatClient, monotonic: Callable[[], float], schedule: RateLimiter,
        failed: Failed = uncounted,
    ) -> None:  # fmt: skip
        self._client = client
        self._failed = failed
        self._monotonic = monotonic
        self._schedule = schedule
        self._changed = threading.Condition()
        self._closed = False
        self._failures = 0
        self._threads = [
            threading.Thread(target=self._run, name=f"{NAME}-{number}", daemon=True) for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def show(self, target: Target, content: Content, *, final: bool) -> None:
        """Show this as soon as that is allowed. Returns at once."""
        with self._changed:
            self._schedule.put(PendingMessage(target, content, final))
            self._changed.notify_all()

    def settle(self, target: Target, timeout: float) -> str:
        """Withdraw what waits for this message, wait for what is being sent, and say where it stands.

        Empty: nowhere. A post whose answer got lost is looked for. Raises `ChatError` when that is impossible.
        """
        with self._changed:
            self._schedule.withdraw(target)
            self._changed.wait_for(lambda: not self._schedule.is_under_way(target), timeout)
            self._schedule.withdraw(target)
        self._find(target)
        return target.ts

    def flush(self, timeout: float) -> bool:
        """Wait until everything was sent; False when `timeout` seconds were not enough."""
        with self._changed:
            return self._changed.wait_for(self._schedule.empty, timeout)

    def close(self, timeout: float) -> None:
        """Flush, then end the threads."""
        if not self.flush(timeout):
            _log.warning("some messages could not be brought up to date before the bot stopped; the next start does it")
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def alive(self) -> int:
        """How many of its threads are at work."""
        return sum(1 for thread in self._threads if thread.is_alive())

    def _run(self) -> None:
        while not self._closed:
            if not guarded(NAME, self._turn, self._failed, instead=False):
                with self._changed:  # not at once: whatever is wrong may be wrong every time
                    self._changed.wait_for(lambda: self._closed, PAUSE_SECONDS)

    def _turn(self) -> bool:
        """Send the next message; it is done with, whatever becomes of it. False never: whoever raises is no turn."""
        pending = self._next()
        if pending is None:
            return True
        again: tuple[float, str] | None = None
        try:
            with about_incident(pending.target.id):
                again = self._send(pending)
        finally:
            with self._changed:
                now = self._monotonic()
                if again is None:
                    self._schedule.done(pending, now)
                else:
                    self._schedule.retry(pending, again[0], now, everything=again[1])
                self._changed.notify_all()
        return True

    def _next(self) -> PendingMessage | None:
        with self._changed:
            while not self._closed:
                now = self._monotonic()
                pending = self._schedule.take(now)
                if pending is not None:
                    return pending
                self._changed.wait(self._schedule.seconds_until_due(now))
            return None

    def _send(self, pending: PendingMessage) -> tuple[float, str] | None:
        """Send it; None when it is done with, else in how many seconds it is sent again, and what waits with it."""
        try:
            return self._attempt(pending)
        except TriageError as error:  # of whoever is told what became of it
            _log.warning("a message waits: %s", error)
            return self._schedule.pace.pause(pending.attempt), ""

    def _attempt(self, pending: PendingMessage) -> tuple[float, str] | None:
        way = ""
        try:
            model = None if pending.stands else pending.content.message()
            if model is not None:
                self._find(pending.target)
                way = pending.way
                self._deliver(pending.target, model)
                self._failures = 0
                pending.stands = True
            if pending.stands:
                pending.content.shown(pending.target)
        except ChatError as error:
            return self._unsent(pending, error, way)
        return None

    def _find(self, target: Target) -> None:
        """Where it stands, if a post of it may have been sent whose answer nobody heard."""
        if not target.ts and target.doubtful:
            newest = self._client.find_marked(target.channel, target.thread_ts, target.id)
            target.ts = "" if newest == target.gone else newest
            target.doubtful = False

    def _deliver(self, target: Target, message: CardModel) -> None:
        if target.ts:
            self._client.edit_once(target.channel, target.ts, message)
        else:
            target.ts = self._client.post_once(target.channel, message, target.thread_ts, target.marker)

    def _unsent(self, pending: PendingMessage, error: ChatError, way: str) -> tuple[float, str] | None:
        target = pending.target
        if error.unsent is Unsent.TOO_FAST:
            return error.retry_after, way
        if error.unsent is Unsent.LATER:
            target.doubtful |= error.may_have_arrived and not target.ts
            return self._later(pending, error)
        if error.unsent is Unsent.GONE and target.ts:
            if not pending.final:
                return None
            # Another drawing of it may have found so before, and posted it anew without an answer.
            target.gone, target.ts, target.doubtful = target.ts, "", True
            return 0.0, ""
        _log.error("a message was not shown: %s", error)
        pending.content.refused(target, error)
        return None

    def _later(self, pending: PendingMessage, error: ChatError) -> tuple[float, str] | None:
        """The platform has trouble: everything waits a little, longer each time. A mere progress step is let go."""
        if not pending.final and pending.target.ts:
            _log.warning("a progress step was not shown: %s", error)
            return None
        self._failures += 1
        _log.warning("a message waits for the chat: %s", error)
        return self._schedule.pace.pause(self._failures), EVERYTHING
