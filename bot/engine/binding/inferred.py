"""Controllers that were not read, as far as what they own gives them away.

Called by the binding: for Deployments and StatefulSets when the account may list pods or ReplicaSets but not these, and
always for controllers of kinds that are not listed (an Argo Rollout, an operator's own kind) and for pods without any.
An inferred workload is marked (`is_unread`), and what nothing tells stays unknown (`desired_replicas`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.kubernetes import OwnerReference, Pod, Workload
from bot.domain.view import View

_UNREAD = "unread:"
_BY_PODS = "triage/judged-by-its-pods"
_UNKNOWN_REPLICAS = -1
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_REVISION = "deployment.kubernetes.io/revision"
_REVISION_LABELS = {
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "deployment",
}
_READ_KINDS = ("Deployment", "StatefulSet", "ReplicaSet")
_FINITE_KINDS = ("Job", "CronJob", "Workflow", "TaskRun", "PipelineRun", "Node")
"""Owners whose pods do a task and end, and the node of a static pod: they serve nobody as a component."""


def is_unread(workload: Workload) -> bool:
    """Whether the workload was only inferred from what it owns, because it could not be read itself."""
    return workload.metadata.uid.startswith(_UNREAD)


def uid_of(workload: Workload) -> str:
    """The UID by which owned objects refer to the workload."""
    return workload.metadata.uid.removeprefix(_UNREAD)


def desired_replicas(workload: Workload | None) -> int | None:
    """How many replicas it asks for; None if nothing tells."""
    if workload is None or workload.spec.replicas == _UNKNOWN_REPLICAS:
        return None
    return workload.spec.replicas


def revision(replica_set: Workload) -> tuple[int, float, str]:
    """Orders ReplicaSets of one Deployment: by revision, then age, then name."""
    text = replica_set.metadata.annotations.get(_REVISION, "")
    created = replica_set.metadata.creation_timestamp
    number = int(text) if text.isdecimal() else 0
    return (number, created.timestamp() if created else 0.0, replica_set.metadata.name)


def inferred_workloads(view: View, known: Sequence[Workload]) -> list[Workload]:
    """What the owners of ReplicaSets and pods must look like, without those that are known."""
    behind_sets = _behind_replica_sets(view, {item.metadata.uid for item in known})
    return behind_sets + _behind_pods(view, [*known, *behind_sets])


def is_judged_by_its_pods(workload: Workload) -> bool:
    """Whether its controller is of a kind that is not read, so that only its pods tell how it is."""
    return is_unread(workload) and _BY_PODS in workload.metadata.annotations


def other_controllers(view: View, known: Sequence[Workload]) -> list[Workload]:
    """Controllers of kinds that are not listed, pods without one, and pods whose controller is not in its list: of a
    kind with the same name, or kept when it was deleted. Each as one of its pods looks that stays.

    Pods without a controller that bear the same labels are one program: a Service does not tell them apart either.
    """
    sets = {item.metadata.uid: item for item in view.replicasets}
    known_sets = {item.metadata.name for item in view.replicasets}
    listed = {uid_of(item) for item in known}
    found: dict[tuple[str, str], Workload] = {}
    for pod in sorted(view.pods, key=lambda pod: pod.metadata.deletion_timestamp is not None):
        if pod.status.phase in ("Failed", "Succeeded"):
            continue
        owner = _topmost(pod, sets)
        if owner.kind in _FINITE_KINDS or (owner.kind in _READ_KINDS and not _is_left_alone(pod, owner, listed, view)):
            continue
        found.setdefault((owner.kind, _program(owner, pod)), _standing_for(owner, pod, view))
    names = {item.metadata.name for item in known} | known_sets
    return [item for item in found.values() if item.kind != "Pod" or item.metadata.name not in names]


def _program(owner: OwnerReference, pod: Pod) -> str:
    """What its pods have in common: the controller's name, or the labels of pods that have none."""
    labels = without_revision(pod.metadata.labels) if owner.kind == "Pod" else {}
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or owner.name


def _is_left_alone(pod: Pod, owner: OwnerReference, listed: set[str], view: View) -> bool:
    """Whether the controller of a pod that stays is in no list, although its list was read."""
    if pod.metadata.deletion_timestamp is not None or not owner.uid or owner.uid in listed:
        return False
    if {"deployments", "statefulsets", "replicasets"} & set(view.gaps):
        return False
    mine = next((item for item in view.replicasets if item.metadata.uid == owner.uid), None)
    above = mine.metadata.controller if mine is not None else None
    return above is None or above.uid not in listed


