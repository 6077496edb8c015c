"""Checks on a Service that somebody names: is it there, what does it pick, do its callers suffer?"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import unstable_runs
from bot.engine.checks.detail.reported import reported_kinds, worst_of
from bot.engine.checks.detail.settings import variable_maps
from bot.engine.checks.logs import log_lines
from bot.engine.checks.observed.answered import tells_of_an_answer
from bot.engine.checks.service import check_endpoints, check_ports, check_selector, ready_addresses, target_number
from bot.engine.discovery.evidence import LATELY, calls_to, component_logs
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.places import only_http_service
from bot.engine.discovery.routes import route_to
from bot.engine.discovery.services import closest
from bot.engine.discovery.telemetry import is_telemetry
from bot.playbook.catalogue import ScopeKind

_KIND: ScopeKind = "service"
_AGAIN, _OFTEN = 2, 3


def service_checks(binding: Binding, bound: BoundService) -> list[Check]:
    """Every question about one Service."""
    checks = [check_existence(binding, bound), check_demand(binding, bound)]
    if bound.service is None or _is_external(binding, bound):
        return checks
    route = route_to(binding, bound)
    checks.append(check_targets(binding, bound))
    if bound.target:
        checks += [check_selector(binding, route, _KIND), check_ports(binding, route, _KIND)]
    checks.append(check_endpoints(binding, route, _KIND))
    return checks


def check_existence(binding: Binding, bound: BoundService) -> Check:
    """Is there a Service of the name that is called?"""
    question = CheckBuilder(_KIND, bound.scope, "service", binding.kubectl(f"get service {bound.name}"))
    callers = callers_in_words(binding, bound)
    facts: dict[str, FactValue | Gap] = {
        "label": bound.name,
        "service.name": bound.name,
        "service.called": bool(bound.callers or bound.outside),
        "service.callers": callers,
        "service.stale_variable": bool(bound.references) and all(item.weak for item in bound.references),
        "service.aside": _is_aside(binding, bound),
        "service.external": _is_external(binding, bound),
        "service.external_name": bound.service.spec.external_name if bound.service else "",
    }
    if bound.service is None:
        gap = binding.gap("services")
        if gap is not None:
            return question.open(gap, facts)
        names = [item.metadata.name for item in binding.view.services]
        similar = closest(bound.name, names)
        facts |= {"service.exists": False, "service.similar": similar or bound.meant}
        near = f" The nearest name there is: {facts['service.similar']}." if facts["service.similar"] else ""
        facts["service.hint"] = near + _origin(binding, bound)
        hint = f" The nearest is Service {similar}." if similar else ""
        return question.answered(False, f"There is no Service {bound.name}; named by {callers}.{hint}", facts)
    facts |= {"service.exists": True, "service.similar": ""}
    return question.answered(True, f"Service {bound.name} exists.", facts)


def _origin(binding: Binding, bound: BoundService) -> str:
    """Where a name may be from that a log tells and no setting of today: variables are set when a container starts."""
    if not bound.references or not all(item.logged for item in bound.references):
        return ""
    caller = binding.components.get(bound.callers[0]) if bound.callers else None
    maps = sorted(variable_maps(caller.template)) if caller is not None and caller.template is not None else []
    if caller is None or not maps:
        return " No setting of today names it."
    return (
        f" No setting of today names it. {caller.spec.label} has read ConfigMap {', '.join(maps[:3])} when it started: "
        "if that was changed since, restart it."
    )


def _is_aside(binding: Binding, bound: BoundService) -> bool:
    """Whether it is only told where telemetry is to go, by programs that serve without it."""
    if bound.outside or not is_telemetry(bound.references):
        return False
    known = {**binding.components, **(binding.graph.witnesses if binding.graph else {})}
    return not any(is_suffering(binding, known[name]) for name in bound.callers if name in known)


def callers_in_words(binding: Binding, bound: BoundService) -> str:
    """`front (ORDERS_URL from ConfigMap shop), ingress/shop`."""
    said: dict[str, str] = {}
    for item in bound.references:
        if item.component in bound.callers:
            component = binding.components.get(item.component)
            component = component or (binding.graph.witnesses.get(item.component) if binding.graph else None)
            label = component.spec.label if component else item.component
            said.setdefault(label, item.source)
    words = [f"{label} ({source})" if source else label for label, source in said.items()]
    return ", ".join([*words, *bound.outside][:4]) or "nobody that can be seen"


def _is_external(binding: Binding, bound: BoundService) -> bool:
    """Whether it leads to a host outside, or to addresses that somebody keeps by hand."""
    service = bound.service
    if service is None or service.spec.external_name:
        return service is not None
    return not service.spec.selector and (serves(binding, bound) is not False)


def check_demand(binding: Binding, bound: BoundService) -> Check:
    """Does somebody suffer: does a caller's log say that calls to it fail, or does a caller not serve?"""
    question = CheckBuilder(_KIND, bound.scope, "demand", binding.kubectl(f"get endpoints {bound.name}"))
    known = {**binding.components, **(binding.graph.witnesses if binding.graph else {})}
    callers = [known[name] for name in bound.callers if name in known]
    unread = False
    for caller in callers:
        calls = calls_to(binding, caller, bound)
        if calls:
            facts: dict[str, FactValue | Gap] = {
                "demand.suffers": True,
                "demand.logged": True,
                "demand.refused": _is_refused_there(binding, bound, calls),
                "demand.unanswered": _is_unanswered(binding, bound, calls),
                "demand.text": f"{caller.spec.label} logs: {calls[-1].line}",
                "demand.works": False,
            }
            return question.answered(False, f"{facts['demand.text']}", facts)
        unread = unread or calls is None
    down = [caller.spec.label for caller in callers if is_suffering(binding, caller)]
    if down:
        words = f"{', '.join(down)} does not serve"
        facts = {"demand.suffers": True, "demand.logged": False, "demand.text": words, **_NOT_REFUSED}
        return question.answered(False, f"{words[0].upper()}{words[1:]}.", facts)
    complaining = next((item for item in callers if _complains_of(binding, item, bound)), None)
    if complaining is not None:
        words = f"{complaining.spec.label} logs that what it calls over HTTP fails, and that is this Service only"
        facts = {"demand.suffers": False, "demand.logged": False, "demand.text": words, **_NOT_REFUSED}
        return question.answered(False, f"{words}.", facts)
    if unread:
        gap = binding.gap("pods") or Gap(GapReason.NOT_READ, f"the logs of the callers of {bound.name}")
        return question.open(gap, {"demand.works": False})
    facts = {
        "demand.suffers": False,
        "demand.logged": False,
        "demand.refused": False,
        "demand.unanswered": False,
        "demand.text": "no log says so",
        "demand.works": bool(callers) and not bound.outside and all(_answers(binding, item) for item in callers),
    }
    return question.answered(True, "No caller's log says that calls to it fail.", facts)


