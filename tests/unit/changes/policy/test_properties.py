"""What holds of every policy and every question: nothing is allowed by accident, and nothing depends on order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.changes.actor import Actor
from bot.changes.policy.access_request import AccessRequest, Act, ChangeScope, RequestedChange
from bot.changes.policy.bounds import capped, problems_of
from bot.changes.policy.decision import decide
from bot.changes.policy.loader import parse
from bot.changes.policy.model import Policy
from bot.changes.policy.people import holders, roles_of
from bot.changes.policy.values import CHANGE_KINDS, RISKS
from bot.changes.ports import Count
from bot.domain.changes import Person
from bot.domain.remedies import Parameter, Risk
from bot.yamlfile.files import SourceFile

TEAM = "T0HOME0000"
USERS, GROUPS, CHANNELS = ["U0AAAAAA", "U0BBBBBB", "U0CCCCCC"], ["S0AAAAAA", "S0BBBBBB"], ["C0AAAAAA", "C0BBBBBB"]
NAMES = ["one", "two", "three"]
ROLES = ["viewer", "operator", "admin"]
KINDS = [*CHANGE_KINDS, *["restart", "raise_memory"] * 5, "advice", "unheard-of"]
START = datetime(2026, 3, 27, tzinfo=UTC)

some = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def subset(items: list[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(items), unique=True, min_size=least, max_size=3)


PATTERNS = st.sampled_from([["*"], ["*"], ["t*", "one"], ["one"], ["two", "three"]])
"""Mostly generous: else nothing would be allowed that could be taken away."""


@st.composite
def roles(draw: st.DrawFn) -> dict[str, Any]:
    """Roles of which each may include those before it."""
    found: dict[str, Any] = {}
    for name in draw(st.permutations(ROLES))[: draw(st.integers(1, 3))]:
        included = draw(subset(list(found))) if found else []
        some_kinds = draw(subset([*CHANGE_KINDS, *RISKS], least=0 if included else 1))
        may = draw(st.sampled_from([list(RISKS), some_kinds]))
        role: dict[str, Any] = {"may": may, "includes": included}
        if may:
            role |= {field: draw(PATTERNS) for field in ("apps", "namespaces", "clusters")}
        role["held_by"] = {
            "users": draw(st.sampled_from([USERS, draw(subset(USERS))])),
            "groups": draw(subset(GROUPS)),
            "channels": draw(subset(CHANNELS)),
        }
        found[name] = role
    return found


@st.composite
def freezes(draw: st.DrawFn) -> dict[str, Any]:
    begins, ends = draw(st.integers(0, 23)), draw(st.integers(0, 23))
    return {
        "name": "x",
        "days": draw(subset(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], least=1)),
        "from": f"{begins:02}:00",
        "until": f"{ends:02}:30",
        "zone": draw(st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns"])),
    }


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """A policy file without mistakes, as data."""
    return {
        "schema": "triage/policy/v1",
        "kind": "policy",
        "enabled": True,
        "roles": draw(roles()),
        "approvals": {risk: draw(st.integers(0, 3)) for risk in RISKS},
        "bounds": {
            "memory_limit": {"max": f"{draw(st.integers(1, 16))}Gi"},
            "replicas": {"max": draw(st.integers(1, 5))},
        },
        "budgets": {"per_person_per_hour": draw(st.integers(1, 4)), "per_hour": draw(st.integers(1, 6))},
        "freeze": draw(st.lists(freezes(), max_size=1)),
    }


@st.composite
def questions(draw: st.DrawFn) -> AccessRequest:
    """A question by a full member."""
    actor = Actor(
        Person(user=draw(st.sampled_from(USERS)), team=TEAM),
        is_full_member=True,
        groups=frozenset(draw(subset(GROUPS))),
        channel=draw(st.sampled_from([*CHANNELS, "C0OTHERS", ""])),
    )
    place = ChangeScope(*(draw(st.sampled_from([*NAMES * 6, ""])) for _ in range(3)))
    memory = Parameter("memory_limit", "Memory", f"{draw(st.integers(1, 20))}Gi", "1Gi")
    kind = draw(st.sampled_from(KINDS))
    role = draw(st.sampled_from(["operator", "operator", "anyone", "admin"]))
    ask = RequestedChange(kind, draw(st.sampled_from(Risk)), role, (memory,) if kind == "raise_memory" else ())
    return AccessRequest(
        actor, place, ask,
        Count(*(draw(st.sampled_from([0, 0, 0, 1, 2, 3])) for _ in range(3))),
        START + timedelta(minutes=draw(st.integers(0, 7 * 24 * 60))),
        draw(st.sampled_from(Act)),
        Person(user=draw(st.sampled_from(USERS)), team=TEAM),
        tuple(Person(user=user, team=TEAM) for user in draw(subset(USERS))),
    )  # fmt: skip


def loaded(data: Mapping[str, Any]) -> Policy:
    """JSON is YAML."""
    return parse(SourceFile(Path("p.yaml"), "p.yaml", json.dumps(data).encode()))


@some
@given(files(), questions())
def test_nobody_without_a_fitting_role_is_ever_allowed(data: dict[str, Any], question: AccessRequest) -> None:
    policy = loaded(data)
    decision = decide(policy, question)
    held = roles_of(policy, question.actor)

    assert decision.allowed is (decision.code is None) is bool(decision.role)
    if decision.allowed:
        assert set(decision.roles) <= set(held)
        assert question.ask.kind in CHANGE_KINDS
        assert all((question.place.app, question.place.cluster, question.place.namespace))
        assert set().union(*held.values()) & set(holders(policy, question.place, question.ask))
    else:
        assert decision.reason
        assert decision.next_step


def fewer_holders(data: dict[str, Any]) -> None:
    for role in data["roles"].values():
        role["held_by"] |= {"users": role["held_by"]["users"][1:], "groups": []}


def fewer_kinds(data: dict[str, Any]) -> None:
    for role in data["roles"].values():
        role["may"] = role["may"][1:] if len(role["may"]) > 1 else role["may"]


def fewer_namespaces(data: dict[str, Any]) -> None:
    for role in data["roles"].values():
        if role["may"]:
            role["namespaces"] = role["namespaces"][1:] or ["one"]


ALWAYS = {"name": "always", "days": ["mon", "wed", "fri", "sun"], "from": "00:00", "until": "24:00", "zone": "UTC"}
RESTRICTIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "kill switch": lambda data: data.update(enabled=False),
    "holders": fewer_holders,
    "kinds": fewer_kinds,
    "namespaces": fewer_namespaces,
    "a role less": lambda data: data["roles"].pop(next(reversed(data["roles"]), ""), None),
    "no bound": lambda data: data["bounds"].pop("memory_limit"),
    "budget": lambda data: data["budgets"].update(per_workload_per_hour=1),
    "freeze": lambda data: data["freeze"].append(ALWAYS),
    "another team": lambda data: data.update(team="T0OTHERS00"),
    "admins only": lambda data: data.update(roles={"admin": data["roles"].get("admin", {"may": ["low"], **NOWHERE})}),
}
NOWHERE = {"apps": ["x"], "namespaces": ["x"], "clusters": ["x"]}


@pytest.mark.parametrize("restriction", RESTRICTIONS)
@settings(some, max_examples=12)
@given(files(), questions())
def test_taking_rights_away_never_allows_more(restriction: str, data: dict[str, Any], question: AccessRequest) -> None:
    stricter = json.loads(json.dumps(data))
    RESTRICTIONS[restriction](stricter)
    for role in stricter["roles"].values():
        role["includes"] = [name for name in role.get("includes", ()) if name in stricter["roles"]]
    stricter["roles"] = {name: role for name, role in stricter["roles"].items() if role["may"] or role["includes"]}

    if decide(loaded(stricter), question).allowed:
        assert decide(loaded(data), question).allowed


@some
@given(files(), questions(), st.sampled_from(["is_guest", "is_external", "is_bot"]))
def test_what_is_known_against_a_person_never_allows_more(
    data: dict[str, Any], question: AccessRequest, fact: str
) -> None:
    policy = loaded(data)

    assert not decide(policy, replace(question, actor=replace(question.actor, **{fact: True}))).allowed
    assert not decide(policy, replace(question, actor=replace(question.actor, is_full_member=False))).allowed


@some
@given(questions())
def test_a_policy_that_says_nothing_allows_nothing(question: AccessRequest) -> None:
    empty = loaded({"schema": "triage/policy/v1", "kind": "policy", "enabled": True, "roles": {}})

    assert not decide(empty, question).allowed
    assert holders(empty, question.place, question.ask) == ()


@some
@given(files(), questions())
def test_the_order_of_the_file_does_not_matter(data: dict[str, Any], question: AccessRequest) -> None:
    def reverse(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reverse(value[key]) for key in reversed(value)}
        return [reverse(item) for item in reversed(value)] if isinstance(value, list) else value

    assert decide(loaded(reverse(data)), question) == decide(loaded(data), question)


@some
@given(files(), questions())
def test_what_is_capped_is_within_the_bounds(data: dict[str, Any], question: AccessRequest) -> None:
    policy = loaded(data)
    ask = capped(policy, question.ask, question.place)

    assert ask is None or problems_of(policy, ask, question.place) == ()
    assert ask == question.ask or problems_of(policy, question.ask, question.place) != ()
