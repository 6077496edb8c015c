"""The worker is bounded, survives its jobs, and can be drained."""

from __future__ import annotations

import logging
import threading

import pytest

from bot.diagnosis.worker import Worker
from bot.runtime.logs import IncidentFilter, about_incident


def test_it_runs_jobs_at_the_same_time_up_to_its_size() -> None:
    worker = Worker(2, 0)
    together = threading.Barrier(3)
    assert worker.submit(lambda: together.wait(120) and None, "first")
    assert worker.submit(lambda: together.wait(120) and None, "second")
    together.wait(120)
    assert worker.drain(10)


def test_it_refuses_when_the_queue_is_full_and_takes_again_afterwards() -> None:
    worker, go, done = Worker(1, 1), threading.Event(), threading.Semaphore(0)

    def job() -> None:
        assert go.wait(120)
        done.release()

    assert [worker.submit(job, "job") for _ in range(3)] == [True, True, False]
    assert worker.load() == 2
    go.set()
    assert done.acquire(timeout=120)
    assert done.acquire(timeout=120)
    with worker._changed:
        assert worker._changed.wait_for(lambda: not worker._busy, 120)
    assert worker.submit(job, "job")
    assert worker.drain(10)


def test_a_job_that_dies_is_logged_and_told_with_one_incident_id(caplog: pytest.LogCaptureFixture) -> None:
    worker, told = Worker(1, 5), list[str]()

    def dies() -> None:
        raise ZeroDivisionError("boom")

    def telling_dies(incident: str) -> None:
        told.append(incident)
        raise OSError("no network")

    ran = threading.Event()
    assert worker.submit(dies, "bad job", told.append)
    assert worker.submit(dies, "worse job", telling_dies)
    assert worker.submit(dies, "lonely job")
    assert worker.submit(ran.set, "good job")
    assert worker.drain(10)
    assert ran.is_set()
    assert len(set(told)) == 2
    logged = [record.getMessage() for record in caplog.records]
    assert any(told[0] in line and "bad job" in line for line in logged)
    assert any(told[1] in line and "nobody could be told" in line for line in logged)


def test_a_job_is_about_the_incident_that_it_was_submitted_for_and_the_next_one_is_not() -> None:
    worker, seen = Worker(1, 5), list[str]()

    def job() -> None:
        record = logging.LogRecord("bot", logging.INFO, "x.py", 1, "working", (), None)
        IncidentFilter().filter(record)
        seen.append(record.__dict__["incident"])

    with about_incident("c0ffee"):
        worker.submit(job, "of the incident")
    worker.submit(job, "of none")
    assert worker.drain(10)
    assert seen == ["c0ffee", ""]


def test_draining_takes_no_more_drops_what_waits_and_says_whether_all_was_done() -> None:
    worker, started, go, ran = Worker(1, 5), threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        started.set()
        assert go.wait(120)

    assert worker.submit(slow, "slow")
    assert started.wait(120)
    assert worker.submit(ran.set, "waits")
    assert worker.drain(0.01) is False
    assert worker.submit(ran.set, "late") is False
    go.set()
    assert worker.drain(10)
    assert not ran.is_set()


@pytest.mark.parametrize(("workers", "queue"), [(0, 1), (1, -1)])
def test_a_worker_that_could_never_work_cannot_be_made(workers: int, queue: int) -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        Worker(workers, queue)
