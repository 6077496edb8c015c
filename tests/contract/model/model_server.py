"""A server that speaks the chat completions protocol as badly as the test wants. On loopback, in a thread.

Each request is answered by the next act of the script; the last act is repeated. Acts that hang wait until the test is
over, never for a time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request and the means to answer it."""

    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.close_connection = True
        act = self.server.next_act(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        try:
            act(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.head(status, **{"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Script:
    acts: Sequence[Act]
    requests: list[Request] = field(default_factory=list)


class ModelServer(ThreadingHTTPServer):
    """The server. `requests` are those that arrived, in order."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, acts: Sequence[Act]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self._script = Script(acts)
        self._lock = threading.Lock()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._script.requests)

    def next_act(self, request: Request) -> Act:
        with self._lock:
            number = len(self._script.requests)
            self._script.requests.append(request)
        return self._script.acts[min(number, len(self._script.acts) - 1)]

    def handle_error(self, *_: object) -> None:
        """A client that has gone is what half of the tests are about."""


@contextmanager
def model_server(*acts: Act) -> Iterator[ModelServer]:
    """A running server; nothing of it is left afterwards."""
    server = ModelServer(acts)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def completion(
    content: Any, *, usage: tuple[int, int] | None = (100, 20), finish: str = "stop", **message: Any
) -> bytes:
    """The body of a chat completion whose message says `content` (an object is written as JSON)."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    document: dict[str, Any] = {
        "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
    }
    if usage:
        document["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return json.dumps(document).encode()


def says(content: Any, **options: Any) -> Act:
    """Answers 200 with this content."""
    return lambda exchange: exchange.send(200, completion(content, **options))


def answers(status: int, message: str = "", **headers: str) -> Act:
    """Answers with an error, as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode()
    return lambda exchange: exchange.send(status, body, **headers)


def raw(body: bytes, **headers: str) -> Act:
    """Answers 200 with this body."""
    return lambda exchange: exchange.send(200, body, **headers)


def hangs(exchange: Exchange) -> None:
    """Reads the request and never answers."""
    exchange.server.over.wait(30)


def hangs_up(exchange: Exchange) -> None:
    """Closes the connection without an answer."""
    exchange.connection.close()


def cuts_off(exchange: Exchange) -> None:
    """Promises more than it sends."""
    exchange.head(200, Content_Length="5000")
    exchange.wfile.write(completion({"a": 1})[:40])


def drips(exchange: Exchange) -> None:
    """A byte now and then, so that no single read takes long."""
    exchange.head(200, Content_Length="100000")
    while not exchange.server.over.wait(0.02):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()


def drips_headers(exchange: Exchange) -> None:
    """The same before the first header is complete."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not exchange.server.over.wait(0.02):
        exchange.wfile.write(b"a")
        exchange.wfile.flush()


def never_ends(exchange: Exchange) -> None:
    """A stream without an end, as fast as it goes."""
    exchange.head(200)
    while not exchange.server.over.is_set():
        exchange.wfile.write(b" " * 65_536)


def only_accepts(*forms: str) -> Act:
    """Refuses fields that it does not know, as strict servers do, and answers when it knows all."""

    def act(exchange: Exchange) -> None:
        body = exchange.server.requests[-1].body
        form = body.get("response_format", {}).get("type", "text")
        if form in forms:
            exchange.send(200, completion({"form": form}))
        else:
            message = f"Unknown response_format: {form}".encode()
            exchange.send(400, b'{"error": {"message": "' + message + b'"}}')

    return act
