"""The applications beside Onyx in the simulated cluster, and the knobs by which they are broken and mended.

Used by `start`. A neighbour's faults are variants of its manifests, applied as somebody would apply them: they strike
now, and show within half a minute, whereas a fault of Onyx struck some minutes ago.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.apps import immich, shop
from bot.sandbox.cluster.state.values import Object
from bot.sandbox.workspace import Control

INSTALLED_SECONDS_AGO = 4 * 3600
"""Before Onyx, so that Onyx' past is run beside neighbours that are there."""


@dataclass(frozen=True)
class App:
    """An application beside Onyx: `states` are (id, label), the first of them well; `manifests` makes one of them."""

    id: str
    title: str
    note: str
    namespace: str
    states: Sequence[tuple[str, str]]
    manifests: Callable[[str], list[Object]]


APPS = (
    App(
        "immich", "Immich", "A photo library, which has playbooks of its own. A fault shows within half a minute.",
        immich.NAMESPACE, immich.FAULTS, immich.manifests,
    ),
    App(
        "shop", "The shop", "No playbook describes it: ask with /triage shop. A fault shows within half a minute.",
        shop.NAMESPACE, shop.FAULTS, shop.manifests,
    ),
)  # fmt: skip


class Neighbour:
    """One application beside Onyx as it is in the cluster now."""

    def __init__(self, cluster: SimulatedCluster, app: App) -> None:
        self._cluster, self.app = cluster, app
        self.state = app.states[0][0]
        cluster.earlier(INSTALLED_SECONDS_AGO, lambda: self.select(self.state))

    def select(self, state: str) -> None:
        """Apply the application in this state."""
        for item in self.app.manifests(state):
            self._cluster.apply(item)
        self.state = state

    def control(self) -> Control:
        """The knob on the page."""
        return Control(
            self.app.id,
            self.app.title,
            self.app.states,
            current=lambda: self.state,
            select=self.select,
            note=self.app.note,
        )
