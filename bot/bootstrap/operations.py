"""What one replica does besides answering people: the schedule and the monitors, and what is asked of its readiness.

Made by `program` around a connected bot. Who leads, runs monitors and housekeeping; every replica reloads its files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.access.probe import ask_server
from bot.adapters.slack.bot import SlackBot
from bot.bootstrap.core import Core, utc_now
from bot.bootstrap.schedule import Schedule, boot_seconds
from bot.changes.policy.model import Closed
from bot.diagnosis.across_clusters import SEPARATOR
from bot.diagnosis.ports import TriageRequest
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import TriageError, UsageError
from bot.monitors.digest import Digests
from bot.monitors.run import MonitorRuns
from bot.monitors.schema import Monitor
from bot.monitors.source import MonitorSource
from bot.runtime.housekeeping import Duties, Reloading, housekeeping, monitor_jobs
from bot.runtime.jobs import Job
from bot.runtime.readiness import Probes, Remembered

CLUSTER_PROBE = timedelta(seconds=30)
PROBES_REMEMBERED_SECONDS = 2.0

_log = logging.getLogger(__name__)


class Operations:
    """One replica's schedule. `start` it after the bot is connected, `stop` it after it was closed."""

    def __init__(self, core: Core, bot: SlackBot) -> None:
        """Raises `ConfigurationError`."""
        self._core = core
        self._bot = bot
        self._schedule = Schedule(core.settings, core.store, core.measures)
        effects, poster = self._schedule.effects, bot.poster()
        self._runs = MonitorRuns(
            look=self._look,
            findings=core.store.findings,
            effects=effects,
            poster=poster,
            mutes=core.store.incidents,
            clock=utc_now,
            seconds=boot_seconds,
        )
        self._digests = Digests(core.store.findings, effects, poster)
        core.changes.watch(self._count)

    def start(self) -> None:
        """Begin: the schedule runs."""
        self._schedule.put(self._jobs())
        self._schedule.start()

    def stop(self, timeout: float) -> None:
        """End: nothing new is begun, what runs is waited for, the lease is given back."""
        if not self._schedule.stop(timeout):
            _log.warning("a job was still running when the bot stopped")

    def _jobs(self) -> tuple[Job, ...]:
        core = self._core
        reloads: dict[str, Callable[[], Reloading]] = {
            "playbooks": core.playbooks.refresh,
            "policy": core.policy.refresh,
        }
        if (source := self._core.monitor_source) is not None:
            reloads["monitors"] = lambda: self._reload_monitors(source)
        duties = Duties(
            tick=lambda: core.changes.tick(utc_now()),
            purge=lambda: core.store.retention.purge(timedelta(days=core.settings.retention_days)),
            digests=lambda: self._digests.post_due(self._core.monitors(), utc_now()),
            reloads=reloads,
        )
        watching = monitor_jobs(self._core.monitors().monitors.values(), self._runs.run, self._runs.still_running)
        return (*housekeeping(duties), *watching, Job("cluster", CLUSTER_PROBE, self._probe_cluster, leader_only=False))

    def _reload_monitors(self, source: MonitorSource) -> Reloading:
        before = self._core.monitors()
        outcome = source.refresh()
        if self._core.monitors() is not before:
            self._schedule.put(self._jobs())
        return outcome

    def _look(self, monitor: Monitor) -> Diagnosis:
        place = f"{monitor.namespace}{SEPARATOR}{monitor.cluster}" if monitor.cluster else monitor.namespace
        found = self._core.triage.diagnose(TriageRequest(monitor.app, place), lambda _step: None)
        if isinstance(found, Diagnosis):
            return found
        raise UsageError(
            f"{monitor.app} stands in {place} several times: {', '.join(found.namespaces)}.",
            "Name the release in the monitor: namespace: NAMESPACE/RELEASE.",
        )

    def _probe_cluster(self) -> None:
        """Whether the default cluster answers: an idle bot must know it, too."""
        settings, known = self._core.settings, self._core.cluster_read
        alone = settings.kubeconfig is None and settings.context is None
        in_cluster = alone and bool(settings.kubernetes_service_host)
        try:
            connection = connect(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
            try:
                ask_server(connection)
            finally:
                connection.close()
        except TriageError as error:
            known.failed(error.message)
        else:
            known.succeeded()

    def probes(self) -> Probes:
        """What must work for the bot to be ready, and what is worth knowing."""
        core = self._core
        return Probes(
            essential={
                "slack": self._bot.trouble,
                "database": Remembered(self._database, PROBES_REMEMBERED_SECONDS, boot_seconds),
                "cluster": core.cluster_read.reason,
            },
            notable={
                "policy": self._closed,
                "audit": Remembered(self._audit, PROBES_REMEMBERED_SECONDS, boot_seconds),
                "election": self._schedule.elector.trouble,
                "jobs": lambda: "; ".join(f"{job}: {why}" for job, why in self._schedule.runner.failures().items()),
            },
        )

    def _database(self) -> str:
        health = self._core.store.health()
        return "" if health.ready else health.problem or "The database cannot be reached."

    def _audit(self) -> str:
        return self._core.store.health().audit_problem

    def _closed(self) -> str:
        policy = self._core.policy.current()
        return policy.reason if isinstance(policy, Closed) else ""

    def _count(self, change: Change) -> None:
        """Outcomes of changes and approvals."""
        measures = self._core.measures
        if change.state in _ENDS:
            measures.change(change.state.value)
        if change.state is ChangeState.APPROVED and change.approvers:
            measures.approval("approved")
        if change.state is ChangeState.REFUSED:
            measures.approval("declined")
        if change.state is ChangeState.EXPIRED and change.requester is not None:
            measures.approval("expired")


_ENDS = frozenset({ChangeState.FIXED, ChangeState.NOT_FIXED, ChangeState.FAILED, ChangeState.ROLLED_BACK})
