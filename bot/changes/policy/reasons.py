"""Why somebody may not: one function per reason, each with a sentence and what can be done about it.

Called by `decision`, which knows in which order they count. Pure; plain text only.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.changes.policy.access_request import AccessRequest, Act, ChangeScope, RequestedChange
from bot.changes.policy.answers import DenialReason
from bot.changes.policy.bounds import problems_of
from bot.changes.policy.model import Freeze, Policy
from bot.changes.policy.people import grants, is_member, reaches
from bot.changes.ports import Count

_ASK = "Ask somebody who holds a role for it."
_SWITCH = "Whoever looks after the policy file can switch them on again."
_AGAIN = "Run the diagnosis again."
_CHOOSE = "Choose a value within the policy's bounds."


@dataclass(frozen=True, slots=True)
class No:
    """A refusal on its way.

    roles:     those whose holders could
    next_step: what can be done about it
    alone:     the same if it turns out that nobody else could either
    """

    code: DenialReason
    reason: str
    next_step: str
    roles: frozenset[str] = frozenset()
    alone: str = "At present nobody may do this here: no role allows it, or nobody else holds one that does."


def about_the_person(question: AccessRequest, team: str, could: frozenset[str]) -> No | None:
    """Whether this may be anybody who counts at all; `could` are the roles that fit."""
    actor = question.actor
    if is_member(actor, team):
        return None
    if actor.is_bot:
        reason = "Apps and bots may not change anything."
    elif actor.is_external or (team and actor.person.team != team):
        reason = "People of other workspaces may not change anything."
    elif actor.is_guest:
        reason = "Guests may not change anything."
    else:
        reason = "I cannot tell that you are a full member of this workspace, so you may not change anything."
    return No(DenialReason.NOT_MEMBER, reason, _ASK, could)


def about_the_switch(policy: Policy) -> No | None:
    """Whether changes are switched off altogether."""
    if policy.enabled:
        return None
    reason = "Changes are switched off in the policy (enabled: false), so nobody may change anything."
    return No(DenialReason.DISABLED, reason, _SWITCH, alone=_SWITCH)


def about_the_place(place: ChangeScope) -> No | None:
    """Whether it is known where this would be changed."""
    if place.app and place.cluster and place.namespace:
        return None
    return No(DenialReason.WRONG_SCOPE, "It is not known where this would be changed.", _AGAIN, alone=_AGAIN)


def about_roles(policy: Policy, question: AccessRequest, held: frozenset[str], could: frozenset[str]) -> No:
    """Why none of the person's roles fits: the one that comes closest counts."""
    place, ask = question.place, question.ask
    roles = [policy.roles[name] for name in sorted(held)]
    risk = policy.risk_of(ask.kind, ask.risk)
    if not roles:
        return No(DenialReason.NO_ROLE, "You hold no role in the policy.", _ASK, could)
    names = ", ".join(sorted(held))
    if any(grants(policy, role, place, ask) and not reaches(role, ask) for role in roles):
        reason = f"This asks for the role {ask.role}, and you hold {names}."
        return No(DenialReason.ROLE_TOO_LOW, reason, _ASK, could)
    if any(grant.allows(ask.kind, risk) for role in roles for grant in role.grants):
        reason = f"What you hold ({names}) is not for {place.app} in namespace {place.namespace} of {place.cluster}."
        return No(DenialReason.WRONG_SCOPE, reason, _ASK, could)
    reason = f"What you hold ({names}) does not allow {ask.kind.replace('_', ' ')} (risk {risk.value})."
    return No(DenialReason.KIND_NOT_GRANTED, reason, _ASK, could)


def about_approval(question: AccessRequest, could: frozenset[str]) -> No | None:
    """Whether somebody approves what is their own, or approves twice."""
    user = question.actor.person.user
    if question.act is not Act.APPROVE:
        return None
    if question.requester is None or question.requester.user == user:
        reason = "You asked for this yourself, so somebody else must approve it."
        return No(DenialReason.OWN_REQUEST, reason, "Ask somebody else who holds a role for it.", could)
    if any(person.user == user for person in question.approvers):
        reason = "You have approved this already."
        return No(DenialReason.ALREADY_APPROVED, reason, "If it waits, somebody else must approve it too.", could)
    return None


def about_values(policy: Policy, place: ChangeScope, ask: RequestedChange) -> No | None:
    """Whether all values are within the bounds."""
    problems = problems_of(policy, ask, place)
    if not problems:
        return None
    return No(DenialReason.OUT_OF_BOUNDS, " ".join(problems), _CHOOSE, alone=_CHOOSE)


def about_freeze(active: tuple[Freeze, ...], could: frozenset[str]) -> No:
    """That freezes are on; `could` are the roles that they exempt."""
    names = " and ".join(f"“{freeze.name}” ({freeze.description})" for freeze in active)
    step = "Wait until it is over, or ask somebody who may act meanwhile."
    return No(DenialReason.FROZEN, f"No changes now: {names}.", step, could, alone="Wait until it is over.")


def about_budgets(policy: Policy, count: Count, could: frozenset[str]) -> No | None:
    """Whether as much was done within the hour as may be."""
    budgets = policy.budgets
    wait = "Look for the cause by hand, or wait: each change stops counting after an hour."
    if count.by_workload >= budgets.per_workload:
        reason = f"This object was changed {_times(count.by_workload)} within the hour; more is not allowed."
        return No(DenialReason.BUDGET_WORKLOAD, reason, wait, alone=wait)
    if count.in_all >= budgets.in_all:
        reason = f"{_changes(count.in_all)} made within the hour, by all together; more are not allowed."
        return No(DenialReason.BUDGET_TOTAL, reason, wait, alone=wait)
    if count.by_person >= budgets.per_person:
        reason = f"{_changes(count.by_person)} made by you within the hour; more are not allowed."
        return No(
            DenialReason.BUDGET_PERSON, reason, "Wait, or ask somebody else who holds a role for it.", could, wait
        )
    return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _changes(count: int) -> str:
    return "1 change was" if count == 1 else f"{count} changes were"
