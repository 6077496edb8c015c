"""The connection for writes: one request, once, in somebody's name. The connection for reading stays GET-only.

Made by `client.connect_writer`, used by `sending` alone. It refuses every verb and path that is not in its list, never
repeats a request, opens a fresh connection for each (an idle one that broke would leave the outcome of a write in
doubt), and says of each failure whether the request can have reached the API server.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

import urllib3
from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException

from bot.adapters.kube.access.connection import Query
from bot.adapters.kube.access.explanations import VENDOR_ERRORS, no_answer
from bot.adapters.kube.access.failures import NoAnswer
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.adapters.kube.write.kinds import WRITABLE
from bot.domain.facts import GapReason

USER_AGENT = "triage"
MAX_ANSWER_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024

_NAMESPACE, _NAME = r"/namespaces/[^/?#]+/", r"/[^/?#]+"
_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def _paths(*, only_creatable: bool) -> str:
    kinds = [kind for kind in WRITABLE if kind.creatable or not only_creatable]
    roots = [
        re.escape(f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}")
        + _NAMESPACE
        + kind.plural
        for kind in kinds
    ]
    return f"(?:{'|'.join(roots)})"


_ALLOWED: Mapping[str, re.Pattern[str]] = {
    "PATCH": re.compile(_paths(only_creatable=False) + _NAME),
    "POST": re.compile(f"{_paths(only_creatable=True)}|{re.escape(_REVIEW)}"),
    "DELETE": re.compile(_paths(only_creatable=True) + _NAME),
    "GET": re.compile(
        rf"/apis/autoscaling/v[12]{_NAMESPACE}horizontalpodautoscalers"
        rf"|/apis/policy/v1(?:beta1)?{_NAMESPACE}poddisruptionbudgets"
    ),
}
"""Everything this connection may send. GET: what stands around a workload, read as the one who would change it."""

_NOT_SENT = (
    ConfigException,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    urllib3.exceptions.LocationValueError,
    ssl.SSLCertVerificationError,
    UnicodeError,
)
"""Failures that come before the first byte of a request."""


class NothingSent(NoAnswer):
    """The request certainly did not reach the API server."""


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One request. `headers` are this request's own: they say in whose name it is sent. `body` is sent as JSON."""

    method: str
    path: str
    query: Query = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """One complete answer. `warnings` are the API server's, in its words."""

    status: int
    body: bytes
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class WriteConnection:
    """One API server and one account, for writes. Thread-safe. `cluster` is its name for people."""

    def __init__(self, configuration: Configuration, *, context: str = "", connect_timeout_seconds: float = 3) -> None:
        configuration.retries = False
        self._configuration = configuration
        self._client = RESTClientObject(configuration)
        self._credentials = threading.Lock()
        self.server = mask_url_credentials(configuration.host)
        self.context = context
        self.cluster = context or self.server
        self.connect_timeout_seconds = connect_timeout_seconds

    def send(self, request: WriteRequest, *, timeout_seconds: float, remaining: Callable[[], float]) -> WriteResponse:
        """Send it, once. Raises `NothingSent`, or `NoAnswer` when it may have been carried out.

        `timeout_seconds` bounds each wait for the server, `remaining` all of them together.
        """
        _refuse_others(request)
        connect_seconds = min(self.connect_timeout_seconds, timeout_seconds)
        try:
            answer = self._client.request(  # type: ignore[no-untyped-call]
                request.method,
                self._url(request),
                headers=self._headers(request),
                body=None if request.body is None else dict(request.body),
                _request_timeout=(connect_seconds, timeout_seconds),
            )
            body = _read(answer.response, remaining)
        except (ConfigException, *VENDOR_ERRORS) as exc:
            failure = no_answer(exc, self.server, self.context)
            if _before_sending(exc):
                raise NothingSent(failure.reason, failure.detail, failure.remedy) from exc
            raise failure from exc
        return WriteResponse(answer.response.status, body, _warnings(answer.response.headers))

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _url(self, request: WriteRequest) -> str:
        words = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
        return f"{self._configuration.host}{request.path}{words}"

    def _headers(self, request: WriteRequest) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Content-Type": request.content_type,
            "Connection": "close",
            "User-Agent": USER_AGENT,
            **request.headers,
        }
        # The vendor's hook that renews tokens is not thread-safe, and a token file's last line end is not stripped.
        with self._credentials:
            token = self._configuration.auth_settings().get("BearerToken")
        return headers if token is None else {**headers, token["key"]: str(token["value"]).strip()}


def _read(response: Any, remaining: Callable[[], float]) -> bytes:
    body = bytearray()
    while chunk := response.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES or remaining() <= 0:
            response.close()
            raise TimeoutError("the answer did not end in time")
    response.release_conn()
    return bytes(body)


def _before_sending(exc: Exception) -> bool:
    """Whether the failure came before the request was on the wire."""
    chain: list[BaseException] = [exc]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return any(isinstance(item, _NOT_SENT) for link in chain for item in (link, *link.args))


def _refuse_others(request: WriteRequest) -> None:
    segments = unquote(unquote(request.path)).replace("\\", "/").split("/")
    allowed = _ALLOWED.get(request.method)
    if ".." in segments or "." in segments or allowed is None or not allowed.fullmatch(request.path):
        raise NothingSent(GapReason.NOT_READ, "this request is never sent", "Correct the remedy in the playbook.")


def _warnings(headers: Any) -> tuple[str, ...]:
    """The texts of `Warning: 299 - "text"` headers."""
    values: Sequence[str] = headers.getlist("Warning") if hasattr(headers, "getlist") else ()
    return tuple(found[1].replace('\\"', '"') for value in values if (found := re.match(r'299 \S+ "(.*)"', value)))
