"""Builds the change service of the bot: people's rights by the policy, writes in their names, in any cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.adapters.kube.writer import KubernetesWriter
from bot.adapters.store.store import Store
from bot.bootstrap.by_hand import connect_writer
from bot.bootstrap.clusters import Clusters, settings_of
from bot.domain.diagnosis import Diagnosis
from bot.settings import Settings
from bot.triage.changes.authority import PolicyAuthority
from bot.triage.changes.journal import Journal
from bot.triage.changes.policy.source import PolicySource
from bot.triage.changes.ports import ClusterWriter
from bot.triage.changes.service import ChangeService
from bot.triage.ports import Clock
from bot.triage.redact import Boundary


class Writers:
    """What writes to each cluster, made when it is first asked for. Thread-safe."""

    def __init__(self, settings: Settings, clusters: Clusters, boundary: Boundary) -> None:
        self._settings = settings
        self._boundary = boundary
        self._clusters = clusters
        self._lock = threading.Lock()
        self._made: dict[str, KubernetesWriter] = {}

    def __call__(self, cluster: str) -> ClusterWriter:
        """The writer of the cluster that a diagnosis names so. Raises `TriageError`."""
        with self._lock:
            if cluster not in self._made:
                name = self._clusters.named(cluster)
                settings = settings_of(self._settings, name) if name else self._settings
                self._made[cluster] = connect_writer(settings, self._boundary)
            return self._made[cluster]


def build_changes(
    store: Store,
    policy: PolicySource,
    writers: Callable[[str], ClusterWriter],
    diagnose: Callable[[str, str, str], Diagnosis],
    clock: Clock,
    boundary: Boundary,
) -> ChangeService:
    """Changes as the policy allows them. `diagnose(cluster, app, place)` looks at the same place again."""
    journal = Journal(store.changes, store.audit, boundary)
    return ChangeService(journal, writers, PolicyAuthority(policy), diagnose, clock)
