"""Sends messages and edits from a few threads of its own, so that nobody else waits for Slack and nobody floods it.

Used by the answers and by the cards. The final state of a message is tried again until Slack takes it or says that it
never will; a message that was deleted meanwhile is posted anew. What is still unsent when the program ends is known to
the store: another process, or this one after its restart, brings it up to date (see `upkeep`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.render.card import as_message
from bot.adapters.slack.send.errors import PASSING, SlackRefused, SlackUnreachable
from bot.adapters.slack.send.rate_limiter import PendingMessage, RateLimiter
from bot.domain.errors import SlackError, TriageError
from bot.incidents.ports import Content, Target
from bot.runtime.logs import about_incident
from bot.runtime.loops import Failed, guarded, uncounted

THREADS = 3
NAME = "slack-outbox"
PAUSE_SECONDS = 0.5
_UNEDITABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})

_log = logging.getLogger(__name__)


class SlackClient(Protocol):
    """What the outbox needs of the Web API. Each raises `SlackError` and never waits."""

    def edit_once(self, channel: str, ts: str, message: Message) -> None:
        """Replace a message of ours."""

    def post_once(self, channel: str, message: Message, thread_ts: str | None, marker: Mapping[str, str]) -> str:
        """Post a message and return its timestamp."""

    def find_marked(self, channel: str, thread_ts: str | None, marked: str) -> str:
        """The timestamp of the message of ours whose marker has this id; empty when there is none."""


class Outbox:
    """Starts its threads at once; `close` ends them. `monotonic` gives seconds; `failed` counts the unexpected."""

    def __init__(
        self, client: SlackClient, monotonic: Callable[[], float], schedule: RateLimiter | None = None,
        failed: Failed = uncounted,
    ) -> None:  # fmt: skip
        self._client = client
        self._failed = failed
        self._monotonic = monotonic
        self._schedule = schedule or RateLimiter()
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

        Empty: nowhere. A post whose answer got lost is looked for. Raises `SlackError` when that is impossible.
        """
        with self._changed:
            self._schedule.withdraw(target)
            self._changed.wait_for(lambda: not self._schedule.is_under_way(target), timeout)
            self._schedule.withdraw(target)
        if not target.ts and target.doubtful:
            target.ts = self._client.find_marked(target.channel, target.thread_ts, target.id)
            target.doubtful = False
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
        try:
            model = pending.content.message()
            if model is None:
                return None
            self._deliver(pending.target, as_message(model))
            self._failures = 0
            pending.content.shown(pending.target)
        except SlackRefused as refused:
            return self._refused(pending, refused)
        except SlackUnreachable as lost:
            pending.target.doubtful |= lost.arrived and not pending.target.ts
            return self._later(pending, lost)
        return None

    def _deliver(self, target: Target, message: Message) -> None:
        if not target.ts and target.doubtful:
            target.ts = self._client.find_marked(target.channel, target.thread_ts, target.id)
            target.doubtful = False
        if target.ts:
            self._client.edit_once(target.channel, target.ts, message)
        else:
            target.ts = self._client.post_once(target.channel, message, target.thread_ts, target.marker)

    def _refused(self, pending: PendingMessage, refused: SlackRefused) -> tuple[float, str] | None:
        target = pending.target
        if refused.code == "ratelimited":
            return refused.retry_after, refused.method
        if refused.status >= 500 or refused.code in PASSING:
            target.doubtful |= not target.ts  # "some aspect of the operation may have succeeded", as Slack puts it
            return self._later(pending, refused)
        if refused.code in _UNEDITABLE and target.ts:
            if not pending.final:
                return None
            target.ts = ""
            return 0.0, ""
        _log.error("a message was not shown: %s", refused)
        pending.content.refused(target, refused)
        return None

    def _later(self, pending: PendingMessage, error: SlackError) -> tuple[float, str] | None:
        """Slack has trouble: everything waits a little, longer each time. A mere progress step is let go."""
        if not pending.final and pending.target.ts:
            _log.warning("a progress step was not shown: %s", error)
            return None
        self._failures += 1
        _log.warning("a message waits for Slack: %s", error)
        return self._schedule.pace.pause(self._failures), "*"
