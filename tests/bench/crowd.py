"""A namespace in which Onyx's API server is killed for memory, among any number of other people's pods: for benches.

The Onyx and the shape of the others are the simulated cluster's; the server is the reader's stub, paged and compressed
like a real one.
"""

from __future__ import annotations

import copy
from typing import Any

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.cluster_stub import StubCluster

Object = dict[str, Any]
NAMESPACED = {
    "pods": "Pod",
    "services": "Service",
    "endpoints": "Endpoints",
    "endpointslices": "EndpointSlice",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "configmaps": "ConfigMap",
    "networkpolicies": "NetworkPolicy",
    "events": "Event",
    "resourcequotas": "ResourceQuota",
    "persistentvolumeclaims": "PersistentVolumeClaim",
}
PODS_PER_DEPLOYMENT = 10
EVENTS_PER_POD = 1


def crowded(pods: int) -> StubCluster:
    """A server whose namespace `onyx` holds this many pods."""
    simulated = SimulatedCluster()
    simulated.inject("api-oom-killed")
    objects: dict[tuple[str, str], list[Any]] = {
        (plural, "onyx"): list(simulated.list(kind)) for plural, kind in NAMESPACED.items()
    }
    objects[("nodes", "")] = list(simulated.list("Node", ""))
    objects[("namespaces", "")] = list(simulated.list("Namespace", ""))
    own = len(objects[("pods", "onyx")])
    for number in range(max(0, pods - own)):
        _add_neighbour(objects, simulated.names.web, number)
    return StubCluster(objects, date=simulated.now().strftime("%a, %d %b %Y %H:%M:%S GMT"))


def _add_neighbour(objects: dict[tuple[str, str], list[Any]], web: str, number: int) -> None:
    """One pod more, with its Deployment, ReplicaSet, Service and events for every few of them."""
    group = f"neighbour-{number // PODS_PER_DEPLOYMENT:05}"
    if number % PODS_PER_DEPLOYMENT == 0:
        for plural in ("deployments", "replicasets", "services", "endpoints", "endpointslices"):
            item = _renamed(_model(objects, plural, web), web, group)
            item["metadata"] |= {"uid": f"{plural}-{group}", "ownerReferences": _owners(plural, group)}
            objects[(plural, "onyx")].append(item)
    pod = _renamed(_model(objects, "pods", web), web, group)
    pod["metadata"] |= {"name": f"{group}-{number:06}", "uid": f"uid-{number:06}"}
    pod["metadata"]["ownerReferences"] = _owners("pods", group)
    pod["status"]["podIP"] = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    objects[("pods", "onyx")].append(pod)
    for count in range(EVENTS_PER_POD):
        event = copy.deepcopy(objects[("events", "onyx")][0])
        event["metadata"] |= {"name": f"{group}-{number}-{count}", "uid": f"event-{number}-{count}"}
        event["involvedObject"] |= {"kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
        objects[("events", "onyx")].append(event)


def _owners(plural: str, group: str) -> list[Object]:
    """Pods belong to the group's ReplicaSet, and that to its Deployment."""
    above = {"pods": ("ReplicaSet", "replicasets"), "replicasets": ("Deployment", "deployments")}.get(plural)
    if above is None:
        return []
    kind, owners = above
    return [{"apiVersion": "apps/v1", "kind": kind, "name": group, "uid": f"{owners}-{group}", "controller": True}]


def _model(objects: dict[tuple[str, str], list[Any]], plural: str, web: str) -> Object:
    found: Object = next(item for item in objects[(plural, "onyx")] if item["metadata"]["name"].startswith(web))
    return found


def _renamed(item: Any, old: str, new: str) -> Any:
    """A copy in which the name of the one is the name of the other, wherever it stands."""
    if isinstance(item, dict):
        return {key: _renamed(value, old, new) for key, value in item.items()}
    if isinstance(item, list):
        return [_renamed(value, old, new) for value in item]
    return item.replace(old, new) if isinstance(item, str) else item
