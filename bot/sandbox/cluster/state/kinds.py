"""The resources the simulated API server serves: one table, used by routing, discovery, storage and RBAC.

It holds names and abilities only. What a kind's objects mean is in `control` and `api.tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Kind:
    """One served resource. `store_as` names the resource whose objects it shows (events are served twice)."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    has_status: bool = False
    has_scale: bool = False
    create_only: bool = False
    store_as: str = ""

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1` …"""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def qualified(self) -> str:
        """`pods`, `deployments.apps` …: as the server writes it in messages."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def storage(self) -> str:
        """The key of the objects in the store."""
        return self.store_as or self.qualified

    @property
    def singular(self) -> str:
        """The name in lower case, as kubectl prints it."""
        return self.kind.lower()


_ALL = ("all",)
KINDS: tuple[Kind, ...] = (
    Kind("", "v1", "namespaces", "Namespace", False, ("ns",), has_status=True),
    Kind("", "v1", "nodes", "Node", False, ("no",), has_status=True),
    Kind("", "v1", "persistentvolumes", "PersistentVolume", False, ("pv",), has_status=True),
    Kind("", "v1", "pods", "Pod", True, ("po",), _ALL, has_status=True),
    Kind("", "v1", "services", "Service", True, ("svc",), _ALL, has_status=True),
    Kind("", "v1", "endpoints", "Endpoints", True, ("ep",)),
    Kind("", "v1", "configmaps", "ConfigMap", True, ("cm",)),
    Kind("", "v1", "secrets", "Secret"),
    Kind("", "v1", "events", "Event", True, ("ev",)),
    Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", True, ("pvc",), has_status=True),
    Kind("", "v1", "resourcequotas", "ResourceQuota", True, ("quota",), has_status=True),
    Kind("", "v1", "limitranges", "LimitRange", True, ("limits",)),
    Kind("", "v1", "serviceaccounts", "ServiceAccount", True, ("sa",)),
    Kind("apps", "v1", "deployments", "Deployment", True, ("deploy",), _ALL, has_status=True, has_scale=True),
    Kind("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), _ALL, has_status=True, has_scale=True),
    Kind("apps", "v1", "statefulsets", "StatefulSet", True, ("sts",), _ALL, has_status=True, has_scale=True),
    Kind("apps", "v1", "daemonsets", "DaemonSet", True, ("ds",), _ALL, has_status=True),
    Kind("apps", "v1", "controllerrevisions", "ControllerRevision"),
    Kind("events.k8s.io", "v1", "events", "Event", True, ("ev",), store_as="events"),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", True, ("netpol",)),
    Kind("networking.k8s.io", "v1", "ingresses", "Ingress", True, ("ing",), has_status=True),
    Kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False),
    Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True, ("pdb",), has_status=True),
    Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True, ("hpa",), _ALL, True),
    Kind("batch", "v1", "jobs", "Job", True, (), _ALL, has_status=True),
    Kind("batch", "v1", "cronjobs", "CronJob", True, ("cj",), _ALL, has_status=True),
    Kind("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    Kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
    Kind("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", False),
    Kind("coordination.k8s.io", "v1", "leases", "Lease"),
    Kind("storage.k8s.io", "v1", "storageclasses", "StorageClass", False, ("sc",)),
    Kind("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False, ("pc",)),
    Kind("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", False, create_only=True),
    Kind("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", False, create_only=True),
    Kind("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", False, create_only=True),
    Kind("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", create_only=True),
    Kind("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", False, create_only=True),
)  # fmt: skip

BY_KIND: dict[tuple[str, str], Kind] = {(kind.api_version, kind.kind): kind for kind in KINDS}


def kind_of(plural: str, group: str = "") -> Kind:
    """The kind by resource name, `kind_of("deployments", "apps")`. Raises KeyError when it is not served."""
    for kind in KINDS:
        if kind.plural == plural and kind.group == group:
            return kind
    raise KeyError(f"{plural}.{group}")


NAMESPACES = kind_of("namespaces")
NODES = kind_of("nodes")
PERSISTENT_VOLUMES = kind_of("persistentvolumes")
PODS = kind_of("pods")
SERVICES = kind_of("services")
ENDPOINTS = kind_of("endpoints")
CONFIG_MAPS = kind_of("configmaps")
SECRETS = kind_of("secrets")
EVENTS = kind_of("events")
CLAIMS = kind_of("persistentvolumeclaims")
QUOTAS = kind_of("resourcequotas")
LIMIT_RANGES = kind_of("limitranges")
SERVICE_ACCOUNTS = kind_of("serviceaccounts")
DEPLOYMENTS = kind_of("deployments", "apps")
REPLICA_SETS = kind_of("replicasets", "apps")
STATEFUL_SETS = kind_of("statefulsets", "apps")
ENDPOINT_SLICES = kind_of("endpointslices", "discovery.k8s.io")
INGRESSES = kind_of("ingresses", "networking.k8s.io")
NETWORK_POLICIES = kind_of("networkpolicies", "networking.k8s.io")
DISRUPTION_BUDGETS = kind_of("poddisruptionbudgets", "policy")
AUTOSCALERS = kind_of("horizontalpodautoscalers", "autoscaling")
STORAGE_CLASSES = kind_of("storageclasses", "storage.k8s.io")
ROLES = kind_of("roles", "rbac.authorization.k8s.io")
ROLE_BINDINGS = kind_of("rolebindings", "rbac.authorization.k8s.io")
CLUSTER_ROLES = kind_of("clusterroles", "rbac.authorization.k8s.io")
CLUSTER_ROLE_BINDINGS = kind_of("clusterrolebindings", "rbac.authorization.k8s.io")

BY_STORAGE: dict[str, Kind] = {kind.storage: kind for kind in KINDS if not kind.store_as}
"""The kind that owns each shelf of the store."""
