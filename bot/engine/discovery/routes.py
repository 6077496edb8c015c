"""A discovered Service or call as a route, so that checks and remedies of routes work on it as well. Pure."""

from __future__ import annotations

from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.discovery.graph import BoundEdge, BoundService
from bot.engine.values.address import Address
from bot.engine.values.environment import Variable
from bot.playbook.app_schema import Component, Finder, Route


def route_to(binding: Binding, bound: BoundService, caller: str = "") -> BoundRoute:
    """The way to a Service: from its first caller, if there is one, to the component behind it."""
    callers = [name for name in (caller, *bound.callers) if name in binding.components]
    first = callers[0] if callers else ""
    references = [item for item in bound.references if item.component == first] or list(bound.references)
    reference = references[0] if references else None
    port = reference.endpoint.port if reference else 0
    variable = Variable(
        reference.variable if reference else "",
        str(reference.endpoint) if reference else None,
        reference.source if reference else "",
    )
    address = Address(
        f"http://{bound.name}:{port}" if port else f"http://{bound.name}",
        reference.endpoint.scheme if reference else "",
        bound.name,
        port,
        "service",
        bound.name,
        binding.view.namespace,
    )
    called = binding.components.get(bound.target) or _nothing(bound.name)
    who = binding.components.get(first) or _nothing("its callers")
    label = f"{who.spec.label} → {bound.name}" if first else bound.name
    spec = Route.model_construct(label=label, from_=first, to=bound.target, env=variable.name, primary=False)
    return BoundRoute(bound.scope, spec, who, called, variable, address, bound.service)


def route_of(binding: Binding, scope: str) -> BoundRoute | None:
    """The discovered Service or call of this scope as a route; None if it is neither."""
    graph = binding.graph
    if graph is None:
        return None
    if scope in graph.services:
        return route_to(binding, graph.services[scope])
    edge = graph.edges.get(scope)
    return route_along(binding, edge) if edge is not None else None


def route_along(binding: Binding, edge: BoundEdge) -> BoundRoute | None:
    """The way that a call takes to a Service of this namespace; None for other calls."""
    service = binding.graph.services.get(edge.service) if binding.graph else None
    if service is None:
        return None
    route = route_to(binding, service, edge.caller)
    return BoundRoute(edge.scope, route.spec, route.caller, route.called, route.variable, route.address, route.service)


def _nothing(label: str) -> BoundComponent:
    return BoundComponent("", Component(label=label[:150] or "nothing", find=(Finder(name="-"),)))
