"""Checks on the URL by which one component calls another: is it set, does it lead there, is the running value
current.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.view import RunningVariable
from bot.engine.binding import Binding, BoundRoute, main_container
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time
from bot.engine.checks.observed.along import calls_elsewhere, calls_succeed, is_along
from bot.engine.checks.observed.failed import failed_calls, lasting_failures
from bot.engine.checks.url.destination import judge_destination
from bot.engine.checks.url.mistake import mistake_of
from bot.playbook.catalogue import ScopeKind


def expected_url(route: BoundRoute, namespace: str) -> str:
    """The URL that would be right: the called component's Service and its port."""
    service = route.service
    if service is None or not service.spec.ports:
        return ""
    caller_namespace = route.caller.workload.metadata.namespace if route.caller.workload else namespace
    host = service.metadata.name
    if service.metadata.namespace and caller_namespace and service.metadata.namespace != caller_namespace:
        host += f".{service.metadata.namespace}"
    return f"http://{host}:{service.spec.ports[0].port}"


def check_url(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the variable lead to the called component's Service, and to a port it serves?"""
    variable = route.variable
    command = f"get {_caller(route)} -o jsonpath='{{.spec.template.spec.containers[*].env}}'"
    if variable.config_map:
        command = f"get configmap {variable.config_map} -o jsonpath='{{.data.{variable.key or variable.name}}}'"
    question = CheckBuilder(kind, route.name, "url", binding.kubectl(command))
    expected = expected_url(route, binding.view.namespace)
    facts: dict[str, FactValue | Gap] = {
        "url.variable": variable.name,
        "url.source": variable.source or "not set anywhere",
        "url.expected": expected or Gap(GapReason.ABSENT, f"the right {variable.name}", "there is no Service to call"),
    }
    if variable.is_set is None:
        return question.open(variable.gap or Gap(GapReason.NOT_READ, variable.name), facts | {"url.known": False})
    if variable.value is None and route.spec.default:
        judged = judge_destination(binding, route, route.spec.default)
        said = f"{variable.name} is not set, and the program's default is {route.spec.default}"
        facts |= {"url.value": route.spec.default, "url.source": "the program's default"}
        if isinstance(judged, Gap):
            return question.open(judged, facts | {"url.known": False})
        if judged[0]:
            facts |= {"url.known": True, "url.set": True, "url.right": True, "url.text": f"{said}: {judged[1]}"}
            return question.answered(True, f"{said}: {judged[1]}.", facts)
        if route.address is not None and route.address.kind != "loopback":
            detail = f"{judged[1]}; the program may be told another one in its own settings"
            return question.open(Gap(GapReason.ABSENT, f"where {said}", detail), facts | {"url.known": False})
    if variable.value is None:
        text = f"{variable.name} is not set for {route.caller.named}"
        facts |= {"url.known": True, "url.set": False, "url.right": False, "url.mistake": "not-set"}
        facts |= {"url.value": "(not set)", "url.text": text}
        return question.answered(False, f"{text}.", facts)
    facts |= {"url.set": True, "url.value": variable.value}
    judged = judge_destination(binding, route, variable.value)
    if isinstance(judged, Gap):
        return question.open(judged, facts | {"url.known": False})
    right, text = judged
    if not right and calls_succeed(binding, route):
        seen = f"{variable.name}={variable.value} looks wrong ({text}), but the calls of its user succeed"
        facts |= {"url.known": False, "url.right": Gap(GapReason.ABSENT, f"why {seen}"), "url.text": seen}
        return question.answered(True, f"{seen}.", facts)
    facts |= {"url.known": True, "url.right": right, "url.text": text}
    facts["url.mistake"] = "none" if right else mistake_of(binding, route)
    return question.answered(right, f"{variable.name}={variable.value}: {text}.", facts)


def _caller(route: BoundRoute) -> str:
    return route.caller.workload.target if route.caller.workload else "pods"


def check_freshness(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Was the value changed after the calling container had started, and does the container still use the old one?

    Without exec nobody sees a running process's environment; but its own failed calls name the host they go to.
    """
    variable = route.variable
    resource = f"configmap {variable.config_map}" if variable.config_map else _caller(route)
    question = CheckBuilder(
        kind, route.name, "freshness", binding.kubectl(f"get {resource} -o yaml --show-managed-fields")
    )
    if not variable.config_map or not variable.key:
        return question.answered(
            True,
            f"{variable.name} does not come from a ConfigMap, so it cannot be stale.",
            {"url.stale": False, "url.changed_after_start": False, "url.stale_text": ""},
        )
    started = _caller_started(route)
    if started is None:
        gap = binding.gap("pods") or Gap(
            GapReason.ABSENT, f"the running {variable.name}", "the calling container does not run"
        )
        return question.open(gap)
    running = _as_it_runs(binding, route)
    if running is not None:
        return _compared(question, route, running)
    changed = variable.changed_at is not None and variable.changed_at > started + timedelta(seconds=1)
    elsewhere = calls_elsewhere(binding, route, changed=changed)
    when = f"changed {clock_time(variable.changed_at)}" if variable.changed_at else "changed at an unknown time"
    text = f"container started {clock_time(started)}, {variable.source} {when}"
    facts: dict[str, FactValue | Gap] = {"url.changed_after_start": changed, "url.stale_text": text}
    if changed and elsewhere is None and failed_calls(binding, route) is None:
        gap = Gap(GapReason.NOT_READ, f"which {variable.name} the running container uses", "its log was not read")
        return question.open(gap, facts)
    lately = any(is_along(binding, route, call) is not False for call in lasting_failures(binding, route))
    if changed and elsewhere is None and lately:
        gap = Gap(GapReason.ABSENT, f"which {variable.name} the running container uses", "its log does not tell")
        return question.open(gap, facts)
    facts["url.stale"] = elsewhere is True
    if elsewhere:
        return question.answered(False, f"The running container still uses an old {variable.name}: {text}.", facts)
    words = "was started before the last change, and its log shows no failed call" if changed else "is up to date"
    return question.answered(True, f"The running container {words}: {text}.", facts)


def _as_it_runs(binding: Binding, route: BoundRoute) -> RunningVariable | None:
    """The variable as the running container has it, where exec was allowed and worked."""
    pods = {pod.metadata.name for pod in route.caller.pods}
    found = [item for item in binding.view.running_variables if item.name == route.spec.env and item.pod in pods]
    return next((item for item in found if item.gap is None), None)


def _compared(question: CheckBuilder, route: BoundRoute, running: RunningVariable) -> Check:
    """Today's value beside the running one: seen, so nothing has to be concluded from failed calls."""
    stale = running.value != route.variable.value
    text = f"the container runs with {running.value or 'nothing'}, {route.variable.source} says {route.variable.value}"
    facts: dict[str, FactValue | Gap] = {
        "url.stale": stale,
        "url.changed_after_start": stale,
        "url.stale_text": text,
    }
    return question.answered(not stale, f"{route.variable.name}: {text}.", facts)


def _caller_started(route: BoundRoute) -> datetime | None:
    """When the calling container's current run started; None if it does not run."""
    pod = next((item for item in route.caller.pods if item.ready), route.caller.pods[0] if route.caller.pods else None)
    container = main_container(pod.spec.containers, route.caller.spec) if pod else None
    for status in pod.status.container_statuses if pod else ():
        if container is not None and status.name == container.name and status.state.running:
            return status.state.running.started_at
    return None
