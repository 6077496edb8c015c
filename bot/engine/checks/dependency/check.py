"""Check on a dependency: is it down, does somebody's log say so, and does that hurt a component that needs it?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod, Service, Workload
from bot.engine.binding import Binding, BoundComponent, service_at
from bot.engine.binding.dependencies import used_service
from bot.engine.binding.inferred import desired_replicas
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import runs, shortened, unstable_runs
from bot.engine.checks.dependency.answered import answered, is_of_another
from bot.engine.checks.logs import LogLine, first_match, log_lines, logs_of
from bot.engine.checks.observed.failed import fails_or_errs
from bot.engine.checks.pods import _why_not_ready
from bot.engine.values.address import Address, parse_address
from bot.engine.values.environment import variable_of
from bot.playbook.catalogue import ScopeKind


@dataclass(frozen=True, slots=True)
class Outside:
    """A dependency that nothing here can speak of: why, in words, and its host or addresses where they are known."""

    where: str
    place: str = ""


def check_dependency(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is the dependency up, judged by its own pods and endpoints and by the logs of those that need it?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "reachable", binding.kubectl(f"get pods,endpoints{selector}"))
    hurts = _hurts(binding, component)
    line, host = _logged(binding, component)
    external = _configured_outside(binding, component)
    reached = answered(binding, component, _needing(binding, component))
    state = _state(binding, component, host)
    facts: dict[str, FactValue | Gap] = {
        "dependency.logged": line is not None if _logs_read(binding, component) else _log_gap(binding, component),
        "dependency.log_line": shortened(line.text) if line else "",
        "dependency.log_text": f" A log says: {shortened(line.text)}" if line else "",
        "dependency.external": external,
        "dependency.hurts": hurts,
        "dependency.passing": _passing(binding, component),
        "dependency.reached": reached is not None,
        "dependency.resolves": _resolves(binding, component),
        "dependency.used": isinstance(used_service(component.spec, binding.components, binding.view), Service),
    }
    witness = _proving(binding, component) if isinstance(state, Outside) else None
    if witness is not None:
        words = f"{witness.spec.health} of the {witness.spec.label} answers, which asks the {component.spec.label} too"
        facts |= {"dependency.external": True, "dependency.down": False, "dependency.reason": words}
        return question.answered(True, f"{words}.", facts)
    if isinstance(state, Outside):
        facts["dependency.external"] = True
        if line is None and not isinstance(facts["dependency.logged"], Gap) and hurts is False:
            return _not_asked(binding, component, question, state, facts)
        state = Gap(GapReason.ABSENT, f"the {component.spec.label}", state.where)
    if isinstance(state, Gap):
        facts["dependency.reason"] = f"{component.spec.label} cannot be reached, and it is not in this namespace"
        return question.open(state, facts)
    down, reason = state
    facts |= {"dependency.down": down, "dependency.reason": reason}
    return question.answered(not down, f"{component.spec.label}: {reason}.", facts)


def _proving(binding: Binding, component: BoundComponent) -> BoundComponent | None:
    """Who needs it, and whose health endpoint answers and cannot without it."""
    answering = {item.target for item in binding.view.health if item.outcome == "ok"}
    for item in binding.components.values():
        if component.name in item.spec.proves and any(f"pod/{pod.metadata.name}" in answering for pod in item.pods):
            return item
    return None


def _not_asked(
    binding: Binding,
    component: BoundComponent,
    question: CheckBuilder,
    outside: Outside,
    facts: dict[str, FactValue | Gap],
) -> Check:
    """What is outside, and nobody complains of: neither up nor down was seen, and whoever needs it serves."""
    needing = _needing(binding, component)
    callers = " and ".join(item.spec.label for item in needing) or "app"
    read = any(log.text is not None for item in needing for log in logs_of(binding, item))
    known = "no log that was read says that it fails" if read else "none of its logs was read"
    detail = f"{outside.where}, so it cannot be asked from here; the {callers} serves, and {known}"
    named = outside.place or f"the {component.spec.label}"
    sign = f"If it fails, the log of the {callers} names {named} with “refused”, “timed out” or “not known”"
    gap = Gap(GapReason.NOT_READ, f"the {component.spec.label}", detail)
    facts["dependency.reason"] = outside.where
    words = f"{component.spec.label}: {detail}. {sign}."
    return replace(question.open(gap, facts), summary=words)


def _state(binding: Binding, component: BoundComponent, host: str) -> tuple[bool, str] | Gap | Outside:
    """Whether it is down, and why in words."""
    workload = component.workload
    named = parse_address(f"http://{host}" if host else None, binding.view.namespace)
    if workload is not None and binding.gap("pods") is None:
        return _workload_state(component, workload)
    used = used_service(component.spec, binding.components, binding.view)
    if isinstance(used, Address):
        return _outside(binding, f"the settings name {used.host}, which is outside this namespace", used.host)
    if isinstance(used, Service):
        return _service_state(binding, used.metadata.name)
    if named is not None and named.kind == "service" and named.namespace == binding.view.namespace:
        return _service_state(binding, named.service)
    services = [item for item in binding.own_services if _is_named_for(component, item)]
    services = [item for item in binding.own_services if item.metadata.name in _told(binding, component)] or services
    if services:
        return _service_state(binding, services[0].metadata.name)
    if workload is None and component.gap is None and binding.gap("services") is None:
        return _outside(binding, "no workload or Service of it is in this namespace", "")
    gap = component.gap or binding.gap("pods", "services")
    return gap or Gap(GapReason.NOT_READ, f"the {component.spec.label}")


def _outside(binding: Binding, where: str, place: str) -> Outside | Gap:
    """Outside, where everything was read that could show otherwise."""
    return binding.gap("pods", "services", "deployments", "statefulsets") or Outside(where, place)


def _workload_state(component: BoundComponent, workload: Workload) -> tuple[bool, str] | Gap:
    ready = sum(pod.ready for pod in component.pods)
    known = desired_replicas(workload)
    desired = len(component.pods) if known is None else known
    if desired == 0 and known is None:
        return Gap(GapReason.ABSENT, f"pods of {workload.target}", "none runs, and nothing tells how many should")
    if desired == 0:
        return True, f"{workload.target} is scaled to zero"
    if ready == 0:
        return True, f"0 of {desired} pods of {workload.target} are ready{_why_not_ready(component.pods)}"
    return False, f"{ready} of {desired} pods of {workload.target} are ready"


_PASSING = timedelta(seconds=90)


def _passing(binding: Binding, component: BoundComponent) -> bool:
    """Whether none of its pods is ready for a moment only: its containers run, and it was ready, or began, lately.

    A probe that was late once does that on a busy node.
    """
    if not component.pods or unstable_runs(binding, component):
        return False
    waiting = any(run.waiting not in ("", "ContainerCreating", "PodInitializing") for run in runs(component.pods))
    since = [(_since(pod), pod.metadata.name) for pod in component.pods if not pod.ready]
    return not waiting and any(moment and not binding.lasts(moment, _PASSING, name) for moment, name in since)


def _since(pod: Pod) -> datetime | None:
    ready = pod.condition("Ready")
    return ready.last_transition_time if ready is not None else pod.metadata.creation_timestamp


def _told(binding: Binding, component: BoundComponent) -> set[str]:
    """The Services of this namespace that the settings of those who need it name, kept by a selector or by hand."""
    found: set[str] = set()
    for item in _needing(binding, component):
        for name in component.spec.host_env:
            value = variable_of(item.container, name, binding.view).value
            address = parse_address(value if "://" in value else f"http://{value}", "") if value else None
            if address is not None and address.kind == "service" and address.namespace in ("", binding.view.namespace):
                found.add(address.service)
    return found


def _is_named_for(component: BoundComponent, service: Service) -> bool:
    """By its name, and by the port where one is known: an exporter has the name of its database and another port."""
    ports = {port for item in service.spec.ports for port in (item.port, item.target_port)}
    if component.spec.port is not None and ports and component.spec.port not in ports:
        return False
    return any(fnmatchcase(service.metadata.name, glob) for glob in component.spec.services)


def _service_state(binding: Binding, name: str) -> tuple[bool, str] | Gap | Outside:
    gap = binding.gap("services", "endpoints")
    if gap is not None:
        return gap
    service = next((item for item in binding.view.services if item.metadata.name == name), None)
    if service is None:
        return True, f"there is no Service {name} in {binding.view.namespace}"
    if service.spec.external_name:
        host = service.spec.external_name
        return _outside(binding, f"Service {name} stands for {host}, which is outside this namespace", host)
    groups = [group for group in binding.view.endpoints if group.service == name]
    ready = {address.ip for group in groups for address in group.addresses if address.ready}
    pods = {pod.status.pod_ip for pod in binding.view.pods}
    if ready and not service.spec.selector and not ready <= pods:
        # Somebody wrote these addresses down: they are called ready whatever happens there.
        hosts = ", ".join(sorted(ready - pods)[:3])
        return _outside(binding, f"Service {name} leads to {hosts}, which is no pod of this namespace", hosts)
    return (False, f"Service {name} has ready endpoints") if ready else (True, f"Service {name} has no ready endpoints")


def _resolves(binding: Binding, component: BoundComponent) -> bool | Gap:
    """Whether its name has an address of its own, whatever is ready: that of the Service which its callers name."""
    used = used_service(component.spec, binding.components, binding.view)
    told = _told(binding, component)
    named = [item for item in binding.own_services if item.metadata.name in told]
    named = named or [item for item in binding.own_services if _is_named_for(component, item)]
    services = [used] if isinstance(used, Service) else [] if isinstance(used, Address) else named
    gap = binding.gap("services")
    return gap or any(not item.headless and not item.spec.external_name for item in services)


def _needing(binding: Binding, component: BoundComponent) -> list[BoundComponent]:
    return [binding.components[name] for name in component.spec.needed_by if name in binding.components]


def _hurts(binding: Binding, component: BoundComponent) -> bool | Gap:
    gap = binding.gap("pods")
    if gap is not None:
        return gap
    return any(_is_troubled(binding, item) for item in _needing(binding, component))


def _is_troubled(binding: Binding, item: BoundComponent) -> bool:
    """Whether it does not serve, keeps ending, or answers with errors. What is killed for memory has its own cause."""
    unstable = unstable_runs(binding, item)
    if unstable:
        return not all(run.out_of_memory for run in unstable)
    if item.workload is not None and not any(pod.ready for pod in item.pods):
        return True
    return any(fails_or_errs(binding, route) for route in binding.routes.values() if route.called is item)


def _logs_read(binding: Binding, component: BoundComponent) -> bool:
    """Whether the logs that could speak of it were read. Stable components' logs are not asked: nothing to explain."""
    troubled = [item for item in _needing(binding, component) if _is_troubled(binding, item)]
    return all(any(log.text is not None for log in logs_of(binding, item)) for item in troubled if item.pods)


