"""Works out remedies: target, exact patch and kubectl command, from the facts and the objects in the view.

Pure. A remedy whose parameters cannot be worked out is not offered. Nothing here changes a cluster.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Workload
from bot.domain.remedies import Remedy
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.checks.url import expected_url
from bot.engine.conditions import judge
from bot.engine.quantities import doubled_memory
from bot.engine.verdicts import fill
from bot.playbook.schema import CauseSpec, RemedySpec

Facts = Mapping[str, FactValue | Gap]
Change = tuple[str, str, dict[str, Any]] | None
"""(target, kubectl command without prefix, patch), or None if it does not apply."""


def remedies_of(cause: CauseSpec, facts: Facts, binding: Binding) -> tuple[Remedy, ...]:
    """The remedies of a cause that the facts allow, in the playbook's order."""
    found: list[Remedy] = []
    for spec in cause.remedies:
        if spec.when is not None and judge(spec.when, facts).truth is not True:
            continue
        remedy = _remedy(spec, facts, binding)
        if remedy is not None:
            found.append(remedy)
    return tuple(found)


def _remedy(spec: RemedySpec, facts: Facts, binding: Binding) -> Remedy | None:
    component = binding.components.get(spec.acts_on or "")
    route = binding.routes.get(spec.acts_on or "")
    change: Change = None
    if spec.kind == "advice":
        change = ("", fill(spec.command, facts), {})
    elif component is not None and spec.kind in _ON_COMPONENT:
        change = _ON_COMPONENT[spec.kind](component)
    elif route is not None and spec.kind in _ON_ROUTE:
        change = _ON_ROUTE[spec.kind](route, binding)
    if change is None:
        return None
    target, command, patch = change
    full = _full_command(command, binding)
    return Remedy(
        id=spec.id,
        kind=spec.kind,
        title=fill(spec.title, facts),
        target=target,
        role=spec.role,
        command=full,
        patch=patch,
        note=fill(spec.note, facts),
    )


def _full_command(command: str, binding: Binding) -> str:
    """A playbook's command is about the namespace; one that begins with `kubectl` is about the cluster."""
    if not command or command.startswith("echo "):
        return command
    if command.startswith("kubectl "):
        return binding.kubectl_anywhere(command.removeprefix("kubectl "))
    return binding.kubectl(command)


def _patch_command(target: str, patch: Mapping[str, Any]) -> str:
    return f"patch {target} --patch {shlex.quote(json.dumps(patch, separators=(',', ':')))}"


def _deployment(component: BoundComponent) -> Workload | None:
    return component.workload


def _restart(component: BoundComponent) -> Change:
    workload = _deployment(component)
    return (workload.target, f"rollout restart {workload.target}", {}) if workload else None


def _scale_up(component: BoundComponent) -> Change:
    workload = component.workload
    if workload is None or workload.spec.replicas > 0:
        return None
    return workload.target, f"scale {workload.target} --replicas=1", {"spec": {"replicas": 1}}


def _raise_memory(component: BoundComponent) -> Change:
    workload, container = component.workload, component.container
    limit = container.resources.limits.get("memory") if container else None
    raised = doubled_memory(limit) if limit else None
    if workload is None or container is None or raised is None:
        return None
    patch = _container_patch(container.name, {"resources": {"limits": {"memory": raised}}})
    return workload.target, _patch_command(workload.target, patch), patch


def _container_patch(name: str, change: Mapping[str, Any]) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, **change}]}}}}


def _fix_probe(component: BoundComponent) -> Change:
    """Both HTTP probes to the health path and port the playbook knows."""
    workload, container = component.workload, component.container
    path, port = component.spec.health, component.spec.port
    if workload is None or container is None or path is None or port is None:
        return None
    change: dict[str, Any] = {}
    for field, probe in (("readinessProbe", container.readiness_probe), ("livenessProbe", container.liveness_probe)):
        if probe is not None and probe.http_get is not None:
            current = (probe.http_get.path, str(probe.http_get.port))
            names = {item.name for item in container.ports if item.container_port == port}
            if current[0] != path or current[1] not in {str(port), *names}:
                change[field] = {"httpGet": {"path": path, "port": port}}
    if not change:
        return None
    patch = _container_patch(container.name, change)
    return workload.target, _patch_command(workload.target, patch), patch


