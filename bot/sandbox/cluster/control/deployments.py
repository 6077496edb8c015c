"""The Deployment controller: revisions, rollouts and the conditions people read.

Called by `control.loop` for a namespace that changed. It touches ReplicaSets only; pods are theirs.
"""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.cluster.control.replicas import active_pods
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, PODS, REPLICA_SETS
from bot.sandbox.cluster.state.values import (
    Object,
    clone,
    condition,
    controller_of,
    find_condition,
    parse_stamp,
    resolve_percentage,
    safe_hash,
    set_condition,
    stamp,
)

COMPONENT = "deployment-controller"
REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"
_KEPT_OUT = ("kubectl.kubernetes.io/last-applied-configuration", REVISION)


def reconcile_deployments(world: World, namespace: str) -> None:
    """Roll every Deployment of the namespace forward by one step, and report."""
    for deployment in world.store.list(DEPLOYMENTS, namespace):
        sets = world.store.children(deployment["metadata"]["uid"], REPLICA_SETS)
        current = next((item for item in sets if _template_of(item) == deployment["spec"]["template"]), None)
        if not deployment["spec"].get("paused"):
            current = _current_set(world, deployment, sets, current)
            others = [item for item in sets if item["metadata"]["name"] != current["metadata"]["name"]]
            if deployment["spec"]["strategy"]["type"] == "Recreate":
                _recreate(world, deployment, current, others)
            else:
                _roll(world, deployment, current, others)
            _forget_old_sets(world, deployment, others)
        _report(world, deployment, current)


def _template_of(replica_set: Object) -> Object:
    template: Object = clone(replica_set["spec"]["template"])
    template["metadata"]["labels"].pop(HASH_LABEL, None)
    return template


def _revision(item: Object) -> int:
    return int((item["metadata"].get("annotations") or {}).get(REVISION, 0))


def _current_set(world: World, deployment: Object, sets: list[Object], current: Object | None) -> Object:
    newest = max((_revision(item) for item in sets), default=0)
    if current is None:
        current = _new_set(world, deployment, newest + 1)
    elif _revision(current) < newest:
        current = _annotate(world, current, REVISION, str(newest + 1))
    revision = str(_revision(current))
    if (deployment["metadata"].get("annotations") or {}).get(REVISION) != revision:
        live = world.live(DEPLOYMENTS, deployment) or deployment
        meta = clone(live["metadata"])
        meta.setdefault("annotations", {})[REVISION] = revision
        world.store.put(DEPLOYMENTS, {**live, "metadata": meta})
    return current


def _annotate(world: World, replica_set: Object, key: str, value: str) -> Object:
    meta = clone(replica_set["metadata"])
    meta.setdefault("annotations", {})[key] = value
    return world.store.put(REPLICA_SETS, {**replica_set, "metadata": meta})


