"""A small Kubernetes API on loopback for the reader's contract tests: canned objects, real paging, faults on demand.

It answers GET only, in the words of a real API server (the Status bodies were taken from one). Nothing in it depends on
the reader. Faults are looked up by the plural of the resource (`pods`), by a subresource (`pods/log`) or by a path.
"""

import gzip
import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Object = dict[str, Any]
GZIP_FROM_BYTES = 128 * 1024


@dataclass(frozen=True)
class Canned:
    """One HTTP answer. `length` overrides Content-Length, so that a body can end too early."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    length: int | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


Fault = Callable[["Handler", Seen], Canned | None]
"""What happens instead of the ordinary answer; None: the fault has dealt with the connection itself."""


def as_json(value: object, status: int = 200, **headers: str) -> Canned:
    """A JSON answer; header names are written with underscores."""
    more = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Canned(status, json.dumps(value).encode(), (("Content-Type", "application/json"), *more))


def status(code: int, message: str, reason: str = "", **headers: str) -> Canned:
    """The API server's own refusal."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code}
    return as_json({**body, "reason": reason} if reason else body, code, **headers)


def forbidden(plural: str, verb: str = "list", namespace: str = "onyx", user: str = "reader") -> Canned:
    """403 in the words of RBAC."""
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    words = f'{plural} is forbidden: User "{user}" cannot {verb} resource "{plural}" in API group "" {scope}'
    return status(403, words, "Forbidden")


def answers(*canned: Canned) -> Fault:
    """These answers in turn, then the ordinary ones."""
    left = list(canned)
    lock = threading.Lock()

    def answer(handler: "Handler", seen: Seen) -> Canned | None:
        with lock:
            return left.pop(0) if left else handler.ordinary(seen)

    return answer


def always(canned: Canned) -> Fault:
    """The same answer every time."""
    return lambda _handler, _seen: canned


def hang(handler: "Handler", seen: Seen) -> None:
    """No answer until the stub closes."""
    handler.stub.closing.wait(30)
    handler.close_connection = True


def drop(handler: "Handler", seen: Seen) -> None:
    """The connection ends without a word."""
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)


