"""Permissions one by one, and a triage that lacks them: shared by the tests of partial sight, simulated and real.

Nothing is faked: the ordinary reader asks a cluster over HTTP, and the cluster refuses, fails or does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import Gap, GapReason
from bot.playbook.loaded import PlaybookSet

NAMESPACE = "onyx"


@dataclass(frozen=True)
class Permission:
    """A verb on resources, as RBAC names it; `path` is the end of the requests that need it."""

    verb: str
    resources: tuple[str, ...]
    path: str
    namespaced: bool = True


def _list(resource: str, *more: str, namespaced: bool = True) -> Permission:
    names = (resource, *more)
    return Permission("list", names, f"/({'|'.join(names)})$", namespaced)


PERMISSIONS: Mapping[str, Permission] = {
    "pods": _list("pods"),
    "services": _list("services"),
    "endpoints": _list("endpointslices", "endpoints"),
    "deployments": _list("deployments"),
    "replicasets": _list("replicasets"),
    "statefulsets": _list("statefulsets"),
    "configmaps": _list("configmaps"),
    "networkpolicies": _list("networkpolicies"),
    "events": _list("events"),
    "resourcequotas": _list("resourcequotas"),
    "persistentvolumeclaims": _list("persistentvolumeclaims"),
    "nodes": _list("nodes", namespaced=False),
    "namespaces": Permission("get", ("namespaces",), "/namespaces/[^/]+$"),
    "pods/log": Permission("get", ("pods/log",), "/log$"),
    "pods/proxy": Permission("get", ("pods/proxy",), "/pods/[^/]+/proxy/"),
    "services/proxy": Permission("get", ("services/proxy",), "/services/[^/]+/proxy/"),
}


@contextmanager
def triage(kubeconfig: Path, playbooks: PlaybookSet, *, read_timeout_seconds: float = 10) -> Iterator[TriageService]:
    """The use case over a cluster, without pauses between two attempts."""
    connection = connect(
        kubeconfig=str(kubeconfig), context=None, in_cluster=False, read_timeout_seconds=read_timeout_seconds
    )
    reader = KubernetesReader(connection, sleep=lambda _: None)
    try:
        yield TriageService(lambda: playbooks, lambda: reader)
    finally:
        reader.close()


def diagnose(service: TriageService, namespace: str = NAMESPACE) -> Diagnosis:
    """The diagnosis of the Onyx in a namespace."""
    found = service.diagnose(TriageRequest("onyx", namespace), lambda _: None)
    assert isinstance(found, Diagnosis)
    return found


def faults_in(diagnosis: Diagnosis) -> frozenset[str]:
    """Ids of the root causes that are faults."""
    return frozenset(cause.id for cause in diagnosis.root_causes if not cause.state and not cause.benign)


def accused(diagnosis: Diagnosis) -> frozenset[str]:
    """Ids of all confirmed faults, whether root causes or not."""
    confirmed = [cause for cause in diagnosis.causes if cause.verdict is CauseVerdict.CONFIRMED]
    return frozenset(cause.id for cause in confirmed if not cause.state and not cause.benign)


def is_whole(diagnosis: Diagnosis, causes: frozenset[str], state: Verdict) -> bool:
    """Whether it says all that a triage with every right says: these causes, or where there are none this state."""
    if causes:
        return faults_in(diagnosis) == causes
    return diagnosis.verdict is state


def assert_not_wrong(diagnosis: Diagnosis, causes: frozenset[str], state: Verdict) -> None:
    """The one rule of partial sight: a verdict may become weaker, never wrong."""
    assert accused(diagnosis) <= causes, diagnosis.headline
    if causes:
        assert diagnosis.verdict in (Verdict.FAULT_FOUND, Verdict.INCONCLUSIVE), diagnosis.headline
    else:
        assert diagnosis.verdict in (state, Verdict.INCONCLUSIVE), diagnosis.headline


def forbidden(diagnosis: Diagnosis) -> list[Gap]:
    """The gaps for want of a permission."""
    return [gap for gap in diagnosis.gaps if gap.reason is GapReason.FORBIDDEN]
