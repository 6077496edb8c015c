"""What makes pods: Deployments, StatefulSets and ReplicaSets."""

from __future__ import annotations

from bot.domain.kubernetes.base import Condition, KubernetesModel, LabelSelector, ObjectMeta
from bot.domain.kubernetes.pods import PodSpec


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
