"""Which network a cluster has, as its nodes and pods give it away: some have policies that are not read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.kubernetes import Pod
from bot.domain.view import View

_ENGINES = {"cilium": "Cilium", "calico": "Calico", "antrea": "Antrea", "flannel": "Flannel"}
"""In this order: Canal is Calico's policies on Flannel's network."""
_MESHES = {"istio-proxy": "Istio", "linkerd-proxy": "Linkerd", "kuma-sidecar": "Kuma", "consul-dataplane": "Consul"}


@dataclass(frozen=True, slots=True)
class Engine:
    """A network plugin. `enforces`: it does what NetworkPolicies say, and has policies of its own beside them."""

    name: str
    enforces: bool


def engine_of(view: View) -> Engine | None:
    """The network plugin that the nodes' conditions and annotations of nodes and pods name; None if nothing does."""
    words = " ".join(_signs(view)).lower()
    return next((Engine(name, name != "Flannel") for key, name in _ENGINES.items() if key in words), None)


def _signs(view: View) -> Iterable[str]:
    for node in view.nodes:
        yield from (item.reason for item in node.status.conditions if item.type == "NetworkUnavailable")
        yield from node.metadata.annotations
        yield from (taint.key for taint in node.spec.taints)
    for pod in view.pods:
        yield from pod.metadata.annotations


def mesh_of(pods: Iterable[Pod]) -> str:
    """The service mesh whose proxy runs in these pods; empty if there is none."""
    names = {item.name for pod in pods for item in pod.spec.serving_containers}
    return next((mesh for name, mesh in _MESHES.items() if name in names), "")
