"""The HTTP endpoints a bot uses: the Web API, the Socket Mode WebSocket, response URLs, file upload and download.

Mounted by the server. It translates between HTTP and the workspace's parts and decides nothing itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.workspace.api import response_url, web_api
from bot.sandbox.workspace.api.meter import DOWNLOAD, RESPONSE_URL, MeteredFault, heard
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.delivery.socket_mode import Outlet
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.files import StoredFile
from bot.sandbox.workspace.state.seed import BOT_USER

Json = dict[str, Any]

# What Slack answers, with status 200, to a download without a usable token.
LOGIN_PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"
)


class BotEndpoints:
    """Handlers for everything a bot calls."""

    def __init__(self, core: WorkspaceCore) -> None:
        self._core = core
        self.sockets: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes to mount."""
        return [
            web.post("/api/{method}", self.api),
            web.get("/api/{method}", self.api),
            web.get("/link/", self.link),
            web.post("/{kind:commands|actions|app}/{team}/{token}", self.respond),
            web.post("/upload/v1/{key}", self.upload),
            web.get("/files-pri/{name}/{file}", self.download),
            web.get("/files-pri/{name}/download/{file}", self.download),
        ]

    async def api(self, request: web.Request) -> web.StreamResponse:
        """One Web API call, with its arguments in the query, a form or a JSON body."""
        method = request.match_info["method"]
        bearer = request.headers.get("Authorization", "")
        token = bearer.removeprefix("Bearer ").strip() if bearer.startswith("Bearer ") else None
        values: Json = dict(request.query)
        try:
            values |= await _body(request)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_json"})
        heard(method, values)
        answer = web_api.call(self._core, method, token or values.get("token"), values)
        if answer.drop:
            raise _cut(request)
        if answer.status >= 500 and not answer.body:
            return web.Response(status=answer.status, text="upstream connect error", content_type="text/plain")
        return web.json_response(answer.body, status=answer.status, headers=dict(answer.headers))

    async def link(self, request: web.Request) -> web.StreamResponse:
        """A Socket Mode connection; its ticket works once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._core.tickets:
            raise web.HTTPForbidden(text="The ticket is unknown or used. Call apps.connections.open again.")
        self._core.tickets.remove(ticket)
        socket = web.WebSocketResponse(max_msg_size=1_000_000)
        await socket.prepare(request)
        self.sockets.add(socket)
        outlet: Outlet = socket
        connection = await self._core.socket.connected(outlet)
        try:
            if connection is None:
                await socket.close()
                return socket
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    heard("acknowledgement", frame.data)
                    self._core.socket.acknowledged(connection, _parsed(frame.data))
        finally:
            self.sockets.discard(socket)
            if connection is not None:
                self._core.socket.disconnected(connection)
        return socket

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """A post to a response URL."""
        with self._core.changes.lock:
            fault = self._core.faults.take(RESPONSE_URL)
        try:
            body = await _body(request)
            heard("response_url", body)
            if fault is None or fault.lost:
                response_url.respond(self._core, request.match_info["token"], body)
            if fault is not None:
                return _failed(request, fault)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except MethodError as refused:
            status = 404 if refused.code.endswith("_url") else 400
            return web.json_response(refused.answer(), status=status)
        return web.Response(text="ok")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file announced with files.getUploadURLExternal."""
        content = await _uploaded(request)
        heard("file", content)
        with self._core.changes.lock:
            file_id = self._core.files.upload_keys.pop(request.match_info["key"], None)
            if file_id is None:
                return web.Response(status=404, text="The upload address is unknown or used.")
            file = self._core.files.get(file_id)
            if len(content) != file.length:
                return web.Response(status=400, text=f"Announced {file.length} bytes, received {len(content)}.")
            file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file; without the bot's token the answer is a login page with status 200, as at Slack."""
        core = self._core
        with core.changes.lock:
            if (fault := core.faults.take(DOWNLOAD)) is not None:
                return _failed(request, fault)
            file = core.files.files.get(request.match_info["name"].partition("-")[2])
            entitled = request.headers.get("Authorization") == f"Bearer {core.tokens.bot}"
            if not entitled or "files:read" not in core.config.scopes or (file and not self._seen(file)):
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            if file is None or file.content is None:
                return web.Response(status=404, text="file_not_found")
            headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
            return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    def _seen(self, file: StoredFile) -> bool:
        channels = self._core.store.channels
        return file.user == BOT_USER or any(BOT_USER in channels[channel].members for channel in file.channels)


def _cut(request: web.Request) -> web.HTTPException:
    """Close the connection without an answer; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.close()
    return web.HTTPServiceUnavailable()


def _failed(request: web.Request, fault: MeteredFault) -> web.Response:
    """What a failing call that is no Web API method is answered with."""
    if fault.drop:
        raise _cut(request)
    headers = {"Retry-After": str(fault.retry_after or 1)} if fault.status == 429 else {}
    return web.Response(status=fault.status, text="upstream connect error", headers=headers)


async def _body(request: web.Request) -> Json:
    """The arguments in the body. Raises ValueError when it claims to be JSON and is not an object."""
    if request.method != "POST":
        return {}
    if request.content_type == "application/json":
        text = await request.text()
        body = json.loads(text) if text else {}
        if not isinstance(body, dict):
            raise ValueError("the body is not a JSON object")
        return body
    form: Mapping[str, Any] = await request.post()
    if "payload" in form and len(form) == 1:
        body = json.loads(form["payload"])
        return body if isinstance(body, dict) else {}
    return dict(form)


async def _uploaded(request: web.Request) -> bytes:
    """The bytes of an upload, sent raw or as the only file of a form."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for field in (await request.post()).values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""


def _parsed(text: str) -> Json:
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
