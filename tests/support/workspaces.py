"""Workspaces in which a bot may be slow: whether it is quick enough has tests of its own, and a machine may be busy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.workspace.state.seed import WorkspaceConfig
from bot.sandbox.workspace.workspace import Workspace

PATIENCE_SECONDS = 120.0
"""How long a test waits for what it expects; a busy machine needs it, and a green test never waits."""


def hasty_workspace() -> Workspace:
    """For sockets that are cut: what one took along is delivered again soon, as often as Slack does, and as patiently:
    on a busy machine a new socket takes its time."""
    return Workspace(ack_timeout_seconds=3.0, retry_delays_seconds=(0.1, 3.0, 30.0))


def patient_workspace(config: WorkspaceConfig | None = None, **options: Any) -> Workspace:
    """A workspace that neither delivers again nor lets a trigger id run out while a test goes on."""
    patient = replace(config or WorkspaceConfig(), trigger_seconds=PATIENCE_SECONDS)
    return Workspace(config=patient, **{"ack_timeout_seconds": PATIENCE_SECONDS, **options})
