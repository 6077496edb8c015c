"""Starts the sandbox: the workspace, and beside it a simulated cluster whose fault is chosen on the page."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.account import ACCOUNT, grant_rights, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.apps import shop
from bot.sandbox.cluster.apps.build import NAMESPACE
from bot.sandbox.examples import EXAMPLES
from bot.sandbox.workspace import Control, Workspace, WorkspaceError
from bot.sandbox.workspace.seed import INCIDENTS, SECOND

FIRST_FAULT = "api-oom-killed"
FIRST_PASTE = dict(EXAMPLES)["Connection refused"]
CLUSTER_NAME = "sandbox"


@dataclass(frozen=True)
class Sandbox:
    """What the bot needs to talk to the sandbox; `cluster` is None when a real cluster is used instead."""

    workspace: Workspace
    cluster: SimulatedCluster | None

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.workspace.address

    def write_kubeconfig(self, path: Path) -> Path:
        """A kubeconfig of the simulated cluster's administrator, for kubectl."""
        return self._simulated().write_kubeconfig(path, context=CLUSTER_NAME)

    def write_bot_kubeconfig(self, path: Path) -> Path:
        """A kubeconfig of the bot's own account, which has the rights of `deploy/rbac` and no others."""
        return self._simulated().write_kubeconfig(path, ACCOUNT, CLUSTER_NAME)

    def _simulated(self) -> SimulatedCluster:
        if self.cluster is None:
            raise ValueError("there is no simulated cluster")
        return self.cluster


def start_sandbox(stack: ExitStack, *, port: int, simulate: bool) -> Sandbox:
    """Start everything on loopback; the stack stops it. A taken `port` is replaced by a free one."""
    cluster: SimulatedCluster | None = None
    controls: tuple[Control, ...] = ()
    if simulate:
        cluster = SimulatedCluster()
        cluster.start()
        stack.callback(cluster.stop)
        cluster.inject(FIRST_FAULT)
        neighbour = _Shop(cluster)
        neighbour.select(shop.WELL)
        grant_rights(cluster, rbac_folder(), (NAMESPACE, shop.NAMESPACE))
        controls = (_fault_control(cluster, neighbour), neighbour.control())
    workspace = Workspace(controls=controls, examples=EXAMPLES)
    try:
        workspace.start(port=port)
    except WorkspaceError:
        workspace.start(port=0)
    stack.callback(workspace.stop)
    return Sandbox(workspace, cluster)


class _Shop:
    """The application beside Onyx that no playbook describes, and what is broken in it."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster
        self.fault = shop.WELL

    def select(self, fault: str) -> None:
        """Apply the shop with this fault in it."""
        for item in shop.manifests(fault):
            self._cluster.apply(item)
        self.fault = fault

    def control(self) -> Control:
        """The knob on the page."""
        label = "What is broken in the shop, which no playbook describes: /triage shop"
        return Control("shop", label, shop.FAULTS, current=lambda: self.fault, select=self.select)


_GROUPS = (
    ("All is well", ("none", "recovered")),
    ("The web server has a wrong address", ("internal-url",)),
    ("The way to the API is closed", ("service-", "network-policy", "dns")),
    ("It runs, and does not answer", ("api-not-listening", "api-not-responding", "api-not-ready")),
    ("The API dies or cannot start", ("api-",)),
    ("Something that it needs is away or wrong", ("dependency", "database", "postgres", "redis", "index", "inference")),
    ("Several at once", ("two-", "three-")),
)
"""Headings in plain words, each with how the ids of its faults begin; the first that fits counts."""


def group_of(fault: str) -> str:
    """Under which heading a fault stands."""
    return next((group for group, begins in _GROUPS if fault.startswith(begins)), "Other faults")


def prepare(sandbox: Sandbox) -> None:
    """Have somebody paste the first error, so that whoever opens the page sees an incident and not an empty room."""
    sandbox.workspace.post_message(INCIDENTS, FIRST_PASTE, user=SECOND)


def _fault_control(cluster: SimulatedCluster, neighbour: _Shop) -> Control:
    """The knob on the page by which a person breaks and mends the simulated Onyx."""

    def choose(fault: str) -> None:
        cluster.inject(fault)  # builds the whole cluster anew
        neighbour.select(neighbour.fault)

    return Control(
        id="fault",
        label="What is broken in Onyx",
        options=tuple((fault.id, fault.label) for fault in cluster.faults.values()),
        groups={fault: group_of(fault) for fault in cluster.faults},
        current=lambda: cluster.current_fault,
        select=choose,
    )
