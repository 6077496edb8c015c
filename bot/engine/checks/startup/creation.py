"""Check on the creation of pods: does the API server refuse them, by a quota or an admission rule?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Workload
from bot.domain.kubernetes.kinds import list_of
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import desired_replicas, is_judged_by_its_pods
from bot.engine.binding.revisions import newest_revision
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import (
    newest_first,
    shortened,
)
from bot.engine.checks.probes import RECENT_SECONDS
from bot.playbook.catalogue import ScopeKind


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
        return question.open(gap or Gap(GapReason.ABSENT, f"pods of {component.named}", "it has no workload"))
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
