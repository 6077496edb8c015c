"""Clients and clocks for the tests of the simulated cluster: the official Python client used raw, and real kubectl.

Nothing is faked here: every call goes over HTTP to the simulated API server.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes import client, config

from bot.sandbox.cluster import SimulatedCluster

KUBECTL = shutil.which("kubectl")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


def noon() -> datetime:
    """A clock that stands still; only `advance` moves the cluster's time."""
    return NOON


class FastClock:
    """A clock that runs faster than the wall clock, so that real kubectl can wait for a rollout in moments."""

    def __init__(self, factor: float = 20.0) -> None:
        self._factor, self._begun = factor, time.monotonic()

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=(time.monotonic() - self._begun) * self._factor)


@dataclass(frozen=True)
class Reply:
    status: int
    raw: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def text(self) -> str:
        return self.raw.decode()

    @property
    def names(self) -> list[str]:
        return [item["metadata"]["name"] for item in self.json["items"]]


class Api:
    """The official client without its models: one method, raw bodies, one attempt."""

    def __init__(self, cluster: SimulatedCluster, folder: Path, user: str = "admin") -> None:
        settings = client.Configuration()
        path = cluster.write_kubeconfig(folder / f"{user.replace(chr(58), chr(45))}.kubeconfig", user)
        config.load_kube_config(str(path), client_configuration=settings)
        settings.retries = False
        self._client = client.ApiClient(settings)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: str = "application/json",
        headers: dict[str, str] | None = None,
        timeout: float = 10,
        **query: Any,
    ) -> Reply:
        sent = {"Content-Type": content, **(headers or {})}
        url = self._client.configuration.host + path + (f"?{urlencode(query)}" if query else "")
        response = self._client.call_api(method, url, header_params=sent, body=body, _request_timeout=timeout)
        data = response.read()
        found = {key.lower(): value for key, value in response.headers.items()}
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return Reply(response.status, data, found)

    def get(self, path: str, **query: Any) -> Reply:
        return self("GET", path, **query)

    def stream(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The events of a watch."""
        url = self._client.configuration.host + path + "?" + urlencode({"watch": "1", "timeoutSeconds": 20, **query})
        response = self._client.call_api("GET", url, header_params={}, _request_timeout=20)
        pending = b""
        for chunk in response.response.stream(amt=65536, decode_content=True):
            pending += chunk
            *lines, pending = pending.split(b"\n")
            yield from (json.loads(line) for line in lines if line)


@contextmanager
def serving(fault: str = "none", onyx: str = "analysis") -> Iterator[SimulatedCluster]:
    """A cluster at noon, with a fault, over HTTP."""
    cluster = SimulatedCluster(clock=noon, onyx=onyx)
    if fault != "none":
        cluster.inject(fault)
    with cluster:
        yield cluster


@dataclass(frozen=True)
class Kubectl:
    """Real kubectl on a kubeconfig of the cluster."""

    kubeconfig: Path

    def __call__(self, *arguments: str, fails: bool = False, given: str = "") -> str:
        assert KUBECTL is not None
        command = [KUBECTL, "--kubeconfig", str(self.kubeconfig), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=45, check=False, input=given)
        assert (done.returncode != 0) is fails, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stderr if fails else done.stdout


API = "/api/v1/namespaces/onyx"
APPS = "/apis/apps/v1/namespaces/onyx"


def pods_of(cluster: SimulatedCluster, workload: str) -> list[dict[str, Any]]:
    """The pods whose names begin with the workload's, oldest first."""
    return [pod for pod in cluster.list("Pod") if pod["metadata"]["name"].startswith(f"{workload}-")]


def web_log(cluster: SimulatedCluster) -> str:
    """What the web server has printed."""
    return cluster.logs(pods_of(cluster, cluster.names.web)[0]["metadata"]["name"])
