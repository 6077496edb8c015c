"""What writes to the clusters of the settings: one writer for each, made when it is first asked for."""

from __future__ import annotations

import threading

from bot.adapters.kube.write.writer import KubernetesWriter
from bot.bootstrap.cli_changes import connect_writer
from bot.bootstrap.clusters import Clusters, settings_of
from bot.changes.ports import ClusterWriter
from bot.redaction import Boundary
from bot.settings import Settings


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
