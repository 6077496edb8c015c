"""What makes pods: Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, and pods that nobody made."""

from __future__ import annotations

from pydantic import Field

from bot.domain.kubernetes.base import Condition, KubernetesModel, Labels, LabelSelector, Moment, ObjectMeta
from bot.domain.kubernetes.pods import PodSpec


class PodTemplate(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: PodSpec = PodSpec()


class ClaimTemplateSpec(KubernetesModel):
    storage_class_name: str | None = None
    access_modes: tuple[str, ...] = ()
    resources: dict[str, Labels] = Field(default_factory=dict)


class ClaimTemplate(KubernetesModel):
    """One of a StatefulSet's claims: each pod gets one of its own, named `{claim}-{pod}`."""

    metadata: ObjectMeta = ObjectMeta()
    spec: ClaimTemplateSpec = ClaimTemplateSpec()


class RollingUpdate(KubernetesModel):
    partition: int | str = 0


class UpdateStrategy(KubernetesModel):
    """How a StatefulSet or DaemonSet replaces its pods: `OnDelete` waits for a person."""

    type: str = ""
    rolling_update: RollingUpdate = RollingUpdate()


class WorkloadSpec(KubernetesModel):
    """The part of the specs that they share, and what only some have (Job, CronJob, StatefulSet).

    `replicas` defaults to 1. The reader fills it in for kinds that state their number elsewhere: a DaemonSet's is the
    number of nodes it should run on, a Job's and a CronJob's is 1. `template` is that of the pods, also of a CronJob.
    """

    replicas: int = 1
    paused: bool = False
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    service_name: str = ""
    update_strategy: UpdateStrategy = UpdateStrategy()
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()
    suspend: bool = False
    parallelism: int = 1
    completions: int | None = None
    backoff_limit: int = 6
    active_deadline_seconds: int | None = None
    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = ""
    starting_deadline_seconds: int | None = None


class WorkloadStatus(KubernetesModel):
    """`active`, `succeeded` and `failed` count a Job's pods; `last_schedule_time` and the like are a CronJob's.

    `current_revision` and `update_revision` are a StatefulSet's.
    """

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: tuple[Condition, ...] = ()
    current_revision: str = ""
    update_revision: str = ""
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: Moment = None
    completion_time: Moment = None
    last_schedule_time: Moment = None
    last_successful_time: Moment = None


class Workload(KubernetesModel):
    """What makes pods; `kind` says which (list items do not carry it: the reader sets it)."""

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
