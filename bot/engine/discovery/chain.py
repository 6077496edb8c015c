"""The way to a root cause: from who was asked about, or who suffers first, along the calls to what it is about. Pure.

Only calls that the view shows are gone along: a Service whose selector picks nobody leads nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from bot.domain.diagnosis import Cause, Diagnosis
from bot.engine.discovery.discover import Discovery
from bot.engine.discovery.graph import BoundEdge, BoundService, Graph
from bot.engine.values.chains import claim_of, cut

_MANY = 3
"""So many users of one setting: it says that they may call what it names, and not that they do."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Who calls, and whether something of its own says so: its log, or a setting that is for few."""

    caller: str
    plain: bool


def with_chains(found: Discovery, diagnosis: Diagnosis, asked: str = "") -> Diagnosis:
    """The diagnosis with the chain of each root cause. `asked` is the Service that was asked about, if it was one."""
    roots = {cause.id for cause in diagnosis.root_causes if not cause.state and not cause.benign}
    callers = _callers(found.graph)
    chains = {
        cause.id: _chain(found, cause, diagnosis, callers, asked)
        for cause in diagnosis.root_causes
        if cause.id in roots
    }

    def told(causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
        return tuple(replace(item, chain=chains[item.id]) if chains.get(item.id) else item for item in causes)

    return replace(diagnosis, root_causes=told(diagnosis.root_causes), causes=told(diagnosis.causes))


def _chain(
    found: Discovery, cause: Cause, diagnosis: Diagnosis, callers: Mapping[str, tuple[_Step, ...]], asked: str
) -> tuple[str, ...]:
    ends, tail = _ends(found, cause, diagnosis)
    hit = _hit(found.graph, cause, diagnosis)
    if not ends or cause.shared_with or (asked and tail == (f"Service {asked}",)):
        return ()
    after = _ways(ends, callers, hit)
    subject = found.graph.subject
    if subject:
        near = sorted(name for name in subject if name in after)
        start = min(near, key=lambda name: after[name][0], default="")
    else:
        start = max(sorted(hit & set(after)), key=lambda name: after[name][0], default="")
    if not start or start == cause.component:
        return ()
    names, here = [start], start
    while after[here][1]:
        here = after[here][1]
        names.append(here)
    told = (*(found.components[name].spec.label for name in names), *tail)
    return () if len(told) < 2 else cut(told)


def _ends(found: Discovery, cause: Cause, diagnosis: Diagnosis) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The components at which the way ends, and the words for what the cause is about beyond them."""
    graph, scope = found.graph, cause.component
    if scope in found.components:
        return (scope,), claim_of(cause, diagnosis.checks)
    if scope in graph.edges:
        caller = graph.edges[scope].caller
        return (caller,) if caller in found.components else (), ()
    if scope in graph.services:
        service = graph.services[scope]
        edges = [edge for edge in graph.edges.values() if edge.service == scope and _is_shown(edge)]
        felt = [
            item for item in edges if _is_logged(graph, item, service) or any(one.logged for one in item.references)
        ]
        calling = tuple(edge.caller for edge in felt or edges)
        return tuple(name for name in calling if name in found.components), (f"Service {graph.services[scope].name}",)
    return (), ()


def _hit(graph: Graph, cause: Cause, diagnosis: Diagnosis) -> set[str]:
    """The components whose troubles follow from the cause."""
    scopes = {item.component for item in diagnosis.causes if item.explained_by == cause.id}
    return {graph.edges[scope].caller if scope in graph.edges else scope for scope in scopes} - {cause.component}


def _callers(graph: Graph) -> Mapping[str, tuple[_Step, ...]]:
    """Who calls each component, and whether more than a setting that many share says so."""
    users = Counter(
        (item.config_map, item.key)
        for edge in graph.edges.values()
        for item in edge.references
        if item.config_map and not item.logged
    )
    found: dict[str, dict[str, bool]] = {}
    for edge in graph.edges.values():
        service = graph.services.get(edge.service)
        plain = any(item.logged or users[item.config_map, item.key] < _MANY for item in edge.references)
        plain = plain or (service is not None and _is_logged(graph, edge, service))
        for name in service.picked if service is not None and _is_shown(edge) else ():
            calling = found.setdefault(name, {})
            calling[edge.caller] = calling.get(edge.caller, False) or plain
    return {name: tuple(_Step(caller, plain) for caller, plain in calling.items()) for name, calling in found.items()}


def _is_logged(graph: Graph, edge: BoundEdge, service: BoundService) -> bool:
    """Whether the caller's log has a failed call to it, by its name or address."""
    names = {service.name, service.service.spec.cluster_ip if service.service else ""} - {"", "None"}
    return any({call.host, call.address} & names for call in graph.calls.get(edge.caller, ()))


def _is_shown(edge: BoundEdge) -> bool:
    """Whether it is a call, and not a word in some file that is also the name of a Service."""
    return any(not item.weak or item.endpoint.port for item in edge.references)


def _ways(
    ends: Collection[str], callers: Mapping[str, tuple[_Step, ...]], hit: Collection[str]
) -> dict[str, tuple[int, str]]:
    """Of everything that leads to these: how long the way is, and what comes next ("" at the end).

    A setting that all share does not show who calls what: a way through what suffers from the fault is more likely.
    """
    found = dict.fromkeys(ends, (0, ""))
    queue = [(0, name) for name in sorted(found)]
    while queue:
        length, here = heappop(queue)
        if length > found[here][0]:
            continue
        through = here in hit and here not in ends
        for step in callers.get(here, ()):
            longer = length + (1 if step.plain else 2 if through else 4)
            if step.caller not in found or longer < found[step.caller][0]:
                found[step.caller] = (longer, here)
                heappush(queue, (longer, step.caller))
    return found
