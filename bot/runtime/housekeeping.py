"""What has to be done now and then so that nothing waits, grows or goes stale. Declared here, wired by the bootstrap.

Everything that is a state of its own (approvals, verification) has its time in the database; the job only looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from bot.monitors.schema import Monitor
from bot.runtime.jobs import Job

TICK = timedelta(seconds=2)
"""Changes: expiry of offers and approvals, verification, work that a dead process left behind."""
RELOAD = timedelta(seconds=5)
RECONCILE = timedelta(seconds=10)
"""Cards that should look different from what people see."""
PURGE = timedelta(hours=1)
DIGEST = timedelta(minutes=1)


class Reloading(Protocol):
    """What came of a look at files. `result` is `unchanged` when there was nothing to do."""

    @property
    def result(self) -> str:
        """What happened, in a word."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Mistakes that were found just now."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duties:
    """What there is to do in this bot. What is None is not done.

    tick:      one step for every change that is due
    reconcile: bring cards up to date
    purge:     remove old rows; returns how many, by table
    digests:   post digests that are due
    reloads:   look for changed files, by what they hold ("playbooks")
    """

    tick: Callable[[], object] | None = None
    reconcile: Callable[[], object] | None = None
    purge: Callable[[], Mapping[str, int]] | None = None
    digests: Callable[[], None] | None = None
    reloads: Mapping[str, Callable[[], Reloading]] = field(default_factory=dict)


def housekeeping(duties: Duties) -> tuple[Job, ...]:
    """The jobs for these duties. All but reloading are for the leader alone."""
    jobs = [Job(f"reload-{name}", RELOAD, _reloading(name, look), False) for name, look in duties.reloads.items()]
    given: Iterable[tuple[str, timedelta, Callable[[], object] | None]] = (
        ("changes", TICK, duties.tick),
        ("cards", RECONCILE, duties.reconcile),
        ("digests", DIGEST, duties.digests),
    )
    jobs += [Job(name, every, _without_result(run)) for name, every, run in given if run is not None]
    if duties.purge is not None:
        jobs.append(Job("retention", PURGE, _purging(duties.purge)))
    return tuple(jobs)


def monitor_jobs(
    monitors: Iterable[Monitor], run: Callable[[Monitor], None], still_running: Callable[[Monitor, float], None]
) -> tuple[Job, ...]:
    """A job for each monitor."""

    def job(monitor: Monitor) -> Job:
        return Job(
            f"monitor-{monitor.id}",
            monitor.every,
            lambda: run(monitor),
            on_skip=lambda seconds: still_running(monitor, seconds),
        )

    return tuple(job(monitor) for monitor in monitors)


def _without_result(run: Callable[[], object]) -> Callable[[], None]:
    def job() -> None:
        run()

    return job


def _reloading(name: str, look: Callable[[], Reloading]) -> Callable[[], None]:
    """A changed file is put in force, or each of its mistakes is logged, once."""

    def job() -> None:
        outcome = look()
        if outcome.result != "unchanged":
            _log.info("%s: %s", name, outcome.result)
        for problem in outcome.problems:
            _log.warning("%s: not put in force: %s", name, problem)

    return job


def _purging(purge: Callable[[], Mapping[str, int]]) -> Callable[[], None]:
    def job() -> None:
        removed = {table: count for table, count in purge().items() if count}
        if removed:
            _log.info("retention removed %s", ", ".join(f"{count} of {table}" for table, count in removed.items()))

    return job
