"""Where a URL leads, as the cluster resolves it: to which Service, pod or node, or to a place that cannot be seen here.

What cannot be resolved from here is a gap: unknown, not wrong.
"""

from __future__ import annotations

import re

from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import Service
from bot.domain.view import ForeignService
from bot.engine.binding import Binding, BoundRoute, service_at
from bot.engine.checks.observed.along import is_its_name
from bot.engine.checks.observed.failed import lasting_failures
from bot.engine.values.address import Address, parse_address

Judgement = tuple[bool, str] | Gap
_CHAINED = 3
"""ExternalName Services that lead to one another are followed this far."""


def judge_destination(binding: Binding, route: BoundRoute, value: str) -> Judgement:
    """Whether the URL leads to the called component, with words that say why or why not."""
    literal = re.search(r"\$\(\w+\)", value)
    if literal:  # what cannot be seen has made the value unknown before this
        return False, f"{literal[0]} stands in it as it is, because no variable of that name is set"
    if route.address is None:
        return False, "it is not a usable http URL"
    judged = _judge(binding, route, route.address, _CHAINED)
    sent = _sent_by_alias(binding, route.address, value)
    return (judged[0], f"{sent}: {judged[1]}") if sent and not isinstance(judged, Gap) else judged


def _sent_by_alias(binding: Binding, address: Address, value: str) -> str:
    """That the caller's own hosts file sends the name of the URL to an address, in words; empty if it does not."""
    said = parse_address(value, binding.view.namespace)
    same = said is None or said.host == address.host
    return "" if same or said is None else f"hostAliases of its pods send {said.host} to {address.host}"


def _judge(binding: Binding, route: BoundRoute, address: Address, left: int) -> Judgement:
    called = route.called.spec.label
    if address.kind == "loopback":
        return _in_own_pod(route, address)
    gap = binding.gap("services")
    service = service_at(address, binding.view)
    if service is not None:
        return _through(binding, route, service, address, left)
    if address.kind == "ip":
        return gap or _at_address(binding, route, address)
    if address.kind == "external":
        return Gap(
            GapReason.NOT_READ, f"whether {address.url} leads to the {called}", "the host is outside the cluster"
        )
    if address.namespace != binding.view.namespace:
        return _in_other_namespace(binding, route, address)
    return gap or (False, _no_such_service(binding, route, address))


def _in_own_pod(route: BoundRoute, address: Address) -> Judgement:
    """Loopback: another container of the caller's pod may be the called program, or a proxy that leads to it."""
    main, template = route.caller.container, route.caller.template
    for container in template.serving_containers if template else ():
        if container != main and any(port.container_port == address.port for port in container.ports):
            return True, f"container {container.name} of the same pod listens there"
    return False, f"it points at {route.caller.named}'s own pod, not at {route.called.named}"


def _at_address(binding: Binding, route: BoundRoute, address: Address) -> Judgement:
    """An address that no Service has: a pod's, a node's, or one outside the cluster."""
    host, port = address.host, address.port
    if any(pod.status.pod_ip == host for pod in route.called.pods):
        known = _pod_ports(binding, route, None)
        if not known or port in known:
            return True, f"it leads to a pod of {route.called.named}, until that pod is replaced"
        return False, f"it leads to a pod of {route.called.named}, but not to a port it listens on"
    if any(pod.status.host_ip == host for pod in binding.view.pods):
        at_node = [item for item in binding.own_services if any(port == one.node_port for one in item.spec.ports)]
        if route.service is not None and route.service in at_node:
            return True, f"it leads to Service {route.service.metadata.name} through a port of its node"
    what = f"whether {address.url} leads to {route.called.named}"
    return Gap(GapReason.NOT_READ, what, f"{host} is no address of a Service, pod or node that can be seen from here")


def _no_such_service(binding: Binding, route: BoundRoute, address: Address) -> str:
    where = binding.view.namespace
    known = f"; {route.called.named}'s Service is {route.service.metadata.name}" if route.service else ""
    if "_" in address.host:
        return f"{address.host} is a Compose name, which no Kubernetes Service can have{known}"
    return f"there is no Service {address.service} in {where}{known}"


def _through(binding: Binding, route: BoundRoute, service: Service, address: Address, left: int) -> Judgement:
    name = service.metadata.name
    if service.spec.external_name:
        return _external_name(binding, route, service, address, left)
    if route.service is None or name != route.service.metadata.name:
        meant = f", which is {route.service.metadata.name}" if route.service else ""
        return False, f"Service {name} is not the Service of {route.called.named}{meant}"
    if service.headless:
        return _headless(binding, route, service, address)
    ports = [port.port for port in service.spec.ports]
    if address.port not in ports:
        listed = ", ".join(str(port) for port in ports) or "none"
        return False, f"Service {name} does not serve port {address.port} (it serves {listed})"
    return True, f"it leads to Service {name}, port {address.port}"


