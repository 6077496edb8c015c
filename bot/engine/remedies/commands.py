"""The kubectl command that does what a remedy's steps do, for people who would rather type it themselves."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable

from bot.domain.remedies import Step, StepKind


def command_of(steps: Iterable[Step], kubectl: Callable[[str], str]) -> str:
    """All steps as one shell line. `kubectl` puts the program, context and namespace before arguments."""
    return " && ".join(_command(step, kubectl) for step in steps)


def _command(step: Step, kubectl: Callable[[str], str]) -> str:
    if step.kind is StepKind.CREATE:
        return f"echo {varying_words(step)} | {kubectl('create -f -')}"
    return kubectl(varying_words(step))


def varying_words(step: Step) -> str:
    """The part of a step's command that says what is done: it changes with the step's values and with nothing else."""
    match step.kind:
        case StepKind.RESTART:
            return f"rollout restart {step.target}"
        case StepKind.ROLL_BACK:
            return f"rollout undo {step.target}"
        case StepKind.CREATE:
            return shlex.quote(_compact(step))
        case StepKind.DELETE:
            return f"delete {step.target}"
        case StepKind.PATCH:
            replicas = _only_replicas(step)
            if replicas is not None:
                return f"scale {step.target} --replicas={replicas}"
            return f"patch {step.target} --patch {shlex.quote(_compact(step))}"


def _compact(step: Step) -> str:
    return json.dumps(step.patch, separators=(",", ":"), ensure_ascii=False)


def _only_replicas(step: Step) -> int | None:
    """The number of replicas, where the patch says nothing else."""
    spec = step.patch.get("spec")
    if set(step.patch) != {"spec"} or not isinstance(spec, dict) or set(spec) != {"replicas"}:
        return None
    return int(spec["replicas"])
