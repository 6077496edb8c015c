"""A component without a workload in the namespace: is it missing, or does it run where this view does not reach?

"Missing" may only be said when no pod, no controller and no endpoint is there. A gap says why it may be elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.facts import Gap, GapReason
from bot.engine.binding import Binding, BoundComponent, BoundRoute, service_at


def with_elsewhere(binding: Binding) -> Binding:
    """The binding with a gap for each component that may run elsewhere."""
    components = {
        name: replace(item, gap=elsewhere(binding, item)) if item.workload is None else item
        for name, item in binding.components.items()
    }
    routes = {
        name: replace(item, caller=components[item.spec.from_], called=components[item.spec.to])
        for name, item in binding.routes.items()
    }
    return replace(binding, components=components, routes=routes)


def elsewhere(binding: Binding, component: BoundComponent) -> Gap | None:
    """Why the component may run elsewhere; None if it was found, or if it is really not there."""
    if component.workload is not None or component.gap is not None or component.spec.role == "dependency":
        return component.gap
    what = component.named
    routes = [route for route in binding.routes.values() if route.called is component]
    for route in routes:
        detail = _led_elsewhere(binding, route)
        if detail:
            return Gap(GapReason.ABSENT, what, detail)
        unread = _unread(binding, route)
        if unread is not None:
            return unread
    if not routes and binding.routes and not component.services and _others_found(binding, component):
        return Gap(GapReason.ABSENT, what, "nothing of it is in this namespace; it may run in another one")
    return None


def _unread(binding: Binding, route: BoundRoute) -> Gap | None:
    """Why nobody can say whether the Service that the URL names leads to addresses that somebody keeps by hand."""
    name = _named_here(binding, route)
    if not name or (route.service is not None and route.service.spec.selector):
        return None
    return binding.gap("endpoints") if route.service is not None or binding.gap("services") else None


def _named_here(binding: Binding, route: BoundRoute) -> str:
    """The Service of this namespace that the URL names, whether it was read or not."""
    if route.service is not None:
        return route.service.metadata.name
    address = route.address
    here = address is not None and address.kind == "service" and address.namespace in ("", binding.view.namespace)
    return address.service if address is not None and here else ""


def _led_elsewhere(binding: Binding, route: BoundRoute) -> str:
    """Where the caller's URL leads instead; empty if it leads nowhere else."""
    service, address, variable = route.service, route.address, route.variable
    name = _named_here(binding, route)
    if name and _has_ready_endpoints(binding, name):
        return f"Service {name} has ready endpoints that belong to no workload here"
    if service is not None and service.spec.external_name:
        return f"Service {service.metadata.name} stands for {service.spec.external_name}"
    if address is None:
        return variable.gap.sentence() if variable.gap is not None and route.caller.workload else ""
    if address.kind in ("ip", "external") and service_at(address, binding.view) is None:
        return f"{variable.name} leads to {address.host}, which is not in this namespace"
    if address.kind == "service" and address.namespace != binding.view.namespace:
        return f"{variable.name} leads to namespace {address.namespace}"
    return ""


def _has_ready_endpoints(binding: Binding, name: str) -> bool:
    groups = (group for group in binding.view.endpoints if group.service == name)
    return any(address.ready for group in groups for address in group.addresses)


def _others_found(binding: Binding, component: BoundComponent) -> bool:
    return any(other.workload for other in binding.components.values() if other is not component)
