"""A monitor over time: what people are told, when, and how often. Everything runs as in the bot, on ports in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.diagnosis.incident_keys import cause_key, incident_key
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.errors import ClusterUnreachable, SlackError, TriageError
from bot.domain.facts import Gap, GapReason
from bot.monitors.ports import ClaimState
from bot.monitors.run import MonitorRuns, effect_key
from bot.monitors.schema import Monitor
from bot.monitors.state import FindingEffect
from bot.runtime.effects import Effects
from tests.unit.schedule_fakes import Clock, Leader, MemoryClaims, MemoryFindings, MemoryMutes, People

OOM = Cause("api-oom-killed", CauseVerdict.CONFIRMED, "The API server is killed for memory", "5 restarts.", "api")
LOOP = Cause("api-crash-looping", CauseVerdict.CONFIRMED, "The API server crashes", "It ends with 1.", "api")
SILENT = Cause("mcp-not-configured", CauseVerdict.CONFIRMED, "No MCP", "None.", benign=True)
FINE = Cause("healthy", CauseVerdict.CONFIRMED, "Healthy", "All is well.", state=True)
FORBIDDEN = Gap(GapReason.FORBIDDEN, "The pods", verb="list", resource="pods", namespace="onyx")

MONITOR = Monitor.model_validate(
    {"id": "onyx", "app": "onyx", "namespace": "onyx", "every": "1m", "lasting": "2m", "channel": "C12345",
     "reopen_within": "10m", "mention": {"users": ["U12345"]}}
)  # fmt: skip


def diagnosis(*roots: Cause, causes: tuple[Cause, ...] = (), verdict: Verdict | None = None) -> Diagnosis:
    made = Verdict.FAULT_FOUND if any(not item.state for item in roots) else Verdict.HEALTHY
    return Diagnosis(
        app="onyx", app_title="Onyx", namespace="onyx", cluster="prod", collected_at=Clock().now,
        verdict=verdict or made, headline="Onyx: " + "; ".join(item.title for item in roots), root_causes=roots,
        symptoms=(), causes=(*roots, *causes), checks=(), gaps=(), components={"api": "deployment/api-server"},
    )  # fmt: skip


HEALTHY = diagnosis(FINE)
SICK = diagnosis(OOM)


class World:
    """One monitor, its rows and its people; each run is a minute after the last."""

    def __init__(self, monitor: Monitor = MONITOR) -> None:
        self.monitor = monitor
        self.clock = Clock()
        self.people = People()
        self.claims = MemoryClaims()
        self.findings = MemoryFindings()
        self.mutes = MemoryMutes()
        self.leader = Leader()
        self.seen: Diagnosis | TriageError = HEALTHY
        self.takes = 0.0

    def look(self, _monitor: Monitor) -> Diagnosis:
        self.clock.advance(self.takes)
        if isinstance(self.seen, TriageError):
            raise self.seen
        return self.seen

    @property
    def runs(self) -> MonitorRuns:
        return MonitorRuns(
            look=self.look,
            findings=self.findings,
            effects=Effects(self.claims, self.leader, "me"),
            poster=self.people,
            mutes=self.mutes,
            clock=self.clock,
            seconds=self.clock.seconds,
        )

    def sees(self, *seen: Diagnosis | TriageError) -> list[str]:
        """What people are told while the monitor sees these, a minute apart."""
        before = len(self.people.told)
        for item in seen:
            self.seen = item
            self.runs.run(self.monitor)
            self.clock.advance(60)
        return self.people.told[before:]


def test_a_fault_is_announced_once_when_it_has_lasted() -> None:
    world = World()
    assert world.sees(SICK, SICK) == []
    assert world.sees(SICK) == ["announce api-oom-killed"]
    assert world.sees(SICK, SICK) == []
    assert world.people.mentions == [MONITOR.mention]


def test_a_fault_that_goes_before_it_has_lasted_disturbs_nobody() -> None:
    assert World().sees(SICK, SICK, HEALTHY, SICK, SICK, HEALTHY) == []


def test_an_incident_closes_itself_with_its_duration() -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    assert world.sees(HEALTHY) == ["close incident-1 0:03:00"]
    assert world.sees(HEALTHY) == []


def test_flapping_is_one_incident() -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    told = world.sees(HEALTHY, SICK, HEALTHY, SICK)
    assert told == ["close incident-1 0:03:00", "reopen incident-1", "close incident-1 0:05:00", "reopen incident-1"]
    assert len(world.people.mentions) == 1, "only the announcement names people"


def test_what_comes_back_late_is_a_new_incident() -> None:
    world = World()
    world.sees(SICK, SICK, SICK, HEALTHY)
    world.clock.advance(11 * 60)
    assert world.sees(SICK, SICK) == []
    assert world.sees(SICK) == ["announce api-oom-killed"]


def test_another_wording_edits_the_card_and_posts_nothing() -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    worse = diagnosis(replace(OOM, sentence="6 restarts."))
    assert world.sees(worse) == ["update incident-1"]
    assert world.sees(worse) == []


@pytest.mark.parametrize(
    "unclear",
    [
        pytest.param(diagnosis(causes=(replace(OOM, verdict=CauseVerdict.UNKNOWN),)), id="it cannot be judged"),
        pytest.param(diagnosis(causes=(replace(OOM, verdict=CauseVerdict.LIKELY),)), id="it is likely"),
        pytest.param(
            diagnosis(causes=(replace(OOM, verdict=CauseVerdict.POSSIBLE),)), id="its pods are being replaced"
        ),
        pytest.param(
            diagnosis(LOOP, causes=(replace(OOM, verdict=CauseVerdict.RULED_OUT, explained_by=LOOP.id),)),
            id="it is folded into another fault",
        ),
    ],
)
def test_what_cannot_be_seen_closes_nothing(unclear: Diagnosis) -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    assert world.sees(replace(unclear, verdict=Verdict.INCONCLUSIVE)) == []


def test_a_fault_that_is_ruled_out_is_over_though_another_one_stands() -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    other = diagnosis(LOOP, causes=(replace(OOM, verdict=CauseVerdict.RULED_OUT),))
    assert world.sees(other) == ["close incident-1 0:03:00"]
    assert world.sees(other, other) == ["announce api-crash-looping"]


def test_two_faults_are_two_incidents_each_with_its_own_cause() -> None:
    both = diagnosis(OOM, LOOP)
    assert sorted(World().sees(both, both, both)) == ["announce api-crash-looping", "announce api-oom-killed"]


def test_benign_findings_and_other_causes_are_not_announced() -> None:
    assert World().sees(*[diagnosis(SILENT)] * 4) == []
    only = World(MONITOR.model_copy(update={"causes": ("api-crash-*", "mcp-not-configured")}))
    assert only.sees(*[diagnosis(OOM, SILENT)] * 3) == ["announce mcp-not-configured"]


def test_a_muted_incident_stays_silent_until_the_mute_ends() -> None:
    world = World()
    key = cause_key(SICK, OOM)
    assert key == incident_key(SICK) == "prod/onyx/onyx api-oom-killed@deployment/api-server"
    world.mutes.keys[key] = ("U1", world.clock.now + timedelta(minutes=5))
    assert world.sees(*[SICK] * 5) == []
    assert world.sees(SICK) == ["announce api-oom-killed"]


def test_a_monitor_that_cannot_look_says_so_once_until_it_works_again() -> None:
    world = World()
    away = ClusterUnreachable("The cluster cannot be reached.", "Check the network.")
    assert world.sees(away, away) == []
    assert world.sees(away) == ["trouble onyx The cluster cannot be reached. Check the network."]
    assert world.sees(away, away, HEALTHY, away, HEALTHY) == []
    world.clock.advance(30 * 60)
    world.sees(HEALTHY)
    assert len(world.sees(away, away, away)) == 1


def test_a_monitor_that_may_not_see_says_what_is_forbidden() -> None:
    blind = replace(diagnosis(verdict=Verdict.INCONCLUSIVE), gaps=(FORBIDDEN,))
    assert World().sees(blind, blind, blind) == [
        "trouble onyx It cannot judge Onyx in onyx: The pods: this account may not list pods in onyx."
    ]


def test_an_unreachable_cluster_closes_no_incident() -> None:
    world = World()
    world.sees(SICK, SICK, SICK)
    away = ClusterUnreachable("The cluster cannot be reached.", "Check the network.")
    assert [told for told in world.sees(*[away] * 5) if told.startswith("close")] == []


def test_a_run_past_its_deadline_is_trouble_and_its_result_is_not_used() -> None:
    world = World()
    world.takes = 90
    told = world.sees(SICK, SICK, SICK)
    assert len(told) == 1
    assert told[0].startswith("trouble onyx Its run takes longer than its deadline of 60 s (so far 90 s).")


def test_a_run_that_never_ends_is_reported_by_the_runs_left_out() -> None:
    world = World()
    for seconds in (30, 90, 150, 210, 270):
        world.runs.still_running(MONITOR, seconds)
        world.clock.advance(60)
    assert len(world.people.told) == 1
    assert "so far" in world.people.told[0]


def test_a_fault_seen_again_after_a_long_time_without_a_look_must_last_anew() -> None:
    world = World()
    world.sees(SICK)
    world.clock.advance(3600)
    assert world.sees(SICK, SICK) == []
    assert world.sees(SICK) == ["announce api-oom-killed"]


def test_slack_being_away_delays_the_announcement() -> None:
    world = World()
    world.sees(SICK, SICK)
    world.people.fails = 1
    with pytest.raises(SlackError):
        world.sees(SICK)
    assert world.sees(SICK, SICK) == ["announce api-oom-killed"]


def test_who_does_not_lead_tells_nobody_anything() -> None:
    world = World()
    world.leader.now = None
    assert world.sees(SICK, SICK, SICK, SICK) == []


def test_the_next_leader_goes_on_where_the_last_one_died() -> None:
    """The old leader has claimed the announcement and died before it told anybody."""
    world = World()
    world.sees(SICK, SICK)
    finding = next(iter(world.findings.rows.values()))
    assert world.claims.claim(effect_key(FindingEffect.ANNOUNCE, finding), 1, "old").state is ClaimState.FRESH
    world.claims.fence = world.leader.now = 2
    assert world.sees(SICK, SICK) == ["announce api-oom-killed"]


def test_the_next_leader_looks_first_when_the_last_one_may_have_posted() -> None:
    world = World()
    world.sees(SICK, SICK)
    finding = next(iter(world.findings.rows.values()))
    key = "monitor/onyx/announce/" + finding.first_seen.isoformat() + "/1/" + finding.key
    world.claims.claim(key, 1, "old")
    world.claims.fence = world.leader.now = 2
    assert world.sees(SICK) == ["announce api-oom-killed again"]


def test_the_old_leader_finds_every_effect_refused() -> None:
    world = World()
    world.sees(SICK, SICK)
    world.claims.fence = 2
    assert world.sees(SICK, SICK) == []
