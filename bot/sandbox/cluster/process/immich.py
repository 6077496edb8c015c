"""Immich's server (Nest on Node) and its machine-learning service as simulated programs.

Started by the kubelet through `process.launch`. Their words are the real ones' (v2.2.3). The server really connects to
Postgres, Valkey and the machine-learning service, so what it says follows from Services, pods, policies and settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from bot.sandbox.cluster.process.backing import ANYWHERE, Listener
from bot.sandbox.cluster.process.program import (
    ProcessExit,
    ProcessReply,
    ProcessRequest,
    Program,
    Reached,
    Unreached,
    json_reply,
)

SEARCH_EVERY = 5.0
"""Seconds between two jobs that ask the machine-learning service."""
VECTORS = "immich-app/postgres"
"""The image of Postgres that has the vector extension; the plain one lacks it."""
_FRAME = "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1645:16)"
_BODY = '{"clip":{"visual":{"modelName":"ViT-B-32__openai"}}}'


class ImmichServer(Program):
    """immich-server: reaches Postgres and Valkey before it serves, and calls the machine-learning service."""

    def run(self) -> Iterator[float]:
        """Start, migrate, listen, and work off a job every few seconds."""
        self.use_memory(310)
        self.say(
            "Initializing Immich v2.2.3\nDetected CPU Cores: 4\nStarting api worker\nStarting microservices worker"
        )
        yield 1.0
        self._note("LOG", "Api:WebsocketRepository", "Initialized websocket server")
        self._enter_database()
        yield from self._await_redis()
        self._note("LOG", "Microservices:DatabaseRepository", "Running migrations, this may take a while")
        yield 1.0
        self.listening[2283] = ANYWHERE
        self._note("LOG", "Api:Bootstrap", "Immich Server is listening on http://[::1]:2283 [v2.2.3] [production] ")
        while True:
            yield SEARCH_EVERY
            self._search()

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Its ping; everything else is the web page's business."""
        known = request.path.split("?", 1)[0] == "/api/server/ping"
        return json_reply(200, {"res": "pong"}) if known else json_reply(404, {"message": "Not Found"})

    def _note(self, level: str, where: str, text: str) -> None:
        clock = f"{self.time:%m/%d/%Y}, {self.time.hour % 12 or 12}:{self.time:%M:%S %p}"
        self.say(f"[Nest] 7  - {clock}   {level:>5} [{where}] {text}")

    def _end(self, words: str) -> None:
        self.say(
            f"microservices worker error: {words}, stack: {words}\n"
            f"{_FRAME}\nmicroservices worker exited with code 1\nKilling api process"
        )
        raise ProcessExit(1)

    def _enter_database(self) -> None:
        environment = self.launch.environment
        found = self.launch.outside.connect(environment.get("DB_HOSTNAME", "database"), 5432)
        if isinstance(found, Unreached):
            self._end(f"Error: {_node_words(found)}")
            return
        theirs = found.program.launch
        if theirs.environment.get("POSTGRES_PASSWORD") != environment.get("DB_PASSWORD"):
            user = environment.get("DB_USERNAME", "postgres")
            self._end(f'PostgresError: password authentication failed for user "{user}"')
        if VECTORS not in theirs.image:
            self._end("Error: No vector extension found. Available extensions: vchord, vector")

    def _await_redis(self) -> Iterator[float]:
        while True:
            found = self.launch.outside.connect(self.launch.environment.get("REDIS_HOSTNAME", "redis"), 6379)
            if isinstance(found, Reached):
                return
            self.say(
                f"Error: {_node_words(found)}\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1645:16)"
            )
            yield 1.0

    def _search(self) -> None:
        url = self.launch.environment.get("IMMICH_MACHINE_LEARNING_URL") or "http://immich-machine-learning:3003"
        place = urlsplit(url)
        found = self.launch.outside.connect(place.hostname or "", place.port or 80)
        request = ProcessRequest("/predict", self.time, self.launch.pod_address, place.port or 80, "POST")
        reply = found.program.answer(request) if isinstance(found, Reached) else None
        if reply is not None and reply.status < 400:
            return
        why = f"failed with status {reply.status}: Internal Server Error" if reply else "failed: fetch failed"
        late = isinstance(found, Unreached) and found.code == "ETIMEDOUT"
        self.time += timedelta(seconds=10 if late else 0)
        self._note("WARN", "Microservices:MachineLearningRepository", f'Machine learning request to "{url}" {why}')
        failed = f"Error: Machine learning request '{_BODY}' failed for all URLs"
        self._note("ERROR", "Microservices:{}", f"Unable to run job handler (SmartSearch): {failed}")


class ImmichLearning(Listener):
    """immich-machine-learning: gunicorn on 3003; a model is loaded at the start, which is what takes the memory."""

    start_seconds, memory_mebibytes, ports = 4.0, 430.0, (3003,)

    def opening(self) -> None:
        """gunicorn's first lines."""
        self.say("Initializing Immich ML v2.2.3")
        self._line("INFO", "Starting gunicorn 23.0.0")

    def ready(self) -> None:
        """The line that says it serves."""
        self._line("INFO", "Listening at: http://[::]:3003 (9)")
        self._line("INFO", "Application startup complete.")

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Its ping, and what a model finds in a picture."""
        return ProcessReply(200, b"pong", "text/plain") if request.path == "/ping" else json_reply(200, {})

    def _line(self, level: str, text: str) -> None:
        self.say(f"[{self.time:%m/%d/%y %H:%M:%S}] {level:<8} {text}")


def _node_words(failure: Unreached) -> str:
    if failure.code in ("ENOTFOUND", "EAI_AGAIN"):
        return f"getaddrinfo {failure.code} {failure.host}"
    return f"connect {failure.code} {failure.address}:{failure.port}"
