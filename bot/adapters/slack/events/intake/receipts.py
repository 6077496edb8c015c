"""What this process has told Slack it has, until it is dealt with. Used by `reception` and `posts`.

A row in the inbox stays until everything that follows from its message is safe: its questions are in the store, its
answer stands in Slack, or there is nothing to answer. When the process dies first, another one finds the row.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from enum import Enum

from bot.adapters.slack.events.intake.incoming import Post
from bot.diagnosis.ports import Clock, Inbox
from bot.domain.errors import ChatError, StoreError, TriageError
from bot.domain.incidents import Received
from bot.incidents.ports import new_id
from bot.incidents.questions.triages import LEASE

TOO_OLD = timedelta(hours=2)
"""What nobody got to for so long is not answered any more; Slack delivers no older events either."""
MOST_ATTEMPTS = 3
AT_ONCE = 50

_log = logging.getLogger(__name__)


class Turn(Enum):
    """When an edit is looked at: what was said before is answered first, and what was said since takes its place."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


class Receipts:
    """The messages that this process deals with now. `owner` names the process."""

    def __init__(self, inbox: Inbox, clock: Clock, owner: str) -> None:
        self._inbox = inbox
        self._clock = clock
        self._owner = owner
        self._lock = threading.Lock()
        self._held: dict[str, set[object]] = {}
        self._undropped: set[str] = set()
        self._about: dict[str, tuple[str, str]] = {}
        self._wake: Callable[[], None] = lambda: None

    def wakes(self, wake: Callable[[], None]) -> None:
        """Call this when a message that had to wait can be dealt with: `overdue` gives it then."""
        self._wake = wake

    def receive(
        self, post: Post, keys: Collection[str], overtakes: Collection[str] = (), *, gone: bool = False,
        free: bool = False,
    ) -> Received | None:  # fmt: skip
        """Write down that there is this message; None: it is known already. Raises `StoreError`.

        overtakes: see `Inbox.receive`
        free:      for whoever gets to it first, because this process takes nothing on any more
        """
        now = self._clock()
        item = Received(
            id=new_id(),
            team=post.team,
            channel=post.channel,
            ts=post.ts,
            thread_ts=post.thread_ts or "",
            edited_ts=post.edited_ts,
            gone=gone,
            received_at=now,
            owner="" if free else self._owner,
            owned_until=now if free else now + LEASE,
            attempts=0 if free else 1,
        )
        kept = self._inbox.receive(item, keys, overtakes)
        if kept is not None:
            self._know(kept)
        return kept

    def hold(self, receipt: str) -> Callable[[], None]:
        """Something follows from this message that is not safe yet. What is returned is called when it is; after the
        last one the message is dealt with.

        Once this process gave the message up, that call does nothing: also where the same process has it in hand again.
        """
        if not receipt:
            return lambda: None
        mine = object()
        with self._lock:
            self._held.setdefault(receipt, set()).add(mine)
        return lambda: self._let_go(receipt, mine)

    def _let_go(self, receipt: str, mine: object) -> None:
        with self._lock:
            holds = self._held.get(receipt, set())
            if mine not in holds:
                return  # somebody else deals with it
            holds.discard(mine)
            if holds:
                return
            del self._held[receipt]
        self._drop(receipt)

    def set_free(self, receipt: str) -> None:
        """This process cannot get to it; anybody may."""
        self._give_up(receipt)
        try:
            self._inbox.set_free(receipt, self._clock())
        except TriageError as error:
            _log.warning("a message is taken over only in %d s: %s", LEASE.total_seconds(), error)

    def leave(self, receipt: str, because: TriageError) -> None:
        """This process could not deal with it: anybody may. An error that passes counts as no attempt."""
        passes = isinstance(because, StoreError | ChatError) and because.passing
        self._give_up(receipt)
        try:
            self._inbox.let_lapse(receipt, self._owner, self._clock(), counts=not passes)
        except TriageError as error:
            _log.warning("a message is taken over only in %d s: %s", LEASE.total_seconds(), error)

    def turn_of(self, post: Post) -> Turn:
        """Whether an edit is to be dealt with now. Raises `StoreError`."""
        rows = self._inbox.about(post.channel, post.ts)
        # Its row's own time: a post that was read anew has that of the newest edit.
        mine = next(((one.edited_ts, one.received_at) for one in rows if one.id == post.receipt), None)
        others = [one for one in rows if one.id != post.receipt]
        if any(one.gone or (mine is not None and (one.edited_ts, one.received_at) > mine) for one in others):
            return Turn.NEVER
        return Turn.LATER if others else Turn.NOW

    def ended(self, channel: str, ts: str) -> None:
        """Something about this message is dealt with: an edit of it that waits for that need not wait for upkeep."""
        try:
            waiting = any(not one.owner for one in self._inbox.about(channel, ts))
        except TriageError as error:
            _log.warning("an edit may wait for the next round of upkeep: %s", error)
            return
        if waiting:
            self._wake()

    def overdue(self, limit: int) -> Sequence[Received]:
        """Messages whose process died or let them go, now this one's. Raises `StoreError`."""
        now = self._clock()
        for receipt in tuple(self._undropped):
            self._drop(receipt)
        with self._lock:
            held = {*self._held, *self._undropped}
        self._inbox.extend(self._owner, now + LEASE, held)
        found = self._inbox.take_over(self._owner, now, now + LEASE, min(limit, AT_ONCE)) if limit > 0 else []
        for item in found:
            self._know(item)
        return [item for item in found if not self._is_hopeless(item)]

    def heard(self, team: str) -> None:
        """Events of this workspace arrive now. Raises `StoreError`."""
        self._inbox.heard(team, self._clock())

    def last_heard(self, team: str) -> datetime | None:
        """When they last did, in any process; None: never yet. Raises `StoreError`."""
        return self._inbox.last_heard(team)

    def release(self) -> None:
        """This process ends: others may take over at once what it has not dealt with."""
        try:
            self._inbox.release(self._owner, self._clock())
        except TriageError as error:
            _log.warning("unanswered messages are taken over only in %d s: %s", LEASE.total_seconds(), error)

    def _is_hopeless(self, item: Received) -> bool:
        tried, old = item.attempts > MOST_ATTEMPTS, self._clock() - item.received_at > TOO_OLD
        if tried or old:
            why = f"{MOST_ATTEMPTS} processes died over it" if tried else "it is too old by now"
            _log.error("the message %s/%s stays unanswered: %s", item.channel, item.ts, why)
            self._drop(item.id)
        return tried or old

    def _give_up(self, receipt: str) -> None:
        with self._lock:
            self._held.pop(receipt, None)
            self._about.pop(receipt, None)

    def _know(self, item: Received) -> None:
        with self._lock:
            self._about[item.id] = (item.channel, item.ts)

    def _drop(self, receipt: str) -> None:
        try:
            self._inbox.drop(receipt)
            self._undropped.discard(receipt)
        except TriageError as error:
            self._undropped.add(receipt)
            _log.warning("a message that was dealt with is kept a little longer: %s", error)
            return
        with self._lock:
            about = self._about.pop(receipt, None)
        if about is not None:
            self.ended(*about)
