"""Takes a change back with one press: a change of its own, whose writes put the captured fields in place again.

The same role, the same gates, no approvals. Only what certainly was done is taken back, and only while nobody has
changed it since.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.changes import messages
from bot.changes.actor import Actor
from bot.changes.clicking import claim_and_carry_out
from bot.changes.deps import ChangeDeps, stamp_of
from bot.changes.gates import Refused, allowed, allowed_by_cluster, cluster_silent, in_state, look_up, not_busy
from bot.changes.patches.digest import digest_of
from bot.changes.policy.access_request import Act
from bot.changes.ports import ClusterWriter
from bot.changes.results import Code, Undoing
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError, ObjectChanged, ObjectGone, StoreError, WriteRefused
from bot.domain.remedies import Remedy, StepKind

_S = ChangeState
DONE = frozenset({_S.FIXED, _S.NOT_FIXED, _S.FAILED})
"""States in which a change may have left something that can be taken back."""


def can_be_undone(change: Change) -> bool:
    """Whether an “Undo” button makes sense: whether anything was done is asked when it is pressed."""
    only_restarts = all(step.kind is StepKind.RESTART for step in change.remedy.steps)
    return change.state in DONE and bool(change.writes) and not change.undoes and not only_restarts


def undo(deps: ChangeDeps, change_id: str, actor: Actor) -> Undoing:
    """Take it back. Raises `Refused`, `Overtaken`, `Unfinished` and `StoreError`."""
    original = look_up(deps, change_id, actor)
    roles = allowed(deps, original, actor, Act.UNDO).roles
    if original.state is _S.ROLLED_BACK:
        raise Refused(Code.FINISHED, f"Nothing was done: {original.outcome}", change=original)
    in_state(deps, original, DONE)
    if not can_be_undone(original):
        raise Refused(Code.NOTHING_TO_UNDO, "There is nothing to take back: pods were only restarted.", change=original)
    not_busy(deps, original)
    try:
        writer = deps.writer_to(original.cluster)
        writes = _way_back(deps, writer, original)
        role = allowed_by_cluster(deps, writer, original, writes, roles, actor.person)
    except ClusterError as exc:
        raise cluster_silent(exc, original) from exc
    change = _requested(deps, original, writes, actor)
    change = claim_and_carry_out(deps, change, actor, writer, role)
    return Undoing(change, change.outcome)


def _way_back(deps: ChangeDeps, writer: ClusterWriter, original: Change) -> list[Write]:
    """The writes that take back what was done, in the order of the change: users of a ConfigMap restart after it."""
    answers = [writer.was_applied(write, original.id) for write in original.writes]
    unclear = [write for write, answer in zip(original.writes, answers, strict=True) if answer is None]
    if unclear:
        looks = messages.targets(unclear)
        raise Refused(
            Code.OBJECT_CHANGED,
            f"Nothing was done: {looks} has been changed again since, so what this change did cannot be told apart.",
            change=original,
        )
    done = [write for write, answer in zip(original.writes, answers, strict=True) if answer]
    if not done:
        raise Refused(Code.NOTHING_TO_UNDO, "There is nothing to take back: nothing was changed.", change=original)
    stamp = stamp_of(deps.clock())
    return [_taken_back(writer, write, original, stamp) for write in done]


def _taken_back(writer: ClusterWriter, write: Write, original: Change, stamp: str) -> Write:
    try:
        return writer.revert(write, original.id, stamp)
    except (ObjectGone, ObjectChanged) as exc:
        raise Refused(Code.OBJECT_CHANGED, f"Nothing was done: {messages.words_of(exc)}", change=original) from exc
    except WriteRefused as exc:
        raise Refused(Code.CLUSTER_REFUSES, f"Nothing was done: {messages.words_of(exc)}", change=original) from exc


def _requested(deps: ChangeDeps, original: Change, writes: Sequence[Write], actor: Actor) -> Change:
    """The new change, on its way to the claim. Its id goes by the original's, so that two presses make only one."""
    now = deps.clock()
    limits = deps.authority.limits()
    change = Change(
        id=_free_id(deps, original),
        app=original.app,
        cluster=original.cluster,
        namespace=original.namespace,
        cause=original.cause,
        other_causes=original.other_causes,
        remedy=_remedy(original.remedy),
        incident=original.incident,
        undoes=original.id,
        offered_at=now,
        expires_at=now + limits.approval,
        due_at=now + limits.approval,
        details={key: value for key, value in original.details.items() if key != "after"},
    )
    by = actor.label
    try:
        change = deps.journal.add(change, by)
    except StoreError as exc:
        if deps.journal.store.get(change.id) is None:
            raise
        raise Refused(Code.OVERTAKEN, "Somebody else is taking this back at this moment.", change=original) from exc
    change = deps.journal.move(change, _S.PREVIEWED, by, writes=tuple(writes), digest=digest_of(writes))
    return deps.journal.move(
        change, _S.REQUESTED, by, requester=actor.person, approvals_needed=0, rules=deps.authority.rules()
    )


def _free_id(deps: ChangeDeps, original: Change) -> str:
    """The id of the next try; while one is under way there is none."""
    for number in range(1, 100):
        found = deps.journal.store.get(f"{original.id}-undo{number}")
        if found is None:
            return f"{original.id}-undo{number}"
        if found.state not in (_S.FAILED, _S.NOT_FIXED, _S.EXPIRED, _S.SUPERSEDED, _S.REFUSED):
            who = messages.name(found.requester)
            raise Refused(Code.UNDER_WAY, f"{who} is taking this back at this moment. {found.outcome}", change=found)
    raise Refused(Code.FINISHED, "This could not be taken back a hundred times; do it by hand.", change=original)


def _remedy(remedy: Remedy) -> Remedy:
    return Remedy(
        id=f"undo-{remedy.id}",
        kind=remedy.kind,
        title=f"Undo: {remedy.title}",
        target=remedy.target,
        role=remedy.role,
        command="",
        risk=remedy.risk,
    )
