"""Remedies: typed changes that would fix a cause. Proposed by the engine, applied by `bot.changes`.

A remedy is data. What it would do is a list of steps, each about one object; nothing here touches a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StepKind(StrEnum):
    """What is done to one object."""

    PATCH = "patch"
    """Merge `patch` into the object: strategic merge for built-in kinds, so that lists of containers and ports merge by
    their keys."""
    RESTART = "restart"
    """Stamp the pod template with the time, as `kubectl rollout restart` does."""
    ROLL_BACK = "roll_back"
    """Put the pod template of the previous revision in force, as `kubectl rollout undo` does."""
    CREATE = "create"
    """Create the object in `patch`; refused when one of that name exists."""
    DELETE = "delete"
    """Take back a creation: delete the object, if it is still what `patch` says. Only `changes.undo` makes these."""


class Risk(StrEnum):
    """How much harm a remedy can do if it is the wrong one. Policy decides how many people each class needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Step:
    """One object and what is done to it. `target` is `kind/name` in the namespace of the diagnosis."""

    kind: StepKind
    target: str
    patch: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a remedy that a person may edit within the policy's bounds.

    name:     `memory_limit`, `cpu_limit`, `replicas`, `port`, `path` or `url`
    value:    what the diagnosis proposes
    current:  what it is now; empty when it is not set
    """

    name: str
    label: str
    value: str
    current: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A typed change that would fix a cause. Shown as text and command; nothing here applies it.

    `target` is the object it is about (`kind/name`), `patch` the change of that object, `command` the kubectl
    equivalent, `role` who may approve it. `steps` is everything it does, in order; without any it is advice.
    """

    id: str
    kind: str
    title: str
    target: str
    role: str
    command: str
    patch: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    steps: tuple[Step, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    risk: Risk = Risk.MEDIUM
