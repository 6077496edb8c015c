"""pods/proxy and services/proxy: the API server as an HTTP client of the simulated processes.

Called by `api.server` under the simulation's lock, after authorisation. Failures are worded as the real one words them.
"""

from __future__ import annotations

from bot.sandbox.cluster.api.calls import Call
from bot.sandbox.cluster.api.requests import ResourceRequest
from bot.sandbox.cluster.network.routes import Dialled, dial
from bot.sandbox.cluster.process.program import ProcessReply, ProcessRequest, Unreached
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.kinds import ENDPOINTS, PODS, SERVICES
from bot.sandbox.cluster.state.status import bad_request, no_such_path, unavailable
from bot.sandbox.cluster.state.values import Object

_CONTROL_PLANE = "10.0.0.10"


def forward(simulation: Simulation, call: Call, request: ResourceRequest) -> ProcessReply | Unreached | None:
    """The process' answer; Unreached when the connection fails; None when nothing ever answers. Raises StatusError."""
    if request.kind == PODS:
        address, port = _pod_target(simulation, request)
    elif request.kind == SERVICES:
        address, port = _service_target(simulation, request)
    else:
        raise no_such_path()
    found = dial(simulation.world, None, Dialled(address, address, port), address, port)
    if isinstance(found, Unreached):
        return found
    asked = ProcessRequest("/" + request.rest, simulation.now(), _CONTROL_PLANE, port, call.method)
    return found.program.answer(asked)


def failure_message(failure: Unreached) -> str:
    """The text of the 503 for a connection that failed."""
    where = f"dial tcp {failure.address}:{failure.port}"
    ends = {"ECONNREFUSED": "connect: connection refused", "EHOSTUNREACH": "connect: no route to host"}
    return f"error trying to reach service: {where}: {ends.get(failure.code, 'i/o timeout')}"


def _split(name: str) -> tuple[str, str]:
    """Name and port of `name`, `name:port` or `scheme:name:port`."""
    parts = name.split(":")
    if len(parts) == 1:
        return parts[0], ""
    if len(parts) == 2:
        return parts[0], parts[1]
    if len(parts) == 3 and parts[0] in ("http", "https", ""):
        return parts[1], parts[2]
    raise bad_request(f'invalid request: "{name}"')


def _pod_target(simulation: Simulation, request: ResourceRequest) -> tuple[str, int]:
    name, port = _split(request.name)
    pod = simulation.registry.require(PODS, request.namespace, name)
    address = pod["status"].get("podIP")
    if not address:
        raise bad_request("address not allowed")
    declared = [entry for container in pod["spec"]["containers"] for entry in container.get("ports") or []]
    if port.isdigit():
        return address, int(port)
    if port:
        named = next((entry for entry in declared if entry.get("name") == port), None)
        if named is None:
            raise bad_request(f'invalid request: no port named "{port}"')
        return address, int(named["containerPort"])
    return address, int(declared[0]["containerPort"]) if declared else 80


def _service_target(simulation: Simulation, request: ResourceRequest) -> tuple[str, int]:
    name, port = _split(request.name)
    service = simulation.registry.require(SERVICES, request.namespace, name)
    wanted = _service_port(service, port)
    if wanted is None:
        shown = port if port.isdigit() else f'"{port}"'
        raise unavailable(f'no service port {shown} found for service "{name}"')
    endpoints = simulation.store.get(ENDPOINTS, request.namespace, name)
    subsets = (endpoints or {}).get("subsets") or []
    if not subsets:
        raise unavailable(f'no endpoints available for service "{name}"')
    for subset in subsets:
        for entry in subset.get("ports") or []:
            if entry.get("name", "") == wanted.get("name", "") and subset.get("addresses"):
                return str(subset["addresses"][0]["ip"]), int(entry["port"])
    raise unavailable(f'no endpoints available for service "{request.name}"')


def _service_port(service: Object, port: str) -> Object | None:
    ports = service["spec"].get("ports") or []
    if not port:
        return ports[0] if len(ports) == 1 else None
    return next((entry for entry in ports if port in (entry.get("name"), str(entry["port"]))), None)
