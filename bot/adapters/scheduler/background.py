"""APScheduler behind the port `bot.runtime.jobs.Scheduler`: the one module that knows it.

Made by the wiring. Its jobs only trigger runs, which returns at once; what is due and what was done is kept elsewhere.
No job store: they would pickle, and run everything twice with two replicas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from bot.runtime.jobs import Job
from bot.runtime.loops import Failed, guarded, uncounted

MISFIRE_GRACE_SECONDS = 300
"""A time that was missed by less (a busy machine, a stopped process) is made up for, once."""


class BackgroundJobs:
    """Triggers jobs at their times on threads of its own. `trigger` must return quickly."""

    def __init__(self, trigger: Callable[[str], None], failed: Failed = uncounted) -> None:
        """`failed` counts a trigger that died of something unexpected; the next ones come all the same."""
        self._trigger = trigger
        self._failed = failed
        self._every: dict[str, float] = {}
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_SECONDS},
            timezone=UTC,
            daemon=True,
        )

    def put(self, jobs: Iterable[Job]) -> None:
        """See `Scheduler`. A new job runs at once, then in its interval."""
        wanted = {job.name: job.every.total_seconds() for job in jobs}
        for name in set(self._every) - set(wanted):
            self._scheduler.remove_job(name)
        for name, seconds in wanted.items():
            if self._every.get(name) != seconds:
                self._scheduler.add_job(
                    self._triggered,
                    "interval",
                    args=(name,),
                    id=name,
                    seconds=seconds,
                    next_run_time=datetime.now(UTC),
                    replace_existing=True,
                )
        self._every = wanted

    def _triggered(self, name: str) -> None:
        guarded("scheduler", lambda: self._trigger(name), self._failed)

    def start(self) -> None:
        """See `Scheduler`."""
        self._scheduler.start()

    def stop(self) -> None:
        """See `Scheduler`. May be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
