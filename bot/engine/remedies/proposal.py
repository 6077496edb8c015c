"""What a remedy would do, before it gets its words: steps and the values a person may edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.kubernetes import Workload
from bot.domain.remedies import Parameter, Step, StepKind


@dataclass(frozen=True, slots=True)
class Proposal:
    """`note` says what the facts add to the playbook's own note. The first step is about the remedy's target."""

    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...] = ()
    note: str = ""


def patching(target: str, patch: Mapping[str, Any]) -> Step:
    """A step that merges a patch into an object."""
    return Step(StepKind.PATCH, target, patch)


def restarting(workload: Workload) -> Step:
    """A step that restarts a workload's pods."""
    return Step(StepKind.RESTART, workload.target)


def container_patch(name: str, change: Mapping[str, Any], *, init: bool = False) -> dict[str, Any]:
    """The patch of a workload that changes one container of its pod template."""
    group = "initContainers" if init else "containers"
    return {"spec": {"template": {"spec": {group: [{"name": name, **change}]}}}}
