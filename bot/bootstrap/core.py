"""What all parts of the running bot share: rules, database, clusters and use cases. Built once by `program`.

Nothing here talks to Slack or starts a thread; opening the database is the only thing that can fail.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.adapters.store.store import Store
from bot.bootstrap.clusters import Clusters
from bot.bootstrap.writers import Writers
from bot.changes.authority import PolicyAuthority
from bot.changes.journal import Journal
from bot.changes.policy.source import PolicySource
from bot.changes.service import ChangeService
from bot.diagnosis.across_clusters import SEPARATOR, TriageAcrossClusters
from bot.diagnosis.playbook_source import PlaybookSource
from bot.diagnosis.ports import Triage, TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import UsageError
from bot.monitors.loader import NO_MONITORS, MonitorSet
from bot.monitors.source import MonitorSource
from bot.playbook.places import parse_places
from bot.redaction import Boundary
from bot.runtime.measured import MeasuredAudit, MeasuredTriage
from bot.runtime.readiness import LastSuccess
from bot.runtime.steady import steady_seconds
from bot.settings import Settings

CLUSTER_READ_STALE = timedelta(minutes=2)
"""A bot whose last look at its cluster is older is not ready: an idle one looks every half minute."""


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Core:
    """The parts, wired."""

    settings: Settings
    boundary: Boundary
    store: Store
    playbooks: PlaybookSource
    policy: PolicySource
    clusters: Clusters
    triage: Triage
    changes: ChangeService
    measures: PrometheusMeasures
    cluster_read: LastSuccess
    monitor_source: MonitorSource | None = None

    def monitors(self) -> MonitorSet:
        """The monitors in force."""
        return self.monitor_source.current() if self.monitor_source is not None else NO_MONITORS


def build_core(settings: Settings, boundary: Boundary, store: Store, measures: PrometheusMeasures) -> Core:
    """Put the parts together. Raises `PlaybooksRejected` or `MonitorsRejected`."""
    playbooks = PlaybookSource(parse_places(settings.playbooks))
    policy = PolicySource(settings.policy)
    clusters = Clusters(settings)
    cluster_read = LastSuccess("The cluster", utc_now, CLUSTER_READ_STALE)
    across = TriageAcrossClusters(_TriageByCluster(playbooks, clusters, boundary))
    triage = MeasuredTriage(across, measures, cluster_read, time.monotonic)

    def diagnose(cluster: str, app: str, place: str) -> Diagnosis:
        name = clusters.named(cluster)
        asked = f"{place}{SEPARATOR}{name}" if name else place
        found = triage.diagnose(TriageRequest(app, asked), lambda _step: None)
        if isinstance(found, Diagnosis):
            return found
        raise UsageError(f"{app} stands in {place} several times by now.", "Check again from the card.")

    journal = Journal(store.changes, MeasuredAudit(store.audit, measures), boundary)
    writers = Writers(settings, clusters, boundary)
    changes = ChangeService(journal, writers, PolicyAuthority(policy), diagnose, utc_now, monotonic=steady_seconds)
    return Core(
        settings, boundary, store, playbooks, policy, clusters, triage, changes, measures, cluster_read,
        monitor_source(settings, playbooks, clusters),
    )  # fmt: skip


def monitor_source(settings: Settings, playbooks: PlaybookSource, clusters: Clusters) -> MonitorSource | None:
    """The monitors of the directory that the settings name, if they name one. Raises `MonitorsRejected`."""
    if settings.monitors is None:
        return None
    return MonitorSource(settings.monitors.expanduser(), playbooks.current, frozenset(clusters.names))


class _TriageByCluster:
    """One triage service per cluster, made when it is first asked for. Thread-safe."""

    def __init__(self, playbooks: PlaybookSource, clusters: Clusters, boundary: Boundary) -> None:
        self._playbooks = playbooks
        self._clusters = clusters
        self._boundary = boundary
        self._lock = threading.Lock()
        self._made: dict[str, TriageService] = {}

    def __call__(self, cluster: str) -> Triage:
        reader = self._clusters.reader(cluster)
        with self._lock:
            if cluster not in self._made:
                self._made[cluster] = TriageService(self._playbooks.current, reader, self._boundary)
            return self._made[cluster]
