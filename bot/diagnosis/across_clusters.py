"""The `Triage` port over several clusters: people name one after the namespace (`NAMESPACE@CLUSTER`).

Made by the wiring around one `TriageService` per cluster. Whoever names no cluster gets the default one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bot.diagnosis.ports import Examined, NamespaceChoice, Progress, Triage, TriageRequest
from bot.domain.diagnosis import Diagnosis
from bot.domain.symptoms import PasteReading, Symptom

SEPARATOR = "@"


class TriageAcrossClusters:
    """Implements `Triage`. `of_cluster("")` is the default; it raises `UsageError` for a name that is not known."""

    def __init__(self, of_cluster: Callable[[str], Triage]) -> None:
        self._of_cluster = of_cluster

    def apps(self) -> Sequence[tuple[str, str]]:
        """See `Triage`."""
        return self._of_cluster("").apps()

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """See `Triage`."""
        return self._of_cluster("").match(text, app)

    def read(self, text: str, bound: Collection[str] = ()) -> PasteReading:
        """See `Triage`."""
        return self._of_cluster("").read(text, bound)

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """See `Triage`."""
        asked, cluster = in_cluster(request)
        found = self._of_cluster(cluster).diagnose(asked, progress)
        return _named(found, cluster) if isinstance(found, NamespaceChoice) else found

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        """See `Triage`."""
        asked, cluster = in_cluster(request)
        found = self._of_cluster(cluster).examine(asked, progress)
        return _named(found, cluster) if isinstance(found, NamespaceChoice) else found


def in_cluster(request: TriageRequest) -> tuple[TriageRequest, str]:
    """The request without the name of the cluster, and that name."""
    namespace, cluster = split_place(request.namespace)
    return replace(request, namespace=namespace), cluster


def split_place(text: str | None) -> tuple[str | None, str]:
    """Namespace (with its release) and cluster of `NAMESPACE@CLUSTER`, `NAMESPACE` or `@CLUSTER`."""
    if text is None:
        return None, ""
    namespace, _, cluster = text.partition(SEPARATOR)
    return namespace or None, cluster


def same_place(asked: str, namespace: str) -> str:
    """What to ask to look at this namespace again: a release and a cluster that were named stay named."""
    place, at, cluster = asked.partition(SEPARATOR)
    if place.partition("/")[0] != namespace:
        place = namespace
    return f"{place}{at}{cluster}"


def _named(choice: NamespaceChoice, cluster: str) -> NamespaceChoice:
    """Each namespace with the cluster that was named, so that the choice leads there."""
    if not cluster:
        return choice
    return replace(choice, namespaces=tuple(f"{name}{SEPARATOR}{cluster}" for name in choice.namespaces))
