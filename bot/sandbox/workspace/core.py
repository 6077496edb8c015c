"""The parts of one workspace, made once and passed to everything that works on it.

Made by `Workspace`. Whoever uses a part holds `changes.lock`.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.api.meter import Faults, MeteredCall, RateMeter
from bot.sandbox.workspace.api.tickets import ResponseUrls, Triggers
from bot.sandbox.workspace.delivery.socket_mode import SocketModeServer
from bot.sandbox.workspace.state.changes import Changes
from bot.sandbox.workspace.state.files import WorkspaceFiles
from bot.sandbox.workspace.state.seed import APP, WorkspaceConfig
from bot.sandbox.workspace.state.store import WorkspaceState
from bot.sandbox.workspace.state.views import Views

Json = dict[str, Any]

REMEMBERED = 10_000  # the latest calls; a workspace may run for weeks


@dataclass(frozen=True)
class AppTokens:
    """The app's credentials, made up anew for every workspace."""

    bot: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(24)}")
    app: str = field(default_factory=lambda: f"xapp-1-{APP}-{secrets.token_hex(24)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification: str = field(default_factory=lambda: secrets.token_hex(12))


@dataclass
class WorkspaceCore:
    """All parts. `address` is the base URL once the server listens."""

    config: WorkspaceConfig
    clock: Callable[[], float]
    tokens: AppTokens
    changes: Changes
    store: WorkspaceState
    views: Views
    files: WorkspaceFiles
    triggers: Triggers
    response_urls: ResponseUrls
    socket: SocketModeServer
    faults: Faults
    meter: RateMeter
    calls: deque[MeteredCall] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    tickets: set[str] = field(default_factory=set)  # one-time keys for Socket Mode connections
    address: str = ""
    shell: str = ""  # what to type in a terminal, so that commands on the page can be pasted


class Played:
    """Base of everything people do: it works on the parts of one workspace."""

    def __init__(self, core: WorkspaceCore) -> None:
        self._core = core


def build(
    config: WorkspaceConfig, clock: Callable[[], float], ack_timeout_seconds: float, retry_delays: Sequence[float]
) -> WorkspaceCore:
    """A new workspace with its seed, not yet reachable."""
    changes = Changes()
    store = WorkspaceState(config, clock, changes)
    return WorkspaceCore(
        config=config,
        clock=clock,
        tokens=AppTokens(),
        changes=changes,
        store=store,
        views=Views(changes, store.next_id),
        files=WorkspaceFiles(clock, store.next_id),
        triggers=Triggers(clock, config.trigger_seconds),
        response_urls=ResponseUrls(clock),
        socket=SocketModeServer(APP, changes, ack_timeout_seconds, retry_delays, config.acks_bound_to_connection),
        faults=Faults(),
        meter=RateMeter(clock),
    )
