"""What became of a change whose process has died, or whose write got no answer. The cluster knows; it is asked.

Called by the ticker for changes in `claimed` or `applied` that nobody owns. A change of which nothing was done is never
done late; one that was done in part is finished only while that is certainly still what was approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.changes import messages
from bot.changes.deps import IN_FLIGHT, UNCERTAIN, ChangeDeps, past
from bot.changes.effect import applied, begin_to_verify, carry_out
from bot.changes.journal import seconds
from bot.changes.ports import ClusterWriter, Impersonation
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError, TriageError

ASK_EVERY = seconds(10)
GIVE_UP_AFTER = seconds(2 * 60)
"""When the objects do not show what became of a write, they will not show it later: a person is asked to look."""
GIVE_UP_SILENCE_AFTER = seconds(24 * 60 * 60)
"""The same when the cluster cannot be asked at all: it may be back."""


def recover(deps: ChangeDeps, before: Change, change: Change) -> Change:
    """Find out and go on, or report. `before` is the change as it was found, `change` the same, owned by us now.

    Raises `Overtaken` and `StoreError`.
    """
    if change.state is ChangeState.APPLIED:
        return begin_to_verify(deps, change)
    try:
        writer = deps.writer_to(change.cluster)
        answers = [writer.was_applied(write, change.id) for write in change.writes]
    except TriageError as exc:
        return _ask_later(deps, before, change, messages.words_of(exc))
    if all(answers):
        return applied(deps, change)
    done = [write for write, answer in zip(change.writes, answers, strict=True) if answer]
    if None in answers or not _sure(deps, before):
        return _undecided(deps, before, change, done)
    if not done:
        return _never_sent(deps, change, writer)
    why = _why_not_finish(deps, change, writer, done)
    if why:
        outcome = messages.stopped(change, done, messages.not_finished(why))
        return deps.journal.finish(change, ChangeState.FAILED, outcome)
    return carry_out(deps, change, writer, done)


def _sure(deps: ChangeDeps, before: Change) -> bool:
    """Whether nothing that was sent by a process that lives can still take effect. Whoever owned it was watched for a
    whole lease; whoever let go of it has said that its last request was given up.
    """
    left = deps.observed.left_for(before)
    return bool(before.owner) or left >= IN_FLIGHT


def _never_sent(deps: ChangeDeps, change: Change, writer: ClusterWriter) -> Change:
    """Nothing took effect, and nothing will: each object is fenced first, so that a request of a process that stands
    still just before it sends is refused. Where that cannot be done, nobody says that nothing was changed.
    """
    acting_as = deps.actor_of(change)
    fenced = [_fenced(writer, acting_as, write, change.id) for write in change.writes]
    if all(fenced):
        return deps.journal.finish(change, ChangeState.FAILED, messages.stopped(change, (), messages.NEVER_SENT))
    details = {**change.details, UNCERTAIN: True}
    return deps.journal.finish(change, ChangeState.FAILED, messages.not_certain(change), details=details)


def _fenced(writer: ClusterWriter, acting_as: Impersonation | None, write: Write, change_id: str) -> bool:
    try:
        return writer.fence(acting_as, write, change_id)
    except ClusterError:
        return False


def _undecided(deps: ChangeDeps, before: Change, change: Change, done: Sequence[Write]) -> Change:
    unknown = [write for write in change.writes if write not in done]
    if _for_too_long(deps, change, GIVE_UP_AFTER) and _sure(deps, before):
        return _unknown(deps, change, done, unknown)
    return _ask_later(deps, before, change, f"It is being found out whether {messages.targets(unknown)} was changed.")


def _unknown(deps: ChangeDeps, change: Change, done: Sequence[Write], unknown: Sequence[Write]) -> Change:
    details = {**change.details, UNCERTAIN: True}
    outcome = messages.cannot_be_told(change, done, unknown)
    return deps.journal.finish(change, ChangeState.FAILED, outcome, details=details)


def _for_too_long(deps: ChangeDeps, change: Change, limit: timedelta) -> bool:
    return past(deps.clock(), change.claimed_at and change.claimed_at + limit)


def _ask_later(deps: ChangeDeps, before: Change, change: Change, outcome: str) -> Change:
    """`owned_until` goes back to what it was, for replicas of an older version."""
    if _for_too_long(deps, change, GIVE_UP_SILENCE_AFTER):
        return _unknown(deps, change, (), change.writes)
    return deps.journal.later(change, deps.clock() + ASK_EVERY, owned_until=before.owned_until, outcome=outcome)


def _why_not_finish(deps: ChangeDeps, change: Change, writer: ClusterWriter, done: Sequence[Write]) -> str:
    """Why the rest of the change may not be made now; empty when it may."""
    if past(deps.clock(), change.expires_at):
        return "its approval has expired"
    if closed := deps.authority.closed():
        return closed.rstrip(".")
    if change.rules != deps.authority.rules():
        return "the policy has changed since it was asked for"
    try:
        changed = [write for write in change.writes if write not in done and not writer.unchanged(write)]
    except ClusterError as exc:
        return f"{exc.message.rstrip('.')}"
    return f"{messages.targets(changed)} has changed since the preview" if changed else ""
