"""From a view to an app: its components, Services, calls, Ingresses and autoscalers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.calls import FailedCall
from bot.domain.endpoints import Endpoint
from bot.domain.kubernetes import ConfigMap, HorizontalPodAutoscaler, Ingress
from bot.domain.view import View
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.candidates import Selectors
from bot.engine.binding.ordering import ordered
from bot.engine.discovery.components import bound_component, component_names
from bot.engine.discovery.evidence import TRANSPORT, logged_calls
from bot.engine.discovery.graph import Graph, Reference
from bot.engine.discovery.owners import owned_workloads
from bot.engine.discovery.references import by_shared_secrets, references_of
from bot.engine.discovery.services import HostResolver, backends, bound_edges, bound_services
from bot.engine.discovery.telling import told_calls
from bot.engine.values.clocks import clocks_of
from bot.playbook.app_schema import AppPlaybook, Component, Finder
from bot.playbook.schema import LineSpec

_WENT_NOWHERE = frozenset({"127.0.0.1", "::1", "0.0.0.0"})

Named = TypeVar("Named", Ingress, HorizontalPodAutoscaler)


@dataclass(frozen=True, slots=True)
class Discovery:
    """An app as its namespace shows it: a playbook that nobody has written, bound to the view, with its graph."""

    app: AppPlaybook
    view: View
    components: Mapping[str, BoundComponent]
    graph: Graph

    def binding(self, lines: Sequence[LineSpec] = ()) -> Binding:
        """What the checks look at. `lines` are log lines that mean the same in every program."""
        return Binding(
            self.app,
            self.view,
            self.components,
            {},
            self.view.services,
            self.graph,
            tuple(lines),
            clocks=clocks_of(self.view),
        )

    def about(self, names: Iterable[str], title: str, services: Iterable[str] = ()) -> Discovery:
        """The same app as seen from these components: they, and everything that they need.

        `services` are scopes of Services that were asked about by name.
        """
        subject = frozenset(names)
        near = self.graph.reached(subject) | frozenset(services)
        components = {name: item for name, item in self.components.items() if name in near}
        edges = {name: item for name, item in self.graph.edges.items() if item.caller in near}
        kept = {
            name: item
            for name, item in self.graph.services.items()
            if name in near or any(component in subject for component in (*item.picked, item.meant))
        }
        calling = {name for item in kept.values() for name in item.callers if name not in components}
        graph = replace(
            self.graph,
            services=kept,
            edges=edges,
            autoscalers=self._scalers_of(components.values(), near),
            ingresses=self._ingresses_of(subject, near),
            subject=subject,
            asked=frozenset(services) & frozenset(kept),
            witnesses={name: item for name, item in self.components.items() if name in calling},
            witnessed={name: item for name, item in self.graph.edges.items() if item.caller in calling},
        )
        app = self.app.model_copy(
            update={"title": title[:150], "components": {name: item.spec for name, item in components.items()}}
        )
        return replace(self, app=app, components=components, graph=graph)

    def _scalers_of(self, kept: Iterable[BoundComponent], near: frozenset[str]) -> dict[str, HorizontalPodAutoscaler]:
        """The autoscalers that are near, or scale one of these components."""
        targets = {(item.workload.kind, item.workload.metadata.name) for item in kept if item.workload}
        return {
            name: item
            for name, item in self.graph.autoscalers.items()
            if name in near or (item.spec.scale_target_ref.kind, item.spec.scale_target_ref.name) in targets
        }

    def _ingresses_of(self, subject: frozenset[str], near: frozenset[str]) -> dict[str, Ingress]:
        """The Ingresses that are near, or lead to a Service of the subject."""
        names = {item.name for item in self.graph.services.values() if {*item.picked, item.meant} & subject}
        return {
            name: item
            for name, item in self.graph.ingresses.items()
            if name in near or any(one.service and one.service.name in names for one in backends(item))
        }


def discover(view: View) -> Discovery:
    """The app that this namespace holds."""
    view = ordered(view)
    owned = owned_workloads(view)
    selectors = Selectors(view.services)
    components = {
        name: bound_component(name, item, selectors) for name, item in zip(component_names(owned), owned, strict=True)
    }
    logged = logged_calls(view, components)
    calls = logged.failing
    references = (*_references(view, components), *_called(components, calls), *told_calls(view, components, calls))
    references = (*references, *_called_at_first(view, components, logged.early))
    told = {(item.component, item.endpoint.host) for item in references}
    implied = by_shared_secrets(components, view.services)
    references = (*references, *(item for item in implied if (item.component, item.endpoint.host) not in told))
    services = bound_services(view, components, references)
    edges = bound_edges(view, services, references)
    taken = {*components, *services, *edges}
    ingresses = _named(view.ingresses, "ingress", taken)
    scalers = _named(view.horizontalpodautoscalers, "autoscaler", taken)
    graph = Graph(services, edges, ingresses, scalers, calls)
    return Discovery(_playbook(view, components), view, components, graph)


def _references(view: View, components: Mapping[str, BoundComponent]) -> Iterable[Reference]:
    config_maps: dict[str, ConfigMap] = {item.metadata.name: item for item in view.configmaps}
    for name, component in components.items():
        template = component.template
        if template is not None:
            yield from references_of(name, template, config_maps)


def _called(components: Mapping[str, BoundComponent], calls: Mapping[str, Iterable[FailedCall]]) -> Iterable[Reference]:
    """The hosts in failed calls that configuration does not name: a program may have them from elsewhere."""
    by_address = {pod.status.pod_ip: name for name, item in components.items() for pod in item.all_pods}
    for name, found in calls.items():
        for call in found:
            if not call.host or call.host in _WENT_NOWHERE or call.kind not in TRANSPORT:
                continue
            if call.host not in by_address:
                endpoint = Endpoint(call.host, call.port or 0, stated_port=bool(call.port))
                yield Reference(name, endpoint, source="its log", logged=True)


def _called_at_first(
    view: View, components: Mapping[str, BoundComponent], early: Mapping[str, Iterable[FailedCall]]
) -> Iterable[Reference]:
    """The Services that a program called while it began and they did too: it calls them, whatever is wrong now."""
    hosts = HostResolver(view)
    for reference in _called(components, early):
        place = hosts.of(reference.endpoint.host)
        if place.kind == "service" and place.name in hosts.services:
            yield reference


def _named(items: Iterable[Named], suffix: str, taken: set[str]) -> dict[str, Named]:
    """Each under a name of its own that facts may begin with."""
    found: dict[str, Named] = {}
    for item in items:
        plain = item.metadata.name.replace(".", "-")[:60]
        scope = plain if plain[:1].isalpha() else f"x-{plain}"
        scope = scope if scope.endswith(suffix) else f"{scope}-{suffix}"
        while scope in taken or scope in found:
            scope += "-2"
        found[scope] = item
    return found


def _playbook(view: View, components: Mapping[str, BoundComponent]) -> AppPlaybook:
    known: dict[str, Component] = {name: item.spec for name, item in components.items()}
    name = view.namespace if view.namespace[:1].isalpha() else f"n-{view.namespace}"
    nothing = {"nothing": Component(label="nothing", find=(Finder(name="-"),))}
    app = AppPlaybook(
        schema="triage/playbook/v1",
        kind="app",
        id=name[:80],
        title=f"namespace {view.namespace}",
        description=f"What runs in namespace {view.namespace}, as it was found there.",
        namespaces=(view.namespace,),
        components=known or nothing,
    )
    return app if known else app.model_copy(update={"components": {}})
