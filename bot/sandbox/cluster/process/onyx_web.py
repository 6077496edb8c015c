"""Onyx' web server (Next.js) as a simulated program: it serves pages and calls INTERNAL_URL.

Started by the kubelet through `process.launch`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.sandbox.cluster.process import texts
from bot.sandbox.cluster.process.program import ProcessReply, ProcessRequest, Program, Reached, Unreached, json_reply

FETCH_EVERY = 5.0
"""Seconds between two page views that make the web server call the API server."""

CONNECT_TIMEOUT = timedelta(seconds=10)
HEADERS_TIMEOUT = timedelta(seconds=300)
VISIT = (
    ("GET", "/persona"),
    ("GET", "/chat/get-user-chat-sessions"),
    ("POST", "/chat/create-chat-session"),
    ("POST", "/chat/send-message"),
)
"""What the browser of somebody who chats asks the API server for, with each page."""


class OnyxWeb(Program):
    """onyx-web-server: serves pages on 3000 and calls INTERNAL_URL as its container was given it."""

    visited = False
    """Whether somebody chats: then each page brings the calls of a browser."""

    def run(self) -> Iterator[float]:
        """Start, then render a page every few seconds."""
        self.use_memory(180)
        self.say(
            "   ▲ Next.js 15.2.4\n   - Local:        http://localhost:3000\n   - Network:      http://0.0.0.0:3000\n"
        )
        self.say(" ✓ Starting...")
        yield 1.0
        self.listening[3000] = "0.0.0.0"  # a simulated socket
        self.say(" ✓ Ready in 412ms")
        self._late: list[tuple[datetime, str]] = []
        self._hanging: list[tuple[datetime, Reached]] = []
        while True:
            yield FETCH_EVERY
            self._give_up()
            self._say_late()
            self._render_page()

    @property
    def internal_url(self) -> str:
        """Onyx' own default is the loopback address: right in one container, wrong in Kubernetes."""
        return self.launch.environment.get("INTERNAL_URL") or "http://127.0.0.1:8080"

    def _render_page(self) -> None:
        url = urlsplit(self.internal_url)
        try:
            host, port = url.hostname, url.port or (443 if url.scheme == "https" else 80)
        except ValueError:
            host, port = None, 0
        if url.scheme not in ("http", "https") or not host:
            self.say(texts.invalid_url(self.internal_url + "/me"))
            return
        found = self.launch.outside.connect(host, port)
        if isinstance(found, Unreached):
            self._fail(found, CONNECT_TIMEOUT if found.code == "ETIMEDOUT" else timedelta(0))
            return
        path = f"{url.path.rstrip('/')}/me"
        request = ProcessRequest(path, self.time, self.launch.pod_address, found.target_port, session=True)
        if found.program.answer(request) is None:
            self._hanging.append((self.time, found))
            return
        for method, called in VISIT if self.visited else ():
            asked = ProcessRequest(called, self.time, self.launch.pod_address, found.target_port, method, session=True)
            reply = found.program.answer(asked)
            if reply is None or reply.status >= 400:
                return  # a chat that could not be begun gets no message

    def _fail(self, failure: Unreached, after: timedelta) -> None:
        text = _failed_view(failure)
        if after:
            self._late.append((self.time + after, text))
        else:
            self.say(text)

    def _give_up(self) -> None:
        """Requests without an answer end after five minutes, or at once when the process they wait for ends."""
        for begun, found in list(self._hanging):
            late = begun + HEADERS_TIMEOUT
            if not found.program.gone and self.time < late:
                continue
            self._hanging.remove((begun, found))
            code = "UND_ERR_SOCKET" if found.program.gone else "UND_ERR_HEADERS_TIMEOUT"
            failure = Unreached(code, "", found.address, found.port)
            self._late.append((min(late, self.time), _failed_view(failure)))

    def _say_late(self) -> None:
        due = [entry for entry in self._late if entry[0] <= self.time]
        self._late = [entry for entry in self._late if entry[0] > self.time]
        now = self.time
        for at, text in due:
            self.time = at
            self.say(text)
        self.time = now

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Pages; `/api/…` is not the web server's in production."""
        if request.path.startswith("/api/"):
            body = (
                "This API is only available in development mode. "
                "In production, something else (e.g. nginx) should handle this."
            )
            return json_reply(404, {"message": body})
        return ProcessReply(200, b"<!DOCTYPE html><title>Onyx</title>", "text/html")


def _failed_view(failure: Unreached) -> str:
    """What one page view prints when its fetch fails."""
    return texts.fetch_failed(failure) + "\n" + texts.login_contradiction()
