"""Narrow, tolerant models of the Kubernetes objects a triage reads.

Only the fields that some check looks at. Unknown fields are ignored and nulls become defaults, because real API servers
send both (`items: null`, `eventTime: null`). Field names are Kubernetes' own, in snake case; `camelCase` is read and
written, so that a saved view looks like the objects a person knows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class KubernetesModel(BaseModel):
    """Base: frozen, tolerant of unknown fields, and of null where a default exists."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, alias_generator=to_camel, coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_means_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and None in data.values():  # copied only where it must be: most objects have none
            return {key: value for key, value in data.items() if value is not None}
        return data


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): "" if item is None else str(item) for key, item in value.items()}
    return value


Labels = Annotated[dict[str, str], BeforeValidator(_without_nulls)]
"""Label or annotation map; values are strings, whatever a broken writer put there."""

IntOrString = int | str


def _plausible(moment: datetime | None) -> datetime | None:
    if moment is None or not 2000 <= moment.year < 2200:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime | None, AfterValidator(_plausible)]
"""A time, aware of its zone. One that no cluster can have lived (Go's zero time, a broken clock) counts as unknown."""


class OwnerReference(KubernetesModel):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class ObjectMeta(KubernetesModel):
    """Identity of an object: name, owner, labels and times."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: Labels = {}
    annotations: Labels = {}
    creation_timestamp: Moment = None
    deletion_timestamp: Moment = None
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages this object, if any."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class KeyReference(KubernetesModel):
    """A reference to one key of a ConfigMap or Secret."""

    name: str = ""
    key: str = ""
    optional: bool = False


class EnvVarSource(KubernetesModel):
    config_map_key_ref: KeyReference | None = None
    secret_key_ref: KeyReference | None = None


class EnvVar(KubernetesModel):
    """One environment variable. `value` is None when it was not read (only variables that a playbook asks for are)."""

    name: str = ""
    value: str | None = None
    value_from: EnvVarSource | None = None


class NameReference(KubernetesModel):
    name: str = ""
    optional: bool = False


class EnvFromSource(KubernetesModel):
    prefix: str = ""
    config_map_ref: NameReference | None = None
    secret_ref: NameReference | None = None


class ContainerPort(KubernetesModel):
    name: str = ""
    container_port: int = 0
    protocol: str = "TCP"


class ResourceRequirements(KubernetesModel):
    requests: Labels = {}
    limits: Labels = {}


class HTTPGetAction(KubernetesModel):
    path: str = "/"
    port: IntOrString = 0
    scheme: str = "HTTP"


class TCPSocketAction(KubernetesModel):
    port: IntOrString = 0


class Probe(KubernetesModel):
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3


class Container(KubernetesModel):
    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: ResourceRequirements = ResourceRequirements()
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None


class PodSpec(KubernetesModel):
    node_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()


class Condition(KubernetesModel):
    """A status condition of a Pod, Deployment or Node. `status` is "True", "False" or "Unknown"."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: Moment = None


class ContainerStateWaiting(KubernetesModel):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(KubernetesModel):
    started_at: Moment = None


class ContainerStateTerminated(KubernetesModel):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: Moment = None
    finished_at: Moment = None


class ContainerState(KubernetesModel):
    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(KubernetesModel):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    image: str = ""
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(KubernetesModel):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = Field(default="", alias="podIP")
    host_ip: str = Field(default="", alias="hostIP")
    start_time: Moment = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of this type, e.g. `Ready`, or None."""
        return next((item for item in self.status.conditions if item.type == kind), None)

    @property
    def ready(self) -> bool:
        """Whether the pod may receive traffic: condition Ready is True and it is not being deleted."""
        condition = self.condition("Ready")
        return condition is not None and condition.status == "True" and self.metadata.deletion_timestamp is None


class LabelSelectorRequirement(KubernetesModel):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(KubernetesModel):
    """Kubernetes' label selector. An empty one matches everything."""

    match_labels: Labels = {}
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether these labels satisfy every term of the selector."""
        if any(labels.get(key) != value for key, value in self.match_labels.items()):
            return False
        return all(_requirement_holds(term, labels) for term in self.match_expressions)


def _requirement_holds(term: LabelSelectorRequirement, labels: dict[str, str]) -> bool:
    match term.operator:
        case "In":
            return labels.get(term.key) in term.values
        case "NotIn":
            return labels.get(term.key) not in term.values
        case "Exists":
            return term.key in labels
        case "DoesNotExist":
            return term.key not in labels
        case _:
            return False


class PodTemplate(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class WorkloadSpec(KubernetesModel):
    """The part of a Deployment's, StatefulSet's or ReplicaSet's spec that they share. `replicas` defaults to 1."""

    replicas: int = 1
    paused: bool = False
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()


