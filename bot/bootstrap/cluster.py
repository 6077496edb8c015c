"""Connects to the cluster that the settings name. Apart from `program`: `triage diagnose` loads no Slack client."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.read.reader import KubernetesReader
from bot.diagnosis.ports import ClusterReader

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.settings.quick import QuickSettings


def calm_garbage_collector() -> None:
    """Collect garbage less often: decoding thousands of pods makes many objects that all stay, and each pass over them
    is wasted (measured: 5,000 pods in 1.3 instead of 2.0 CPU seconds)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def connect_reader(
    settings: Settings | QuickSettings, *, deadline_seconds: float | None = None, brief: bool = False
) -> KubernetesReader:
    """A reader of the cluster that the settings name. Raises `ConfigurationError` with a remedy.

    `brief`: the process ends after one question, so that nothing it leaves behind has to be collected.
    """
    calm_garbage_collector()
    if brief:
        gc.disable()
    in_cluster = settings.kubeconfig is None and settings.context is None and bool(settings.kubernetes_service_host)
    connection = connect(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
    return KubernetesReader(
        connection, deadline_seconds=deadline_seconds or settings.deadline_seconds, allow_exec=settings.allow_exec
    )


class LazyReader:
    """Connects at the first question, and again after a failure: a bot without a cluster says so instead of not
    starting.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: KubernetesReader | None = None
        self._lock = threading.Lock()

    def __call__(self) -> ClusterReader:
        """The reader. Raises `ConfigurationError` while there is none to connect to."""
        with self._lock:
            if self._reader is None:
                self._reader = connect_reader(self._settings)
            return self._reader
