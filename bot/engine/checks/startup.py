"""Checks on why a pod does not come to run: scheduling, image, configuration, creation, node, rollout."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Event, Pod, Workload
from bot.domain.kubernetes.kinds import list_of
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import desired_replicas, is_judged_by_its_pods, is_unread
from bot.engine.binding.revisions import changed_parts, newest_revision
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import (
    CONFIG_REASONS,
    IMAGE_REASONS,
    ending_words,
    is_unstable,
    newest_first,
    plural,
    pod_events,
    runs,
    shortened,
)
from bot.engine.checks.logs import last_words
from bot.engine.checks.probes import RECENT_SECONDS
from bot.playbook.catalogue import ScopeKind

MISSING_OBJECT = re.compile(
    r"""(configmap|secret)s? ".+" not found|couldn't find key|references non-existent (config|secret) key"""
)


def _describe(binding: Binding, component: BoundComponent) -> str:
    selector = f" -l {component.selector}" if component.selector else ""
    return binding.kubectl(f"describe pods{selector}")


def unschedulable_message(pods: tuple[Pod, ...]) -> str:
    """The scheduler's reason for the first pod it cannot place; empty if there is none."""
    for pod in pods:
        condition = pod.condition("PodScheduled")
        if condition is not None and condition.status == "False" and pod.status.phase in ("Pending", ""):
            return shortened(condition.message or condition.reason)
    return ""


