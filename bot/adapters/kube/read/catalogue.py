"""What the first look reads: one row per resource of `bot.domain.view.Resource`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot.adapters.kube.access.failures import Target
from bot.domain.view import Resource


@dataclass(frozen=True, slots=True)
class Source:
    """Where a resource is listed. `label` names it for a person, `plural` is its name in a Role."""

    resource: Resource
    label: str
    group: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str) -> str:
        """The path of the list, percent-encoded."""
        where = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        return f"/{self.group}{where}/{self.plural}"

    def target(self, namespace: str) -> Target:
        """How a gap names this list."""
        return Target(self.label, "list", self.plural, namespace if self.namespaced else "")


CORE, APPS = "api/v1", "apis/apps/v1"

ENDPOINT_SLICES = Source("endpoints", "Service endpoints", "apis/discovery.k8s.io/v1", "endpointslices")
ENDPOINTS = Source("endpoints", "Service endpoints", CORE, "endpoints")

SOURCES: tuple[Source, ...] = (
    # the longest lists first, so that they do not start when the others are done
    Source("pods", "pods", CORE, "pods"),
    Source("events", "events", CORE, "events"),
    Source("replicasets", "replica sets", APPS, "replicasets"),
    ENDPOINT_SLICES,
    Source("deployments", "deployments", APPS, "deployments"),
    Source("services", "services", CORE, "services"),
    Source("configmaps", "ConfigMaps", CORE, "configmaps"),
    Source("statefulsets", "stateful sets", APPS, "statefulsets"),
    Source("networkpolicies", "network policies", "apis/networking.k8s.io/v1", "networkpolicies"),
    Source("resourcequotas", "resource quotas", CORE, "resourcequotas"),
    Source("persistentvolumeclaims", "volume claims", CORE, "persistentvolumeclaims"),
    Source("nodes", "nodes", CORE, "nodes", namespaced=False),
)

NAMESPACES = Source("namespaces", "namespaces", CORE, "namespaces", namespaced=False)
DEPLOYMENTS_EVERYWHERE = Source("deployments", "deployments of all namespaces", APPS, "deployments", namespaced=False)


def namespace_target(namespace: str) -> Target:
    """How a gap names the read of the namespace object itself."""
    return Target("the namespace itself", "get", "namespaces", namespace)
