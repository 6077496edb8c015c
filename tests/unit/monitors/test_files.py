"""Files of monitors: what they may say, and every mistake with its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import MonitorsRejected
from bot.monitors.digest import Digests, digest_lines, due_date, spoken
from bot.monitors.listing import monitor_sentences
from bot.monitors.loader import MonitorSet, parse_monitors
from bot.monitors.state import Finding, Phase
from bot.runtime.effects import Effects
from bot.yamlfile.files import Directory, SourceFile, read_directory
from bot.yamlfile.reloading import Reload, Reloaded
from tests.support.shipped import shipped_playbooks
from tests.unit.schedule_fakes import Leader, MemoryClaims, MemoryFindings, People

PLAYBOOKS = shipped_playbooks()
EXAMPLE = Path(__file__).parents[3] / "deploy" / "monitors"
GOOD = """kind: monitors
zone: Europe/Berlin
digest: {at: "08:30", channel: C12345}
monitors:
  - id: onyx
    app: onyx
    namespace: onyx
    channel: C12345
"""


def parse(text: str, clusters: frozenset[str] | None = None) -> MonitorSet:
    return parse_monitors([SourceFile(Path("m.yaml"), "m.yaml", text.encode())], PLAYBOOKS, clusters)


def test_the_example_is_accepted() -> None:
    found = parse_monitors(read_directory(EXAMPLE), PLAYBOOKS)
    assert sorted(found.monitors) == ["onyx-anything", "onyx-api-endpoints"]
    assert found.monitors["onyx-api-endpoints"].lasting == timedelta(minutes=2)


def test_a_workload_without_a_playbook_can_be_watched() -> None:
    assert parse(GOOD.replace("app: onyx", "app: deployment/shop")).monitors["onyx"].app == "deployment/shop"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("app: onyx", "app: onix", "m.yaml:6:10: unknown app `onix`; did you mean `onyx`?"),
        ("app: onyx", "app: role/shop", "m.yaml:6:10: unknown app `role/shop`"),
        ("app: onyx", "app: deployment/", "m.yaml:6:10: unknown app `deployment/`"),
        ("channel: C12345\n", "chanel: C12345\n", "m.yaml:8:5: unknown field `chanel`; did you mean `channel`?"),
        ("channel: C12345\n", "channel: C12345\n    causes: [api-oom-kiled]\n", "did you mean `api-oom-killed`?"),
        ("channel: C12345\n", "channel: C12345\n    causes: []\n", "item 1 of `monitors`: `causes` is empty"),
        ("channel: C12345\n", "channel: C12345\n    every: 5\n", "`5` is no duration; write a number and a unit"),
        ("channel: C12345\n", "channel: C12345\n    every: 1s\n", "`every` is at least `10s`"),
        ("channel: C12345\n", "channel: C12345\n    mention: {users: ['<!channel>']}\n", "m.yaml:9:23:"),
        ("channel: C12345\n", "channel: C12345\n    mention: {groups: [here]}\n", "m.yaml:9:24:"),
        ("channel: C12345\n", "channel: '#ops'\n", "m.yaml:8:14:"),
        ('at: "08:30"', 'at: "25:00"', "is no time of day; write it in quotes"),
        ("Europe/Berlin", "Europe/Bärlin", "unknown time zone `Europe/Bärlin`; did you mean `Europe/Berlin`?"),
        ("channel: C12345\n", "channel: C12345\n    cluster: moon\n", "unknown cluster `moon`; there is `eu`"),
        ("kind: monitors", "kind: monitor", "m.yaml:1:7:"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_place(old: str, new: str, problem: str) -> None:
    with pytest.raises(MonitorsRejected) as error:
        parse(GOOD.replace(old, new), frozenset({"eu"}))
    assert problem in "\n".join(error.value.problems)


def test_two_monitors_of_one_name_are_refused() -> None:
    with pytest.raises(MonitorsRejected, match="1 mistake"):
        parse(GOOD + GOOD[GOOD.index("  - id") :])


def test_a_broken_file_leaves_the_last_good_monitors_in_force(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(GOOD)
    source = Reloaded(Directory(tmp_path), lambda sources: parse_monitors(sources, PLAYBOOKS))
    file.write_text(GOOD.replace("app: onyx", "app: [onyx"))
    outcome = source.refresh()
    assert outcome.result is Reload.REFUSED
    assert source.problems() == outcome.problems != ()
    assert sorted(source.current().monitors) == ["onyx"]
    file.write_text(GOOD.replace("id: onyx", "id: other"))
    assert source.refresh().result is Reload.RELOADED
    assert sorted(source.current().monitors) == ["other"]


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [(at(7, 29), None), (at(7, 30), "2026-11-23"), (at(13, 29), "2026-11-23"), (at(13, 31), None), (at(23, 30), None)],
)  # fmt: skip
def test_a_digest_is_due_at_its_local_time_and_for_six_hours(now: datetime, due: str | None) -> None:
    assert due_date(parse(GOOD).digests[0], now) == due


def test_a_digest_is_posted_once_a_day_whoever_leads() -> None:
    people, claims, leader = People(), MemoryClaims(), Leader()
    digests = Digests(MemoryFindings(), Effects(claims, leader, "me"), people)
    for now in (at(7), at(7, 31), at(7, 32), at(9)):
        digests.post_due(parse(GOOD), now)
    claims.fence = leader.now = 2
    digests.post_due(parse(GOOD), at(10))
    digests.post_due(parse(GOOD), at(8, day=24))
    line = "1 monitor in the last 24 hours: 0 open, 0 over, 0 not working."
    assert people.told == [f"digest C12345 {line}"] * 2


def test_the_digest_says_what_is_open_over_and_not_working() -> None:
    def finding(key: str, phase: Phase, title: str) -> Finding:
        closed = at(9) if phase is Phase.CLOSED else None
        times = {"first_seen": at(8), "last_seen": at(9), "opened_at": at(8, 2), "closed_at": closed}
        return Finding(monitor="onyx", key=key, phase=phase, title=title, **times)

    suspected = finding("s", Phase.SUSPECTED, "Not yet").model_copy(update={"opened_at": None})
    found = [
        finding("a", Phase.OPEN, "Killed"),
        finding("b", Phase.CLOSED, "Gone"),
        finding("", Phase.OPEN, "Away."),
        suspected,
    ]
    assert digest_lines(found, 2, at(10)) == (
        "2 monitors in the last 24 hours: 1 open, 1 over, 1 not working.",
        "Open for 2 h: Killed (onyx)",
        "Over after 1 h: Gone (onyx)",
        "Not working for 2 h: monitor onyx. Away.",
    )


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (61, "1 min 1 s"), (90061, "1 d 1 h"), (3600, "1 h")])
def test_a_time_span_is_said_in_two_units(seconds: int, words: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == words


def test_app_home_says_of_each_monitor_what_it_knows() -> None:
    def finding(key: str, phase: Phase, title: str = "") -> Finding:
        return Finding(monitor="onyx", key=key, phase=phase, title=title, first_seen=at(8), last_seen=at(9))

    head = "onyx: onyx in onyx, every 1 min."
    for known, sentence in (
        ([], f"{head} Nothing is open."),
        ([finding("a", Phase.SUSPECTED)], f"{head} Something was seen that must last for 2 min first."),
        ([finding("a", Phase.OPEN, "Killed.")], f"{head} Open for 2 h: Killed."),
        ([finding("a", Phase.OPEN, "Killed."), finding("", Phase.OPEN, "Away.")], f"{head} Open for 2 h: Killed."),
        ([finding("", Phase.SUSPECTED, "Away.")], f"{head} Not working for 2 h: Away."),
    ):
        assert monitor_sentences(parse(GOOD), known, at(10)) == (sentence,)
