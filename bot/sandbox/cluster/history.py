"""A past for the simulated cluster: installs it hours ago and lets a fault strike minutes ago.

Called by `SimulatedCluster.inject`. The past is not written, it is run: the same controllers at simulated times, so
restart counts, event counts, log timestamps and conditions agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.cluster.apps import platform, roles
from bot.sandbox.cluster.apps.build import NAMESPACE, OnyxNames
from bot.sandbox.cluster.control.loop import ControlLoop
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.faults.model import Operator, Scenario
from bot.sandbox.cluster.state import kinds
from bot.sandbox.cluster.state.kinds import (
    BY_KIND,
    BY_STORAGE,
    EVENTS,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUMES,
    PODS,
    Kind,
)
from bot.sandbox.cluster.state.registry import WriteMode
from bot.sandbox.cluster.state.values import Object, pod_is_ready

AGE = timedelta(hours=3)
"""How long ago the healthy application was installed."""
PREPARED = timedelta(minutes=50)
"""How long ago the harmless preparations of a fault were made."""
SETTLE_SECONDS = 90

_KEPT = frozenset({
    "leases.coordination.k8s.io", "serviceaccounts", "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
})  # fmt: skip
"""What a reset leaves in the application's namespace: it belongs to the bot and its users, not to the application."""


class Historian:
    """Rebuilds a cluster's past. `set_time` moves the simulated clock of the world."""

    def __init__(self, world: World, loop: ControlLoop, set_time: Callable[[datetime], None]) -> None:
        self._world, self._loop, self._set_time = world, loop, set_time

    def rebuild(self, end: datetime, names: OnyxNames, manifests: list[Object], scenario: Scenario) -> None:
        """Wipe, install, and replay the scenario's acts so that the present is `end`.

        What runs beside the application rests meanwhile, and is looked at again at the end.
        """
        store = self._world.store
        beside = {item["metadata"]["name"] for item in store.list(NAMESPACES)} - {NAMESPACE, "kube-system"}
        self._loop.resting = frozenset(beside)
        try:
            self._replay(end, names, manifests, scenario)
        finally:
            self._loop.resting = frozenset()
        store.touched.update(("namespaces", "", name) for name in beside)
        self._loop.tick()

    def _replay(self, end: datetime, names: OnyxNames, manifests: list[Object], scenario: Scenario) -> None:
        self._set_time(end - AGE)
        self._wipe()
        self._loop.forget_schedule()
        self._install(names, manifests)
        operator = Operator(self._world, names)
        if scenario.prepare is not None:
            self._jump(end - PREPARED)
            scenario.prepare(operator)
            self._settle()
        for act in scenario.acts:
            moment = end - timedelta(seconds=act.seconds_ago)
            if act is scenario.acts[0]:
                self._jump(moment)
            else:
                self._walk(moment)
            act.deed(operator)
        if scenario.acts:
            self._walk(end)
        self._jump(end)

    def _jump(self, moment: datetime) -> None:
        self._set_time(moment)
        self._loop.tick()

    def _walk(self, moment: datetime) -> None:
        now = self._world.now()
        while now < moment:
            self._loop.tick()
            now = min(moment, now + timedelta(seconds=1))
            self._set_time(now)

    def _settle(self) -> None:
        """Until all pods are ready, and a little longer: without probes a pod is ready before it listens."""
        for _ in range(SETTLE_SECONDS):
            self._loop.tick()
            pods = self._world.store.list(PODS)
            if pods and all(pod_is_ready(pod) and not pod["metadata"].get("deletionTimestamp") for pod in pods):
                break
            self._set_time(self._world.now() + timedelta(seconds=1))
        self._walk(self._world.now() + timedelta(seconds=12))

    def _wipe(self) -> None:
        world, store = self._world, self._world.store
        for kind in BY_STORAGE.values():
            if kind.create_only or kind.storage in _KEPT:
                continue
            for item in store.list(kind):
                if self._belongs_to_us(kind, item):
                    store.remove(kind, item["metadata"].get("namespace", ""), item["metadata"]["name"])
        alive = {pod["metadata"]["uid"] for pod in store.each(PODS)}
        self._world.runtimes = {uid: item for uid, item in self._world.runtimes.items() if uid in alive}
        for memory in (world.lost_nodes, world.wake_at, world.retry_at, world.similar):
            memory.clear()

    @staticmethod
    def _belongs_to_us(kind: Kind, item: Object) -> bool:
        if kind in (EVENTS, NODES):
            return True
        if item["metadata"]["name"] == "kube-root-ca.crt":
            return False
        if kind == PERSISTENT_VOLUMES:
            return bool(item["spec"].get("claimRef", {}).get("namespace") == NAMESPACE)
        return item["metadata"].get("namespace") in (NAMESPACE, "kube-system")

    def _install(self, names: OnyxNames, manifests: list[Object]) -> None:
        for name in (*platform.SYSTEM_NAMESPACES, NAMESPACE):
            self._ensure({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        now = self._world.now()
        for number, name in enumerate(platform.NODES):
            wanted = platform.node(name, number, now)
            created = self._world.registry.create(NODES, "", wanted, WriteMode(manager="kubelet"))
            self._world.registry.write_status(NODES, created, wanted["status"])
        for item in (
            platform.storage_class(),
            platform.kubernetes_service(),
            *platform.cluster_dns(),
            *roles.roles(),
        ):
            self._ensure(item)
        # The servers come last, each when what it depends on is up: a first start without restarts or errors.
        servers = {names.api: 1, names.web: 2}
        for rank in range(3):
            for item in manifests:
                if servers.get(item["metadata"]["name"] if item["kind"] == "Deployment" else "", 0) == rank:
                    self._ensure(item)
            self._settle()

    def _ensure(self, item: Object) -> None:
        kind = BY_KIND[(item["apiVersion"], item["kind"])]
        namespace = item["metadata"].get("namespace", "")
        if self._world.store.get(kind, namespace, item["metadata"]["name"]) is None:
            write = WriteMode(manager="kubectl-client-side-apply" if kind != kinds.NAMESPACES else "kubectl-create")
            self._world.registry.create(kind, namespace, item, write)
