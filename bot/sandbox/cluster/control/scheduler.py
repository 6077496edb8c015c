"""The scheduler: puts pods on nodes, or says in the real words why none will do.

Called by `control.loop` when pods, nodes or claims changed.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import CLAIMS, NODES, PODS
from bot.sandbox.cluster.state.values import Object, condition, quantity, set_condition, stamp

COMPONENT = "default-scheduler"
RETRY = timedelta(minutes=5)
"""How often the scheduler says again that a pod does not fit (its flush interval)."""

_HELPLESS = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"


def schedule(world: World) -> None:
    """Bind every pod that waits for a node, or report why not."""
    waiting = [
        pod
        for pod in world.store.list(PODS)
        if not pod["spec"].get("nodeName") and not pod["metadata"].get("deletionTimestamp")
    ]
    if not waiting:
        return
    free = _free_resources(world)
    for pod in waiting:
        blocked = _claim_problem(world, pod)
        chosen, why = (None, blocked) if blocked else _choose(world, pod, free)
        if chosen is None:
            _refuse(world, pod, why)
        else:
            _bind(world, pod, chosen, free)


def requests_of(pod: Object) -> dict[str, float]:
    """The pod's requests of cpu and memory, summed over its containers."""
    total = {"cpu": 0.0, "memory": 0.0}
    for container in pod["spec"]["containers"]:
        for name, value in ((container.get("resources") or {}).get("requests") or {}).items():
            if name in total:
                total[name] += quantity(value)
    return total


def _free_resources(world: World) -> dict[str, dict[str, float]]:
    free = {}
    for node in world.store.list(NODES):
        allocatable = node["status"]["allocatable"]
        free[node["metadata"]["name"]] = {name: quantity(allocatable[name]) for name in ("cpu", "memory")}
    for pod in world.store.each(PODS):
        place = free.get(pod["spec"].get("nodeName", ""))
        if place is not None and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            for name, value in requests_of(pod).items():
                place[name] -= value
    return free


def _claim_problem(world: World, pod: Object) -> str:
    for volume in pod["spec"].get("volumes") or []:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if name is None:
            continue
        claim = world.store.get(CLAIMS, pod["metadata"]["namespace"], name)
        count = len(world.store.list(NODES))
        ending = f"preemption: 0/{count} nodes are available: {count} {_HELPLESS}."
        if claim is None:
            return f'0/{count} nodes are available: persistentvolumeclaim "{name}" not found. {ending}'
        if claim["status"].get("phase") != "Bound":
            return f"0/{count} nodes are available: pod has unbound immediate PersistentVolumeClaims. {ending}"
    return ""


def _choose(world: World, pod: Object, free: dict[str, dict[str, float]]) -> tuple[str | None, str]:
    nodes = world.store.list(NODES)
    reasons: Counter[str] = Counter()
    fitting, victims = [], 0
    for node in nodes:
        problems = _problems(pod, node, free[node["metadata"]["name"]])
        reasons.update(problems)
        victims += bool(problems) and all(problem.startswith("Insufficient") for problem in problems)
        if not problems:
            fitting.append(node["metadata"]["name"])
    if fitting:
        return max(fitting, key=lambda name: (free[name]["memory"], name)), ""
    count = len(nodes)
    listed = ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
    preemption = ", ".join(
        f"{number} {words}" for number, words in ((victims, _NO_VICTIMS), (count - victims, _HELPLESS)) if number
    )
    return None, f"0/{count} nodes are available: {listed}. preemption: 0/{count} nodes are available: {preemption}."


def _problems(pod: Object, node: Object, free: dict[str, float]) -> list[str]:
    for taint in node["spec"].get("taints") or []:
        if taint["effect"] in ("NoSchedule", "NoExecute") and not _tolerated(pod, taint):
            if taint["key"] == "node.kubernetes.io/unschedulable":
                return ["node(s) were unschedulable"]
            return [f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"]
    wanted: dict[str, str] = pod["spec"].get("nodeSelector") or {}
    if not wanted.items() <= node["metadata"].get("labels", {}).items():
        return ["node(s) didn't match Pod's node affinity/selector"]
    asked = requests_of(pod)
    return [f"Insufficient {name}" for name in ("cpu", "memory") if asked[name] > free[name]]


def _tolerated(pod: Object, taint: Object) -> bool:
    for entry in pod["spec"].get("tolerations") or []:
        if entry.get("effect") not in (None, "", taint["effect"]):
            continue
        if entry.get("operator") == "Exists" and entry.get("key") in (None, taint["key"]):
            return True
        if entry.get("key") == taint["key"] and entry.get("value", "") == taint.get("value", ""):
            return True
    return False


def _refuse(world: World, pod: Object, why: str) -> None:
    uid = pod["metadata"]["uid"]
    fresh = condition("PodScheduled", "False", "Unschedulable", why, stamp(world.now()))
    conditions = set_condition(pod["status"].get("conditions") or [], {"lastProbeTime": None, **fresh})
    changed = conditions != pod["status"].get("conditions")
    world.registry.write_status(PODS, pod, {**pod["status"], "conditions": conditions})
    if changed or world.now() >= world.retry_at.get(uid, world.now()):
        world.record(pod, "Warning", "FailedScheduling", why, COMPONENT)
        world.retry_at[uid] = world.now() + RETRY
    world.wake(pod["metadata"]["namespace"], world.retry_at[uid])


def _bind(world: World, pod: Object, node: str, free: dict[str, dict[str, float]]) -> None:
    for name, value in requests_of(pod).items():
        free[node][name] -= value
    fresh = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": stamp(world.now())}
    conditions = [entry for entry in pod["status"].get("conditions") or [] if entry["type"] != "PodScheduled"]
    bound = {
        **pod,
        "metadata": dict(pod["metadata"]),
        "spec": {**pod["spec"], "nodeName": node},
        "status": {**pod["status"], "conditions": [*conditions, fresh]},
    }
    world.store.put(PODS, bound)
    place = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    world.record(bound, "Normal", "Scheduled", f"Successfully assigned {place} to {node}", COMPONENT)
