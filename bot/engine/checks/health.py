"""Check on the health endpoint, asked through the API server's proxy; and on an outage that is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.view import HealthAnswer
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, ending_words, never_began, runs, serves_since, unstable_runs
from bot.engine.checks.network.policies import ingress_policies
from bot.engine.checks.observed.along import calls_succeed
from bot.engine.checks.observed.failed import lasting_failures
from bot.engine.checks.service import route_port, target_number
from bot.playbook.catalogue import ScopeKind

_ORDER = ("ok", "http_error", "timed_out", "refused", "unreachable", "no_endpoints")
_DEFINITE = ("ok", "http_error", "refused")
"""What only the process or its kernel can have said; silence may have other reasons."""
_FIRST_START = timedelta(minutes=10)
"""What became available within this time of its creation may never have served before."""
RECENT_OUTAGE = timedelta(hours=1)
"""API servers keep events for an hour; what ended before cannot be told apart from ordinary history."""


def health_words(answer: HealthAnswer) -> str:
    """The answer as a sentence."""
    where = f"{answer.target} port {answer.port}{answer.path}"
    words = {
        "ok": f"{where} answers {answer.status or 200}",
        "http_error": f"{where} answers {answer.status}",
        "refused": f"{where} refuses the connection",
        "timed_out": f"{where} accepts the connection, but does not answer in time",
        "unreachable": f"{where} cannot be reached from the API server",
        "no_endpoints": f"{where}: the Service has no ready endpoints",
    }
    return words.get(answer.outcome or "", where) + "."


def check_health(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Does its health endpoint answer, pod by pod? The best answer counts: one healthy pod serves."""
    path = component.spec.health
    pods = {f"pod/{pod.metadata.name}" for pod in component.pods}
    answers = [item for item in binding.view.health if item.target in pods]
    if not any(item.outcome in _DEFINITE for item in answers):
        answers = _through_services(binding, component) or answers
    question = CheckBuilder(kind, component.name, "health", _health_command(binding, component, answers))
    if path is None and never_began(component.pods):
        facts: dict[str, FactValue | Gap] = {"health.outcome": "not_running", "health.text": "no container of it runs."}
        return question.idle(f"No container of {component.named} has begun yet.", facts)
    if path is None:
        facts = {
            "health.outcome": "not_configured",
            "health.text": "no health path is known",
        }
        return question.idle(f"The playbook names no health endpoint of {component.named}.", facts)
    answered = sorted((item for item in answers if item.outcome), key=lambda item: _ORDER.index(item.outcome or "ok"))
    if not answered:
        gap = next((item.gap for item in answers if item.gap), binding.gap("pods") or component.gap)
        if gap is not None and gap.reason is GapReason.TIMED_OUT and _probe_passes(component):
            return _judged_by_probe(question, component, gap)
        if gap is not None or any(run.started_at for run in runs(component.pods)):
            return question.open(gap or Gap(GapReason.NOT_READ, f"health of {component.named}"))
        facts = {"health.outcome": "not_running", "health.text": "no container of it runs."}
        return question.answered(
            False, f"No container of {component.named} runs, so its health cannot be asked.", facts
        )
    best = answered[0]
    text = health_words(best)
    doubt = _doubt(binding, component, best)
    if doubt is not None:
        return _judged_by_probe(question, component, doubt)
    return question.answered(best.outcome == "ok", text, {"health.outcome": best.outcome or "", "health.text": text})


def _health_command(binding: Binding, component: BoundComponent, answers: Sequence[HealthAnswer]) -> str:
    """What asks a pod the same; which pods there are where none can be asked."""
    names = [item.target.removeprefix("pod/") for item in answers if item.target.startswith("pod/")]
    name = next(iter([*names, *(pod.metadata.name for pod in component.pods)]), "")
    port = answers[0].port if answers else str(component.spec.port or "")
    if not name or not port or component.spec.health is None:
        selector = f" -l {component.selector}" if component.selector else ""
        return binding.kubectl(f"get pods{selector} -o wide")
    url = f"/api/v1/namespaces/{binding.view.namespace}/pods/{name}:{port}/proxy{component.spec.health}"
    return binding.kubectl_anywhere(f"get --raw {url} --request-timeout=10s")


