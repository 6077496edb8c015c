"""The doctor's judgement: what an answer means, what to do about it, and how it is printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import ClusterUnreachable, MonitorsRejected
from bot.domain.facts import Gap, GapReason
from bot.runtime.doctor import (
    Result,
    Status,
    clock_result,
    database_results,
    examine,
    is_well,
    report,
    rights_result,
    scope_results,
    space_result,
    summary,
    text,
)
from bot.runtime.ports import StoreHealth

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WELL = Result("playbooks", Status.OK, "42 playbooks.")
USEFUL = {"commands": "the slash command"}


@pytest.mark.parametrize(
    ("off", "status", "words"),
    [
        (59, Status.OK, "The clock agrees, to 59 s."),
        (120, Status.WARNING, "The clock of this machine is 120 s ahead of theirs."),
        (-3600, Status.FAILED, "The clock of this machine is 3600 s behind theirs."),
    ],
)
def test_a_clock_that_is_off_is_told(off: int, status: Status, words: str) -> None:
    (found,) = clock_result("clock", NOW, NOW + timedelta(seconds=off))
    assert (found.status, found.sentence) == (status, words)


def test_a_server_without_a_clock_says_nothing_about_ours() -> None:
    assert clock_result("clock", None, NOW) == ()


@pytest.mark.parametrize(
    ("granted", "status", "words"),
    [
        ({"chat:write", "commands"}, Status.OK, "All 2 scopes that are needed."),
        ({"commands"}, Status.FAILED, "The bot token lacks the scope chat:write."),
        ({"chat:write"}, Status.WARNING, "The bot token lacks scopes: commands (the slash command)."),
        (None, Status.WARNING, "The server does not say which scopes the bot token has."),
    ],
)
def test_missing_scopes_are_told_with_what_does_not_work(granted: set[str] | None, status: Status, words: str) -> None:
    (found,) = scope_results("scopes", None if granted is None else frozenset(granted), {"chat:write"}, USEFUL)
    assert (found.status, found.sentence) == (status, words)


def test_a_database_from_a_newer_version_fails_and_an_audit_problem_is_a_result_of_its_own() -> None:
    newer = StoreHealth("sqlite", "/x", True, "0009", "0001", "The database is of a newer version of the program.")
    assert [item.status for item in database_results(newer)] == [Status.FAILED]
    no_audit = StoreHealth("sqlite", "/x", True, "0001", "0001", "", "The key is not there.")
    assert [item.status for item in database_results(no_audit)] == [Status.OK, Status.FAILED]


def test_missing_rights_come_with_the_role_to_apply() -> None:
    gap = Gap(GapReason.FORBIDDEN, "pods", 'User "robin" cannot list', "list", "pods", "onyx")
    found = rights_result("onyx", [gap])
    assert (found.status, found.name) == (Status.WARNING, "rights in onyx")
    assert "kind: Role\n" in found.detail
    assert rights_result("onyx", []).status is Status.OK
    assert rights_result("onyx", [Gap(GapReason.TIMED_OUT, "pods")]).status is Status.WARNING


def test_a_disk_that_is_nearly_full_is_told() -> None:
    assert space_result("disk", 10 * 1024**2).status is Status.WARNING
    assert space_result("disk", 10 * 1024**3).status is Status.OK


def broken() -> tuple[Result, ...]:
    raise ClusterUnreachable("The cluster cannot be reached.", "Check the VPN.")


def rejected() -> tuple[Result, ...]:
    raise MonitorsRejected(("m.yaml:1:1: wrong", "m.yaml:2:1: wrong too"))


def test_a_check_that_fails_is_a_result_with_its_remedy_and_stops_no_other() -> None:
    found = examine({"cluster": broken, "monitors": rejected, "playbooks": lambda: (WELL,)})
    assert [(item.name, item.status) for item in found] == [
        ("cluster", Status.FAILED),
        ("monitors", Status.FAILED),
        ("playbooks", Status.OK),
    ]
    assert not is_well(found)
    assert report(found)["ok"] is False
    assert report(found)["checks"][1]["detail"] == "m.yaml:1:1: wrong\nm.yaml:2:1: wrong too"
    assert text(found).splitlines() == [
        "FAILED   cluster    The cluster cannot be reached.",
        "                    → Check the VPN.",
        "FAILED   monitors   The monitors have 2 mistakes.",
        "                    → Correct them; `triage doctor` lists all of them.",
        "           m.yaml:1:1: wrong",
        "           m.yaml:2:1: wrong too",
        "ok       playbooks  42 playbooks.",
        "3 checks: 2 failed, 0 with a warning.",
    ]


def test_what_is_not_configured_is_no_failure() -> None:
    assert is_well([Result("model", Status.NOT_CONFIGURED, "None."), Result("x", Status.WARNING, "Meh.")])


def test_the_summary_names_only_what_is_wrong() -> None:
    assert summary([WELL]) == ("All 1 checks are well.",)
    assert summary(examine({"cluster": broken, "playbooks": lambda: (WELL,)})) == (
        "cluster: The cluster cannot be reached. Check the VPN.",
    )