def check_scheduling(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Can its pods be placed on a node?"""
    question = CheckBuilder(kind, component.name, "scheduling", _describe(binding, component))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    message = unschedulable_message(tuple(pod for pod in component.pods if not _has_just_been_made(binding, pod)))
    if "PersistentVolumeClaim" in message:
        message += _pending_claims(binding)
    facts: dict[str, FactValue | Gap] = {"scheduling.failing": bool(message), "scheduling.message": message}
    return question.answered(not message, message or "All pods have a node.", facts)


def _has_just_been_made(binding: Binding, pod: Pod) -> bool:
    """Whether the scheduler, and who adds nodes, have hardly had time to look at it."""
    made = pod.metadata.creation_timestamp
    return made is not None and not binding.lasts(made, timedelta(seconds=15))


def _pending_claims(binding: Binding) -> str:
    """Names of the claims that no volume is bound to: the scheduler does not say which it waits for."""
    claims = binding.view.persistentvolumeclaims
    pending = [item.metadata.name for item in claims if item.status.phase not in ("Bound", "")]
    return f" (not bound: {', '.join(pending)})" if pending else ""


def image_message(pods: tuple[Pod, ...]) -> str:
    """Why an image cannot be pulled; empty if all can."""
    for run in runs(pods):
        if run.waiting in IMAGE_REASONS:
            image = run.status.image
            return shortened(f"{run.waiting}: {image or 'image'}: {run.waiting_message}")
    return ""


def check_image(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Can its images be pulled?"""
    question = CheckBuilder(kind, component.name, "image", _describe(binding, component))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    message = image_message(component.pods)
    facts: dict[str, FactValue | Gap] = {"image.pull_failing": bool(message), "image.message": message}
    return question.answered(not message, message or "No image pull fails.", facts)


def config_message(binding: Binding, pods: tuple[Pod, ...]) -> str | Gap:
    """Which ConfigMap, Secret or key is missing; empty if none; a gap if only events could tell and they are unread."""
    for run in runs(pods):
        if run.waiting in CONFIG_REASONS and MISSING_OBJECT.search(run.waiting_message):
            return shortened(run.waiting_message)
    creating = tuple(
        pod for pod in pods if any(run.waiting in ("ContainerCreating", "PodInitializing") for run in runs((pod,)))
    )
    for event in pod_events(binding, creating, "FailedMount"):
        if MISSING_OBJECT.search(event.message) and binding.within(event.last_seen, RECENT_SECONDS):
            return shortened(event.message)
    gap = binding.gap("events")
    return gap if creating and gap is not None else ""


def check_config(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is a ConfigMap, Secret or key missing that its pods need?"""
    question = CheckBuilder(kind, component.name, "config", _describe(binding, component))
    gap = binding.gap("pods")
    message = gap or config_message(binding, component.pods)
    if isinstance(message, Gap):
        return question.open(message)
    facts: dict[str, FactValue | Gap] = {"config.missing": bool(message), "config.message": message}
    return question.answered(not message, message or "No ConfigMap or Secret is missing.", facts)


def creation_message(binding: Binding, owners: tuple[Workload, ...]) -> str | Gap:
    """Why the API server refuses to create pods for these controllers; empty if it does not."""
    for owner in owners:
        condition = owner.condition("ReplicaFailure")
        if condition is not None and condition.status == "True":
            return shortened(condition.message or condition.reason, 400)
    uids = {owner.metadata.uid for owner in owners}
    events = [
        event
        for event in binding.view.events
        if event.reason == "FailedCreate"
        and event.involved_object.uid in uids
        and binding.within(event.last_seen, RECENT_SECONDS)
    ]
    return shortened(newest_first(events)[0].message, 400) if events else ""


def check_creation(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Can pods be created at all (quota, admission)?"""
    workload = component.workload
    question = CheckBuilder(kind, component.name, "creation", binding.kubectl("describe replicasets,quota"))
    gap = binding.gap("pods") or component.gap
    if gap is not None or workload is None:
        return question.open(gap or Gap(GapReason.ABSENT, f"pods of the {component.spec.label}", "it has no workload"))
    desired = desired_replicas(workload)
    if desired is None and is_judged_by_its_pods(workload) and component.pods:
        desired = len(component.pods)
    if desired is None:
        return question.open(_unread(binding, workload))
    newest = newest_revision(component)
    owners = (workload, newest) if newest else (workload,)
    missing = len(component.pods) < desired
    replaced = component.pods and newest is not None and not _has_pods_of(component, newest)
    message = creation_message(binding, owners) if missing and not replaced else ""
    if isinstance(message, Gap):
        return question.open(message)
    if missing and not message and not component.pods and binding.gap("events") and binding.gap("replicasets"):
        return question.open(binding.gap("events") or Gap(GapReason.NOT_READ, "events"))
    facts: dict[str, FactValue | Gap] = {
        "creation.failing": bool(message),
        "creation.quota_exceeded": "exceeded quota" in message,
        "creation.message": message + _quota_words(binding, message),
    }
    return question.answered(not message, message or "The API server accepts its pods.", facts)


def _unread(binding: Binding, workload: Workload) -> Gap:
    """Why a workload was only inferred from what it owns."""
    return binding.gap(list_of(workload.kind)) or Gap(GapReason.ABSENT, f"the controller of {workload.metadata.name}")


def _quota_words(binding: Binding, message: str) -> str:
    for quota in binding.view.resourcequotas:
        if f"exceeded quota: {quota.metadata.name}" in message:
            hard = ", ".join(
                f"{key} {quota.status.used.get(key, '?')} of {value}" for key, value in quota.status.hard.items()
            )
            return f" (quota {quota.metadata.name}: {hard})"
    return ""


def _has_pods_of(component: BoundComponent, replica_set: Workload) -> bool:
    return any(
        pod.metadata.controller is not None and pod.metadata.controller.uid == replica_set.metadata.uid
        for pod in component.all_pods
    )


def check_node(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Do its pods sit on a node that no longer reports?"""
    question = CheckBuilder(kind, component.name, "node", binding.kubectl_anywhere("get nodes"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    lost = lost_nodes(binding, component)
    silent = [pod for pod in component.all_pods if not pod.ready and _ready_by_its_containers(pod)]
    if not lost and silent and "nodes" in binding.view.gaps:
        return question.open(binding.view.gaps["nodes"])
    unheard = {pod.spec.node_name for pod in component.all_pods if pod.ready} & _silent_nodes(binding)
    if not lost and unheard:
        what = f"the pods of the {component.spec.label}"
        return question.open(Gap(GapReason.ABSENT, what, f"node {', '.join(sorted(unheard))} has stopped reporting"))
    names = ", ".join(sorted(lost))
    called = {route.spec.to for route in binding.routes.values()} - {component.name}
    above = [] if _is_called(binding, component) else [binding.components[name] for name in sorted(called)]
    shared = any(lost & lost_nodes(binding, other) for other in above)
    facts: dict[str, FactValue | Gap] = {"node.lost": bool(lost), "node.names": names, "node.shared": shared}
    return question.answered(not lost, f"Node {names} does not report." if lost else "Its nodes report.", facts)


def _silent_nodes(binding: Binding) -> set[str]:
    """Nodes whose kubelet no longer reports: what is known of their pods is of the time before."""
    return {node.metadata.name for node in binding.view.nodes if not node.ready}


def _is_called(binding: Binding, component: BoundComponent) -> bool:
    return any(route.spec.to == component.name for route in binding.routes.values())


def lost_nodes(binding: Binding, component: BoundComponent) -> set[str]:
    """Nodes under pods of the component that are not ready and whose kubelet no longer reports."""
    suspects = [pod for pod in (*component.all_pods, *component.leaving) if not pod.ready and pod.spec.node_name]
    if not suspects:
        return set()
    unready = {node.metadata.name for node in binding.view.nodes if not node.ready}
    lost = {pod.spec.node_name for pod in suspects if pod.spec.node_name in unready or _is_unheard_of(pod)}
    if "nodes" not in binding.view.gaps:
        known = {node.metadata.name for node in binding.view.nodes}
        gone = {pod.spec.node_name for pod in suspects if known and pod.spec.node_name not in known}
        return lost | gone
    reported = {
        event.involved_object.uid
        for event in pod_events(binding, tuple(suspects), "NodeNotReady", "NodeControllerEviction")
    }
    return lost | {pod.spec.node_name for pod in suspects if pod.metadata.uid in reported}


def _is_unheard_of(pod: Pod) -> bool:
    """Whether the node controller has given the pod up: nobody knows how it is."""
    return pod.status.reason == "NodeLost" or pod.status.phase == "Unknown"


def _ready_by_its_containers(pod: Pod) -> bool:
    statuses = pod.status.container_statuses
    return bool(statuses) and all(status.ready for status in statuses)


def check_rollout(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is a new revision stuck while the old one serves?"""
    workload = component.workload
    command = f"rollout status {workload.target} --watch=false" if workload else "get deployments,statefulsets"
    question = CheckBuilder(kind, component.name, "rollout", binding.kubectl(command))
    gap = binding.gap("pods") or component.gap
    if gap is not None or workload is None:
        return question.open(
            gap or Gap(GapReason.ABSENT, f"rollout of the {component.spec.label}", "it has no workload")
        )
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
    config = config_message(binding, pods)
    for text in (image_message(pods), config if isinstance(config, str) else "", unschedulable_message(pods)):
        if text:
            return text
    for run in runs(pods):
        if is_unstable(run, binding.clocks):
            words = last_words(binding, run.pod, run.status.name)
            said = f"; its last words: {words}" if words else ""
            return f"container {run.status.name} keeps ending, {ending_words(run.last_end)}{said}"
    failing: list[Event] = pod_events(binding, pods, "Unhealthy")
    return shortened(failing[0].message) if failing and not any(pod.ready for pod in pods) else ""
