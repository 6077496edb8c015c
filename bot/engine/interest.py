"""Decides what the second look should read: logs and health of the pods that the first look makes interesting."""

from __future__ import annotations

from typing import Literal

from bot.domain.kubernetes import Pod
from bot.domain.view import DetailRequest, HealthRequest, LogRequest, VariableRequest
from bot.engine.binding import Binding, BoundComponent, BoundRoute, main_container
from bot.engine.checks.containers import is_unstable, runs
from bot.engine.checks.probes import probe_port
from bot.engine.checks.service import route_port, target_number

MAX_LOGS = 6
MAX_HEALTH = 3
MAX_OTHER_HEALTH = 2
"""Health questions to components that nobody in the app calls, such as its entrance."""


def fetch_details(binding: Binding, symptoms: frozenset[str] = frozenset()) -> DetailRequest:
    """Logs of troubled pods (with the run before), the callers' logs, and health of components, all bounded."""
    logs: list[LogRequest] = []
    for component in _by_importance(binding):
        if component.spec.role == "service":
            logs += _troubled_logs(binding, component)
    for route in binding.routes.values():
        logs += _caller_log(route)
    logs = list(dict.fromkeys(logs))
    health: list[HealthRequest] = []
    for route in binding.routes.values():
        health += _health_of(route)
    health = health[:MAX_HEALTH] + _health_of_others(binding)[:MAX_OTHER_HEALTH]
    services = {
        (route.address.namespace, route.address.service)
        for route in binding.routes.values()
        if route.address and route.address.kind == "service" and route.address.namespace != binding.view.namespace
    }
    variables = [item for route in binding.routes.values() for item in _caller_variable(route)]
    entrances = [route.spec.entrance for route in binding.routes.values() if route.spec.entrance]
    asked = any(symptoms & set(item.missed_as) for item in entrances)
    return DetailRequest(
        lists=("ingresses",) if asked else (),
        variables=tuple(variables),
        logs=tuple(logs[:MAX_LOGS]),
        health=tuple(health),
        services=tuple(sorted(services)),
    )


def _by_importance(binding: Binding) -> list[BoundComponent]:
    """Called components first: their logs say most."""
    called = {route.spec.to for route in binding.routes.values()}
    return sorted(binding.components.values(), key=lambda item: item.name not in called)


def _troubled_logs(binding: Binding, component: BoundComponent) -> list[LogRequest]:
    pods = sorted(component.all_pods, key=lambda pod: (pod.ready, pod.metadata.name))
    wanted: list[LogRequest] = []
    for pod in pods:
        trouble = [run for run in runs((pod,)) if is_unstable(run, binding.clocks)]
        begun = [run.status.name for run in runs((pod,)) if run.init and not run.sidecar and run.started_at]
        container = trouble[0].status.name if trouble else next(iter(begun), _main_name(pod, component))
        status = next((run.status for run in runs((pod,)) if run.status.name == container), None)
        if status is None or (pod.ready and not trouble and not component.spec.overloaded_when_log_says):
            continue
        has_run = status.state.running is not None or status.state.terminated is not None
        if status.restart_count > 0 and trouble:
            wanted.append(LogRequest(pod=pod.metadata.name, container=container, previous=True))
        if has_run:
            wanted.append(LogRequest(pod=pod.metadata.name, container=container))
        if len(wanted) >= 2:
            break
    return wanted


def _main_name(pod: Pod, component: BoundComponent) -> str:
    container = main_container(pod.spec.containers, component.spec)
    return container.name if container else ""


def _caller_log(route: BoundRoute) -> list[LogRequest]:
    for pod in sorted(route.caller.pods, key=lambda pod: (not pod.ready, pod.metadata.name)):
        name = _main_name(pod, route.caller)
        if any(item.name == name and item.state.running is not None for item in pod.status.container_statuses):
            return [LogRequest(pod=pod.metadata.name, container=name)]
    return []


def _health_of_others(binding: Binding) -> list[HealthRequest]:
    """One running pod of each component with a health endpoint that no route leads to."""
    called = {route.spec.to for route in binding.routes.values()}
    wanted: list[HealthRequest] = []
    for component in binding.components.values():
        path, port = component.spec.health, component.spec.port
        if component.name in called or path is None or port is None:
            continue
        pods = _running(component)[:1]
        scheme = _scheme(component)
        wanted += [
            HealthRequest(target=f"pod/{pod.metadata.name}", port=str(port), path=path, scheme=scheme) for pod in pods
        ]
    return wanted


def _running(component: BoundComponent) -> list[Pod]:
    """Its pods with a container that runs, the ready ones first."""
    running = [pod for pod in component.pods if any(item.state.running for item in pod.status.container_statuses)]
    return sorted(running, key=lambda pod: (not pod.ready, pod.metadata.name))


def _caller_variable(route: BoundRoute) -> list[VariableRequest]:
    """The route's variable in the calling container, for readers that are allowed to exec."""
    for pod in sorted(route.caller.pods, key=lambda pod: (not pod.ready, pod.metadata.name)):
        name = _main_name(pod, route.caller)
        if any(item.name == name and item.state.running is not None for item in pod.status.container_statuses):
            return [VariableRequest(pod=pod.metadata.name, container=name, name=route.spec.env)]
    return []


def _health_of(route: BoundRoute) -> list[HealthRequest]:
    """The called pods one by one (at most two), then the way through the Service."""
    path = route.called.spec.health
    if path is None:
        return []
    wanted: list[HealthRequest] = []
    port = route_port(route)
    number = route.called.spec.port or (target_number(port, route.called) if port else None)
    first = _running(route.called)[: 2 if number is not None else 0]
    scheme = _scheme(route.called)
    wanted += [
        HealthRequest(target=f"pod/{pod.metadata.name}", port=str(number), path=path, scheme=scheme) for pod in first
    ]
    if route.service is not None and port is not None:
        name = route.service.metadata.name
        wanted.append(HealthRequest(target=f"service/{name}", port=str(port.port), path=path, scheme=scheme))
    return wanted


def _scheme(component: BoundComponent) -> Literal["http", "https"]:
    """HTTPS where a probe of its own asks its health endpoint, or anything on its port, by that."""
    container = component.container
    probes = (container.readiness_probe, container.liveness_probe, container.startup_probe) if container else ()
    for probe in probes:
        if container is None or probe is None or probe.http_get is None:
            continue
        same = probe.http_get.path == component.spec.health or probe_port(probe, container) == component.spec.port
        if same and probe.http_get.scheme.upper() == "HTTPS":
            return "https"
    return "http"
