"""How the worlds of these tables are made: the apps in health, and one function for each kind of trap or fault."""

from __future__ import annotations

import copy
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.near_miss_world import DAY, Json, World

VIEWS = Path(__file__).parents[2] / "shop" / "views"
BASES = {"depot": "p-well", "shop": "well"}
MINUTE, HOUR = 60, 3_600
WELL = {
    "gate": '10.85.0.1 - - [29/Nov/2026:17:38:00 +0000] "GET /track/RR7041 HTTP/1.1" 200 157 "-" "Scanner/4.2"',
    "track-view": "I, [2026-11-29T17:38:00 #1]  INFO -- : Completed 200 OK in 12ms (Views: 3.1ms | DB: 4.0ms)",
    "scan-intake": "2026-11-29 17:38:00.240  INFO 1 --- [nio-8080-exec-2] c.d.s.ScanIntake : scan taken RR7041",
    "sorter": "[2026-11-29 17:38:00,118: INFO/ForkPoolWorker-2] Task assign_chute[9f1] succeeded in 0.03s: None",
    "front": "GET / 200 in 12ms",
    "orders": "GET /orders 200 in 8ms",
    "mail": "sent 1 mail",
}
REFUSED = "ERROR cannot call: connect ECONNREFUSED {}"
UNKNOWN = "ERROR cannot call: getaddrinfo ENOTFOUND {}"
TIMED_OUT = "ERROR cannot call: connect ETIMEDOUT {}"


def healthy(base: str) -> World:
    """The app as it has run for three days, with calls that were answered just now."""
    return World(json.loads(_healthy(base)))


@cache
def _healthy(base: str) -> str:
    world = World(json.loads(gzip.decompress((VIEWS / f"{BASES[base]}.json.gz").read_bytes()))["view"]).older(3 * DAY)
    world.view["events"] = []
    world.view["health"] = []
    for item in world.view["cronjobs"]:
        item.setdefault("status", {})["lastScheduleTime"] = world.view["collectedAt"][:17] + "00Z"
        item["spec"]["schedule"] = "* * * * *"
        item["status"]["lastSuccessfulTime"] = world.view["collectedAt"][:17] + "03Z"
    for pod in world.view["pods"]:  # in the order of the spec, the main one first
        order = [item["name"] for item in pod["spec"]["containers"]]
        pod["status"]["containerStatuses"].sort(key=lambda item, order=order: order.index(item["name"]))
    for name, line in WELL.items():
        if world.pods(name):
            world.log(name, *((age, line) for age in (300, 120, 60, 20, 4)))
    return json.dumps(world.view)


def says(world: World, name: str, line: str, *more: tuple[float, str]) -> World:
    """It says this again and again, until now."""
    return world.log(name, *((age, line) for age in (280, 220, 160, 100, 60, 30, 12, 3)), *more)


def named(world: World, kind: str, name: str) -> Json:
    return next(item for item in world.view[kind] if item["metadata"]["name"] == name)


def group(world: World, service: str) -> Json:
    return next(item for item in world.view["endpoints"] if item["service"] == service)


def extra(world: World, kind: str, name: str, **fields: Any) -> World:
    made = {"metadata": {"name": name, "uid": f"u-{name}", "creationTimestamp": world.ago(3 * DAY)}, **fields}
    world.view.setdefault(kind, []).append(made)
    return world


def unread(world: World, *kinds: str) -> World:
    for kind in kinds:
        world.view[kind] = []
        gap = {"reason": "forbidden", "what": kind, "detail": f"cannot list {kind}"}
        world.view.setdefault("gaps", {})[kind] = gap
    return world


def state(world: World, pod: Json, *, container: int = 0, init: bool = False, **state: Any) -> Json:
    """The container's state; what is not given is as of one that never ran."""
    key = "initContainerStatuses" if init else "containerStatuses"
    status = pod["status"][key][container]
    status |= {"ready": False, "started": False, "state": state}
    status.pop("lastState", None)
    return status


def waits(
    world: World,
    pod: Json,
    reason: str,
    message: str = "",
    *,
    container: int = 0,
    init: bool = False,
    since: float = 1_200,
) -> World:
    """A container of the pod waits, and never ran."""
    born(world, pod, since)
    world.not_ready(pod, since)
    state(world, pod, container=container, init=init, waiting={"reason": reason, "message": message})
    pod["status"]["phase"] = "Pending"
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != pod["metadata"]["name"]]
    return world


def born(world: World, pod: Json, seconds: float) -> World:
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(seconds)
    for condition in pod["status"].get("conditions", []):
        condition["lastTransitionTime"] = world.ago(max(0, seconds - 2))
    for status in pod["status"].get("containerStatuses", []):
        if "running" in status["state"]:
            status["state"]["running"]["startedAt"] = world.ago(max(0, seconds - 2))
    return world


