"""Starts the sandbox: the workspace, and beside it a simulated cluster whose fault is chosen on the page."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.account import ACCOUNT, grant_rights, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.apps.build import NAMESPACE
from bot.sandbox.examples import EXAMPLES
from bot.sandbox.workspace import Control, Workspace, WorkspaceError

FIRST_FAULT = "api-oom-killed"
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
        grant_rights(cluster, rbac_folder(), (NAMESPACE,))
        controls = (_fault_control(cluster),)
    workspace = Workspace(controls=controls, examples=EXAMPLES)
    try:
        workspace.start(port=port)
    except WorkspaceError:
        workspace.start(port=0)
    stack.callback(workspace.stop)
    return Sandbox(workspace, cluster)


def _fault_control(cluster: SimulatedCluster) -> Control:
    """The knob on the page by which a person breaks and mends the simulated Onyx."""
    return Control(
        id="fault",
        label="What is broken in the simulated cluster",
        options=tuple((fault.id, fault.label) for fault in cluster.faults.values()),
        current=lambda: cluster.current_fault,
        select=cluster.inject,
    )
