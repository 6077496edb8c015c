"""Which fields each kind of remedy changes: one row per kind, and a kind without a row is an error.

The rows follow what the functions in `bot.engine.remedies.registry` put into their steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto


class Field(Enum):
    """Something that a remedy may change, named as narrowly as the cluster can tell it."""

    REPLICAS = auto()
    RESTARTED_AT = auto()
    """The annotation of the pod template by which kubectl restarts."""
    MEMORY = auto()
    CPU = auto()
    PROBE_QUESTION = auto()
    """Path and port of a probe that is there, not what kind of probe it is."""
    PROBE_TIMES = auto()
    EARLIER_TEMPLATE = auto()
    VARIABLE = auto()
    CONFIG_KEY = auto()
    SELECTOR = auto()
    TARGET_PORT = auto()
    NEW_SERVICE = auto()
    NEW_POLICY = auto()


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "restart": (Field.RESTARTED_AT,),
    "scale_up": (Field.REPLICAS,),
    "raise_memory": (Field.MEMORY,),
    "raise_cpu": (Field.CPU,),
    "fix_probe": (Field.PROBE_QUESTION,),
    "relax_probe": (Field.PROBE_TIMES,),
    "roll_back": (Field.EARLIER_TEMPLATE,),
    "restart_caller": (Field.RESTARTED_AT,),
    "set_config": (Field.VARIABLE, Field.CONFIG_KEY, Field.RESTARTED_AT),
    "fix_service_selector": (Field.SELECTOR,),
    "fix_service_port": (Field.TARGET_PORT,),
    "create_service": (Field.NEW_SERVICE,),
    "allow_route": (Field.NEW_POLICY,),
    "advice": (),
}
"""What the kinds of `bot.playbook.remedy_kinds` change."""


def fields_of(kinds: Iterable[str]) -> frozenset[Field]:
    """Everything that these kinds change. Raises `ValueError` for a kind that has no row."""
    named = tuple(kinds)
    forgotten = sorted(set(named) - set(FIELDS))
    if forgotten:
        raise ValueError(f"The field guard does not know what {', '.join(forgotten)} changes: add a row to FIELDS.")
    return frozenset(field for kind in named for field in FIELDS[kind])