def pending(world: World, pod: Json, message: str, since: float = 1_200) -> World:
    """The scheduler finds no node for it."""
    born(world, pod, since)
    world.not_ready(pod, since)
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "nodeName": ""}
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
                 "lastTransitionTime": world.ago(since)}  # fmt: skip
    pod["status"] = {"phase": "Pending", "conditions": [condition]}
    name = pod["metadata"]["name"]
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != name]
    for item in world.view["endpoints"]:
        item["addresses"] = [one for one in item["addresses"] if one.get("pod") != name]
    return world.event(pod, "Pod", "FailedScheduling", message, 20)


def second_node(world: World) -> Json:
    """A second node, with its pod of the DaemonSet, of which one of two is ready: the node and the pod."""
    node = copy.deepcopy(world.view["nodes"][0])
    node["metadata"] |= {"name": "dock-2", "uid": "dock-2"}
    world.view["nodes"].append(node)
    pod = copy.deepcopy(world.pod("node-scan"))
    pod["metadata"] |= {"name": "node-scan-dock2", "uid": "ns2"}
    pod["spec"]["nodeName"] = "dock-2"
    pod["status"]["podIP"] = "10.85.1.2"
    world.view["pods"].append(pod)
    world.view["daemonsets"][0]["status"] |= {"replicas": 2, "readyReplicas": 1}
    return {"node": node, "pod": pod}


def ordinals(world: World, name: str, count: int) -> World:
    """A StatefulSet of so many pods, each with its claim."""
    world.workload(name)["spec"]["replicas"] = count
    world.workload(name)["status"] |= {"replicas": count, "readyReplicas": count, "updatedReplicas": count}
    first, claims = world.pod(name), world.view["persistentvolumeclaims"]
    for number in range(1, count):
        pod = copy.deepcopy(first)
        pod["metadata"] |= {"name": f"{name}-{number}", "uid": f"{name}-u{number}"}
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = f"{name}-{number}"
        pod["status"]["podIP"] = f"10.85.9.{number}"
        for volume in pod["spec"].get("volumes", []):
            if "persistentVolumeClaim" in volume:
                volume["persistentVolumeClaim"] = {"claimName": f"data-{name}-{number}"}
        world.view["pods"].append(pod)
        group(world, name)["addresses"].append({"ip": f"10.85.9.{number}", "pod": f"{name}-{number}"})
        claim = copy.deepcopy(next(item for item in claims if item["metadata"]["name"] == f"data-{name}-0"))
        claim["metadata"] |= {"name": f"data-{name}-{number}", "uid": f"c-{name}-{number}"}
        claims.append(claim)
    return world


