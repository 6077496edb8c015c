"""What a remedy may change, as narrowly as the cluster can tell it. Each row of the registry names its fields."""

from __future__ import annotations

from enum import Enum, auto


class Field(Enum):
    """One thing that may be changed. A new one needs its rule in `bot.changes.guard` as well."""

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
