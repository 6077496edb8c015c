"""Check on callers that were not asked about: does a NetworkPolicy keep their calls from a Service?"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.network.policies import closed_directions
from bot.engine.discovery.evidence import calls_to, failed_calls_of, goes_unanswered
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.routes import route_to


def check_shut(binding: Binding, bound: BoundService) -> Check:
    """Do callers beside what was asked about get no answer, while a policy closes its pods to them?

    Who was asked about, and what that calls, has its calls judged one by one.
    """
    question = CheckBuilder("service", bound.scope, "shut", binding.kubectl("get networkpolicies -o yaml"))
    witnesses = binding.graph.witnesses if binding.graph else {}
    gap = binding.gap("networkpolicies")
    if gap is not None and witnesses:
        return question.open(gap)
    found = [name for name in sorted({*bound.callers} & {*witnesses}) if _is_shut_out(binding, bound, name)]
    labels = ", ".join(witnesses[name].spec.label for name in found)
    names = sorted({item for name in found for item in _closing(binding, bound, name)})
    text = f"NetworkPolicy {', '.join(names)} does not let in {labels}" if found else "no policy shuts a caller out"
    facts: dict[str, FactValue | Gap] = {"shut.out": bool(found), "shut.text": text}
    return question.answered(not found, f"{text[0].upper()}{text[1:]}.", facts)


def _is_shut_out(binding: Binding, bound: BoundService, name: str) -> bool:
    """Whether the log of this caller shows now that its calls get no answer, and a policy closes the way.

    A call of which the log does not say where it went may be meant where the caller calls nothing else.
    """
    graph = binding.graph
    caller = graph.witnesses.get(name) if graph is not None else None
    if graph is None or caller is None:
        return False
    calls = calls_to(binding, caller, bound) or ()
    elsewhere = any(edge.service != bound.scope for edge in graph.edges_of(name))
    nameless = () if elsewhere else failed_calls_of(binding, caller) or ()
    return goes_unanswered(calls, nameless) and bool(_closing(binding, bound, name))


def _closing(binding: Binding, bound: BoundService, name: str) -> tuple[str, ...]:
    """The policies that close the pods behind a Service to this caller."""
    if binding.graph is None or bound.target not in binding.components:
        return ()
    route = replace(route_to(binding, bound, name), caller=binding.graph.witnesses[name])
    closed = closed_directions(binding, route)
    return tuple(item.metadata.name for item in closed.by_ingress) if closed is not None and closed.ingress else ()
