"""From an image and a command to the program that runs: the one place that knows all programs.

Called by the kubelet when a container starts.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.sandbox.cluster.process.backing import (
    ANYWHERE,
    CeleryWorker,
    Idle,
    Listener,
    ModelServer,
    Nginx,
    OpenSearch,
    Postgres,
    Redis,
    Vespa,
)
from bot.sandbox.cluster.process.images import Image
from bot.sandbox.cluster.process.immich import ImmichLearning, ImmichServer
from bot.sandbox.cluster.process.onyx import OnyxApi
from bot.sandbox.cluster.process.onyx_web import OnyxWeb
from bot.sandbox.cluster.process.program import Launch, ProcessReply, ProcessRequest, Program, json_reply

_PROGRAMS: dict[str, type[Program]] = {
    "onyx-backend": OnyxApi,
    "onyx-web": OnyxWeb,
    "onyx-model": ModelServer,
    "immich-server": ImmichServer,
    "immich-learning": ImmichLearning,
    "postgres": Postgres,
    "redis": Redis,
    "vespa": Vespa,
    "opensearch": OpenSearch,
    "nginx": Nginx,
    "server": Listener,
    "coredns": Listener,
    "idle": Idle,
}


class ScriptedServer(Listener):
    """A server given as a Node script in the command: listens where the script says, answers as the lab's stand-in."""

    start_seconds = 0.4

    def ready(self) -> None:
        """Listen where `.listen(8080,"0.0.0.0"…)` says."""
        for port, host in re.findall(r"\.listen\((\d+)(?:,\s*\"([^\"]*)\")?", self.launch.command_line):
            self.listening[int(port)] = host or ANYWHERE
        self.say(
            "INFO:     Started server process [1]\n"
            "INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)"
        )

    def respond(self, request: ProcessRequest) -> ProcessReply:
        """The stand-in's three routes."""
        if request.path == "/health":
            return json_reply(200, {"success": True, "message": "ok", "data": None})
        if request.path.startswith("/mcp/servers/persona"):
            return json_reply(404, {"detail": "Not Found"})
        return json_reply(200, {})


def program_for(image: Image, launch: Launch, now: datetime) -> Program:
    """The program this image and command start."""
    command = launch.command_line
    if image.program == "by-command":
        if "INTERNAL_URL" in command:
            return OnyxWeb(launch, now)
        return ScriptedServer(launch, now) if ".listen(" in command else Idle(launch, now)
    if image.program == "onyx-backend" and "uvicorn" not in command:
        return CeleryWorker(launch, now)
    if image.program in ("server", "nginx") and re.search(r"\bsleep\b", command):
        return Idle(launch, now)
    return _PROGRAMS[image.program](launch, now)
