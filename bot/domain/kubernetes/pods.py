"""Pods: their volumes, where they may run, and how they are."""

from __future__ import annotations

from pydantic import Field

from bot.domain.kubernetes.base import (
    Condition,
    KubernetesModel,
    Labels,
    LabelSelector,
    LabelSelectorRequirement,
    Moment,
    ObjectMeta,
)
from bot.domain.kubernetes.containers import Container, ContainerStatus, SecurityContext


class ClaimReference(KubernetesModel):
    claim_name: str = ""


class ConfigMapVolume(KubernetesModel):
    name: str = ""
    optional: bool = False


class SecretVolume(KubernetesModel):
    """A Secret as a volume (`secret_name`), or as one source of a projected volume (`name`)."""

    secret_name: str = ""
    name: str = ""
    optional: bool = False


class EmptyDirectory(KubernetesModel):
    medium: str = ""
    size_limit: str = ""


class VolumeSource(KubernetesModel):
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None


class ProjectedVolume(KubernetesModel):
    sources: tuple[VolumeSource, ...] = ()


class Volume(KubernetesModel):
    """A volume of a pod: only the sources that can be missing, pending, changed or full."""

    name: str = ""
    persistent_volume_claim: ClaimReference | None = None
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    empty_dir: EmptyDirectory | None = None
    projected: ProjectedVolume | None = None


class Toleration(KubernetesModel):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""

    def tolerates(self, key: str, value: str, effect: str) -> bool:
        """Whether it tolerates this taint."""
        if self.effect and self.effect != effect:
            return False
        if self.operator == "Exists":
            return not self.key or self.key == key
        return self.key == key and self.value == value


class NodeSelectorTerm(KubernetesModel):
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()
    match_fields: tuple[LabelSelectorRequirement, ...] = ()


class NodeSelector(KubernetesModel):
    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class NodeAffinity(KubernetesModel):
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None


class PodAffinityTerm(KubernetesModel):
    label_selector: LabelSelector = LabelSelector()
    topology_key: str = ""


class PodAffinity(KubernetesModel):
    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()


class Affinity(KubernetesModel):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class PodDnsConfig(KubernetesModel):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


class HostAlias(KubernetesModel):
    """An entry that the kubelet writes into the pod's /etc/hosts."""

    ip: str = ""
    hostnames: tuple[str, ...] = ()


class TopologySpread(KubernetesModel):
    """How evenly pods are spread over the values of a node label; `DoNotSchedule` makes it a must."""

    topology_key: str = ""
    when_unsatisfiable: str = ""


class SchedulingGate(KubernetesModel):
    """What keeps the scheduler from looking at a pod until whoever set it takes it away."""

    name: str = ""


class PodSpec(KubernetesModel):
    node_name: str = ""
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    host_network: bool = False
    host_aliases: tuple[HostAlias, ...] = ()
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    node_selector: Labels = Field(default_factory=dict)
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[TopologySpread, ...] = ()
    volumes: tuple[Volume, ...] = ()
    service_account_name: str = ""
    restart_policy: str = ""
    dns_policy: str = ""
    dns_config: PodDnsConfig | None = None
    priority_class_name: str = ""
    scheduler_name: str = ""
    security_context: SecurityContext = SecurityContext()

    @property
    def sidecars(self) -> tuple[Container, ...]:
        """Init containers that run as long as the pod does ("native sidecars")."""
        return tuple(item for item in self.init_containers if item.restart_policy == "Always")

    @property
    def serving_containers(self) -> tuple[Container, ...]:
        """Every container that runs while the pod serves: a Service may lead to any of them."""
        return self.containers + self.sidecars


class PodStatus(KubernetesModel):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = Field(default="", alias="podIP")
    host_ip: str = Field(default="", alias="hostIP")
    start_time: Moment = None
    nominated_node_name: str = ""
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
