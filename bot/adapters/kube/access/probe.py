"""Asks an API server for its version and its time, once: for `triage doctor` and for readiness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.adapters.kube.access.connection import ApiConnection
from bot.domain.errors import ClusterUnauthorized, ClusterUnreachable

TIMEOUT_SECONDS = 5.0
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What the server says of itself. `time` is None where it does not tell."""

    version: str
    time: datetime | None


def ask_server(connection: ApiConnection) -> ServerAnswer:
    """Its version. Raises `ClusterUnreachable` or `ClusterUnauthorized`."""
    answer = connection.open("/version", timeout_seconds=TIMEOUT_SECONDS, accept="application/json")
    body = answer.read_some(MAX_BYTES)
    answer.close()
    if answer.status == 401:
        raise ClusterUnauthorized(
            f"The API server {connection.server} does not accept the credentials.", "Log in to the cluster again."
        )
    try:
        version = str(json.loads(body)["gitVersion"])
    except (ValueError, KeyError, TypeError) as exc:
        raise ClusterUnreachable(
            f"What answers at {connection.server} is not a Kubernetes API server.",
            "Check the server address of the kubeconfig context, and whether a proxy stands in between.",
        ) from exc
    return ServerAnswer(version, _time(answer.headers.get("Date")))


def _time(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else found
