"""What kinds of remedy there are: what each acts on, how risky it is, and which of its values a person may edit.

Read by the lint, by the engine that works remedies out, and by policies that say who may do what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.domain.remedies import Risk

Subject = Literal["component", "route", "nothing"]


@dataclass(frozen=True, slots=True)
class KindOfRemedy:
    """`acts_on`: a component, a route, or nothing at all (advice). `parameters` may stand in braces in a title.

    `role` is what the playbooks ask for with it.
    """

    acts_on: Subject
    risk: Risk
    parameters: tuple[str, ...] = ()
    role: str = "operator"


REMEDY_KINDS: Mapping[str, KindOfRemedy] = {
    "restart": KindOfRemedy("component", Risk.LOW),
    "scale_up": KindOfRemedy("component", Risk.LOW, ("replicas",)),
    "raise_memory": KindOfRemedy("component", Risk.MEDIUM, ("memory_limit",)),
    "raise_cpu": KindOfRemedy("component", Risk.MEDIUM, ("cpu_limit",)),
    "fix_probe": KindOfRemedy("component", Risk.MEDIUM, ("path", "port")),
    "relax_probe": KindOfRemedy("component", Risk.MEDIUM, ("seconds",)),
    "roll_back": KindOfRemedy("component", Risk.HIGH),
    "restart_caller": KindOfRemedy("route", Risk.LOW),
    "set_config": KindOfRemedy("route", Risk.MEDIUM, ("url",)),
    "fix_service_selector": KindOfRemedy("route", Risk.MEDIUM),
    "fix_service_port": KindOfRemedy("route", Risk.MEDIUM, ("port",)),
    "create_service": KindOfRemedy("route", Risk.MEDIUM, ("port",)),
    "allow_route": KindOfRemedy("route", Risk.HIGH, role="admin"),
    "advice": KindOfRemedy("nothing", Risk.LOW),
}
