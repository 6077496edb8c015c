"""The servers Onyx depends on, as simulated programs: they start, listen where the real ones do, and answer probes.

Started by the kubelet through `process.launch`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.cluster.process.program import (
    ProcessExit,
    ProcessReply,
    ProcessRequest,
    Program,
    Reached,
    Unreached,
    json_reply,
)
from bot.sandbox.cluster.process.refusals import model_not_downloaded

ANYWHERE = "0.0.0.0"  # a simulated socket


class Listener(Program):
    """A server that listens on its container's declared ports and answers 200 to everything."""

    start_seconds = 1.0
    memory_mebibytes = 40.0
    ports: tuple[int, ...] = ()

    def run(self) -> Iterator[float]:
        """Start, listen, idle."""
        self.opening()
        yield self.start_seconds
        self.use_memory(self.memory_mebibytes)
        for port in self.ports or self.launch.container_ports:
            self.listening[port] = ANYWHERE
        self.ready()
        while True:
            yield 600

    def opening(self) -> None:
        """What it prints first."""

    def ready(self) -> None:
        """What it prints once it listens."""


class Postgres(Listener):
    """PostgreSQL on 5432."""

    start_seconds, memory_mebibytes, ports = 2.0, 160.0, (5432,)

    def _line(self, text: str) -> None:
        self.say(f"{self.time:%Y-%m-%d %H:%M:%S}.{self.time.microsecond // 1000:03d} UTC [1] LOG:  {text}")

    def opening(self) -> None:
        """The first lines of the server; no superuser password ends it, as in the official image."""
        if self.launch.environment.get("POSTGRES_PASSWORD") == "":
            self.say("Error: Database is uninitialized and superuser password is not specified.")
            raise ProcessExit(1)
        self._line("starting PostgreSQL 15.2 on x86_64-pc-linux-musl, compiled by gcc, 64-bit")

    def ready(self) -> None:
        """The line everybody waits for."""
        self._line('listening on IPv4 address "0.0.0.0", port 5432')
        self._line("database system is ready to accept connections")

    def exec_probe(self, command: list[str]) -> str | None:
        """pg_isready; whatever else is asked succeeds."""
        if "pg_isready" not in " ".join(command):
            return None
        return None if 5432 in self.listening else "/var/run/postgresql:5432 - no response"


class Redis(Listener):
    """Redis on 6379."""

    start_seconds, memory_mebibytes, ports = 0.3, 24.0, (6379,)

    def ready(self) -> None:
        """Redis' own line."""
        self.say(
            f"1:M {self.time:%d %b %Y %H:%M:%S}.{self.time.microsecond // 1000:03d} * Ready to accept connections tcp"
        )


class Vespa(Listener):
    """Vespa: configuration server and container."""

    start_seconds, memory_mebibytes, ports = 4.0, 1800.0, (19071, 8081)

    def ready(self) -> None:
        """One of its many lines."""
        self.say(
            f"[{self.time:%Y-%m-%d %H:%M:%S}.000] INFO    configserver     "
            "Container.com.yahoo.container.jdisc  Server ready"
        )


class OpenSearch(Listener):
    """OpenSearch on 9200."""

    start_seconds, memory_mebibytes, ports = 4.0, 1500.0, (9200, 9300)

    def ready(self) -> None:
        """Its start line."""
        self.say(
            f"[{self.time:%Y-%m-%dT%H:%M:%S},000][INFO ][o.o.n.Node               ] [{self.launch.pod_name}] started"
        )


class ModelServer(Listener):
    """Onyx' model server on 9000; its health path is /api/health, and /health does not exist."""

    start_seconds, memory_mebibytes, ports = 3.0, 900.0, (9000,)

    def opening(self) -> None:
        """uvicorn's first lines."""
        self.say("INFO:     Started server process [1]\nINFO:     Waiting for application startup.")
        if "HF_HOME" not in self.launch.environment:
            return
        # The image has the default model in its own cache; with another cache it must be fetched first.
        found = self.launch.outside.connect("huggingface.co", 443)
        if isinstance(found, Unreached):
            self.say(model_not_downloaded("nomic-ai/nomic-embed-text-v1", found))
            raise ProcessExit(3)

    def ready(self) -> None:
        """uvicorn's last lines of the start."""
        self.say(
            "INFO:     Application startup complete.\n"
            "INFO:     Uvicorn running on http://0.0.0.0:9000 (Press CTRL+C to quit)"
        )

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Only its health path is known here."""
        known = request.path.split("?", 1)[0] == "/api/health"
        return ProcessReply(200, b"") if known else json_reply(404, {"detail": "Not Found"})


class Nginx(Listener):
    """nginx in front: its own health path, everything else passed to the web server."""

    start_seconds, memory_mebibytes = 0.3, 12.0

    def ready(self) -> None:
        """nginx' notice."""
        self.say(f"{self.time:%Y/%m/%d %H:%M:%S} [notice] 1#1: start worker processes")

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Health, or 502 when nothing answers behind it."""
        if request.path in ("/nginx-health", "/healthz"):
            return ProcessReply(200, b"ok", "text/plain")
        upstream = self.launch.environment.get("ONYX_WEB_UPSTREAM")
        if upstream is None:
            return ProcessReply(200, b"ok", "text/plain")
        host, _, port = upstream.partition(":")
        found = self.launch.outside.connect(host, int(port or 80))
        reply = found.program.answer(request) if isinstance(found, Reached) else None
        return reply or ProcessReply(502, b"<html><title>502 Bad Gateway</title></html>", "text/html")


class CeleryWorker(Program):
    """A Celery worker or bot: no sockets, waits for Redis as Onyx' workers do."""

    def run(self) -> Iterator[float]:
        """Wait for Redis, then work silently."""
        self.use_memory(120)
        host = self.launch.environment.get("REDIS_HOST")
        for _ in range(12 if host else 0):
            if isinstance(self.launch.outside.connect(str(host), 6379), Reached):
                break
            self.say("Redis: Readiness probe failed (elapsed). Retrying...")
            yield 5.0
        else:
            if host:
                self.say("Redis: Readiness probe did not succeed within the timeout (60 seconds). Exiting...")
                raise ProcessExit(1)
        self.say("[INFO/MainProcess] worker ready.")
        while True:
            yield 600


class Idle(Program):
    """A container that sleeps."""

    def run(self) -> Iterator[float]:
        """A command that only ends when told."""
        self.use_memory(2)
        found = self.launch.command_line.strip()
        if found in ("false", "/bin/false", "sh -c exit 1"):
            raise ProcessExit(1)
        if found in ("true", "/bin/true"):
            return
        while True:
            yield 3600
