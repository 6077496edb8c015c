"""Who holds which roles, and who could do something. Pure lookups in a policy.

Roles go by ids of Slack that the adapter vouches for, never by names. Whoever is not clearly a full member of the home
workspace holds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.changes.actor import Actor
from bot.changes.policy.access_request import ChangeScope, RequestedChange
from bot.changes.policy.model import Holder, HolderKind, Level, Policy, Role

_LEVEL_ASKED: Mapping[str, Level] = {"anyone": Level.OPERATOR, "operator": Level.OPERATOR, "admin": Level.ADMIN}
"""What a remedy's `role` asks for. `anyone` still means somebody with a role: advice needs none, changes do."""


def is_member(actor: Actor, team: str = "") -> bool:
    """Whether this is certainly a full member of the bot's workspace, and of `team` if the policy names one."""
    person = actor.person
    other = actor.is_guest or actor.is_external or actor.is_bot
    at_home = bool(person.team) and team in ("", person.team)
    return actor.is_full_member and not other and bool(person.user) and at_home


def roles_of(policy: Policy, actor: Actor) -> Mapping[str, tuple[Holder, ...]]:
    """The roles the person holds at this press, each with what gives it to them. Included roles are held as well."""
    if not is_member(actor, policy.team):
        return {}
    mine = {
        Holder(HolderKind.USER, actor.person.user),
        Holder(HolderKind.CHANNEL, actor.channel),
        *(Holder(HolderKind.GROUP, group) for group in actor.groups),
    }
    held: dict[str, set[Holder]] = {}
    for role in policy.roles.values():
        by = role.holders & mine
        for implied in role.implies if by else ():
            held.setdefault(implied, set()).update(by)
    return {name: tuple(sorted(held[name])) for name in sorted(held)}


def fitting_roles(policy: Policy, place: ChangeScope, ask: RequestedChange) -> tuple[Role, ...]:
    """The roles that may do this there, the least powerful first."""
    found = [role for role in policy.roles.values() if grants(policy, role, place, ask) and reaches(role, ask)]
    return tuple(sorted(found, key=lambda role: role.power))


def grants(policy: Policy, role: Role, place: ChangeScope, ask: RequestedChange) -> bool:
    """Whether the role may do this kind of thing there."""
    risk = policy.risk_of(ask.kind, ask.risk)
    return any(grant.allows(ask.kind, risk) and grant.scope.covers(place) for grant in role.grants)


def reaches(role: Role, ask: RequestedChange) -> bool:
    """Whether the role counts as what the playbook asks for. An unknown demand is met by nobody."""
    asked = _LEVEL_ASKED.get(ask.role)
    return asked is not None and role.level >= asked


def holders(policy: Policy, place: ChangeScope, ask: RequestedChange) -> tuple[Holder, ...]:
    """Who holds a role that may do this there, whatever the time and the values. Empty: nobody, so offer nothing."""
    return holders_of(policy, frozenset(role.name for role in fitting_roles(policy, place, ask)))


def holders_of(policy: Policy, roles: frozenset[str]) -> tuple[Holder, ...]:
    """Who holds one of these roles, directly or through a role that includes it."""
    found = (role.holders for role in policy.roles.values() if role.implies & roles)
    return tuple(sorted(frozenset[Holder]().union(*found)))
