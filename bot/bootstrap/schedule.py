"""Puts the schedule together: the election, the jobs, and the threads they run on.

Used by `operations`. Which jobs there are is said there; here is only how they are run by one replica at a time.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable

from bot.adapters.kube.access.client import connect_for_election
from bot.adapters.scheduler.background import BackgroundJobs
from bot.adapters.store.store import Store
from bot.runtime.effects import Effects
from bot.runtime.election import Elector, Timing
from bot.runtime.jobs import Job, JobRunner
from bot.runtime.measures import Measures
from bot.runtime.observed_lease import LeaseStore, ObservedLease
from bot.settings import Settings
from bot.settings.operations import Election


class Schedule:
    """The schedule of one replica. `put` its jobs, `start` it, `stop` it."""

    def __init__(self, settings: Settings, store: Store, measures: Measures, timing: Timing | None = None) -> None:
        """Raises `ConfigurationError` when there is no way to elect a leader."""
        timing = timing or Timing()
        self.identity = identity_of(settings)
        lock = ObservedLease(lease_store(settings, store), self.identity, timing.lease_seconds, boot_seconds)
        begin_term = store.claims.begin_term
        self._measures = measures
        self.elector = Elector(
            lock,
            begin_term,
            boot_seconds,
            timing=timing,
            on_change=self._leadership_changed,
            failed=measures.thread_failed,
        )
        self.effects = Effects(store.claims, self.elector, self.identity)
        self.runner = JobRunner(self.elector, measures, boot_seconds)
        self._scheduler = BackgroundJobs(self.runner.trigger, measures.thread_failed)
        self._stop = threading.Event()
        self._election = threading.Thread(target=self.elector.run, args=(self._stop,), name="election", daemon=True)

    def _leadership_changed(self, term: int | None) -> None:
        self._measures.leading(term)
        if term is not None:
            self.runner.begin_leading()

    def put(self, jobs: Iterable[Job]) -> None:
        """These jobs and no others, from now on."""
        wanted = tuple(jobs)
        self.runner.put(wanted)
        self._scheduler.put(wanted)

    def start(self) -> None:
        """Take part in the election and begin to trigger jobs."""
        self._election.start()
        self._scheduler.start()

    def stop(self, timeout: float) -> bool:
        """Trigger nothing more, wait up to `timeout` seconds for what runs, give the lease back. True when all is over.

        The lease is given back last: until then nobody else does what this replica is still doing.
        """
        self._scheduler.stop()
        over = self.runner.drain(timeout)
        self._stop.set()
        if self._election.is_alive():
            self._election.join(timeout)
        return over


def boot_seconds() -> float:
    """A monotonic clock that goes on while the machine sleeps, where there is one: a lease runs out then, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def identity_of(settings: Settings) -> str:
    """A name that no other process has: a container that was restarted keeps its pod's name."""
    name = settings.identity or f"{socket.gethostname()}-{os.getpid()}"
    return f"{name}_{secrets.token_hex(4)}"


def lease_store(settings: Settings, store: Store) -> LeaseStore:
    """Where the lease is kept. Raises `ConfigurationError`."""
    in_cluster = settings.kubeconfig is None and settings.context is None and bool(settings.kubernetes_service_host)
    wanted = settings.election
    if wanted is Election.LEASE or (wanted is Election.AUTO and in_cluster):
        return connect_for_election(
            kubeconfig=settings.kubeconfig,
            context=settings.context,
            in_cluster=in_cluster,
            namespace=settings.lease_namespace,
            name=settings.lease,
        )
    return store.leases
