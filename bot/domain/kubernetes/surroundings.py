"""What pods depend on and what is said about them: ConfigMaps, events, quotas, nodes, claims, the namespace."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.domain.kubernetes.base import Condition, KubernetesModel, Labels, Moment, ObjectMeta


class ConfigMap(KubernetesModel):
    """A ConfigMap. `data` holds only the keys that a playbook asks for; `keys` names all of them.

    `key_times` says when a key was last written, where the API server records it (managedFields).
    """

    metadata: ObjectMeta = ObjectMeta()
    data: Labels = Field(default_factory=dict)
    keys: tuple[str, ...] = ()
    key_times: dict[str, Moment] = Field(default_factory=dict)


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
