"""Check on init containers: does one fail, or wait for something that does not come, or is it only at work?"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import ContainerRun, is_unstable, runs
from bot.engine.checks.logs import last_words, log_lines
from bot.engine.discovery.places import place_in_words
from bot.engine.values.exit_codes import ending_in_words
from bot.playbook.catalogue import ScopeKind

_WAITS = timedelta(seconds=45)
"""An init container that runs for so long while nothing else can start is waiting for something."""


def check_initial(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Does an init container fail, or wait for something that does not come?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "initial", binding.kubectl(f"describe pods{selector}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    facts: dict[str, FactValue | Gap] = {
        "init.failing": False,
        "init.waiting": False,
        "init.container": "",
        "init.ending": "nothing is recorded about its end",
        "init.words": "the log says nothing",
        "init.host": "",
        "init.place": "",
    }
    for pod in component.all_pods:
        found = _initial(binding, pod)
        if found is None:
            continue
        run, failing = found
        name = run.status.name
        words = last_words(binding, pod, name)
        if not failing and (_is_at_work(binding, run) or _is_unheard(binding, run)):
            gap = Gap(GapReason.ABSENT, "whether it comes to an end", f"init container {name} is at work")
            return question.open(gap, facts | {"init.waiting": gap, "init.container": name})
        host = _host_of(binding, component, name, words)
        place = place_in_words(binding, host) if host else ""
        facts |= {
            "init.failing": failing,
            "init.waiting": not failing,
            "init.container": name,
            "init.ending": ending_in_words(run.last_end),
            "init.words": words or "the log says nothing",
            "init.host": host,
            "init.place": place,
        }
        how = f"keeps failing, {facts['init.ending']}" if failing else "runs on, so that nothing else starts"
        return question.answered(False, f"Init container {name} {how}: {facts['init.words']}", facts)
    if not any(pod.spec.init_containers for pod in component.all_pods):
        return question.idle("It has no init container.", facts)
    return question.answered(True, "No init container fails or waits.", facts)


def _initial(binding: Binding, pod: Pod) -> tuple[ContainerRun, bool] | None:
    """The init container that keeps a pod from starting, and whether it fails (or waits)."""
    sidecars = {item.name for item in pod.spec.init_containers if item.restart_policy == "Always"}
    for run in runs((pod,)):
        if not run.init or run.status.name in sidecars:
            continue
        ended = run.status.state.terminated
        if is_unstable(run, binding.clocks) or (ended is not None and ended.exit_code != 0):
            return run, True
        if run.started_at is not None and run.last_end is not None and run.last_end.exit_code != 0:
            return run, True
        if binding.lasts(run.started_at, _WAITS, pod.metadata.name):
            return run, False
    return None


_HINDERED = re.compile(
    r"(?i)wait|retry|retrie|attempt|tr(y|ying) again|refused|time[d ]?-?out|unavailable|unreachable"
    r"|not (yet )?(ready|found|up)|\bno (?:such|response|answer)\b|cannot|can't|could ?n[o']t|fail|error|denied"
    r"|unknown host|\bsleep"
)
_AT_WORK = timedelta(seconds=60)


def _is_at_work(binding: Binding, run: ContainerRun) -> bool:
    """Whether its log goes on, and tells of nothing that it waits for: it has much to do."""
    for log in binding.view.logs:
        if (log.pod, log.container, log.previous) == (run.pod.metadata.name, run.status.name, False):
            since = binding.now_at(log.pod) - _AT_WORK
            lately = [line.text for line in log_lines(log) if line.time is not None and line.time >= since]
            return len(set(lately)) > 1 and not any(_HINDERED.search(text) for text in lately)
    return False


def _is_unheard(binding: Binding, run: ContainerRun) -> bool:
    """Whether an app's init container says nothing of what it waits for: it may have much to do."""
    if binding.graph is not None:
        return False
    logs = [log for log in binding.view.logs if (log.pod, log.container) == (run.pod.metadata.name, run.status.name)]
    return not any(_HINDERED.search(last_words(binding, run.pod, run.status.name)) for log in logs if log.text)


def _host_of(binding: Binding, component: BoundComponent, container: str, words: str) -> str:
    """The host that it waits for: one that its log names, else the only one that it is told."""
    graph = binding.graph
    if graph is None:
        return ""
    logged = [call.host for call in graph.calls.get(component.name, ()) if call.where.endswith(f"/{container}")]
    told = [
        reference.endpoint.host
        for edge in graph.edges_of(component.name)
        for reference in edge.references
        if reference.container == container
    ]
    named = [host for host in told if host and host in words]
    return next((host for host in (*logged, *named, *told) if host), "")
