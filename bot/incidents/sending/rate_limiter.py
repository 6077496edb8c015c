"""Decides which message goes to the chat when: coalesced, within the platform's rates, the final state always.

Used by `queue`. Pure apart from its own state: the time is passed in (seconds of a monotonic clock).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, replace

from bot.incidents.ports import Content, Target

LOOK_AGAIN_SECONDS = 1.0
POST, EDIT, EVERYTHING = "post", "edit", "*"
"""The ways by which messages go, each with rates of its own."""


@dataclass
class PendingMessage:
    """The newest state of one message. `attempt` counts from 1; `stands`: it was sent, only that is not noted yet."""

    target: Target
    content: Content
    final: bool
    attempt: int = 1
    stands: bool = False

    @property
    def way(self) -> str:
        """By which it goes, which is what the platform limits."""
        return EDIT if self.target.ts else POST


@dataclass(frozen=True)
class RateLimits:
    """How much may be sent. Seconds, and messages per minute or second; posts are counted by channel.

    interval_seconds:       between two progress edits of one message
    redraw_seconds:         between two final states of one message: a card that many people change is drawn once
    progress_per_minute:    the part of the edits of a minute that progress may use
    first_pause_seconds:    after a failure; doubled with each further one, up to `longest_pause_seconds`
    """

    interval_seconds: float
    redraw_seconds: float
    edits_per_minute: int
    progress_per_minute: int
    posts_at_once: int
    posts_per_second: float
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 30.0

    def pause(self, failures: int) -> float:
        """Seconds until the next attempt, after so many failures in a row."""
        return min(self.first_pause_seconds * 2.0 ** min(failures - 1, 10), self.longest_pause_seconds)


class RateLimiter:
    """At most one waiting state of each message, always the newest. Not thread-safe: `Outbox` holds a lock."""

    def __init__(self, pace: RateLimits) -> None:
        self.pace = pace
        self._waiting: OrderedDict[str, PendingMessage] = OrderedDict()
        self._under_way: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._no_redraw_before: dict[str, float] = {}
        self._promised: set[str] = set()
        self._edits: deque[float] = deque()
        self._posts: dict[str, deque[float]] = {}
        self._paused: dict[str, float] = {}

    def put(self, pending: PendingMessage) -> None:
        """Note the newest state of a message. A progress step never replaces a final state that still waits."""
        waiting = self._waiting.get(pending.target.id)
        if waiting is None or pending.final or not waiting.final:
            self._waiting[pending.target.id] = pending

    def withdraw(self, target: Target) -> None:
        """Forget what waits for this message."""
        self._waiting.pop(target.id, None)
        if not target.ts and target.id not in self._under_way:
            self._promised.discard(target.id)

    def take(self, now: float) -> PendingMessage | None:
        """The message to send now, if any is due: final states first, then first answers, then progress. It is under
        way until `done` or `retry`."""
        due = [pending for pending in self._waiting.values() if self._due_at(pending, now) <= now]
        if not due:
            return None
        pending = min(due, key=lambda one: (not one.final, bool(one.target.ts)))
        del self._waiting[pending.target.id]
        self._under_way.add(pending.target.id)
        self._count(pending, now)
        return pending

    def done(self, pending: PendingMessage, now: float) -> None:
        """It was sent, or given up."""
        self._under_way.discard(pending.target.id)
        self._not_before[pending.target.id] = now + self.pace.interval_seconds
        if pending.final:
            self._no_redraw_before[pending.target.id] = now + self.pace.redraw_seconds

    def retry(self, pending: PendingMessage, seconds: float, now: float, *, everything: str = "") -> None:
        """Send it again in `seconds`, unless a newer state came meanwhile. `everything`: hold all messages that go by
        this way as well, because the platform limits the way and not the message; `EVERYTHING` holds all there are."""
        self.done(pending, now)
        newer = self._waiting.get(pending.target.id)
        if newer is None or (pending.final and not newer.final):
            newer = pending
        self._waiting[pending.target.id] = replace(newer, attempt=pending.attempt + 1)
        self._not_before[pending.target.id] = now + seconds
        if everything:
            self._paused[everything] = max(self._paused.get(everything, now), now + seconds)

    def is_under_way(self, target: Target) -> bool:
        """Whether it is being sent at this moment."""
        return target.id in self._under_way

    def seconds_until_due(self, now: float) -> float | None:
        """How long to wait until `take` has something; None: nothing waits, or only what is under way anyhow."""
        times = [self._due_at(pending, now) for key, pending in self._waiting.items() if key not in self._under_way]
        return max(0.0, min(times) - now) if times else None

    def empty(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._waiting and not self._under_way

    def _due_at(self, pending: PendingMessage, now: float) -> float:
        target = pending.target
        if target.id in self._under_way:
            return float("inf")
        own = self._not_before.get(target.id, now)
        redraw = self._no_redraw_before.get(target.id, now)
        waits_for_itself = own if not pending.final or pending.attempt > 1 else redraw
        paused = max(self._paused.get(pending.way, now), self._paused.get(EVERYTHING, now))
        budget = self._edit_budget(pending, now) if target.ts else self._post_budget(pending, now)
        return max(waits_for_itself, paused, budget)

    def _edit_budget(self, pending: PendingMessage, now: float) -> float:
        """Progress may use only a part of the edits of a minute, so that final states find some left."""
        recent = [sent for sent in self._edits if now - sent < 60.0]
        if not pending.final and len(recent) + len(self._promised) >= self.pace.edits_per_minute:
            return now + LOOK_AGAIN_SECONDS
        most = self.pace.edits_per_minute if pending.final else self.pace.progress_per_minute
        return recent[-most] + 60.0 if len(recent) >= most else now

    def _post_budget(self, pending: PendingMessage, now: float) -> float:
        """A few at once, then one by one. A first answer promises an edit: where none is left for it, it waits, and the
        final state will be posted in its place."""
        recent_edits = sum(1 for sent in self._edits if now - sent < 60.0)
        if not pending.final and recent_edits + len(self._promised) >= self.pace.edits_per_minute:
            return now + LOOK_AGAIN_SECONDS
        posts, most = self._posts.get(pending.target.channel, deque()), self.pace.posts_at_once
        window = most / self.pace.posts_per_second
        recent = [sent for sent in posts if now - sent < window]
        return recent[-most] + window if len(recent) >= most else now

    def _count(self, pending: PendingMessage, now: float) -> None:
        if pending.final:
            self._promised.discard(pending.target.id)
        elif not pending.target.ts:
            self._promised.add(pending.target.id)
        if pending.target.ts:
            self._edits.append(now)
        else:
            self._posts.setdefault(pending.target.channel, deque(maxlen=self.pace.posts_at_once)).append(now)
        while self._edits and now - self._edits[0] >= 60.0:
            self._edits.popleft()
        for times in (self._not_before, self._no_redraw_before):
            for key in [key for key, at in times.items() if at <= now]:
                del times[key]
