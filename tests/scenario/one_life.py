"""What a process does that changes something, and is killed by the kernel at a step. Run in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.adapters.kube import KubernetesReader, KubernetesWriter, connect, connect_for_writing
from bot.adapters.store.store import open_store
from bot.changes.policy.source import PolicySource
from bot.changes.results import Previewed
from tests.scenario.changing import Stage, person
from tests.scenario.crashing import Fuse, FusedStore


class Fatal(Fuse):
    """Kills this process with SIGKILL: no handler runs, no file is flushed."""

    def __init__(self, step: str, when: str) -> None:
        super().__init__(when=when)
        self._step = step

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if name == self._step and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        yield
        if name == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


class FatalWriter:
    """The real writer, whose write may be the last thing this process does."""

    def __init__(self, writer: KubernetesWriter, fuse: Fatal) -> None:
        self._writer, self._fuse = writer, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def apply(self, *arguments: Any) -> None:
        with self._fuse.step("apply"):
            self._writer.apply(*arguments)


class Wall:
    """What a `Stage` needs of a cluster that it does not own: its time, which stands still here."""

    writes = ()

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def main(folder: str, url: str, now: datetime, step: str, when: str) -> None:
    """Offer, look, ask for it. Ends in time only when the step never comes."""
    kubeconfig, policy, wall = f"{folder}/kubeconfig", Path(folder) / "policy.yaml", Wall(now)
    reads = connect(kubeconfig=kubeconfig, context=None, in_cluster=False)
    writes = connect_for_writing(kubeconfig=kubeconfig, context=None, in_cluster=False)
    writer, reader = KubernetesWriter(reads, writes), KubernetesReader(reads, deadline_seconds=20)
    store = open_store(url, wall.now)
    stage = Stage(wall, Path(folder), url, PolicySource(policy), writer, reader, store)
    fuse = Fatal(step, when)
    fused: Any = FusedStore(store.changes, fuse)
    fatal: Any = FatalWriter(writer, fuse)
    service = stage.another(store=fused, writer=lambda _: fatal)
    (change,) = service.offer(stage.known("raise_memory"), incident_id="i1", details={}).changes
    previewed = service.preview(change.id, person())
    assert isinstance(previewed, Previewed), previewed
    service.request(change.id, person(), previewed.change.digest)
