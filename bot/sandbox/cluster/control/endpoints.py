"""The Endpoints and EndpointSlice controllers: which pods stand behind which Service, and are they ready.

Called by `control.loop` for a namespace that changed. kube-proxy (see `network.routes`) reads the slices.
"""

from __future__ import annotations

from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES
from bot.sandbox.cluster.state.selectors import includes
from bot.sandbox.cluster.state.values import Object, controller_of, pod_is_ready, safe_hash, stamp

_SLICE_OWNER = "endpointslice-controller.k8s.io"
_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def reconcile_endpoints(world: World, namespace: str) -> None:
    """Rewrite Endpoints and slices that differ from what the pods say; remove those of deleted Services."""
    services = {item["metadata"]["name"]: item for item in world.store.list(SERVICES, namespace)}
    for service in services.values():
        if not service["spec"].get("selector"):
            continue
        pods = [
            pod for pod in world.store.list(PODS, namespace)
            if includes(service["spec"]["selector"], pod["metadata"].get("labels") or {}) and pod["status"].get("podIP")
            and pod["status"].get("phase") not in ("Succeeded", "Failed")
        ]  # fmt: skip
        _write_endpoints(world, service, [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")])
        _write_slice(world, service, pods)
    for item in world.store.list(ENDPOINTS, namespace):
        managed = _TRIGGER in (item["metadata"].get("annotations") or {})
        if managed and item["metadata"]["name"] not in services:
            world.store.remove(ENDPOINTS, namespace, item["metadata"]["name"])


def target_port(port: Object, pod: Object) -> int | None:
    """The container port a Service port leads to on this pod; None when the pod has none of that name."""
    target: object = port.get("targetPort", port["port"])
    if str(target).isdigit():
        return int(str(target))
    for container in pod["spec"]["containers"]:
        for entry in container.get("ports") or []:
            if entry.get("name") == target:
                return int(entry["containerPort"])
    return None


def _ports_of(service: Object, pod: Object) -> tuple[tuple[str, int, str], ...]:
    resolved = ((port, target_port(port, pod)) for port in service["spec"].get("ports") or [])
    return tuple((port.get("name", ""), number, port.get("protocol", "TCP")) for port, number in resolved if number)


def _address(pod: Object) -> Object:
    meta = pod["metadata"]
    target = {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": target}


def _write_endpoints(world: World, service: Object, pods: list[Object]) -> None:
    meta = service["metadata"]
    groups: dict[tuple[tuple[str, int, str], ...], Object] = {}
    for pod in sorted(pods, key=lambda item: item["status"]["podIP"]):
        ports = _ports_of(service, pod)
        if not ports and service["spec"].get("ports"):
            continue
        subset = groups.setdefault(ports, {})
        ready = pod_is_ready(pod) or service["spec"].get("publishNotReadyAddresses")
        subset.setdefault("addresses" if ready else "notReadyAddresses", []).append(_address(pod))
    subsets = []
    for ports, subset in groups.items():
        listed = [
            {**({"name": name} if name else {}), "port": number, "protocol": protocol}
            for name, number, protocol in ports
        ]
        subsets.append({**subset, "ports": listed})
    old = world.store.get(ENDPOINTS, meta["namespace"], meta["name"])
    if old is not None and (old.get("subsets") or []) == subsets:
        return
    item: Object = {"metadata": {"name": meta["name"], "labels": dict(meta.get("labels") or {}),
                                 "annotations": {_TRIGGER: stamp(world.now())}}}  # fmt: skip
    if subsets:
        item["subsets"] = subsets
    if old is None:
        world.registry.create(ENDPOINTS, meta["namespace"], item)
    else:
        kept = {**old["metadata"], "annotations": item["metadata"]["annotations"]}
        bare = {key: value for key, value in old.items() if key != "subsets"}
        world.store.put(ENDPOINTS, {**bare, "metadata": kept, **({"subsets": subsets} if subsets else {})})


def _write_slice(world: World, service: Object, pods: list[Object]) -> None:
    meta = service["metadata"]
    endpoints: list[Object] = []
    ports: dict[tuple[str, str], int] = {}
    for pod in sorted(pods, key=lambda item: item["status"]["podIP"]):
        resolved = _ports_of(service, pod)
        if not resolved and service["spec"].get("ports"):
            continue
        ports.update({(name, protocol): number for name, number, protocol in resolved})
        endpoints.append(_endpoint(service, pod))
    # A slice without endpoints has null here, not an empty list, and no ports: readers must bear it.
    listed = [
        {"name": name, "port": number, "protocol": protocol} for (name, protocol), number in ports.items()
    ] or None
    name = f"{meta['name']}-{safe_hash(meta['uid'], 5)}"
    old = world.store.get(ENDPOINT_SLICES, meta["namespace"], name)
    if old is not None and (old["endpoints"], old["ports"]) == (endpoints or None, listed):
        return
    if old is not None:
        world.store.put(
            ENDPOINT_SLICES, {**old, "metadata": dict(old["metadata"]), "endpoints": endpoints or None, "ports": listed}
        )
        return
    labels = dict(meta.get("labels") or {})
    labels |= {"kubernetes.io/service-name": meta["name"], "endpointslice.kubernetes.io/managed-by": _SLICE_OWNER}
    item = {
        "metadata": {"name": name, "generateName": f"{meta['name']}-", "labels": labels,
                     "ownerReferences": [controller_of(service, "v1", "Service")]},
        "addressType": "IPv4",
        "endpoints": endpoints or None,
        "ports": listed,
    }  # fmt: skip
    world.registry.create(ENDPOINT_SLICES, meta["namespace"], item)


def _endpoint(service: Object, pod: Object) -> Object:
    terminating = bool(pod["metadata"].get("deletionTimestamp"))
    ready = pod_is_ready(pod)
    published = bool(service["spec"].get("publishNotReadyAddresses"))
    address = _address(pod)
    return {
        "addresses": [address["ip"]],
        "conditions": {"ready": published or (ready and not terminating), "serving": ready, "terminating": terminating},
        "nodeName": address["nodeName"],
        "targetRef": address["targetRef"],
    }
