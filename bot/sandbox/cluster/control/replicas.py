"""The ReplicaSet controller: keeps the number of pods, and says why it cannot.

Called by `control.loop` for a namespace that changed. It creates pods through the registry, so quotas apply to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import PODS, REPLICA_SETS
from bot.sandbox.cluster.state.status import StatusError
from bot.sandbox.cluster.state.values import (
    Object,
    clone,
    condition,
    controller_of,
    find_condition,
    parse_stamp,
    pod_is_ready,
    set_condition,
    stamp,
)

COMPONENT = "replicaset-controller"
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=1), timedelta(seconds=32)
"""After a refusal a pod is tried again after 1, 2, 4 … 32 seconds."""


def active_pods(world: World, owner: Object) -> list[Object]:
    """The owner's pods that count: not finished, not being deleted."""
    pods = world.store.children(owner["metadata"]["uid"], PODS)
    return [
        pod for pod in pods
        if not pod["metadata"].get("deletionTimestamp") and pod["status"].get("phase") not in ("Succeeded", "Failed")
    ]  # fmt: skip


def is_available(pod: Object, min_ready_seconds: int, now: datetime) -> bool:
    """Ready for at least minReadySeconds."""
    ready = find_condition(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return False
    return parse_stamp(ready["lastTransitionTime"]) + timedelta(seconds=min_ready_seconds) <= now


def pod_from_template(template: Object, owner: Object, api_version: str, kind: str) -> Object:
    """A pod to create for a ReplicaSet or StatefulSet, without a name."""
    meta = template.get("metadata") or {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "labels": dict(meta.get("labels") or {}),
            "annotations": dict(meta.get("annotations") or {}),
            "ownerReferences": [controller_of(owner, api_version, kind)],
        },
        "spec": clone(template["spec"]),
    }


def reconcile_replica_sets(world: World, namespace: str) -> None:
    """Bring every ReplicaSet of the namespace to its number, and report."""
    for replica_set in world.store.list(REPLICA_SETS, namespace):
        pods = active_pods(world, replica_set)
        missing = replica_set["spec"]["replicas"] - len(pods)
        failure: str | None = None
        if missing > 0:
            failure = _create(world, replica_set, missing)
        elif missing < 0:
            _remove(world, replica_set, pods, -missing)
        _report(world, replica_set, failure)


def _create(world: World, replica_set: Object, count: int) -> str | None:
    uid = replica_set["metadata"]["uid"]
    refused = find_condition(replica_set, "ReplicaFailure")
    if refused is not None and world.now() < world.retry_at.get(uid, world.now()):
        return str(refused["message"])
    name = replica_set["metadata"]["name"]
    for _ in range(count):
        pod = pod_from_template(replica_set["spec"]["template"], replica_set, "apps/v1", "ReplicaSet")
        pod["metadata"]["generateName"] = f"{name}-"
        try:
            created = world.registry.create(PODS, replica_set["metadata"]["namespace"], pod)
        except StatusError as exc:
            world.record(replica_set, "Warning", "FailedCreate", f"Error creating: {exc.message}", COMPONENT)
            waited = world.now() - parse_stamp(refused["lastTransitionTime"]) if refused else timedelta(0)
            world.retry_at[uid] = world.now() + min(LONGEST_RETRY, max(FIRST_RETRY, waited))
            world.wake(replica_set["metadata"]["namespace"], world.retry_at[uid])
            return exc.message
        world.record(
            replica_set, "Normal", "SuccessfulCreate", f"Created pod: {created['metadata']['name']}", COMPONENT
        )
    return None


def _remove(world: World, replica_set: Object, pods: list[Object], count: int) -> None:
    def keep_value(pod: Object) -> tuple[bool, bool, bool, str]:
        # Kubernetes deletes unscheduled, pending and unready pods first, then the youngest.
        return (
            bool(pod["spec"].get("nodeName")),
            pod["status"].get("phase") == "Running",
            pod_is_ready(pod),
            "".join(chr(0x10FFFF - ord(letter)) for letter in pod["metadata"]["creationTimestamp"]),
        )

    for pod in sorted(pods, key=keep_value)[:count]:
        name = pod["metadata"]["name"]
        world.registry.delete(PODS, pod["metadata"]["namespace"], name, {})
        world.record(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {name}", COMPONENT)


def _report(world: World, replica_set: Object, failure: str | None) -> None:
    pods = active_pods(world, replica_set)
    spec, now = replica_set["spec"], world.now()
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    ready = [pod for pod in pods if pod_is_ready(pod)]
    available = [pod for pod in ready if is_available(pod, spec.get("minReadySeconds", 0), now)]
    fields: Object = {"replicas": len(pods)}
    for field, count in (
        ("fullyLabeledReplicas", sum(labels.items() <= pod["metadata"].get("labels", {}).items() for pod in pods)),
        ("readyReplicas", len(ready)),
        ("availableReplicas", len(available)),
    ):
        if count:
            fields[field] = count
    fields["observedGeneration"] = replica_set["metadata"]["generation"]
    old = replica_set.get("status", {}).get("conditions") or []
    if failure is not None:
        refused = condition("ReplicaFailure", "True", "FailedCreate", failure, stamp(now))
        fields["conditions"] = set_condition(old, refused)
    elif kept := [entry for entry in old if entry["type"] != "ReplicaFailure"]:
        fields["conditions"] = kept
    world.registry.write_status(REPLICA_SETS, replica_set, fields)
