"""Check on what a component's log reports: failures of calls, and lines that mean the same in every program."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.endpoints import is_loopback
from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, unstable_runs
from bot.engine.checks.detail.because import innermost
from bot.engine.checks.detail.blame import CLIENT_ASKED, CLIENT_GONE, is_helper_on_loopback, is_of_clients
from bot.engine.checks.detail.credentials import (
    callers_of,
    credentials_in_words,
    credentials_source,
    refuses_others,
)
from bot.engine.checks.detail.crowded import crowding
from bot.engine.checks.detail.going_on import may_be_over, worst_of
from bot.engine.checks.detail.reported import complained_of, reported_kinds
from bot.engine.checks.detail.reported_kind import BAD_ANSWERS, TOO_EARLY, Reported
from bot.engine.checks.detail.retried import came_through
from bot.engine.checks.logs import log_lines
from bot.engine.checks.probes import service_ports
from bot.engine.discovery.evidence import component_logs, hosts_of
from bot.engine.discovery.places import only_http_service, only_service_at, place_in_words, unasked_in_words
from bot.engine.discovery.telemetry import is_telemetry_host
from bot.engine.values.known_lines import known_lines
from bot.playbook.catalogue import ScopeKind


def check_report(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Does the log of a container that runs report failures now?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "report", binding.kubectl(f"logs {target} --tail=100"))
    if binding.graph is None:
        return question.idle("Its log is read for the lines of its playbook only.", _nothing(read=False))
    logs = component_logs(binding.view, component)
    if not logs:
        pods = _pods(component)
        gap = next((log.gap for log in binding.view.logs if log.gap is not None and log.pod in pods), None)
        return question.open(gap or Gap(GapReason.NOT_READ, f"log of {component.spec.label}"), {"report.read": False})
    calls = binding.graph.calls.get(component.name, ())
    kinds = [item for item in reported_kinds(binding, component, logs, calls) if not came_through(logs, item)]
    aside = {id(item) for item in kinds if _is_aside(binding, component, item)}
    kinds = [item for item in kinds if not (id(item) in aside and _is_nobodys(binding, component, item))]
    found = worst_of(binding, [item for item in kinds if id(item) not in aside]) or worst_of(binding, kinds)
    crowded = crowding(binding, component)
    facts = _nothing(read=True) | _of_any(kinds) | {"report.crowded": crowded}
    facts["report.calls"] = _calls_others(binding, component, calls) or not BAD_ANSWERS.isdisjoint(
        item.name for item in kinds
    )
    if found is None and crowded:
        return question.answered(False, f"It lets no more in: {crowded}", facts)
    if found is None:
        return question.answered(True, "Its log reports no failure now.", facts)
    because = innermost(logs, found.text)
    text = f"{found.text} (caused by {because})" if because else found.text
    words = place_in_words(binding, found.host) if found.host else ""
    if found.name in BAD_ANSWERS and not words:
        words = _only_call(binding, component)
    store = only_service_at(binding, component, _PORTS_OF.get(found.name, frozenset())) if not found.host else None
    words = words or (place_in_words(binding, store.name) if store is not None else "")
    facts |= _passwords(binding, component, found) | {
        "report.failing": not unstable_runs(binding, component),
        "report.kind": found.name,
        "report.aside": id(found) in aside,
        "report.own": found.own,
        "report.what": found.what,
        "report.text": text,
        "report.count": found.count,
        "report.often": _often(found),
        "report.since": clock_time(found.first) if found.first else "an unknown time",
        "report.host": found.host,
        "report.place": words,
    }
    said = f"Its log says, {facts['report.often']}: {text}"
    return question.answered(False, f"{said} ({words}).", facts) if words else question.answered(False, said, facts)


def _often(found: Reported) -> str:
    if found.standing:
        return "and has not said that it is over"
    if found.held:
        return f"{found.count} times as it began, and nothing since"
    return f"{found.count} times in the last minutes"


def _passwords(binding: Binding, component: BoundComponent, found: Reported) -> dict[str, FactValue | Gap]:
    """Whether it refuses the passwords of those who call it, and how they are; which credentials it has itself."""
    if found.name != "password_refused":
        return {"report.refuses": False, "report.told_by_callers": False, "report.credentials": ""}
    facts: dict[str, FactValue | Gap] = {
        "report.credentials": credentials_in_words(binding, component),
        "report.credentials_source": credentials_source(component),
    }
    if not refuses_others(binding, component):
        return facts | {"report.refuses": False, "report.told_by_callers": False}
    callers = callers_of(binding, component)
    return facts | {
        "report.refuses": True,
        "report.told_by_callers": any(_is_refused(binding, name) for name in callers),
        "report.callers_well": all(_is_well(binding, name) for name in callers),
    }


def _is_aside(binding: Binding, component: BoundComponent, item: Reported) -> bool:
    """Whether it may be over, as it was said only when the program began, or nobody can be seen to suffer from it: the
    program serves, and it is about telemetry or a helper on its own address, or the program itself calls the line an
    information, or keeps what failed for later, or goes on with other work beside a token that one visitor may send, or
    only a helper beside it says so that nobody calls.
    """
    serves = bool(component.pods) and all(pod.ready for pod in component.pods)
    if not serves or unstable_runs(binding, component) or complained_of(binding, component):
        return False
    if may_be_over(binding, item):
        return True
    if item.mild or item.put_off or _is_a_helpers(binding, component, item):
        return True
    if item.standing:
        return _callers_are_well(binding, component)
    if item.amid and item.name == TOO_EARLY:
        return True
    if item.name in (CLIENT_ASKED, CLIENT_GONE) or is_of_clients(binding, component, statements=item.statements):
        return True
    if item.own:
        return False
    if is_loopback(item.host) and not any(_is_hurt(binding, name) for name in callers_of(binding, component)):
        return True
    return is_helper_on_loopback(item.host, item.port, amid=item.amid) or is_telemetry_host(item.host)


def _is_nobodys(binding: Binding, component: BoundComponent, item: Reported) -> bool:
    """Whether nothing is to be told of what is aside: it is only for who looks into the program, or a client has had
    its statement or its odd request back, and all who call it are well.
    """
    if item.quiet or (item.name in (CLIENT_ASKED, CLIENT_GONE) and item.amid):
        return True
    return is_of_clients(binding, component, statements=item.statements) and _callers_are_well(binding, component)


def _callers_are_well(binding: Binding, component: BoundComponent) -> bool:
    """Whether somebody calls it, and all who do serve and report no failure."""
    callers = callers_of(binding, component)
    return bool(callers) and all(_is_well(binding, name) for name in callers)


_DATABASES = frozenset({1433, 1521, 3306, 5432})
_PORTS_OF = {
    "store_full": frozenset({6379, 11211}),
    "database_locked": _DATABASES,
    "too_many_connections": _DATABASES | {27017},
}
"""Where that listens about which a line of this kind is, which names no host."""

_OF_CALLS = frozenset(kind.value for kind in CallFailure)


def _is_a_helpers(binding: Binding, component: BoundComponent, item: Reported) -> bool:
    """Whether only a container beside the work, to which no Service leads, fails to call what is not of this app: it
    ships logs, say. Other errors of it may be those of a part of the work.
    """
    main, called, graph = component.container, service_ports(component), binding.graph
    if main is None or graph is None or item.name not in _OF_CALLS or not item.host:
        return False
    if not item.containers or main.name in item.containers:
        return False
    every = (one for pod in component.all_pods for one in (*pod.spec.containers, *pod.spec.init_containers))
    saying = [one for one in every if one.name in item.containers]
    if not saying or any(port.container_port in called for one in saying for port in one.ports):
        return False
    return not any(item.host in hosts_of(binding, service) for service in graph.services.values() if service.service)


def _only_call(binding: Binding, component: BoundComponent) -> str:
    """What an error of "upstream" can only be about, where one Service is called over HTTP: that, and how it is."""
    service = only_http_service(binding, component)
    if service is None:
        return ""
    called = binding.components.get(service.target)
    unasked = unasked_in_words(called) if called is not None else ""
    return f"Over HTTP it calls Service {service.name} only: {place_in_words(binding, service.name)}" + (
        f"; {unasked}" if unasked else ""
    )


def _component(binding: Binding, name: str) -> BoundComponent | None:
    """One that was asked about or belongs to it, or one that is only heard, as it calls that."""
    heard = binding.graph.witnesses.get(name) if binding.graph else None
    return binding.components.get(name) or heard


def _is_well(binding: Binding, name: str) -> bool:
    """Whether a component serves, and its log was read and reports no failure now."""
    component = _component(binding, name)
    logs = component_logs(binding.view, component) if component else []
    if component is not None and not component.pods:
        return True  # a run that is not due, say
    if component is None or not logs or not all(pod.ready for pod in component.pods):
        return False
    calls = binding.graph.calls.get(name, ()) if binding.graph else ()
    found = worst_of(binding, reported_kinds(binding, component, logs, calls))
    return found is None and not unstable_runs(binding, component)


def _is_hurt(binding: Binding, name: str) -> bool:
    """Whether a component that calls it is seen not to serve, or to report failures now."""
    component = _component(binding, name)
    if component is None or not component.pods:
        return False
    if not all(pod.ready for pod in component.pods) or unstable_runs(binding, component):
        return True
    calls = binding.graph.calls.get(name, ()) if binding.graph else ()
    return (
        worst_of(binding, reported_kinds(binding, component, component_logs(binding.view, component), calls))
        is not None
    )


def _is_refused(binding: Binding, name: str) -> bool:
    """Whether a component's own log says that its password is refused."""
    component = _component(binding, name)
    known = known_lines(tuple(item for item in binding.lines if item.id == "password_refused"))
    logs = component_logs(binding.view, component) if component else []
    return any(known.first(line.text) for log in logs for line in log_lines(log))


