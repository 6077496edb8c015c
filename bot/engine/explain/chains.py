"""The way to a root cause in an app that a playbook describes: from where people see it, along routes and needs. Pure.

A discovered app has its own, along the calls that were found (`bot.engine.discovery.chain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.diagnosis import Cause, Impact
from bot.domain.facts import Check
from bot.engine.binding import Binding
from bot.engine.values.chains import claim_of, cut

_FEWEST = 3
"""A way of one call says no more than the headline does."""
_FELT = (Impact.DOWN, Impact.DEGRADED)


def with_described_chain(cause: Cause, binding: Binding, checks: Sequence[Check]) -> Cause:
    """The cause with its chain, if people see it more than one call away from it."""
    if binding.graph is not None or cause.state or cause.benign or cause.impact not in _FELT or cause.shared_with:
        return cause
    start = next((route.spec.from_ for route in binding.routes.values() if route.spec.primary), "")
    way = _way(binding, start, cause.component)
    told = (*(binding.components[name].spec.label for name in way), *claim_of(cause, checks))
    return replace(cause, chain=cut(told)) if way and len(told) >= _FEWEST else cause


def _way(binding: Binding, start: str, end: str) -> tuple[str, ...]:
    """The shortest way from one component to another; empty if there is none."""
    calls: dict[str, list[str]] = {}
    for route in binding.routes.values():
        calls.setdefault(route.spec.from_, []).append(route.spec.to)
    for name, component in binding.components.items():
        for needing in component.spec.needed_by:
            calls.setdefault(needing, []).append(name)
    if start not in binding.components or end not in binding.components:
        return ()
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    queue = [start]
    while queue:
        here = queue.pop(0)
        for name in calls.get(here, ()):
            if name not in ways and name in binding.components:
                ways[name] = (*ways[here], name)
                queue.append(name)
    return ways.get(end, ())