def _new_set(world: World, deployment: Object, revision: int) -> Object:
    spec, meta = deployment["spec"], deployment["metadata"]
    digest = safe_hash(spec["template"], 9 if len(meta["name"]) % 2 else 10)
    template = clone(spec["template"])
    template.setdefault("metadata", {}).setdefault("labels", {})[HASH_LABEL] = digest
    selector = clone(spec["selector"])
    selector.setdefault("matchLabels", {})[HASH_LABEL] = digest
    annotations = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in _KEPT_OUT}
    annotations |= {REVISION: str(revision), "deployment.kubernetes.io/desired-replicas": str(spec["replicas"])}
    item: Object = {
        "metadata": {
            "name": f"{meta['name']}-{digest}",
            "labels": dict(template["metadata"]["labels"]),
            "annotations": annotations,
            "ownerReferences": [controller_of(deployment, "apps/v1", "Deployment")],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
    return world.registry.create(REPLICA_SETS, meta["namespace"], item)


def _scale(world: World, deployment: Object, replica_set: Object, replicas: int) -> None:
    before = replica_set["spec"]["replicas"]
    if before == replicas:
        return
    name = replica_set["metadata"]["name"]
    wanted = str(deployment["spec"]["replicas"])

    def change(item: Object) -> None:
        item["spec"]["replicas"] = replicas
        item["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/desired-replicas"] = wanted

    world.registry.modify(REPLICA_SETS, replica_set, change)
    way = "up" if replicas > before else "down"
    message = f"Scaled {way} replica set {name} from {before} to {replicas}"
    world.record(deployment, "Normal", "ScalingReplicaSet", message, COMPONENT)


def _recreate(world: World, deployment: Object, current: Object, others: list[Object]) -> None:
    for item in others:
        _scale(world, deployment, item, 0)
    if not any(world.store.children(item["metadata"]["uid"], PODS) for item in others):
        _scale(world, deployment, current, deployment["spec"]["replicas"])


def _roll(world: World, deployment: Object, current: Object, others: list[Object]) -> None:
    spec = deployment["spec"]
    wanted, rolling = spec["replicas"], spec["strategy"]["rollingUpdate"]
    surge = resolve_percentage(rolling["maxSurge"], wanted, round_up=True)
    unavailable = resolve_percentage(rolling["maxUnavailable"], wanted, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    total = sum(item["spec"]["replicas"] for item in (current, *others))
    have = current["spec"]["replicas"]
    if have > wanted or not any(item["spec"]["replicas"] for item in others):
        _scale(world, deployment, current, wanted)
        return
    more = min(wanted, have + max(0, wanted + surge - total))
    if more > have:
        _scale(world, deployment, current, more)
        return
    available = sum(item.get("status", {}).get("availableReplicas", 0) for item in (current, *others))
    spare = available - (wanted - unavailable)
    for item in sorted(others, key=_revision):
        replicas = item["spec"]["replicas"]
        dead = replicas - item.get("status", {}).get("availableReplicas", 0)
        fewer = min(replicas, dead + max(0, spare))
        spare -= max(0, fewer - dead)
        if fewer:
            _scale(world, deployment, item, replicas - fewer)


def _forget_old_sets(world: World, deployment: Object, others: list[Object]) -> None:
    idle = sorted(
        (item for item in others if not item["spec"]["replicas"] and not active_pods(world, item)), key=_revision
    )
    for item in idle[: max(0, len(idle) - deployment["spec"]["revisionHistoryLimit"])]:
        world.registry.vanish(REPLICA_SETS, item)


def _report(world: World, before: Object, current: Object | None) -> None:
    deployment = world.live(DEPLOYMENTS, before)
    if deployment is None:
        return
    sets = world.store.children(deployment["metadata"]["uid"], REPLICA_SETS)
    current = next((item for item in sets if current and item["metadata"]["uid"] == current["metadata"]["uid"]), None)
    total = sum(item.get("status", {}).get("replicas", 0) for item in sets)
    available = sum(item.get("status", {}).get("availableReplicas", 0) for item in sets)
    counts = {
        "replicas": total,
        "updatedReplicas": (current or {}).get("status", {}).get("replicas", 0),
        "readyReplicas": sum(item.get("status", {}).get("readyReplicas", 0) for item in sets),
        "availableReplicas": available,
        "unavailableReplicas": max(0, max(total, deployment["spec"]["replicas"]) - available),
    }
    fields: Object = {"observedGeneration": deployment["metadata"]["generation"]}
    fields |= {name: count for name, count in counts.items() if count}
    fields["conditions"] = _conditions(world, deployment, current, counts)
    world.registry.write_status(DEPLOYMENTS, deployment, fields)


def _conditions(world: World, deployment: Object, current: Object | None, counts: dict[str, int]) -> list[Object]:
    spec, now = deployment["spec"], stamp(world.now())
    unavailable = 0
    if spec["strategy"]["type"] == "RollingUpdate":
        unavailable = resolve_percentage(
            spec["strategy"]["rollingUpdate"]["maxUnavailable"], spec["replicas"], round_up=False
        )
    enough = counts["availableReplicas"] >= spec["replicas"] - unavailable
    conditions = deployment.get("status", {}).get("conditions") or []
    if enough:
        fresh = condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    else:
        fresh = condition(
            "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now
        )
    conditions = _merge(conditions, fresh, now)
    progressing = _progressing(world, deployment, current, counts)
    if progressing is not None:
        conditions = _merge(conditions, progressing, now)
    refused = find_condition(current, "ReplicaFailure") if current else None
    conditions = [entry for entry in conditions if entry["type"] != "ReplicaFailure"]
    if refused is not None:
        conditions.append({**refused, "lastUpdateTime": refused["lastTransitionTime"]})
    return conditions


def _merge(conditions: list[Object], fresh: Object, now: str) -> list[Object]:
    old = next((entry for entry in conditions if entry["type"] == fresh["type"]), None)
    same = old is not None and all(old[key] == fresh[key] for key in ("status", "reason", "message"))
    updated = fresh.pop("lastUpdateTime", None) or (old["lastUpdateTime"] if old is not None and same else now)
    return set_condition(conditions, {**fresh, "lastUpdateTime": updated})


def _progressing(world: World, deployment: Object, current: Object | None, counts: dict[str, int]) -> Object | None:
    """The Progressing condition; it keeps its word once a rollout has succeeded, whatever the pods do later."""
    spec, now = deployment["spec"], world.now()
    if current is None:
        return None
    name = current["metadata"]["name"]
    old = find_condition(deployment, "Progressing")
    wanted = spec["replicas"]
    done = counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted
    message = f'ReplicaSet "{name}" has successfully progressed.'
    if done:
        return condition("Progressing", "True", "NewReplicaSetAvailable", message, stamp(now))
    if (
        old is not None
        and counts["replicas"] == counts["updatedReplicas"]
        and old["reason"] == "NewReplicaSetAvailable"
    ):
        return None
    if old is None or name not in old["message"] or _went_on(deployment.get("status", {}), counts):
        reason, words = ("ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
        if old is None:
            reason, words = ("NewReplicaSetCreated", f'Created new replica set "{name}"')
        return condition("Progressing", "True", reason, words, stamp(now), lastUpdateTime=stamp(now))
    if old["reason"] == "ProgressDeadlineExceeded":
        return None
    deadline = parse_stamp(old["lastUpdateTime"]) + timedelta(seconds=spec["progressDeadlineSeconds"])
    if now < deadline:
        world.wake(deployment["metadata"]["namespace"], deadline)
        return None
    message = f'ReplicaSet "{name}" has timed out progressing.'
    return condition("Progressing", "False", "ProgressDeadlineExceeded", message, stamp(now))


def _went_on(before: Object, counts: dict[str, int]) -> bool:
    """Whether the rollout has got further: more pods of the new revision, or fewer of an old one."""
    rose = any(
        counts[field] > before.get(field, 0) for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    old_ones = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    return rose or counts["replicas"] - counts["updatedReplicas"] < old_ones
