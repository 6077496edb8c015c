"""Starts the sandbox: the workspace, and beside it a simulated cluster whose fault is chosen on the page."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.account import ACCOUNT, grant_rights, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.apps.build import NAMESPACE
from bot.sandbox.examples import EXAMPLES
from bot.sandbox.neighbours import APPS, Neighbour
from bot.sandbox.workspace import Control, Workspace, WorkspaceError
from bot.sandbox.workspace.state.seed import INCIDENTS, SECOND

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
        neighbours = [Neighbour(cluster, app) for app in APPS]
        grant_rights(cluster, rbac_folder(), (NAMESPACE, *(app.namespace for app in APPS)))
        cluster.inject(FIRST_FAULT)
        controls = (_fault_control(cluster, neighbours), *(neighbour.control() for neighbour in neighbours))
    workspace = Workspace(controls=controls, examples=EXAMPLES)
    try:
        workspace.start(port=port)
    except WorkspaceError:
        workspace.start(port=0)
    stack.callback(workspace.stop)
    return Sandbox(workspace, cluster)


_GROUPS = (
    ("All is well", ("none", "recovered")),
    ("The web server has a wrong address", ("internal-url",)),
    ("The way to the API is closed", ("service-", "network-policy", "dns", "ingress")),
    ("It runs, and does not answer", ("api-not-listening", "api-not-responding", "api-not-ready")),
    ("The API dies or cannot start", ("api-",)),
    (
        "Something that it needs is away or wrong",
        ("dependency", "database", "postgres", "redis", "index", "inference", "bucket", "llm", "mail"),
    ),
    ("Several at once", ("two-", "three-")),
)
"""Headings in plain words, each with how the ids of its faults begin; the first that fits counts."""
OTHERS = "Other faults"


def group_of(fault: str) -> str:
    """Under which heading a fault stands."""
    return next((group for group, begins in _GROUPS if fault.startswith(begins)), OTHERS)


def prepare(sandbox: Sandbox) -> None:
    """Have somebody paste the first error, so that whoever opens the page sees an incident and not an empty room."""
    sandbox.workspace.post_message(INCIDENTS, FIRST_PASTE, user=SECOND)


def _fault_control(cluster: SimulatedCluster, neighbours: list[Neighbour]) -> Control:
    """The knob on the page by which a person breaks and mends the simulated Onyx."""

    def choose(fault: str) -> None:
        cluster.inject(fault)  # builds the whole cluster anew
        for neighbour in neighbours:
            neighbour.select(neighbour.state)

    headings = [heading for heading, _ in _GROUPS] + [OTHERS]
    faults = sorted(cluster.faults.values(), key=lambda fault: headings.index(group_of(fault.id)))
    return Control(
        id="fault",
        label="Onyx",
        options=tuple((fault.id, fault.label) for fault in faults),
        groups={fault.id: group_of(fault.id) for fault in faults},
        current=lambda: cluster.current_fault,
        select=choose,
        note="A chat app, which has playbooks of its own. A fault has struck some minutes ago.",
    )
