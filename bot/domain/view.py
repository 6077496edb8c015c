"""Everything read from the cluster for one triage, collected once and immutable.

Built by the cluster adapter in two bounded looks: lists first, then logs and health of the pods that the first look
makes interesting. The engine reads nothing else, so a saved view replays to the same diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ConfigDict, field_validator

from bot.domain.facts import Gap
from bot.domain.kubernetes import (
    ConfigMap,
    EndpointGroup,
    Event,
    HorizontalPodAutoscaler,
    Ingress,
    IngressClass,
    KubernetesModel,
    LimitRange,
    Namespace,
    NetworkPolicy,
    Node,
    PersistentVolumeClaim,
    Pod,
    ResourceQuota,
    Service,
    StorageClass,
    WebhookConfiguration,
    Workload,
)
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS

Resource = Literal[
    "pods",
    "services",
    "endpoints",
    "deployments",
    "replicasets",
    "statefulsets",
    "configmaps",
    "networkpolicies",
    "events",
    "resourcequotas",
    "persistentvolumeclaims",
    "nodes",
    "namespaces",
    "daemonsets",
    "jobs",
    "cronjobs",
    "ingresses",
    "horizontalpodautoscalers",
    "limitranges",
    "storageclasses",
    "ingressclasses",
    "webhooks",
]
"""What the first look lists. `endpoints` stands for EndpointSlices, or Endpoints where slices are not served.

From `daemonsets` on: only for a question about a namespace or a workload, the last four only where something in it asks
for them. `webhooks` are validating and mutating webhook configurations.
"""


_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")


LOG_WINDOW = timedelta(minutes=5)
"""What a program says within this time before a look is what it says now."""


class ContainerLog(KubernetesModel):
    """The tail of one container's log; `previous` is the log of the run before the current one.

    `text` is None when it could not be read, and `gap` says why. `short`: it says so much that what was read of it does
    not reach back `LOG_WINDOW`. Above the tail there may be lines of that time that tell of trouble, and of what
    went well after it, without those between them.
    """

    pod: str
    container: str
    previous: bool = False
    text: str | None = None
    gap: Gap | None = None
    short: bool = False

    @field_validator("text")
    @classmethod
    def _without_colours(cls, text: str | None) -> str | None:
        """Many loggers colour a line also where no terminal reads it; what a line says does not depend on it."""
        return _COLOUR.sub("", text) if text and "\x1b" in text else text


HealthOutcome = Literal["ok", "http_error", "refused", "timed_out", "no_endpoints", "unreachable"]


class HealthAnswer(KubernetesModel):
    """The answer of one health endpoint, asked through the API server's proxy.

    `target` is `pod/NAME` or `service/NAME`; `outcome` is None when the question could not be asked (`gap` says why).
    `status` is the HTTP status of the application, 0 when it did not answer.
    """

    target: str
    port: str
    path: str
    outcome: HealthOutcome | None = None
    status: int = 0
    detail: str = ""
    gap: Gap | None = None


class ForeignService(KubernetesModel):
    """A Service in another namespace that a URL names: whether it is there, and how many ready addresses it has."""

    namespace: str
    name: str
    service: Service | None = None
    ready_addresses: int | None = None
    gap: Gap | None = None


class RunningVariable(KubernetesModel):
    """An environment variable as a running container has it, asked by exec (only where the operator allows that).

    `value` None without a gap: the container does not have it.
    """

    pod: str
    container: str
    name: str
    value: str | None = None
    gap: Gap | None = None


class View(KubernetesModel):
    """One look at one namespace of one cluster.

    `gaps` maps a resource of the first look to the reason it could not be read, wholly or in part; a resource that is
    not in `gaps` was read completely. `collected_at` is the API server's clock where it sent one, else ours; `clock`
    says which, and is empty where nobody knows (a dump, a view of an older version). `release` says which one was
    asked about, where the namespace holds several of one app.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal["triage/view/v1"] = "triage/view/v1"
    cluster: str
    context: str = ""
    namespace: str
    release: str = ""
    collected_at: datetime
    clock: Literal["server", "ours", ""] = ""
    server_version: str = ""
    pods: tuple[Pod, ...] = ()
    services: tuple[Service, ...] = ()
    endpoints: tuple[EndpointGroup, ...] = ()
    deployments: tuple[Workload, ...] = ()
    replicasets: tuple[Workload, ...] = ()
    statefulsets: tuple[Workload, ...] = ()
    configmaps: tuple[ConfigMap, ...] = ()
    networkpolicies: tuple[NetworkPolicy, ...] = ()
    events: tuple[Event, ...] = ()
    resourcequotas: tuple[ResourceQuota, ...] = ()
    persistentvolumeclaims: tuple[PersistentVolumeClaim, ...] = ()
    nodes: tuple[Node, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    """The namespace itself (for NetworkPolicy namespace selectors)."""
    daemonsets: tuple[Workload, ...] = ()
    jobs: tuple[Workload, ...] = ()
    cronjobs: tuple[Workload, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    horizontalpodautoscalers: tuple[HorizontalPodAutoscaler, ...] = ()
    limitranges: tuple[LimitRange, ...] = ()
    storageclasses: tuple[StorageClass, ...] = ()
    ingressclasses: tuple[IngressClass, ...] = ()
    webhooks: tuple[WebhookConfiguration, ...] = ()
    logs: tuple[ContainerLog, ...] = ()
    health: tuple[HealthAnswer, ...] = ()
    foreign_services: tuple[ForeignService, ...] = ()
    running_variables: tuple[RunningVariable, ...] = ()
    gaps: Mapping[Resource, Gap] = {}

    def workloads(self, kind: str) -> tuple[Workload, ...]:
        """What was listed of a kind that makes pods (`bot.domain.kubernetes.kinds`), `Pod` excepted."""
        found: tuple[Workload, ...] = getattr(self, WORKLOAD_KINDS[kind].plural)
        return found


class LogRequest(KubernetesModel):
    pod: str
    container: str
    previous: bool = False


class HealthRequest(KubernetesModel):
    """Ask `GET path` of `target` (`pod/NAME` or `service/NAME`) at `port` through the API server's proxy."""

    target: str
    port: str
    path: str
    scheme: Literal["http", "https"] = "http"


class VariableRequest(KubernetesModel):
    """Ask a running container for one environment variable. Readers that may not exec leave it out without a gap."""

    pod: str
    container: str
    name: str


class DetailRequest(KubernetesModel):
    """What the second, bounded step should read: decided by the engine from the first look."""

    logs: tuple[LogRequest, ...] = ()
    health: tuple[HealthRequest, ...] = ()
    variables: tuple[VariableRequest, ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    """(namespace, name) of Services in other namespaces."""
    lists: tuple[Resource, ...] = ()
    """Further lists that something in the first look asks for: storage classes where a claim waits, and so on."""
    wide: bool = False
    """A question about a namespace: the larger bounds of such a question hold."""
