"""Request, approve, decline: what people decide about a previewed change, up to the claim that only one press can get.

The gates come first (`gates`), then the claim by compare-and-swap with its audit entry in one transaction, then the
effect. A press that does not get through takes nothing from those that still may.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.changes import messages
from bot.changes.actor import Actor
from bot.changes.deps import LEASE, ChangeDeps, past
from bot.changes.effect import carry_out
from bot.changes.gates import (
    Refused,
    allowed,
    allowed_by_cluster,
    cluster_silent,
    expire,
    in_state,
    look_up,
    not_busy,
    same_rules,
    somebody_could_agree,
    still_asked_for,
    unchanged,
)
from bot.changes.journal import BOT, Overtaken
from bot.changes.policy.access_request import Act, question_about
from bot.changes.policy.decision import DenialReason, approvals_missing
from bot.changes.ports import ClusterWriter, Count
from bot.changes.results import Approved, Code, Declined, Requested
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import ClusterError, StoreError

_S = ChangeState
_OVER_BUDGET = frozenset({DenialReason.BUDGET_PERSON, DenialReason.BUDGET_WORKLOAD, DenialReason.BUDGET_TOTAL})


class Unfinished(StoreError):
    """The database went away after the claim. What was begun is finished or reported by the ticker."""


def request(deps: ChangeDeps, change_id: str, actor: Actor, digest: str) -> Requested:
    """Ask for what was previewed; where nobody else must agree, it is done at once.

    Raises `Refused`, `Overtaken`, `Unfinished` and `StoreError`.
    """
    change = look_up(deps, change_id, actor)
    rules = deps.authority.rules()  # before anything is asked of them: a change meanwhile is seen at the claim
    roles = allowed(deps, change, actor, Act.REQUEST).roles
    resumed = _is_complete(deps, change) and actor.person.is_same(change.requester)
    in_state(deps, change, {_S.PREVIEWED, _S.REQUESTED, _S.APPROVED} if resumed else {_S.PREVIEWED})
    if resumed:
        same_rules(deps, change)
    if digest != change.digest:
        raise Refused(
            Code.OTHER_PREVIEW,
            "Nothing was done: the preview you looked at is not the newest one. Look at it again.",
            change=change,
        )
    if not resumed:
        somebody_could_agree(deps, change, actor)
    writer, role = _pass_cluster(deps, change, actor, roles)
    if not resumed:
        change = _requested(deps, change, actor, rules)
    if not _is_complete(deps, change):
        return Requested(change, messages.awaited(change, approvals_needed(deps, change)))
    change = claim_and_carry_out(deps, change, actor, writer, role)
    return Requested(change, change.outcome)


def _requested(deps: ChangeDeps, change: Change, actor: Actor, rules: str) -> Change:
    """Asked for, under these rules; it may wait for approvals as long as they say."""
    needed = deps.authority.approvals_needed(change.remedy)
    limit = deps.clock() + deps.authority.limits().approval
    return deps.journal.move(
        change,
        _S.REQUESTED,
        actor.label,
        actor.place,
        requester=actor.person,
        approvals_needed=needed,
        approvers=(),
        expires_at=limit,
        due_at=limit,
        rules=rules,
        outcome="",
    )


def approve(deps: ChangeDeps, change_id: str, actor: Actor) -> Approved:
    """Agree to what somebody else asked for; the last one needed does it, in their own name. Raises like `request`."""
    change = look_up(deps, change_id, actor)
    resumed = _is_complete(deps, change) and any(map(actor.person.is_same, change.approvers))
    roles = allowed(deps, change, actor, Act.REQUEST if resumed else Act.APPROVE).roles
    in_state(deps, change, {_S.REQUESTED, _S.APPROVED} if resumed else {_S.REQUESTED})
    same_rules(deps, change)
    still_asked_for(deps, change, actor)
    writer, role = _pass_cluster(deps, change, actor, roles)
    if not resumed:
        change = deps.journal.approve(change, actor)
    if not _is_complete(deps, change):
        return Approved(change, messages.awaited(change, approvals_needed(deps, change)))
    change = claim_and_carry_out(deps, change, actor, writer, role)
    return Approved(change, change.outcome)


def decline(deps: ChangeDeps, change_id: str, actor: Actor) -> Declined:
    """Turn the request down, or withdraw one's own. Whoever may approve may decline."""
    change = look_up(deps, change_id, actor)
    own = actor.person.is_same(change.requester)
    allowed_to_decline(deps, change, actor, own=own)
    in_state(deps, change, {_S.REQUESTED})
    outcome = f"{'Withdrawn' if own else 'Declined'} by {messages.name(actor.person)}; nothing was changed."
    change = deps.journal.finish(change, _S.REFUSED, outcome, actor.label)
    return Declined(change, outcome)


