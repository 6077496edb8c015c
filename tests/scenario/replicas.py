"""Two replicas as processes: started, killed, paused and continued by the tests; what they did is read from a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.scenario.replica import SLOT_SECONDS

# A leader that is stopped within a transaction keeps its lock until the server ends it, after a minute.
PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Line:
    """One effect: which slot, by whom, in which term."""

    slot: int
    process: int
    term: int


@dataclass
class Replicas:
    """Starts replicas on one database and one lease."""

    database: str
    folder: Path
    lease: tuple[str, ...] = ()
    first: int = field(default_factory=lambda: int(time.time() / SLOT_SECONDS))
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "effects"

    def start(self) -> int:
        self.file.touch()
        words = [self.database, str(self.folder), str(self.file), str(self.first), *self.lease]
        command = [sys.executable, "-m", "tests.scenario.replica", *words]
        log = (self.folder / f"log-{len(self.running)}").open("w")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        self.running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", Path(log.name).read_text()
        return process.pid

    def lines(self) -> list[Line]:
        return [Line(*map(int, text.split())) for text in self.file.read_text().splitlines()]

    def leader(self) -> int:
        """Who did the last effect. Waits for the first one."""
        self.until(self.lines)
        return self.lines()[-1].process

    def until(self, condition: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            logs = "\n".join(path.read_text() for path in self.folder.glob("log-*"))
            assert time.monotonic() < ends, f"nothing came of it\n{logs}"
            threading.Event().wait(0.05)

    def until_others_lead(self, old: int) -> int:
        """Waits until somebody else does effects, and has made up for those that were missed."""
        self.until(lambda: self.lines()[-1].process != old)
        new = self.lines()[-1].process
        now = int(time.time() / SLOT_SECONDS)
        self.until(lambda: self.lines()[-1].slot >= now)
        return new

    def send(self, process: int, number: signal.Signals) -> None:
        os.kill(process, number)

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.running:
            process.wait(120)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def replicas(database: str, folder: Path, *lease: str) -> Iterator[Replicas]:
    """Ends every process that was started."""
    made = Replicas(database, folder, lease)
    try:
        yield made
    finally:
        made.end()


def kill_and_pause(made: Replicas) -> None:
    """The story of both tests: the leader is killed, its follower is paused and goes on; every effect happened once."""
    made.start()
    made.start()
    first = made.leader()
    made.until(lambda: len(made.lines()) >= 5)
    made.send(first, signal.SIGKILL)
    second = made.until_others_lead(first)
    third = made.start()
    made.send(second, signal.SIGSTOP)
    assert made.until_others_lead(second) == third
    so_far = len(made.lines())
    made.send(second, signal.SIGCONT)
    made.until(lambda: len(made.lines()) >= so_far + 8)
    made.end()
    lines = made.lines()
    slots = [line.slot for line in lines]
    assert slots == list(range(made.first, made.first + len(slots))), "each once, none left out"
    terms = [line.term for line in lines]
    assert terms == sorted(terms), "an old leader did something"
    assert [line.process for line in lines[so_far:] if line.process == second] == []
    assert len(set(terms)) >= 3
