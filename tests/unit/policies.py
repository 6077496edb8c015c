"""Policies and questions for the tests of `bot.changes.policy`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.changes.actor import Actor
from bot.changes.policy.access_request import AccessRequest, Act, ChangeScope, RequestedChange
from bot.changes.policy.loader import parse
from bot.changes.policy.model import Policy
from bot.changes.ports import Count
from bot.domain.changes import Person
from bot.domain.errors import PolicyRejected
from bot.domain.remedies import Parameter, Risk
from bot.yamlfile.files import SourceFile

TEAM = "T0HOME0000"
OPERATOR, ADMIN, DEPUTY, NOBODY = "U0OPERATOR", "U0ADMIN000", "U0DEPUTY00", "U0NOBODY00"
ONCALL, WAR_ROOM = "S0ONCALL00", "C0WARROOM0"

GOOD = """\
schema: triage/policy/v1
kind: policy
enabled: true
team: T0HOME0000
roles:
  operator:
    may: [low, raise_memory, set_config]
    apps: [onyx]
    namespaces: [onyx, "onyx-*"]
    clusters: [prod]
    held_by: {users: [U0OPERATOR], groups: [S0ONCALL00], channels: [C0WARROOM0]}
  admin:
    includes: [operator]
    may: [low, medium, high]
    apps: ["*"]
    namespaces: ["onyx*", payments]
    clusters: ["*"]
    held_by: {users: [U0ADMIN000, U0DEPUTY00]}
approvals: {low: 0, medium: 1, high: 2}
bounds:
  memory_limit: {min: 64Mi, max: 8Gi}
  cpu_limit: {max: 4}
  replicas: {max: 5}
budgets: {per_person_per_hour: 10, per_workload_per_hour: 3, per_hour: 30}
freeze:
  - {name: weekend, days: [sat, sun], from: "00:00", until: "24:00", zone: Europe/Berlin, except_roles: [admin]}
expiry: {offer: 30m, approval: 10m}
verify: {for: 5m}
withdraw_after: 2
"""

TUESDAY = datetime(2026, 6, 9, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 6, 13, 10, tzinfo=UTC)
HERE = ChangeScope("onyx", "prod", "onyx")
RESTART = RequestedChange("restart", Risk.LOW)
NEVER = Count(0, 0, 0)


def policy(*changes: tuple[str, str]) -> Policy:
    """The good policy after these replacements. Raises `PolicyRejected`."""
    return parse(SourceFile(Path("policy.yaml"), "policy.yaml", text(*changes).encode()))


def text(*changes: tuple[str, str]) -> str:
    """The text of the good policy after these replacements, each of which must fit exactly once."""
    result = GOOD
    for old, new in changes:
        assert result.count(old) == 1, f"{old!r} stands {result.count(old)} times in the policy"
        result = result.replace(old, new)
    return result


def problems(content: str | bytes) -> tuple[str, ...]:
    """What is wrong with a policy file."""
    data = content.encode() if isinstance(content, str) else content
    try:
        parse(SourceFile(Path("policy.yaml"), "policy.yaml", data))
    except PolicyRejected as error:
        return error.problems
    return ()


def member(user: str = OPERATOR, **facts: Any) -> Actor:
    """A full member who presses, or whatever the facts make of them."""
    team = facts.pop("team", TEAM)
    return Actor(Person(user=user, team=team), **{"is_full_member": True, **facts})


def question(actor: Actor | None = None, **parts: Any) -> AccessRequest:
    """May the operator restart something of Onyx on a Tuesday? Or what the parts make of it."""
    given = {"place": HERE, "ask": RESTART, "count": NEVER, "now": TUESDAY, "act": Act.REQUEST, **parts}
    return AccessRequest(actor=actor or member(), **given)


def memory(value: str, current: str = "1Gi") -> RequestedChange:
    """To raise a memory limit."""
    return RequestedChange(
        "raise_memory", Risk.MEDIUM, parameters=(Parameter("memory_limit", "Memory limit", value, current),)
    )
