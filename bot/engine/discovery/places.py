"""What a host that a log or a setting names is in this namespace, and how it is, in words. Pure."""

from __future__ import annotations

from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.service import ready_addresses
from bot.engine.discovery.evidence import hosts_of
from bot.engine.discovery.graph import BoundService
from bot.engine.inferred import desired_replicas


def service_named(binding: Binding, host: str) -> BoundService | None:
    """The Service (or the name of one that is missing) that this host means."""
    graph = binding.graph
    if graph is None or not host:
        return None
    return next((item for item in graph.services.values() if host in hosts_of(binding, item)), None)


def place_in_words(binding: Binding, host: str) -> str:
    """`db is Service db, which leads to deployment/db: 0 of 1 pods ready`."""
    service = service_named(binding, host)
    if service is None:
        owner = _pod_owner(binding, host)
        return f"{host} is a pod of {owner}" if owner else f"{host} is no Service of this namespace"
    name = service.name
    said = "" if host == name else f"{host} is "
    if service.service is None:
        return f"there is no Service {name} in this namespace"
    component = binding.components.get(service.target)
    if service.service.spec.external_name:
        return f"{said}Service {name} stands for {service.service.spec.external_name}, outside the cluster"
    ready, total = ready_addresses(binding, service.service)
    ends = f"Service {name} has {ready} of {total} endpoints ready" if total else f"Service {name} has no endpoints"
    return f"{said}{ends}" + (f", {component_in_words(component)}" if component else "")


def component_in_words(component: BoundComponent) -> str:
    """`deployment/db has 0 of 1 pods ready`."""
    workload = component.workload
    target = workload.target if workload else component.spec.label
    desired = desired_replicas(workload)
    ready = sum(pod.ready for pod in component.pods)
    return f"{target} has {ready} of {len(component.pods) if desired is None else desired} pods ready"


def _pod_owner(binding: Binding, host: str) -> str:
    for component in binding.components.values():
        if any(pod.status.pod_ip == host for pod in component.all_pods):
            return component.workload.target if component.workload else component.spec.label
    return ""
