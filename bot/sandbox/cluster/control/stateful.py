"""The StatefulSet controller: numbered pods, one after another, with their claims.

Called by `control.loop` for a namespace that changed.
"""

from __future__ import annotations

from bot.sandbox.cluster.control.replicas import is_available, pod_from_template
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import CLAIMS, PODS, STATEFUL_SETS
from bot.sandbox.cluster.state.status import StatusError
from bot.sandbox.cluster.state.values import Object, clone, pod_is_ready, safe_hash

COMPONENT = "statefulset-controller"


def reconcile_stateful_sets(world: World, namespace: str) -> None:
    """Create, replace or delete at most one pod of every StatefulSet, and report."""
    for item in world.store.list(STATEFUL_SETS, namespace):
        revision = f"{item['metadata']['name']}-{safe_hash(item['spec']['template'])}"
        pods = {_ordinal(pod): pod for pod in world.store.children(item["metadata"]["uid"], PODS)}
        _step(world, item, pods, revision)
        _report(world, item, revision)


def _ordinal(pod: Object) -> int:
    return int(pod["metadata"]["name"].rsplit("-", 1)[1])


def _step(world: World, item: Object, pods: dict[int, Object], revision: str) -> None:
    wanted = item["spec"]["replicas"]
    for ordinal in sorted((number for number in pods if number >= wanted), reverse=True):
        if not pods[ordinal]["metadata"].get("deletionTimestamp"):
            _delete(world, item, pods[ordinal])
        return
    ordered = item["spec"]["podManagementPolicy"] == "OrderedReady"
    for ordinal in range(wanted):
        pod = pods.get(ordinal)
        if pod is None:
            _create(world, item, ordinal, revision)
        if ordered and (pod is None or pod["metadata"].get("deletionTimestamp") or not pod_is_ready(pod)):
            break
    if item["spec"]["updateStrategy"].get("type") == "OnDelete":
        return
    outdated = [pod for pod in pods.values() if pod["metadata"]["labels"]["controller-revision-hash"] != revision]
    healthy = all(pod_is_ready(pod) for pod in pods.values() if pod not in outdated)
    for pod in sorted(outdated, key=_ordinal, reverse=True):
        if healthy and not pod["metadata"].get("deletionTimestamp"):
            _delete(world, item, pod)
        return


def _delete(world: World, item: Object, pod: Object) -> None:
    name = pod["metadata"]["name"]
    world.registry.delete(PODS, pod["metadata"]["namespace"], name, {})
    message = f"delete Pod {name} in StatefulSet {item['metadata']['name']} successful"
    world.record(item, "Normal", "SuccessfulDelete", message, COMPONENT)


def _create(world: World, item: Object, ordinal: int, revision: str) -> None:
    namespace, name = item["metadata"]["namespace"], f"{item['metadata']['name']}-{ordinal}"
    pod = pod_from_template(item["spec"]["template"], item, "apps/v1", "StatefulSet")
    pod["metadata"]["name"] = name
    pod["metadata"]["labels"] |= {
        "controller-revision-hash": revision,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": str(ordinal),
    }
    pod["spec"]["hostname"] = name
    pod["spec"]["subdomain"] = item["spec"].get("serviceName", "")
    for template in item["spec"].get("volumeClaimTemplates") or []:
        claim = f"{template['metadata']['name']}-{name}"
        pod["spec"].setdefault("volumes", []).append(
            {"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}}
        )
        if world.store.get(CLAIMS, namespace, claim) is None:
            labels = dict(item["spec"]["selector"].get("matchLabels") or {})
            body = {"metadata": {"name": claim, "labels": labels}, "spec": clone(template["spec"])}
            world.registry.create(CLAIMS, namespace, body)
    try:
        world.registry.create(PODS, namespace, pod)
    except StatusError as exc:
        message = f"create Pod {name} in StatefulSet {item['metadata']['name']} failed error: {exc.message}"
        world.record(item, "Warning", "FailedCreate", message, COMPONENT)
        return
    message = f"create Pod {name} in StatefulSet {item['metadata']['name']} successful"
    world.record(item, "Normal", "SuccessfulCreate", message, COMPONENT)


def _report(world: World, item: Object, revision: str) -> None:
    pods = world.store.children(item["metadata"]["uid"], PODS)
    updated = [pod for pod in pods if pod["metadata"]["labels"]["controller-revision-hash"] == revision]
    old = item.get("status", {})
    fields: Object = {
        "observedGeneration": item["metadata"]["generation"],
        "replicas": len(pods),
        "readyReplicas": sum(pod_is_ready(pod) for pod in pods),
        "availableReplicas": sum(
            is_available(pod, item["spec"].get("minReadySeconds", 0), world.now()) for pod in pods
        ),
        "currentReplicas": len(updated),
        "updatedReplicas": len(updated),
        "currentRevision": revision if len(updated) == len(pods) else old.get("currentRevision", revision),
        "updateRevision": revision,
        "collisionCount": 0,
    }
    counts = ("readyReplicas", "currentReplicas", "updatedReplicas")
    fields = {key: value for key, value in fields.items() if value or key not in counts}
    world.registry.write_status(STATEFUL_SETS, item, fields)
