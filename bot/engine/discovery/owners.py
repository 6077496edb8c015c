"""Which workloads a namespace has, each with its pods: by the top of the chain of owners, whatever kind that is. Pure.

A Rollout's pods belong to the Rollout though nobody can read it, a CronJob's to the CronJob, a pod without an owner to
itself. What may not be listed is inferred from what it owns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.kubernetes import OwnerReference, Pod, Workload
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS, runs_once
from bot.domain.view import View
from bot.engine.binding.inferred import inferred_workloads, uid_of

_STATIC = "Node"
"""The owner of a static pod, which the kubelet itself runs."""


@dataclass(frozen=True, slots=True)
class Owned:
    """One workload with everything below it. `jobs` are those of a CronJob, `sets` the ReplicaSets."""

    workload: Workload
    pods: tuple[Pod, ...] = ()
    sets: tuple[Workload, ...] = ()
    jobs: tuple[Workload, ...] = ()


def owned_workloads(view: View) -> tuple[Owned, ...]:
    """Every workload of the namespace, by kind and name."""
    listed = _listed(view)
    tops = {uid_of(item): item for item in listed}
    middle = {item.metadata.uid: item for item in (*view.replicasets, *view.jobs)}
    pods: dict[str, list[Pod]] = defaultdict(list)
    below: dict[str, list[Workload]] = defaultdict(list)
    for item in middle.values():
        owner = item.metadata.controller
        if item.metadata.uid not in tops and owner is not None:
            below[_top(owner, tops, middle, view)].append(item)
    for pod in view.pods:
        owner = pod.metadata.controller
        if owner is not None and owner.kind == _STATIC:
            continue
        key = _top(owner, tops, middle, view) if owner is not None else pod.metadata.uid
        pods[key].append(pod)
    unlisted = _unlisted(pods, below, tops)
    every = [*((uid_of(item), item) for item in listed), *unlisted]
    found = [
        Owned(
            workload,
            tuple(pods.get(uid, ())),
            tuple(item for item in below.get(uid, ()) if item.kind == "ReplicaSet"),
            tuple(item for item in below.get(uid, ()) if item.kind == "Job"),
        )
        for uid, workload in every
    ]
    return tuple(sorted(found, key=lambda item: (item.workload.metadata.name, item.workload.kind)))


def _listed(view: View) -> list[Workload]:
    """What was listed and nothing that is listed owns; and what only its pods and ReplicaSets give away."""
    found = [item for row in WORKLOAD_KINDS.values() if not row.often_owned for item in view.workloads(row.kind)]
    if "deployments" in view.gaps or "statefulsets" in view.gaps:
        found += inferred_workloads(view, found)
    found += [item for item in (*view.replicasets, *view.jobs) if item.metadata.controller is None]
    return found


def _top(owner: OwnerReference, tops: dict[str, Workload], middle: dict[str, Workload], view: View) -> str:
    """The key of the workload at the top of the chain: its UID, or `Kind/name` where it has none."""
    if owner.uid in tops:
        return owner.uid
    above = middle[owner.uid].metadata.controller if owner.uid in middle else None
    if above is not None:
        return above.uid or f"{above.kind}/{above.name}"
    if owner.kind == "ReplicaSet" and owner.uid not in middle:
        name = owner.name.rpartition("-")[0]
        named = next((item for item in tops.values() if item.kind == "Deployment" and item.metadata.name == name), None)
        return uid_of(named) if named is not None else owner.uid
    if owner.kind == "Job" and owner.uid not in middle and "jobs" in view.gaps:
        name = owner.name.rpartition("-")[0]
        named = next((item for item in tops.values() if item.kind == "CronJob" and item.metadata.name == name), None)
        return uid_of(named) if named is not None else owner.uid
    return owner.uid or f"{owner.kind}/{owner.name}"


def _unlisted(
    pods: dict[str, list[Pod]], below: dict[str, list[Workload]], tops: dict[str, Workload]
) -> Iterable[tuple[str, Workload]]:
    """Workloads of kinds that are not read, and pods that nobody owns."""
    for uid, owned in pods.items():
        if uid in tops:
            continue
        pod = owned[0]
        owner = pod.metadata.controller
        sets = below.get(uid, ())
        if owner is None:
            yield uid, _made("Pod", pod.metadata.name, pod.metadata.uid, pod, 1)
        elif sets and (above := sets[0].metadata.controller) is not None:
            wanted = sum(item.spec.replicas for item in sets if item.kind == "ReplicaSet")
            runs = any(runs_once(item.kind) for item in sets)  # a ScaledJob makes runs as they are needed
            yield uid, _made(above.kind, above.name, uid, pod, max(wanted, 1) if runs else wanted)
        else:
            live = [item for item in owned if item.status.phase not in ("Succeeded", "Failed")]
            once = runs_once(owner.kind)
            yield uid, _made(owner.kind, owner.name, uid, pod, 1 if once else max(len(live), 1))
    for uid, owned_sets in below.items():
        over = owned_sets[0].metadata.controller
        if uid not in tops and uid not in pods and over is not None and over.kind not in WORKLOAD_KINDS:
            # Of an owner of runs, only runs whose pods are gone are left: that is not "scaled to zero".
            wanted = sum(1 if runs_once(item.kind) else item.spec.replicas for item in owned_sets)
            template = owned_sets[-1]
            yield (
                uid,
                template.model_copy(
                    update={
                        "kind": over.kind,
                        "metadata": template.metadata.model_copy(update={"name": over.name, "uid": uid}),
                        "spec": template.spec.model_copy(update={"replicas": wanted}),
                    }
                ),
            )


_REVISION_LABELS = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "rollouts-pod-template-hash",
    }
)


def _made(kind: str, name: str, uid: str, pod: Pod, replicas: int) -> Workload:
    """A workload as its pod shows it."""
    labels = {key: value for key, value in pod.metadata.labels.items() if key not in _REVISION_LABELS}
    return Workload.model_validate(
        {
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": pod.metadata.namespace,
                "uid": uid,
                "creationTimestamp": pod.metadata.creation_timestamp,
                "deletionTimestamp": pod.metadata.deletion_timestamp if kind == "Pod" else None,
                "finalizers": pod.metadata.finalizers if kind == "Pod" else (),
                "annotations": pod.metadata.annotations if kind == "Pod" else {},
            },
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod.spec},
            },
        }
    )
