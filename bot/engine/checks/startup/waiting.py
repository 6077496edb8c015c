"""Checks on what a pod waits for that exists and does not run: a node, an image, its configuration."""

from __future__ import annotations

import re

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import (
    CONFIG_REASONS,
    IMAGE_REASONS,
    pod_events,
    runs,
    shortened,
)
from bot.engine.checks.probes import RECENT_SECONDS
from bot.engine.checks.startup.unplaced import (
    UNHURRIED,
    has_just_been_made,
    held_back,
    is_unplaced,
    unschedulable_message,
)
from bot.engine.checks.startup.unscheduled import is_gated, is_unseen
from bot.playbook.catalogue import ScopeKind

MISSING_OBJECT = re.compile(
    r"""(configmap|secret)s? ".+" not found|couldn't find key|references non-existent (config|secret) key"""
)


def _describe(binding: Binding, component: BoundComponent) -> str:
    selector = f" -l {component.selector}" if component.selector else ""
    return binding.kubectl(f"describe pods{selector}")


def check_scheduling(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Can its pods be placed on a node?"""
    question = CheckBuilder(kind, component.name, "scheduling", _describe(binding, component))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    message = unschedulable_message(binding, component.pods)
    held = next((why for pod in component.pods if is_unplaced(pod) and (why := held_back(binding, pod))), "")
    if held and not message:
        refused: dict[str, FactValue | Gap] = {"scheduling.failing": False, "scheduling.message": ""}
        looked_at = all(not (is_gated(pod) or is_unseen(pod)) for pod in component.pods)
        return question.open(Gap(GapReason.ABSENT, "whether it can be placed", held), None if looked_at else refused)
    if "PersistentVolumeClaim" in message:
        message += _pending_claims(binding)
    facts: dict[str, FactValue | Gap] = {"scheduling.failing": bool(message), "scheduling.message": message}
    return question.answered(not message, message or "All pods have a node.", facts)


def _pending_claims(binding: Binding) -> str:
    """Names of the claims that no volume is bound to: the scheduler does not say which it waits for."""
    claims = binding.view.persistentvolumeclaims
    pending = [item.metadata.name for item in claims if item.status.phase not in ("Bound", "")]
    return f" (not bound: {', '.join(pending)})" if pending else ""


def image_message(pods: tuple[Pod, ...]) -> str:
    """Why an image cannot be pulled; empty if all can."""
    for run in runs(pods):
        if run.waiting in IMAGE_REASONS:
            several = len(run.pod.spec.containers) + len(run.pod.spec.init_containers) > 1
            image = (run.status.image or "image") + (f" of container {run.status.name}" if several else "")
            return shortened(f"{run.waiting}: {image}: {run.waiting_message}")
    return ""


_MAY_PASS = re.compile(
    r"(?i)\b(?:429|50[0-4])\b|too ?many ?requests|time[d ]?-?out|deadline exceeded|temporar|try again|connection re"
    r"|\bEOF\b|TLS handshake|no route to host"
)
"""What a registry or the way to it says for a moment; that there is no such image does not pass."""


def _is_first_try(binding: Binding, pods: tuple[Pod, ...]) -> bool:
    """Whether every pull that fails is of a pod that has just been made, and may succeed at the next try."""
    waiting = [run for run in runs(pods) if run.waiting in IMAGE_REASONS]
    return all(
        _MAY_PASS.search(run.waiting_message) and has_just_been_made(binding, run.pod, UNHURRIED) for run in waiting
    )


def check_image(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Can its images be pulled?"""
    question = CheckBuilder(kind, component.name, "image", _describe(binding, component))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    message = image_message(component.pods)
    if message and _is_first_try(binding, component.pods):
        what = f"whether its image can be pulled: {message}"
        return question.open(Gap(GapReason.ABSENT, what, "the registry did not answer, seconds after the pod was made"))
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
