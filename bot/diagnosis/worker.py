"""Runs jobs in a bounded number of threads with a bounded queue, so that whoever submits never waits.

Used by the Slack adapter for diagnoses and for its short errands. It refuses work rather than queue without end, and
it is the one place where an unexpected exception is caught: at the boundary of a job.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass

Job = Callable[[], None]
OnCrash = Callable[[str], None]
"""Told the incident id when a job died of something unexpected; the same id is in the log."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Task:
    job: Job
    name: str
    on_crash: OnCrash | None
    context: Context
    """The submitter's: the log lines of a job are about the incident that it was submitted for."""


class Worker:
    """At most `max_workers` jobs run and `max_queue` wait. Threads start with the jobs and end with `drain`."""

    def __init__(
        self, max_workers: int, max_queue: int, name: str = "worker", failed: Callable[[str], None] = lambda _: None
    ) -> None:
        """`failed` is told the worker's name when a job dies of something unexpected."""
        if max_workers < 1 or max_queue < 0:
            raise ValueError("a worker needs at least one thread and a queue of zero or more")
        self._max_workers = max_workers
        self._max_queue = max_queue
        self._name = name
        self._failed = failed
        self._changed = threading.Condition()
        self._waiting: deque[_Task] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = 0
        self._closed = False

    def submit(self, job: Job, name: str, on_crash: OnCrash | None = None) -> bool:
        """Run the job soon. False, and nothing happens, when the queue is full or the worker was drained."""
        with self._changed:
            if self._closed or self._busy + len(self._waiting) >= self._max_workers + self._max_queue:
                return False
            self._waiting.append(_Task(job, name, on_crash, copy_context()))
            self._start_thread()
            self._changed.notify()
            return True

    def load(self) -> int:
        """How many jobs run or wait."""
        with self._changed:
            return self._busy + len(self._waiting)

    def drain(self, timeout: float) -> bool:
        """Take no more jobs and wait up to `timeout` seconds for those accepted. True when all of them are done.

        Jobs that still wait then are dropped; those that run go on in daemon threads, which do not keep the program
        alive.
        """
        with self._changed:
            self._closed = True
            done = self._changed.wait_for(lambda: not self._busy and not self._waiting, timeout)
            for task in self._waiting:
                _log.warning("%s: dropped a job that was waiting: %s", self._name, task.name)
            self._waiting.clear()
            self._changed.notify_all()
            return done

    def _start_thread(self) -> None:
        idle = len(self._threads) - self._busy
        if idle < len(self._waiting) and len(self._threads) < self._max_workers:
            name = f"{self._name}-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            task.context.run(self._perform, task)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _perform(self, task: _Task) -> None:
        """Run one job. Nothing that it raises may end the thread; a person is told, and the log says the rest."""
        try:
            task.job()
        except Exception:  # noqa: BLE001  the boundary of a job: see the module's docstring
            incident = secrets.token_hex(4)
            _log.exception("incident %s: the job %s died", incident, task.name)
            self._failed(self._name)
            _tell(task, incident)

    def _next(self) -> _Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return None
            self._busy += 1
            return self._waiting.popleft()


def _tell(task: _Task, incident: str) -> None:
    if task.on_crash is None:
        return
    try:
        task.on_crash(incident)
    except Exception:  # noqa: BLE001  still the boundary: telling the person may fail as well
        _log.exception("incident %s: nobody could be told", incident)
