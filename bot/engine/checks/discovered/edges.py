"""Checks on a call: does the address lead anywhere, may it go there, does the caller's log say that it fails?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.calls import FailedCall
from bot.domain.endpoints import SERVICE_VARIABLE
from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.kubernetes import Service
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, runs
from bot.engine.checks.detail.report import check_report
from bot.engine.checks.detail.reported import complained_of
from bot.engine.checks.detail.reported_kind import BAD_ANSWERS
from bot.engine.checks.discovered.demand import is_suffering
from bot.engine.checks.discovered.elsewhere import check_elsewhere, foreign_service
from bot.engine.checks.policed import check_policies
from bot.engine.discovery.evidence import calls_to, failed_calls_of, goes_unanswered, hosts_of
from bot.engine.discovery.graph import BoundEdge, BoundService, Reference
from bot.engine.discovery.routes import route_along
from bot.engine.discovery.telemetry import is_telemetry
from bot.playbook.catalogue import ScopeKind

_KIND: ScopeKind = "edge"


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with one address. `expected` is what would be right, as far as that can be told."""

    reason: str
    reference: Reference
    text: str
    expected: str = ""


def edge_checks(binding: Binding, edge: BoundEdge) -> list[Check]:
    """Every question about one call."""
    address = check_address(binding, edge)
    checks = [address, check_calls(binding, edge, wrong=address.status is CheckStatus.FAIL)]
    route = route_along(binding, edge)
    service = binding.graph.services.get(edge.service) if binding.graph else None
    if route is not None and service is not None and service.target and service.service is not None:
        checks.append(check_policies(binding, route, _KIND))
    return [*checks, check_elsewhere(binding, edge)]


def label_of(binding: Binding, edge: BoundEdge) -> str:
    """`front → orders`."""
    caller = binding.components.get(edge.caller)
    called = edge.host if not edge.loopback else "its own pod"
    return f"{caller.spec.label if caller else edge.caller} → {called}"


def check_address(binding: Binding, edge: BoundEdge) -> Check:
    """Does every address that the caller is given lead to a port of a Service?"""
    caller = binding.components.get(edge.caller)
    target = caller.workload.target if caller and caller.workload else edge.caller
    question = CheckBuilder(_KIND, edge.scope, "address", binding.kubectl(f"get {target} -o yaml"))
    facts: dict[str, FactValue | Gap] = {"label": label_of(binding, edge)}
    since = renumbered(binding, edge)
    facts |= {"address.renumbered": bool(since), "address.since": since}
    judged = [(reference, _judge(binding, edge, caller, reference)) for reference in edge.references]
    faults = sorted((item for _, item in judged if isinstance(item, _Fault)), key=lambda item: item.reference.weak)
    if faults:
        fault = faults[0]
        facts |= {
            "address.right": False,
            "address.reason": fault.reason,
            "address.value": fault.reference.endpoint.spoken,
            "address.source": fault.reference.source,
            "address.text": f"{fault.text}. Right would be: {fault.expected}" if fault.expected else fault.text,
            "address.expected": fault.expected,
            "address.weak": fault.reference.weak,
        }
        words = f"{fault.reference.source}: {fault.reference.endpoint.spoken}: {fault.text}"
        return question.answered(False, f"{words}.", facts)
    gap = next((item for _, item in judged if isinstance(item, Gap)), None)
    value = edge.references[0].endpoint.spoken if edge.references else edge.host
    facts |= {
        "address.value": value,
        "address.source": edge.references[0].source if edge.references else "its log",
        "address.weak": all(item.weak for item in edge.references),
        "address.expected": "",
    }
    if gap is not None:
        return question.open(gap, facts)
    facts |= {"address.right": True, "address.reason": "right", "address.text": "it leads to a port of the Service"}
    if since:
        return question.answered(False, f"{value} is taken from a variable that is set at start, but {since}.", facts)
    return question.answered(True, f"{value} leads to a port of the Service.", facts)


def renumbered(binding: Binding, edge: BoundEdge) -> str:
    """Since when a Service has another address than the one that its caller was given at start; empty if it has not.

    Kubernetes sets the variables with a Service's address when a container starts, and never again.
    """
    bound = binding.graph.services.get(edge.service) if binding.graph else None
    service, caller = bound.service if bound else None, binding.components.get(edge.caller)
    given = any(item.endpoint.scheme == SERVICE_VARIABLE for item in edge.references)
    if service is None or caller is None or not given or service.metadata.creation_timestamp is None:
        return ""
    made = service.metadata.creation_timestamp
    starts = [run.started_at for run in runs(caller.pods) if run.started_at is not None and not run.init]
    if not starts or made <= min(starts):
        return ""
    return (
        f"Service {service.metadata.name} is there only since {clock_time(made)}, "
        f"the containers run since {clock_time(min(starts))}"
    )


