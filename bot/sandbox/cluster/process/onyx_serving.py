"""What Onyx' API server answers while it runs, and what it prints then.

The base of `process.onyx.OnyxApi`, which starts it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.process import refusals, texts
from bot.sandbox.cluster.process.program import ProcessReply, ProcessRequest, Program, Reached, Unreached, json_reply

POOL_TIMEOUT = timedelta(seconds=30)
"""How long a request waits for a connection of the pool."""
FLUSH_SECONDS = 5.0
OPEN_PATHS = ("/health", "/settings", "/auth/type")


class OnyxServing(Program):
    """The routes that the sandbox knows; others answer 404 as FastAPI's router does."""

    def _setting(self, name: str, default: str) -> str:
        return self.launch.environment.get(name) or default

    def _database(self) -> Reached | Unreached:
        host = self._setting("POSTGRES_HOST", "localhost")
        return self.launch.outside.connect(host, int(self._setting("POSTGRES_PORT", "5432")))

    def _database_failure(self) -> Unreached | None:
        found = self._database()
        return found if isinstance(found, Unreached) else None

    def _database_mood(self) -> str:
        found = self._database()
        return found.program.mood if isinstance(found, Reached) else ""

    def serve(self) -> None:
        """Print what became of the requests that had to wait."""
        waiting: list[tuple[datetime, str]] = getattr(self, "_waiting", [])
        for at, text in [entry for entry in waiting if entry[0] <= self.time]:
            self._write(at, text)
        self._waiting = [entry for entry in waiting if entry[0] > self.time]

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """Answer, and print what the real one prints of it."""
        path = request.path.split("?", 1)[0].rstrip("/")
        identity = texts.request_id(self.launch.pod_name, request.at, request.path, request.peer)
        reply, said = self._route(request, path, identity)
        where = f"{request.peer}:{40000 + int(request.at.timestamp()) % 20000}"
        if reply.status == 503:
            # Without a line of its own: the request has waited for a connection, and that is all there is to see.
            self._waiting = getattr(self, "_waiting", [])
            at = request.at + POOL_TIMEOUT
            self._waiting.append((at, texts.access_line(at, identity, where, request.method, path, 503)))
            return reply
        if reply.status == 404:
            said = texts.not_found_lines(request.at, identity)
        access = texts.access_line(request.at, identity, where, request.method, path, reply.status)
        # A chat is answered 200 before the language model is asked.
        self._write(
            request.at, "\n".join([access, said] if reply.status == 200 and said else [said, access]).strip("\n")
        )
        return reply

    def _write(self, at: datetime, text: str) -> None:
        for line in text.split("\n"):
            self.launch.log(at, line)

    def _route(self, request: ProcessRequest, path: str, identity: str) -> tuple[ProcessReply, str]:
        if path == "/health":
            return json_reply(200, {"success": True, "message": "ok", "data": None}), ""
        chat = path.startswith("/chat/")
        if path not in ("/me", "/persona", "/settings") and not chat:
            return json_reply(404, {"detail": "Not Found"}), ""
        if path not in OPEN_PATHS and not request.session:
            return json_reply(403, {"detail": "Access denied. User is not authenticated."}), ""
        if self._database_failure() is not None:
            return json_reply(500, {"detail": "Internal Server Error"}), ""
        mood = self._database_mood()
        if mood == "locked":
            return json_reply(503, {"detail": "Database connection pool timeout"}), ""
        if path not in ("/me", *OPEN_PATHS) and self._setting("REQUIRE_EMAIL_VERIFICATION", "").lower() == "true":
            return json_reply(403, {"detail": "Access denied. User is not verified."}), ""
        if mood == "read_only" and path == "/chat/create-chat-session":
            refused = json_reply(400, {"detail": "Invalid Persona provided."})
            return refused, refusals.write_refused(request.at, identity)
        asks_model = mood == "model_key_refused" and path == "/chat/send-message"
        said = refusals.model_refused(request.at, identity) if asks_model else ""
        return json_reply(200, {"id": texts.USER_ID, "is_active": True} if path == "/me" else {}), said
