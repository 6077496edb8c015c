"""Which remedies a cause gets: those of its playbook that the facts allow, with steps, values and words.

Pure. A remedy whose values cannot be worked out, or that would change nothing, is not offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Workload
from bot.domain.kubernetes.kinds import restartable
from bot.domain.remedies import Remedy, Risk, Step, StepKind
from bot.engine.binding import Binding
from bot.engine.binding.holding import holders_of
from bot.engine.discovery.routes import route_of
from bot.engine.judge.conditions import judge
from bot.engine.judge.verdicts import fill
from bot.engine.remedies.commands import command_of
from bot.engine.remedies.parameters import with_values
from bot.engine.remedies.proposal import Proposal
from bot.engine.remedies.registry import REGISTRY
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.schema import CauseSpec, RemedySpec

Facts = Mapping[str, FactValue | Gap]


def remedies_of(cause: CauseSpec, facts: Facts, binding: Binding) -> tuple[Remedy, ...]:
    """The remedies of a cause that the facts allow, in the playbook's order."""
    allowed = (spec for spec in cause.remedies if spec.when is None or judge(spec.when, facts).truth is True)
    found = (
        _advice(spec, facts, binding) if spec.kind == "advice" else _change(spec, facts, binding) for spec in allowed
    )
    return tuple(remedy for remedy in found if remedy is not None)


def _advice(spec: RemedySpec, facts: Facts, binding: Binding) -> Remedy:
    return Remedy(
        id=spec.id,
        kind=spec.kind,
        title=fill(spec.title, facts),
        target="",
        role=spec.role,
        command=_about_the_namespace(fill(spec.command, facts), binding),
        note=fill(spec.note, facts),
        risk=_risk(spec),
    )


def _change(spec: RemedySpec, facts: Facts, binding: Binding) -> Remedy | None:
    proposal = _proposal(spec, facts, binding)
    if proposal is None:
        return None
    first = proposal.steps[0]
    return Remedy(
        id=spec.id,
        kind=spec.kind,
        title=fill(with_values(spec.title, proposal.parameters), facts),
        target=first.target,
        role=spec.role,
        command=command_of(proposal.steps, binding.kubectl),
        patch=_patch_of(first),
        note=" ".join(
            text
            for text in (
                fill(spec.note, facts),
                proposal.note,
                _kept_by(first.target, binding),
                _waits(proposal.steps, binding),
            )
            if text
        ),
        steps=proposal.steps,
        parameters=proposal.parameters,
        risk=_risk(spec),
    )


def _kept_by(target: str, binding: Binding) -> str:
    """Who restores what is declared, so that a change that is not made there too will not last."""
    changed = _workload(target, binding)
    names = [holder.name for holder in holders_of(changed, binding.view) if not holder.replicas]
    return f"{names[0]} keeps it as it is declared: change it there as well, else this is undone." if names else ""


def _workload(target: str, binding: Binding) -> Workload | None:
    workloads = (item.workload for item in binding.components.values() if item.workload)
    return next((item for item in workloads if item.target == target), None)


def _waits(steps: Sequence[Step], binding: Binding) -> str:
    """What a change of a pod template waits for, where its controller does not carry it out by itself."""
    for step in steps:
        changed = _workload(step.target, binding)
        if changed is None or not (step.kind is not StepKind.PATCH or "template" in step.patch.get("spec", {})):
            continue
        if changed.spec.paused:
            return f"{changed.target} is paused: no pod changes before its rollout is resumed."
        if changed.spec.update_strategy.type == "OnDelete":
            return f"{changed.target} is updated on delete: a pod changes when somebody deletes it."
    return ""


def _proposal(spec: RemedySpec, facts: Facts, binding: Binding) -> Proposal | None:
    component = binding.components.get(spec.acts_on or "")
    route = binding.routes.get(spec.acts_on or "") or route_of(binding, spec.acts_on or "")
    if component is not None and component.workload is not None and not restartable(component.workload.kind):
        return None  # a Job, a pod or an owner that we do not know is not changed
    way = REGISTRY[spec.kind]
    if component is not None and way.for_component is not None:
        return way.for_component(component, binding, facts)
    if route is not None and way.for_route is not None:
        return way.for_route(route, binding)
    return None


def _risk(spec: RemedySpec) -> Risk:
    return Risk(spec.risk) if spec.risk is not None else REMEDY_KINDS[spec.kind].risk


def _patch_of(step: Step) -> Mapping[str, object]:
    return step.patch if step.kind in (StepKind.PATCH, StepKind.CREATE) else {}


def _about_the_namespace(command: str, binding: Binding) -> str:
    """A playbook's command is about the namespace; one that begins with `kubectl` is about the cluster."""
    if not command:
        return ""
    if command.startswith("kubectl "):
        return binding.kubectl_anywhere(command.removeprefix("kubectl "))
    return binding.kubectl(command)
