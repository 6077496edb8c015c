"""Whether anybody needs a workload that has no pods: in a namespace that nobody has described, much is off. Pure."""

from __future__ import annotations

from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.holding import holders_of
from bot.engine.binding.inferred import desired_replicas
from bot.engine.discovery.evidence import calls_to
from bot.engine.discovery.graph import BoundService, Graph


def is_needed(binding: Binding, component: BoundComponent) -> bool:
    """Whether it was asked about, is part of a described app, or is called through a Service that leads to no pod.

    What something else keeps at rest is needed when calls to it fail: it may be at rest on purpose.
    """
    graph = binding.graph
    if graph is None:
        return True
    if any(holder.replicas for holder in holders_of(component.workload, binding.view)):
        return _is_missed(binding, component, graph)
    if component.name in graph.subject:
        return True
    return any(
        (service.callers or service.outside) and not _is_served(binding, service)
        for service in graph.services.values()
        if component.name in (*service.picked, service.meant)
    )


def _is_missed(binding: Binding, component: BoundComponent, graph: Graph) -> bool:
    """Whether somebody's log says that calls to it fail now."""
    known = {**binding.components, **graph.witnesses}
    return any(
        bool(calls_to(binding, known[name], service))
        for service in graph.services.values()
        if component.name in (*service.picked, service.meant) and not _is_served(binding, service)
        for name in service.callers
        if name in known
    )


def is_replaced(binding: Binding, component: BoundComponent) -> bool:
    """Whether everything that would lead to it leads to ready pods of another workload: blue, while green serves, or
    a proxy that wakes it up.
    """
    if component.pods or component.leaving or binding.gap("endpoints", "services", "pods") is not None:
        return False
    if binding.graph is None:
        routes = [item for item in binding.routes.values() if item.called is component and item.service]
        names = {item.service.metadata.name for item in routes if item.service}
    else:
        services = binding.graph.services.values()
        names = {item.name for item in services if component.name in (*item.picked, item.meant)}
    return bool(names) and all(_has_ready(binding, name) for name in names)


def run_by_another(binding: Binding, component: BoundComponent) -> str:
    """Which other workload runs the pods that its own selector asks for, while it asks for none; empty if none does.

    A Rollout that refers to a Deployment takes its template and scales it down.
    """
    workload = component.workload
    if workload is None or component.pods or desired_replicas(workload) != 0:
        return ""
    for other in binding.components.values():
        if other.name == component.name or other.workload is None:
            continue
        ready = [pod for pod in other.pods if pod.ready]
        if ready and all(workload.spec.selector.matches(pod.metadata.labels) for pod in ready):
            return other.workload.target
    return ""


def _is_served(binding: Binding, service: BoundService) -> bool:
    return _has_ready(binding, service.name)


def _has_ready(binding: Binding, name: str) -> bool:
    groups = (group for group in binding.view.endpoints if group.service == name)
    return any(address.ready for group in groups for address in group.addresses)
