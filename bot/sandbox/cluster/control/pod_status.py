"""A pod's status, shaped as the kubelet reports it.

Called by `control.kubelet`. Pure: reads the pod and what runs, returns the new status.
"""

from __future__ import annotations

from bot.sandbox.cluster.control import probes
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.process.images import Image, canonical
from bot.sandbox.cluster.process.runtime import ContainerRuntime, PodRuntime
from bot.sandbox.cluster.state.kinds import NODES
from bot.sandbox.cluster.state.values import Object, find_condition, set_condition, stamp


def pod_status(world: World, pod: Object, runtime: PodRuntime) -> Object:
    """The whole status of a pod on a living node."""
    specs = pod["spec"]["containers"]
    statuses = [_container_status(world, spec, runtime) for spec in specs]
    node = world.store.get(NODES, "", pod["spec"]["nodeName"])
    host = node["status"]["addresses"][0]["address"] if node else ""
    status: Object = {
        "phase": _phase(pod, statuses),
        "conditions": _conditions(world, pod, specs, runtime),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "startTime": stamp(runtime.started_at),
        "containerStatuses": statuses,
        "qosClass": pod["status"].get("qosClass", "BestEffort"),
    }
    if any(item.restarts or item.running or item.terminated or item.pulled for item in runtime.containers.values()):
        status["podIP"] = runtime.address
        status["podIPs"] = [{"ip": runtime.address}]
    if pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = [_init_status(spec, runtime) for spec in pod["spec"]["initContainers"]]
    return status


def _container_status(world: World, spec: Object, runtime: PodRuntime) -> Object:
    container = runtime.containers[spec["name"]]
    image = world.images.look_up(spec["image"])
    seen = isinstance(image, Image) and bool(container.container_id)
    repository = canonical(spec["image"]).rpartition(":")[0]
    return {
        "name": spec["name"],
        "state": _state(container),
        "lastState": {"terminated": container.last_terminated} if container.last_terminated and not container.terminated
        else {"terminated": container.terminated} if container.terminated and container.waiting
        else {},
        "ready": probes.is_ready(spec, container) and runtime.stopping_since is None,
        "restartCount": container.restarts,
        "image": canonical(spec["image"]) if seen else spec["image"],
        "imageID": f"{repository}@{image.digest}" if seen and isinstance(image, Image) else "",
        **({"containerID": container.container_id} if container.container_id else {}),
        "started": probes.is_started(spec, container),
    }  # fmt: skip


def _state(container: ContainerRuntime) -> Object:
    if container.program is not None:
        return {"running": {"startedAt": stamp(container.program.started)}}
    if container.terminated is not None and not container.waiting:
        return {"terminated": container.terminated}
    waiting = {"reason": container.waiting}
    if container.waiting_message:
        waiting["message"] = container.waiting_message
    return {"waiting": waiting}


def _init_status(spec: Object, runtime: PodRuntime) -> Object:
    moment = stamp(runtime.started_at)
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": moment, "finishedAt": moment}
    return {"name": spec["name"], "state": {"terminated": ended}, "lastState": {}, "ready": True, "restartCount": 0,
            "image": spec["image"], "imageID": "", "started": False}  # fmt: skip


def _phase(pod: Object, statuses: list[Object]) -> str:
    if all("terminated" in entry["state"] for entry in statuses) and pod["spec"]["restartPolicy"] != "Always":
        failed = any(entry["state"]["terminated"]["exitCode"] for entry in statuses)
        return "Failed" if failed else "Succeeded"
    fresh = any("waiting" in entry["state"] and not entry["lastState"] for entry in statuses)
    return "Pending" if fresh else "Running"


def _conditions(world: World, pod: Object, specs: list[Object], runtime: PodRuntime) -> list[Object]:
    now = stamp(world.now())
    unready = [
        spec["name"] for spec in specs
        if not probes.is_ready(spec, runtime.containers[spec["name"]]) or runtime.stopping_since is not None
    ]  # fmt: skip
    finished = pod["status"].get("phase") == "Succeeded"
    conditions = pod["status"].get("conditions") or []
    for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"):
        fresh: Object = {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        if unready and kind in ("Ready", "ContainersReady"):
            fresh |= {"status": "False", "reason": "PodCompleted" if finished else "ContainersNotReady"}
            if not finished:
                fresh["message"] = f"containers with unready status: [{' '.join(unready)}]"
        conditions = set_condition(conditions, fresh)
    scheduled = find_condition(pod, "PodScheduled")
    others = [entry for entry in conditions if entry["type"] != "PodScheduled"]
    return [*others, scheduled] if scheduled else others
