"""What each kind of remedy does: its fields, the function that works it out, how its values are edited. Pure.

One row per kind of `bot.playbook.remedy_kinds`, which says what people and policies need to know of it. A new kind is a
row there, a row here, and its function in the module for what it acts on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.facts import FactValue, Gap
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.remedies import configuration, edits, policies, probes, routes, workloads
from bot.engine.remedies.fields import Field
from bot.engine.remedies.proposal import Proposal

Facts = Mapping[str, FactValue | Gap]


@dataclass(frozen=True, slots=True)
class KindInEngine:
    """`changes` is what it may change: the field guard allows the roles no more. `for_component` or `for_route` works
    the remedy out (None from it: there is nothing to change); neither for advice. `edit` puts another value into its
    patch.
    """

    changes: tuple[Field, ...]
    for_component: Callable[[BoundComponent, Binding, Facts], Proposal | None] | None = None
    for_route: Callable[[BoundRoute, Binding], Proposal | None] | None = None
    edit: Callable[[dict[str, Any], str, str], None] = edits.nothing


def _without_facts(
    build: Callable[[BoundComponent, Binding], Proposal | None],
) -> Callable[[BoundComponent, Binding, Facts], Proposal | None]:
    return lambda component, binding, _facts: build(component, binding)


REGISTRY: Mapping[str, KindInEngine] = {
    "restart": KindInEngine((Field.RESTARTED_AT,), _without_facts(workloads.restart)),
    "scale_up": KindInEngine((Field.REPLICAS,), _without_facts(workloads.scale_up), edit=edits.replicas),
    "raise_memory": KindInEngine((Field.MEMORY,), _without_facts(workloads.raise_memory), edit=edits.resources),
    "raise_cpu": KindInEngine((Field.CPU,), _without_facts(workloads.raise_cpu), edit=edits.resources),
    "roll_back": KindInEngine((Field.EARLIER_TEMPLATE,), _without_facts(workloads.roll_back)),
    "fix_probe": KindInEngine((Field.PROBE_QUESTION,), probes.fix_probe, edit=edits.probes),
    "relax_probe": KindInEngine((Field.PROBE_TIMES,), probes.relax_probe, edit=edits.seconds),
    "restart_caller": KindInEngine((Field.RESTARTED_AT,), for_route=routes.restart_caller),
    "fix_service_selector": KindInEngine((Field.SELECTOR,), for_route=routes.fix_service_selector),
    "fix_service_port": KindInEngine((Field.TARGET_PORT,), for_route=routes.fix_service_port, edit=edits.target_port),
    "create_service": KindInEngine((Field.NEW_SERVICE,), for_route=routes.create_service, edit=edits.target_port),
    "set_config": KindInEngine(
        (Field.VARIABLE, Field.CONFIG_KEY, Field.RESTARTED_AT), for_route=configuration.set_config, edit=edits.url
    ),
    "allow_route": KindInEngine((Field.NEW_POLICY,), for_route=policies.allow_route),
    "advice": KindInEngine(()),
}
