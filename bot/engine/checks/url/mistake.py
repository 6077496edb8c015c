"""What kind of mistake a URL holds that does not lead to the called component. Called by `check`."""

from __future__ import annotations

from bot.engine.binding import Binding, BoundRoute, service_at


def mistake_of(binding: Binding, route: BoundRoute) -> str:
    """`no-url`, `loopback`, `no-service`, `other-service` or `port`, for a URL that is known not to be right."""
    address = route.address
    if address is None:
        return "no-url"
    if address.kind == "loopback":
        return "loopback"
    service = service_at(address, binding.view)
    if service is not None:
        meant = route.service is not None and service.metadata.name == route.service.metadata.name
        return "port" if meant else "other-service"
    if address.kind != "service":
        return "port" if any(pod.status.pod_ip == address.host for pod in route.called.pods) else "other-service"
    foreign = [
        item.service
        for item in binding.view.foreign_services
        if (item.namespace, item.name) == (address.namespace, address.service)
    ]
    found = next((item for item in foreign if item is not None), None)
    if found is None:
        return "no-service"
    return "other-service" if address.port in [port.port for port in found.spec.ports] else "port"