def _judge(
    binding: Binding, edge: BoundEdge, caller: BoundComponent | None, reference: Reference
) -> _Fault | Gap | None:
    if edge.loopback:
        return _own_pod(binding, caller, reference)
    if edge.foreign is not None:
        return _elsewhere(binding, edge.foreign, reference)
    service = binding.graph.services.get(edge.service) if binding.graph else None
    if service is None or service.service is None:
        return None  # that there is no Service is a fault of its own
    return (
        _alias(caller, service, reference)
        or _port(binding, service, service.service, reference)
        or _scheme(binding, edge, service, reference)
    )


def _own_pod(binding: Binding, caller: BoundComponent | None, reference: Reference) -> _Fault | Gap | None:
    """Another container of the pod may listen there; what declares no port may listen on any.

    What only its log names, and it serves without, may be a helper of its own that is at rest.
    """
    template = caller.template if caller else None
    if template is None or not reference.endpoint.port:
        return None
    declared = {port.container_port for item in template.containers for port in item.ports}
    others = [item for item in template.containers if item.name != reference.container]
    if reference.endpoint.port in declared or any(not item.ports for item in others):
        return None
    hurts = caller is not None and (is_suffering(binding, caller) or complained_of(binding, caller))
    if (reference.logged or is_telemetry((reference,))) and not hurts:
        why = "only its log names it" if reference.logged else "it is for telemetry"
        return Gap(GapReason.ABSENT, f"what should listen on its port {reference.endpoint.port}", why)
    return _Fault(
        "loopback", reference, f"it is the pod itself, where nothing listens on port {reference.endpoint.port}"
    )


def _elsewhere(binding: Binding, foreign: tuple[str, str], reference: Reference) -> _Fault | Gap | None:
    namespace, name = foreign
    found = foreign_service(binding, namespace, name)
    here = next((item for item in binding.view.services if item.metadata.name == name), None)
    expected = f"{name}.{binding.view.namespace}" if here is not None else ""
    if found is None:
        return Gap(GapReason.NOT_READ, f"Service {name} in namespace {namespace}")
    if found.gap is not None and found.gap.reason is not GapReason.ABSENT:
        return found.gap
    if found.service is None:
        known = f"; Service {name} is in {binding.view.namespace}" if here is not None else ""
        text = f"there is no Service {name} in namespace {namespace}{known}"
        return _Fault("foreign_missing", reference, text, expected)
    ports = [port.port for port in found.service.spec.ports]
    port = reference.endpoint.port
    if port and ports and port not in ports and found.service.spec.cluster_ip != "None":
        text = f"Service {name} in {namespace} does not serve port {port} (it serves {_listed(ports)})"
        return _Fault("foreign_port", reference, text, f"port {_listed(ports)}")
    return None


def _alias(caller: BoundComponent | None, bound: BoundService, reference: Reference) -> _Fault | None:
    """The pod's own hosts file sends the name elsewhere: no DNS is asked then."""
    template = caller.template if caller else None
    given = {name.lower(): item.ip for item in template.host_aliases for name in item.hostnames} if template else {}
    to = given.get(reference.endpoint.host.lower(), "")
    if not to or bound.service is None or to in bound.service.addresses:
        return None
    text = f"hostAliases of its pods send {reference.endpoint.host} to {to}, not to Service {bound.name}"
    return _Fault("alias", reference, text, "no such entry in hostAliases")


def _port(binding: Binding, bound: BoundService, service: Service, reference: Reference) -> _Fault | None:
    port, ports = reference.endpoint.port, [item.port for item in service.spec.ports]
    if not port or not ports or service.spec.external_name or port in ports:
        return None
    if service.spec.cluster_ip == "None" and _headless_serves(binding, bound, service, port):
        return None
    text = f"Service {service.metadata.name} does not serve port {port} (it serves {_listed(ports)})"
    return _Fault("port", reference, text, f"port {_listed(ports)}")


_PLAIN_BEHIND = re.compile(
    r"(?i)wrong version number|HTTP response to HTTPS client|does not look like a TLS handshake|unknown protocol"
    r"|packet length too long|plaintext connection\?"
)
_TLS_BEHIND = re.compile(r"(?i)HTTP request (was sent )?to an? HTTPS (server|port)")


