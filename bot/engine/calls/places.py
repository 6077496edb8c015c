"""Where a failed call went, as the cluster knows the address: to the called component, to its own pod, or elsewhere."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

from bot.domain.calls import RUNGS, FailedCall, Rung
from bot.domain.kubernetes import Service
from bot.engine.binding import Binding, BoundComponent, service_at
from bot.engine.values.address import parse_address
from bot.playbook.schema import Destination

Where = Destination | Literal["outside"]
_RANGE = 16
"""Services' and pods' ranges cannot be read; addresses that share their first 16 bits are taken for one range."""


@dataclass(frozen=True, slots=True)
class CallDestination:
    """A destination, and what it is in words (`the address of Service api-server`)."""

    where: Where
    words: str


def place_of(call: FailedCall, binding: Binding, scope: str) -> CallDestination | None:
    """Where a call went that was meant for a component or along a route; None if its text names no destination."""
    if RUNGS[call.kind] is Rung.NAME:
        return CallDestination("name", f"the name {call.host}" if call.host else "a name")
    if call.address is None and call.host is None:
        return None
    component, services = _meant(binding, scope)
    if call.address is not None:
        return _at_address(call.address, binding, component, services)
    return _at_name(call.host or "", call.port, binding, services)


def _meant(binding: Binding, scope: str) -> tuple[BoundComponent | None, tuple[Service, ...]]:
    """The component that a route or component means, and the Services that lead to it."""
    route = binding.routes.get(scope)
    component = route.called if route else binding.components.get(scope)
    found = [item.service for item in binding.routes.values() if component is not None and item.called is component]
    services = {item.metadata.name: item for item in found if item is not None}
    labels = component.template_labels if component else {}
    for item in binding.own_services:
        selector = item.spec.selector
        if selector and labels and all(labels.get(key) == value for key, value in selector.items()):
            services[item.metadata.name] = item
    return component, tuple(services.values())


def _at_name(host: str, port: int | None, binding: Binding, services: tuple[Service, ...]) -> CallDestination:
    address = parse_address(f"http://{host}:{port or 80}", binding.view.namespace)
    if address is not None and address.kind == "loopback":
        return CallDestination("loopback", "the caller's own pod")
    service = service_at(address, binding.view) if address is not None else None
    if service is None:
        return CallDestination("name", f"the name {host}")
    if any(item.metadata.name == service.metadata.name for item in services):
        return CallDestination("service", f"Service {service.metadata.name}")
    return CallDestination("other", f"Service {service.metadata.name}, another one")


def _at_address(
    text: str, binding: Binding, component: BoundComponent | None, services: tuple[Service, ...]
) -> CallDestination:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return CallDestination("outside", f"{text}, which is no address here")
    if address.is_loopback or address.is_unspecified:
        return CallDestination("loopback", "the caller's own pod")
    for service in services:
        if text in service.addresses:
            return CallDestination("service", f"the address of Service {service.metadata.name}")
    pods = component.all_pods if component else ()
    if any(text == pod.status.pod_ip for pod in pods):
        return CallDestination("pod", "a pod of it")
    return _elsewhere(text, binding, services)


def _elsewhere(text: str, binding: Binding, services: tuple[Service, ...]) -> CallDestination:
    view = binding.view
    other = next((item for item in view.services if text in item.addresses), None)
    if other is not None:
        return CallDestination("other", f"the address of Service {other.metadata.name}, another one")
    pod = next((item for item in view.pods if text == item.status.pod_ip), None)
    if pod is not None:
        return CallDestination("other", f"the address of pod {pod.metadata.name}, another one")
    if "services" not in view.gaps and any(_near(text, own) for item in view.services for own in item.addresses):
        now = ", ".join(sorted({own for item in services for own in item.addresses}))
        held = f"; its Service has {now} now" if now else ""
        return CallDestination("kept", f"{text}, an address of Services that none here has{held}")
    if any(_near(text, item.status.pod_ip) for item in view.pods if item.status.pod_ip):
        return CallDestination("pod", f"{text}, an address of pods that none here has now")
    return CallDestination("outside", f"{text}, which is no address of this cluster that can be seen from here")


def _near(text: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(other) in ipaddress.ip_network(f"{text}/{_RANGE}", strict=False)
    except ValueError:
        return False
