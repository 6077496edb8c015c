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

    `role` is what the playbooks ask for with it. `button` is its label, in about thirty characters (a phone shows no
    more); `{object}` is the name of what it acts on. `raises` is the parameter that it is there to raise: it never
    lowers it.
    """

    acts_on: Subject
    risk: Risk
    button: str = ""
    parameters: tuple[str, ...] = ()
    raises: str = ""
    role: str = "operator"


REMEDY_KINDS: Mapping[str, KindOfRemedy] = {
    "restart": KindOfRemedy("component", Risk.LOW, "Restart {object}"),
    "scale_up": KindOfRemedy("component", Risk.LOW, "Scale {object} to {replicas}", ("replicas",), raises="replicas"),
    "raise_memory": KindOfRemedy(
        "component", Risk.MEDIUM, "Raise memory to {memory_limit}", ("memory_limit",), raises="memory_limit"
    ),
    "raise_cpu": KindOfRemedy("component", Risk.MEDIUM, "Raise CPU to {cpu_limit}", ("cpu_limit",), raises="cpu_limit"),
    "fix_probe": KindOfRemedy("component", Risk.MEDIUM, "Fix the probe", ("path", "port")),
    "relax_probe": KindOfRemedy("component", Risk.MEDIUM, "Relax the probe", ("seconds",)),
    "roll_back": KindOfRemedy("component", Risk.HIGH, "Roll back {object}"),
    "restart_caller": KindOfRemedy("route", Risk.LOW, "Restart {object}"),
    "set_config": KindOfRemedy("route", Risk.MEDIUM, "Set the address", ("url",)),
    "fix_service_selector": KindOfRemedy("route", Risk.MEDIUM, "Fix the selector"),
    "fix_service_port": KindOfRemedy("route", Risk.MEDIUM, "Fix the port", ("port",)),
    "create_service": KindOfRemedy("route", Risk.MEDIUM, "Create the Service", ("port",)),
    "allow_route": KindOfRemedy("route", Risk.HIGH, "Allow the route", role="admin"),
    "advice": KindOfRemedy("nothing", Risk.LOW),
}
