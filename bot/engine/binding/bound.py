"""What a diagnosis looks at: an app's components and routes, each with what stands for it in the view. Values only."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot.domain.facts import Gap
from bot.domain.kubernetes import Container, Pod, PodSpec, Service, Workload
from bot.domain.view import Resource, View
from bot.engine.values.address import Address
from bot.engine.values.clocks import Clocks
from bot.engine.values.environment import Variable
from bot.playbook.app_schema import AppPlaybook, Component, Route
from bot.playbook.schema import LineSpec

if TYPE_CHECKING:
    from bot.engine.discovery.graph import Graph


@dataclass(frozen=True, slots=True)
class BoundComponent:
    """A component of the app and what stands for it in the view.

    `pods` are those of the revision that serves; `new_pods` those of a newer revision that has none ready while the old
    one still serves; `leaving` those being deleted. `gap` is set when the component could not be looked for.
    """

    name: str
    spec: Component
    workload: Workload | None = None
    pods: tuple[Pod, ...] = ()
    new_pods: tuple[Pod, ...] = ()
    leaving: tuple[Pod, ...] = ()
    replica_sets: tuple[Workload, ...] = ()
    services: tuple[Service, ...] = ()
    others: tuple[str, ...] = ()
    gap: Gap | None = None
    finished: tuple[Pod, ...] = ()
    """Discovered components: pods that have ended, and the Jobs that a CronJob has made."""
    jobs: tuple[Workload, ...] = ()
    article: str = "the "
    """Before its label in a sentence; a discovered component's label is the name of an object, which takes none."""

    @property
    def named(self) -> str:
        """`the API server`; `orders` where a workload's name is all that is known."""
        return f"{self.article}{self.spec.label}"

    @property
    def all_pods(self) -> tuple[Pod, ...]:
        return self.pods + self.new_pods

    @property
    def template(self) -> PodSpec | None:
        """The pod spec its workload would create now, or that of a pod when the workload could not be read."""
        if self.workload is not None:
            return self.workload.spec.template.spec
        return self.pods[0].spec if self.pods else None

    @property
    def template_labels(self) -> dict[str, str]:
        if self.workload is not None:
            return self.workload.spec.template.metadata.labels
        return self.pods[0].metadata.labels if self.pods else {}

    @property
    def container(self) -> Container | None:
        """The container that does the component's work: by the playbook's names, by its port, else the first."""
        template = self.template
        return main_container(template.containers, self.spec) if template else None

    @property
    def selector(self) -> str:
        """Label selector for kubectl commands."""
        labels = self.workload.spec.selector.match_labels if self.workload else self.template_labels
        return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def main_container(containers: Iterable[Container], spec: Component) -> Container | None:
    """The container that does the component's work."""
    listed = tuple(containers)
    names = [finder.container for finder in spec.find if finder.container]
    for container in listed:
        if any(fnmatchcase(container.name, name) for name in names):
            return container
    for container in listed:
        if any(port.container_port == spec.port for port in container.ports):
            return container
    return listed[0] if listed else None


@dataclass(frozen=True, slots=True)
class BoundRoute:
    """A route of the app: the caller's variable as its container sees it, and the Service meant for the called one."""

    name: str
    spec: Route
    caller: BoundComponent
    called: BoundComponent
    variable: Variable
    address: Address | None
    service: Service | None


@dataclass(frozen=True, slots=True)
class Binding:
    """The app as found in one view; everything a check looks at.

    `own_services` are the Services of the namespace without those of another release of the app.
    """

    app: AppPlaybook
    view: View
    components: Mapping[str, BoundComponent]
    routes: Mapping[str, BoundRoute] = field(default_factory=dict)
    own_services: tuple[Service, ...] = ()
    graph: Graph | None = None
    """Who calls whom, where the app was discovered and not described."""
    lines: tuple[LineSpec, ...] = ()
    """Log lines that mean the same in every program; looked for in discovered apps."""
    clocks: Clocks = field(kw_only=True)
    """What time it was where the times of the view were written."""

    @property
    def now(self) -> datetime:
        return self.view.collected_at

    def now_at(self, pod: str) -> datetime:
        """The same by the clock of this pod's node, which wrote its states and stamped its log."""
        return self.now + self.clocks.off(pod)

    def gap(self, *resources: Resource) -> Gap | None:
        """The first of these resources that could not be read completely."""
        return next((self.view.gaps[name] for name in resources if name in self.view.gaps), None)

    def within(self, moment: datetime | None, seconds: float, pod: str = "") -> bool:
        """Whether the moment is at most this many seconds before the view was collected.

        `pod` is whose node wrote it, where a node did.
        """
        return moment is not None and self.now_at(pod) - moment <= timedelta(seconds=seconds)

    def lasts(self, since: datetime | None, at_least: timedelta, pod: str = "") -> bool:
        """Whether what has been so since then has surely been so for longer, whosever clock is wrong."""
        return since is not None and self.clocks.lasts(since, at_least, pod)

    def kubectl(self, arguments: str) -> str:
        """The kubectl command that shows a person the same thing."""
        return self.kubectl_anywhere(f"-n {self.view.namespace} {arguments}")

    def kubectl_anywhere(self, arguments: str) -> str:
        """The same for what is not in the namespace."""
        context = f" --context {shlex.quote(self.view.context)}" if self.view.context else ""
        return f"kubectl{context} {arguments}"

    @property
    def found(self) -> bool:
        """Whether any component is there at all."""
        return any(component.workload or component.pods for component in self.components.values())
