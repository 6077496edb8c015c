"""Remedies of one workload: restart, scale, resources, roll-back. Each returns None where the facts rule it out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from bot.domain.kubernetes import Container, Workload
from bot.domain.remedies import Parameter, Step, StepKind
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import is_unread
from bot.engine.binding.revisions import changed_parts, newest_revision, previous_revision
from bot.engine.checks.containers import ContainerRun, is_unstable, newest_first, runs, unstable_runs
from bot.engine.checks.culprits import is_main, memory_limit
from bot.engine.checks.sized import memory_autoscaler
from bot.engine.judge.timing import failing_since
from bot.engine.remedies.proposal import Proposal, container_patch, patching, restarting
from bot.engine.values.quantities import cpu_thousandths, doubled_cpu, doubled_memory, memory_bytes

_BROKE_WITHIN = timedelta(hours=1)
_CLOCKS_DISAGREE_BY = timedelta(minutes=1)
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_EMPTIED = re.compile(r"^Scaled down replica set (\S+) to 0 from (\d+)")
_FILLED = re.compile(r"^Scaled up replica set (\S+) (?:from \d+ )?to (\d+)")


def restart(component: BoundComponent, _binding: Binding) -> Proposal | None:
    """Start its pods anew; of no use where it is to have none."""
    workload = component.workload
    if workload is None or workload.spec.replicas == 0:
        return None
    return Proposal((restarting(workload),))


def scale_up(component: BoundComponent, binding: Binding) -> Proposal | None:
    """Back to as many replicas as it had, as far as that is recorded; else one."""
    workload = component.workload
    if workload is None or workload.spec.replicas != 0:
        return None
    replicas = _earlier_replicas(component, binding)
    step = patching(workload.target, {"spec": {"replicas": replicas}})
    return Proposal((step,), (Parameter("replicas", "Replicas", str(replicas), "0"),))


def _earlier_replicas(component: BoundComponent, binding: Binding) -> int:
    """How many it had before it was scaled to zero: the controller's events and the newest ReplicaSet tell."""
    newest = newest_revision(component)
    if newest is None:
        return 1
    about = [event for event in binding.view.events if event.reason == "ScalingReplicaSet"]
    for pattern in (_EMPTIED, _FILLED):
        for event in newest_first(about):
            match = pattern.match(event.message)
            if match is not None and match[1] == newest.metadata.name and int(match[2]) > 0:
                return int(match[2])
    desired = newest.metadata.annotations.get(_DESIRED, "")
    return int(desired) if desired.isdecimal() and int(desired) > 0 else 1


def raise_memory(component: BoundComponent, binding: Binding) -> Proposal | None:
    """Twice the limit of the container that is killed; its request as well where that equals the limit."""
    workload = component.workload
    killed = [run for run in unstable_runs(binding, component) if run.out_of_memory]
    killed.sort(key=lambda run: not is_main(component, run))
    found = _container_of(component, killed[0].status.name) if killed else _main(component)
    if workload is None or found is None:
        return None
    container, init = found
    limit = container.resources.limits.get("memory", "")
    raised = doubled_memory(limit)
    if raised is None:
        return None
    request = container.resources.requests.get("memory", limit)
    resources: dict[str, Any] = {"limits": {"memory": raised}}
    autoscaler = memory_autoscaler(component, killed[0]) if killed else ""
    in_step = memory_bytes(request) == memory_bytes(limit)
    if autoscaler and (in_step or (memory_bytes(raised) or 0) <= (memory_bytes(memory_limit(killed[0])) or 0)):
        return None  # it keeps the proportion of limit to request, and has set more than this already
    if in_step:
        resources["requests"] = {"memory": raised}
    patch = container_patch(container.name, {"resources": resources}, init=init)
    return Proposal(
        (patching(workload.target, patch),),
        (Parameter("memory_limit", f"Memory limit of {container.name}", raised, limit),),
        " ".join(text for text in (_memory_note(component, killed, container.name, limit), _over(autoscaler)) if text),
    )


def _over(autoscaler: str) -> str:
    """What becomes of it where a VerticalPodAutoscaler sets the limit in every new pod."""
    if not autoscaler:
        return ""
    return (
        f"The VerticalPodAutoscaler {autoscaler} sets requests and limits in every new pod, whatever stands here; of "
        "this only the proportion of limit to request lasts: raise its maxAllowed instead."
    )


