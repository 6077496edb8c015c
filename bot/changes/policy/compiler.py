"""Turns a checked policy file into the policy that decisions go by.

Called by the loader, only for a file without mistakes: `includes` name roles that exist and lead in no circle.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.changes.policy import values
from bot.changes.policy.model import (
    Budgets,
    Expiry,
    Freeze,
    Grant,
    Holder,
    HolderKind,
    Level,
    Policy,
    Range,
    Role,
    Scope,
)
from bot.changes.policy.schema import BoundsSpec, FreezeSpec, HeldBy, PolicyFile, RoleSpec
from bot.domain.remedies import Risk

_LEVELS: Mapping[str, Level] = {"operator": Level.OPERATOR, "admin": Level.ADMIN}


def compiled(spec: PolicyFile, digest: str) -> Policy:
    """The policy that the file describes. `digest` identifies the file's contents."""
    return Policy(
        enabled=spec.enabled,
        team=spec.team or "",
        roles={name: _role(name, spec.roles) for name in sorted(spec.roles)},
        approvals={risk: getattr(spec.approvals, risk.value) for risk in Risk},
        risks={kind: Risk(risk) for kind, risk in spec.risks.items()},
        ranges=_ranges(spec.bounds),
        url_namespaces=spec.bounds.url.namespaces,
        budgets=Budgets(spec.budgets.per_person_per_hour, spec.budgets.per_workload_per_hour, spec.budgets.per_hour),
        freezes=tuple(_freeze(item) for item in spec.freeze),
        expiry=Expiry(values.duration(spec.expiry.offer), values.duration(spec.expiry.approval)),
        verify_for=values.duration(spec.verify.for_),
        withdraw_after=spec.withdraw_after,
        digest=digest,
    )


def _role(name: str, specs: Mapping[str, RoleSpec]) -> Role:
    implied = _implied(name, specs)
    return Role(
        name=name,
        level=_level(name, specs),
        holders=_holders(specs[name].held_by),
        grants=tuple(_grant(other, specs[other]) for other in sorted(implied) if specs[other].may),
        implies=implied,
    )


def _implied(name: str, specs: Mapping[str, RoleSpec]) -> frozenset[str]:
    """The role and all it includes, directly or not."""
    return frozenset({name}).union(*(_implied(other, specs) for other in specs[name].includes))


def _level(name: str, specs: Mapping[str, RoleSpec]) -> Level:
    stated = specs[name].level
    if stated is not None:
        return _LEVELS[stated]
    included = (_level(other, specs) for other in specs[name].includes)
    return max((_LEVELS.get(name, Level.OPERATOR), *included))


def _holders(held_by: HeldBy) -> frozenset[Holder]:
    return frozenset(
        [
            *(Holder(HolderKind.USER, user) for user in held_by.users),
            *(Holder(HolderKind.GROUP, group) for group in held_by.groups),
            *(Holder(HolderKind.CHANNEL, channel) for channel in held_by.channels),
        ]
    )


def _grant(name: str, spec: RoleSpec) -> Grant:
    return Grant(
        role=name,
        kinds=frozenset(spec.may) & frozenset(values.CHANGE_KINDS),
        risks=frozenset(Risk(item) for item in spec.may if item in values.RISKS),
        scope=Scope(spec.apps, spec.namespaces, spec.clusters),
    )


def _ranges(bounds: BoundsSpec) -> dict[str, Range]:
    found: dict[str, Range] = {}
    for name in values.AMOUNTS:
        bound = getattr(bounds, name)
        if bound is not None:
            least, most = str(bound.min), str(bound.max)
            found[name] = Range(values.number(name, least), values.number(name, most), least, most)
    return found


def _freeze(spec: FreezeSpec) -> Freeze:
    zone, exempt = values.zone(spec.zone), frozenset(spec.except_roles)
    scope = Scope(spec.apps, spec.namespaces, spec.clusters)
    until = f"{spec.from_} until {spec.until} {spec.zone}"
    if spec.days is not None:
        days = frozenset(values.DAYS.index(day) for day in spec.days)
        text = f"{', '.join(values.DAYS[day] for day in sorted(days))}, {until}"
        minutes = values.clock(spec.from_), values.clock(spec.until)
        return Freeze(spec.name, zone, exempt, scope, text, days, *minutes)
    begins, ends = values.moment(spec.from_).at, values.end_of(values.moment(spec.until))
    return Freeze(spec.name, zone, exempt, scope, until, begins=begins, ends=ends)
