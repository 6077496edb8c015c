"""What people are told they may do is what a press may do, and whoever is named could do it: all of them agree."""

from __future__ import annotations

import itertools

import pytest

from bot.changes.actor import Actor
from bot.changes.policy.access_request import AccessRequest, ChangeScope, RequestedChange
from bot.changes.policy.decision import decide
from bot.changes.policy.model import Holder, HolderKind, Policy
from bot.changes.policy.people import holders
from bot.changes.policy.values import CHANGE_KINDS
from bot.changes.policy.views import what_may
from bot.playbook.remedy_kinds import REMEDY_KINDS
from tests.unit.policies import ADMIN, DEPUTY, NEVER, NOBODY, ONCALL, OPERATOR, TUESDAY, WAR_ROOM, member, policy

PLACES = [
    ChangeScope(app, cluster, namespace)
    for app, cluster, namespace in itertools.product(("onyx", "shop"), ("prod", "lab"), ("onyx", "onyx-2", "payments"))
]
PEOPLE = [
    *(member(user) for user in (OPERATOR, ADMIN, DEPUTY, NOBODY)),
    member(NOBODY, groups=frozenset({ONCALL})),
    member(NOBODY, channel=WAR_ROOM),
    member(OPERATOR, is_guest=True),
    member(OPERATOR, team="T0ELSEWHERE"),
]
POLICIES = {
    "good": policy(),
    "operator may everything": policy(("may: [low, raise_memory, set_config]", "may: [low, medium, high]")),
    "operator may one of admin's": policy(("[low, raise_memory, set_config]", "[low, allow_route]")),
    "switched off": policy(("enabled: true", "enabled: false")),
    "admin without operator": policy(("    includes: [operator]\n", "")),
}


def is_told(rights: Policy, person: Actor, kind: str, place: ChangeScope) -> bool:
    """Home and `policy check`."""
    for row in what_may(rights, person):
        kinds = {*row.alone, *(name for name, _ in row.kinds)}
        patterns = ((place.app, row.apps), (place.namespace, row.namespaces), (place.cluster, row.clusters))
        if kind in kinds and all(any(_fits(name, one) for one in given) for name, given in patterns):
            return True
    return False


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def may_press(rights: Policy, person: Actor, kind: str, place: ChangeScope) -> bool:
    """Card, preview, press and approval go by this."""
    return decide(rights, AccessRequest(person, place, usual(kind), NEVER, TUESDAY)).allowed


def is_named(rights: Policy, person: Actor, kind: str, place: ChangeScope) -> bool:
    """Whether refusals, offers and requests for approval name this person, a group or the channel of theirs."""
    own = {Holder(HolderKind.USER, person.person.user), Holder(HolderKind.CHANNEL, person.channel)}
    own |= {Holder(HolderKind.GROUP, group) for group in person.groups}
    return bool(own & set(holders(rights, place, usual(kind))))


def usual(kind: str) -> RequestedChange:
    return RequestedChange(kind, REMEDY_KINDS[kind].risk, REMEDY_KINDS[kind].role)


@pytest.mark.parametrize("name", POLICIES)
def test_what_is_told_is_what_a_press_may_do_for_everybody_everywhere_and_every_kind(name: str) -> None:
    rights = POLICIES[name]
    for person, kind, place in itertools.product(PEOPLE, CHANGE_KINDS, PLACES):
        told, pressed = is_told(rights, person, kind, place), may_press(rights, person, kind, place)
        assert told == pressed, (person.person.user, kind, place)
        if pressed:
            assert is_named(rights, person, kind, place), (person.person.user, kind, place)


def test_a_kind_that_asks_for_admin_is_not_promised_to_operators() -> None:
    rights = POLICIES["operator may one of admin's"]
    assert REMEDY_KINDS["allow_route"].role == "admin"
    assert not any(is_told(rights, member(OPERATOR), "allow_route", place) for place in PLACES)
    assert any(is_told(rights, member(ADMIN), "allow_route", place) for place in PLACES)