def drip(handler: "Handler", seen: Seen) -> None:
    """A body that never ends, a few bytes at a time; `stub.dripped_off` is set when the reader has had enough."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        while not handler.stub.closing.is_set():
            handler.wfile.write(b"4\r\n    \r\n")
    except OSError:
        handler.stub.dripped_off.set()


def expired_continue(times: int) -> Fault:
    """410 for the first `times` requests that carry a continue token."""
    left = [times]
    gone = status(410, "The provided continue parameter is too old.", "Expired")

    def answer(handler: "Handler", seen: Seen) -> Canned | None:
        if "continue" in seen.query and left[0] > 0:
            left[0] -= 1
            return gone
        return handler.ordinary(seen)

    return answer


@dataclass
class StubCluster:
    """The server and its state. `objects` maps (plural, namespace) to items; namespace is "" for cluster-wide ones.

    The token `stranger`, if any, is known to the server and has no rights.
    """

    objects: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    logs: dict[tuple[str, str, bool], bytes] = field(default_factory=dict)
    health: dict[str, Fault] = field(default_factory=dict)
    unserved: set[str] = field(default_factory=set)
    token: str = "reader-token"
    stranger: str = ""
    date: str | None = "Mon, 02 Nov 2026 10:10:00 GMT"
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    dripped_off: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "StubCluster":
        stub = self

        class Bound(Handler):
            pass

        Bound.stub = stub
        self._server = Server(("127.0.0.1", 0), Bound)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def paths(self) -> list[str]:
        """The paths asked for, in order of arrival."""
        return [one.path for one in self.seen]

    def write_kubeconfig(self, path: Path, *, token: str | None = None, server: str | None = None) -> Path:
        """A kubeconfig with the context `stub`."""
        user = {"token": self.token if token is None else token}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "stub",
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "reader", "namespace": "onyx"}}],
            "clusters": [{"name": "stub", "cluster": {"server": server or self.url}}],
            "users": [{"name": "reader", "user": user}],
        }
        path.write_text(json.dumps(document))
        return path


class Server(ThreadingHTTPServer):
    """With room for the connections that a reader opens at the same moment."""

    daemon_threads = True
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stub: StubCluster

    def setup(self) -> None:
        super().setup()
        self.stub.connections += 1

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)
        self.stub.seen.append(seen)
        answer = self._answer(seen)
        if answer is not None:
            with suppress(OSError):
                self._send(answer, seen)

    def _answer(self, seen: Seen) -> Canned | None:
        scheme, _, token = seen.headers.get("authorization", "").partition(" ")
        if self.stub.stranger and token == self.stub.stranger:
            return _no_rights(seen.path)
        if (scheme.lower(), token) != ("bearer", self.stub.token):
            return status(401, "Unauthorized", "Unauthorized")
        fault = next((self.stub.faults[key] for key in _keys(seen.path) if key in self.stub.faults), None)
        return self.ordinary(seen) if fault is None else fault(self, seen)

    def ordinary(self, seen: Seen) -> Canned | None:
        """The answer without faults."""
        parts = [unquote(part) for part in seen.path.strip("/").split("/")]
        match parts:
            case ["version"]:
                return as_json({"gitVersion": "v1.31.2", "major": "1"})
            case ["api", "v1", "namespaces", name]:
                return self._one("namespaces", "", name)
            case ["api", "v1", ("nodes" | "namespaces") as plural]:
                return self._list(seen, plural, "")
            case ["api", "v1", "namespaces", _, "pods", pod, "log"]:
                return self._log(seen, pod)
            case ["api", "v1", "namespaces", namespace, plural, target, "proxy", *rest]:
                return self._proxy(seen, namespace, f"{plural}/{target}", "/".join(rest))
            case [*_, "namespaces", namespace, plural]:
                return self._list(seen, plural, namespace)
            case [*_, "namespaces", namespace, plural, name]:
                return self._one(plural, namespace, name)
            case _:
                return Canned(404, b"404 page not found\n", (("Content-Type", "text/plain"),))

    def _list(self, seen: Seen, plural: str, namespace: str) -> Canned:
        if plural in self.stub.unserved:
            return status(404, "the server could not find the requested resource", "NotFound")
        items = self.stub.objects.get((plural, namespace), [])
        key, _, value = seen.query.get("labelSelector", "").partition("=")
        if key:
            items = [item for item in items if item["metadata"].get("labels", {}).get(key) == value]
        start, limit = int(seen.query.get("continue", "0")), int(seen.query.get("limit", "0")) or len(items)
        token = str(start + limit) if start + limit < len(items) else ""
        return as_json(
            {"kind": "List", "apiVersion": "v1", "metadata": {"continue": token}, "items": items[start : start + limit]}
        )

    def _one(self, plural: str, namespace: str, name: str) -> Canned:
        for item in self.stub.objects.get((plural, namespace), []):
            if item["metadata"]["name"] == name:
                return as_json(item)
        return status(404, f'{plural} "{name}" not found', "NotFound")

    def _log(self, seen: Seen, pod: str) -> Canned:
        container, previous = seen.query.get("container", ""), seen.query.get("previous") == "true"
        text = self.stub.logs.get((pod, container, previous))
        if text is None and previous:
            return status(400, f'previous terminated container "{container}" in pod "{pod}" not found', "BadRequest")
        if text is None:
            names = [item["metadata"]["name"] for items in self.stub.objects.values() for item in items if item]
            if pod in names:
                return status(400, f"container {container} is not valid for pod {pod}", "BadRequest")
            return status(404, f'pods "{pod}" not found', "NotFound")
        tail = b"".join(text.splitlines(keepends=True)[-int(seen.query["tailLines"]) :])
        # as the kubelet does it: from the first of the tail's lines, so that the newest are lost
        return Canned(200, tail[: int(seen.query["limitBytes"])], (("Content-Type", "text/plain"),))

    def _proxy(self, seen: Seen, namespace: str, target: str, path: str) -> Canned | None:
        fault = self.stub.health.get(f"{target}/{path}")
        pods = [item["metadata"]["name"] for item in self.stub.objects.get(("pods", namespace), []) if item]
        plural, _, name = target.partition(":")[0].partition("/")
        if fault is None and plural == "pods" and name not in pods:
            return status(404, f'pods "{name}" not found', "NotFound")
        if fault is None:
            return status(500, "error trying to reach service: dial tcp 10.1.2.3:8080: connect: connection refused")
        return fault(self, seen)

    def _send(self, answer: Canned, seen: Seen) -> None:
        body = answer.body
        self.send_response_only(answer.status)
        if self.stub.date is not None:
            self.send_header("Date", self.stub.date)
        if len(body) >= GZIP_FROM_BYTES and "gzip" in seen.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
        self.end_headers()
        self.wfile.write(body)
        if answer.length is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class' name
        """Keep quiet."""


def _no_rights(path: str) -> Canned:
    key = _keys(path)[-1]
    return forbidden(key, "get" if "/" in key else "list", user="stranger")


def _keys(path: str) -> list[str]:
    """What a fault for this path may be registered under, the most special first."""
    parts = path.strip("/").split("/")
    if "namespaces" in parts:
        rest = parts[parts.index("namespaces") + 2 :]
        if len(rest) > 2:
            return [path, f"{rest[0]}/{rest[2]}"]
        if rest:
            return [path, rest[0]]
        return [path, "namespaces"]
    return [path, parts[-1]]
