"""What is done on a schedule, and how one run is kept from standing in another's way.

The wiring declares `Job`s, the scheduler adapter calls `trigger` when their time has come, which returns at once. Each
job has one thread of its own: one that hangs delays nobody, and its next runs are left out and counted.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.diagnosis.worker import Worker
from bot.domain.errors import TriageError
from bot.runtime.leadership import Leadership
from bot.runtime.measures import Measures

NOTICES = 20
JUST_BEGUN_SECONDS = 1.0
"""A run that is triggered again this soon (by its time, and because this replica leads now) is the same one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again.

    leader_only: only the leader does it; otherwise every replica does (reloading files)
    on_skip:     told, when a run is left out, for how many seconds the one before has been going on
    """

    name: str
    every: timedelta
    run: Callable[[], None]
    leader_only: bool = True
    on_skip: Callable[[float], None] | None = None


class Scheduler(Protocol):
    """Calls `trigger(name)` for each job when its time has come. Missed times coalesce into one."""

    def put(self, jobs: Iterable[Job]) -> None:
        """These jobs and no others. A job whose name and interval stay keeps its rhythm."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Call nothing any more. Runs under way are not waited for."""


class JobRunner:
    """Runs jobs when they are triggered. Thread-safe; `seconds` is a monotonic clock."""

    def __init__(self, leadership: Leadership, measures: Measures, seconds: Callable[[], float]) -> None:
        self._leadership = leadership
        self._measures = measures
        self._seconds = seconds
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._workers: dict[str, Worker] = {}
        self._began: dict[str, float] = {}
        self._last_failure: dict[str, str] = {}
        self._notices = Worker(1, NOTICES, "skipped-runs")

    def put(self, jobs: Iterable[Job]) -> None:
        """These jobs and no others. A run of one that is gone ends by itself."""
        with self._lock:
            self._jobs = {job.name: job for job in jobs}
            gone = [self._workers.pop(name) for name in set(self._workers) - set(self._jobs)]
        for worker in gone:
            worker.drain(0)

    def trigger(self, name: str) -> None:
        """Start a run if the job may run here and its last run is over. Returns at once."""
        with self._lock:
            job = self._jobs.get(name)
        if job is None or (job.leader_only and self._leadership.term() is None):
            return
        now = self._seconds()
        with self._lock:
            began = self._began.get(name)
            if began is None:
                self._began[name] = now
            # Room for one more: the thread of a run that has just ended may not have put it down yet.
            worker = self._workers.setdefault(name, Worker(1, 1, f"job-{name}", self._measures.thread_failed))
        if began is not None:
            if now - began >= JUST_BEGUN_SECONDS:
                self._skip(job, now - began)
        elif not worker.submit(lambda: self._run(job, now), name):
            self._end(name)  # it is being stopped

    def begin_leading(self) -> None:
        """Start what only the leader does, now: its next times may be minutes away."""
        with self._lock:
            names = [job.name for job in self._jobs.values() if job.leader_only and job.name not in self._began]
        for name in names:
            self.trigger(name)

    def drain(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds in all for runs under way. True when all of them are over."""
        ends = self._seconds() + timeout
        with self._lock:
            self._jobs = {}
            workers = [*self._workers.values(), self._notices]
        over = [worker.drain(max(0.0, ends - self._seconds())) for worker in workers]
        return all(over)

    def failures(self) -> dict[str, str]:
        """Jobs whose last run failed, and why."""
        with self._lock:
            return dict(self._last_failure)

    def _skip(self, job: Job, seconds: float) -> None:
        self._measures.job_skipped(job.name)
        _log.info("job %s: a run was left out, the one before has been going on for %.0f s", job.name, seconds)
        notice = job.on_skip
        if notice is not None:
            self._notices.submit(lambda: self._notify(job, notice, seconds), f"skipped {job.name}")

    def _notify(self, job: Job, notice: Callable[[float], None], seconds: float) -> None:
        try:
            notice(seconds)
        except TriageError as error:
            _log.warning("job %s: nobody could be told that its run hangs: %s", job.name, error)

    def _run(self, job: Job, began: float) -> None:
        try:
            problem = _perform(job)
        finally:
            self._end(job.name)
        self._note(job, problem)
        self._measures.job_ran(job.name, self._seconds() - began, failed=bool(problem))

    def _end(self, name: str) -> None:
        with self._lock:
            self._began.pop(name, None)

    def _note(self, job: Job, problem: str) -> None:
        with self._lock:
            before = self._last_failure.get(job.name, "")
            if problem:
                self._last_failure[job.name] = problem
            else:
                self._last_failure.pop(job.name, None)
        if problem and problem != before:
            _log.warning("job %s failed, and is tried again at its next time: %s", job.name, problem)
        elif before and not problem:
            _log.info("job %s works again", job.name)


def _perform(job: Job) -> str:
    """Run it. Returns what went wrong, in words."""
    try:
        job.run()
    except TriageError as error:
        return str(error)
    except Exception:  # noqa: BLE001  the boundary of a job: its failure is told and counted like any other
        mark = secrets.token_hex(4)
        _log.exception("incident %s: the job %s died", mark, job.name)
        return f"A mistake in the bot: look for incident {mark} in its log."
    return ""
