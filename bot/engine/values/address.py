"""What a service URL points at: host, port, and which Service of which namespace that is. Pure text work."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

HostKind = Literal["service", "loopback", "ip", "external"]

_NUMERIC = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}", re.IGNORECASE)

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed URL. `kind` says what the host can be; `service` and `namespace` are set for names inside a cluster."""

    url: str
    scheme: str
    host: str
    port: int
    kind: HostKind
    service: str = ""
    namespace: str = ""
    path: str = ""


def parse_address(url: str | None, namespace: str) -> Address | None:
    """The address a URL leads to when used in this namespace; None if it is missing or no usable http(s) URL."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0)
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme.lower() not in DEFAULT_PORTS or not host:
        return None
    kind, service, where = _classify(host, namespace)
    return Address(url.strip(), parts.scheme.lower(), host, port, kind, service, where, parts.path)


def _classify(host: str, namespace: str) -> tuple[HostKind, str, str]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return ("loopback" if address.is_loopback or address.is_unspecified else "ip"), "", ""
    if _NUMERIC.fullmatch(host):
        return "ip", "", ""  # resolvers take 2852039166 and 0xa9fea9fe as 169.254.169.254
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback", "", ""
    labels = host.split(".")
    if len(labels) == 1:
        return "service", labels[0], namespace
    if len(labels) == 2 or labels[2] == "svc":
        return "service", labels[0], labels[1]
    return "external", "", ""


def family(address: str) -> str:
    """`IPv4` or `IPv6`; empty for what is no address."""
    try:
        return f"IPv{ipaddress.ip_address(address).version}"
    except ValueError:
        return ""
