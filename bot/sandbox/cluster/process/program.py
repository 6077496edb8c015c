"""A process in a container: a script in simulated time, with sockets, memory, logs and an end.

Subclasses say what a program does (`run`) and what it answers (`answer`); the kubelet starts and steps them. A program
reaches others only through `Surroundings.connect`, so what it sees follows from Services, pods and policies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

MEBIBYTE = 2**20
LONGEST_CATCH_UP = timedelta(minutes=5)
"""After a longer jump of the clock a program has slept through all but the last minutes: older lines are noise."""


class ProcessExit(Exception):  # ends a simulated process; it is control flow, not an error
    """Raised inside `run` to end the process with an exit code; `reason` as in a container's terminated state."""

    def __init__(self, code: int, reason: str = "Error") -> None:
        super().__init__(f"exit {code}")
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class ProcessRequest:
    """An HTTP request that reached a process. `session` says whether it carries a logged-in person's cookie."""

    path: str
    at: datetime
    peer: str
    port: int = 8080
    method: str = "GET"
    session: bool = False


@dataclass(frozen=True)
class ProcessReply:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


def json_reply(status: int, body: object) -> ProcessReply:
    """A JSON answer, compact as FastAPI writes it."""
    return ProcessReply(status, json.dumps(body, separators=(",", ":")).encode())


@dataclass(frozen=True)
class Reached:
    """A connection to a listening process. `address` is what the caller dialled after name resolution."""

    program: Program
    address: str
    port: int
    target_port: int


@dataclass(frozen=True)
class Unreached:
    """A connection that failed; `code` is Node's: ENOTFOUND, EAI_AGAIN, ECONNREFUSED, ETIMEDOUT or EHOSTUNREACH."""

    code: str
    host: str
    address: str
    port: int


class NetworkView(Protocol):
    """The network as one pod sees it."""

    def connect(self, host: str, port: int) -> Reached | Unreached:
        """Resolve the host and try to open a TCP connection."""


@dataclass
class Launch:
    """How a container's process is started."""

    command_line: str
    environment: dict[str, str]
    image: str
    memory_limit: float | None
    container_ports: tuple[int, ...]
    pod_name: str
    pod_address: str
    outside: NetworkView
    log: Callable[[datetime, str], None]
    labels: dict[str, str] = field(default_factory=dict)


class Program:
    """Base of all simulated programs."""

    stops_after: float | None = 1.0
    """Seconds from SIGTERM to exit 0; None for a program that ignores it and is killed after the grace period."""

    def __init__(self, launch: Launch, started: datetime) -> None:
        self.launch = launch
        self.time = started
        self.started = started
        self.listening: dict[int, str] = {}
        self.memory = 8 * MEBIBYTE
        self.wedged = False
        self.mood = ""
        """What is wrong with a server that answers: see `faults.start`. Clients print what the real ones would."""
        self.gone = False
        """Whether the process has ended: connections to it are closed."""
        self.finished: ProcessExit | None = None
        self._script = self.run()
        self._due = started

    def run(self) -> Iterator[float]:
        """The program's life: yields the seconds until it acts again; ends by returning or by ProcessExit."""
        raise NotImplementedError

    def respond(self, request: ProcessRequest) -> ProcessReply:  # noqa: ARG002  # for subclasses
        """What the program answers when it is not wedged."""
        return ProcessReply(200, b"ok", "text/plain")

    def answer(self, request: ProcessRequest) -> ProcessReply | None:
        """The answer to a request, or None when it accepts the connection and never answers."""
        return None if self.wedged else self.respond(request)

    def exec_probe(self, command: list[str]) -> str | None:  # noqa: ARG002  # for subclasses
        """None when a probe command succeeds in the container, else what it prints."""
        return None

    @property
    def due(self) -> datetime:
        """When the program acts next."""
        return self._due

    def step(self, now: datetime) -> None:
        """Act until simulated time `now`, or until the process ends."""
        self._due = max(self._due, now - LONGEST_CATCH_UP)
        while self.finished is None and self._due <= now:
            self.time = self._due
            try:
                self._due += timedelta(seconds=next(self._script))
            except ProcessExit as exc:
                self.finished = exc
            except StopIteration:
                self.finished = ProcessExit(0, "Completed")

    def say(self, text: str) -> None:
        """Write lines to the container's log, at the program's time."""
        for line in text.split("\n"):
            self.launch.log(self.time, line)

    def use_memory(self, mebibytes: float) -> None:
        """Hold this much memory. The kernel kills the process when its container's limit is lower."""
        self.memory = int(mebibytes * MEBIBYTE)
        limit = self.launch.memory_limit
        if limit is not None and self.memory > limit:
            self.memory = int(limit)
            self.on_out_of_memory()
            raise ProcessExit(137, "OOMKilled")

    def on_out_of_memory(self) -> None:
        """Called just before the kernel kills the process; a shell around it may still print something."""
