"""Whose place a pasted error names: an address, host or namespace that is nobody's here is another cluster's. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from bot.domain.attribution import Owner
from bot.domain.calls import Rung
from bot.domain.diagnosis import ExplainedSymptom
from bot.domain.symptoms import Symptom
from bot.engine.binding import Binding
from bot.engine.checks.url.destination import foreign_service
from bot.engine.values.address import parse_address

_ADDRESS_FIELDS = ("address", "ip")
_HOST_FIELDS = ("host", "hostname")


def foreign_place(symptom: Symptom, binding: Binding) -> str:
    """What the symptom names that is not of this app: `10.99.1.2`; empty if it is, or may be, of this app."""
    if binding.gap("services", "pods", "endpoints") is not None:
        return ""
    addresses = [symptom.fields[name] for name in _ADDRESS_FIELDS if symptom.fields.get(name)]
    hosts = [symptom.fields[name] for name in _HOST_FIELDS if symptom.fields.get(name)]
    for text in addresses + hosts:
        if _is_address(text):
            return "" if _is_known_address(text, binding) else text
    other = next((host for host in hosts if _is_in_other_namespace(host, binding)), "")
    return other or next((host for host in _resolved(symptom) if _is_nobodys_name(host, binding)), "")


def _resolved(symptom: Symptom) -> Iterable[str]:
    """The hosts of its calls that had an address there: they failed at a later step."""
    return (call.host for call in symptom.calls if call.host and call.rung is not Rung.NAME)


def _is_nobodys_name(host: str, binding: Binding) -> bool:
    """Whether a name of one label, which had an address where it was called, would have none here.

    In a pod such a name is a Service of its namespace, or an alias that its spec has.
    """
    name = host.lower()
    if "." in name or ":" in name or name == "localhost" or _is_address(name):
        return False
    view = binding.view
    known = {item.metadata.name for kind in (view.services, view.pods) for item in kind}
    known |= {alias for pod in view.pods for item in pod.spec.host_aliases for alias in item.hostnames}
    known |= {route.address.host.lower() for route in binding.routes.values() if route.address is not None}
    return name not in known and not any(name in (item.name, item.spec.label) for item in binding.components.values())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _is_known_address(text: str, binding: Binding) -> bool:
    address = ipaddress.ip_address(text.strip("[]"))
    if address.is_loopback or address.is_unspecified:
        return True
    return any(_is_address(item) and ipaddress.ip_address(item) == address for item in _addresses(binding))


def _addresses(binding: Binding) -> Iterable[str]:
    """Every address that something of the namespace has, or that its configuration names."""
    view = binding.view
    for service in view.services:
        yield from service.addresses
    for pod in view.pods:
        yield from (pod.status.pod_ip, pod.status.host_ip)
    for group in view.endpoints:
        yield from (address.ip for address in group.addresses)
    for foreign in view.foreign_services:
        if foreign.service is not None:
            yield from foreign.service.addresses
    yield from (route.address.host for route in binding.routes.values() if route.address is not None)


def _is_in_other_namespace(host: str, binding: Binding) -> bool:
    """Whether a name is that of a Service in another namespace, which nothing here is told to call."""
    named = parse_address(f"http://{host}", binding.view.namespace)
    if named is None or named.kind != "service" or named.namespace == binding.view.namespace:
        return False
    if len(host.split(".")) < 3:
        return False
    called = {route.address.namespace for route in binding.routes.values() if route.address is not None}
    return named.namespace not in called and foreign_service(binding, named) is None


def place_notes(explained: Sequence[ExplainedSymptom], binding: Binding) -> tuple[str, ...]:
    """A sentence for each pasted error that is about another place."""
    notes: list[str] = []
    for entry in explained:
        place = foreign_place(entry.symptom, binding)
        told = entry.symptom.attribution.owner is not Owner.OURS  # then that note speaks of the place
        if place and entry.explained_by is None and not told:
            notes.append(
                f"“{entry.symptom.title}” names {place}, which is no address of this app in {binding.view.namespace}: "
                "it comes from another cluster or another program, or from before the Service was made anew."
            )
    return tuple(dict.fromkeys(notes))
