"""Onyx' two servers as simulated programs: the API server (FastAPI under uvicorn) and the web server (Next.js).

Started by the kubelet through `process.launch`. Their faults are not scripted: they follow from the environment they
were started with, their memory limit, and what they can reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.sandbox.cluster.process import texts
from bot.sandbox.cluster.process.program import ProcessExit, Program, Reached, Reply, Request, Unreached, json_reply

API_MEMORY = (120.0, 310.0, 560.0, 840.0, 1126.0)
"""MiB the API server holds while it imports and starts; about 1.1 GiB when idle."""

FETCH_EVERY = 5.0
"""Seconds between two page views that make the web server call the API server."""

CONNECT_TIMEOUT = timedelta(seconds=10)
HEADERS_TIMEOUT = timedelta(seconds=300)


class OnyxApi(Program):
    """onyx-backend: migrates when its command says so, starts in the documented order, then serves."""

    # `sh -c` does not pass SIGTERM on, so the container dies by SIGKILL at the end of its grace period.
    stops_after = None

    @property
    def bind(self) -> tuple[str, int]:
        """Address and port from the command's --host and --port; uvicorn's own defaults when they are missing."""
        line = self.launch.command_line
        host, port = re.search(r"--host[ =](\S+)", line), re.search(r"--port[ =](\d+)", line)
        return (host.group(1) if host else "127.0.0.1", int(port.group(1)) if port else 8000)

    def run(self) -> Iterator[float]:
        """Migrate, import, start up, listen, idle."""
        line = self.launch.command_line
        if "uvicorn" not in line:
            while True:
                yield 3600
        yield 0.4
        if "alembic" in line:
            yield from self._migrate()
        if "Starting Onyx Api Server" in line:
            self.say("Starting Onyx Api Server")
        for mebibytes in API_MEMORY[1:-1]:
            yield 1.6
            self.use_memory(mebibytes)
        self._note(
            "main.py", 506, f"Starting Onyx Backend version {self.version} on http://{self.bind[0]}:{self.bind[1]}/"
        )
        self.say("INFO:     Started server process [1]\nINFO:     Waiting for application startup.")
        yield 1.2
        self._check_settings()
        yield from self._connect_database()
        yield from self._prepare_index()
        yield from self._await_model_server()
        self.use_memory(API_MEMORY[-1])
        self.listening[self.bind[1]] = self.bind[0]
        self.say("INFO:     Application startup complete.")
        self.say(f"INFO:     Uvicorn running on http://{self.bind[0]}:{self.bind[1]} (Press CTRL+C to quit)")
        while True:
            yield 60

    @property
    def version(self) -> str:
        """The tag of the image it runs from."""
        return self.launch.image.rsplit(":", 1)[-1]

    def on_out_of_memory(self) -> None:
        """dash reports a child that was killed."""
        if "sh -c" in self.launch.command_line:
            self.say("Killed")

    def _note(self, file: str, line: int, message: str, level: str = "INFO") -> None:
        self.say(texts.onyx_line(level, self.time, file, line, message))

    def _setting(self, name: str, default: str) -> str:
        return self.launch.environment.get(name) or default

    def _migrate(self) -> Iterator[float]:
        self.use_memory(API_MEMORY[0])
        failure = self._database_failure()
        if failure is not None:
            yield 0.3 if failure.code != "ETIMEDOUT" else 130
            self.say(texts.database_error(failure))
            raise ProcessExit(1)
        self.say("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.")
        self.say("INFO  [alembic.runtime.migration] Will assume transactional DDL.")
        yield 1.0

    def _database_failure(self) -> Unreached | None:
        host = self._setting("POSTGRES_HOST", "localhost")
        found = self.launch.outside.connect(host, int(self._setting("POSTGRES_PORT", "5432")))
        return found if isinstance(found, Unreached) else None

    def _check_settings(self) -> None:
        # Releases before v4.1.1 did not insist on the secret; an empty one is refused here whatever the image.
        secret = self.launch.environment.get("USER_AUTH_SECRET")
        numbers = [int(part) for part in re.findall(r"\d+", self.version)[:3]]
        if secret == "" or (secret is None and numbers >= [4, 1, 1]):
            self.say(texts.secret_error())
            raise ProcessExit(3)

    def _connect_database(self) -> Iterator[float]:
        failure = self._database_failure()
        if failure is None:
            self._note("main.py", 289, "Verifying default connector/credential exist.")
            return
        yield 0.3 if failure.code != "ETIMEDOUT" else 130
        self.say("ERROR:    " + texts.database_error(failure))
        self.say("\nERROR:    Application startup failed. Exiting.")
        raise ProcessExit(3)

    def _prepare_index(self) -> Iterator[float]:
        environment = self.launch.environment
        self._note("setup.py", 118, "Verifying Document Index(s) is/are available.")
        name, port = ("OpenSearch", 9200) if "OPENSEARCH_HOST" in environment else ("Vespa", 19071)
        host = environment.get("OPENSEARCH_HOST") or environment.get("VESPA_HOST")
        if host is None:
            return
        for attempt in range(1, 6):
            self._note("setup.py", 225, f"Setting up {name} (attempt {attempt}/5)...")
            if isinstance(self.launch.outside.connect(host, port), Reached):
                self._note("setup.py", 231, f"{name} setup complete.")
                return
            words = f"{name} setup did not succeed. The {name} service may not be ready yet. Retrying in 5 seconds."
            self._note("setup.py", 236, words)
            yield 5.0
        self._note("setup.py", 240, f"{name} setup did not succeed. Attempt limit reached. (5)", "ERROR")
        self.say(f"RuntimeError: Could not connect to {name} within the specified timeout.")
        self.say("\nERROR:    Application startup failed. Exiting.")
        raise ProcessExit(3)

    def _await_model_server(self) -> Iterator[float]:
        host = self.launch.environment.get("MODEL_SERVER_HOST")
        if host is None:
            return
        self._note("main.py", 301, f"Model Server: http://{host}:9000")
        for attempt in range(1, 21):
            if isinstance(self.launch.outside.connect(host, 9000), Reached):
                return
            self._note(
                "search_nlp_models.py", 1046, f"Attempt {attempt}/20 failed; retrying in 5 seconds...", "WARNING"
            )
            yield 5.0
        self._note("search_nlp_models.py", 1050, "All retries failed: connection to the model server", "ERROR")
        raise ProcessExit(3)

    def respond(self, request: Request) -> Reply:
        """The routes the sandbox knows; others answer 404 as FastAPI's router does."""
        reply = self._route(request)
        identity = texts.request_id(self.launch.pod_name, request.at, request.path, request.peer)
        where = f"{request.peer}:{40000 + int(request.at.timestamp()) % 20000}"
        path = request.path.split("?", 1)[0]
        if reply.status == 404:
            self._write(request.at, texts.not_found_lines(request.at, identity))
        self._write(request.at, texts.access_line(request.at, identity, where, request.method, path, reply.status))
        return reply

    def _write(self, at: datetime, text: str) -> None:
        for line in text.split("\n"):
            self.launch.log(at, line)

    def _route(self, request: Request) -> Reply:
        path = request.path.split("?", 1)[0].rstrip("/")
        if path == "/health":
            return json_reply(200, {"success": True, "message": "ok", "data": None})
        if path in ("/me", "/persona", "/settings"):
            if path != "/settings" and not request.session:
                return json_reply(403, {"detail": "Access denied. User is not authenticated."})
            if isinstance(self._database_failure(), Unreached):
                return json_reply(500, {"detail": "Internal Server Error"})
            return json_reply(200, {"id": texts.USER_ID, "is_active": True} if path == "/me" else {})
        return json_reply(404, {"detail": "Not Found"})


class OnyxWeb(Program):
    """onyx-web-server: serves pages on 3000 and calls INTERNAL_URL as its container was given it."""

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
        request = Request(path, self.time, self.launch.pod_address, found.target_port, session=True)
        if found.program.answer(request) is None:
            self._hanging.append((self.time, found))

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

    def respond(self, request: Request) -> Reply:
        """Pages; `/api/…` is not the web server's in production."""
        if request.path.startswith("/api/"):
            body = (
                "This API is only available in development mode. "
                "In production, something else (e.g. nginx) should handle this."
            )
            return json_reply(404, {"message": body})
        return Reply(200, b"<!DOCTYPE html><title>Onyx</title>", "text/html")


def _failed_view(failure: Unreached) -> str:
    """What one page view prints when its fetch fails."""
    return texts.fetch_failed(failure) + "\n" + texts.login_contradiction()
