"""Which workload a dependency is: what the app is told to use, not what merely bears a name like it. Pure.

An exporter, a backup or an operator of a database has its name and is no database; a bundled database that the settings
do not point to is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.domain.kubernetes import Container, Service, Workload
from bot.domain.view import View
from bot.engine.binding.candidates import selects
from bot.engine.values.address import Address, parse_address
from bot.engine.values.environment import variable_of
from bot.playbook.app_schema import Component


class Needing(Protocol):
    """A component that needs others, as far as its settings are looked at."""

    @property
    def container(self) -> Container | None: ...


def used_service(spec: Component, bound: Mapping[str, Needing], view: View) -> Service | Address | None:
    """The Service of this namespace that those who need the dependency are told to use, or the address outside it.

    None where nothing is told, or where what is told cannot be known.
    """
    outside: Address | None = None
    for name in spec.needed_by:
        container = bound[name].container if name in bound else None
        for variable in spec.host_env:
            value = variable_of(container, variable, view).value if container is not None else None
            address = parse_address(value if "://" in value else f"http://{value}", view.namespace) if value else None
            if address is None or address.kind == "loopback":
                continue
            if address.kind == "service" and address.namespace == view.namespace:
                found = next((item for item in view.services if item.metadata.name == address.service), None)
                if found is not None and found.spec.external_name:
                    outside = outside or _behind(found, view)
                elif found is not None and found.spec.selector:
                    return found
                continue
            if address.kind == "ip":
                found = next((item for item in view.services if address.host in item.addresses), None)
                if found is not None:
                    return found
            outside = outside or address
    return outside


def _behind(service: Service, view: View) -> Address | None:
    """Where an alias leads, if that is not in this namespace."""
    address = parse_address(f"http://{service.spec.external_name.rstrip('.')}", view.namespace)
    here = address is not None and address.kind == "service" and address.namespace == view.namespace
    return None if here else address


def may_be_used(spec: Component, workload: Workload, view: View) -> bool:
    """Whether the app can be using this workload: a Service leads to it, or it has the dependency's port."""
    if "services" in view.gaps:
        return True
    template = workload.spec.template
    declared = {port.container_port for item in template.spec.serving_containers for port in item.ports}
    behind = [item for item in view.services if selects(item, template.metadata.labels)]
    if spec.port is None:
        return bool(behind or declared)
    if spec.port in declared:
        return True
    ports = [port for item in behind for port in item.spec.ports]
    return any(spec.port in (port.port, port.target_port) for port in ports)