def _answers(binding: Binding, caller: BoundComponent) -> bool:
    """Whether its log shows that it answers, or that its calls are answered, now: that it says nothing is no proof."""
    return any(
        binding.within(line.time, LATELY.total_seconds(), log.pod)
        for log in component_logs(binding.view, caller)
        if not log.previous
        for line in log_lines(log)
        if tells_of_an_answer(line.text)
    )


_NOT_REFUSED: dict[str, FactValue | Gap] = {
    "demand.refused": False,
    "demand.unanswered": False,
    "demand.works": False,
}


def _is_unanswered(binding: Binding, bound: BoundService, calls: Sequence[FailedCall]) -> bool:
    """Whether calls to it get no answer in time, again and again, though all pods behind are ready and steady."""
    late = [item for item in calls if item.kind is CallFailure.RESPONSE_TIMEOUT]
    return sum(item.count for item in late) >= _OFTEN and _stands(binding, bound)


def _stands(binding: Binding, bound: BoundService) -> bool:
    """Whether all pods behind it are ready, and none keeps ending."""
    component = binding.components.get(bound.target)
    if component is None or bound.target not in bound.picked or component.spec.role != "service":
        return False
    return bool(component.pods) and all(pod.ready for pod in component.pods) and not unstable_runs(binding, component)


def _is_refused_there(binding: Binding, bound: BoundService, calls: Sequence[FailedCall]) -> bool:
    """Whether calls to a port of it are refused though all pods behind are ready and none keeps ending.

    A single one may have come before the node had learned the way to the pods.
    """
    call, refused = calls[-1], [item for item in calls if item.kind is CallFailure.REFUSED]
    if sum(item.count for item in refused) < _AGAIN:
        return False
    ports = {item.port for item in bound.service.spec.ports} if bound.service else set()
    if call.kind is not CallFailure.REFUSED or not call.port or call.port not in ports:
        return False
    component = binding.components.get(bound.target)
    if component is None or bound.target not in bound.picked or component.spec.role != "service":
        return False
    return bool(component.pods) and all(pod.ready for pod in component.pods) and not unstable_runs(binding, component)


