"""The pods of a workload whose pods are meant to end: that none is ready says nothing about its health."""

from __future__ import annotations

import re

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import Pod
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


_INTERRUPTED = 130
"""The exit code of a process that somebody ended from a keyboard."""


def nobodys_failure(pod: Pod) -> str:
    """What a bare pod was that failed and that nobody needs: a test of Helm, or what a person broke off; or empty."""
    if pod.status.phase != "Failed" or pod.metadata.controller is not None:
        return ""
    if "test" in re.split(r"[,\s]+", pod.metadata.annotations.get("helm.sh/hook", "")):
        return f"Pod {pod.metadata.name} is a test of a Helm release, and failed: what it tests is judged by itself."
    codes = {item.state.terminated.exit_code for item in pod.status.container_statuses if item.state.terminated}
    if codes and codes <= {0, _INTERRUPTED} and _INTERRUPTED in codes:
        return f"Somebody broke pod {pod.metadata.name} off (exit code {_INTERRUPTED})."
    return ""