def _memory_note(component: BoundComponent, killed: list[ContainerRun], name: str, limit: str) -> str:
    """What is known about how much it needs: limits at which it was killed, and a higher one it had before."""
    limits = {
        item.resources.limits.get("memory", "")
        for run in killed
        for item in (*run.pod.spec.containers, *run.pod.spec.init_containers)
        if item.name == run.status.name == name
    }
    by_size = sorted(limits - {""}, key=lambda quantity: memory_bytes(quantity) or 0)
    words = f"It was killed with limits of {' and '.join(by_size)}." if len(by_size) > 1 else ""
    previous = previous_revision(component)
    earlier = next((item for item in _containers(previous) if item.name == name), None)
    had = earlier.resources.limits.get("memory", "") if earlier else ""
    if (memory_bytes(had) or 0) > (memory_bytes(limit) or 0):
        words += f" The revision before had {had}."
    return words.strip()


def raise_cpu(component: BoundComponent, _binding: Binding) -> Proposal | None:
    """Twice the main container's CPU limit; without a limit there is none to raise."""
    workload, container = component.workload, component.container
    limit = container.resources.limits.get("cpu", "") if container else ""
    raised = doubled_cpu(limit)
    if workload is None or container is None or raised is None:
        return None
    resources: dict[str, Any] = {"limits": {"cpu": raised}}
    if cpu_thousandths(container.resources.requests.get("cpu", limit)) == cpu_thousandths(limit):
        resources["requests"] = {"cpu": raised}
    patch = container_patch(container.name, {"resources": resources})
    parameter = Parameter("cpu_limit", f"CPU limit of {container.name}", raised, limit)
    return Proposal((patching(workload.target, patch),), (parameter,))


def roll_back(component: BoundComponent, binding: Binding) -> Proposal | None:
    """To the revision before, if the newest one changed something and the trouble began with it."""
    workload, previous = component.workload, previous_revision(component)
    if workload is None or previous is None or is_unread(workload):
        return None
    parts = changed_parts(component)
    if not parts or not _began_with_newest(component, previous, binding) or _fails_itself(previous, component, binding):
        return None
    return Proposal((Step(StepKind.ROLL_BACK, workload.target),), note=_difference(component, previous, parts))


def _began_with_newest(component: BoundComponent, previous: Workload, binding: Binding) -> bool:
    """Whether the trouble began soon after the newest revision; where an old one serves, whether that is `previous`."""
    newest = newest_revision(component)
    serving = {owner.uid for pod in component.pods if pod.ready and (owner := pod.metadata.controller)}
    if newest is None or serving - {newest.metadata.uid}:
        return serving == {previous.metadata.uid}
    begun = newest.metadata.creation_timestamp
    since = failing_since(binding, component.name) or binding.now
    return begun is not None and begun - _CLOCKS_DISAGREE_BY <= since <= begun + _BROKE_WITHIN


def _fails_itself(previous: Workload, component: BoundComponent, binding: Binding) -> bool:
    """Whether the revision before has pods of which none serves and one keeps ending: the newest is to mend that."""
    pods = tuple(
        pod
        for pod in component.all_pods
        if (owner := pod.metadata.controller) is not None and owner.uid == previous.metadata.uid
    )
    return not any(pod.ready for pod in pods) and any(is_unstable(run, binding.clocks) for run in runs(pods))


def _difference(component: BoundComponent, previous: Workload, parts: frozenset[str]) -> str:
    """What the newest revision changed, in words."""
    container = component.container
    before = next((item for item in _containers(previous) if container and item.name == container.name), None)
    if "image" in parts and container is not None and before is not None and before.image != container.image:
        return f"The newest revision changed the image from {before.image} to {container.image}."
    known = sorted(parts - {"other"})
    return f"The newest revision changed: {', '.join(known)}." if known else ""


def _containers(workload: Workload | None) -> tuple[Container, ...]:
    if workload is None:
        return ()
    return workload.spec.template.spec.containers + workload.spec.template.spec.init_containers


def _container_of(component: BoundComponent, name: str) -> tuple[Container, bool] | None:
    """The container of this name in the pod template, and whether it is an init container."""
    template = component.template
    if template is None:
        return None
    for init, group in ((False, template.containers), (True, template.init_containers)):
        for container in group:
            if container.name == name:
                return container, init
    return None


def _main(component: BoundComponent) -> tuple[Container, bool] | None:
    return (component.container, False) if component.container else None