def _roll_back(component: BoundComponent) -> Change:
    workload = component.workload
    if workload is None or workload.kind != "Deployment" or len(component.replica_sets) < 2:
        return None
    return workload.target, f"rollout undo {workload.target}", {}


def _fix_service_selector(route: BoundRoute, _binding: Binding) -> Change:
    if route.service is None or route.called.workload is None:
        return None
    selector = dict(route.called.workload.spec.selector.match_labels)
    removed = {key: None for key in route.service.spec.selector if key not in selector}
    patch = {"spec": {"selector": {**removed, **selector}}}
    target = f"service/{route.service.metadata.name}"
    return target, _patch_command(target, patch), patch


def _fix_service_port(route: BoundRoute, _binding: Binding) -> Change:
    service, port = route.service, route.called.spec.port
    container = route.called.container
    if service is None or not service.spec.ports or container is None:
        return None
    declared = [item.container_port for item in container.ports]
    number = port if port in declared or not declared else declared[0]
    if number is None:
        return None
    first = service.spec.ports[0]
    patch = {"spec": {"ports": [{"port": first.port, "targetPort": number, "protocol": first.protocol}]}}
    target = f"service/{service.metadata.name}"
    return target, _patch_command(target, patch), patch


def _set_config(route: BoundRoute, binding: Binding) -> Change:
    """Write the right URL where the running value comes from, and restart the caller, which reads it at start only."""
    value = expected_url(route, binding.view.namespace)
    workload = route.caller.workload
    if not value or workload is None:
        return None
    if route.variable.config_map:
        key = route.variable.key or route.variable.name
        patch: dict[str, Any] = {"data": {key: value}}
        target = f"configmap/{route.variable.config_map}"
        restart = binding.kubectl(f"rollout restart {workload.target}")
        return target, f"{_patch_command(target, patch)} && {restart}", patch
    return (
        workload.target,
        f"set env {workload.target} {route.variable.name}={value}",
        {"env": {route.variable.name: value}},
    )


def _allow_route(route: BoundRoute, binding: Binding) -> Change:
    caller, called = route.caller.workload, route.called.workload
    port = route.called.spec.port
    if caller is None or called is None or port is None:
        return None
    name = f"allow-{route.caller.name}-to-{route.called.name}"
    policy: dict[str, Any] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": binding.view.namespace},
        "spec": {
            "podSelector": {"matchLabels": called.spec.selector.match_labels},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"podSelector": {"matchLabels": caller.spec.selector.match_labels}}],
                    "ports": [{"protocol": "TCP", "port": port}],
                }
            ],
        },
    }
    command = f"echo {shlex.quote(json.dumps(policy, separators=(',', ':')))} | {binding.kubectl('apply -f -')}"
    return f"networkpolicy/{name}", command, policy


def _create_service(route: BoundRoute, _binding: Binding) -> Change:
    workload, port = route.called.workload, route.called.spec.port
    address = route.address
    name = address.service if address and address.service and "_" not in address.service else ""
    if workload is None or port is None or not name or address is None:
        return None
    command = f"expose {workload.target} --name={name} --port={address.port} --target-port={port}"
    return f"service/{name}", command, {"spec": {"ports": [{"port": address.port, "targetPort": port}]}}


_ON_COMPONENT: Mapping[str, Callable[[BoundComponent], Change]] = {
    "restart": _restart,
    "scale_up": _scale_up,
    "raise_memory": _raise_memory,
    "fix_probe": _fix_probe,
    "roll_back": _roll_back,
}
_ON_ROUTE: Mapping[str, Callable[[BoundRoute, Binding], Change]] = {
    "restart_caller": lambda route, _: _restart(route.caller),
    "fix_service_selector": _fix_service_selector,
    "fix_service_port": _fix_service_port,
    "set_config": _set_config,
    "allow_route": _allow_route,
    "create_service": _create_service,
}