def _log_gap(binding: Binding, component: BoundComponent) -> Gap:
    gaps = [log.gap for item in _needing(binding, component) for log in logs_of(binding, item) if log.gap is not None]
    return gaps[0] if gaps else Gap(GapReason.NOT_READ, f"logs of what needs the {component.spec.label}")


def _logged(binding: Binding, component: BoundComponent) -> tuple[LogLine | None, str]:
    """The last line in which a troubled component says that it cannot reach this one, and the host it names."""
    for item in _needing(binding, component):
        if not _is_troubled(binding, item):
            continue
        serves = any(pod.ready for pod in item.pods) and not unstable_runs(binding, item)
        for log in logs_of(binding, item):
            lines = [line for line in log_lines(log) if not serves or _lately(binding, line, log.pod)]
            found = first_match(component.spec.unreachable_when_log_says, lines)
            found = found or _names_configured_host(binding, component, item, lines)
            # A program that starts after it has waited for its database has reached it.
            if found is not None and not _started_after(item, lines, found[0]):
                return found
    return None, ""


def _lately(binding: Binding, line: LogLine, pod: str) -> bool:
    """A process that runs on and fails calls now may have got over what it wrote long ago."""
    return line.time is not None and binding.within(line.time, 300, pod)


_UNREACHABLE = re.compile(
    r"(?i)refused|timed? ?out|no route to host|unreachable|not known|name resolution|getaddrinfo|reset by peer"
)