def _scheme(binding: Binding, edge: BoundEdge, bound: BoundService, reference: Reference) -> _Fault | None:
    """TLS is spoken to what answers without, or the other way round: the caller's own log says so now."""
    caller, scheme = binding.components.get(edge.caller), reference.endpoint.scheme
    words = _PLAIN_BEHIND if scheme == "https" else _TLS_BEHIND if scheme == "http" else None
    if caller is None or words is None:
        return None
    names = hosts_of(binding, bound)
    for call in failed_calls_of(binding, caller) or ():
        if words.search(call.line) and (not call.host or call.host in names or _alone(binding, edge, scheme)):
            right = "http" if scheme == "https" else "https"
            how = "without TLS" if right == "http" else "with TLS only"
            expected = str(reference.endpoint).replace(f"{scheme}://", f"{right}://", 1)
            return _Fault("scheme", reference, f"what is behind Service {bound.name} answers {how}", expected)
    return None


def _alone(binding: Binding, edge: BoundEdge, scheme: str) -> bool:
    """Whether it is the caller's only call with this scheme: then a line that names no host is about it."""
    edges = binding.graph.edges_of(edge.caller) if binding.graph else ()
    return [item for item in edges if any(one.endpoint.scheme == scheme for one in item.references)] == [edge]


def _headless_serves(binding: Binding, bound: BoundService, service: Service, port: int) -> bool:
    """A headless Service is only a name: what counts is the port on which the pods listen."""
    component = binding.components.get(bound.target)
    template = component.template if component else None
    declared = {item.container_port for box in template.containers for item in box.ports} if template else set()
    targets = {item.target_port for item in service.spec.ports}
    return not declared or port in declared or port in targets


def _listed(ports: list[int]) -> str:
    return ", ".join(str(port) for port in ports)


def check_calls(binding: Binding, edge: BoundEdge, *, wrong: bool = False) -> Check:
    """Does the caller's own log say that these calls fail now? `wrong`: the address leads nowhere."""
    caller = binding.components.get(edge.caller)
    target = caller.workload.target if caller and caller.workload else edge.caller
    question = CheckBuilder(_KIND, edge.scope, "calls", binding.kubectl(f"logs {target} --tail=100"))
    hurts = caller is not None and is_suffering(binding, caller)
    complains = edge.loopback and caller is not None and _complains(binding, caller)
    complains = complains or (bool(renumbered(binding, edge)) and caller is not None and _fails(binding, caller))
    complains = complains or (wrong and caller is not None and _complains(binding, caller, *_VAGUE))
    facts: dict[str, FactValue | Gap] = {"calls.hurts": hurts, "calls.complains": complains}
    calls = calls_along(binding, edge)
    if calls is None:
        what = f"the log of {caller.spec.label if caller else edge.caller}"
        return question.open(binding.gap("pods") or Gap(GapReason.NOT_READ, what), facts)
    facts |= {
        "calls.failing": bool(calls),
        "calls.kind": calls[-1].kind.value if calls else "",
        "calls.text": calls[-1].line if calls else "no failed call",
        "calls.count": sum(call.count for call in calls),
        "calls.unanswered": goes_unanswered(calls, (caller and failed_calls_of(binding, caller)) or ()),
    }
    if calls:
        return question.answered(False, f"Its log says: {calls[-1].line}", facts)
    return question.answered(True, "Its log shows no failed call there.", facts)


_VAGUE = ("error_line", "crash")


def _complains(binding: Binding, caller: BoundComponent, *kinds: str) -> bool:
    """Whether the caller's log says that something it calls fails, without a word about what that is.

    `kinds`: what counts beside that.
    """
    facts = check_report(binding, caller, "workload").facts
    return facts.get(f"{caller.name}.report.kind") in (*BAD_ANSWERS, *kinds)


def _fails(binding: Binding, caller: BoundComponent) -> bool:
    """Whether the caller's log reports failures of any kind now."""
    return check_report(binding, caller, "workload").facts.get(f"{caller.name}.report.failing") is True


def calls_along(binding: Binding, edge: BoundEdge) -> list[FailedCall] | None:
    """The caller's failed calls of the last minutes that went along this edge; None if no log of it was read."""
    caller = binding.components.get(edge.caller)
    if caller is None:
        return None
    service = binding.graph.services.get(edge.service) if binding.graph else None
    if service is not None:
        return calls_to(binding, caller, service)
    calls = failed_calls_of(binding, caller)
    if calls is None:
        return None
    hosts = {item.endpoint.host for item in edge.references} | {edge.host}
    ports = {item.endpoint.port for item in edge.references}
    if edge.loopback:
        return [call for call in calls if call.host in ("127.0.0.1", "::1", "localhost") and call.port in ports]
    return [call for call in calls if call.host in hosts]
