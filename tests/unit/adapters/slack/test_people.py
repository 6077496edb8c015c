"""Who may ask, and where: closed when in doubt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.adapters.slack.events.people import CACHE_SECONDS, AdmissionRules, AllowedUser, Denied, Gate, SlackUser
from bot.adapters.slack.send.errors import SlackRefused, SlackUnreachable
from bot.adapters.slack.send.reading import Identity
from bot.domain.errors import SlackError

HOME = Identity(user_id="U0BOT", bot_id="B0", team_id="T1", team="Meridian", name="triage", enterprise_id="E1")
MEMBER = {"id": "U1", "team_id": "T1", "real_name": "Robin Vega", "profile": {"display_name": "robin"}}


class Slack:
    def __init__(self, user: Any = None, channel: Any = None) -> None:
        self.answers = {"user": user, "channel": channel}
        self.asked = 0

    def _answer(self, kind: str) -> dict[str, Any]:
        self.asked += 1
        answer = self.answers[kind]
        if isinstance(answer, SlackError):
            raise answer
        return answer or {}

    def user(self, _: str) -> dict[str, Any]:
        return self._answer("user")

    def channel(self, _: str) -> dict[str, Any]:
        return self._answer("channel")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def gate(slack: Slack, **rules: Any) -> Gate:
    return Gate(slack, AdmissionRules(**{"home_team": "T1", **rules}), HOME, Clock())


@pytest.mark.parametrize(
    ("user", "teams", "admitted"),
    [
        (MEMBER, {"T1"}, True),
        (MEMBER, set(), True),
        ({**MEMBER, "team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, {"T1"}, True),
        (MEMBER, {"T1", "T2"}, False),
        ({**MEMBER, "team_id": "T2"}, {"T1"}, False),
        ({**MEMBER, "team_id": ""}, {"T1"}, False),
        ({**MEMBER, "is_restricted": True}, {"T1"}, False),
        ({**MEMBER, "is_ultra_restricted": True}, {"T1"}, False),
        ({**MEMBER, "is_stranger": True}, {"T1"}, False),
        ({**MEMBER, "is_bot": True}, {"T1"}, False),
        ({**MEMBER, "deleted": True}, {"T1"}, False),
        ({}, {"T1"}, False),
        (SlackRefused("users.info", "missing_scope"), {"T1"}, False),
        (SlackRefused("users.info", "unknown_method"), {"T1"}, False),
        (SlackUnreachable("users.info", "timeout", arrived=True), {"T1"}, False),
    ],
)
def test_only_full_members_of_the_home_team_are_admitted(user: Any, teams: set[str], admitted: bool) -> None:
    decision = gate(Slack(user)).person(SlackUser("U1", frozenset(teams)))
    assert isinstance(decision, AllowedUser if admitted else Denied)


def test_nobody_is_not_admitted() -> None:
    assert isinstance(gate(Slack(MEMBER)).person(SlackUser("")), Denied)


@pytest.mark.parametrize(
    ("user", "admitted"),
    [
        (SlackRefused("users.info", "unknown_method"), True),
        (SlackRefused("users.info", "HTTP 404", 404), True),
        ({}, True),
        ({**MEMBER, "is_restricted": True}, False),
        (SlackRefused("users.info", "user_not_found"), False),
    ],
)
def test_a_server_that_is_not_slack_may_have_no_users_but_guests_stay_guests(user: Any, admitted: bool) -> None:
    decision = gate(Slack(user), lenient=True).person(SlackUser("U1", frozenset({"T1"})))
    assert isinstance(decision, AllowedUser if admitted else Denied)


@pytest.mark.parametrize(
    ("channel", "shared", "answered"),
    [
        ({"is_ext_shared": False}, False, True),
        ({"is_ext_shared": False}, None, True),
        ({"is_ext_shared": True}, False, False),
        ({"is_ext_shared": False}, True, False),
        ({"is_pending_ext_shared": True}, None, False),
        (SlackRefused("conversations.info", "missing_scope"), False, False),
        (SlackRefused("conversations.info", "channel_not_found"), False, True),
        (SlackRefused("conversations.info", "missing_scope"), None, False),
        (SlackUnreachable("conversations.info", "timeout", arrived=True), None, False),
    ],
)
def test_shared_channels_are_not_answered(channel: Any, shared: bool | None, answered: bool) -> None:
    assert (gate(Slack(channel=channel)).channel("C1", shared=shared) is None) is answered
    assert gate(Slack(channel=channel), in_shared_channels=True).channel("C1", shared=shared) is None


def test_a_server_that_is_not_slack_may_not_know_its_channels_or_teams() -> None:
    unknown = SlackRefused("conversations.info", "channel_not_found")
    assert gate(Slack(channel=unknown), lenient=True).channel("C1", shared=None) is None
    assert gate(Slack(channel=unknown), lenient=True).channel("C1", shared=True) is not None
    assert gate(Slack(channel={"is_ext_shared": True}), lenient=True).channel("C1", shared=None) is not None
    assert isinstance(gate(Slack(MEMBER), lenient=True, home_team="").person(SlackUser("U1")), AllowedUser)
    assert isinstance(gate(Slack({**MEMBER, "team_id": "T2"}), lenient=True).person(SlackUser("U1")), Denied)


def test_a_channel_the_bot_cannot_see_is_told_apart() -> None:
    denied = gate(Slack(channel=SlackRefused("conversations.info", "channel_not_found"))).channel("G1", shared=None)
    assert denied is not None
    assert denied.unknown_channel


def test_who_can_help_comes_from_the_settings() -> None:
    decision = gate(Slack({}), helpers="Ask in #platform.").person(SlackUser("U1"))
    assert isinstance(decision, Denied)
    assert decision.who_can_help == "Ask in #platform."


def test_answers_are_remembered_for_five_minutes_and_forgotten_when_a_channel_changes() -> None:
    slack, clock = Slack(MEMBER, {"name": "incidents"}), Clock()
    made = Gate(slack, AdmissionRules("T1"), HOME, clock)
    for _ in range(3):
        made.person(SlackUser("U1"))
    assert slack.asked == 1
    clock.now += timedelta(seconds=CACHE_SECONDS)
    made.person(SlackUser("U1"))
    assert slack.asked == 2
    assert made.channel_name("C1") == made.channel_name("C1") == "incidents"
    assert slack.asked == 3
    made.forget_channel("C1")
    made.channel_name("C1")
    assert slack.asked == 4


def test_an_answer_that_was_on_its_way_when_it_was_forgotten_is_not_kept() -> None:
    """Slack's word that a channel was renamed, or a person changed, may come while the old state is being fetched."""
    slack = Slack({**MEMBER, "deleted": False}, {"name": "old"})

    class Overtaken(Slack):
        def channel(self, key: str) -> dict[str, Any]:
            answer = slack.channel(key)
            made.forget_channel(key)
            return answer

        def user(self, key: str) -> dict[str, Any]:
            answer = slack.user(key)
            made.forget_person(key)
            return answer

    made = gate(Overtaken())
    made.channel_name("C1")
    made.person(SlackUser("U1"))
    slack.answers = {"user": {**MEMBER, "deleted": True}, "channel": {"name": "new"}}
    assert made.channel_name("C1") == "new"
    assert isinstance(made.person(SlackUser("U1")), Denied)
