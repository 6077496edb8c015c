"""One tick of the whole control plane: every controller runs until nothing changes any more.

Called by `SimulatedCluster` after every write, on a timer, and step by step when time is advanced.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.control.accounts import bind_claims, report_disruption_budgets, report_quotas
from bot.sandbox.cluster.control.deployments import reconcile_deployments
from bot.sandbox.cluster.control.endpoints import reconcile_endpoints
from bot.sandbox.cluster.control.kubelet import run_pods
from bot.sandbox.cluster.control.nodes import watch_nodes
from bot.sandbox.cluster.control.replicas import reconcile_replica_sets
from bot.sandbox.cluster.control.scheduler import schedule
from bot.sandbox.cluster.control.stateful import reconcile_stateful_sets
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.kinds import NAMESPACES

_QUIET = frozenset({"events", "leases.coordination.k8s.io", "rolebindings.rbac.authorization.k8s.io"})
_MOST_ROUNDS = 50
_CLUSTER_WIDE = frozenset({"nodes", "persistentvolumes", "storageclasses.storage.k8s.io", "namespaces"})


class ControlLoop:
    """Runs the controllers over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._clean_at: datetime | None = None
        self.resting: frozenset[str] = frozenset()
        """Namespaces whose controllers do nothing: what happened there is not to be judged by a clock set back."""

    def forget_schedule(self) -> None:
        """The clock was set back: clean up again at the next tick."""
        self._clean_at = None

    def tick(self) -> None:
        """Run until quiet. Raises nothing for a broken spec: controllers report it as events and conditions."""
        world = self.world
        now = world.now()
        if world.lost_nodes:
            watch_nodes(world)
        for _ in range(_MOST_ROUNDS):
            touched, world.store.touched = world.store.touched, set()
            pods = {(namespace, name) for storage, namespace, name in touched if storage == "pods"}
            dirty = self._dirty(touched, now)
            if any(storage in _CLUSTER_WIDE for storage, _, _ in touched):
                watch_nodes(world)
            for namespace in dirty:
                self._reconcile(namespace)
            if dirty:
                schedule(world)
            run_pods(world, pods | {(ns, name) for kind, ns, name in world.store.touched if kind == "pods"})
            if not world.store.touched:
                break
        if self._clean_at is None or now >= self._clean_at:
            self._clean_at = now + timedelta(minutes=1)
            world.forget_old_events()
            world.store.touched = {entry for entry in world.store.touched if entry[0] != "events"}

    def _dirty(self, touched: set[tuple[str, str, str]], now: datetime) -> list[str]:
        return [name for name in self._of_interest(touched, now) if name not in self.resting]

    def _of_interest(self, touched: set[tuple[str, str, str]], now: datetime) -> list[str]:
        loud = {(storage, namespace) for storage, namespace, _ in touched if storage not in _QUIET}
        if any(storage in _CLUSTER_WIDE for storage, _ in loud):
            return [item["metadata"]["name"] for item in self.world.store.list(NAMESPACES)]
        dirty = {namespace for _, namespace in loud if namespace}
        for namespace, at in list(self.world.wake_at.items()):
            if at <= now:
                dirty.add(namespace)
                del self.world.wake_at[namespace]
        return sorted(dirty)

    def _reconcile(self, namespace: str) -> None:
        world = self.world
        bind_claims(world, namespace)
        reconcile_deployments(world, namespace)
        reconcile_replica_sets(world, namespace)
        reconcile_stateful_sets(world, namespace)
        reconcile_endpoints(world, namespace)
        report_quotas(world, namespace)
        report_disruption_budgets(world, namespace)
