"""The node controllers: a node whose kubelet is silent becomes NotReady, its pods unready, and later evicted.

Called by `control.loop` on every tick; a lost node is state of `World.lost_nodes`, not of the API.
"""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.cluster.control.world import EventSource, World
from bot.sandbox.cluster.state.kinds import NODES, PODS
from bot.sandbox.cluster.state.values import Object, clone, condition, find_condition, set_condition, stamp

GRACE = timedelta(seconds=40)
"""Silence after which a node counts as lost (node-monitor-grace-period)."""

UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
CONTROLLER = "node-controller"
_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def watch_nodes(world: World) -> None:
    """Follow losses and returns of nodes, and cordons."""
    for node in world.store.list(NODES):
        name = node["metadata"]["name"]
        lost_since = world.lost_nodes.get(name)
        ready = (find_condition(node, "Ready") or {}).get("status") == "True"
        if lost_since is not None and ready and world.now() >= lost_since + GRACE:
            _lose(world, node)
        elif lost_since is None and not ready:
            _recover(world, node)
        elif lost_since is not None and not ready:
            _evict(world, node)
        _taint_cordoned(world, node)


def node_conditions(now: str) -> list[Object]:
    """The conditions of a healthy node."""
    quiet = [
        condition(kind, "False", reason, message, now, lastHeartbeatTime=now) for kind, reason, message in _PRESSURES
    ]
    return [
        *quiet,
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now, lastHeartbeatTime=now),
    ]


def _lose(world: World, node: Object) -> None:
    now = stamp(world.now())
    conditions = node["status"]["conditions"]
    for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"):
        words = "Kubelet stopped posting node status."
        fresh = condition(kind, "Unknown", "NodeStatusUnknown", words, now)
        fresh["lastHeartbeatTime"] = (find_condition(node, kind) or fresh).get("lastHeartbeatTime", now)
        conditions = set_condition(conditions, fresh)
    world.record(
        node, "Normal", "NodeNotReady", f"Node {node['metadata']['name']} status is now: NodeNotReady", CONTROLLER
    )
    lost = [{"key": UNREACHABLE, "effect": effect, "timeAdded": now} for effect in ("NoSchedule", "NoExecute")]
    taints = [*(node["spec"].get("taints") or []), *lost]
    live = world.store.put(
        NODES, {**node, "metadata": dict(node["metadata"]), "spec": {**node["spec"], "taints": taints}}
    )
    world.registry.write_status(NODES, live, {**live["status"], "conditions": conditions})
    for pod in _pods_on(world, node):
        status = clone(pod["status"])
        unready = {"type": "Ready", "status": "False", "lastProbeTime": None, "lastTransitionTime": now}
        status["conditions"] = set_condition(status.get("conditions") or [], unready)
        world.registry.write_status(PODS, pod, status)
        world.record(pod, "Warning", "NodeNotReady", "Node is not ready", CONTROLLER)


def _recover(world: World, node: Object) -> None:
    now = stamp(world.now())
    spec = {key: value for key, value in node["spec"].items() if key != "taints"}
    if others := [taint for taint in node["spec"].get("taints") or [] if taint["key"] != UNREACHABLE]:
        spec["taints"] = others
    live = world.store.put(NODES, {**node, "metadata": dict(node["metadata"]), "spec": spec})
    world.registry.write_status(NODES, live, {**live["status"], "conditions": node_conditions(now)})
    name = node["metadata"]["name"]
    world.record(node, "Normal", "NodeReady", f"Node {name} status is now: NodeReady", EventSource("kubelet", name))


def _pods_on(world: World, node: Object) -> list[Object]:
    return [pod for pod in world.store.list(PODS) if pod["spec"].get("nodeName") == node["metadata"]["name"]]


def _evict(world: World, node: Object) -> None:
    tainted = (find_condition(node, "Ready") or {})["lastTransitionTime"]
    for pod in _pods_on(world, node):
        if pod["metadata"].get("deletionTimestamp"):
            continue
        patience = min(
            (
                entry.get("tolerationSeconds", 10**9)
                for entry in pod["spec"].get("tolerations") or []
                if entry.get("key") == UNREACHABLE and entry.get("effect") in (None, "NoExecute")
            ),
            default=0,
        )
        if stamp(world.now() - timedelta(seconds=min(patience, 10**8))) >= tainted:
            name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
            world.record(
                pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {name}", "taint-eviction-controller"
            )
            world.registry.delete(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"], {})


def _taint_cordoned(world: World, node: Object) -> None:
    live = world.live(NODES, node)
    if live is None:
        return
    taints = live["spec"].get("taints") or []
    marked = any(taint["key"] == UNSCHEDULABLE for taint in taints)
    cordoned = bool(live["spec"].get("unschedulable"))
    if marked == cordoned:
        return
    others = [taint for taint in taints if taint["key"] != UNSCHEDULABLE]
    added = [{"key": UNSCHEDULABLE, "effect": "NoSchedule", "timeAdded": stamp(world.now())}] if cordoned else []
    spec = {key: value for key, value in live["spec"].items() if key != "taints"}
    if others or added:
        spec["taints"] = [*others, *added]
    world.store.put(NODES, {**live, "metadata": dict(live["metadata"]), "spec": spec})
