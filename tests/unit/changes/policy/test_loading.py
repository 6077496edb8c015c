"""What an author of a policy is told: every mistake at once, each with its line, its column and what to write."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from bot.changes.policy.model import Policy
from bot.changes.policy.schema import json_schema
from bot.changes.policy.values import CHANGE_KINDS, RISKS
from bot.changes.policy.views import notes
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.schema import RemedyKind
from bot.yamlfile.spelling import listed
from tests.unit.policies import GOOD, policy, problems, text

FREEZE = '{name: weekend, days: [sat, sun], from: "00:00", until: "24:00", zone: Europe/Berlin, except_roles: [admin]}'


def frozen(what: str) -> tuple[str, str]:
    return FREEZE, f"{{name: x, zone: UTC, {what}}}"


MISTAKES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "a role that includes one that is not there": (
        [("includes: [operator]", "includes: [operater]")],
        ["13:16: unknown role `operater`; did you mean `operator`?"],
    ),
    "roles that include each other": (
        [("    may: [low, raise_memory, set_config]", "    includes: [admin]\n    may: [low]")],
        ["7:15: these roles include each other: `operator` and `admin`"],
    ),
    "a role that includes itself": (
        [("includes: [operator]", "includes: [admin]")],
        ["13:15: these roles include each other: `admin`"],
    ),
    "a kind of remedy that is not there": (
        [("raise_memory, set", "rise_memory, set")],
        ["7:16: item 2 of `may`: unknown kind of remedy `rise_memory`; did you mean `raise_memory`?"],
    ),
    "advice is not granted": (
        [("[low, raise_memory, set_config]", "[advice]")],
        [f"7:11: item 1 of `may`: unknown kind of remedy `advice`; there is {listed(sorted((*CHANGE_KINDS, *RISKS)))}"],
    ),
    "a role without a place": (
        [("    clusters: [prod]\n", ""), ('    namespaces: [onyx, "onyx-*"]', "    namespaces: []")],
        [
            '7:5: the role `operator` names no `clusters`; write which ones, or `clusters: ["*"]` for all',
            '9:17: the role `operator` names no `namespaces`; write which ones, or `namespaces: ["*"]` for all',
        ],
    ),
    "a role that may do nothing": (
        [("    includes: [operator]\n    may: [low, medium, high]\n", "")],
        ["13:5: the role `admin` may do nothing; give it `may` or `includes`"],
    ),
    "a place of nothing": (
        [("    may: [low, medium, high]\n", "")],
        [
            "14:11: `apps` says where `may` holds, and `admin` has no `may`; what it includes keeps its own",
            "15:17: `namespaces` says where `may` holds, and `admin` has no `may`; what it includes keeps its own",
            "16:15: `clusters` says where `may` holds, and `admin` has no `may`; what it includes keeps its own",
        ],
    ),
    "a role that sounds like everybody": (
        [("  admin:\n", "  anyone:\n"), ("except_roles: [admin]", "except_roles: []")],
        ["13:5: `anyone` cannot be the name of a role: it would read as if everybody held it"],
    ),
    "names instead of ids": (
        [("users: [U0OPERATOR], groups: [S0ONCALL00], channels: [C0WARROOM0]",
          "users: [robin], groups: ['@oncall'], channels: [D0DIRECT00]")],
        [
            ("11:23: item 1 of `users`: `robin` is no Slack user id (`U…` or `W…`); copy it from the person's profile: "
            "“Copy member ID”"),
            ("11:40: item 1 of `groups`: `@oncall` is no Slack user group id (`S…`); it is at the end of the group's "
            "address in Slack on the web"),
            ("11:63: item 1 of `channels`: `D0DIRECT00` is no Slack channel id (`C…` or `G…`); it is at the bottom of "
            "the channel's details"),
        ],
    ),
    "a wildcard for people": (
        [("users: [U0OPERATOR]", "users: ['*']")],
        [
            ("11:23: item 1 of `users`: `*` is no Slack user id (`U…` or `W…`); copy it from the person's profile: "
            "“Copy member ID”")
        ],
    ),
    "a plain star": (
        [('    apps: ["*"]', "    apps: [*]")],
        ["15:12: `*` begins a YAML alias; put the text in quotes"],
    ),
    "a bound that no value fits": (
        [("{min: 64Mi, max: 8Gi}", "{min: 10Gi, max: 8192Mi}")],
        ["21:23: no value fits: the least is 10Gi and the greatest 8192Mi"],
    ),
    "a bound below the default": (
        [("cpu_limit: {max: 4}", "cpu_limit: {max: 4}\n  port: {min: 99, max: 80}")],
        ["23:15: no value fits: the least is 99 and the greatest 80"],
    ),
    "amounts that are none": (
        [("max: 8Gi", "max: lots"), ("cpu_limit: {max: 4}", "cpu_limit: {max: -4}")],
        [
            "21:34: `max`: `lots` is no amount of memory; write it as `512Mi` or `8Gi`",
            "22:20: `max`: `-4` is no amount of CPU; write it as `500m` or `2`",
        ],
    ),
    "nobody scales to nothing": (
        [("replicas: {max: 5}", "replicas: {min: 0, max: 5}")],
        ["23:19: `min` is 0; it must be at least 1"],
    ),
    "budgets that are none": (
        [("per_hour: 30", "per_hour: 0"), ("per_person_per_hour: 10", "per_person_per_hour: many")],
        [
            "24:32: `per_person_per_hour` is the text `many`; it must be a whole number, without quotes",
            "24:74: `per_hour` is 0; it must be at least 1",
        ],
    ),
    "on is no boolean": (
        [("enabled: true", "enabled: on")],
        ["3:10: `on` is a text to some YAML readers and true to others; write `true`, or put it in quotes"],
    ),
    "a quoted boolean": (
        [("enabled: true", 'enabled: "true"')],
        ["3:10: `enabled` is the text `true`; it must be `true` or `false`, without quotes"],
    ),
    "a key given twice": (
        [("enabled: true", "enabled: false\nenabled: true")],
        ["4:1: the key `enabled` was already given in line 3"],
    ),
    "a role given twice": (
        [("  admin:\n", "  operator:\n"), ("includes: [operator]\n    may", "may")],
        ["12:3: the key `operator` was already given in line 6", "25:106: unknown role `admin`; there is `operator`"],
    ),
    "an unknown field": (
        [("enabled: true", "enable: true")],
        ["3:1: unknown field `enable`; did you mean `enabled`?"],
    ),
    "an unquoted time": (
        [('from: "00:00"', "from: 22:00")],
        [
            "26:45: YAML readers disagree about the number `22:00`; put it in quotes, or write it as a plain decimal",
        ],
    ),
    "a time that there is not": (
        [frozen('days: [mon], from: "25:00", until: "8:00"')],
        [
            '26:45: `25:00` is no time of day; write it in quotes as "08:30", to "24:00"',
            '26:61: `8:00` is no time of day; write it in quotes as "08:30", to "24:00"',
        ],
    ),
    "a window that lasts no time": (
        [frozen('days: [mon, mon], from: "08:00", until: "08:00"')],
        [
            "26:38: `mon` is already in the list",
            '26:66: this ends when it begins; the whole day is from "00:00" until "24:00"',
        ],
    ),
    "a window that begins when the day is over": (
        [frozen('days: [mon], from: "24:00", until: "08:00"')],
        ['26:45: nothing begins at the end of a day; write "00:00" and the day after'],
    ),
    "a window without days": (
        [frozen('from: "08:00", until: "09:00"')],
        ["26:5: on which days? Add `days`, for example `days: [sat, sun]`, or give dates in `from` and `until`"],
    ),
    "a day that there is not": (
        [frozen('days: [saturday], from: "08:00", until: "09:00"')],
        ["26:33: item 1 of `days` cannot be `saturday`; write `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`"],
    ),
    "dates the wrong way round": (
        [frozen('from: "2026-12-24", until: "2026-12-23"')],
        ["26:53: this ends before it begins"],
    ),
    "a date that there is not": (
        [frozen('from: "2026-02-29", until: "2026-03-01"')],
        ['26:32: `2026-02-29` is no date; write it in quotes as "2026-12-24" or "2026-12-24 18:00"'],
    ),
    "a time zone that there is not": (
        [("Europe/Berlin", "Europe/Berin")],
        ["26:76: `zone`: unknown time zone `Europe/Berin`; did you mean `Europe/Berlin`?"],
    ),
    "a time zone that is a path": (
        [("zone: Europe/Berlin", "zone: ../../etc/passwd")],
        ["26:76: `zone`: unknown time zone `../../etc/passwd`"],
    ),
    "a freeze except for nobody known": (
        [("except_roles: [admin]", "except_roles: [admins]")],
        ["26:106: unknown role `admins`; did you mean `admin`?"],
    ),
    "durations that are none": (
        [("offer: 30m", "offer: 30"), ("approval: 10m", "approval: soon"), ("for: 5m", "for: 3h")],
        [
            "27:17: `offer`: `30` is no duration; write a number and a unit, such as `90s`, `30m` or `2h`",
            "27:31: `approval`: `soon` is no duration; write a number and a unit, such as `90s`, `30m` or `2h`",
            "28:15: `for` is 3h; it must be between 30s and 2h",
        ],
    ),
    "durations out of range": (
        [("offer: 30m", "offer: 2d"), ("for: 5m", "for: 3h")],
        [
            "27:17: `offer` is 2d; it must be between 1m and 24h",
            "28:15: `for` is 3h; it must be between 30s and 2h",
        ],
    ),
    "more approvals than anybody waits for": (
        [("high: 2", "high: 20")],
        ["19:38: `high` is 20; it must be at most 5"],
    ),
    "a risk that there is not": (
        [("approvals:", "risks: {restart: none, restrat: low}\napprovals:")],
        [
            "19:18: `restart` cannot be `none`; write `low`, `medium` or `high`",
            "19:24: `restrat`: unknown kind of remedy `restrat`; did you mean `restart`?",
        ],
    ),
    "another version": (
        [("triage/policy/v1", "triage/policy/v2")],
        ["1:9: `schema` cannot be `triage/policy/v2`; did you mean `triage/policy/v1`?"],
    ),
    "a role with a strange name": (
        [("  admin:\n", "  Admin:\n"), ("except_roles: [admin]", "except_roles: []")],
        ["12:3: `Admin` will not do: a name has small letters, digits, `-` and `_`, and begins with a letter"],
    ),
    "mistakes of every sort at once": (
        [
            ("enabled: true", "enabled: yes"),
            ("[operator]", "[operater]"),
            ("max: 8Gi", "max: 8 GB"),
            ("high: 2", "hihg: 2"),
        ],
        [
            "3:10: `yes` is a text to some YAML readers and true to others; write `true`, or put it in quotes",
            "13:16: unknown role `operater`; did you mean `operator`?",
            "19:32: unknown field `hihg`; did you mean `high`?",
            "21:34: `max`: `8 GB` is no amount of memory; write it as `512Mi` or `8Gi`",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_reported_with_its_place_and_what_to_write(
    changes: list[tuple[str, str]], expected: list[str]
) -> None:
    assert list(problems(text(*changes))) == [f"policy.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "policy.yaml:1:1: the file is empty"),
        ("# only a comment\n", "policy.yaml:1:1: the file is empty"),
        ("- a\n", "policy.yaml:1:1: the file must be a mapping: lines of the form `key: value`"),
        (b"\xff\xfe", "policy.yaml:1:1: this is not UTF-8 text; save the file as UTF-8"),
        ("roles: {}\n", "policy.yaml:1:1: the field `enabled` is missing"),
        (f"{GOOD}---\n{GOOD}", "policy.yaml:30:1: a second document begins here"),
    ],
)
def test_a_file_that_says_nothing_is_refused(content: str | bytes, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(content)), problems(content)


def test_messages_are_for_people() -> None:
    for _, expected in MISTAKES.values():
        for line in expected:
            assert not re.search(r"Input should|Extra inputs|Field required|Value error|None|dict|tuple", line), line


def test_the_least_policy_has_careful_defaults() -> None:
    least = problems_free("schema: triage/policy/v1\nkind: policy\nenabled: true\nroles: {}\n")

    assert list(least.approvals.values()) == [0, 1, 1]
    assert sorted(least.ranges) == ["port", "seconds"]
    assert (least.budgets.per_person, least.budgets.per_workload, least.budgets.in_all) == (10, 3, 30)
    assert notes(least) == ("There are no roles, so nobody may act.",)


def problems_free(content: str) -> Policy:
    assert problems(content) == ()
    return policy((GOOD, content))


def test_what_may_not_be_meant_is_noted() -> None:
    odd = policy(("held_by: {users: [U0ADMIN000, U0DEPUTY00]}", "held_by: {}"), ("  replicas: {max: 5}\n", ""))

    assert notes(policy()) == ()
    refused = sorted(name for name, kind in REMEDY_KINDS.items() if "replicas" in kind.parameters)
    assert "scale_up" in refused
    assert notes(odd) == (
        "Nobody holds the role `admin`.",
        *(f"`{name}` will be refused: `bounds` has no `replicas`." for name in refused),
    )


def test_every_kind_that_changes_something_can_be_granted_and_no_other() -> None:
    assert {*CHANGE_KINDS, "advice"} == set(get_args(RemedyKind))


def test_every_field_is_described_in_the_json_schema() -> None:
    schema = json_schema()
    parts = {"PolicyFile": schema, **schema["$defs"]}

    missing = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, described in part["properties"].items()
        if not described.get("description")
    ]

    assert missing == []
    assert all(part["additionalProperties"] is False for part in parts.values())
