"""Names, Services and sockets: what happens when a pod opens a connection.

Cluster DNS, kube-proxy in iptables mode and the pod network in one pure look at the store. Used by the simulated
processes (`PodNetwork`), by the kubelet's probes and by the API server's proxy.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple

from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.network.policies import Traffic, permits
from bot.sandbox.cluster.process.program import Reached, Unreached
from bot.sandbox.cluster.process.runtime import PodRuntime
from bot.sandbox.cluster.state.kinds import ENDPOINT_SLICES, PODS, SERVICES
from bot.sandbox.cluster.state.values import Object

_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
ANY_ADDRESS = ("0.0.0.0", "::")  # what a simulated process binds to
_DNS = ("kube-system", "kube-dns")


class PodNetwork:
    """The network as seen from one pod."""

    def __init__(self, world: World, namespace: str, name: str) -> None:
        self._world, self._namespace, self._name = world, namespace, name

    def connect(self, host: str, port: int) -> Reached | Unreached:
        """See `connect`."""
        pod = self._world.store.get(PODS, self._namespace, self._name)
        return connect(self._world, pod, self._namespace, host, port)


def connect(world: World, source: Object | None, namespace: str, host: str, port: int) -> Reached | Unreached:
    """Open a connection from a pod (None: from a node) in a namespace to `host:port`."""
    if host in ("localhost", "127.0.0.1", "::1"):
        return _loopback(world, source, host, port)
    address = host if _is_address(host) else _resolve(world, source, namespace, host.lower().rstrip("."))
    if isinstance(address, Unreached):
        return Unreached(address.code, host, "", port)
    service = _service_at(world, address)
    if service is None:
        return dial(world, source, Dialled(host, address, port), address, port)
    endpoint = _endpoint(world, service, port)
    if endpoint is None:
        return Unreached("ECONNREFUSED", host, address, port)
    if endpoint == ("", 0):
        return Unreached("ETIMEDOUT", host, address, port)
    return dial(world, source, Dialled(host, address, port), *endpoint)


class Dialled(NamedTuple):
    """What the caller asked for: a host, the address it resolved to, and a port."""

    host: str
    address: str
    port: int


def dial(world: World, source: Object | None, asked: Dialled, pod_address: str, pod_port: int) -> Reached | Unreached:
    """Open a connection to one pod's port, reported under the address that was dialled."""
    found = _pod_at(world, pod_address)
    if found is None:
        return Unreached("EHOSTUNREACH", *asked)
    pod, runtime = found
    if pod["spec"].get("nodeName") in world.lost_nodes or not permits(world.store, Traffic(source, pod, pod_port)):
        return Unreached("ETIMEDOUT", *asked)
    for container in runtime.containers.values():
        if container.program is not None and container.program.listening.get(pod_port) in ANY_ADDRESS:
            return Reached(container.program, asked.address, asked.port, pod_port)
    return Unreached("ECONNREFUSED", *asked)


def _loopback(world: World, source: Object | None, host: str, port: int) -> Reached | Unreached:
    address = "127.0.0.1" if host == "localhost" else host
    runtime = world.runtimes.get(source["metadata"]["uid"]) if source else None
    for container in runtime.containers.values() if runtime else ():
        if container.program is not None and port in container.program.listening:
            return Reached(container.program, address, port, port)
    return Unreached("ECONNREFUSED", host, address, port)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _resolve(world: World, source: Object | None, namespace: str, host: str) -> str | Unreached:
    """The address a name stands for in the pod's search domains."""
    if not _dns_answers(world, source):
        return Unreached("EAI_AGAIN", host, "", 0)
    parts = host.split(".")
    if not all(_LABEL.match(part) for part in parts):
        return Unreached("ENOTFOUND", host, "", 0)
    if parts[2:] not in ([], ["svc"], ["svc", "cluster"], ["svc", "cluster", "local"]):
        return _resolve_pod_name(world, parts, host)
    space = parts[1] if len(parts) > 1 else namespace
    service = world.store.get(SERVICES, space, parts[0])
    if service is None:
        return Unreached("ENOTFOUND", host, "", 0)
    if service["spec"].get("clusterIP") not in (None, "None"):
        return str(service["spec"]["clusterIP"])
    ready = _ready_endpoints(world, service)
    return str(ready[0]["addresses"][0]) if ready else Unreached("ENOTFOUND", host, "", 0)


def _resolve_pod_name(world: World, parts: list[str], host: str) -> str | Unreached:
    if len(parts) >= 4 and parts[3] == "svc":
        pod = world.store.get(PODS, parts[2], parts[0])
        if pod is not None and pod["spec"].get("subdomain") == parts[1] and pod["status"].get("podIP"):
            return str(pod["status"]["podIP"])
    return Unreached("ENOTFOUND", host, "", 0)


def _dns_answers(world: World, source: Object | None) -> bool:
    service = world.store.get(SERVICES, *_DNS)
    if service is None or source is None:
        return True
    for endpoint in _ready_endpoints(world, service):
        pod = world.store.get(PODS, _DNS[0], endpoint["targetRef"]["name"])
        if pod is not None and permits(world.store, Traffic(source, pod, 53, "UDP")):
            return True
    return False


def _slices(world: World, service: Object) -> list[Object]:
    return world.store.children(service["metadata"]["uid"], ENDPOINT_SLICES)


def _ready_endpoints(world: World, service: Object) -> list[Object]:
    return [
        endpoint
        for item in _slices(world, service)
        for endpoint in item["endpoints"] or []
        if endpoint["conditions"]["ready"]
    ]


def _service_at(world: World, address: str) -> Object | None:
    for service in world.store.each(SERVICES):
        if service["spec"].get("clusterIP") == address:
            return service
    return None


def _endpoint(world: World, service: Object, port: int) -> tuple[str, int] | None:
    """Where kube-proxy sends the connection: a pod's address and port, None to refuse, ("", 0) to let it time out."""
    wanted = next((entry for entry in service["spec"].get("ports") or [] if entry["port"] == port), None)
    if wanted is None:
        # In iptables mode no rule matches another port of a Service address: the packets lead nowhere.
        return "", 0
    for item in _slices(world, service):
        for entry in item["ports"] or []:
            if entry["name"] == wanted.get("name", ""):
                ready = [endpoint for endpoint in item["endpoints"] or [] if endpoint["conditions"]["ready"]]
                return (ready[0]["addresses"][0], entry["port"]) if ready else None
    return None


def _pod_at(world: World, address: str) -> tuple[Object, PodRuntime] | None:
    for runtime in world.runtimes.values():
        if runtime.address == address:
            pod = world.store.get(PODS, runtime.namespace, runtime.name)
            return (pod, runtime) if pod is not None else None
    return None