def _through_services(binding: Binding, component: BoundComponent) -> list[HealthAnswer]:
    """Answers through a Service that can only have come from this component's own port."""
    own = {pod.status.pod_ip for pod in component.pods}
    found: list[HealthAnswer] = []
    for route in binding.routes.values():
        port, service = route_port(route), route.service
        if route.called is not component or service is None or port is None or "endpoints" in binding.view.gaps:
            continue
        addresses = {a.ip for g in binding.view.endpoints if g.service == service.metadata.name for a in g.addresses}
        if component.spec.port is None or target_number(port, component) != component.spec.port:
            continue
        if not addresses or not addresses <= own:
            continue
        target = f"service/{service.metadata.name}"
        found += [item for item in binding.view.health if item.target == target and item.outcome in _DEFINITE]
    return found


def _doubt(binding: Binding, component: BoundComponent, answer: HealthAnswer) -> Gap | None:
    """Why an answer that did not come from the process may say nothing about it.

    NetworkPolicies limit the API server too; those that reject instead of drop look like a closed port.
    """
    if answer.outcome not in ("timed_out", "unreachable", "refused"):
        return None
    unread = binding.gap("networkpolicies")
    if unread is not None:
        return unread
    limiting = ", ".join(ingress_policies(binding, component))
    what = f"health of {component.named}"
    if limiting:
        detail = f"NetworkPolicy {limiting} may keep the Kubernetes API server from asking"
        return Gap(GapReason.FAILED, what, detail)
    if _probe_passes(component) and answer.target in {
        f"pod/{pod.metadata.name}" for pod in component.pods if pod.ready
    }:
        return Gap(GapReason.FAILED, what, "the kubelet gets an answer, and the Kubernetes API server gets none")
    return None


def _probe_passes(component: BoundComponent) -> bool:
    """Whether a readiness probe that asks the health endpoint passes. The kubelet may always ask."""
    container = component.container
    probe = container.readiness_probe if container else None
    asks_health = probe is not None and probe.http_get is not None and probe.http_get.path == component.spec.health
    return asks_health and any(pod.ready for pod in component.pods)


def _judged_by_probe(question: CheckBuilder, component: BoundComponent, doubt: Gap) -> Check:
    """The readiness probe's answer, where the one through the API server's proxy says nothing about the process."""
    if not _probe_passes(component):
        return question.open(doubt)
    why = doubt.detail or doubt.sentence()
    text = f"The readiness probe passes; that the Kubernetes API server gets no answer says little: {why}."
    return question.answered(True, text, {"health.outcome": "ok", "health.text": text})