def _nothing(*, read: bool) -> dict[str, FactValue | Gap]:
    empty = ("kind", "what", "text", "often", "since", "host", "place", "account", "wanted", "variable", "credentials",
             "credentials_source", "crowded")  # fmt: skip
    facts: dict[str, FactValue | Gap] = {f"report.{name}": "" for name in empty}
    return facts | {
        "report.read": read,
        "report.failing": False,
        "report.aside": False,
        "report.own": False,
        "report.count": 0,
        "report.calls": False,
        "report.refuses": False,
        "report.callers_well": False,
        "report.told_by_callers": False,
    }


def _pods(component: BoundComponent) -> set[str]:
    return {pod.metadata.name for pod in (*component.all_pods, *component.finished)}


def _calls_others(binding: Binding, component: BoundComponent, calls: Iterable[FailedCall]) -> bool:
    """Whether a failed call went to something that its calls lead to, as far as that is known."""
    graph = binding.graph
    if graph is None:
        return False
    hosts = {host for edge in graph.edges_of(component.name) for host in _hosts(binding, edge.service)}
    return any((call.host or "") in hosts or (call.address or "") in hosts for call in calls)


def _hosts(binding: Binding, scope: str) -> frozenset[str]:
    service = binding.graph.services.get(scope) if binding.graph else None
    return hosts_of(binding, service) if service is not None else frozenset()


def _of_any(kinds: Iterable[Reported]) -> dict[str, FactValue | Gap]:
    """What single lines say wherever they stand: the account that is refused, the variable that is missing."""
    facts: dict[str, FactValue | Gap] = {}
    for item in kinds:
        if item.name == "account_forbidden":
            facts["report.account"] = item.fields.get("account", "")
            group = item.fields.get("group", "")
            where = item.fields.get("namespace", "")
            resource = item.fields.get("resource", "") + (f".{group}" if group else "")
            words = f"{item.fields.get('verb', '')} {resource}"
            facts["report.wanted"] = words + (f" in namespace {where}" if where else " in the whole cluster")
        if item.name == "missing_variable":
            facts["report.variable"] = next((value for key, value in item.fields.items() if key.startswith("what")), "")
    return facts
