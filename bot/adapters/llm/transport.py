"""One POST with a deadline and a cap: the only module that knows httpx. Called by `client`.

httpx bounds each read, not the whole answer: a server that drips a byte a second would hold a worker for ever. So a
watchdog shuts the socket down when the deadline is over, wherever the exchange is then. Redirects are not followed: a
key would go with them. Proxies of the environment are used.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import TracebackType
from typing import Any

import httpx

from bot.adapters.llm.streaming import Events

_EVENTS = "text/event-stream"
MAX_BYTES = 1 << 20
"""Bytes of an answer that are read. A diagnosis in words has two thousand."""


class Failure(StrEnum):
    """Why there is no answer."""

    CONNECT = "no connection"
    """Certainly nothing was sent: refused, unknown host, TLS."""
    TIMED_OUT = "no answer in time"
    BROKEN = "the answer was cut off"
    TOO_LARGE = "the answer is too large"


class TransportFailed(Exception):
    """There is no whole answer. Caught by `client`, which makes an error of ours of it."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends JSON to one server. Safe to use from several threads. `close` when it is needed no more."""

    def __init__(self, connect_seconds: float, read_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        # No connections are kept: questions are minutes apart, and the watchdog must see each connection begin.
        limits = httpx.Limits(max_keepalive_connections=0, max_connections=8)
        self._client = httpx.Client(follow_redirects=False, limits=limits, trust_env=True, verify=_trusted())

    def post(
        self, url: str, headers: Mapping[str, str], body: Any, seconds: float, max_tokens: int = 10_000
    ) -> ModelResponse:
        """Send once and read the answer within `seconds`: whole, or where it comes in pieces, as far as `max_tokens`
        can reach. Raises `TransportFailed`.
        """
        connect = min(self._connect_seconds, seconds)
        read = min(self._read_seconds, seconds)
        timeout = httpx.Timeout(connect=connect, read=read, write=read, pool=connect)
        with _Watchdog(seconds) as watchdog:
            try:
                return self._exchange(url, headers, body, timeout, watchdog, Events(max_tokens))
            except httpx.HTTPError as exc:
                raise TransportFailed(_failure_of(exc, watchdog), _detail(exc)) from exc
            except (httpx.InvalidURL, httpx.CookieConflict, ValueError, OSError) as exc:
                raise TransportFailed(Failure.CONNECT, _detail(exc)) from exc

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def _exchange(
        self,
        url: str,
        headers: Mapping[str, str],
        body: Any,
        timeout: httpx.Timeout,
        watchdog: _Watchdog,
        events: Events,
    ) -> ModelResponse:
        sent = {"Accept": "application/json, text/event-stream", "Accept-Encoding": "identity", **headers}
        extensions = {"trace": watchdog.trace}
        with self._client.stream(
            "POST", url, headers=sent, json=body, timeout=timeout, extensions=extensions
        ) as response:
            pieces = response.status_code == 200 and response.headers.get("content-type", "").startswith(_EVENTS)
            received, length = bytearray(), 0
            for chunk in response.iter_raw(None if pieces else 65_536):
                length += len(chunk)
                if length > MAX_BYTES:
                    raise TransportFailed(Failure.TOO_LARGE, f"more than {MAX_BYTES >> 20} MB")
                if not pieces:
                    received += chunk
                    continue
                events.feed(chunk)
                if events.enough:
                    break  # leaving closes the connection, at which servers stop
            if watchdog.barked:
                raise TransportFailed(Failure.TIMED_OUT, "")
            found = {name.lower(): value for name, value in response.headers.items()}
            if found.get("content-encoding", "identity") != "identity":
                raise TransportFailed(Failure.BROKEN, "it is compressed, though that was not asked for")
            return ModelResponse(response.status_code, found, events.body() if pieces else bytes(received))


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted, read once: it takes as long as a fast answer."""
    return httpx.create_ssl_context()


class _Watchdog:
    """Shuts the connection down after so many seconds, from a thread of its own."""

    def __init__(self, seconds: float) -> None:
        self.barked = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._bark)
        self._timer.daemon = True

    def __enter__(self) -> _Watchdog:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._socket = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by httpx of every step; the ones that give a connection are of interest."""
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete", ".connect_unix_socket.complete")):
            return
        stream = info.get("return_value")
        found = stream.get_extra_info("socket") if stream is not None else None
        with self._lock:
            if isinstance(found, socket.socket):
                self._socket = found
            late = self.barked
        if late:
            self._shut()

    def _bark(self) -> None:
        with self._lock:
            self.barked = True
        self._shut()

    def _shut(self) -> None:
        with self._lock:
            found, self._socket = self._socket, None
        if found is not None:
            try:
                found.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


def _failure_of(error: httpx.HTTPError, watchdog: _Watchdog) -> Failure:
    if watchdog.barked or isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return Failure.TIMED_OUT
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return Failure.CONNECT
    if isinstance(error, httpx.UnsupportedProtocol):
        return Failure.CONNECT
    return Failure.BROKEN


def _detail(error: Exception) -> str:
    """The first line of what the vendor's error says; no credentials are in it, for they are sent in a header."""
    return str(error).partition("\n")[0][:200]
