"""Whether callers are told that all connections are in use, which only this one can have said. Pure."""

from __future__ import annotations

import re

from bot.domain.calls import CallFailure, FailedCall
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import shortened
from bot.engine.checks.detail.credentials import callers_of
from bot.engine.discovery.evidence import goes_on, hosts_of

_SAID_ON = (
    (re.compile(r"(?i)\b1040\b|ER_CON_COUNT_ERROR|MySQL|mariadb"), 3306),
    (re.compile(r"(?i)too many clients|remaining connection slots|\b53300\b|psycopg|PG::"), 5432),
    (re.compile(r"(?i)max number of clients reached"), 6379),
)
"""By its words it can be told whose limit it is: the port at which such servers are called."""
_FULL = re.compile(
    r"(?i)too many (?:clients|connections)|remaining connection slots are reserved|max number of clients reached"
    r"|ER_CON_COUNT_ERROR|connection limit exceeded"
)


def crowding(binding: Binding, component: BoundComponent) -> str:
    """`orders logs: Error 1040: Too many connections`, where this goes on and no other can be meant; else empty."""
    graph = binding.graph
    if graph is None:
        return ""
    known = {**binding.components, **graph.witnesses}
    for name in callers_of(binding, component):
        caller = known.get(name)
        calls = [
            call
            for call in graph.calls.get(name, ())
            if call.kind is CallFailure.LIMIT and _FULL.search(call.line) and _is_of(binding, name, component, call)
        ]
        if caller is not None and sum(call.count for call in calls) > 1 and goes_on(binding, caller, calls):
            return f"{caller.spec.label} logs: {shortened(calls[-1].line)}"
    return ""


def _is_of(binding: Binding, caller: str, component: BoundComponent, call: FailedCall) -> bool:
    """Whether the caller can only have had this from that component: by the host, or by the one port that is left."""
    graph = binding.graph
    if graph is None:
        return False
    edges = [edge for edge in graph.edges_of(caller) if edge.service in graph.services]
    if call.host or call.address:
        named = [edge for edge in edges if {call.host, call.address} & hosts_of(binding, graph.services[edge.service])]
        return any(component.name in graph.services[edge.service].picked for edge in named)
    port = next((number for words, number in _SAID_ON if words.search(call.line)), 0)
    asked = [edge.service for edge in edges if port and port in _ports(binding, edge.service)]
    return len(asked) == 1 and component.name in graph.services[asked[0]].picked


def _ports(binding: Binding, scope: str) -> set[int]:
    service = binding.graph.services[scope].service if binding.graph else None
    return {port.port for port in service.spec.ports} if service else set()