def _topmost(pod: Pod, sets: Mapping[str, Workload]) -> OwnerReference:
    """What controls the pod in the end; a pod that nothing controls stands for itself."""
    owner = pod.metadata.controller
    if owner is None:
        return OwnerReference(kind="Pod", name=pod.metadata.name, uid=pod.metadata.uid)
    if owner.kind == "ReplicationController" and "deploymentconfig" in pod.metadata.labels:
        return OwnerReference(kind="DeploymentConfig", name=pod.metadata.labels["deploymentconfig"], uid=owner.uid)
    above = sets[owner.uid].metadata.controller if owner.uid in sets else None
    return above if above is not None and above.kind not in _READ_KINDS else owner


def _standing_for(owner: OwnerReference, pod: Pod, view: View) -> Workload:
    labels = without_revision(pod.metadata.labels)
    return Workload.model_validate(
        {
            "kind": owner.kind,
            "metadata": {
                "name": owner.name,
                "namespace": view.namespace,
                "uid": f"{_UNREAD}{owner.uid or owner.name}",
                "annotations": {_BY_PODS: ""},
            },
            "spec": {
                "replicas": _UNKNOWN_REPLICAS,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod.spec},
            },
        }
    )


def _behind_replica_sets(view: View, known: set[str]) -> list[Workload]:
    """A Deployment's newest ReplicaSet carries its template, and how many replicas it asks for."""
    newest: dict[str, Workload] = {}
    for replica_set in view.replicasets:
        owner = replica_set.metadata.controller
        if owner is None or owner.kind != "Deployment" or owner.uid in known:
            continue
        if owner.uid not in newest or revision(replica_set) > revision(newest[owner.uid]):
            newest[owner.uid] = replica_set
    return [_deployment_of(item) for _, item in sorted(newest.items())]


def _deployment_of(replica_set: Workload) -> Workload:
    owner = replica_set.metadata.controller
    template = replica_set.spec.template
    labels = without_revision(template.metadata.labels)
    desired = replica_set.metadata.annotations.get(_DESIRED, "")
    return Workload.model_validate(
        {
            "kind": "Deployment",
            "metadata": {
                "name": owner.name if owner else replica_set.metadata.name,
                "namespace": replica_set.metadata.namespace,
                "uid": f"{_UNREAD}{owner.uid if owner else ''}",
            },
            "spec": {
                "replicas": int(desired) if desired.isdecimal() else _UNKNOWN_REPLICAS,
                "selector": {"matchLabels": without_revision(replica_set.spec.selector.match_labels)},
                "template": {"metadata": {"labels": labels}, "spec": template.spec},
            },
        }
    )


def _behind_pods(view: View, known: Sequence[Workload]) -> list[Workload]:
    """Controllers of pods: their names are in the pods', and their template looks like the pods."""
    uids = {uid_of(item) for item in known}
    names = {(item.kind, item.metadata.name) for item in known}
    sets = {item.metadata.uid: item for item in view.replicasets}
    found: dict[tuple[str, str], Workload] = {}
    for pod in view.pods:
        owner = pod.metadata.controller
        if owner is None or owner.kind not in ("ReplicaSet", "StatefulSet") or owner.uid in uids:
            continue
        above = sets[owner.uid].metadata.controller if owner.uid in sets else None
        kind, name = (
            ("Deployment", owner.name.rpartition("-")[0]) if owner.kind == "ReplicaSet" else (owner.kind, owner.name)
        )
        if (kind, name) in names or (kind, name) in found or (above is not None and above.uid in uids):
            continue
        labels = without_revision(pod.metadata.labels)
        found[(kind, name)] = Workload.model_validate(
            {
                "kind": kind,
                "metadata": {"name": name, "namespace": view.namespace, "uid": f"{_UNREAD}{owner.kind}/{name}"},
                "spec": {
                    "replicas": _UNKNOWN_REPLICAS,
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod.spec},
                },
            }
        )
    return list(found.values())


def without_revision(labels: dict[str, str]) -> dict[str, str]:
    """A pod's labels without those that controllers give it for one revision or one pod."""
    return {key: value for key, value in labels.items() if key not in _REVISION_LABELS}
