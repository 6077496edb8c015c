"""Check on who calls a Service: does a log say that calls to it fail, does a caller not serve?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import CONFIG_REASONS, IMAGE_REASONS, ContainerRun, runs, shortened, unstable_runs
from bot.engine.checks.detail.going_on import worst_of
from bot.engine.checks.detail.reported import reported_kinds
from bot.engine.checks.detail.reported_kind import BAD_ANSWERS
from bot.engine.checks.logs import last_words, log_lines
from bot.engine.checks.observed.answered import tells_of_an_answer
from bot.engine.discovery.evidence import LATELY, calls_to, component_logs
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.places import only_http_service
from bot.engine.values.known_lines import known_lines

_AGAIN, _OFTEN = 2, 3


def check_demand(binding: Binding, bound: BoundService) -> Check:
    """Does somebody suffer: does a caller's log say that calls to it fail, or does a caller not serve?"""
    question = CheckBuilder("service", bound.scope, "demand", binding.kubectl(f"get endpoints {bound.name}"))
    known = {**binding.components, **(binding.graph.witnesses if binding.graph else {})}
    callers = [known[name] for name in bound.callers if name in known]
    unread = False
    for caller in callers:
        calls = calls_to(binding, caller, bound)
        if calls:
            words = f"{caller.spec.label} logs: {calls[-1].line}"
            facts = _facts(words, suffers=True, logged=True) | {
                "demand.refused": is_refused_there(binding, bound, calls),
                "demand.unanswered": _is_unanswered(binding, bound, calls),
            }
            return question.answered(False, words, facts)
        unread = unread or calls is None
    down = [caller.spec.label for caller in callers if _may_suffer_of_calls(binding, caller)]
    if down:
        words = f"{', '.join(down)} does not serve"
        return question.answered(False, f"{words}.", _facts(words, suffers=True))
    for caller in callers:
        line = _complaint(binding, caller, bound)
        if line:
            words = f"{caller.spec.label} logs that what it calls over HTTP fails, which is Service {bound.name} only"
            return question.answered(False, f"{words}: {shortened(line)}", _facts(words))
    if unread:
        gap = binding.gap("pods") or Gap(GapReason.NOT_READ, f"the logs of the callers of {bound.name}")
        return question.open(gap, {"demand.works": False})
    for caller in callers:
        line = _maybe_about(binding, caller, bound)
        if line:
            words = (
                f"{caller.spec.label} logs that what it calls answers with errors, which may be Service {bound.name}"
            )
            return question.answered(False, f"{words}: {shortened(line)}", _facts(words))
    works = bool(callers) and not bound.outside and all(_answers(binding, item) for item in callers)
    facts = _facts("No log of a caller tells of failed calls") | {"demand.works": works}
    return question.answered(True, "No caller's log says that calls to it fail.", facts)


def _facts(text: str, *, suffers: bool = False, logged: bool = False) -> dict[str, FactValue | Gap]:
    """All facts of the question; those that only some answers can hold are no."""
    return {
        "demand.suffers": suffers,
        "demand.logged": logged,
        "demand.refused": False,
        "demand.unanswered": False,
        "demand.text": text,
        "demand.works": False,
    }


def _answers(binding: Binding, caller: BoundComponent) -> bool:
    """Whether its log shows that it answers, or that its calls are answered, now: that it says nothing is no proof."""
    return any(
        binding.within(line.time, LATELY.total_seconds(), log.pod)
        for log in component_logs(binding.view, caller)
        if not log.previous
        for line in log_lines(log)
        if tells_of_an_answer(line.text)
    )


def _is_unanswered(binding: Binding, bound: BoundService, calls: Sequence[FailedCall]) -> bool:
    """Whether calls to it get no answer in time, again and again, though all pods behind are ready and steady.

    A port that the Service does not serve answers nobody, whatever is behind it.
    """
    ports = {item.port for item in bound.service.spec.ports} if bound.service else set()
    late = [item for item in calls if item.kind is CallFailure.RESPONSE_TIMEOUT and (item.port or 0) in {0, *ports}]
    return sum(item.count for item in late) >= _OFTEN and _stands(binding, bound)


def _stands(binding: Binding, bound: BoundService) -> bool:
    """Whether all pods behind it are ready, and none keeps ending."""
    component = binding.components.get(bound.target)
    if component is None or bound.target not in bound.picked or component.spec.role != "service":
        return False
    return bool(component.pods) and all(pod.ready for pod in component.pods) and not unstable_runs(binding, component)


