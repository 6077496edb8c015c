"""The cluster adapter: the only package that imports the Kubernetes client.

`connect` finds the cluster and the credentials; `KubernetesReader` reads it for a triage and never writes.
`KubernetesWriter` applies remedies over a connection of its own (`connect_for_writing`), in somebody's name. Each is
loaded when it is first asked for: a diagnosis waits for no writer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bot.adapters.kube.access.vendor import load_needed

if TYPE_CHECKING:
    from bot.adapters.kube.access.client import connect, connect_for_election, connect_for_writing
    from bot.adapters.kube.access.connection import ApiConnection
    from bot.adapters.kube.read.reader import KubernetesReader
    from bot.adapters.kube.write.writer import KubernetesWriter

__all__ = [
    "ApiConnection",
    "KubernetesReader",
    "KubernetesWriter",
    "connect",
    "connect_for_election",
    "connect_for_writing",
]

_WHERE = {
    "ApiConnection": "access.connection",
    "KubernetesReader": "read.reader",
    "KubernetesWriter": "write.writer",
    "connect": "access.client",
    "connect_for_election": "access.client",
    "connect_for_writing": "access.client",
}

load_needed()


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
