"""What the reader's tests share: a reader over a stub, and a monotonic clock that moves when it is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import ListRequest
from bot.domain.view import View
from tests.contract.kube.cluster_objects import NAMESPACE, broken_onyx
from tests.contract.kube.cluster_stub import StubCluster

VARIABLES = frozenset({"INTERNAL_URL", "EMPTY_URL"})
SHORT_SECONDS = 0.7
"""A read timeout for tests in which something hangs: long enough that nothing else reaches it on a busy machine."""
OUR_CLOCK = datetime(2026, 11, 2, 10, 11, 12, tzinfo=UTC)


@dataclass
class SteppingClock:
    """A monotonic clock that advances by `step` seconds with every look at it."""

    step: float
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Reading:
    """A stub, a reader over it, and the pauses the reader made."""

    stub: StubCluster
    reader: KubernetesReader
    pauses: list[float] = field(default_factory=list)

    def look(self, namespace: str = NAMESPACE) -> View:
        """The first look, with VARIABLES wanted."""
        return self.reader.list_resources(ListRequest(namespace, VARIABLES))


@contextmanager
def reading(
    folder: Path,
    stub: StubCluster | None = None,
    *,
    read_timeout_seconds: float = 10,
    token: str | None = None,
    **more: Any,
) -> Iterator[Reading]:
    """A running stub (by default a broken Onyx) and a reader connected to it as an operator would: by kubeconfig."""
    pauses: list[float] = []
    with stub or StubCluster(broken_onyx()) as running:
        kubeconfig = running.write_kubeconfig(folder / "kubeconfig", token=token)
        connection = connect(
            kubeconfig=str(kubeconfig), context=None, in_cluster=False, read_timeout_seconds=read_timeout_seconds
        )
        reader = KubernetesReader(connection, clock=lambda: OUR_CLOCK, sleep=pauses.append, **more)
        try:
            yield Reading(running, reader, pauses)
        finally:
            reader.close()
