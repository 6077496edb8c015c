"""The pods of a workload whose pods are meant to end: that none is ready says nothing about its health."""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import plural
from bot.playbook.catalogue import ScopeKind


def check_run_pods(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """How many pods does it have, and how did they end? Whether that is as it should be, `run` says."""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "pods", binding.kubectl(f"get pods{selector}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    done = sum(pod.status.phase == "Succeeded" for pod in component.finished)
    failed = sum(pod.status.phase == "Failed" for pod in component.finished)
    text = f"{plural(len(component.pods), 'pod')} at work, {done} done, {failed} failed"
    ready = sum(pod.ready for pod in component.pods)
    facts: dict[str, FactValue | Gap] = {
        "pods.total": len(component.pods),
        "pods.ready": ready,
        "pods.serving": ready > 0,
        "pods.text": text,
    }
    return question.answered(True, f"{text}.", facts)
