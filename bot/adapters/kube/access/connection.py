"""The connection to one API server: one GET at a time, with the account's credentials.

Made by `client.connect`; `session` calls `ApiConnection.open`. It sends nothing but GET, refuses every path that is not
on its list (Secrets are not), and lets no exception of the vendor's packages out.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from kubernetes.client.configuration import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config.config_exception import ConfigException

from bot.adapters.kube.access.explanations import VENDOR_ERRORS, no_answer
from bot.adapters.kube.access.failures import NoAnswer
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.domain.facts import GapReason
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS

USER_AGENT = "triage (read-only)"
POOLED_CONNECTIONS = 16
IDLE_SECONDS = 30.0
"""Connections unused for longer are opened anew: something between may have forgotten them without a word."""

_ALLOWED_PATH = re.compile(
    r"""/version
    | /api/v1/(?:nodes | namespaces(?:/[^/?#]+)?)
    | /api/v1/namespaces/[^/?#]+/(?:
          (?:services | endpoints | configmaps | events | resourcequotas | persistentvolumeclaims
             | limitranges)
        | pods/[^/?#]+/log
        | (?:services | endpoints)/[^/?#]+
        | (?:pods | services)/[^/?#]+/proxy/[^?#]*)
    | /apis/(?:discovery\.k8s\.io | networking\.k8s\.io)/v1/namespaces/[^/?#]+/(?:endpointslices | networkpolicies)
    | /apis/networking\.k8s\.io/(?:v1 | v1beta1)/namespaces/[^/?#]+/ingresses
    | /apis/autoscaling/(?:v2 | v2beta2)/namespaces/[^/?#]+/horizontalpodautoscalers
    | /apis/networking\.k8s\.io/v1/ingressclasses
    | /apis/storage\.k8s\.io/v1/storageclasses
    | /apis/admissionregistration\.k8s\.io/v1/(?:validating | mutating)webhookconfigurations
    | /apis/apps/v1/deployments
    | (?:"""
    + "|".join(
        rf"/{re.escape(group)}/namespaces/[^/?#]+/{re.escape(row.plural)}"
        for row in WORKLOAD_KINDS.values()
        for group in row.groups
    )
    + ")",
    re.VERBOSE,
)
"""Everything this package may ask for. Secrets are not in it."""

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    headers: dict[str, str]


class OpenAnswer:
    """An HTTP answer whose body is still on the wire."""

    def __init__(self, response: Any, translate: Callable[[Exception], NoAnswer]) -> None:
        self._response = response
        self._translate = translate
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers

    def read_some(self, limit_bytes: int) -> bytes:
        """What has arrived, at most `limit_bytes`, decompressed; empty at the end. Raises `NoAnswer`."""
        try:
            data: bytes = self._response.read1(limit_bytes, decode_content=True)
        except VENDOR_ERRORS as exc:
            self.close()
            raise self._translate(exc) from exc
        return data

    def release(self) -> None:
        """Give the connection back: the body was read to its end."""
        self._response.release_conn()

    def close(self) -> None:
        """Close the connection: the rest of the body is not wanted."""
        self._response.close()


class ApiConnection:
    """One API server and one account. Thread-safe.

    `cluster` is its name for people, `server` its address (credentials masked), `context` the kubeconfig context or "",
    `default_namespace` the namespace the context or the ServiceAccount belongs to, or "".
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        context: str = "",
        default_namespace: str = "",
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 10,
    ) -> None:
        configuration.retries = False
        configuration.connection_pool_maxsize = POOLED_CONNECTIONS
        self._configuration = configuration
        self._client = RESTClientObject(configuration)
        self._credentials = threading.Lock()
        self._used_at: float | None = None
        self.server = mask_url_credentials(configuration.host)
        self.context = context
        self.cluster = context or self.server
        self.default_namespace = default_namespace
        self.connect_timeout_seconds = connect_timeout_seconds
        self.read_timeout_seconds = read_timeout_seconds

    def open(self, path: str, query: Query = (), *, timeout_seconds: float, accept: str) -> OpenAnswer:
        """Send one GET, once, and return when the headers are there. Raises `NoAnswer`.

        `path` is percent-encoded already. `timeout_seconds` bounds each wait for the server, not the whole answer.
        """
        _refuse_other_paths(path)
        connect_seconds = min(self.connect_timeout_seconds, timeout_seconds)
        try:
            request = self._prepare(path, query, accept)
            answer = self._client.request(  # type: ignore[no-untyped-call]
                "GET", request.url, headers=request.headers, _request_timeout=(connect_seconds, timeout_seconds)
            )
        except (ConfigException, *VENDOR_ERRORS) as exc:
            raise self._no_answer(exc) from exc
        return OpenAnswer(answer.response, self._no_answer)

    def execute(self, path: str, container: str, command: Sequence[str], *, timeout_seconds: float) -> str:
        """Run a command in a container and return what it printed. Raises `NoAnswer`, also if it fails.

        Called by `execute` alone, and only where the operator has allowed exec.
        """
        from kubernetes.stream.ws_client import websocket_call  # noqa: PLC0415 - rarely needed, and slow to import

        query = [
            ("container", container),
            ("stdout", "true"),
            ("stderr", "true"),
            *(("command", word) for word in command),
        ]
        try:
            request = self._prepare(path, query, "*/*")
            session = websocket_call(  # type: ignore[no-untyped-call]
                self._configuration,
                "GET",
                request.url,
                headers=request.headers,
                _preload_content=False,
            )
            session.run_forever(timeout=timeout_seconds)
            if session.is_open():
                session.close()
                raise TimeoutError(f"the command did not end within {timeout_seconds:.0f} seconds")
            code, said, complaint = session.returncode, session.read_stdout(timeout=0), session.read_stderr(timeout=0)
        except (ConfigException, *VENDOR_ERRORS) as exc:
            raise self._no_answer(exc) from exc
        if code != 0:
            raise NoAnswer(
                GapReason.FAILED, f"exit code {code}: {complaint or said or ''}".strip(), "Look at the container."
            )
        return str(said or "")

    def freshen(self, now: float) -> None:
        """Forget idle connections if the last look was long before `now` (monotonic seconds)."""
        if self._used_at is not None and now - self._used_at > IDLE_SECONDS:
            self.close()
        self._used_at = now

    def close(self) -> None:
        """Close all idle connections."""
        self._client.close()

    def _prepare(self, path: str, query: Query, accept: str) -> _Request:
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        # The vendor's hook that renews tokens is not thread-safe, and a token file's last line end is not stripped.
        with self._credentials:
            token = self._configuration.auth_settings().get("BearerToken")
        if token is not None:
            headers[token["key"]] = str(token["value"]).strip()
        words = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return _Request(f"{self._configuration.host}{path}{words}", headers)

    def _no_answer(self, exc: Exception) -> NoAnswer:
        return no_answer(exc, self.server, self.context)


def _refuse_other_paths(path: str) -> None:
    """Stop any request that is not one of the reads above: a name or a probe path must not turn into another one."""
    segments = unquote(unquote(path)).replace("\\", "/").split("/")
    if ".." in segments or "." in segments or not _ALLOWED_PATH.fullmatch(path):
        raise NoAnswer(GapReason.NOT_READ, "this path is never requested", "Correct the name or path in the playbook.")