def check_path(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the health endpoint answer through the Service?"""
    service = route.service.metadata.name if route.service else ""
    answer = next((item for item in binding.view.health if item.target == f"service/{service}"), None)
    command = binding.kubectl(f"get service,endpoints {service}".rstrip())
    if answer is not None and route.called.spec.health is not None:
        url = f"/api/v1/namespaces/{binding.view.namespace}/services/{service}:{answer.port}/proxy{answer.path}"
        command = binding.kubectl_anywhere(f"get --raw {url} --request-timeout=10s")
    question = CheckBuilder(kind, route.name, "path", command)
    if route.called.spec.health is None:
        facts: dict[str, FactValue | Gap] = {"path.outcome": "not_configured", "path.text": "no health path is known"}
        return question.idle("The playbook names no health endpoint behind this route.", facts)
    if answer is None and route.service is not None and route.service.headless:
        return _through_pods(question, binding, route)
    if answer is None or answer.outcome is None:
        refused = _refused_call(binding, route)
        if refused:
            return question.answered(
                False, f"Its caller's log says: {refused}", {"path.outcome": "refused", "path.text": refused}
            )
        if answer is None and calls_succeed(binding, route):
            words = "Not asked through the Service; its caller's calls succeed."
            return question.idle(words, {"path.outcome": "not_asked", "path.text": words})
        gap = answer.gap if answer else None
        return question.open(gap or Gap(GapReason.ABSENT, f"health through Service {service}", "it was not asked"))
    text = health_words(answer)
    failing = answer.outcome in ("timed_out", "unreachable", "refused")
    unread = binding.gap("networkpolicies") if failing else None
    if unread is not None:
        return question.open(unread)
    limiting = ingress_policies(binding, route.called) if failing else []
    if limiting:
        words = f"Not asked through the Service: NetworkPolicy {', '.join(limiting)} keeps the API server out."
        return question.idle(words, {"path.outcome": "not_asked", "path.text": words})
    return question.answered(answer.outcome == "ok", text, {"path.outcome": answer.outcome, "path.text": text})


def _through_pods(question: CheckBuilder, binding: Binding, route: BoundRoute) -> Check:
    """A headless Service leads to its pods themselves: their own answers are those through it."""
    pods = {f"pod/{pod.metadata.name}" for pod in route.called.pods}
    answers = [item for item in binding.view.health if item.target in pods and item.outcome in _DEFINITE]
    if not answers:
        return question.open(Gap(GapReason.ABSENT, f"health through Service {question.scope}", "it was not asked"))
    best = min(answers, key=lambda item: _ORDER.index(item.outcome or "ok"))
    text = health_words(best)
    return question.answered(best.outcome == "ok", text, {"path.outcome": best.outcome or "", "path.text": text})


def _refused_call(binding: Binding, route: BoundRoute) -> str:
    """The line in which the caller says that its call through the Service is refused now; empty if there is none.

    Where a NetworkPolicy may be what refuses it, the line says nothing about the Service.
    """
    if route.service is None or binding.gap("networkpolicies") or binding.view.networkpolicies:
        return ""
    port = route_port(route)
    through = {route.service.spec.cluster_ip, route.service.metadata.name}
    last = next(iter(reversed(lasting_failures(binding, route))), None)
    if last is None or port is None:
        return ""
    refused = last.error == "ECONNREFUSED" and last.host in through and last.port == port.port
    return last.line if refused else ""


def check_history(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Was it down before, and since when does it serve again?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "history", binding.kubectl(f"describe {target}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    serving = any(pod.ready for pod in component.pods) and not unstable_runs(binding, component)
    until = serves_since(component) if serving else None
    start = _down_since(binding, component, until) if until else None
    unseen = _unseen_outage(binding, component) if serving and start is None else None
    if unseen is not None:
        return question.open(unseen)
    if until is None or start is None:
        facts: dict[str, FactValue | Gap] = {
            "outage.ended": False,
            "outage.recent": False,
            "outage.text": "no outage is recorded",
        }
        return question.answered(True, "No outage that is over is recorded.", facts)
    since, why = start
    text = f"down from {clock_time(since)} to {clock_time(until)} ({why})"
    recent = binding.now - until <= RECENT_OUTAGE
    facts = {"outage.ended": True, "outage.recent": recent, "outage.text": text}
    return question.answered(True, f"It was {text}, and serves since.", facts)


def _unseen_outage(binding: Binding, component: BoundComponent) -> Gap | None:
    """Why nobody can say that there was none: it became available lately, was there before, and events are not read."""
    gap = binding.gap("events")
    workload = component.workload
    available = workload.condition("Available") if workload else None
    since = available.last_transition_time if available else serves_since(component)
    made = workload.metadata.creation_timestamp if workload else None
    if gap is None or since is None or binding.now - since > RECENT_OUTAGE:
        return None
    return gap if made is None or since - made > _FIRST_START else None


def outage_times(binding: Binding, component: BoundComponent) -> tuple[datetime, datetime] | None:
    """From and until of the last outage that is over; None if none is recorded."""
    until = serves_since(component)
    start = _down_since(binding, component, until) if until else None
    return (start[0], until) if start and until else None


def _down_since(binding: Binding, component: BoundComponent, until: datetime) -> tuple[datetime, str] | None:
    """When the outage that ended at `until` began, and why, from whatever recorded an earlier life of the workload."""
    found: list[tuple[datetime, str]] = []
    for run in runs(component.pods):
        end = run.status.last_state.terminated
        if end is not None and end.finished_at is not None and not run.init and run.status.restart_count > 0:
            found.append((end.finished_at, f"{run.status.name}: {ending_words(end).rpartition(' at ')[0] or 'ended'}"))
    workload = component.workload
    for event in binding.view.events:
        about = event.involved_object
        seen = event.last_seen
        if seen is None or workload is None:
            continue
        own = about.kind == workload.kind and about.name == workload.metadata.name
        emptied = event.message.startswith("Scaled down") and event.message.rstrip().endswith(" to 0")
        if own and emptied and event.reason == "ScalingReplicaSet":
            found.append((seen, "scaled to zero or replaced"))
    past = [item for item in found if item[0] <= until and until - item[0] <= timedelta(hours=6)]
    return max(past, default=None)
