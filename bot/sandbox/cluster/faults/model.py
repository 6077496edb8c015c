"""What a fault is: a public description, and the acts that bring it about.

An act does what a person or a broken machine would do: change a spec, delete an object, lose a node. Nothing here
writes a symptom; those follow from the simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import UsageError
from bot.sandbox.cluster.apps.build import NAMESPACE, OnyxNames
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.process.onyx_web import OnyxWeb
from bot.sandbox.cluster.state.changes import STRATEGIC_PATCH
from bot.sandbox.cluster.state.kinds import CONFIG_MAPS, DEPLOYMENTS, NODES, PODS, Kind
from bot.sandbox.cluster.state.registry import WriteMode
from bot.sandbox.cluster.state.values import Object, stamp


class UnknownFault(UsageError):
    """`inject` was asked for a fault that is not in the catalogue."""


@dataclass(frozen=True)
class Fault:
    """A fault a person can choose in the sandbox. `expected_causes` are the cause ids a right diagnosis names."""

    id: str
    label: str
    description: str
    expected_causes: tuple[str, ...]


class Operator:
    """The hands that bring a fault about: what `kubectl` in the wrong moment does, and what machines do."""

    def __init__(self, world: World, names: OnyxNames) -> None:
        self.world, self.names = world, names

    def patch(self, kind: Kind, name: str, change: Object) -> None:
        """A strategic merge patch."""
        write = WriteMode(manager="kubectl-patch")
        self.world.registry.patch(kind, NAMESPACE, name, STRATEGIC_PATCH, change, write)

    def edit(self, kind: Kind, name: str, change: Callable[[Object], None]) -> None:
        """`kubectl edit`: `change` alters a copy of the object."""
        self.world.registry.modify(kind, self.world.registry.require(kind, NAMESPACE, name), change)

    def create(self, kind: Kind, item: Object) -> None:
        """`kubectl create`."""
        self.world.registry.create(kind, NAMESPACE, item, WriteMode(manager="kubectl-create"))

    def delete(self, kind: Kind, name: str) -> None:
        """`kubectl delete`."""
        self.world.registry.delete(kind, NAMESPACE, name, {})

    def scale(self, kind: Kind, name: str, replicas: int) -> None:
        """`kubectl scale`."""
        self.patch(kind, name, {"spec": {"replicas": replicas}})

    def set_data(self, name: str, **values: str | None) -> None:
        """Change keys of a ConfigMap; None removes a key."""
        self.patch(CONFIG_MAPS, name, {"data": values})

    def change_api(self, *, container: Object | None = None, pod: Object | None = None, **spec: Any) -> None:
        """Patch the API Deployment: fields of its container, its pod spec, or the Deployment's own spec."""
        own = [{"name": self.names.api_container, **container}] if container else None
        template = {"spec": {**(pod or {}), **({"containers": own} if own else {})}}
        self.patch(DEPLOYMENTS, self.names.api, {"spec": {**spec, "template": template}})

    def remove_probes(self) -> None:
        """Take the API container's probes away, as the chart ships it."""
        self.change_api(container={"readinessProbe": None, "livenessProbe": None})

    def restart(self, deployment: str) -> None:
        """`kubectl rollout restart`."""
        moment = stamp(self.world.now())
        annotations = {"kubectl.kubernetes.io/restartedAt": moment}
        self.patch(DEPLOYMENTS, deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}})

    def replace_pods(self, deployment: str) -> None:
        """Delete a Deployment's pods, as a node drain does."""
        for pod in self._pods(deployment):
            self.world.registry.delete(PODS, NAMESPACE, pod["metadata"]["name"], {"gracePeriodSeconds": 1})

    def wedge(self, deployment: str) -> None:
        """The Deployment's processes still accept connections but never answer, until they are restarted."""
        for pod in self._pods(deployment):
            for container in self.world.runtimes[pod["metadata"]["uid"]].containers.values():
                if container.program is not None:
                    container.program.wedged = True

    def put_in_mood(self, kind: Kind, name: str, mood: str) -> None:
        """The workload's servers answer like this from now on, until they are restarted."""
        for pod in self._pods(name, kind):
            for container in self.world.runtimes[pod["metadata"]["uid"]].containers.values():
                if container.program is not None:
                    container.program.mood = mood

    def let_people_chat(self) -> None:
        """From now on somebody has the chat open: each page of the web server brings a browser's calls."""
        for pod in self._pods(self.names.web):
            for container in self.world.runtimes[pod["metadata"]["uid"]].containers.values():
                if isinstance(container.program, OnyxWeb):
                    container.program.visited = True

    def lose_node_of(self, deployment: str) -> None:
        """The node under the Deployment's first pod goes dark."""
        for pod in self._pods(deployment)[:1]:
            self.world.lost_nodes[pod["spec"]["nodeName"]] = self.world.now()

    def dedicate_node(self, purpose: str, *elsewhere: str) -> str:
        """Taint a node that runs none of these workloads (named as their pods begin), and move its pods away."""
        store = self.world.store
        taken = {
            pod["spec"].get("nodeName")
            for pod in store.list(PODS, NAMESPACE)
            if pod["metadata"]["name"].startswith(elsewhere)
        }
        nodes = store.list(NODES)
        chosen = next((node for node in reversed(nodes) if node["metadata"]["name"] not in taken), nodes[-1])
        taint = {"key": "dedicated", "value": purpose, "effect": "NoSchedule"}
        self.world.registry.modify(NODES, chosen, lambda item: item["spec"].update(taints=[taint]))
        name = str(chosen["metadata"]["name"])
        for pod in store.list(PODS):
            if pod["spec"].get("nodeName") == name:
                meta = pod["metadata"]
                self.world.registry.delete(PODS, meta["namespace"], meta["name"], {"gracePeriodSeconds": 1})
        return name

    def _pods(self, workload: str, kind: Kind = DEPLOYMENTS) -> list[Object]:
        labels = self.world.registry.require(kind, NAMESPACE, workload)["spec"]["selector"]["matchLabels"]
        return [
            pod for pod in self.world.store.list(PODS, NAMESPACE)
            if labels.items() <= (pod["metadata"].get("labels") or {}).items() and pod["spec"].get("nodeName")
        ]  # fmt: skip


Deed = Callable[[Operator], None]


@dataclass(frozen=True)
class PastAct:
    """Something done `seconds_ago` before now."""

    seconds_ago: int
    deed: Deed


@dataclass(frozen=True)
class Scenario:
    """A fault and how it comes about. `prepare` happens long before, while everything is still well."""

    fault: Fault
    acts: tuple[PastAct, ...] = ()
    prepare: Deed | None = None


def minutes(count: float) -> int:
    """Minutes as seconds."""
    return int(count * 60)


def one_deed(
    identity: str, label: str, description: str, deed: Deed, cause: str, *, prepare: Deed | None = None
) -> Scenario:
    """A fault that one deed brought about six minutes ago, and the one cause that a right diagnosis names."""
    return Scenario(Fault(identity, label, description, (cause,)), (PastAct(minutes(6), deed),), prepare)
