"""Receives Slack's deliveries as HTTP requests (`TRIAGE_SLACK_MODE=http`), where Socket Mode is not wanted.

Made by `delivery`. Small and strict: one path for deliveries and one for health, bodies up to a megabyte, a bounded
number of requests at once, each with a deadline. A signature is checked before a body is looked at, and what is wrong
gets a status and no explanation. TLS is the ingress's affair.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import socketserver
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.adapters.slack.settings import SlackSettings
from bot.domain.errors import ConfigurationError, SlackError

PATH = "/slack/events"
HEALTH_PATH = "/healthz"
BODY_BYTES = 1 << 20
REQUEST_SECONDS = 10.0
REQUESTS_AT_ONCE = 64

_log = logging.getLogger(__name__)


class HttpServer:
    """Implements `Delivery`. It listens in a thread of its own, and answers each request in another."""

    def __init__(self, app: App, settings: SlackSettings) -> None:
        if not settings.signing_secret:
            raise ConfigurationError(
                "HTTP mode needs the signing secret.",
                "Set SLACK_SIGNING_SECRET, from Basic Information of your Slack app.",
            )
        self._app = app
        self._settings = settings
        self._verifier = SignatureVerifier(settings.signing_secret)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """See `Delivery`."""
        address = (self._settings.http_host, self._settings.http_port)
        try:
            self._server = _Server(address, self)
        except OSError as error:
            message = f"Cannot listen on {address[0]}:{address[1]}: {error.strerror}."
            raise SlackError(message, "Choose a free port with TRIAGE_HTTP_PORT.") from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="slack-http", daemon=True)
        self._thread.start()

    def is_open(self) -> bool:
        """See `Delivery`."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """See `Delivery`."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(REQUEST_SECONDS)
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1]) if self._server is not None else 0

    def answer(self, body: bytes, headers: dict[str, str]) -> BoltResponse:
        """What a delivery is answered with."""
        if not self._is_signed(body, headers):
            return BoltResponse(status=401)
        text = _readable(body, headers.get("content-type", ""))
        if text is None:
            return BoltResponse(status=400)
        return self._app.dispatch(BoltRequest(body=text, headers=headers))  # type: ignore[arg-type]

    def _is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        if not timestamp or not signature or not timestamp.isdecimal():
            return False
        return bool(self._verifier.is_valid(body, timestamp, signature))


class _Server(socketserver.ThreadingTCPServer):
    """Threads, but not without end; and none that a slow client can keep."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: HttpServer) -> None:
        self.owner = owner
        self._free = threading.BoundedSemaphore(REQUESTS_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)  # Slack sends it again
            return
        super().process_request(request, client_address)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        assert isinstance(request, socket.socket)
        deadline = threading.Timer(REQUEST_SECONDS, _hang_up, [request])
        deadline.daemon = True
        deadline.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            deadline.cancel()
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  the base class has them
        _log.info("a request ended in the middle")


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    timeout = REQUEST_SECONDS
    server_version, sys_version = "triage", ""

    def do_GET(self) -> None:
        """Health: whether it listens."""
        self._reply(BoltResponse(status=200 if self.path == HEALTH_PATH else 404))

    def do_POST(self) -> None:
        """A delivery."""
        length = self.headers.get("Content-Length", "")
        if urllib.parse.urlsplit(self.path).path != PATH:
            self._reply(BoltResponse(status=404))
        elif not length.isdecimal():
            self._reply(BoltResponse(status=411))
        elif int(length) > BODY_BYTES:
            self._reply(BoltResponse(status=413))
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._reply(self.server.owner.answer(self.rfile.read(int(length)), headers))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class has it
        """Nothing: a request line is chosen by whoever sends it."""

    def _reply(self, response: BoltResponse) -> None:
        body = response.body.encode()
        self.send_response(response.status)
        for name, values in response.headers.items():
            if name.lower() not in ("content-length", "set-cookie"):
                self.send_header(name, values[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _readable(body: bytes, content_type: str) -> str | None:
    """The body as text, if it is what Slack sends: a JSON object, or a form (with a JSON object in `payload`)."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip() == "application/json":
            document = json.loads(text)
        else:
            form = urllib.parse.parse_qs(text, strict_parsing=True, max_num_fields=100)
            document = json.loads(form["payload"][0]) if "payload" in form else form
    except (ValueError, RecursionError):
        return None
    return text if isinstance(document, dict) else None


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
