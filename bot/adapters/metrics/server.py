"""The operations port: `/healthz`, `/readyz` and `/metrics`, for the kubelet and Prometheus.

Started by the wiring where a port is set. Answers GET and HEAD of these three paths and nothing else, says nothing of
its software, keeps no connection open, and shows no secret: reasons are our own sentences, metrics have fixed names.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.domain.errors import ConfigurationError
from bot.runtime.readiness import Readiness

Answer = tuple[int, str, bytes]
"""Status, content type, body."""

_log = logging.getLogger(__name__)

JSON = "application/json"
REQUEST_SECONDS = 5


class OperationsServer:
    """Serves on a thread of its own until closed. `port` 0: a free one."""

    def __init__(
        self, host: str, port: int, readiness: Callable[[], Readiness], metrics: Callable[[], tuple[str, bytes]],
        lost: Callable[[], str] = str,
    ) -> None:  # fmt: skip
        """`lost` says why only a restart helps. Raises `ConfigurationError` when the port cannot be had."""
        pages: dict[str, Callable[[], Answer]] = {
            "/healthz": lambda: _alive(lost()),
            "/readyz": lambda: _ready(readiness()),
            "/metrics": lambda: (200, *metrics()),
        }
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(pages))
        except OSError as exc:
            raise ConfigurationError(
                f"The operations port {port} cannot be opened ({exc.strerror}).", "Set another TRIAGE_OPERATIONS_PORT."
            ) from exc
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="operations", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer nothing more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


def _alive(lost: str) -> Answer:
    body = {"alive": not lost, **({"reason": lost} if lost else {})}
    return 503 if lost else 200, JSON, json.dumps(body, ensure_ascii=False).encode() + b"\n"


def _ready(found: Readiness) -> Answer:
    body = {"ready": found.ready, "reasons": dict(found.reasons), "notes": dict(found.notes)}
    return 200 if found.ready else 503, JSON, json.dumps(body, ensure_ascii=False).encode() + b"\n"


def _answered(page: Callable[[], Answer]) -> Answer:
    """The page. One that cannot be made is an error of that page, and of nothing else."""
    try:
        return page()
    except Exception:  # noqa: BLE001  the boundary of a request
        _log.exception("an operations page could not be made")
        return 500, "text/plain", b"This page could not be made; the log says why.\n"


def _handler(pages: dict[str, Callable[[], Answer]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version = "triage"
        sys_version = ""
        timeout = REQUEST_SECONDS

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            status, content_type, body = _answered(page) if page else (404, "text/plain", b"There is nothing here.\n")
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            """Say nothing: probes come every few seconds."""

    return Handler
