"""What the first look reads: one row per resource of `bot.domain.view.Resource`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from bot.adapters.kube.access.failures import ReadTarget
from bot.domain.kubernetes.kinds import APPS, WORKLOAD_KINDS, WorkloadKind
from bot.domain.view import Resource


@dataclass(frozen=True, slots=True)
class Source:
    """Where a resource is listed. `label` names it for a person, `plural` is its name in a Role."""

    resource: Resource
    label: str
    group: str
    plural: str
    namespaced: bool = True
    older: str = ""
    """The API group and version to ask where the first is not served."""

    def path(self, namespace: str) -> str:
        """The path of the list, percent-encoded."""
        where = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        return f"/{self.group}{where}/{self.plural}"

    @property
    def before(self) -> Source | None:
        """The same list as older clusters serve it."""
        return replace(self, group=self.older, older="") if self.older else None

    def target(self, namespace: str) -> ReadTarget:
        """How a gap names this list."""
        return ReadTarget(self.label, "list", self.plural, namespace if self.namespaced else "")


CORE = "api/v1"

ENDPOINT_SLICES = Source("endpoints", "Service endpoints", "apis/discovery.k8s.io/v1", "endpointslices")
ENDPOINTS = Source("endpoints", "Service endpoints", CORE, "endpoints")


def _list_of(row: WorkloadKind) -> Source:
    return Source(row.plural, row.label, row.groups[0], row.plural, older="".join(row.groups[1:2]))


SOURCES: tuple[Source, ...] = (
    # the longest lists first, so that they do not start when the others are done
    _list_of(WORKLOAD_KINDS["Pod"]),
    Source("events", "events", CORE, "events"),
    _list_of(WORKLOAD_KINDS["ReplicaSet"]),
    ENDPOINT_SLICES,
    _list_of(WORKLOAD_KINDS["Deployment"]),
    Source("services", "services", CORE, "services"),
    Source("configmaps", "ConfigMaps", CORE, "configmaps"),
    _list_of(WORKLOAD_KINDS["StatefulSet"]),
    Source("networkpolicies", "network policies", "apis/networking.k8s.io/v1", "networkpolicies"),
    Source("resourcequotas", "resource quotas", CORE, "resourcequotas"),
    Source("persistentvolumeclaims", "volume claims", CORE, "persistentvolumeclaims"),
    Source("nodes", "nodes", CORE, "nodes", namespaced=False),
)

_SCALING, _NETWORKING, _ADMISSION = (
    "apis/autoscaling",
    "apis/networking.k8s.io/v1",
    "apis/admissionregistration.k8s.io/v1",
)

INGRESSES = Source("ingresses", "ingresses", _NETWORKING, "ingresses", older="apis/networking.k8s.io/v1beta1")

WIDE_SOURCES: tuple[Source, ...] = (
    *(_list_of(row) for row in WORKLOAD_KINDS.values() if not row.every_time),
    INGRESSES,
    Source(
        "horizontalpodautoscalers",
        "autoscalers",
        f"{_SCALING}/v2",
        "horizontalpodautoscalers",
        older=f"{_SCALING}/v2beta2",
    ),
)
"""What a question about a namespace or a workload lists besides."""

NEEDED_SOURCES: Mapping[Resource, tuple[Source, ...]] = {
    "limitranges": (Source("limitranges", "limit ranges", CORE, "limitranges"),),
    "storageclasses": (Source("storageclasses", "storage classes", "apis/storage.k8s.io/v1", "storageclasses", False),),
    "ingresses": (INGRESSES,),
    "ingressclasses": (Source("ingressclasses", "ingress classes", _NETWORKING, "ingressclasses", False),),
    "webhooks": tuple(
        Source("webhooks", "admission webhooks", _ADMISSION, plural, False)
        for plural in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
    ),
}
"""Lists that are read in the second look, where something in the first asks for them."""

NAMESPACES = Source("namespaces", "namespaces", CORE, "namespaces", namespaced=False)
DEPLOYMENTS_EVERYWHERE = Source("deployments", "deployments of all namespaces", APPS, "deployments", namespaced=False)


def namespace_target(namespace: str) -> ReadTarget:
    """How a gap names the read of the namespace object itself."""
    return ReadTarget("the namespace itself", "get", "namespaces", namespace)
