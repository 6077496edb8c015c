"""A policy in force: what the file says, checked, with `includes` expanded and texts turned into values.

Made by the compiler, read by the decisions. Immutable; knows neither files nor Slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from bot.changes.policy.access_request import ChangeScope
from bot.changes.policy.values import CHANGE_KINDS, fits
from bot.domain.remedies import Risk

BUDGET_WINDOW = timedelta(hours=1)
"""Budgets count changes claimed since now minus this."""


class Level(IntEnum):
    """What a playbook asks for with a remedy's `role`: a role of that level, or of a higher one."""

    OPERATOR = 1
    ADMIN = 2


class HolderKind(StrEnum):
    """By what somebody holds a role."""

    USER = "user"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """A person, a user group or a channel, by its Slack id. Adapters render it."""

    kind: HolderKind
    id: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something holds: patterns of names. A change is inside if each of its three names fits one."""

    apps: tuple[str, ...]
    namespaces: tuple[str, ...]
    clusters: tuple[str, ...]

    def covers(self, place: ChangeScope) -> bool:
        """Whether the place is inside."""
        return (
            fits(place.app, self.apps) and fits(place.namespace, self.namespaces) and fits(place.cluster, self.clusters)
        )

    def reaches(self, cluster: str, namespace: str) -> bool:
        """Whether something of this namespace may be inside."""
        return fits(namespace, self.namespaces) and fits(cluster, self.clusters)


@dataclass(frozen=True, slots=True)
class Grant:
    """Kinds of remedies, and classes of risk, in a scope. `role`: which role of the file states it."""

    role: str
    kinds: frozenset[str]
    risks: frozenset[Risk]
    scope: Scope

    def allows(self, kind: str, risk: Risk) -> bool:
        """Whether it names the kind, or the class that the kind is in. Kinds that nobody knows are in no class."""
        return kind in self.kinds or (risk in self.risks and kind in CHANGE_KINDS)


@dataclass(frozen=True, slots=True)
class Role:
    """A role. `grants` are its own and those of the roles it includes; `implies` are these roles and itself."""

    name: str
    level: Level
    holders: frozenset[Holder]
    grants: tuple[Grant, ...]
    implies: frozenset[str]

    @property
    def power(self) -> tuple[int, int, int, str]:
        """Orders roles from the least powerful on, the same way each time."""
        granted = sum(len(grant.kinds) + 100 * len(grant.risks) for grant in self.grants)
        return self.level, len(self.implies), granted, self.name


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value, both allowed, as numbers (bytes, cores, pieces) and as the file writes them."""

    least: Decimal
    most: Decimal
    least_text: str
    most_text: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is changed in its scope, except by the roles named.

    A weekly one has `days` (0 is Monday) and minutes of the day; it runs past midnight if it ends no later than it
    begins. The other kind has `begins` and `ends` on the zone's clocks.
    """

    name: str
    zone: ZoneInfo
    except_roles: frozenset[str]
    scope: Scope
    description: str
    days: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = 0
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Budgets:
    """Most changes within `BUDGET_WINDOW`."""

    per_person: int
    per_workload: int
    in_all: int


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long people may act on an offer, and on a request for approval."""

    offer: timedelta
    approval: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a decision goes by.

    enabled:     the kill switch; False: nobody may act
    team:        the workspace whose people the ids are; empty: whatever workspace the bot is in
    approvals:   how many OTHER people must agree, by class of risk
    risks:       kinds whose risk the policy sees differently
    ranges:      of the parameters that are amounts; a parameter without one may not be set at all
    url_namespaces: where a URL may lead besides the namespace that is changed
    verify_for:  how long a change has to show that it helped
    withdraw_after: after so many useless tries a remedy is no longer offered for the incident
    digest:      SHA-256 of the file, for the audit
    """

    enabled: bool
    team: str
    roles: Mapping[str, Role]
    approvals: Mapping[Risk, int]
    risks: Mapping[str, Risk]
    ranges: Mapping[str, Range]
    url_namespaces: tuple[str, ...]
    budgets: Budgets
    freezes: tuple[Freeze, ...]
    expiry: Expiry
    verify_for: timedelta
    withdraw_after: int
    digest: str

    def risk_of(self, kind: str, proposed: Risk) -> Risk:
        """The risk that counts: the policy's word before the playbook's."""
        return self.risks.get(kind, proposed)

    def approvals_needed(self, kind: str, proposed: Risk) -> int:
        """How many people besides the requester must agree."""
        return self.approvals[self.risk_of(kind, proposed)]


@dataclass(frozen=True, slots=True)
class Closed:
    """No policy is in force, so nobody may act.

    reason:   one sentence for people, e.g. on the card
    remedy:   what to do about it, as a sentence
    problems: mistakes of the file as `file:line:column: message`
    """

    reason: str
    remedy: str
    problems: tuple[str, ...] = ()
