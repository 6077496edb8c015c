"""What the kubelet remembers about the containers it runs: processes, restarts, back-off, logs, probe results.

Kept beside the API's objects, like a container runtime's own state. Plain data; `control.kubelet` acts on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.cluster.process.program import Program
from bot.sandbox.cluster.state.values import Object

LOG_LINES = 10_000
"""Lines kept per container instance, as the runtime rotates its files."""

LogLines = deque[tuple[datetime, str]]


def new_log() -> LogLines:
    """An empty, bounded container log."""
    return deque(maxlen=LOG_LINES)


@dataclass
class ProbeState:
    """One probe of one container instance."""

    next_at: datetime
    successes: int = 0
    failures: int = 0
    passed: bool = False


@dataclass
class ContainerRuntime:
    """One container of one pod across its restarts."""

    name: str
    next_at: datetime
    waiting: str = "ContainerCreating"
    waiting_message: str = ""
    pulled: bool = False
    pulling: bool = False
    pull_failures: int = 0
    crashes: int = 0
    restarts: int = 0
    program: Program | None = None
    container_id: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    finished_for_good: bool = False
    terminated: Object | None = None
    last_terminated: Object | None = None
    log: LogLines = field(default_factory=new_log)
    previous_log: LogLines | None = None
    probes: dict[str, ProbeState] = field(default_factory=dict)
    kill_at: datetime | None = None
    kill_code: int = 137
    next_backoff_event: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether a process runs now."""
        return self.program is not None


@dataclass
class PodRuntime:
    """One pod on its node."""

    uid: str
    namespace: str
    name: str
    address: str
    started_at: datetime
    containers: dict[str, ContainerRuntime] = field(default_factory=dict)
    initialised_at: datetime | None = None
    stopping_since: datetime | None = None
    due: datetime | None = None
