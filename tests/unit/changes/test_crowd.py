"""Whether enough people are there; and that Home says what a press would do."""

from __future__ import annotations

import pytest

from bot.changes.policy.crowd import people_of, too_few
from bot.changes.policy.model import Holder, HolderKind
from bot.changes.policy.views import what_may
from bot.playbook.remedy_kinds import REMEDY_KINDS
from tests.support.shipped import shipped_playbooks
from tests.unit.policies import ADMIN, DEPUTY, member, policy

A, B = Holder(HolderKind.USER, "A"), Holder(HolderKind.USER, "B")
PAIR, UNKNOWN = Holder(HolderKind.GROUP, "PAIR"), Holder(HolderKind.GROUP, "UNKNOWN")
ROOM = Holder(HolderKind.CHANNEL, "ROOM")


def members(holder: Holder) -> frozenset[str] | None:
    return {PAIR: frozenset({"A", "C"})}.get(holder)


@pytest.mark.parametrize(
    ("holders", "needed", "without", "few"),
    [
        ((A,), 1, "", False),
        ((A,), 1, "A", True),
        ((A, B), 1, "A", False),
        ((A, B), 2, "A", True),
        ((A, PAIR), 2, "", False),
        ((A, PAIR), 2, "A", True),
        ((A, UNKNOWN), 5, "A", False),
        ((A, ROOM), 5, "A", False),
        ((), 1, "", True),
        ((), 0, "", False),
    ],
)
def test_people_are_counted_once_and_what_is_unknown_may_be_enough(
    holders: tuple[Holder, ...], needed: int, without: str, few: bool
) -> None:
    assert too_few(holders, members, needed, frozenset({without} - {""})) is few


def test_whoever_cannot_be_counted_is_not_nobody() -> None:
    assert people_of((A, ROOM), members) is None
    assert people_of((A, PAIR), members) == {"A", "C"}


def test_home_shows_no_kind_that_asks_for_a_higher_role() -> None:
    wide = policy(("may: [low, raise_memory, set_config]", "may: [low, medium, high]"), ("high: 2", "high: 1"))
    kinds = {row.role: dict(row.kinds) for row in what_may(wide, member())}
    assert kinds["operator"]["roll_back"] == 1
    assert "allow_route" not in kinds["operator"]
    assert dict(what_may(wide, member(ADMIN))[0].kinds)["allow_route"] == 1


def test_home_says_what_nobody_else_could_approve() -> None:
    two = policy()  # two approvals for what is of high risk, and two admins: one asks, one could agree
    (admin, _) = what_may(two, member(ADMIN))
    assert "allow_route" in admin.alone
    assert "allow_route" not in dict(admin.kinds)
    more = policy((f"[{ADMIN}, {DEPUTY}]", f"[{ADMIN}, {DEPUTY}, U0THIRD000]"))
    assert what_may(more, member(ADMIN))[0].alone == ()


def test_the_role_that_home_assumes_is_the_one_that_the_playbooks_ask_for() -> None:
    asked: dict[str, set[str]] = {}
    for file in shipped_playbooks().files:
        for cause in getattr(file.playbook, "causes", ()):  # apps and lines have none
            for remedy in cause.remedies:
                asked.setdefault(remedy.kind, set()).add(remedy.role)
    asked.pop("advice")
    assert {kind: {REMEDY_KINDS[kind].role} for kind in asked} == asked
