"""Remedies of a route: its Service's selector and port, a Service that is missing, the caller's restart."""

from __future__ import annotations

from typing import Any

from bot.domain.kubernetes import Container
from bot.domain.remedies import Parameter, Step, StepKind
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.service import route_port, target_number
from bot.engine.remedies.proposal import Proposal, patching, restarting


def restart_caller(route: BoundRoute, _binding: Binding) -> Proposal | None:
    """Start the caller's pods anew: they read their environment at start only."""
    workload = route.caller.workload
    return Proposal((restarting(workload),)) if workload is not None else None


def fix_service_selector(route: BoundRoute, _binding: Binding) -> Proposal | None:
    """Make the Service select by the labels that the called workload's own selector goes by."""
    service, workload = route.service, route.called.workload
    wanted = dict(workload.spec.selector.match_labels) if workload is not None else {}
    if service is None or not wanted or service.spec.selector == wanted:
        return None
    removed = {key: None for key in service.spec.selector if key not in wanted}
    return Proposal((patching(f"service/{service.metadata.name}", {"spec": {"selector": {**removed, **wanted}}}),))


def fix_service_port(route: BoundRoute, _binding: Binding) -> Proposal | None:
    """Lead the Service's port to the port on which the container listens, by name where it went by name."""
    service, port, container = route.service, route_port(route), route.called.container
    if service is None or port is None or container is None:
        return None
    right = _listening(container, route.called.spec.port)
    if right is None or target_number(port, route.called) == right:
        return None
    name = next((item.name for item in container.ports if item.container_port == right and item.name), "")
    by_name = isinstance(port.target_port, str) and not port.target_port.isdigit()
    target: int | str = name if by_name and name else right
    entry = {"port": port.port, "targetPort": target, "protocol": port.protocol}
    parameter = Parameter("port", "Target port of the Service", str(target), str(port.target_port or port.port))
    return Proposal((patching(f"service/{service.metadata.name}", {"spec": {"ports": [entry]}}),), (parameter,))


def _listening(container: Container, known: int | None) -> int | None:
    """The port that the playbook knows if the container declares it or declares none; else the first declared."""
    declared = [item.container_port for item in container.ports if item.container_port]
    return known if known in declared or not declared else declared[0]


def create_service(route: BoundRoute, binding: Binding) -> Proposal | None:
    """The Service that the caller's URL names: that name and port, leading to the called workload's pods."""
    workload, container, address = route.called.workload, route.called.container, route.address
    right = _listening(container, route.called.spec.port) if container is not None else None
    selector = dict(workload.spec.selector.match_labels) if workload is not None else {}
    if address is None or address.kind != "service" or address.namespace != binding.view.namespace:
        return None
    if right is None or not selector or not address.port or "_" in address.service:
        return None
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": address.service, "namespace": binding.view.namespace},
        "spec": {
            "selector": selector,
            "ports": [{"name": "http", "port": address.port, "targetPort": right, "protocol": "TCP"}],
        },
    }
    step = Step(StepKind.CREATE, f"service/{address.service}", body)
    return Proposal((step,), (Parameter("port", "Target port of the Service", str(right)),))