class WorkloadStatus(KubernetesModel):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class Workload(KubernetesModel):
    """A Deployment, StatefulSet or ReplicaSet; `kind` says which (list items do not carry it: the reader sets it)."""

    kind: str = ""
    metadata: ObjectMeta = ObjectMeta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of this type, e.g. `Progressing`, or None."""
        return next((item for item in self.status.conditions if item.type == kind), None)

    @property
    def target(self) -> str:
        """`deployment/api-server`: how kubectl names it."""
        return f"{self.kind.lower()}/{self.metadata.name}"


class ServicePort(KubernetesModel):
    name: str = ""
    port: int = 0
    target_port: IntOrString = 0
    protocol: str = "TCP"
    node_port: int = 0


class ServiceSpec(KubernetesModel):
    type: str = "ClusterIP"
    cluster_ip: str = Field(default="", alias="clusterIP")
    external_name: str = ""
    selector: Labels = {}
    ports: tuple[ServicePort, ...] = ()


class Service(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: ServiceSpec = ServiceSpec()


class EndpointAddress(KubernetesModel):
    ip: str = ""
    ready: bool = True
    pod: str = ""


class EndpointPort(KubernetesModel):
    name: str = ""
    port: int = 0
    protocol: str = "TCP"


class EndpointGroup(KubernetesModel):
    """Addresses behind one Service that share their ports: one EndpointSlice, or one subset of an Endpoints object."""

    service: str = ""
    namespace: str = ""
    addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class ConfigMap(KubernetesModel):
    """A ConfigMap. `data` holds only the keys that a playbook asks for; `keys` names all of them.

    `key_times` says when a key was last written, where the API server records it (managedFields).
    """

    metadata: ObjectMeta = ObjectMeta()
    data: Labels = {}
    keys: tuple[str, ...] = ()
    key_times: dict[str, Moment] = {}


class IPBlock(KubernetesModel):
    cidr: str = ""
    except_: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _except_is_a_keyword(cls, data: Any) -> Any:
        if isinstance(data, dict) and "except" in data:
            return {**data, "except_": data["except"] or ()}
        return data


class NetworkPolicyPeer(KubernetesModel):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


class NetworkPolicyPort(KubernetesModel):
    """A port rule. `port` None means every port; `end_port` closes a range."""

    port: IntOrString | None = None
    end_port: int | None = None
    protocol: str = "TCP"


class NetworkPolicyIngressRule(KubernetesModel):
    from_: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_is_a_keyword(cls, data: Any) -> Any:
        if isinstance(data, dict) and "from" in data:
            return {**data, "from_": data["from"] or ()}
        return data


class NetworkPolicyEgressRule(KubernetesModel):
    to: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(KubernetesModel):
    """`ingress` and `egress` are None when the policy does not mention them, empty when it allows nothing."""

    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[NetworkPolicyIngressRule, ...] | None = None
    egress: tuple[NetworkPolicyEgressRule, ...] | None = None


class NetworkPolicy(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: NetworkPolicySpec = NetworkPolicySpec()


class ObjectReference(KubernetesModel):
    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""
    field_path: str = ""


class EventSeries(KubernetesModel):
    count: int = 0
    last_observed_time: Moment = None


class Event(KubernetesModel):
    """An Event of core/v1, from old and new reporters alike."""

    metadata: ObjectMeta = ObjectMeta()
    involved_object: ObjectReference = ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 1
    first_timestamp: Moment = None
    last_timestamp: Moment = None
    event_time: Moment = None
    series: EventSeries | None = None

    @property
    def last_seen(self) -> datetime | None:
        """When it happened last, from whichever field its reporter fills."""
        series = self.series.last_observed_time if self.series else None
        return series or self.last_timestamp or self.event_time or self.metadata.creation_timestamp

    @property
    def first_seen(self) -> datetime | None:
        """When it happened first."""
        return self.first_timestamp or self.event_time or self.metadata.creation_timestamp


class ResourceQuotaStatus(KubernetesModel):
    hard: Labels = {}
    used: Labels = {}


class ResourceQuota(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    status: ResourceQuotaStatus = ResourceQuotaStatus()


class NodeStatus(KubernetesModel):
    conditions: tuple[Condition, ...] = ()


class Node(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    status: NodeStatus = NodeStatus()

    @property
    def ready(self) -> bool:
        """Whether the node's kubelet reports Ready."""
        return any(item.type == "Ready" and item.status == "True" for item in self.status.conditions)


class PersistentVolumeClaimStatus(KubernetesModel):
    phase: str = ""


class PersistentVolumeClaim(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()


class Namespace(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
