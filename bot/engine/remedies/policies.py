"""The remedy of a route that NetworkPolicies close: policies that open it, in the directions that are closed.

Policies add up, so a new one only opens. It selects only pods that another policy has closed already in that direction:
one that selected open pods would close them to everybody else.
"""

from __future__ import annotations

import copy
from typing import Any

from bot.domain.remedies import Step, StepKind
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.network.policies import ClosedDirections, closed_directions
from bot.engine.remedies.proposal import Proposal

_DNS_PORTS = (53, 5353)
"""Policies count the port of the DNS pods: 53, on OpenShift 5353."""
DNS_PEERS: tuple[dict[str, Any], ...] = (
    {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}},
    {
        "namespaceSelector": {},
        "podSelector": {"matchLabels": {"dns.operator.openshift.io/daemonset-dns": "default"}},
    },
    {"ipBlock": {"cidr": "169.254.20.10/32"}},
)
"""Where DNS runs: CoreDNS and kube-dns by the label that all distributions keep, OpenShift's, and the address of
NodeLocal DNSCache. Namespaces by name cannot be told: clusters before 1.22 do not label them. Port 53 to everybody
would let data out."""


def allow_route(route: BoundRoute, binding: Binding) -> Proposal | None:
    """One policy for each closed direction."""
    caller, called = route.caller.workload, route.called.workload
    closed = closed_directions(binding, route)
    if caller is None or called is None or closed is None or not closed.any:
        return None
    of_caller, of_called = caller.spec.selector.match_labels, called.spec.selector.match_labels
    if not of_caller or not of_called or (closed.port is None and (closed.ingress or closed.egress)):
        return None
    name = f"allow-{route.caller.name}-to-{route.called.name}"
    ports = [{"protocol": "TCP", "port": closed.port}]
    steps: list[Step] = []
    if closed.ingress:
        rule = {"from": [{"podSelector": {"matchLabels": of_caller}}], "ports": ports}
        steps.append(_policy(binding, name, of_called, "Ingress", [rule]))
    rules = _egress_rules(closed, of_called, ports)
    if rules:
        steps.append(_policy(binding, f"{name}-egress", of_caller, "Egress", rules))
    return Proposal(tuple(steps))


def _egress_rules(
    closed: ClosedDirections, of_called: dict[str, str], ports: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if closed.egress:
        rules.append({"to": [{"podSelector": {"matchLabels": of_called}}], "ports": ports})
    if closed.dns:
        to = copy.deepcopy([*DNS_PEERS])
        rules.append(
            {"to": to, "ports": [{"protocol": kind, "port": port} for port in _DNS_PORTS for kind in ("UDP", "TCP")]}
        )
    return rules


def _policy(
    binding: Binding, name: str, selecting: dict[str, str], direction: str, rules: list[dict[str, Any]]
) -> Step:
    free = _free_name(binding, name)
    body: dict[str, Any] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": free, "namespace": binding.view.namespace},
        "spec": {
            "podSelector": {"matchLabels": selecting},
            "policyTypes": [direction],
            direction.lower(): rules,
        },
    }
    return Step(StepKind.CREATE, f"networkpolicy/{free}", body)


def _free_name(binding: Binding, name: str) -> str:
    taken = {item.metadata.name for item in binding.view.networkpolicies}
    return next(
        free for free in (name, *(f"{name}-{count}" for count in range(2, len(taken) + 3))) if free not in taken
    )
