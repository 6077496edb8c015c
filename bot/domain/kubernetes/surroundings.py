"""What pods depend on and what is said about them: ConfigMaps, events, limits, nodes, claims, autoscalers."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.domain.kubernetes.base import Condition, KubernetesModel, Labels, Moment, ObjectMeta


class ConfigMap(KubernetesModel):
    """A ConfigMap. `data` holds only the keys that a playbook asks for; `keys` names all of them.

    `key_times` says when a key was last written, where the API server records it (managedFields); `changed_at` is the
    latest time at which any of its data was. `endpoints` are the addresses that each value names.
    """

    metadata: ObjectMeta = ObjectMeta()
    data: Labels = Field(default_factory=dict)
    keys: tuple[str, ...] = ()
    key_times: dict[str, Moment] = Field(default_factory=dict)
    changed_at: Moment = None
    endpoints: dict[str, tuple[str, ...]] = Field(default_factory=dict)


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
    hard: Labels = Field(default_factory=dict)
    used: Labels = Field(default_factory=dict)


class ResourceQuota(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    status: ResourceQuotaStatus = ResourceQuotaStatus()


class Taint(KubernetesModel):
    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(KubernetesModel):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()


class NodeInfo(KubernetesModel):
    kubelet_version: str = ""


class NodeStatus(KubernetesModel):
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()
    allocatable: Labels = Field(default_factory=dict)


class Node(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def ready(self) -> bool:
        """Whether the node's kubelet reports Ready."""
        return any(item.type == "Ready" and item.status == "True" for item in self.status.conditions)


class PersistentVolumeClaimSpec(KubernetesModel):
    storage_class_name: str | None = None
    volume_name: str = ""
    access_modes: tuple[str, ...] = ()
    resources: dict[str, Labels] = Field(default_factory=dict)


class PersistentVolumeClaimStatus(KubernetesModel):
    phase: str = ""
    capacity: Labels = Field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


class PersistentVolumeClaim(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()


class StorageClass(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    provisioner: str = ""
    volume_binding_mode: str = ""


class LimitRangeItem(KubernetesModel):
    type: str = ""
    max: Labels = Field(default_factory=dict)
    min: Labels = Field(default_factory=dict)


class LimitRangeSpec(KubernetesModel):
    limits: tuple[LimitRangeItem, ...] = ()


class LimitRange(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: LimitRangeSpec = LimitRangeSpec()


class ScaleTarget(KubernetesModel):
    kind: str = ""
    name: str = ""


class AutoscalerSpec(KubernetesModel):
    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int = 1
    max_replicas: int = 0


class AutoscalerStatus(KubernetesModel):
    current_replicas: int = 0
    desired_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class HorizontalPodAutoscaler(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()


class WebhookService(KubernetesModel):
    namespace: str = ""
    name: str = ""
    port: int = 443


class WebhookClient(KubernetesModel):
    service: WebhookService | None = None


class Webhook(KubernetesModel):
    name: str = ""
    client_config: WebhookClient = WebhookClient()
    failure_policy: str = "Fail"


class WebhookConfiguration(KubernetesModel):
    """A validating or mutating webhook configuration; both have the same shape."""

    metadata: ObjectMeta = ObjectMeta()
    webhooks: tuple[Webhook, ...] = ()


class NamespaceSpec(KubernetesModel):
    finalizers: tuple[str, ...] = ()


class NamespaceStatus(KubernetesModel):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class Namespace(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: NamespaceSpec = NamespaceSpec()
    status: NamespaceStatus = NamespaceStatus()
