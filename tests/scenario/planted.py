"""Canaries planted in a simulated cluster, and an ear at the process' logs. Shared by the scenarios about secrets."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.redaction import Boundary
from bot.redaction.logs import RedactingFormatter
from bot.sandbox.cluster import SimulatedCluster
from tests import canaries
from tests.canaries import MARK
from tests.contract.kube.simulated_cluster_client import API as CORE
from tests.contract.kube.simulated_cluster_client import APPS, STRATEGIC_PATCH, Api


def plant(cluster: SimulatedCluster, folder: Path) -> None:
    """Secrets in the environment, annotations, arguments, a ConfigMap, a Secret, an event and every log."""
    api = Api(cluster, folder, "admin")
    container = {
        "name": "api-server",
        "env": [
            {"name": "DB_PASSWORD", "value": f"{MARK}-env"},
            {"name": "BROKER", "value": canaries.url("redis:1")},
            {"name": "INTERNAL_URL", "valueFrom": {"secretKeyRef": {"name": "canary", "key": "key"}}},
        ],
    }
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "canary"}, "stringData": {"key": f"{MARK}s3"}}
    assert api("POST", f"{CORE}/secrets", secret).status == 201
    template = {"metadata": {"annotations": {"note": canaries.url()}}, "spec": {"containers": [container]}}
    notes = {"example.com/api-token": f"{MARK}annotated1", "note": f"token={MARK}annotated2"}
    change = {"metadata": {"annotations": notes}, "spec": {"template": template}}
    patched = {"Content-Type": STRATEGIC_PATCH}
    assert api("PATCH", f"{APPS}/deployments/api-server", change, headers=patched).status == 200
    settings = {"data": {"NOTE": canaries.url(), "INTERNAL_URL": f"http://svc:{MARK}c0@api-server:8080"}}
    assert api("PATCH", f"{CORE}/configmaps/web-server-config", settings, headers=patched).status == 200
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "canary.1", "namespace": "onyx"},
        "involvedObject": {"kind": "Pod", "name": "api-server-0", "namespace": "onyx"},
        "reason": "Failed",
        "type": "Warning",
        "message": f"Failed to pull image: https://robot:{MARK}e4@registry.example.com/v2/ denied",
        "lastTimestamp": "2026-11-23T10:00:00Z",
        "count": 1,
    }
    assert api("POST", f"{CORE}/events", event).status == 201
    cluster.advance(600)
    lines = [f"connecting with {canaries.url()}", f"Authorization: Bearer {MARK}.log.5", *canaries.pem().splitlines()]
    lines.append(f"RuntimeError: cannot start with password={MARK}log6")
    for pod in cluster.world.runtimes.values():
        for runtime in pod.containers.values():
            for log in (runtime.log, runtime.previous_log):
                if log is not None:
                    log.extend((cluster.now(), line) for line in lines)


@contextmanager
def logged(boundary: Boundary) -> Iterator[io.StringIO]:
    """Everything that any logger of the process says meanwhile, formatted as the program does."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter(logging.Formatter("%(name)s %(message)s"), boundary))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
