"""Checks on what ends, or does not: finalizers that keep a deletion, evictions, updates that wait for a person."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.revisions import held_back
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import plural, shortened
from bot.playbook.catalogue import ScopeKind

GRACE = timedelta(seconds=60)
_LATELY = timedelta(minutes=30)
_OFTEN = 2
_REVISION = "controller-revision-hash"
ORDINARY = frozenset(
    {"foregroundDeletion", "orphan", "kubernetes.io/pvc-protection", "batch.kubernetes.io/job-tracking"}
)


def check_lifecycle(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is something of it stuck in deletion, evicted, or held back in an update?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "lifecycle", binding.kubectl(f"get {target} -o yaml"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    facts: dict[str, FactValue | Gap] = {
        "ending.stuck": False,
        "ending.text": "",
        "evicted.now": False,
        "evicted.text": "",
        "update.held": False,
        "update.text": "",
        "update.paused": False,
    }
    facts |= _stuck(binding, component) | _evicted(binding, component) | _held(component)
    said = [str(facts[name]) for name in ("ending.text", "evicted.text", "update.text") if facts[name]]
    bad = any(facts[name] is True for name in ("ending.stuck", "evicted.now", "update.held", "update.paused"))
    text = "; ".join(said) or "nothing of it is stuck in deletion or evicted"
    return question.answered(not bad, f"{text[0].upper()}{text[1:]}.", facts)


def _stuck(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """An object that was deleted a while ago and has a finalizer that nobody takes away.

    What is left over of an app's component that serves does not hurt the app; who asks about the workload is told.
    """
    workload = component.workload
    missed = binding.graph is not None or not any(pod.ready for pod in component.pods)
    pods = (*component.leaving, *component.finished) if missed else ()
    things = [(f"pod/{pod.metadata.name}", pod.metadata) for pod in pods]
    things += [(workload.target, workload.metadata)] if workload is not None else []
    for target, meta in things:
        deleted = meta.deletion_timestamp
        names = [name for name in meta.finalizers if name not in ORDINARY]
        if deleted is None or not names or not binding.lasts(deleted, GRACE):
            continue
        text = f"{target} was to be deleted at {deleted:%H:%M:%S} UTC, and finalizer {', '.join(names)} keeps it"
        return {"ending.stuck": True, "ending.text": text}
    return {}


def _evicted(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    found = [pod for pod in component.finished if pod.status.reason == "Evicted" and _lately(binding, pod)]
    if not found:
        return {}
    serving = any(pod.ready for pod in component.pods)
    text = f"{plural(len(found), 'pod')} evicted lately: {shortened(found[-1].status.message)}"
    return {"evicted.now": len(found) >= _OFTEN or not serving, "evicted.text": text}


def _lately(binding: Binding, pod: Pod) -> bool:
    ready = pod.condition("Ready")
    moment = (ready.last_transition_time if ready else None) or pod.status.start_time or pod.metadata.creation_timestamp
    return moment is not None and binding.now - moment <= _LATELY


def _held(component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A StatefulSet or DaemonSet whose pods keep the old revision until somebody deletes them."""
    workload, waiting = component.workload, held_back(component)
    if waiting:
        text = f"its rollout is paused, so a change of its {', '.join(sorted(waiting))} waits"
        return {"update.paused": True, "update.text": text}
    if workload is None or workload.kind not in ("StatefulSet", "DaemonSet"):
        return {}
    strategy, status = workload.spec.update_strategy, workload.status
    partition = str(strategy.rolling_update.partition)
    waits = strategy.type == "OnDelete" or (partition.isdigit() and int(partition) > 0)
    if workload.kind == "StatefulSet":
        wanted = status.update_revision
        old = [pod for pod in component.pods if wanted and pod.metadata.labels.get(_REVISION, wanted) != wanted]
        behind = bool(old) and status.update_revision != status.current_revision
        names = ", ".join(pod.metadata.name for pod in old[:4])
    else:
        behind = status.updated_replicas < workload.spec.replicas
        names = plural(workload.spec.replicas - status.updated_replicas, "pod")
    if not waits or not behind:
        return {}
    how = "OnDelete" if strategy.type == "OnDelete" else f"partition {partition}"
    return {"update.held": True, "update.text": f"{names} keep the old revision: the update strategy is {how}"}
