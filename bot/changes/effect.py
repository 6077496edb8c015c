"""The effect of a claimed change: its writes, one by one, each sent once.

Called right after the claim, and by `recovery` for what a stopped process has left. Before each write the claim is
renewed by compare-and-swap, so that a process that slept too long finds out before it writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.changes import messages
from bot.changes.deps import IN_FLIGHT, LEASE, SEND_WITHIN, SURE_AFTER, UNCERTAIN, ChangeDeps
from bot.changes.journal import BOT, LATE, Overtaken, seconds
from bot.changes.ports import ClusterWriter
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError, ClusterUnreachable, OutcomeUnknown

ASK_AGAIN = seconds(5)
"""When to ask the cluster again what came of a write that got no answer."""
FIRST_LOOK = seconds(2)
"""When to look first whether it helped."""


def carry_out(deps: ChangeDeps, change: Change, writer: ClusterWriter, done: Sequence[Write] = ()) -> Change:
    """Send the writes that are not done yet, in order, and say what came of it. Raises `Overtaken` and `StoreError`."""
    finished = list(done)
    sent = False
    try:
        for write in change.writes:
            if write in finished:
                continue
            change = _leased(deps, change)
            try:
                writer.apply(deps.actor_of(change), write, change.id)
            except OutcomeUnknown as exc:
                if seen(writer, write, change.id) is not True:
                    return leave(deps, change, messages.outcome_unknown(write, exc))
            except ClusterUnreachable as exc:
                if finished:
                    return leave(deps, change, messages.waiting_to_finish(write, exc))
                return stop(deps, change, finished, exc)
            except ClusterError as exc:
                return stop(deps, change, finished, exc)
            finished.append(write)
            sent = True
        return applied(deps, change)
    except Overtaken:
        if not sent:
            raise
        return _own_up(deps, change, finished)


def _leased(deps: ChangeDeps, change: Change) -> Change:
    """The change with a lease that is fresh by the monotonic clock at the moment of sending."""
    while True:
        began = deps.observed.now()
        change = deps.journal.lease(change, deps.owner, deps.clock() + LEASE)
        if deps.observed.now() - began <= SEND_WITHIN.total_seconds():
            return change


def _own_up(deps: ChangeDeps, change: Change, finished: Sequence[Write]) -> Change:
    """It was given to somebody else while it was being written, and the writes took effect: that is said, in the audit
    and on the card, and looked after.
    """
    deps.journal.note(LATE, change, {"targets": messages.targets(finished)})
    newest = deps.journal.store.get(change.id)
    if newest is None or newest.state is not ChangeState.FAILED:
        return newest or change  # who has it now finds the marks in the cluster
    details = {name: value for name, value in newest.details.items() if name != UNCERTAIN}
    if len(finished) < len(change.writes):
        return deps.journal.touch(newest, outcome=messages.late_in_part(change, finished), details=details)
    until = deps.clock() + LEASE
    lease = {"owner": deps.owner, "owned_until": until, "due_at": until}
    moved = deps.journal.move(
        newest, ChangeState.APPLIED, BOT, "took effect late", outcome=messages.late(change), details=details, **lease
    )
    return begin_to_verify(deps, moved)


def seen(writer: ClusterWriter, write: Write, change_id: str) -> bool | None:
    """What the cluster says about a write; None also when it cannot be asked now."""
    try:
        return writer.was_applied(write, change_id)
    except ClusterError:
        return None


def leave(deps: ChangeDeps, change: Change, outcome: str) -> Change:
    """Let the ticker find out. `owned_until` is such that `recovery` believes a “no” only when nothing is in flight."""
    now = deps.clock()
    deps.observed.left_for(change)
    return deps.journal.later(
        change, now + ASK_AGAIN, owned_until=now + IN_FLIGHT + LEASE - SURE_AFTER, outcome=outcome
    )


def stop(deps: ChangeDeps, change: Change, done: Sequence[Write], why: ClusterError) -> Change:
    """Report exactly what was done and what was not."""
    outcome = messages.stopped(change, done, messages.words_of(why))
    return deps.journal.finish(change, ChangeState.FAILED, outcome)


def applied(deps: ChangeDeps, change: Change) -> Change:
    """All writes are in the cluster: say so, then begin to look whether it helped."""
    until = deps.clock() + LEASE
    outcome = messages.applied(change)
    lease = {"owner": deps.owner, "owned_until": until, "due_at": until}
    change = deps.journal.move(change, ChangeState.APPLIED, BOT, outcome=outcome, **lease)
    return begin_to_verify(deps, change)


def begin_to_verify(deps: ChangeDeps, change: Change) -> Change:
    """Start the time in which it must show that it helped. What was undone is marked first."""
    mark_undone(deps, change)
    now = deps.clock()
    due = now + FIRST_LOOK
    return deps.journal.move(
        change,
        ChangeState.VERIFYING,
        BOT,
        verify_until=now + deps.authority.limits().verify_for,
        calm_since=None,
        owner="",
        owned_until=due,
        due_at=due,
        outcome=messages.verifying(change),
    )


def mark_undone(deps: ChangeDeps, change: Change) -> None:
    """The change that this one takes back is rolled back now; done again after a crash, it does nothing."""
    if not change.undoes:
        return
    original = deps.journal.store.get(change.undoes)
    if original is None or original.state is ChangeState.ROLLED_BACK:
        return
    by = change.requester.user if change.requester else BOT
    try:
        deps.journal.finish(original, ChangeState.ROLLED_BACK, messages.taken_back(change), by)
    except Overtaken:
        # Nothing but this very mark can move a finished change: another replica has set it.
        return
