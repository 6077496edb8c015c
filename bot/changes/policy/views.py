"""What somebody may do where, as rows for App Home and for `triage policy check`. Pure.

Shows rights as the policy states them; freezes, budgets, bounds and the cluster's own RBAC still apply at the press.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.changes.actor import Actor
from bot.changes.policy.access_request import RequestedChange
from bot.changes.policy.crowd import too_few
from bot.changes.policy.model import Closed, Grant, Holder, HolderKind, Policy
from bot.changes.policy.people import holders_of, reaches, roles_of
from bot.changes.policy.values import CHANGE_KINDS
from bot.playbook.remedy_kinds import REMEDY_KINDS


@dataclass(frozen=True, slots=True)
class PermissionRow:
    """One thing somebody may do.

    role:  the role that states it
    via:   what gives it to the person
    kinds: kinds of remedies that the person could get done, with how many other people must agree, for risks and roles
           as the playbooks usually have them
    alone: kinds that nobody else could approve, so that asking for them is refused
    apps, namespaces, clusters: patterns of names
    """

    role: str
    via: tuple[Holder, ...]
    kinds: tuple[tuple[str, int], ...]
    apps: tuple[str, ...]
    namespaces: tuple[str, ...]
    clusters: tuple[str, ...]
    alone: tuple[str, ...] = ()


def what_may(policy: Policy | Closed, actor: Actor) -> tuple[PermissionRow, ...]:
    """What the person may do where; nothing while nobody may act. `channel` empty: rights by channel do not show.

    Exactly what a press would do, as far as the policy decides: a kind that asks for a higher role does not show.
    """
    if isinstance(policy, Closed) or not policy.enabled:
        return ()
    held = roles_of(policy, actor)
    return tuple(
        _row(policy, grant, held[name], actor, frozenset(held))
        for name in held
        for grant in policy.roles[name].grants
        if grant.role == name
    )


def _row(policy: Policy, grant: Grant, via: tuple[Holder, ...], actor: Actor, held: frozenset[str]) -> PermissionRow:
    scope = grant.scope
    mine = [policy.roles[name] for name in held if grant in policy.roles[name].grants]
    within = [item for item in _kinds(policy, grant) if any(reaches(role, _usual(item[0])) for role in mine)]
    alone = tuple(kind for kind, needed in within if _nobody_else(policy, kind, needed, actor))
    kinds = tuple(item for item in within if item[0] not in alone)
    return PermissionRow(grant.role, via, kinds, scope.apps, scope.namespaces, scope.clusters, alone)


def _usual(kind: str) -> RequestedChange:
    usual = REMEDY_KINDS[kind]
    return RequestedChange(kind, usual.risk, usual.role)


def _nobody_else(policy: Policy, kind: str, needed: int, actor: Actor) -> bool:
    """Whether no other person could approve it."""
    ask = _usual(kind)
    able = frozenset(
        role.name
        for role in policy.roles.values()
        if reaches(role, ask) and any(one.allows(kind, policy.risk_of(kind, ask.risk)) for one in role.grants)
    )

    def members(holder: Holder) -> frozenset[str] | None:
        return actor.members.get(holder.id) if holder.kind is HolderKind.GROUP else None

    return too_few(holders_of(policy, able), members, needed, frozenset({actor.person.user}))


def _kinds(policy: Policy, grant: Grant) -> tuple[tuple[str, int], ...]:
    found = []
    for kind in CHANGE_KINDS:
        usual = REMEDY_KINDS[kind].risk
        if grant.allows(kind, policy.risk_of(kind, usual)):
            found.append((kind, policy.approvals_needed(kind, usual)))
    return tuple(found)


def notes(policy: Policy) -> tuple[str, ...]:
    """What is no mistake, but may not be meant: sentences for the author of a policy."""
    return tuple(_notes(policy))


def _notes(policy: Policy) -> Iterable[str]:
    if not policy.enabled:
        yield "Nobody may act: `enabled` is false."
    for name, role in policy.roles.items():
        if not holders_of(policy, frozenset({name})):
            yield f"Nobody holds the role `{name}`."
        elif not role.grants:
            yield f"The role `{name}` may do nothing."
    if not policy.roles:
        yield "There are no roles, so nobody may act."
    granted = {kind for role in policy.roles.values() for grant in role.grants for kind, _ in _kinds(policy, grant)}
    for kind in sorted(granted):
        for parameter in REMEDY_KINDS[kind].parameters:
            if parameter not in policy.ranges and parameter not in ("path", "url"):
                yield f"`{kind}` will be refused: `bounds` has no `{parameter}`."
