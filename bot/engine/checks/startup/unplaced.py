"""Pods that have no node, or have not begun: what the scheduler says, and whether it is too early to judge. Pure."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding
from bot.engine.checks.containers import pod_events, shortened
from bot.engine.checks.startup.unscheduled import is_gated, is_unseen, waiting_words


def unschedulable_message(binding: Binding, pods: tuple[Pod, ...]) -> str:
    """The scheduler's reason for the first pod it cannot place; empty if there is none."""
    for pod in pods:
        if is_unplaced(pod) and not has_just_been_made(binding, pod, _patience(pod)) and not held_back(binding, pod):
            condition = pod.condition("PodScheduled")
            return shortened(condition.message or condition.reason) if condition else ""
    return ""


def is_unplaced(pod: Pod) -> bool:
    """Whether the scheduler has found no node for it, or has not looked for one."""
    condition = pod.condition("PodScheduled")
    refused = condition is not None and condition.status == "False" and pod.status.phase in ("Pending", "")
    return refused or is_gated(pod) or is_unseen(pod)


def held_back(binding: Binding, pod: Pod) -> str:
    """Why a pod waits that no scheduler has refused, or for which a node is being made; empty if for neither."""
    if is_gated(pod) or is_unseen(pod):
        return waiting_words(pod)
    told = pod_events(binding, (pod,), "TriggeredScaleUp", "NotTriggerScaleUp")
    if told and told[0].reason == "TriggeredScaleUp" and binding.within(told[0].last_seen, _NODE_IS_MADE):
        return f"a node is being made for pod {pod.metadata.name}: {shortened(told[0].message)}"
    return ""


UNHURRIED = timedelta(seconds=30)
"""So long a pod may take while nobody misses it."""
_NODE_IS_MADE = 600.0
"""Seconds in which a cluster's autoscaler has a node ready, mostly."""


def has_just_been_made(binding: Binding, pod: Pod, patience: timedelta = timedelta(seconds=15)) -> bool:
    """Whether the scheduler, the kubelet and who adds nodes have hardly had time to look at it."""
    made = pod.metadata.creation_timestamp
    return made is not None and not binding.lasts(made, patience)


def _patience(pod: Pod) -> timedelta:
    """Nobody calls what a Job runs: it may wait a little."""
    owner = pod.metadata.controller
    return UNHURRIED if owner is not None and owner.kind == "Job" else timedelta(seconds=15)


def may_start(binding: Binding, pod: Pod) -> bool:
    """Whether a pod that was never ended is within the time that its startup probe grants it."""
    starts = {
        item.name: item.state.running.started_at
        for item in pod.status.container_statuses
        if item.state.running and not item.started and not item.restart_count
    }
    for container in pod.spec.containers:
        probe, begun = container.startup_probe, starts.get(container.name)
        if probe is None or begun is None:
            continue
        granted = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        if not binding.lasts(begun, timedelta(seconds=granted), pod.metadata.name):
            return True
    return False
