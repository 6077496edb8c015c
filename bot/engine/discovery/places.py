"""What a host that a log or a setting names is in this namespace, and how it is, in words. Pure."""

from __future__ import annotations

from collections.abc import Set

from bot.domain.kubernetes.kinds import runs_once
from bot.domain.view import ForeignService
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import desired_replicas
from bot.engine.checks.service import ready_addresses
from bot.engine.discovery.evidence import hosts_of
from bot.engine.discovery.graph import BoundService


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
        return f"{host} is a pod of {owner}" if owner else _beyond(binding, host)
    name = service.name
    said = "" if host == name else f"{host} is "
    whose = "" if host == name else f"{host} is Service {name}, which"
    if service.service is None:
        return f"there is no Service {name} in this namespace"
    component = binding.components.get(service.target)
    if service.service.spec.external_name:
        return f"{said}Service {name} stands for {service.service.spec.external_name}, outside the cluster"
    ready, total = ready_addresses(binding, service.service)
    subject = whose or f"Service {name}"
    ends = f"{subject} has {ready} of {total} endpoints ready" if total else f"{subject} has no endpoints"
    return ends + (f", {component_in_words(component)}" if component else "")


def _beyond(binding: Binding, host: str) -> str:
    """What a host is that is no Service of this namespace."""
    edges = binding.graph.edges.values() if binding.graph else ()
    named = {edge.foreign for edge in edges if edge.foreign and host in {one.endpoint.host for one in edge.references}}
    found = next((item for item in binding.view.foreign_services if (item.namespace, item.name) in named), None)
    return foreign_in_words(found) if found is not None else f"{host} is no Service of this namespace"


def only_http_service(binding: Binding, component: BoundComponent) -> BoundService | None:
    """The one Service that a component calls over HTTP; None if it calls several, or calls others that way too.

    A log line that tells a status (502, 503) and no name is about it.
    """
    graph = binding.graph
    edges = graph.edges_of(component.name) if graph else ()
    http = [edge for edge in edges if any(item.endpoint.scheme in ("http", "https") for item in edge.references)]
    return graph.services.get(http[0].service) if graph is not None and len(http) == 1 else None


def only_service_at(binding: Binding, component: BoundComponent, ports: Set[int]) -> BoundService | None:
    """The one Service that a component calls at one of these ports; None if there are several, or none is known."""
    graph = binding.graph
    edges = graph.edges_of(component.name) if graph else ()
    called = {edge.service: graph.services.get(edge.service) for edge in edges} if graph else {}
    found = [
        one for one in called.values() if one and one.service and ports & {it.port for it in one.service.spec.ports}
    ]
    return found[0] if len(found) == 1 else None


def unasked_in_words(component: BoundComponent) -> str:
    """That nothing asks whether it serves, where that is so: then "ready" means only that it runs."""
    container, port = component.container, component.spec.port
    if container is None or port is None or container.readiness_probe is not None:
        return ""
    return f"no readiness probe asks it, so “ready” does not show that it listens on port {port}"


def component_in_words(component: BoundComponent) -> str:
    """`deployment/db has 0 of 1 pods ready`; what is meant to end, and what is scaled to zero, wait for no pod."""
    workload = component.workload
    target = workload.target if workload else component.spec.label
    if workload is not None and runs_once(workload.kind):
        return f"{target} {'runs now' if component.pods else 'does not run now'}"
    desired = desired_replicas(workload)
    if desired == 0 and not component.pods:
        return f"{target} is scaled to zero"
    ready = sum(pod.ready for pod in component.pods)
    return f"{target} has {ready} of {len(component.pods) if desired is None else desired} pods ready"


def _pod_owner(binding: Binding, host: str) -> str:
    for component in binding.components.values():
        if any(pod.status.pod_ip == host for pod in component.all_pods):
            return component.workload.target if component.workload else component.spec.label
    return ""


def foreign_in_words(found: ForeignService) -> str:
    """`Service clearing of namespace shared has no ready endpoint`."""
    whose = f"Service {found.name} of namespace {found.namespace}"
    if found.gap is not None:
        return f"{whose} could not be looked at"
    if found.service is None:
        return f"there is no Service {found.name} in namespace {found.namespace}"
    if found.ready_addresses is None:
        return f"{whose} stands for {found.service.spec.external_name or 'a host'}, outside the cluster"
    count = found.ready_addresses
    return f"{whose} has {count or 'no'} ready endpoint{'' if count < 2 else 's'}"
