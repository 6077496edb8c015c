"""Calls of which a log says that a name is not known, and not which: the only one told that cannot be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.endpoints import is_loopback
from bot.domain.kubernetes import ConfigMap, Container
from bot.engine.binding import Binding, BoundComponent
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.references import references_of

_ADDRESS = re.compile(r"(?i)ur[il]|dsn|host|addr|endpoint|broker|server|connection")
"""Names of variables that say where something is."""


def unnamed_calls(
    binding: Binding, component: BoundComponent, bound: BoundService, calls: Iterable[FailedCall]
) -> list[FailedCall]:
    """Of these calls those that name nothing, and can only mean this name of no Service.

    That is so where a component is told no other host that may be unknown: all the others are Services, and no address
    comes from a Secret.
    """
    graph, template = binding.graph, component.template
    if bound.service is not None or graph is None or template is None:
        return []
    found = [call for call in calls if call.kind is CallFailure.NAME_UNKNOWN and not call.host and not call.address]
    if not found or any(_is_told_in_secret(box) for box in (*template.containers, *template.init_containers)):
        return []
    maps: dict[str, ConfigMap] = {item.metadata.name: item for item in binding.view.configmaps}
    told = {item.endpoint.host for item in references_of(component.name, template, maps)}
    served = {edge.host for edge in graph.edges_of(component.name) if _is_there(binding, edge.service)}
    own = {item.endpoint.host for item in bound.references if item.component == component.name}
    others = {host for host in told - served - own if host and not is_loopback(host)}
    return found if own and not others else []


def _is_there(binding: Binding, scope: str) -> bool:
    service = binding.graph.services.get(scope) if binding.graph and scope else None
    return service is not None and service.service is not None


def _is_told_in_secret(container: Container) -> bool:
    """Whether it may be told an address that is not seen."""
    if any(source.secret_ref is not None for source in container.env_from):
        return True
    return any(
        item.value_from is not None and item.value_from.secret_key_ref is not None and _ADDRESS.search(item.name)
        for item in container.env
    )
