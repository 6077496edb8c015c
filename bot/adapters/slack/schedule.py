"""Decides which edit of which message goes to Slack when: coalesced, within a budget, the final state always.

Used by `outbox`. Pure apart from its own state: the time is passed in (seconds of a monotonic clock).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

from bot.adapters.slack.api import MessageRef
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.limits import EDIT_INTERVAL_SECONDS, PROGRESS_EDITS_PER_MINUTE


@dataclass(frozen=True)
class Edit:
    """The newest state of one message. `attempt` counts from 1."""

    ref: MessageRef
    message: Message
    final: bool
    attempt: int = 1


class EditSchedule:
    """At most one waiting edit for each message, always the newest. Not thread-safe: `Outbox` holds a lock."""

    def __init__(
        self, interval_seconds: float = EDIT_INTERVAL_SECONDS, progress_per_minute: int = PROGRESS_EDITS_PER_MINUTE
    ) -> None:
        self._interval = interval_seconds
        self._per_minute = progress_per_minute
        self._waiting: OrderedDict[MessageRef, Edit] = OrderedDict()
        self._not_before: dict[MessageRef, float] = {}
        self._sent: deque[float] = deque()
        self._paused_until = float("-inf")

    def put(self, edit: Edit) -> None:
        """Note the newest state of a message. A progress step never replaces a final state that still waits."""
        waiting = self._waiting.get(edit.ref)
        if waiting is None or edit.final or not waiting.final:
            self._waiting[edit.ref] = edit

    def take(self, now: float) -> Edit | None:
        """The edit to send now, if any is due; final states first."""
        due = [edit for edit in self._waiting.values() if self._due_at(edit, now) <= now]
        if not due:
            return None
        edit = next((one for one in due if one.final), due[0])
        del self._waiting[edit.ref]
        self._not_before[edit.ref] = now + self._interval
        self._sent.append(now)
        self._forget(now)
        return edit

    def seconds_until_due(self, now: float) -> float | None:
        """How long to wait until `take` has something; None: nothing waits."""
        times = [self._due_at(edit, now) for edit in self._waiting.values()]
        return max(0.0, min(times) - now) if times else None

    def retry(self, edit: Edit, seconds: float, now: float, *, everything: bool) -> None:
        """Send it again in `seconds`, unless a newer state came meanwhile. `everything`: hold all other edits as well,
        because Slack limits the method, not the message."""
        again = Edit(edit.ref, edit.message, edit.final, edit.attempt + 1)
        newer = self._waiting.get(edit.ref)
        if newer is None or (edit.final and not newer.final):
            self._waiting[edit.ref] = again
        self._not_before[edit.ref] = now + seconds
        if everything:
            self._paused_until = max(self._paused_until, now + seconds)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def _due_at(self, edit: Edit, now: float) -> float:
        """When this edit may go. A final state waits for a pause only, and for its own retry."""
        own = self._not_before.get(edit.ref, now)
        if edit.final:
            return max(self._paused_until, own if edit.attempt > 1 else now)
        recent = [sent for sent in self._sent if now - sent < 60.0]
        budget = recent[-self._per_minute] + 60.0 if len(recent) >= self._per_minute else now
        return max(self._paused_until, own, budget)

    def _forget(self, now: float) -> None:
        while self._sent and now - self._sent[0] >= 60.0:
            self._sent.popleft()
        self._not_before = {ref: at for ref, at in self._not_before.items() if at > now}
