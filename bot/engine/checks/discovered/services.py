"""Checks on a Service that somebody names: is it there, what does it pick, do its callers suffer?"""

from __future__ import annotations

import re

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.candidates import selects
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.detail.settings import is_stale, variable_maps
from bot.engine.checks.discovered.demand import check_demand, is_refused_there, is_suffering
from bot.engine.checks.discovered.shut import check_shut
from bot.engine.checks.service import check_endpoints, check_ports, check_selector, ready_addresses, target_number
from bot.engine.discovery.evidence import calls_to
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.routes import route_to
from bot.engine.discovery.services import closest, is_labelled_for
from bot.engine.discovery.telemetry import is_telemetry
from bot.playbook.catalogue import ScopeKind

_KIND: ScopeKind = "service"
_ENTRANCES = ("NodePort", "LoadBalancer")


def service_checks(binding: Binding, bound: BoundService) -> list[Check]:
    """Every question about one Service."""
    checks = [check_existence(binding, bound), check_demand(binding, bound)]
    if bound.service is None or _is_external(binding, bound):
        return checks
    route = route_to(binding, bound)
    checks += [check_targets(binding, bound), check_shut(binding, bound)]
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
        "service.asked": binding.graph is not None and bound.scope in binding.graph.asked,
        "service.entrance": bound.service is not None and bound.service.spec.type in _ENTRANCES,
        "service.stale_variable": bool(bound.references) and all(item.weak for item in bound.references),
        "service.aside": _is_aside(binding, bound),
        "service.outdated": _is_outdated(binding, bound),
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
    named = f"; named by {callers}" if callers else ""
    return question.answered(True, f"Service {bound.name} exists{named}.", facts)


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


def _is_outdated(binding: Binding, bound: BoundService) -> bool:
    """Whether only logs name it, of programs that all run with settings from before a change: they are the cause."""
    if not bound.references or not all(item.logged for item in bound.references):
        return False
    calling = [binding.components[name] for name in bound.callers if name in binding.components]
    return bool(calling) and all(is_stale(binding, item) for item in calling)


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
        "targets.none": _selects_nothing(binding, bound),
        "targets.selector": _selector(bound),
        "targets.unserved": found is not None and _is_unserved(binding, bound, found),
        "targets.part": found is not None and _is_for_a_part(bound, found),
        "targets.label": label,
        "targets.too_wide": bool(strangers),
        "targets.text": ", ".join(strangers),
        "targets.named_port_missing": bool(unnamed),
    }
    if strangers:
        return question.answered(False, f"Service {bound.name} also picks pods of {', '.join(strangers)}.", facts)
    picked = ", ".join(binding.components[name].spec.label for name in bound.picked if name in binding.components)
    return question.answered(True, f"Service {bound.name} picks {picked or 'no pod'}.", facts)


def _selects_nothing(binding: Binding, bound: BoundService) -> bool:
    """Whether it has a selector, and no pod and no workload of the namespace has such labels."""
    service = bound.service
    if service is None or not service.spec.selector or bound.picked:
        return False
    return not any(selects(service, pod.metadata.labels) for pod in binding.view.pods)


def _is_unserved(binding: Binding, bound: BoundService, meant: BoundComponent) -> bool:
    """Whether it picks no pod, and what it is for by its own name or labels is ready and has no Service else.

    One for the members of a cluster that have another part just now stands beside a Service for all of them.
    """
    service = bound.service
    if service is None or not service.spec.selector or bound.picked or not any(pod.ready for pod in meant.pods):
        return False  # without a selector something else keeps its addresses
    named = meant.workload is not None and meant.workload.metadata.name == bound.name
    if not named and not is_labelled_for(service, meant.template_labels):
        return False
    addresses = {pod.status.pod_ip for pod in meant.pods}
    served = any(selects(item, pod.metadata.labels) for item in binding.view.services for pod in meant.pods)
    return not served and not any(one.ip in addresses for item in binding.view.endpoints for one in item.addresses)


_VERSIONS = re.compile(
    r"(?:^|[/_.-])(?:version|colou?r|track|channel|release|revision|slot|stage|variant|generation|role|hash)$"
)
"""Keys of labels that tell apart which pods of one program are meant: those to come, those of the present leader."""


def _is_for_a_part(bound: BoundService, meant: BoundComponent) -> bool:
    """Whether its selector fits what it is for but for which of its pods are meant: there may be none of these yet, or
    just now. A label that the template has not at all may be one that a program gives its pods at work.
    """
    wanted, labels = bound.service.spec.selector if bound.service else {}, meant.template_labels
    other = [key for key, value in wanted.items() if labels.get(key) != value]
    return len(other) < len(wanted) and all(key not in labels or _VERSIONS.search(key) for key in other)


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
    return bool(calls) and is_refused_there(binding, bound, calls)


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
