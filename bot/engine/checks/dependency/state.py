"""Whether a dependency is up, as its own pods and endpoints say; or outside, where nothing here can speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import Pod, Service, Workload
from bot.engine.binding import Binding, BoundComponent, service_at
from bot.engine.binding.candidates import selects
from bot.engine.binding.dependencies import used_service
from bot.engine.binding.inferred import desired_replicas, is_judged_by_its_pods
from bot.engine.checks.containers import runs, unstable_runs
from bot.engine.checks.pods import why_not_ready
from bot.engine.values.address import Address, parse_address
from bot.engine.values.environment import variable_of


@dataclass(frozen=True, slots=True)
class Outside:
    """A dependency that nothing here can speak of: why, in words, and its host or addresses where they are known."""

    where: str
    place: str = ""


def state_of(binding: Binding, component: BoundComponent, host: str) -> tuple[bool, str] | Gap | Outside:
    """Whether it is down, and why in words."""
    workload = component.workload
    named = parse_address(f"http://{host}" if host else None, binding.view.namespace)
    used = used_service(component.spec, binding.components, binding.view)
    if workload is not None and binding.gap("pods") is None:
        alone = _used_part(binding, component, used) if isinstance(used, Service) else ""
        return (True, alone) if alone else _workload_state(component, workload)
    if isinstance(used, Address):
        return _outside(binding, f"the settings name {used.host}, which is outside this namespace", used.host)
    if isinstance(used, Service):
        return _service_state(binding, used.metadata.name)
    if named is not None and named.kind == "service" and named.namespace == binding.view.namespace:
        return _service_state(binding, named.service)
    services = [item for item in binding.own_services if _is_named_for(component, item)]
    services = [item for item in binding.own_services if item.metadata.name in _told(binding, component)] or services
    if services:
        return _service_state(binding, services[0].metadata.name)
    if workload is None and component.gap is None and binding.gap("services") is None:
        return _outside(binding, "no workload or Service of it is in this namespace", "")
    gap = component.gap or binding.gap("pods", "services")
    return gap or Gap(GapReason.NOT_READ, component.named)


def _outside(binding: Binding, where: str, place: str) -> Outside | Gap:
    """Outside, where everything was read that could show otherwise."""
    return binding.gap("pods", "services", "deployments", "statefulsets") or Outside(where, place)


def _used_part(binding: Binding, component: BoundComponent, used: Service) -> str:
    """That the Service which is used leads to some of the pods only, to the primary say, and none of these is ready."""
    if binding.gap("endpoints") is not None:
        return ""
    behind = tuple(pod for pod in component.pods if selects(used, pod.metadata.labels))
    groups = [group for group in binding.view.endpoints if group.service == used.metadata.name]
    ready = any(address.ready for group in groups for address in group.addresses)
    if ready or not behind or len(behind) == len(component.pods) or any(pod.ready for pod in behind):
        return ""
    return f"Service {used.metadata.name} leads to no ready pod{_reasons_by_name(behind)}"


def _reasons_by_name(pods: tuple[Pod, ...]) -> str:
    """Which pods are not ready, and why, to be put behind a count of them."""
    found = [f"{pod.metadata.name}{why_not_ready((pod,)).replace(' (', ': ').rstrip(')')}" for pod in pods]
    listed = [words for words, pod in zip(found, pods, strict=True) if not pod.ready]
    return f" ({', '.join(listed[:_MOST_NAMED])}{', …' if len(listed) > _MOST_NAMED else ''})" if listed else ""


_MOST_NAMED = 3


def _workload_state(component: BoundComponent, workload: Workload) -> tuple[bool, str] | Gap:
    ready = sum(pod.ready for pod in component.pods)
    known = desired_replicas(workload)
    desired = len(component.pods) if known is None else known
    if desired == 0 and known is None:
        return Gap(GapReason.ABSENT, f"pods of {workload.target}", "none runs, and nothing tells how many should")
    if desired == 0:
        return True, f"{workload.target} is scaled to zero"
    if ready == 0:
        # Who has no workload that kubectl knows is looked at by the names of its pods.
        why = (_reasons_by_name if is_judged_by_its_pods(workload) else why_not_ready)(component.pods)
        return True, f"0 of {desired} pods of {workload.target} are ready{why}"
    return False, f"{ready} of {desired} pods of {workload.target} are ready{_reasons_by_name(component.pods)}"


_PASSING = timedelta(seconds=90)


def is_passing(binding: Binding, component: BoundComponent) -> bool:
    """Whether none of its pods is ready for a moment only: its containers run, and it was ready, or began, lately.

    A probe that was late once does that on a busy node.
    """
    if not component.pods or unstable_runs(binding, component):
        return False
    waiting = any(run.waiting not in ("", "ContainerCreating", "PodInitializing") for run in runs(component.pods))
    since = [(_since(pod), pod.metadata.name) for pod in component.pods if not pod.ready]
    return not waiting and any(moment and not binding.lasts(moment, _PASSING, name) for moment, name in since)


def _since(pod: Pod) -> datetime | None:
    ready = pod.condition("Ready")
    return ready.last_transition_time if ready is not None else pod.metadata.creation_timestamp


def _told(binding: Binding, component: BoundComponent) -> set[str]:
    """The Services of this namespace that the settings of those who need it name, kept by a selector or by hand."""
    found: set[str] = set()
    for item in needing(binding, component):
        for name in component.spec.host_env:
            value = variable_of(item.container, name, binding.view).value
            address = parse_address(value if "://" in value else f"http://{value}", "") if value else None
            if address is not None and address.kind == "service" and address.namespace in ("", binding.view.namespace):
                found.add(address.service)
    return found


def _is_named_for(component: BoundComponent, service: Service) -> bool:
    """By its name, and by the port where one is known: an exporter has the name of its database and another port."""
    ports = {port for item in service.spec.ports for port in (item.port, item.target_port)}
    if component.spec.port is not None and ports and component.spec.port not in ports:
        return False
    return any(fnmatchcase(service.metadata.name, glob) for glob in component.spec.services)


def _service_state(binding: Binding, name: str) -> tuple[bool, str] | Gap | Outside:
    gap = binding.gap("services", "endpoints")
    if gap is not None:
        return gap
    service = next((item for item in binding.view.services if item.metadata.name == name), None)
    if service is None:
        return True, f"there is no Service {name} in {binding.view.namespace}"
    if service.spec.external_name:
        host = service.spec.external_name
        return _outside(binding, f"Service {name} stands for {host}, which is outside this namespace", host)
    groups = [group for group in binding.view.endpoints if group.service == name]
    ready = {address.ip for group in groups for address in group.addresses if address.ready}
    pods = {pod.status.pod_ip for pod in binding.view.pods}
    if ready and not service.spec.selector and not ready <= pods:
        # Somebody wrote these addresses down: they are called ready whatever happens there.
        hosts = ", ".join(sorted(ready - pods)[:3])
        return _outside(binding, f"Service {name} leads to {hosts}, which is no pod of this namespace", hosts)
    return (False, f"Service {name} has ready endpoints") if ready else (True, f"Service {name} has no ready endpoints")


def resolves(binding: Binding, component: BoundComponent) -> bool | Gap:
    """Whether its name has an address of its own, whatever is ready: that of the Service which its callers name."""
    used = used_service(component.spec, binding.components, binding.view)
    told = _told(binding, component)
    named = [item for item in binding.own_services if item.metadata.name in told]
    named = named or [item for item in binding.own_services if _is_named_for(component, item)]
    services = [used] if isinstance(used, Service) else [] if isinstance(used, Address) else named
    gap = binding.gap("services")
    return gap or any(not item.headless and not item.spec.external_name for item in services)


def needing(binding: Binding, component: BoundComponent) -> list[BoundComponent]:
    """The components that the playbook says need it."""
    return [binding.components[name] for name in component.spec.needed_by if name in binding.components]


def configured_outside(binding: Binding, component: BoundComponent) -> bool | Gap:
    """Whether those that need it are told to use a host that is no Service of this namespace."""
    unread: Gap | None = None
    for item in needing(binding, component):
        for name in component.spec.host_env:
            variable = variable_of(item.container, name, binding.view)
            if variable.value is None and item.container is not None and variable.gap is not None:
                unread = unread or variable.gap
            if variable.value and _is_outside(binding, variable.value):
                return True
    return unread if unread is not None else False


def _is_outside(binding: Binding, value: str) -> bool:
    address = parse_address(value if "://" in value else f"http://{value}", binding.view.namespace)
    if address is None or address.kind == "loopback":
        return False
    if address.kind == "ip":
        return service_at(address, binding.view) is None
    return address.kind == "external" or address.namespace != binding.view.namespace