def second_set(world: World, name: str, age: float) -> Json:
    """A rollout under way: a new pod of a new ReplicaSet beside the old one, which serves. Returns the new pod."""
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith(name))
    old["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "1"
    new = copy.deepcopy(old)
    marks = {"deployment.kubernetes.io/revision": "2"}
    new["metadata"] |= {"name": f"{name}-new", "uid": f"rs-{name}-new", "annotations": marks,
                        "creationTimestamp": world.ago(age)}  # fmt: skip
    world.view["replicasets"].append(new)
    made = world.workload(name)
    made["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "2"
    made["status"] |= {"replicas": 2, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    world.replicas(name, 2)
    made["spec"]["replicas"] = 1
    pod = world.pods(name)[-1]
    pod["metadata"]["name"] = f"{name}-new-abcde"
    for item in world.view["endpoints"]:
        for address in item["addresses"]:
            if address.get("pod") == f"{name}-x2":
                address["pod"] = pod["metadata"]["name"]
    pod["metadata"]["ownerReferences"] = [
        {"kind": "ReplicaSet", "name": f"{name}-new", "uid": f"rs-{name}-new", "controller": True}
    ]
    born(world, pod, age)
    return pod


def job(
    world: World, name: str, *, owner: str = "", age: float = HOUR, condition: str = "", reason: str = "", **status: Any
) -> Json:
    """A Job with one pod, which runs; returns the pod."""
    labels = {"job-name": name}
    container = {"name": "run", "image": "acme/job:4"}
    spec = {"containers": [container], "restartPolicy": "Never", "nodeName": "lab-node"}
    made: Json = {"kind": "Job", "metadata": {"name": name, "uid": f"j-{name}", "labels": labels,
                                              "creationTimestamp": world.ago(age)}}  # fmt: skip
    if owner:
        uid = named(world, "cronjobs", owner)["metadata"]["uid"]
        made["metadata"]["ownerReferences"] = [{"kind": "CronJob", "name": owner, "uid": uid, "controller": True}]
    made["spec"] = {"completions": 1, "backoffLimit": 2, "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": copy.deepcopy(spec)}}  # fmt: skip
    made["status"] = {"startTime": world.ago(age), **status}
    if condition:
        ended = {"type": condition, "status": "True", "reason": reason, "lastTransitionTime": world.ago(30)}
        made["status"]["conditions"] = [ended]
    world.view.setdefault("jobs", []).append(made)
    pod = {
        "metadata": {"name": f"{name}-abcde", "uid": f"p-{name}", "labels": labels, "creationTimestamp": world.ago(age),
                     "ownerReferences": [{"kind": "Job", "name": name, "uid": f"j-{name}", "controller": True}]},
        "spec": spec,
        "status": {"phase": "Running", "podIP": "10.85.8.8", "startTime": world.ago(age), "conditions": [],
                   "containerStatuses": [{"name": "run", "ready": True, "image": "acme/job:4",
                                          "state": {"running": {"startedAt": world.ago(age)}}}]},
    }  # fmt: skip
    world.view["pods"].append(pod)
    return pod


def ended(world: World, pod: Json, code: int, *, reason: str = "", ago: float = 30, container: int = 0) -> World:
    """The container ended for good; the pod with it when it was the only one."""
    status = pod["status"]["containerStatuses"][container]
    end = {"exitCode": code, "reason": reason or ("Error" if code else "Completed"), "startedAt": world.ago(ago + 40),
           "finishedAt": world.ago(ago)}  # fmt: skip
    status |= {"ready": False, "state": {"terminated": end}}
    if len(pod["status"]["containerStatuses"]) == 1:
        pod["status"]["phase"] = "Failed" if code else "Succeeded"
    return world


def scaler(
    world: World,
    name: str,
    *conditions: tuple[str, str, str, str],
    least: int = 1,
    most: int = 5,
    now: int = 1,
    kind: str = "Deployment",
    since: float = DAY,
) -> World:
    listed = [
        {"type": one, "status": status, "reason": reason, "message": message, "lastTransitionTime": world.ago(since)}
        for one, status, reason, message in conditions
    ]
    return extra(
        world, "horizontalpodautoscalers", name,
        spec={"scaleTargetRef": {"kind": kind, "name": name}, "minReplicas": least, "maxReplicas": most},
        status={"currentReplicas": now, "desiredReplicas": now, "conditions": listed},
    )  # fmt: skip


def entrance(
    world: World,
    name: str,
    service: str,
    *,
    path: str = "/",
    host: str = "shop.example",
    port: Json | None = None,
    klass: str = "edge",
    **annotations: str,
) -> World:
    backend = {"service": {"name": service, "port": port or {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    extra(world, "ingresses", name, spec={"ingressClassName": klass, "rules": [rule]})
    world.view["ingresses"][-1]["metadata"]["annotations"] = {
        key.replace("__", "/").replace("_", "."): value for key, value in annotations.items()
    }
    return world


def told(world: World, component: str, name: str, *endpoints: str) -> World:
    """A variable of the component names this place."""
    for container in world.main(component):
        container.setdefault("env", []).append({"name": name, "endpoints": list(endpoints)})
    return world


def leftover(world: World, name: str, reason: str, message: str) -> World:
    """A pod of it that was ended by the node, and of which only the record is left; others took its place."""
    pod = copy.deepcopy(world.pod(name))
    pod["metadata"] |= {"name": f"{name}-gone", "uid": f"{name}-gone"}
    pod["status"] = {"phase": "Failed", "reason": reason, "message": message, "startTime": world.ago(2 * DAY)}
    world.view["pods"].append(pod)
    return world


def refused_pod(world: World, name: str, message: str, *, left: bool = False) -> World:
    """Its ReplicaSet may not make the pod; with `left` the pods there are stay."""
    owner = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith(name))
    if not left:
        gone = {item["metadata"]["name"] for item in world.pods(name)}
        world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] not in gone]
        world.view["logs"] = [item for item in world.view["logs"] if item["pod"] not in gone]
        for item in world.view["endpoints"]:
            item["addresses"] = [one for one in item["addresses"] if one.get("pod") not in gone]
        world.workload(name)["status"] = {"observedGeneration": 1}
    return world.event(owner, "ReplicaSet", "FailedCreate", message, 20)


def zero(world: World, name: str) -> World:
    world.workload(name)["spec"]["replicas"] = 0
    world.workload(name)["status"] = {"observedGeneration": 1}
    gone = {item["metadata"]["name"] for item in world.pods(name)}
    world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] not in gone]
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] not in gone]
    for item in world.view["endpoints"]:
        item["addresses"] = [one for one in item["addresses"] if one.get("pod") not in gone]
    return world
