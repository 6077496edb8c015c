"""Who may do what, where: the matrix of person, role, scope, kind and approvals, and why somebody may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.changes.actor import Actor
from bot.changes.policy.access_request import Act, ChangeScope, RequestedChange, question_about
from bot.changes.policy.decision import DenialReason, approvals_missing, decide, decide_own_rights
from bot.changes.policy.model import Closed, Holder, HolderKind
from bot.changes.policy.people import holders, roles_of
from bot.changes.policy.views import what_may
from bot.changes.ports import Count
from bot.domain.changes import Change, Person
from bot.domain.remedies import Parameter, Remedy, Risk
from bot.playbook.remedy_kinds import REMEDY_KINDS
from tests.unit.policies import (
    ADMIN,
    DEPUTY,
    HERE,
    NEVER,
    NOBODY,
    ONCALL,
    OPERATOR,
    RESTART,
    SATURDAY,
    TEAM,
    TUESDAY,
    WAR_ROOM,
    member,
    memory,
    policy,
    question,
)

EVERYWHERE = "apps: ['*'], namespaces: ['*'], clusters: ['*']"
MINE = "held_by: {users: [U0NOBODY00]}"
ROLL_BACK = RequestedChange("roll_back", Risk.HIGH)
PAYMENTS = ChangeScope("shop", "prod", "payments")
REQUESTER = Person(user=OPERATOR, team=TEAM)

STRANGERS = {
    "guest": member(is_guest=True),
    "guest said to be a full member of the war room": member(NOBODY, is_guest=True, channel=WAR_ROOM),
    "external person": member(is_external=True),
    "bot": member(is_bot=True),
    "deactivated person": member(is_full_member=False),
    "person of another team": member(team="T0OTHER000"),
    "person of no team": member(team=""),
    "person without an id": member(""),
    "person of whom nothing is known": Actor(Person(user=OPERATOR, team=TEAM)),
    "somebody who only has the operator's name": Actor(Person(user=NOBODY, team=TEAM, name=OPERATOR)),
}


@pytest.mark.parametrize("actor", STRANGERS.values(), ids=STRANGERS.keys())
@pytest.mark.parametrize("act", Act)
def test_whoever_is_not_clearly_a_full_member_may_nothing(actor: Actor, act: Act) -> None:
    decision = decide(policy(), question(actor, act=act, requester=Person(user=ADMIN, team=TEAM)))

    assert (decision.allowed, decision.code, decision.role) == (False, DenialReason.NOT_MEMBER, "")
    assert decision.reason.endswith(".")
    assert roles_of(policy(), actor) == {}
    assert what_may(policy(), actor) == ()


@pytest.mark.parametrize(
    ("actor", "roles"),
    [
        (member(OPERATOR), ["operator"]),
        (member(NOBODY, groups=frozenset({ONCALL})), ["operator"]),
        (member(NOBODY, channel=WAR_ROOM), ["operator"]),
        (member(ADMIN), ["admin", "operator"]),
        (member(NOBODY), []),
        (member(NOBODY, groups=frozenset({"S0OTHERS00"}), channel="C0GENERAL0"), []),
        (member(ONCALL), []),
        (member(NOBODY, groups=frozenset({OPERATOR, WAR_ROOM}), channel=ONCALL), []),
    ],
)
def test_a_role_is_held_by_user_group_channel_or_a_role_that_includes_it(actor: Actor, roles: list[str]) -> None:
    assert list(roles_of(policy(), actor)) == roles


ELSEWHERE = {
    "namespace": replace(HERE, namespace="payments"),
    "a namespace of a similar name": replace(HERE, namespace="onyx2"),
    "app": replace(HERE, app="shop"),
    "cluster": replace(HERE, cluster="staging"),
}


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_rights_end_where_the_role_does(place: ChangeScope) -> None:
    decision = decide(policy(), question(place=place))

    assert decision.code is DenialReason.WRONG_SCOPE


@pytest.mark.parametrize("unknown", ["app", "namespace", "cluster"])
def test_no_pattern_fits_a_place_without_a_name(unknown: str) -> None:
    everywhere = policy(('namespaces: ["onyx*", payments]', 'namespaces: ["*"]'))

    assert (
        decide(everywhere, question(member(ADMIN), place=replace(HERE, **{unknown: ""}))).code
        is DenialReason.WRONG_SCOPE
    )


@pytest.mark.parametrize(
    ("user", "place", "role"),
    [(OPERATOR, replace(HERE, namespace="onyx-eu"), "operator"), (ADMIN, PAYMENTS, "admin"), (ADMIN, HERE, "operator")],
)
def test_the_least_powerful_role_that_may_is_acted_as(user: str, place: ChangeScope, role: str) -> None:
    assert decide(policy(), question(member(user), place=place)).role == role


FIX_PROBE = RequestedChange("fix_probe", Risk.MEDIUM)
FOR_ADMINS, FOR_ANYONE, FOR_ROOT = (replace(RESTART, role=role) for role in ("admin", "anyone", "root"))
RISKY_RESTART = replace(RESTART, risk=Risk.HIGH)
MATRIX: list[tuple[str, str, RequestedChange, str | DenialReason, int]] = [
    ("low risk by an operator", OPERATOR, RESTART, "operator", 0),
    ("low risk by nobody", NOBODY, RESTART, DenialReason.NO_ROLE, 0),
    ("a kind granted by name", OPERATOR, memory("2Gi"), "operator", 1),
    ("a kind not granted", OPERATOR, FIX_PROBE, DenialReason.KIND_NOT_GRANTED, 1),
    ("a kind granted by its risk", ADMIN, FIX_PROBE, "admin", 1),
    ("high risk by an operator", OPERATOR, ROLL_BACK, DenialReason.KIND_NOT_GRANTED, 2),
    ("high risk by an admin", ADMIN, ROLL_BACK, "admin", 2),
    ("a harmless kind that the playbook calls risky here", OPERATOR, RISKY_RESTART, DenialReason.KIND_NOT_GRANTED, 2),
    ("for admins, by an operator", OPERATOR, FOR_ADMINS, DenialReason.ROLE_TOO_LOW, 0),
    ("for admins, by an admin", ADMIN, FOR_ADMINS, "admin", 0),
    ("for anyone, by an operator", OPERATOR, FOR_ANYONE, "operator", 0),
    ("for anyone, by somebody without a role", NOBODY, FOR_ANYONE, DenialReason.NO_ROLE, 0),
    ("for a role nobody has heard of", ADMIN, FOR_ROOT, DenialReason.ROLE_TOO_LOW, 0),
    ("a kind nobody has heard of", ADMIN, RequestedChange("format_disk", Risk.LOW), DenialReason.KIND_NOT_GRANTED, 0),
    ("advice", ADMIN, RequestedChange("advice", Risk.LOW), DenialReason.KIND_NOT_GRANTED, 0),
]


@pytest.mark.parametrize(
    ("user", "ask", "expected", "approvals"), [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX]
)
def test_matrix(user: str, ask: RequestedChange, expected: str | DenialReason, approvals: int) -> None:
    decision = decide(policy(), question(member(user), ask=ask))

    assert (decision.code or decision.role) == expected
    assert decision.allowed is not isinstance(expected, DenialReason)
    assert decision.approvals_needed == approvals
    assert decision.reason.endswith(".") is isinstance(expected, DenialReason)


@pytest.mark.parametrize("act", Act)
def test_without_a_policy_and_with_the_kill_switch_nobody_may_act_and_hears_why(act: Act) -> None:
    asked = question(member(ADMIN), act=act, requester=REQUESTER)

    closed = decide(Closed("There is no policy.", "Make one."), asked)
    off = decide(policy(("enabled: true", "enabled: false")), asked)

    assert (closed.allowed, closed.code, closed.reason, closed.next_step) == (
        False, DenialReason.NO_POLICY, "There is no policy.", "Make one.",
    )  # fmt: skip
    assert (off.allowed, off.code) == (False, DenialReason.DISABLED)
    assert what_may(policy(("enabled: true", "enabled: false")), member(ADMIN)) == ()


def test_a_refusal_names_who_could_by_their_ids() -> None:
    users = {Holder(HolderKind.USER, user) for user in (OPERATOR, ADMIN, DEPUTY)}
    everybody = users | {Holder(HolderKind.GROUP, ONCALL), Holder(HolderKind.CHANNEL, WAR_ROOM)}

    stranger = decide(policy(), question(member(NOBODY)))
    operator = decide(policy(), question(member(OPERATOR), ask=ROLL_BACK))
    admin = decide(policy(), question(member(ADMIN), place=replace(PAYMENTS, namespace="vault")))

    assert set(stranger.holders) == everybody
    assert set(operator.holders) == {Holder(HolderKind.USER, ADMIN), Holder(HolderKind.USER, DEPUTY)}
    assert admin.holders == ()
    assert admin.next_step.startswith("At present nobody may do this here")
    assert set(holders(policy(), HERE, ROLL_BACK)) == set(operator.holders)


def test_the_requester_cannot_approve_and_nobody_approves_twice() -> None:
    asked = question(ask=memory("2Gi"), act=Act.APPROVE, requester=REQUESTER)

    own = decide(policy(), asked)
    own_under_another_team = decide(policy(), replace(asked, requester=Person(user=OPERATOR, team="E0GRID0000")))
    other = decide(policy(), replace(asked, actor=member(ADMIN)))
    twice = decide(policy(), replace(asked, actor=member(ADMIN), approvers=(Person(user=ADMIN, team=TEAM),)))

    assert own.code is own_under_another_team.code is DenialReason.OWN_REQUEST
    assert Holder(HolderKind.USER, OPERATOR) not in own.holders
    assert Holder(HolderKind.USER, ADMIN) in own.holders
    assert other.allowed
    assert twice.code is DenialReason.ALREADY_APPROVED
    assert Holder(HolderKind.USER, DEPUTY) in twice.holders


def test_an_approver_needs_a_role_that_may_do_the_same() -> None:
    asked = question(ask=ROLL_BACK, act=Act.APPROVE, requester=Person(user=ADMIN, team=TEAM))

    assert decide(policy(), asked).code is DenialReason.KIND_NOT_GRANTED
    assert decide(policy(), replace(asked, actor=member(DEPUTY))).allowed


def test_approvals_count_people_once_and_never_the_requester() -> None:
    people = [Person(user=user, team=TEAM) for user in (ADMIN, ADMIN, OPERATOR, DEPUTY)]

    assert [approvals_missing(2, REQUESTER, people[:count]) for count in range(5)] == [2, 1, 1, 1, 0]
    assert approvals_missing(0, REQUESTER, []) == 0
    assert approvals_missing(2, REQUESTER, [Person(user=ADMIN, team=TEAM), Person(user=ADMIN, team="E0GRID0000")]) == 1


def test_the_policy_may_see_the_risk_of_a_kind_differently() -> None:
    stricter = policy(("approvals:", "risks: {restart: high, set_config: low}\napprovals:"))

    restart = decide(stricter, question(member(ADMIN)))
    configure = decide(stricter, question(ask=RequestedChange("set_config", Risk.MEDIUM)))

    assert decide(stricter, question()).code is DenialReason.KIND_NOT_GRANTED
    assert (restart.role, restart.risk, restart.approvals_needed) == ("admin", Risk.HIGH, 2)
    assert (configure.role, configure.risk, configure.approvals_needed) == ("operator", Risk.LOW, 0)


@pytest.mark.parametrize(
    ("count", "code"),
    [
        (Count(9, 2, 29), None),
        (Count(10, 0, 10), DenialReason.BUDGET_PERSON),
        (Count(0, 3, 3), DenialReason.BUDGET_WORKLOAD),
        (Count(0, 0, 30), DenialReason.BUDGET_TOTAL),
    ],
)
@pytest.mark.parametrize("user", [OPERATOR, ADMIN])
def test_budgets_stop_everybody(count: Count, code: DenialReason | None, user: str) -> None:
    decision = decide(policy(), question(member(user), count=count))

    assert decision.code is code
    assert all(holder.id != user for holder in decision.holders)


def test_in_a_freeze_only_exempt_roles_may_and_they_act_as_that_role() -> None:
    operator = decide(policy(), question(now=SATURDAY))
    admin = decide(policy(), question(member(ADMIN), now=SATURDAY))

    assert operator.code is DenialReason.FROZEN
    assert "“weekend”" in operator.reason
    assert {holder.id for holder in operator.holders} == {ADMIN, DEPUTY}
    assert (admin.role, admin.roles) == ("admin", ("admin",))


def test_a_freeze_holds_only_in_its_scope() -> None:
    elsewhere = policy(("zone: Europe/Berlin", "zone: Europe/Berlin, clusters: [staging]"))

    assert decide(elsewhere, question(now=SATURDAY)).allowed


def test_out_of_bounds_says_which_values_are_possible() -> None:
    decision = decide(policy(), question(ask=memory("16Gi")))

    assert decision.code is DenialReason.OUT_OF_BOUNDS
    assert decision.reason == "The memory limit may be from 64Mi to 8Gi, not 16Gi."


def test_undoing_needs_the_role_but_no_approval_and_no_values() -> None:
    change = a_change(undoes="c1")

    assert question_about(change, member(), NEVER, TUESDAY).act is Act.UNDO
    undone = decide(policy(), question_about(change, member(), NEVER, TUESDAY))
    assert (undone.allowed, undone.approvals_needed) == (True, 0)
    assert decide(policy(), question_about(change, member(NOBODY), NEVER, TUESDAY)).code is DenialReason.NO_ROLE
    assert decide(policy(), question_about(change, member(), NEVER, SATURDAY)).code is DenialReason.FROZEN


def test_a_question_about_a_change_is_about_what_would_be_set() -> None:
    asked = question_about(a_change(), member(), NEVER, TUESDAY)

    assert (asked.place, asked.act) == (HERE, Act.REQUEST)
    assert decide(policy(), asked).code is DenialReason.OUT_OF_BOUNDS


def a_change(undoes: str = "") -> Change:
    values = (Parameter("memory_limit", "Memory limit", "64Gi", "1Gi"),)
    remedy = Remedy("raise", "raise_memory", "Raise it", "deployment/api", "operator", "", parameters=values)
    return Change(
        id="c2", app="onyx", cluster="prod", namespace="onyx", cause="api-oom-killed", remedy=remedy, undoes=undoes,
        offered_at=TUESDAY, expires_at=TUESDAY,
    )  # fmt: skip


def test_questions_that_make_no_sense_are_not_asked() -> None:
    with pytest.raises(ValueError, match="zone"):
        question(now=datetime(2026, 6, 9, 10))  # noqa: DTZ001 - that is the mistake
    with pytest.raises(ValueError, match="requested"):
        question(act=Act.APPROVE)


def test_at_the_command_line_everything_but_roles_and_approvals_holds() -> None:
    def code(**parts: object) -> DenialReason | None:
        given: dict = {"place": HERE, "ask": ROLL_BACK, "count": NEVER, "now": TUESDAY, **parts}
        return decide_own_rights(given.pop("policy", policy()), **given).code

    assert code() is None
    assert code(ask=memory("16Gi")) is DenialReason.OUT_OF_BOUNDS
    assert code(now=SATURDAY) is DenialReason.FROZEN
    assert code(count=Count(0, 3, 0)) is DenialReason.BUDGET_WORKLOAD
    assert code(place=replace(HERE, cluster="")) is DenialReason.WRONG_SCOPE
    assert code(policy=Closed("There is none.", "Make one.")) is DenialReason.NO_POLICY
    assert code(policy=policy(("enabled: true", "enabled: false"))) is DenialReason.DISABLED


def test_what_somebody_may_do_is_shown_with_its_reason_and_the_approvals_it_needs() -> None:
    rows = what_may(policy(), member(NOBODY, groups=frozenset({ONCALL})))

    assert [(row.role, row.via, row.namespaces) for row in rows] == [
        ("operator", (Holder(HolderKind.GROUP, ONCALL),), ("onyx", "onyx-*"))
    ]
    low = {kind: 0 for kind, known in REMEDY_KINDS.items() if known.risk is Risk.LOW and known.acts_on != "nothing"}
    assert dict(rows[0].kinds) == {**low, "raise_memory": 1, "set_config": 1}
    assert {"restart", "scale_up", "restart_caller"} <= set(low)
    assert [row.role for row in what_may(policy(), member(ADMIN))] == ["admin", "operator"]
    assert what_may(policy(), member(NOBODY)) == ()


@pytest.mark.parametrize(
    ("payments", "asked", "expected"),
    [
        ("includes: [admin]", "admin", "admin"),
        (f"may: [low], level: admin, {EVERYWHERE}", "admin", "payments"),
        (f"may: [low], {EVERYWHERE}", "operator", "payments"),
        (f"may: [low], {EVERYWHERE}", "admin", DenialReason.ROLE_TOO_LOW),
        (f"may: [low], includes: [admin], {EVERYWHERE}", "admin", "admin"),
    ],
)
def test_roles_of_other_names_count_as_what_they_say(payments: str, asked: str, expected: str | DenialReason) -> None:
    rules = policy(("roles:\n", f"roles:\n  payments: {{{payments}, {MINE}}}\n"))

    decision = decide(rules, question(member(NOBODY), ask=replace(RESTART, role=asked)))

    assert (decision.code or decision.role) == expected
