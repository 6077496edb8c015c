"""What a host name means in a namespace: a Service here or elsewhere, the pod itself, something outside. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.endpoints import is_loopback
from bot.domain.kubernetes import Service

_INTERNET = """
com net org io dev app cloud ai de uk eu us fr nl ch at it es se no fi pl cz jp cn in br au ca ru co me info biz tech
xyz gov edu mil int local internal lan home corp test example invalid arpa aws azure
"""
_TOP_LEVEL = frozenset(_INTERNET.split())
"""Last labels that make a name of two labels a name of the internet (or of a site), not `service.namespace`."""


@dataclass(frozen=True, slots=True)
class HostTarget:
    """Where a host leads. `kind` is `service` (here), `foreign` (one of another namespace), `loopback` or `outside`.

    `pod` is set for the name of one pod behind a headless Service.
    """

    kind: str
    name: str = ""
    namespace: str = ""
    pod: str = ""


def place_of(
    host: str,
    namespace: str,
    services: Mapping[str, Service],
    by_address: Mapping[str, str],
    sets: Mapping[str, str] = MappingProxyType({}),
) -> HostTarget:
    """What `host` means for a pod of this namespace. `by_address` maps cluster IPs to names of Services, `sets` the
    names of StatefulSets to the Services that give their pods names, be they there or not.
    """
    host = host.rstrip(".").lower()
    if is_loopback(host):
        return HostTarget("loopback", host)
    if host in by_address:
        return HostTarget("service", by_address[host], namespace)
    if _is_address(host):
        return HostTarget("outside", host)
    labels = host.removesuffix(".cluster.local").split(".")
    if len(labels) == 1:
        return HostTarget("service", host, namespace)
    if "svc" in labels[2:]:
        at = labels.index("svc", 2)
        return _service(labels[at - 2], labels[at - 1], namespace, labels[at - 3] if at > 2 else "")
    if len(labels) == 2:
        return _two(labels, namespace, services, sets)
    if len(labels) == 3 and labels[2] == namespace:
        return _service(labels[1], namespace, namespace, labels[0])
    return HostTarget("outside", host)


def _two(labels: list[str], namespace: str, services: Mapping[str, Service], sets: Mapping[str, str]) -> HostTarget:
    first, second = labels
    if second == namespace:
        return HostTarget("service", first, namespace)
    of_set, _, ordinal = first.rpartition("-")
    if ordinal.isdigit() and sets.get(of_set) == second:
        return HostTarget("service", second, namespace, first)
    if second in services and (ordinal.isdigit() or first not in services):
        return HostTarget("service", second, namespace, first)
    if second in _TOP_LEVEL:
        return HostTarget("outside", ".".join(labels))
    return HostTarget("foreign", first, second)


def _service(name: str, where: str, namespace: str, pod: str) -> HostTarget:
    return HostTarget("service" if where == namespace else "foreign", name, where, pod)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
