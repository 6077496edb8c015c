"""NetworkPolicy: may this pod talk to that pod on that port?

Used by `network.routes`. Enforced as a CNI does: a pod that no policy selects for a direction is open in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from bot.sandbox.cluster.state.kinds import NAMESPACES, NETWORK_POLICIES
from bot.sandbox.cluster.state.selectors import selects
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object


@dataclass(frozen=True)
class Traffic:
    """One attempt to connect. `source` None stands for a node or the API server, which only ingress rules judge."""

    source: Object | None
    target: Object
    port: int
    protocol: str = "TCP"


def permits(store: ObjectStore, traffic: Traffic) -> bool:
    """Whether the policies on both ends let the traffic pass."""
    if traffic.source is not None and not _direction(store, traffic, "Egress"):
        return False
    return _direction(store, traffic, "Ingress")


def _direction(store: ObjectStore, traffic: Traffic, direction: str) -> bool:
    ingress = direction == "Ingress"
    subject = traffic.target if ingress or traffic.source is None else traffic.source
    namespace = subject["metadata"]["namespace"]
    policies = [
        policy
        for policy in store.list(NETWORK_POLICIES, namespace)
        if direction in policy["spec"].get("policyTypes", [])
        and selects(policy["spec"].get("podSelector") or {}, subject["metadata"].get("labels") or {})
    ]
    if not policies:
        return True
    rules = [rule for policy in policies for rule in policy["spec"].get(direction.lower()) or []]
    peer = traffic.source if ingress else traffic.target
    return any(
        _ports_allow(rule, traffic) and _peers_allow(store, rule.get("from" if ingress else "to"), peer, namespace)
        for rule in rules
    )


def _ports_allow(rule: Object, traffic: Traffic) -> bool:
    ports = rule.get("ports")
    return not ports or any(_port_matches(entry, traffic.target, traffic.port, traffic.protocol) for entry in ports)


def _peers_allow(store: ObjectStore, listed: list[Object] | None, peer: Object | None, home: str) -> bool:
    return not listed or any(_peer_matches(store, entry, peer, home) for entry in listed)


def _port_matches(entry: Object, target: Object, port: int, protocol: str) -> bool:
    if entry.get("protocol", "TCP") != protocol:
        return False
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return wanted <= port <= int(entry.get("endPort", wanted))
    return any(
        declared.get("name") == wanted and declared.get("containerPort") == port
        for container in target["spec"]["containers"]
        for declared in container.get("ports") or []
    )


def _peer_matches(store: ObjectStore, entry: Object, peer: Object | None, home: str) -> bool:
    if "ipBlock" in entry:
        text = (peer["status"].get("podIP") if peer else None) or "10.0.0.10"
        address = ip_address(text)
        inside = address in ip_network(entry["ipBlock"]["cidr"], strict=False)
        return inside and not any(
            address in ip_network(part, strict=False) for part in entry["ipBlock"].get("except") or []
        )
    if peer is None:
        return False
    namespace = peer["metadata"]["namespace"]
    if "namespaceSelector" in entry:
        found = store.get(NAMESPACES, "", namespace)
        if not selects(entry["namespaceSelector"], (found or {"metadata": {}})["metadata"].get("labels") or {}):
            return False
    elif namespace != home:
        return False
    return "podSelector" not in entry or selects(entry["podSelector"], peer["metadata"].get("labels") or {})
