"""The decision: may this person do this, here, now? Pure; the answer says why not, and who could.

Called by `bot.changes` before each step of a change. Looks at the person first, so that strangers learn nothing
of the rules; then at their roles; then at what holds for everybody. Everything that is not clearly allowed is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.changes.policy import reasons
from bot.changes.policy.access_request import AccessRequest, Act, ChangeScope, RequestedChange
from bot.changes.policy.answers import Decision, DenialReason
from bot.changes.policy.freezes import is_on
from bot.changes.policy.model import Closed, Freeze, Holder, HolderKind, Policy
from bot.changes.policy.people import fitting_roles, holders_of, roles_of
from bot.changes.ports import Count
from bot.domain.changes import Person
from bot.domain.remedies import Risk

__all__ = ["Decision", "DenialReason", "approvals_missing", "decide", "decide_own_rights"]


def decide(policy: Policy | Closed, question: AccessRequest) -> Decision:
    """Whether the person may do it, and as which role."""
    if isinstance(policy, Closed):
        stranger = reasons.about_the_person(question, "", frozenset())
        closed = stranger or reasons.No(DenialReason.NO_POLICY, policy.reason, policy.remedy)
        return Decision(False, question.ask.risk, 0, code=closed.code, reason=closed.reason, next_step=closed.next_step)
    fitting = fitting_roles(policy, question.place, question.ask)
    names = frozenset(role.name for role in fitting)
    held = roles_of(policy, question.actor)
    mine = tuple(role for role in fitting if role.name in held)
    active = _active(policy, question.place, question.now)
    free = tuple(role for role in mine if _exempt(role.name, active))
    no = (
        reasons.about_the_person(question, policy.team, names)
        or reasons.about_the_switch(policy)
        or (None if mine else reasons.about_roles(policy, question, frozenset(held), names))
        or reasons.about_approval(question, names)
        or reasons.about_values(policy, question.place, question.ask)
        or (None if free else reasons.about_freeze(active, frozenset(name for name in names if _exempt(name, active))))
        or reasons.about_budgets(policy, question.count, names)
    )
    risk, needed = _risk_and_approvals(policy, question.ask, question.act)
    if no is not None:
        could = _others(policy, question, no.roles)
        step = no.next_step if could else no.alone
        return Decision(False, risk, needed, code=no.code, reason=no.reason, next_step=step, holders=could)
    return Decision(True, risk, needed, free[0].name, tuple(role.name for role in free))


def decide_own_rights(
    policy: Policy | Closed, place: ChangeScope, ask: RequestedChange, count: Count, now: datetime
) -> Decision:
    """The same at the command line, where people act by their own rights in the cluster and need no role of ours.

    The kill switch, bounds, freezes (no role exempts anybody) and budgets hold. Approvals are not asked for.
    """
    if isinstance(policy, Closed):
        return Decision(False, ask.risk, 0, code=DenialReason.NO_POLICY, reason=policy.reason, next_step=policy.remedy)
    active = _active(policy, place, now)
    no = (
        reasons.about_the_switch(policy)
        or reasons.about_the_place(place)
        or reasons.about_values(policy, place, ask)
        or (reasons.about_freeze(active, frozenset()) if active else None)
        or reasons.about_budgets(policy, count, frozenset())
    )
    risk = policy.risk_of(ask.kind, ask.risk)
    if no is not None:
        return Decision(False, risk, 0, code=no.code, reason=no.reason, next_step=no.next_step)
    return Decision(True, risk, 0)


def approvals_missing(needed: int, requester: Person, approvers: Iterable[Person]) -> int:
    """How many more people must agree. The requester does not count, and nobody counts twice."""
    agreed = {person.user for person in approvers} - {requester.user}
    return max(0, needed - len(agreed))


def _risk_and_approvals(policy: Policy, ask: RequestedChange, act: Act) -> tuple[Risk, int]:
    return policy.risk_of(ask.kind, ask.risk), 0 if act is Act.UNDO else policy.approvals_needed(ask.kind, ask.risk)


def _active(policy: Policy, place: ChangeScope, now: datetime) -> tuple[Freeze, ...]:
    return tuple(freeze for freeze in policy.freezes if freeze.scope.covers(place) and is_on(freeze, now))


def _exempt(role: str, active: tuple[Freeze, ...]) -> bool:
    """Whether a role may act in spite of all freezes that are on."""
    return all(role in freeze.except_roles for freeze in active)


def _others(policy: Policy, question: AccessRequest, roles: frozenset[str]) -> tuple[Holder, ...]:
    """Who holds one of the roles and is not somebody who cannot do this anyway."""
    out = {question.actor.person.user}
    if question.act is Act.APPROVE:
        out |= {person.user for person in (question.requester, *question.approvers) if person is not None}
    return tuple(
        holder for holder in holders_of(policy, roles) if not (holder.kind is HolderKind.USER and holder.id in out)
    )
