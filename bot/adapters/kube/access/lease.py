"""Keeps the leader's lease as a `coordination.k8s.io/v1` Lease: the port `LeaseStore` of
`bot.runtime.observed_lease`.

Made by the wiring, used by the elector alone. Its connection is its own, and can send nothing but GET and PATCH of this
one Lease and POST to its collection. Every write carries the `resourceVersion` it goes by; nothing is sent twice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException

from bot.adapters.kube.access.explanations import VENDOR_ERRORS, no_answer
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.diagnosis.ports import Clock
from bot.domain.errors import ClusterError
from bot.runtime.observed_lease import NOBODY, LeaseRecord

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 256 * 1024
MERGE_PATCH = "application/merge-patch+json"
USER_AGENT = "triage (leader election)"
Json = Mapping[str, Any]


def utc_now() -> datetime:
    """The current time of this machine."""
    return datetime.now(UTC)


class KubernetesLease:
    """One Lease. `clock` gives the times that people read in it; nothing is decided by them."""

    def __init__(self, configuration: Configuration, namespace: str, name: str, clock: Clock = utc_now) -> None:
        configuration.retries = False
        self._configuration = configuration
        self._client = RESTClientObject(configuration)
        self._credentials = threading.Lock()
        self._server = mask_url_credentials(configuration.host)
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._path = f"{self._collection}/{name}"
        self._namespace, self._name = namespace, name
        self._clock = clock

    def read(self) -> LeaseRecord | None:
        """See `LeaseStore`."""
        status, answer = self._send("GET", self._path)
        return None if status == 404 else self._record(status, answer, "read")

    def create(self, record: LeaseRecord) -> LeaseRecord | None:
        """See `LeaseStore`."""
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._name, "namespace": self._namespace},
            "spec": self._spec(record, begins=True),
        }
        status, answer = self._send("POST", self._collection, body)
        return None if status == 409 else self._record(status, answer, "create")

    def replace(self, record: LeaseRecord) -> LeaseRecord | None:
        """See `LeaseStore`. A lease that changes hands gets a new `acquireTime`."""
        spec = self._spec(record, begins=record.acquires)
        body = {"metadata": {"resourceVersion": record.version}, "spec": spec}
        status, answer = self._send("PATCH", self._path, body)
        return None if status in {404, 409} else self._record(status, answer, "patch")

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _spec(self, record: LeaseRecord, *, begins: bool) -> dict[str, Any]:
        now = self._clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec: dict[str, Any] = {
            "holderIdentity": record.holder,
            "leaseDurationSeconds": max(1, round(record.duration_seconds)),
            "leaseTransitions": record.transitions,
            "renewTime": now,
        }
        return {**spec, "acquireTime": now} if begins else spec

    def _record(self, status: int, answer: Json, verb: str) -> LeaseRecord:
        if not 200 <= status < 300:
            raise self._refused(status, answer, verb)
        spec = answer.get("spec") or {}
        return LeaseRecord(
            holder=str(spec.get("holderIdentity") or NOBODY),
            transitions=int(spec.get("leaseTransitions") or 0),
            duration_seconds=float(spec.get("leaseDurationSeconds") or 0),
            version=str(answer["metadata"]["resourceVersion"]),
        )

    def _refused(self, status: int, answer: Json, verb: str) -> ClusterError:
        said = str(answer.get("message") or f"HTTP {status}")
        return ClusterError(
            f"The Lease {self._namespace}/{self._name} cannot be used for the election ({verb}: {said}).",
            "Apply deploy/kustomize, which has the Lease and its Role, or set TRIAGE_ELECTION=database.",
        )

    def _send(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """One request, once. Raises `ClusterError` when there is no usable answer."""
        headers = {"Accept": "application/json", "Connection": "close", "User-Agent": USER_AGENT}
        headers["Content-Type"] = MERGE_PATCH if method == "PATCH" else "application/json"
        try:
            # The vendor's hook that renews tokens is not thread-safe, and a token file's line end is not stripped.
            with self._credentials:
                token = self._configuration.auth_settings().get("BearerToken")
            if token is not None:
                headers[token["key"]] = str(token["value"]).strip()
            answer = self._client.request(  # type: ignore[no-untyped-call]
                method,
                self._configuration.host + path,
                headers=headers,
                body=None if body is None else dict(body),
                _request_timeout=(TIMEOUT_SECONDS, TIMEOUT_SECONDS),
            ).response
            return answer.status, _object(answer.read(MAX_BYTES))
        except (ConfigException, *VENDOR_ERRORS) as exc:
            raise no_answer(exc, self._server, "") from exc


def _object(raw: bytes) -> Json:
    """The answer's JSON. Raises `ValueError` for what is none: something else answered."""
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("the answer is not an object")
    return found
