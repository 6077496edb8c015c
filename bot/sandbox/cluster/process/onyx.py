"""Onyx' API server (FastAPI under uvicorn) as a simulated program; its web server is in `onyx_web`.

Started by the kubelet through `process.launch`. Its faults are not scripted: they follow from the environment it
was started with, its memory limit, and what it can reach.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from urllib.parse import urlsplit

from bot.sandbox.cluster.process import refusals, texts
from bot.sandbox.cluster.process.onyx_serving import FLUSH_SECONDS, OnyxServing
from bot.sandbox.cluster.process.program import ProcessExit, Reached, Unreached

INDEX_REFUSES = ("refuses_login", "forbids")
"""Moods of OpenSearch: 401 to everybody, or 403 for what the password may not do."""
API_MEMORY = (120.0, 310.0, 560.0, 840.0, 1126.0)
"""MiB the API server holds while it imports and starts; about 1.1 GiB when idle."""


class OnyxApi(OnyxServing):
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
        redis = yield from self._ask_redis()
        yield from self._connect_database()
        yield from self._prepare_index(redis)
        yield from self._await_model_server()
        yield from self._open_bucket()
        self.use_memory(API_MEMORY[-1])
        self.say("INFO:     Application startup complete.")
        self._bind()
        self.say(f"INFO:     Uvicorn running on http://{self.bind[0]}:{self.bind[1]} (Press CTRL+C to quit)")
        while True:
            yield FLUSH_SECONDS
            self.serve()

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

    def _migrate(self) -> Iterator[float]:
        self.use_memory(API_MEMORY[0])
        failure = self._database_failure()
        if failure is not None:
            yield 0.3 if failure.code != "ETIMEDOUT" else 130
            self.say(texts.database_error(failure))
            raise ProcessExit(1)
        refusal = self._database_refusal()
        if refusal:
            self.say(f"ERROR [env_py] Error migrating schema public: {refusal}")
            self.say("ERROR [env_py] --continue=true is not set, raising exception!")
            raise ProcessExit(1)
        if self._database_mood() == "newer":
            self.say(texts.UNKNOWN_REVISION)
            raise ProcessExit(255)
        self.say("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.")
        self.say("INFO  [alembic.runtime.migration] Will assume transactional DDL.")
        yield 1.0

    def _database_refusal(self) -> str:
        """Why Postgres, which answers, lets nobody in; empty if it does."""
        user, name = self._setting("POSTGRES_USER", "postgres"), self._setting("POSTGRES_DB", "postgres")
        return {
            "refuses_login": f'password authentication failed for user "{user}"',
            "no_database": f'database "{name}" does not exist',
        }.get(self._database_mood(), "")

    def _check_settings(self) -> None:
        # Releases before v4.1.1 did not insist on the secret; an empty one is refused here whatever the image.
        secret = self.launch.environment.get("USER_AUTH_SECRET")
        numbers = [int(part) for part in re.findall(r"\d+", self.version)[:3]]
        if secret == "" or (secret is None and numbers >= [4, 1, 1]):
            self.say(texts.secret_error())
            raise ProcessExit(3)

    def _connect_database(self) -> Iterator[float]:
        found = self._database()
        if isinstance(found, Reached):
            self._enter_database(found)
            return
        yield 0.3 if found.code != "ETIMEDOUT" else 130
        self.say("ERROR:    " + texts.database_error(found))
        self.say("\nERROR:    Application startup failed. Exiting.")
        raise ProcessExit(3)

    def _enter_database(self, found: Reached) -> None:
        """What Postgres refuses ends the start at once: there is no second attempt."""
        refusal = self._database_refusal()
        said, error = texts.MISSING_TABLE, "UndefinedTable"
        if refusal:
            host = self._setting("POSTGRES_HOST", "localhost")
            said, error = texts.database_refusal(host, found.address, found.port, refusal), "OperationalError"
        elif self._database_mood() != "not_migrated":
            self._note("main.py", 289, "Verifying default connector/credential exist.")
            return
        self.say("ERROR:    " + texts.database_traceback(said, error=error))
        self.say("\nERROR:    Application startup failed. Exiting.")
        raise ProcessExit(3)

    def _ask_redis(self) -> Generator[float, None, str]:
        """Only a warning here; the lock that is needed for the document index fails on it later. Returns the error."""
        host = self.launch.environment.get("REDIS_HOST")
        if host is None:
            return ""
        yield 0.1
        found = self.launch.outside.connect(host, 6379)
        if isinstance(found, Reached) and found.program.mood != "refuses_login":
            return ""
        error = texts.redis_error(found if isinstance(found, Unreached) else None, host)
        message = f"Could not read Redis INFO for server diagnostics: {error}"
        self._note("redis_pool.py", 489, message, "WARNING")
        return error

    def _prepare_index(self, redis_error: str) -> Iterator[float]:
        environment = self.launch.environment
        self._note("setup.py", 118, "Verifying Document Index(s) is/are available.")
        name, port = ("OpenSearch", 9200) if "OPENSEARCH_HOST" in environment else ("Vespa", 19071)
        host = environment.get("OPENSEARCH_HOST") or environment.get("VESPA_HOST")
        if host is None:
            return
        for attempt in range(1, 11):
            self._note("setup.py", 222, f"Setting up document index {name} (attempt {attempt}/10)...", "NOTICE")
            found = self.launch.outside.connect(host, port)
            mood = found.program.mood if isinstance(found, Reached) else ""
            if not redis_error and isinstance(found, Reached) and mood not in INDEX_REFUSES:
                self._note("setup.py", 233, f"Document index {name} setup complete.", "NOTICE")
                return
            words = "setup did not succeed. The relevant service may not be ready yet. Retrying in 5 seconds."
            self._note("setup.py", 256, f"Document index {name} {words}", "ERROR")
            if redis_error:
                self.say(texts.lock_error(redis_error, login=redis_error.startswith("invalid")))
            elif mood in INDEX_REFUSES:
                self.say(refusals.index_refusal(mood))
            yield 5.0
        words = "setup did not succeed. Attempt limit reached. (10)"
        self._note("setup.py", 264, f"Document index {name} {words}", "ERROR")
        self.say("RuntimeError: Could not connect to a document index within the specified timeout.")
        self.say("\nERROR:    Application startup failed. Exiting.")
        raise ProcessExit(3)

    def _await_model_server(self) -> Iterator[float]:
        host = self.launch.environment.get("MODEL_SERVER_HOST")
        if host is None:
            return
        self._note("main.py", 301, f"Model Server: http://{host}:9000")
        if self._database_mood() == "empty":
            yield from self._ask_for_gpu()
            return
        for attempt in range(1, 21):
            if isinstance(self.launch.outside.connect(host, 9000), Reached):
                return
            self._note(
                "search_nlp_models.py", 1046, f"Attempt {attempt}/20 failed; retrying in 5 seconds...", "WARNING"
            )
            yield 5.0
        self._note("search_nlp_models.py", 1050, "All retries failed: connection to the model server", "ERROR")
        raise ProcessExit(3)

    def _ask_for_gpu(self) -> Iterator[float]:
        """Only the first start, on a database without any document, asks; without an answer it ends."""
        host = self._setting("INDEXING_MODEL_SERVER_HOST", self._setting("MODEL_SERVER_HOST", "localhost"))
        words = "No existing docs or connectors found. Checking GPU availability for multipass indexing."
        self._note("setup.py", 323, words)
        for attempt in range(1, 6):
            found = self.launch.outside.connect(host, 9000)
            if isinstance(found, Reached):
                self._note("setup.py", 327, "GPU available: False")
                return
            self.say(refusals.gpu_unanswered(self.time, found, last=attempt == 5))
            if attempt < 5:
                yield 5.0
        raise ProcessExit(3)

    def _open_bucket(self) -> Iterator[float]:
        """The object store is the last thing that is asked for; botocore tries again by itself for some seconds."""
        url = urlsplit(self._setting("S3_ENDPOINT_URL", ""))
        if not url.hostname:
            return
        for pause in (2.0, 6.0, 0.0):
            found = self.launch.outside.connect(url.hostname, url.port or 80)
            if isinstance(found, Reached):
                break
            yield pause
        else:
            self.say(refusals.bucket_unreached(self.time, url.geturl()))
            raise ProcessExit(3)
        if found.program.mood == "forbids":
            self.say(refusals.bucket_refusal(self.time))
            raise ProcessExit(3)
        self._note("file_store.py", 296, f"S3 bucket '{refusals.BUCKET}' already exists")

    def _bind(self) -> None:
        """Only now: that somebody else in the pod has the port is found out after a complete start."""
        host, port = self.bind
        if isinstance(self.launch.outside.connect("127.0.0.1", port), Reached):
            self.say(refusals.port_taken(host, port))
            raise ProcessExit(1)
        self.listening[port] = host