def is_refused_there(binding: Binding, bound: BoundService, calls: Sequence[FailedCall]) -> bool:
    """Whether calls to a port of it are refused though all pods behind are ready and none keeps ending.

    A single one may have come before the node had learned the way to the pods.
    """
    call, refused = calls[-1], [item for item in calls if item.kind is CallFailure.REFUSED]
    if sum(item.count for item in refused) < _AGAIN:
        return False
    ports = {item.port for item in bound.service.spec.ports} if bound.service else set()
    port = call.port or _only_port(bound, ports)
    if call.kind is not CallFailure.REFUSED or port not in ports:
        return False
    return _stands(binding, bound)


def _only_port(bound: BoundService, ports: set[int]) -> int:
    """The port that a call must have meant that names none (`nc: can't connect to remote host (10.0.0.7)`), else 0.

    The Service has one only, and whoever is told to call it is told that one.
    """
    told = {item.endpoint.port for item in bound.references if item.endpoint.port}
    return min(ports) if len(ports) == 1 and told == ports else 0


def _complaint(binding: Binding, caller: BoundComponent, bound: BoundService) -> str:
    """The line with which the caller tells errors of something "upstream", which can only be this Service."""
    only = only_http_service(binding, caller)
    if only is None or only.scope != bound.scope:
        return ""
    found = worst_of(binding, reported_kinds(binding, caller, component_logs(binding.view, caller), ()))
    return found.text if found is not None and found.name in BAD_ANSWERS else ""


def _maybe_about(binding: Binding, caller: BoundComponent, bound: BoundService) -> str:
    """The line with which the caller tells errors of something that it calls, which may be this Service: it is named
    by the line, or nothing is that the caller calls.
    """
    found = worst_of(binding, reported_kinds(binding, caller, component_logs(binding.view, caller), ()))
    graph = binding.graph
    if found is None or graph is None or found.name not in BAD_ANSWERS or found.mild or found.put_off:
        return ""
    edges = [item for item in {**graph.edges, **graph.witnessed}.values() if item.caller == caller.name]
    names = {graph.services[item.service].name for item in edges if item.service in graph.services}
    named = {name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", found.text)}
    return found.text if not named or bound.name in named else ""


def _may_suffer_of_calls(binding: Binding, component: BoundComponent) -> bool:
    """Whether a component suffers, and nothing else is seen to be why: what is killed for memory, or has no image, no
    settings or no node, or ends over trouble of its own, says nothing of what it calls.
    """
    if not is_suffering(binding, component):
        return False
    if component.pods and all(_is_not_begun(pod) for pod in component.pods):
        return False
    ended = unstable_runs(binding, component)
    return not ended or not all(run.out_of_memory or _ends_of_itself(binding, run) for run in ended)


_SLIPS = re.compile(
    r"(?i)index out of (?:range|bounds)|out of bounds|nil pointer|NullPointerException|segmentation fault|SyntaxError"
    r"|assertion failed|ClassNotFoundException|ClassDefNotFound|IndentationError"
)
"""How a program that is wrong itself ends, whatever it calls."""


def _ends_of_itself(binding: Binding, run: ContainerRun) -> bool:
    """Whether a container that keeps ending says as its last words what no missing Service can be the reason of."""
    words = last_words(binding, run.pod, run.status.name)
    read = known_lines(binding.lines).first(words) if words else None
    return bool(words) and ((read is not None and read.spec.own) or _SLIPS.search(words) is not None)


def _is_not_begun(pod: Pod) -> bool:
    waiting = {run.waiting for run in runs((pod,))}
    return not pod.spec.node_name or bool(waiting & (IMAGE_REASONS | CONFIG_REASONS))


def is_suffering(binding: Binding, component: BoundComponent) -> bool:
    """Whether a component does not serve, or keeps ending."""
    if component.workload is None or component.workload.spec.replicas == 0:
        return False
    if component.finished and not component.pods:
        # Of several tries, or runs, the latest counts: a Job that came through at its second one is well.
        made = {pod.metadata.creation_timestamp: pod for pod in component.finished if pod.metadata.creation_timestamp}
        latest = [made[max(made)]] if made else component.finished
        return any(pod.status.phase == "Failed" for pod in latest)
    unready = bool(component.pods) and not any(pod.ready for pod in component.pods)
    return unready or bool(unstable_runs(binding, component))