def _complains_of(binding: Binding, caller: BoundComponent, bound: BoundService) -> bool:
    """Whether the caller's log tells errors of something "upstream", which can only be this Service."""
    only = only_http_service(binding, caller)
    if only is None or only.scope != bound.scope:
        return False
    found = worst_of(binding, reported_kinds(binding, caller, component_logs(binding.view, caller), ()))
    return found is not None and found.name == "dependency_error"


def is_suffering(binding: Binding, component: BoundComponent) -> bool:
    """Whether a component does not serve, or keeps ending."""
    if component.workload is None or component.workload.spec.replicas == 0:
        return False
    if component.finished and not component.pods:
        return any(pod.status.phase == "Failed" for pod in component.finished)
    unready = bool(component.pods) and not any(pod.ready for pod in component.pods)
    return unready or bool(unstable_runs(binding, component))


def check_targets(binding: Binding, bound: BoundService) -> Check:
    """Which pods does it pick: those of one workload, which serve its port?"""
    question = CheckBuilder(_KIND, bound.scope, "targets", binding.kubectl(f"get pods -l {_selector(bound)}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    found = binding.components.get(bound.target)
    label = found.spec.label if found else ""
    strangers = _strangers(binding, bound)
    unnamed = _named_port_missing(binding, bound)
    facts: dict[str, FactValue | Gap] = {
        "targets.found": found is not None,
        "targets.label": label,
        "targets.too_wide": bool(strangers),
        "targets.text": ", ".join(strangers),
        "targets.named_port_missing": bool(unnamed),
    }
    if strangers:
        return question.answered(False, f"Service {bound.name} also picks pods of {', '.join(strangers)}.", facts)
    picked = ", ".join(binding.components[name].spec.label for name in bound.picked if name in binding.components)
    return question.answered(True, f"Service {bound.name} picks {picked or 'no pod'}.", facts)


def _selector(bound: BoundService) -> str:
    selector = bound.service.spec.selector if bound.service else {}
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or "none"


def _strangers(binding: Binding, bound: BoundService) -> list[str]:
    """Components that it picks beside the one that is meant, and that do not declare the port it leads to."""
    service = bound.service
    if service is None or len(bound.picked) < 2 or not service.spec.ports:
        return []
    port = service.spec.ports[0]
    fits: dict[str, bool | None] = {}
    for name in bound.picked:
        component = binding.components.get(name)
        if component is None or component.template is None:
            continue
        declared = {item.container_port for box in component.template.containers for item in box.ports}
        number = target_number(port, component)
        fits[name] = None if not declared else number in declared
    if True not in fits.values():
        return []
    mute = [name for name, fit in fits.items() if fit is None and name != bound.name]
    wrong = [name for name, fit in fits.items() if fit is False]
    if mute and not wrong and _is_refused_in_part(binding, bound):
        wrong = mute
    return [binding.components[name].spec.label for name in wrong]


def _is_refused_in_part(binding: Binding, bound: BoundService) -> bool:
    """Whether some of the calls are refused though every pod behind is ready: then some of these do not serve it.

    Who calls may be among what is picked by mistake.
    """
    calling = {*bound.callers, *(item.component for item in bound.references)}
    known = [binding.components[name] for name in sorted(calling) if name in binding.components]
    calls = [call for item in known for call in calls_to(binding, item, bound) or ()]
    return bool(calls) and _is_refused_there(binding, bound, calls)


def _named_port_missing(binding: Binding, bound: BoundService) -> str:
    component = binding.components.get(bound.target)
    if component is None or bound.service is None:
        return ""
    for port in bound.service.spec.ports:
        target = port.target_port or port.port
        if isinstance(target, str) and not target.isdigit() and target_number(port, component) is None:
            return target
    return ""


def serves(binding: Binding, bound: BoundService) -> bool | None:
    """Whether a Service has ready addresses; None if they were not read."""
    if binding.gap("endpoints") is not None or bound.service is None:
        return None
    return ready_addresses(binding, bound.service)[0] > 0
