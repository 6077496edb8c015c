"""Check on a rollout: is a new revision stuck while the old one serves, and why?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Event, Pod, Workload
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import is_unread
from bot.engine.binding.revisions import changed_parts, newest_revision
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import (
    ending_words,
    is_unstable,
    plural,
    pod_events,
    runs,
    shortened,
)
from bot.engine.checks.logs import last_words
from bot.engine.checks.startup.creation import creation_message
from bot.engine.checks.startup.unplaced import UNHURRIED, has_just_been_made, may_start, unschedulable_message
from bot.engine.checks.startup.unscheduled import unscheduled_message
from bot.engine.checks.startup.waiting import config_message, image_message
from bot.playbook.catalogue import ScopeKind


def check_rollout(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is a new revision stuck while the old one serves?"""
    workload = component.workload
    command = f"rollout status {workload.target} --watch=false" if workload else "get deployments,statefulsets"
    question = CheckBuilder(kind, component.name, "rollout", binding.kubectl(command))
    gap = binding.gap("pods") or component.gap
    if gap is not None or workload is None:
        return question.open(gap or Gap(GapReason.ABSENT, f"rollout of {component.named}", "it has no workload"))
    newest = newest_revision(component)
    changed: FactValue | Gap = binding.gap("replicasets") or changed_parts(component)
    if newest is None and not component.new_pods and not _is_rolled_out(workload):
        unread = binding.gap("replicasets")
        if unread is not None and workload.kind == "Deployment":
            return question.open(unread)
    if not _is_behind(component, newest):
        facts: dict[str, FactValue | Gap] = {"rollout.stuck": False, "rollout.reason": "", "rollout.changed": changed}
        return question.answered(True, "No rollout is stuck.", facts)
    reason = _stuck_reason(binding, component, newest)
    progressing = workload.condition("Progressing")
    late = progressing is not None and progressing.reason == "ProgressDeadlineExceeded"
    stuck = bool(reason) or late
    reason = reason or ("the new revision does not become ready in time" if late else "")
    facts = {"rollout.stuck": stuck, "rollout.reason": reason, "rollout.changed": changed}
    words = f"The new revision is stuck: {reason}." if stuck else "A rollout is under way."
    return question.answered(not stuck, f"{words} {plural(len(component.pods), 'old pod')} still there.", facts)


def _is_rolled_out(workload: Workload) -> bool:
    """Whether its controller says that every pod is of the revision it wants now."""
    status = workload.status
    seen = not is_unread(workload) and status.observed_generation >= workload.metadata.generation
    return seen and status.updated_replicas >= workload.spec.replicas


def _is_behind(component: BoundComponent, newest: Workload | None) -> bool:
    """Whether old pods serve, and none of the newest revision does."""
    if newest is None:
        return bool(component.new_pods)
    old_serve = newest.spec.replicas > 0 and any(pod.ready for pod in component.pods)
    return old_serve and not any(_is_of(pod, newest) and pod.ready for pod in component.pods)


def _is_of(pod: Pod, replica_set: Workload) -> bool:
    controller = pod.metadata.controller
    return controller is not None and controller.uid == replica_set.metadata.uid


def _stuck_reason(binding: Binding, component: BoundComponent, newest: Workload | None) -> str:
    pods = component.new_pods
    if not pods:
        message = creation_message(binding, tuple(item for item in (newest, component.workload) if item))
        return "" if isinstance(message, Gap) else message
    pods = tuple(pod for pod in pods if not has_just_been_made(binding, pod, UNHURRIED))
    config = config_message(binding, pods)
    config = config if isinstance(config, str) else ""
    unseen = unscheduled_message(binding, component, pods)
    for text in (image_message(pods), config, unschedulable_message(binding, pods), unseen):
        if text:
            return text
    for run in runs(pods):
        if is_unstable(run, binding.clocks):
            words = last_words(binding, run.pod, run.status.name)
            said = f"; its last words: {words}" if words else ""
            return f"container {run.status.name} keeps ending, {ending_words(run.last_end)}{said}"
    overdue = tuple(pod for pod in pods if not may_start(binding, pod))
    failing: list[Event] = pod_events(binding, overdue, "Unhealthy")
    return shortened(failing[0].message) if failing and not any(pod.ready for pod in pods) else ""
