"""The effect of a claimed change: its writes, one by one, each sent once.

Called right after the claim, and by `recovery` for what a stopped process has left. Before each write the claim is
renewed by compare-and-swap, so that a process that slept too long finds out before it writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.changes import wording
from bot.changes.journal import BOT, LATE, Overtaken, seconds
from bot.changes.means import IN_FLIGHT, LEASE, SEND_WITHIN, SURE_AFTER, UNCERTAIN, ChangeDeps
from bot.changes.ports import ClusterWriter
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError, ClusterUnreachable, OutcomeUnknown

ASK_AGAIN = seconds(5)
"""When to ask the cluster again what came of a write that got no answer."""
FIRST_LOOK = seconds(2)
"""When to look first whether it helped."""


def carry_out(means: ChangeDeps, change: Change, writer: ClusterWriter, done: Sequence[Write] = ()) -> Change:
    """Send the writes that are not done yet, in order, and say what came of it. Raises `Overtaken` and `StoreError`."""
    finished = list(done)
    sent = False
    try:
        for write in change.writes:
            if write in finished:
                continue
            change = _leased(means, change)
            try:
                writer.apply(means.actor_of(change), write, change.id)
            except OutcomeUnknown as exc:
                if seen(writer, write, change.id) is not True:
                    return leave(means, change, wording.outcome_unknown(write, exc))
            except ClusterUnreachable as exc:
                if finished:
                    return leave(means, change, wording.waiting_to_finish(write, exc))
                return stop(means, change, finished, exc)
            except ClusterError as exc:
                return stop(means, change, finished, exc)
            finished.append(write)
            sent = True
        return applied(means, change)
    except Overtaken:
        if not sent:
            raise
        return _own_up(means, change, finished)


def _leased(means: ChangeDeps, change: Change) -> Change:
    """The change with a lease that is fresh by the monotonic clock at the moment of sending."""
    while True:
        began = means.observed.now()
        change = means.journal.lease(change, means.owner, means.clock() + LEASE)
        if means.observed.now() - began <= SEND_WITHIN.total_seconds():
            return change


def _own_up(means: ChangeDeps, change: Change, finished: Sequence[Write]) -> Change:
    """It was given to somebody else while it was being written, and the writes took effect: that is said, in the audit
    and on the card, and looked after.
    """
    means.journal.note(LATE, change, {"targets": wording.targets(finished)})
    newest = means.journal.store.get(change.id)
    if newest is None or newest.state is not ChangeState.FAILED:
        return newest or change  # who has it now finds the marks in the cluster
    details = {name: value for name, value in newest.details.items() if name != UNCERTAIN}
    if len(finished) < len(change.writes):
        return means.journal.touch(newest, outcome=wording.late_in_part(change, finished), details=details)
    until = means.clock() + LEASE
    lease = {"owner": means.owner, "owned_until": until, "due_at": until}
    moved = means.journal.move(
        newest, ChangeState.APPLIED, BOT, "took effect late", outcome=wording.late(change), details=details, **lease
    )
    return begin_to_verify(means, moved)


def seen(writer: ClusterWriter, write: Write, change_id: str) -> bool | None:
    """What the cluster says about a write; None also when it cannot be asked now."""
    try:
        return writer.was_applied(write, change_id)
    except ClusterError:
        return None


def leave(means: ChangeDeps, change: Change, outcome: str) -> Change:
    """Let the ticker find out. `owned_until` is such that `recovery` believes a “no” only when nothing is in flight."""
    now = means.clock()
    means.observed.left_for(change)
    return means.journal.later(
        change, now + ASK_AGAIN, owned_until=now + IN_FLIGHT + LEASE - SURE_AFTER, outcome=outcome
    )


def stop(means: ChangeDeps, change: Change, done: Sequence[Write], why: ClusterError) -> Change:
    """Report exactly what was done and what was not."""
    outcome = wording.stopped(change, done, wording.words_of(why))
    return means.journal.finish(change, ChangeState.FAILED, outcome)


def applied(means: ChangeDeps, change: Change) -> Change:
    """All writes are in the cluster: say so, then begin to look whether it helped."""
    until = means.clock() + LEASE
    outcome = wording.applied(change)
    lease = {"owner": means.owner, "owned_until": until, "due_at": until}
    change = means.journal.move(change, ChangeState.APPLIED, BOT, outcome=outcome, **lease)
    return begin_to_verify(means, change)


def begin_to_verify(means: ChangeDeps, change: Change) -> Change:
    """Start the time in which it must show that it helped. What was undone is marked first."""
    mark_undone(means, change)
    now = means.clock()
    due = now + FIRST_LOOK
    return means.journal.move(
        change,
        ChangeState.VERIFYING,
        BOT,
        verify_until=now + means.authority.limits().verify_for,
        calm_since=None,
        owner="",
        owned_until=due,
        due_at=due,
        outcome=wording.verifying(change),
    )


def mark_undone(means: ChangeDeps, change: Change) -> None:
    """The change that this one takes back is rolled back now; done again after a crash, it does nothing."""
    if not change.undoes:
        return
    original = means.journal.store.get(change.undoes)
    if original is None or original.state is ChangeState.ROLLED_BACK:
        return
    by = change.requester.user if change.requester else BOT
    try:
        means.journal.finish(original, ChangeState.ROLLED_BACK, wording.taken_back(change), by)
    except Overtaken:
        # Nothing but this very mark can move a finished change: another replica has set it.
        return
