"""The simulated cluster: one object that owns state, time, controllers, faults and the API server's thread.

Used by the sandbox when no real cluster is configured, and by tests. Everything a client can do over HTTP goes through
the same store; the methods here are the operator's hands: time, faults, and broken nodes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.sandbox.cluster.apps import analysis, chart
from bot.sandbox.cluster.apps.build import OnyxNames
from bot.sandbox.cluster.control.loop import ControlLoop
from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.faults.catalogue import SCENARIOS, scenario_for
from bot.sandbox.cluster.faults.model import Fault
from bot.sandbox.cluster.history import Historian
from bot.sandbox.cluster.process.images import ImageCatalogue
from bot.sandbox.cluster.state.changes import APPLY_PATCH
from bot.sandbox.cluster.state.kinds import BY_KIND, KINDS, Kind
from bot.sandbox.cluster.state.registry import Registry, WriteMode
from bot.sandbox.cluster.state.served import DEFAULT, kinds_of
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object, Objects, clone, utc_now

_SEED = 20260101


class Simulation:
    """State, time, controllers and faults, without the HTTP server."""

    def __init__(
        self, *, clock: Callable[[], datetime] = utc_now, onyx: str = "analysis", release: str = DEFAULT
    ) -> None:
        """`release`: the Kubernetes release whose API versions are served; the behaviour stays the same."""
        self.release, self.kinds = release, kinds_of(release)
        self._clock = clock
        self._ahead = timedelta(0)
        self._moment: datetime | None = None
        self.lock = threading.RLock()
        self.store = ObjectStore()
        self.randomness = random.Random(_SEED)  # names and uids, not secrets
        self.registry = Registry(self.store, self.now, self.randomness)
        self.world = World(self.store, self.registry, self.now, self.randomness, ImageCatalogue())
        self.loop = ControlLoop(self.world)
        self._onyx: tuple[OnyxNames, Callable[[], list[Object]]] = _ERAS[onyx]
        self.current_fault = ""
        self.inject("none")

    def now(self) -> datetime:
        """The cluster's time: the clock's, plus what was advanced."""
        return self._moment if self._moment is not None else self._clock() + self._ahead

    def tick(self) -> None:
        """Run the controllers until nothing changes at this moment."""
        with self.lock:
            self.loop.tick()

    def advance(self, seconds: float) -> None:
        """Let time pass, second by second, faster than the clock."""
        with self.lock:
            whole = int(seconds)
            for step in (*([1.0] * whole), *([seconds - whole] if seconds > whole else [])):
                self._ahead += timedelta(seconds=step)
                self.loop.tick()

    @property
    def names(self) -> OnyxNames:
        """What this era of Onyx calls its objects."""
        return self._onyx[0]

    # faults

    @property
    def faults(self) -> Mapping[str, Fault]:
        """All faults that can be injected, by id."""
        return MappingProxyType({key: scenario.fault for key, scenario in SCENARIOS.items()})

    def inject(self, fault_id: str) -> None:
        """Reset to the healthy baseline, then break it minutes ago. Raises UnknownFault."""
        scenario = scenario_for(fault_id)
        with self.lock:
            end = self.now()
            historian = Historian(self.world, self.loop, self._set_moment)

            def rebuild() -> None:
                historian.rebuild(end, self._onyx[0], self._onyx[1](), scenario)

            try:
                self.store.rewrite(KINDS, rebuild)
            finally:
                self._moment = None
            self.current_fault = fault_id

    def earlier(self, seconds: float, deed: Callable[[], None], settle_seconds: int = 40) -> None:
        """Do something that long ago, let it settle, and come back to the present: for what nobody has seen happen."""
        with self.lock:
            end = self.now()
            try:
                self._moment = end - timedelta(seconds=seconds)
                deed()
                for _ in range(settle_seconds):
                    self._moment += timedelta(seconds=1)
                    self.loop.tick()
            finally:
                self._moment = None
            self.loop.tick()

    def _set_moment(self, moment: datetime) -> None:
        self._moment = moment

    def recover_node(self, name: str) -> None:
        """The node answers again."""
        with self.lock:
            self.world.lost_nodes.pop(name, None)
            self.store.touched.add(("nodes", "", name))
            self.loop.tick()

    # direct access

    def apply(self, item: Object) -> Object:
        """Create or change an object, as `kubectl apply --server-side` does. Raises StatusError."""
        kind, meta = _kind_of(item), item["metadata"]
        namespace = meta.get("namespace", "default") if kind.namespaced else ""
        with self.lock:
            write = WriteMode(manager="sandbox")
            stored = self.registry.patch(kind, namespace, meta["name"], APPLY_PATCH, clone(item), write)
            self.loop.tick()
        return clone(stored)  # type: ignore[no-any-return]  # clone() is untyped

    def get(self, kind: str, name: str, namespace: str = "onyx") -> Object | None:
        """One object by kind or resource name (`Pod`, `deployments`), or None."""
        found = _kind_named(kind)
        with self.lock:
            return clone(self.store.get(found, namespace if found.namespaced else "", name))  # type: ignore[no-any-return]

    def list(self, kind: str, namespace: str = "onyx") -> Objects:
        """All objects of a kind in a namespace (empty: everywhere)."""
        found = _kind_named(kind)
        with self.lock:
            return clone(self.store.list(found, namespace if found.namespaced else ""))  # type: ignore[no-any-return]

    def delete(self, kind: str, name: str, namespace: str = "onyx", **options: object) -> None:
        """Delete an object, gracefully for pods. Raises StatusError when it is not there."""
        found = _kind_named(kind)
        with self.lock:
            self.registry.delete(found, namespace if found.namespaced else "", name, dict(options))
            self.loop.tick()

    def logs(self, pod: str, namespace: str = "onyx", container: str | None = None, *, previous: bool = False) -> str:
        """A container's log as text; empty when there is none."""
        with self.lock:
            for runtime in self.world.runtimes.values():
                if (runtime.namespace, runtime.name) == (namespace, pod):
                    name = container or next(iter(runtime.containers))
                    lines = runtime.containers[name].previous_log if previous else runtime.containers[name].log
                    return "\n".join(line for _, line in lines or ())
        return ""


_ERAS: dict[str, tuple[OnyxNames, Callable[[], list[Object]]]] = {
    "analysis": (analysis.NAMES, analysis.manifests),
    "chart": (chart.NAMES, chart.manifests),
}


def _kind_of(item: Object) -> Kind:
    return BY_KIND[(item["apiVersion"], item["kind"])]


def _kind_named(name: str) -> Kind:
    for kind in KINDS:
        if name in (kind.kind, kind.plural, kind.singular, *kind.short):
            return kind
    raise KeyError(name)
