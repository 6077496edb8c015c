"""Several clusters: one reader for each, made when it is first asked for.

Used by `program` and the doctor. The first cluster is the one that nobody has to name; people name another one after
the namespace (`/triage onyx prod@eu`).
"""

from __future__ import annotations

from collections.abc import Callable

from bot.bootstrap.cluster import LazyReader
from bot.diagnosis.ports import ClusterReader
from bot.domain.errors import UsageError
from bot.settings import Settings


class Clusters:
    """The clusters of the settings. `names` are those that can be named; the default one may have none."""

    def __init__(self, settings: Settings) -> None:
        self._readers = {item.name: LazyReader(settings_of(settings, item.name)) for item in settings.clusters}
        self._default = self._default_reader(settings)
        self.names: tuple[str, ...] = tuple(self._readers)

    def reader(self, name: str = "") -> Callable[[], ClusterReader]:
        """What gives the reader of a cluster; the empty name means the default. Raises `UsageError`."""
        if not name:
            return self._default
        if name not in self._readers:
            known = ", ".join(self.names) or "there is only one, without a name"
            raise UsageError(f"There is no cluster “{name}”.", f"Say one of these: {known}.")
        return self._readers[name]

    def named(self, cluster: str) -> str:
        """The name of the cluster that calls itself so in diagnoses; empty for the default. Raises `TriageError`."""
        for name, reader in {"": self._default, **self._readers}.items():
            if reader().cluster == cluster:
                return name
        raise UsageError(f"The cluster {cluster} is not among those of this bot.", "Check again from the card.")

    def _default_reader(self, settings: Settings) -> LazyReader:
        """The cluster of --context or the pod; where only a list is given, the first of it."""
        alone = settings.context is None and settings.kubeconfig is None and not settings.kubernetes_service_host
        first = next(iter(self._readers.values()), None)
        return first if alone and first is not None else LazyReader(settings)


def settings_of(settings: Settings, name: str) -> Settings:
    """The settings for one of the named clusters."""
    found = next(item for item in settings.clusters if item.name == name)
    kubeconfig = found.kubeconfig or settings.kubeconfig
    return settings.model_copy(update={"context": found.context, "kubeconfig": kubeconfig, "clusters": ()})