def _headless(binding: Binding, route: BoundRoute, service: Service, address: Address) -> Judgement:
    """The name of a headless Service resolves to its pods: their own ports count, the Service's translate nothing."""
    name, known = service.metadata.name, _pod_ports(binding, route, service)
    if address.port in known:
        return True, f"it leads to the pods behind the headless Service {name}, port {address.port}"
    if not known:
        return Gap(GapReason.ABSENT, f"whether the pods behind Service {name} listen on port {address.port}")
    listed = ", ".join(str(port) for port in sorted(known))
    return False, f"Service {name} is headless: its pods are called themselves, and they listen on {listed}"


def _pod_ports(binding: Binding, route: BoundRoute, service: Service | None) -> set[int]:
    """Ports that the called pods are known to listen on."""
    template = route.called.template
    found = {port.container_port for item in (template.serving_containers if template else ()) for port in item.ports}
    found |= {route.called.spec.port} if route.called.spec.port else set()
    if service is not None:
        groups = (group for group in binding.view.endpoints if group.service == service.metadata.name)
        found |= {port.port for group in groups for port in group.ports}
    return found - {0}


def _external_name(binding: Binding, route: BoundRoute, service: Service, address: Address, left: int) -> Judgement:
    """An ExternalName Service is an alias: what counts is where the other name leads, with the URL's own port."""
    behind = parse_address(f"{address.scheme}://{service.spec.external_name}:{address.port}", binding.view.namespace)
    if behind is None or left == 0:
        what = f"whether {address.url} leads to {route.called.named}"
        return Gap(GapReason.NOT_READ, what, f"Service {service.metadata.name} stands for {service.spec.external_name}")
    return _judge(binding, route, behind, left - 1)


def _in_other_namespace(binding: Binding, route: BoundRoute, address: Address) -> Judgement:
    known = f"; {route.called.named} runs in {binding.view.namespace}" if route.called.workload else ""
    foreign = foreign_service(binding, address)
    where = f"Service {address.service} in namespace {address.namespace}"
    if (foreign is None or foreign.service is None) and _is_not_found(binding, route):
        return False, f"its user's log says that there is no {address.host}{known}"
    if foreign is None or (foreign.gap is not None and foreign.gap.reason is not GapReason.ABSENT):
        return (foreign.gap if foreign else None) or Gap(GapReason.NOT_READ, where)
    if foreign.service is None:
        if _may_be_elsewhere(binding, route, address):
            what = f"whether {address.host} leads to {route.called.named}"
            detail = f"there is no {where}, but the name may be one of the domains that the pod searches"
            return Gap(GapReason.ABSENT, what, detail)
        return False, f"there is no {where}{known}"
    spec = foreign.service.spec
    if spec.external_name:
        return Gap(GapReason.NOT_READ, where, f"it stands for {spec.external_name}")
    if not foreign.service.headless and address.port not in [port.port for port in spec.ports]:
        return False, f"Service {address.service} in {address.namespace} does not serve port {address.port}{known}"
    if foreign.ready_addresses is None:
        return Gap(GapReason.NOT_READ, f"endpoints of {where}")
    if not foreign.ready_addresses:
        return False, f"{where} has no ready endpoints{known}"
    return True, f"it leads to {where}"


def foreign_service(binding: Binding, address: Address) -> ForeignService | None:
    """What was read of the Service in another namespace that an address names."""
    wanted = (address.namespace, address.service)
    return next((item for item in binding.view.foreign_services if (item.namespace, item.name) == wanted), None)


def _is_not_found(binding: Binding, route: BoundRoute) -> bool:
    """Whether the caller's log says that this very name does not exist, and no call has succeeded since."""
    failed = (call for call in lasting_failures(binding, route) if call.error == "ENOTFOUND")
    return any(is_its_name(binding, route, call.host) for call in failed)


def _may_be_elsewhere(binding: Binding, route: BoundRoute, address: Address) -> bool:
    """Whether a name of two labels may be found by the search path of the pod: `onyx.api` in `corp.example`, say.

    The caller's own log tells if it is not found.
    """
    if len(address.host.split(".")) > 2:
        return False
    unresolved = ("ENOTFOUND", "EAI_AGAIN")
    failed = (call for call in lasting_failures(binding, route) if call.error in unresolved)
    return not any(is_its_name(binding, route, call.host) for call in failed)
