"""A discovered workload as a component: its name, the container that does the work, its port and health path. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count

from bot.domain.kubernetes import Container, Pod, Probe, Service, Workload
from bot.domain.kubernetes.kinds import runs_once
from bot.engine.binding import BoundComponent, serving_pods
from bot.engine.binding.candidates import Selectors
from bot.engine.discovery.owners import Owned
from bot.playbook.app_schema import Component, Finder
from bot.playbook.schema_names import LONGEST_IDENTIFIER
from bot.playbook.vocabulary import RESERVED

_FINISHED = ("Failed", "Succeeded")


def bound_component(name: str, owned: Owned, services: Selectors) -> BoundComponent:
    """The workload with its pods and Services, ready for every check."""
    workload = owned.workload
    labels = workload.spec.template.metadata.labels
    near = services.of(labels)
    once = runs_once(workload.kind) or workload.kind == "Pod"
    finished = tuple(pod for pod in owned.pods if pod.status.phase in _FINISHED)
    alive = tuple(pod for pod in owned.pods if pod.status.phase not in _FINISHED)
    leaving = tuple(pod for pod in alive if pod.metadata.deletion_timestamp is not None)
    pods: tuple[Pod, ...] = tuple(pod for pod in alive if pod.metadata.deletion_timestamp is None)
    new_pods: tuple[Pod, ...] = ()
    if not once and not owned.jobs:
        pods, new_pods = serving_pods(pods, owned.sets)
    spec = component_of(workload, near)
    if pods and all(pod.ready for pod in pods) and _kubelet_asks(spec, workload):
        spec = spec.model_copy(update={"health": None})  # the kubelet asks it already, and gets an answer
    return BoundComponent(
        name,
        spec,
        workload,
        pods,
        new_pods,
        leaving,
        owned.sets,
        near,
        finished=finished,
        jobs=owned.jobs,
        article="",
    )


def _kubelet_asks(spec: Component, workload: Workload) -> bool:
    """Whether a readiness probe asks the health path."""
    probes = (item.readiness_probe for item in workload.spec.template.spec.containers)
    return any(probe and probe.http_get and (probe.http_get.path or "/") == spec.health for probe in probes)


def component_of(workload: Workload, services: Sequence[Service]) -> Component:
    """Label, port and health path as its own spec states them."""
    container = main_of(workload, services)
    name = workload.metadata.name
    port = _port(container, services)
    finder = Finder(name=name[:200], container=container.name) if container else Finder(name=name[:200])
    return Component(label=name[:150], find=(finder,), port=port, health=_health_path(container, port))


def component_name(name: str) -> str:
    """The workload's name as a component may be called: `2048.game` becomes `w-2048-game`, `app` `app-workload`."""
    plain = name.replace(".", "-")[:70]
    if not plain[0].isalpha():
        plain = f"w-{plain}"
    return f"{plain}-workload" if plain in (*RESERVED, "paste") else plain


def component_names(owned: Sequence[Owned]) -> list[str]:
    """A name for each, with its kind where two workloads share one, and a number where that is not enough."""
    plain = [component_name(item.workload.metadata.name) for item in owned]
    shared = Counter(plain)
    names: dict[str, None] = {}
    for name, item in zip(plain, owned, strict=True):
        own = name if shared[name] == 1 else _with(name, item.workload.kind.lower())
        numbered = (_with(own, str(number)) for number in count(2))
        names[own if own not in names else next(one for one in numbered if one not in names)] = None
    return list(names)


def _with(name: str, ending: str) -> str:
    return f"{name[: LONGEST_IDENTIFIER - 1 - len(ending)]}-{ending}"


def main_of(workload: Workload, services: Sequence[Service]) -> Container | None:
    """The container that does the work: the one a Service leads to, else one with an HTTP probe, else the first."""
    containers = workload.spec.template.spec.containers
    for service in services:
        for port in service.spec.ports:
            target = port.target_port or port.port
            for container in containers:
                if _declares(container, target):
                    return container
    return next((item for item in containers if _http_probe(item)), containers[0] if containers else None)


def _declares(container: Container, target: int | str) -> bool:
    return any(str(target) in (str(port.container_port), port.name or "-") for port in container.ports)


def _http_probe(container: Container | None) -> Probe | None:
    """Its readiness probe if that asks over HTTP or HTTPS, else another of its probes that does."""
    if container is None:
        return None
    probes = (container.readiness_probe, container.liveness_probe, container.startup_probe)
    return next((item for item in probes if item and item.http_get), None)


def _health_path(container: Container | None, port: int | None) -> str | None:
    """The path that its probe asks on the port it serves; a probe on another port says nothing about this one."""
    probe = _http_probe(container)
    if container is None or probe is None or probe.http_get is None or _number(probe.http_get.port, container) != port:
        return None
    path = probe.http_get.path or "/"
    return path if path.startswith("/") else f"/{path}"


def _port(container: Container | None, services: Sequence[Service]) -> int | None:
    """What it listens on: where a Service leads, else what its probe asks, else the first port it declares."""
    if container is None:
        return None
    targets: list[int | str] = [port.target_port or port.port for service in services for port in service.spec.ports]
    targets = [item for item in targets if _declares(container, item)]
    probe = _http_probe(container) or container.readiness_probe or container.liveness_probe
    action = (probe.http_get or probe.tcp_socket) if probe else None
    targets += [action.port] if action else []
    targets += [item.container_port for item in container.ports[:1]]
    numbers = (_number(item, container) for item in targets)
    return next((item for item in numbers if item is not None), None)


def _number(target: int | str, container: Container) -> int | None:
    """The port number behind a number or a port's name; None if it is neither."""
    text = str(target)
    if text.isdecimal():
        return int(text) if 0 < int(text) <= 65535 else None
    return next((port.container_port for port in container.ports if port.name == text and port.container_port), None)