def allowed_to_decline(deps: ChangeDeps, change: Change, actor: Actor, *, own: bool) -> None:
    """What only keeps things from happening is not held up by freezes and budgets."""
    try:
        allowed(deps, change, actor, Act.REQUEST if own else Act.APPROVE)
    except Refused as no:
        if no.refusal.code not in {DenialReason.FROZEN.value, *(item.value for item in _OVER_BUDGET)}:
            raise


def approvals_needed(deps: ChangeDeps, change: Change) -> int:
    """How many others must agree: what the policy said at the request, or says now if that is more."""
    return 0 if change.undoes else max(change.approvals_needed, deps.authority.approvals_needed(change.remedy))


def _is_complete(deps: ChangeDeps, change: Change) -> bool:
    """Whether everybody has agreed who must. True also for one whose process died before the claim."""
    return change.state in (_S.REQUESTED, _S.APPROVED) and _has_enough(deps, change)


def _has_enough(deps: ChangeDeps, change: Change) -> bool:
    """Whether enough others have agreed. Nobody counts twice, and the requester does not count."""
    needed = approvals_needed(deps, change)
    return change.requester is not None and not approvals_missing(needed, change.requester, change.approvers)


def _pass_cluster(deps: ChangeDeps, change: Change, actor: Actor, roles: Sequence[str]) -> tuple[ClusterWriter, str]:
    """The gates that ask the cluster: its RBAC, and whether the objects are still those of the preview."""
    try:
        writer = deps.writer_to(change.cluster)
        role = allowed_by_cluster(deps, writer, change, change.writes, roles, actor.person)
        not_busy(deps, change)
        unchanged(deps, writer, change)
    except ClusterError as exc:
        raise cluster_silent(exc, change) from exc
    return writer, role


def claim_and_carry_out(deps: ChangeDeps, change: Change, actor: Actor, writer: ClusterWriter, role: str) -> Change:
    """The claim, which exactly one press gets, and the effect."""
    by = actor.label
    if past(deps.clock(), change.expires_at):  # the cluster may have taken its time to answer
        change = expire(deps, change)
        raise Refused(Code.EXPIRED, f"Too late. {change.outcome} {messages.CHECK_AGAIN}", change=change)
    if change.state is _S.REQUESTED:
        change = deps.journal.move(change, _S.APPROVED, by)
    now = deps.clock()
    until = now + LEASE
    change = deps.journal.move(
        change, _S.CLAIMED, by, f"as {role}" if role else "with their own rights",
        role=role, claimed_at=now, owner=deps.owner, owned_until=until, due_at=until,
    )  # fmt: skip
    try:
        no = _no_longer(deps, change, actor)
        if no:
            return deps.journal.finish(change, _S.FAILED, messages.stopped(change, (), no), BOT)
        return carry_out(deps, change, writer)
    except Overtaken:
        return deps.journal.store.get(change.id) or change
    except StoreError as exc:
        raise Unfinished(
            f"The database went away while {messages.title(change.remedy)} was being applied. {exc.message}",
            "What was begun is finished or reported as soon as it answers; do not repeat it by hand.",
        ) from exc


def _no_longer(deps: ChangeDeps, change: Change, actor: Actor) -> str:
    """Why it may not be done after all; empty when it may. Asked again after the claim, when nothing can slip past.

    Of presses at the same moment each sees the others' claims, so they cannot all stay under a limit; and what has
    been switched off, frozen or taken away while the cluster was asked stops them here.
    """
    now = deps.clock()
    since = now - deps.authority.limits().budget_window
    person = change.requester or actor.person
    count = deps.journal.store.count(person, change.workload_key, since)
    others = Count(max(count.by_person - 1, 0), max(count.by_workload - 1, 0), max(count.in_all - 1, 0))
    act = Act.UNDO if change.undoes else Act.REQUEST
    decision = deps.authority.decide(question_about(change, actor, others, now, act))
    if not decision.allowed:
        return decision.reason
    lost = bool(change.role) and change.role not in decision.roles
    if lost or change.rules != deps.authority.rules() or not _has_enough(deps, change):
        return "The policy has changed at this very moment."
    return ""
