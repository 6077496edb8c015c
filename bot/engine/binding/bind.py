"""Finds an app's components in a view: which workload, pods and Services are the `api`, the `web`, the `postgres`.

Deployments name things differently (release prefixes, old charts, hand-written manifests), so a playbook lists several
ways to find a component and this module tries them in order. It decides nothing about health.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from bot.domain.endpoints import is_loopback
from bot.domain.facts import Gap
from bot.domain.kubernetes import OwnerReference, Pod, Service, Workload
from bot.domain.view import Resource, View
from bot.engine.binding.bound import Binding, BoundComponent, BoundRoute, main_container
from bot.engine.binding.candidates import candidates, fitting, selects
from bot.engine.binding.dependencies import may_be_used, used_service
from bot.engine.binding.inferred import revision
from bot.engine.binding.ordering import ordered
from bot.engine.binding.ownership import PodsByOwner, owned_by
from bot.engine.binding.releases import within_release
from bot.engine.binding.unbound import unbound_components
from bot.engine.values.address import Address, parse_address
from bot.engine.values.clocks import clocks_of
from bot.engine.values.environment import Variable, variable_of
from bot.playbook.app_schema import AppPlaybook, Component, Route


def bind(app: AppPlaybook, view: View) -> Binding:
    """Find every component and route of the app in the view: those of one release, if there are several."""
    view = ordered(view)
    release = within_release(app, view)
    chosen: dict[str, BoundComponent] = {}
    callers = {route.from_ for route in app.routes.values()}
    every = candidates(release)
    pods_by_owner = PodsByOwner(release.pods)
    # Callers first, so that URLs tell which workload is called; dependencies last, so that settings tell which is used.
    for name in sorted(
        app.components, key=lambda name: (app.components[name].role == "dependency", name not in callers)
    ):
        chosen[name] = _bind_component(name, app, release, chosen, every, pods_by_owner)
    components = {name: chosen[name] for name in app.components}
    for name, (spec, workload) in unbound_components(app, release, chosen, every, pods_by_owner).items():
        components[name] = _with_pods(name, spec, workload, release, pods_by_owner, ())
    app = app.model_copy(update={"components": {name: item.spec for name, item in components.items()}})
    routes = {name: _bind_route(name, route, components, release) for name, route in app.routes.items()}
    return Binding(app, view, components, routes, release.services, clocks=clocks_of(view))


def _bind_component(
    name: str,
    app: AppPlaybook,
    view: View,
    bound: Mapping[str, BoundComponent],
    every: tuple[Workload, ...],
    pods_by_owner: PodsByOwner,
) -> BoundComponent:
    spec = app.components[name]
    taken = {item.workload.metadata.uid for item in bound.values() if item.workload}
    free = [item for item in every if item.metadata.uid not in taken]
    named = used_service(spec, bound, view) if spec.role == "dependency" else None
    if isinstance(named, Address):
        return BoundComponent(name, spec)
    if named is not None:
        free = [item for item in free if selects(named, item.spec.template.metadata.labels)]
        by_finder = [free]
    else:
        by_finder = [fitting(finder, free, view) for finder in spec.find if not finder.route]
    if spec.role == "dependency" and named is None:
        by_finder = [[item for item in found if may_be_used(spec, item, view)] for found in by_finder]
    matches = next((found for found in by_finder if found), [])
    routed = _behind_routes(spec, app, view, bound, free)
    anywhere = {item.metadata.uid for found in by_finder for item in found}
    through_route = [item for item in routed if item.metadata.uid in anywhere] or ([] if matches else routed)
    fits = Counter(item.metadata.uid for found in by_finder for item in found)
    fitting_best = sorted(through_route or matches, key=_preference)
    chosen = sorted(fitting_best, key=lambda item: (item.spec.replicas == 0, -fits[item.metadata.uid]))[:1]
    others = tuple(sorted(item.target for item in matches if item not in chosen))
    if not chosen:
        services = _named_services(spec, view)
        return BoundComponent(name, spec, services=services, gap=_not_looked_for(spec, services, view))
    return _with_pods(name, spec, chosen[0], view, pods_by_owner, others)


def _not_looked_for(spec: Component, services: tuple[Service, ...], view: View) -> Gap | None:
    """Why a component that was not found may be there nevertheless.

    A dependency often runs elsewhere; one that is here as a StatefulSet has a Service, whose endpoints tell the rest.
    """
    elsewhere = spec.role == "dependency" and not services and "services" not in view.gaps
    kinds: tuple[Resource, ...] = ("deployments", "pods") if elsewhere else ("deployments", "pods", "statefulsets")
    return next((view.gaps[kind] for kind in kinds if kind in view.gaps), None)


def _preference(workload: Workload) -> tuple[bool, str]:
    """Prefer what is meant to run, then the shorter and earlier name, so that list order never matters."""
    return (workload.spec.replicas == 0, f"{len(workload.metadata.name):03}{workload.metadata.name}")


def _behind_routes(
    spec: Component, app: AppPlaybook, view: View, bound: Mapping[str, BoundComponent], free: list[Workload]
) -> list[Workload]:
    """Workloads that the URLs of the routes named in `find` lead to."""
    found: list[Workload] = []
    for finder in spec.find:
        route = app.routes.get(finder.route) if finder.route else None
        caller = bound.get(route.from_) if route else None
        if route is None or caller is None or caller.container is None:
            continue
        address = parse_address(variable_of(caller.container, route.env, view).value, view.namespace)
        service = service_at(address, view) if address else None
        if service is not None:
            found += [item for item in free if selects(service, item.spec.template.metadata.labels)]
    return found


def service_at(address: Address, view: View) -> Service | None:
    """The Service of this namespace that an address names or whose cluster IP it is."""
    if address.namespace not in ("", view.namespace):
        return None
    return next(
        (
            item
            for item in view.services
            if (address.service and item.metadata.name == address.service) or address.host in item.addresses
        ),
        None,
    )


def _named_services(spec: Component, view: View) -> tuple[Service, ...]:
    return tuple(item for item in view.services if any(fnmatchcase(item.metadata.name, glob) for glob in spec.services))


def _with_pods(
    name: str, spec: Component, workload: Workload, view: View, pods_by_owner: PodsByOwner, others: tuple[str, ...]
) -> BoundComponent:
    sets = tuple(item for item in view.replicasets if owned_by(item, workload))
    # Evicted and finished pods stay listed, but controllers have already replaced them.
    owned = tuple(pod for pod in pods_by_owner.of(workload, sets) if pod.status.phase not in ("Failed", "Succeeded"))
    leaving = tuple(pod for pod in owned if pod.metadata.deletion_timestamp is not None)
    pods = tuple(pod for pod in owned if pod.metadata.deletion_timestamp is None)
    pods, new_pods = serving_pods(pods, sets)
    labels = workload.spec.template.metadata.labels
    services = tuple(item for item in view.services if selects(item, labels))
    return BoundComponent(
        name, spec, workload, pods, new_pods, leaving, sets, services or _named_services(spec, view), others
    )


def serving_pods(pods: tuple[Pod, ...], sets: tuple[Workload, ...]) -> tuple[tuple[Pod, ...], tuple[Pod, ...]]:
    """(pods of the revision that serves, pods of a newer one that does not come up).

    Where ReplicaSets could not be read, a revision without a ready pod beside one that has some is the newer: the
    controller takes the pods of an old revision that are not ready away first.
    """
    newest = max(sets, key=revision, default=None)
    if newest is not None:
        new = tuple(pod for pod in pods if owned_by(pod, newest))
        old = tuple(pod for pod in pods if not owned_by(pod, newest))
        serves = any(pod.ready for pod in old) and not any(pod.ready for pod in new)
        return (old, new) if serves else (pods, ())
    owners = {pod.metadata.name: (pod.metadata.controller or OwnerReference()) for pod in pods}
    serving = {owners[pod.metadata.name].uid for pod in pods if pod.ready}
    if not serving or any(owner.kind != "ReplicaSet" for owner in owners.values()):
        return pods, ()
    old = tuple(pod for pod in pods if owners[pod.metadata.name].uid in serving)
    return old, tuple(pod for pod in pods if owners[pod.metadata.name].uid not in serving)


def _bind_route(name: str, spec: Route, components: Mapping[str, BoundComponent], view: View) -> BoundRoute:
    caller, called = components[spec.from_], components[spec.to]
    variable = running_variable(caller, spec.env, view)
    value = spec.default if variable.is_set is False and spec.default else variable.value
    address = aliased(parse_address(value, view.namespace), caller)
    at_url = service_at(address, view) if address else None
    return BoundRoute(name, spec, caller, called, variable, address, _service_for(called, at_url))


def running_variable(caller: BoundComponent, name: str, view: View) -> Variable:
    """The variable as the newest ready pod's container declares it; the template's where there is no pod."""
    pod = next((item for item in caller.pods if item.ready), caller.pods[0] if caller.pods else None)
    container = main_container(pod.spec.containers, caller.spec) if pod else caller.container
    return variable_of(container, name, view)


def aliased(address: Address | None, caller: BoundComponent) -> Address | None:
    """The address with its host replaced where the pod's own hosts file names it (`hostAliases`)."""
    specs = [pod.spec for pod in caller.pods[:1]] or ([caller.template] if caller.template else [])
    entries = {name.lower(): item.ip for spec in specs for item in spec.host_aliases for name in item.hostnames}
    if address is None or address.host not in entries:
        return address
    ip = entries[address.host]
    return replace(address, host=ip, kind="loopback" if is_loopback(ip) else "ip", service="", namespace="")


def _service_for(called: BoundComponent, at_url: Service | None) -> Service | None:
    """The Service meant for the called component.

    One whose selector picks its pods comes first (the one the URL names, if that is among them), then one with a name
    from the playbook: its selector may be what is broken.
    """
    labels = called.template_labels
    picking = [item for item in called.services if selects(item, labels)]
    if at_url is not None and (at_url in picking or _named_for(called, at_url)):
        return at_url
    ports = [item for item in picking if any(port.port for port in item.spec.ports)]
    return next(iter(ports or picking or called.services), None)


def _named_for(called: BoundComponent, service: Service) -> bool:
    return any(fnmatchcase(service.metadata.name, glob) for glob in called.spec.services)
