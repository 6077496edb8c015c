"""Evaluates NetworkPolicies for a route: may the caller's pods open a connection to the called pods' port?

Follows the API's rules: policies add up, a pod that no policy selects for a direction is open in that direction,
`from`/`to` and `ports` of one rule must both hold, an empty list allows everything. Labels are those of the pods that
run, which may have more than their template. Whether the network plugin enforces policies, and what policies of other
engines say, cannot be seen through the API: calls that succeed refute what is concluded here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.kubernetes import Container, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod
from bot.engine.binding import Binding, BoundComponent, BoundRoute, service_at
from bot.engine.checks.service import route_port, target_number
from bot.engine.values.address import Address

_DNS_PORTS = (53, 5353)
"""Policies count the port of the DNS pods: 53, on OpenShift 5353."""


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a connection, in the namespace of the view. `addresses` are pod IPs, for ipBlock rules."""

    labels: dict[str, str]
    namespace_labels: dict[str, str] | None
    addresses: tuple[str, ...]
    host_network: bool = False
    """Such a pod has its node's address; how policies see it differs between network plugins."""


def _parties(binding: Binding, component: BoundComponent) -> list[Party]:
    """Its pods as policies see them: one for all that look alike; as its template makes them where there is none."""
    namespace = next(iter(binding.view.namespaces), None)
    of_namespace = namespace.metadata.labels if namespace else None
    if of_namespace is not None:
        of_namespace = {"kubernetes.io/metadata.name": binding.view.namespace, **of_namespace}
    alike: dict[tuple[tuple[str, str], ...], list[Pod]] = {}
    for pod in component.pods:
        labels = {key: value for key, value in pod.metadata.labels.items() if key not in _OF_ONE_POD}
        alike.setdefault(tuple(sorted(labels.items())), []).append(pod)
    template = component.template
    if not alike:
        return [Party(component.template_labels, of_namespace, (), bool(template and template.host_network))]
    return [
        Party(
            pods[0].metadata.labels,
            of_namespace,
            tuple(pod.status.pod_ip for pod in pods if pod.status.pod_ip),
            any(pod.spec.host_network for pod in pods),
        )
        for pods in alike.values()
    ]


_OF_ONE_POD = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "pod-template-hash")


@dataclass(frozen=True, slots=True)
class ClosedDirections:
    """Which directions policies close: into the called pods, out of the caller's, and to DNS; None: it depends on
    labels that could not be read. `by_ingress` and `by_egress` are the policies about these pods, `port` the number of
    the called pods' port.
    """

    port: int | None
    ingress: bool | None
    egress: bool | None
    dns: bool
    by_ingress: tuple[NetworkPolicy, ...]
    by_egress: tuple[NetworkPolicy, ...]

    @property
    def any(self) -> bool:
        """Whether the route is known to be closed."""
        return bool(self.ingress or self.egress or self.dns)


def closed_directions(binding: Binding, route: BoundRoute) -> ClosedDirections | None:
    """What policies do to this route; None where they or the labels of the pods could not be read."""
    if binding.gap("networkpolicies") or not route.caller.template_labels or not route.called.template_labels:
        return None
    if route.address is not None and _leads_outside(binding, route.address):
        return None
    port = route_port(route)
    number = target_number(port, route.called) if port else route.called.spec.port
    pairs = [
        _between(binding, route, number, caller, called)
        for caller in _parties(binding, route.caller)
        for called in _parties(binding, route.called)
    ]
    # What is closed for one of several pods only is no closed route: others get through.
    return max(pairs, key=lambda pair: (not pair.any, None in (pair.ingress, pair.egress)))


def _leads_outside(binding: Binding, address: Address) -> bool:
    """Whether the way goes through a place that policies here do not speak of: a load balancer, another cluster."""
    pods = {pod.status.pod_ip for pod in binding.view.pods}
    foreign = address.kind == "external" or (address.kind == "ip" and address.host not in pods)
    return foreign and service_at(address, binding.view) is None


def _between(binding: Binding, route: BoundRoute, number: int | None, caller: Party, called: Party) -> ClosedDirections:
    policies = binding.view.networkpolicies
    names = {
        item.name
        for container in _containers(route.called)
        for item in container.ports
        if item.container_port == number
    }
    ingress = _selecting(policies, "Ingress", called)
    egress = _selecting(policies, "Egress", caller)
    unclear = caller.host_network or called.host_network
    into = _closed(_allowed(ingress, "ingress", caller, number, names), unclear=unclear)
    out_of = _closed(_allowed(egress, "egress", called, number, names), unclear=unclear)
    by_name = route.address is None or route.address.kind != "ip"
    dns = bool(egress) and not unclear and by_name and not _allows_dns(egress)
    return ClosedDirections(number, into, out_of, dns, tuple(ingress), tuple(egress))


def _closed(allowed: bool | None, *, unclear: bool) -> bool | None:
    """The opposite of `allowed`; None where it is not known, or where it is `unclear` whether policies apply."""
    return None if allowed is None or (unclear and not allowed) else not allowed


def _selecting(policies: Iterable[NetworkPolicy], direction: str, party: Party) -> list[NetworkPolicy]:
    """Policies that are about this direction of these pods."""
    return [item for item in policies if direction in _types(item) and item.spec.pod_selector.matches(party.labels)]


