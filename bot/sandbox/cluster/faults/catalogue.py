"""All faults of the sandbox, by id.

Read by `SimulatedCluster` and by the page where a person chooses one.
"""

from __future__ import annotations

from bot.sandbox.cluster.faults import route, running, start, workload
from bot.sandbox.cluster.faults.model import Fault, Scenario, UnknownFault

HEALTHY = Scenario(Fault("none", "Everything is well", "A healthy Onyx.", ("healthy",)))

SCENARIOS: dict[str, Scenario] = {
    scenario.fault.id: scenario
    for scenario in (HEALTHY, *workload.SCENARIOS, *start.SCENARIOS, *running.SCENARIOS, *route.SCENARIOS)
}


def scenario_for(identity: str) -> Scenario:
    """The scenario of a fault id. Raises UnknownFault with the ids there are."""
    found = SCENARIOS.get(identity)
    if found is None:
        raise UnknownFault(f"There is no fault {identity!r} in the sandbox.", f"Choose one of: {', '.join(SCENARIOS)}.")
    return found
