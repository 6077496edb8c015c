"""Jobs on the schedule: on time, once at a time, none in another's way; and effects that happen once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.adapters.scheduler.background import BackgroundJobs
from bot.domain.errors import SlackError, StoreError
from bot.runtime.effects import Effects
from bot.runtime.jobs import Job, JobRunner
from bot.runtime.measures import Measures
from tests.unit.schedule_fakes import Clock, Leader, MemoryClaims

SECOND = timedelta(seconds=1)


class Counting(Measures):
    def __init__(self) -> None:
        self.ran: list[tuple[str, bool]] = []
        self.skipped: list[str] = []

    def job_ran(self, job: str, _seconds: float, *, failed: bool) -> None:
        self.ran.append((job, failed))

    def job_skipped(self, job: str) -> None:
        self.skipped.append(job)


def wait_for(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        threading.Event().wait(0.005)


def test_a_job_that_hangs_delays_no_other_and_its_runs_are_left_out_and_counted() -> None:
    release, clock, measures, hung = threading.Event(), Clock(), Counting(), list[float]()
    started = threading.Event()

    def hang() -> None:
        started.set()
        release.wait(120)

    runner = JobRunner(Leader(), measures, clock.seconds)
    runner.put([Job("slow", SECOND, hang, on_skip=hung.append), Job("quick", SECOND, lambda: None)])
    runner.trigger("slow")
    assert started.wait(120)
    for number in range(3):
        clock.advance(60)
        runner.trigger("slow")
        runner.trigger("quick")
        wait_for(lambda number=number: len(measures.ran) == number + 1)
    assert measures.skipped == ["slow"] * 3
    wait_for(lambda: hung == [60.0, 120.0, 180.0])
    release.set()
    wait_for(lambda: ("slow", False) in measures.ran)
    assert runner.drain(5)


def test_a_run_that_is_triggered_twice_at_once_is_no_run_left_out(caplog: pytest.LogCaptureFixture) -> None:
    release, clock, measures, started = threading.Event(), Clock(), Counting(), threading.Event()

    def hang() -> None:
        started.set()
        release.wait(120)

    caplog.set_level("INFO")
    runner = JobRunner(Leader(), measures, clock.seconds)
    runner.put([Job("changes", SECOND, hang)])
    runner.trigger("changes")
    assert started.wait(120)
    clock.advance(0.2)
    runner.trigger("changes")
    assert (measures.skipped, caplog.records) == ([], [])
    release.set()
    assert runner.drain(5)
    assert measures.ran == [("changes", False)]


def test_only_the_leader_runs_what_only_the_leader_may_run() -> None:
    leader, measures = Leader(None), Counting()
    runner = JobRunner(leader, measures, Clock().seconds)
    runner.put([Job("monitor", SECOND, lambda: None), Job("reload", SECOND, lambda: None, leader_only=False)])
    for name in ("monitor", "reload", "unknown"):
        runner.trigger(name)
    wait_for(lambda: measures.ran)
    leader.now = 1
    runner.begin_leading()
    wait_for(lambda: len(measures.ran) == 2)
    assert measures.ran == [("reload", False), ("monitor", False)]


def test_a_job_that_fails_says_so_once_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    away, measures = [True, True, False], Counting()

    def run() -> None:
        if away.pop(0):
            raise StoreError("The database is away.", "Start it.")

    runner = JobRunner(Leader(), measures, Clock().seconds)
    runner.put([Job("tick", SECOND, run)])
    caplog.set_level("INFO")
    for number, failure in enumerate(
        ({"tick": "The database is away. Start it."}, {"tick": "The database is away. Start it."}, {})
    ):
        runner.trigger("tick")
        wait_for(lambda number=number: len(measures.ran) == number + 1)
        assert runner.failures() == failure
    assert measures.ran == [("tick", True), ("tick", True), ("tick", False)]
    said = [record.message for record in caplog.records]
    assert said == [
        "job tick failed, and is tried again at its next time: The database is away. Start it.",
        "job tick works again",
    ]


def test_a_job_that_crashes_does_not_end_the_schedule() -> None:
    measures, broken = Counting(), [True, False]

    def run() -> None:
        if broken.pop(0):
            raise RuntimeError("a bug")

    runner = JobRunner(Leader(), measures, Clock().seconds)
    runner.put([Job("buggy", SECOND, run)])
    runner.trigger("buggy")
    wait_for(lambda: measures.ran == [("buggy", True)])
    assert "look for incident" in runner.failures()["buggy"]
    wait_for(lambda: runner.trigger("buggy") or ("buggy", False) in measures.ran)


def test_the_scheduler_triggers_new_jobs_at_once_and_forgets_those_that_are_gone() -> None:
    called: list[str] = []
    scheduler = BackgroundJobs(called.append)
    jobs = [Job("a", timedelta(milliseconds=20), lambda: None), Job("b", timedelta(hours=1), lambda: None)]
    scheduler.put(jobs)
    scheduler.start()
    wait_for(lambda: called.count("a") >= 3 and called.count("b") == 1)
    scheduler.put(jobs[1:])
    seen = len(called)
    scheduler.put([jobs[1], Job("c", timedelta(hours=1), lambda: None)])
    wait_for(lambda: "c" in called)
    assert called.count("b") == 1, "a job that stays keeps its rhythm"
    assert called[seen + 1 :].count("a") <= 1
    scheduler.stop()
    scheduler.stop()


@pytest.mark.parametrize(
    ("error", "next_time"), [(SlackError("Slack said no.", "Wait."), False), (StoreError("Who knows.", "Wait."), True)]
)  # fmt: skip
def test_an_effect_that_fails_is_tried_again_and_says_whether_it_may_have_happened(
    error: SlackError | StoreError, next_time: bool
) -> None:
    effects, told = Effects(MemoryClaims(), Leader(), "me"), list[bool]()

    def fail(again: bool) -> str:
        raise error

    def succeed(again: bool) -> str:
        told.append(again)
        return "posted"

    with pytest.raises(type(error)):
        effects.once("digest", fail)
    assert effects.once("digest", succeed) == "posted"
    assert effects.once("digest", fail) == "posted", "it has happened; nobody does it again"
    assert told == [next_time]


def test_a_leader_deposed_between_claim_and_effect_does_nothing_and_leaves_it_to_the_next() -> None:
    class Fading:
        """Leads when it is asked first, and not any more when it is asked again."""

        def __init__(self) -> None:
            self.answers: list[int | None] = [1, None]

        def term(self) -> int | None:
            return self.answers.pop(0)

    claims, done = MemoryClaims(), list[str]()
    assert Effects(claims, Fading(), "old").once("post", lambda _: done.append("old") or "") is None
    assert Effects(claims, Leader(2), "new").once("post", lambda again: done.append(f"new {again}") or "id") == "id"
    assert done == ["new False"]
