"""kubectl's columns for Services, endpoints, policies and ingresses.

Used by `api.tables`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.cluster.api.printing import Columns, age, column, joined, labels_cell
from bot.sandbox.cluster.state.selectors import selector_text
from bot.sandbox.cluster.state.values import Object

_NAME = column("Name", "name")
_AGE = column("Age")
_MOST = 3
"""How many endpoints kubectl lists before it says `+ N more...`."""


def _service(item: Object, now: datetime) -> list[Any]:
    spec = item["spec"]
    ports = [
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port.get('protocol', 'TCP')}"
        for port in spec.get("ports") or []
    ]
    ends = [str(entry.get("ip") or entry.get("hostname"))
            for entry in (item.get("status", {}).get("loadBalancer") or {}).get("ingress") or []]  # fmt: skip
    external = {"ExternalName": spec.get("externalName", ""), "LoadBalancer": joined(ends) if ends else "<pending>"}
    kind = spec.get("type", "ClusterIP")
    address = spec.get("clusterIP") or "<none>"
    cells = [kind, address, external.get(kind, "<none>"), joined(ports)]
    return [item["metadata"]["name"], *cells, age(item, now), labels_cell(spec.get("selector"))]


def _shortened(values: list[str], most: int = _MOST) -> str:
    if not values:
        return "<none>"
    more = f" + {len(values) - most} more..." if len(values) > most else ""
    return ",".join(values[:most]) + more


def _endpoints(item: Object, now: datetime) -> list[Any]:
    values = [
        f"{address['ip']}:{port['port']}"
        for subset in item.get("subsets") or []
        for address in subset.get("addresses") or []
        for port in subset.get("ports") or []
    ]
    return [item["metadata"]["name"], _shortened(values), age(item, now)]


def _slice(item: Object, now: datetime) -> list[Any]:
    ports = [str(port.get("port", "*")) for port in item.get("ports") or []]
    addresses = [address for entry in item.get("endpoints") or [] for address in entry["addresses"]]
    shown = _shortened(ports) if ports else "<unset>"
    return [
        item["metadata"]["name"],
        item["addressType"],
        shown,
        _shortened(addresses) if addresses else "<unset>",
        age(item, now),
    ]


def _policy(item: Object, now: datetime) -> list[Any]:
    selector = selector_text(item["spec"].get("podSelector") or {})
    return [item["metadata"]["name"], selector or "<none>", age(item, now)]


def _ingress(item: Object, now: datetime) -> list[Any]:
    spec = item["spec"]
    hosts = [rule.get("host") or "*" for rule in spec.get("rules") or []] or ["*"]
    ports = "80, 443" if spec.get("tls") else "80"
    return [
        item["metadata"]["name"],
        spec.get("ingressClassName") or "<none>",
        ",".join(hosts),
        "",
        ports,
        age(item, now),
    ]


NETWORK_COLUMNS: dict[str, Columns] = {
    "services": Columns(
        (_NAME, column("Type"), column("Cluster-IP"), column("External-IP"), column("Port(s)"), _AGE,
         column("Selector", wide=True)),
        _service,
    ),
    "endpoints": Columns((_NAME, column("Endpoints"), _AGE), _endpoints),
    "endpointslices.discovery.k8s.io": Columns(
        (_NAME, column("AddressType"), column("Ports"), column("Endpoints"), _AGE), _slice
    ),
    "networkpolicies.networking.k8s.io": Columns((_NAME, column("Pod-Selector"), _AGE), _policy),
    "ingresses.networking.k8s.io": Columns(
        (_NAME, column("Class"), column("Hosts"), column("Address"), column("Ports"), _AGE), _ingress
    ),
}  # fmt: skip