def ingress_policies(binding: Binding, component: BoundComponent) -> list[str]:
    """Names of the policies that limit who may reach these pods; the API server's proxy is limited by them too."""
    limiting = [
        item.metadata.name
        for party in _parties(binding, component)
        for item in _selecting(binding.view.networkpolicies, "Ingress", party)
    ]
    return list(dict.fromkeys(limiting))


def policies_without_dns(binding: Binding, component: BoundComponent) -> list[str]:
    """Names of the policies by which no pod of a component may ask a DNS; empty where one may, or nobody can tell."""
    if binding.gap("networkpolicies"):
        return []
    found: list[str] = []
    for party in _parties(binding, component):
        closing = _selecting(binding.view.networkpolicies, "Egress", party)
        if not closing or party.host_network or _allows_dns(closing):
            return []
        found += [item.metadata.name for item in closing]
    return list(dict.fromkeys(found))


def _allowed(
    policies: list[NetworkPolicy], direction: str, peer: Party, number: int | None, names: set[str]
) -> bool | None:
    """Whether the policies leave the connection open; without a policy everything is open."""
    if not policies:
        return True
    verdicts = [
        _allows(peers, ports, peer, number, names) for item in policies for peers, ports in _rules(item, direction)
    ]
    return True if any(verdicts) else None if None in verdicts else False


def _allows_dns(policies: Iterable[NetworkPolicy]) -> bool:
    """Whether some egress rule may open DNS. Where it runs differs: what is open to pods of this namespace only is not
    open to it; a port by name may be its.
    """
    rules = [rule for item in policies for rule in _rules(item, "egress")]
    return any(_may_be_dns(peers) and _opens_dns(ports) for peers, ports in rules)


def _may_be_dns(peers: tuple[NetworkPolicyPeer, ...]) -> bool:
    return not peers or any(peer.namespace_selector is not None or peer.ip_block is not None for peer in peers)


def _opens_dns(ports: tuple[NetworkPolicyPort, ...]) -> bool:
    named = any(isinstance(port.port, str) and not port.port.isdigit() for port in ports)
    return named or any(_port_matches(ports, number, set(), kind) for number in _DNS_PORTS for kind in ("UDP", "TCP"))


def _containers(component: BoundComponent) -> tuple[Container, ...]:
    template = component.template
    return template.serving_containers if template else ()


def _types(policy: NetworkPolicy) -> tuple[str, ...]:
    """The directions a policy is about; unset means Ingress, and Egress if it has egress rules."""
    if policy.spec.policy_types:
        return policy.spec.policy_types
    return ("Ingress", "Egress") if policy.spec.egress is not None else ("Ingress",)


Rule = tuple[tuple[NetworkPolicyPeer, ...], tuple[NetworkPolicyPort, ...]]


def _rules(policy: NetworkPolicy, direction: str) -> Iterable[Rule]:
    if direction == "ingress":
        return [(rule.from_, rule.ports) for rule in policy.spec.ingress or ()]
    return [(rule.to, rule.ports) for rule in policy.spec.egress or ()]


def _allows(
    peers: tuple[NetworkPolicyPeer, ...],
    ports: tuple[NetworkPolicyPort, ...],
    party: Party,
    number: int | None,
    names: set[str],
) -> bool | None:
    """Whether one rule allows the connection; None if that depends on labels that could not be read."""
    if not _port_matches(ports, number, names, "TCP"):
        return False
    if not peers:
        return True
    verdicts = [_peer_matches(peer, party) for peer in peers]
    if any(verdicts):
        return True
    return None if None in verdicts else False


def _port_matches(ports: tuple[NetworkPolicyPort, ...], number: int | None, names: set[str], protocol: str) -> bool:
    if not ports:
        return True
    for port in ports:
        if port.protocol != protocol:
            continue
        if port.port is None or (isinstance(port.port, str) and port.port in names):
            return True
        wanted = int(port.port) if str(port.port).isdigit() else None
        if wanted is not None and number is not None and wanted <= number <= (port.end_port or wanted):
            return True
    return False


def _peer_matches(peer: NetworkPolicyPeer, party: Party) -> bool | None:
    if peer.ip_block is not None:
        return _in_block(peer, party)
    if peer.namespace_selector is not None:
        if party.namespace_labels is None:
            if peer.namespace_selector.match_labels or peer.namespace_selector.match_expressions:
                return None
        elif not peer.namespace_selector.matches(party.namespace_labels):
            return False
    return peer.pod_selector is None or peer.pod_selector.matches(party.labels)


def _in_block(peer: NetworkPolicyPeer, party: Party) -> bool | None:
    block = peer.ip_block
    if block is None:
        return False
    try:
        network = ipaddress.ip_network(block.cidr, strict=False)
        excepted = [ipaddress.ip_network(item, strict=False) for item in block.except_]
        addresses = [ipaddress.ip_address(item) for item in party.addresses]
    except ValueError:
        return None
    if not addresses:
        return True if network.prefixlen == 0 else None
    return any(address in network and not any(address in item for item in excepted) for address in addresses)
