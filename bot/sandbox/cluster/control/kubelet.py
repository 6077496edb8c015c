"""The kubelets: run the pods bound to living nodes, end those being deleted, and report status.

Called by `control.loop` on every tick. Pods of a lost node are left exactly as they are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.control import probes
from bot.sandbox.cluster.control.containers import ContainerWorker, new_container
from bot.sandbox.cluster.control.pod_status import pod_status
from bot.sandbox.cluster.control.world import EventSource, World
from bot.sandbox.cluster.process.environment import missing_volume
from bot.sandbox.cluster.process.runtime import PodRuntime
from bot.sandbox.cluster.state.kinds import NODES, PODS
from bot.sandbox.cluster.state.values import Object

INIT_SECONDS = 1.0
"""How long each init container takes; they always succeed in the sandbox."""
MOUNT_RETRY = timedelta(seconds=15)


def run_pods(world: World, changed: set[tuple[str, str]]) -> None:
    """Start pods that were bound, and sync every pod that is due or was changed (namespace, name)."""
    for namespace, name in sorted(changed):
        pod = world.store.get(PODS, namespace, name)
        if pod is not None and pod["spec"].get("nodeName") and pod["metadata"]["uid"] not in world.runtimes:
            _admit(world, pod)
    now = world.now()
    for uid, runtime in list(world.runtimes.items()):
        if (runtime.due is None or runtime.due > now) and (runtime.namespace, runtime.name) not in changed:
            continue
        pod = world.store.get(PODS, runtime.namespace, runtime.name)
        if pod is None or pod["metadata"]["uid"] != uid:
            forget(world, runtime)
        elif pod["spec"]["nodeName"] not in world.lost_nodes:
            sync_pod(world, pod, runtime)


def forget(world: World, runtime: PodRuntime) -> None:
    """The pod's processes are no more."""
    del world.runtimes[runtime.uid]
    for container in runtime.containers.values():
        if container.program is not None:
            container.program.gone = True


def _admit(world: World, pod: Object) -> None:
    node = pod["spec"]["nodeName"]
    names = sorted(item["metadata"]["name"] for item in world.store.each(NODES))
    if node not in names:
        return
    number = world.addresses[node] = world.addresses.get(node, 3) + 1
    meta = pod["metadata"]
    address = f"10.{128 + names.index(node)}.{number // 250}.{number % 250 + 2}"
    now = world.now()
    runtime = PodRuntime(meta["uid"], meta["namespace"], meta["name"], address, now, due=now)
    runtime.initialised_at = now + timedelta(seconds=INIT_SECONDS * len(pod["spec"].get("initContainers") or []))
    start = runtime.initialised_at + timedelta(seconds=1)
    runtime.containers = {spec["name"]: new_container(spec["name"], start) for spec in pod["spec"]["containers"]}
    world.runtimes[meta["uid"]] = runtime


def sync_pod(world: World, pod: Object, runtime: PodRuntime) -> None:
    """One look of the kubelet at one pod."""
    now = world.now()
    if pod["metadata"].get("deletionTimestamp") and _stop(world, pod, runtime, now):
        return
    blocked = (
        missing_volume(world.store, pod) if not any(item.running for item in runtime.containers.values()) else None
    )
    dues: list[datetime] = []
    if blocked is not None:
        if runtime.due is None or runtime.due <= now:
            world.record(pod, "Warning", "FailedMount", blocked, EventSource("kubelet", pod["spec"]["nodeName"]))
        dues.append(now + MOUNT_RETRY)
    else:
        for spec in pod["spec"]["containers"]:
            worker = ContainerWorker(world, pod, runtime, spec)
            worker.sync()
            if worker.due is not None:
                dues.append(worker.due)
    if runtime.stopping_since is not None:
        dues.append(now + timedelta(seconds=1))
    runtime.due = min(dues) if dues else None
    live = world.live(PODS, pod)
    if live is not None:
        world.registry.write_status(PODS, live, pod_status(world, live, runtime))


def _stop(world: World, pod: Object, runtime: PodRuntime, now: datetime) -> bool:
    """End the pod's processes; True once it is gone."""
    if runtime.stopping_since is None:
        runtime.stopping_since = now
        for spec in pod["spec"]["containers"]:
            container = runtime.containers[spec["name"]]
            if container.running:
                path = f"spec.containers{{{spec['name']}}}"
                message = f"Stopping container {spec['name']}"
                world.record(pod, "Normal", "Killing", message, EventSource("kubelet", pod["spec"]["nodeName"], path))
                probes.schedule_kill(pod, container, now)
    running = [item for item in runtime.containers.values() if item.running]
    if all(item.kill_at is not None and item.kill_at <= now for item in running):
        forget(world, runtime)
        world.registry.vanish(PODS, pod)
        return True
    return False
