"""Pods at which no scheduler looks: they are held back by gates, or there is no scheduler of that name. Pure."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import clock_time, shortened

GATED = "SchedulingGated"
_PATIENCE = timedelta(minutes=2)
"""Who sets a gate to do something first has done it by then, mostly."""
_LOOKED_AT = timedelta(seconds=60)
"""A scheduler that runs has tried every pod by then, also in a large cluster."""
_DEFAULT = "default-scheduler"
_QUEUES = ("kueue.x-k8s.io", "volcano.sh", "yunikorn.apache.org", "koordinator.sh", "armadaproject.io", "grove.io")
"""Domains of queues and gang schedulers: their gates hold a pod back on purpose, for as long as it takes."""


def gates_of(pod: Pod) -> tuple[str, ...]:
    """The names of its scheduling gates."""
    return tuple(gate.name for gate in pod.spec.scheduling_gates if gate.name)


def is_gated(pod: Pod) -> bool:
    """Whether a gate holds it back, also where the view does not have the gate's name."""
    condition = pod.condition("PodScheduled")
    said = condition is not None and condition.status == "False" and condition.reason == GATED
    return not pod.spec.node_name and (said or bool(gates_of(pod)))


def is_queued(pod: Pod) -> bool:
    """Whether one of its gates is a queue's."""
    domains = [name.partition("/")[0] for name in gates_of(pod)]
    return any(domain == queue or domain.endswith(f".{queue}") for domain in domains for queue in _QUEUES)


def is_unseen(pod: Pod) -> bool:
    """Whether no scheduler has said anything about it: neither that it has a node, nor that it finds none."""
    waits = pod.status.phase in ("Pending", "") and pod.metadata.deletion_timestamp is None
    return waits and not pod.spec.node_name and pod.condition("PodScheduled") is None and not is_gated(pod)


def unscheduled_facts(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """Which of its pods no scheduler looks at, and why; empty where there is none, or it is too early to tell."""
    return _facts_of(binding, component, component.pods)


def unscheduled_message(binding: Binding, component: BoundComponent, pods: tuple[Pod, ...]) -> str:
    """The same about these pods of it, as a sentence; empty if there is nothing to tell."""
    return str(_facts_of(binding, component, pods).get("placement.text", ""))


def _facts_of(binding: Binding, component: BoundComponent, pods: tuple[Pod, ...]) -> dict[str, FactValue | Gap]:
    of_a_run = component.workload is not None and component.workload.kind in ("Job", "CronJob")
    for pod in pods:
        made, gates = pod.metadata.creation_timestamp, ", ".join(gates_of(pod))
        if is_gated(pod) and gates and not is_queued(pod) and binding.lasts(made, _PATIENCE):
            text = _gate_words(component, gates)
            return {"placement.gated": True, "placement.of_a_run": of_a_run, "placement.text": text}
        if is_unseen(pod) and binding.lasts(made, _LOOKED_AT):
            text = _scheduler_words(binding, pod)
            return {"placement.unwatched": True, "placement.text": text, "placement.shared": text}
    return {}


def _gate_words(component: BoundComponent, gates: str) -> str:
    template = component.workload.spec.template.spec.scheduling_gates if component.workload else ()
    noun = "scheduling gates" if ", " in gates else "the scheduling gate"
    whose = "its own pod template sets it" if template else "it was set on the pods, not in their template"
    return (
        f"{noun} {gates} holds its pods back ({whose})" if ", " not in gates else f"{noun} {gates} hold its pods back"
    )


def _scheduler_words(binding: Binding, pod: Pod) -> str:
    name = pod.spec.scheduler_name or _DEFAULT
    if name == _DEFAULT:
        return "no scheduler has looked at its pods: the cluster's own (kube-scheduler) does not run, or is far behind"
    placed = any(item.spec.scheduler_name == name and item.spec.node_name for item in binding.view.pods)
    why = "which does not run now, or is far behind" if placed else "and none of that name has placed any pod here"
    return f"its pods ask for the scheduler {name} (schedulerName), {why}"


def waiting_words(pod: Pod) -> str:
    """What a pod waits for that is not ready yet, and that no cause carries; empty if it is something else."""
    name, made = f"pod {pod.metadata.name}", pod.metadata.creation_timestamp
    since = f" (made at {clock_time(made)})" if made else ""
    condition = pod.condition("PodScheduled")
    if is_gated(pod):
        gates = ", ".join(gates_of(pod))
        behind = f" ({gates})" if gates else ""
        held = "waits for its turn in a queue" if is_queued(pod) else "is held back"
        return f"{name}{since} {held}, by a scheduling gate{behind}"
    if is_unseen(pod):
        return f"no scheduler has looked at {name}{since} yet"
    if condition is not None and condition.status == "False":
        said = f": {shortened(condition.message)}" if condition.message else ""
        return f"{name}{since} has no node yet{said}"
    return _placed_words(pod, f"{name}{since}")


def _placed_words(pod: Pod, named: str) -> str:
    at_work = next((item.name for item in pod.status.init_container_statuses if item.state.running), "")
    if at_work and not any(item.name == at_work for item in pod.spec.sidecars):
        return f"{named} is at its init container {at_work}"
    waiting = {item.state.waiting.reason for item in pod.status.container_statuses if item.state.waiting}
    if not pod.status.container_statuses and pod.status.phase == "Pending":
        return f"the node of {named} has not begun with it"
    if waiting & {"ContainerCreating", "PodInitializing"}:
        return f"containers of {named} are still to be made"
    begun = [item for item in pod.status.container_statuses if item.state.running]
    if begun and not any(item.restart_count for item in begun):
        return f"{named} runs and is not ready yet"
    return ""
