"""The discovered app as data: its Services and the calls between its components, with the evidence for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.calls import FailedCall
from bot.domain.endpoints import Endpoint
from bot.domain.kubernetes import HorizontalPodAutoscaler, Ingress, Service

if TYPE_CHECKING:
    from bot.engine.binding import BoundComponent


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that names an address: a variable, a ConfigMap key, a command, a line of a log.

    `component` and `container` hold it; `init`: only an init container does. `source` says where it stands, in words.
    `weak`: it stands in free text (a file, a command), so that nobody knows whether the program uses it.
    `logged`: it is no setting, but a failed call in the component's log. `inferred`: what the setting says
    was not read.
    """

    component: str
    endpoint: Endpoint
    container: str = ""
    init: bool = False
    source: str = ""
    variable: str = ""
    config_map: str = ""
    key: str = ""
    weak: bool = False
    logged: bool = False
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class BoundService:
    """A Service of the namespace, or the name of one that is called and not there (`service` is None).

    `picked` are the components whose pods its selector picks, `meant` the one it is for where it picks none.
    `callers` are the components that name it, `outside` what else does (Ingresses, webhooks).
    """

    scope: str
    name: str
    service: Service | None = None
    picked: tuple[str, ...] = ()
    meant: str = ""
    callers: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def target(self) -> str:
        """The component behind it, or the one it is for; empty if neither is known."""
        return self.picked[0] if self.picked else self.meant


@dataclass(frozen=True, slots=True)
class BoundEdge:
    """One component calls a Service, a host in another namespace or itself, as these references say.

    `service` is the scope of a Service of this namespace, empty for `foreign` (namespace, name) and for loopback.
    """

    scope: str
    caller: str
    host: str
    service: str = ""
    foreign: tuple[str, str] | None = None
    loopback: bool = False
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that was discovered. Scopes are the names under which causes and facts speak of a thing.

    `calls` are the failed calls in the logs of each component; a component whose log was not read is left out.
    `subject` are the components that were asked about; empty: all of them. `asked` are the Services that were asked
    about by name. `witnesses` call these and are not judged themselves: their logs tell whether the calls get through.
    """

    services: Mapping[str, BoundService] = field(default_factory=dict)
    edges: Mapping[str, BoundEdge] = field(default_factory=dict)
    ingresses: Mapping[str, Ingress] = field(default_factory=dict)
    autoscalers: Mapping[str, HorizontalPodAutoscaler] = field(default_factory=dict)
    calls: Mapping[str, tuple[FailedCall, ...]] = field(default_factory=dict)
    subject: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    witnesses: Mapping[str, BoundComponent] = field(default_factory=dict)
    witnessed: Mapping[str, BoundEdge] = field(default_factory=dict)
    """The calls of witnesses: nothing is judged about them."""

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        """What generic causes are filled in with, by the kind of their playbook."""
        return {
            "service": tuple(self.services),
            "edge": tuple(self.edges),
            "ingress": tuple(self.ingresses),
            "autoscaler": tuple(self.autoscalers),
        }

    def edges_of(self, component: str) -> tuple[BoundEdge, ...]:
        """The calls that a component makes."""
        return tuple(edge for edge in (*self.edges.values(), *self.witnessed.values()) if edge.caller == component)

    def behind(self, edge: BoundEdge) -> tuple[str, ...]:
        """The components that an edge leads to."""
        service = self.services.get(edge.service)
        if service is None:
            return ()
        return service.picked or ((service.meant,) if service.meant else ())

    def downstream(self, component: str) -> tuple[str, ...]:
        """Everything that a component's calls lead through, nearest first: edges, Services, components, theirs."""
        found: dict[str, None] = {}
        queue = [component]
        seen = {component}
        by_caller: dict[str, list[BoundEdge]] = {}
        for edge in self.edges.values():
            by_caller.setdefault(edge.caller, []).append(edge)
        while queue:
            for edge in by_caller.get(queue.pop(0), ()):
                found.setdefault(edge.scope)
                if edge.service:
                    found.setdefault(edge.service)
                for name in self.behind(edge):
                    found.setdefault(name)
                    if name not in seen:
                        seen.add(name)
                        queue.append(name)
        return tuple(found)

    def beyond(self, service: str) -> tuple[str, ...]:
        """What stands behind a Service, and everything that this calls."""
        picked = self.services[service].picked
        return tuple(dict.fromkeys((*picked, *(scope for name in picked for scope in self.downstream(name)))))

    def reached(self, components: Iterable[str]) -> frozenset[str]:
        """These components and all that they lead to."""
        names = frozenset(components)
        return names | {scope for name in names for scope in self.downstream(name)}