def _names_configured_host(
    binding: Binding, component: BoundComponent, item: BoundComponent, lines: list[LogLine]
) -> tuple[LogLine, str] | None:
    """The last line that says that the host which the settings name cannot be reached."""
    values = (variable_of(item.container, name, binding.view).value for name in component.spec.host_env)
    addresses = (parse_address(value if "://" in value else f"http://{value}", "") for value in values if value)
    hosts = {address.host for address in addresses if address is not None and len(address.host) > 3}
    # As a whole name: `prod` is not named by `prod-pg-rw`.
    named = {host: re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])") for host in hosts}
    for line in reversed(lines):
        host = next((host for host in hosts if named[host].search(line.text[:4000].lower())), "")
        if host and _UNREACHABLE.search(line.text[:4000]) and not is_of_another(binding, component, line.text):
            return line, host
    return None


def _started_after(item: BoundComponent, lines: list[LogLine], line: LogLine) -> bool:
    later = lines[lines.index(line) + 1 :]
    return first_match(item.spec.started_when_log_says, later) is not None


def _configured_outside(binding: Binding, component: BoundComponent) -> bool | Gap:
    """Whether those that need it are told to use a host that is no Service of this namespace."""
    unread: Gap | None = None
    for item in _needing(binding, component):
        for name in component.spec.host_env:
            variable = variable_of(item.container, name, binding.view)
            if variable.value is None and item.container is not None and variable.gap is not None:
                unread = unread or variable.gap
            if variable.value and _is_outside(binding, variable.value):
                return True
    return unread if unread is not None else False


def _is_outside(binding: Binding, value: str) -> bool:
    address = parse_address(value if "://" in value else f"http://{value}", binding.view.namespace)
    if address is None or address.kind == "loopback":
        return False
    if address.kind == "ip":
        return service_at(address, binding.view) is None
    return address.kind == "external" or address.namespace != binding.view.namespace
