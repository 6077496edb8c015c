"""The browser page where a person plays the user: its files, its stream of changes, and its actions.

Mounted by the server. Every endpoint but the page itself needs the random token embedded in the page, and a browser's
Origin must be this very server. Nothing a bot sent is ever put into HTML here; the page inserts it as text.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import functools
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.workspace.acts.people import WorkspacePeople
from bot.sandbox.workspace.acts.surfaces import Surfaces
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.http import page_state
from bot.sandbox.workspace.state.changes import WorkspaceChange
from bot.sandbox.workspace.state.files import Upload
from bot.sandbox.workspace.state.seed import ONCALL

Json = dict[str, Any]

CONTROL_SECONDS = 2.0  # how often a page looks whether a control was changed from elsewhere
_KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Control:
    """A knob shown on the page in a side panel, such as what is broken in the simulated cluster.

    options: pairs of value and label; `groups` says under which heading a value stands; `note` is a sentence above
    them; `current` answers the value in force, `select` changes it. Both are called from worker threads and may take a
    moment.
    """

    id: str
    label: str
    options: Sequence[tuple[str, str]]
    current: Callable[[], str]
    select: Callable[[str], None]
    groups: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def described(self) -> Json:
        """For the page."""
        options = [
            {"value": value, "label": label, "group": self.groups.get(value, "")} for value, label in self.options
        ]
        said = {"id": self.id, "label": self.label, "note": self.note}
        return {**said, "options": options, "current": self.current()}


class PageEndpoints:
    """Handlers for everything the page calls."""

    def __init__(
        self,
        core: WorkspaceCore,
        people: WorkspacePeople,
        surfaces: Surfaces,
        controls: Sequence[Control],
        examples: Sequence[Any],
    ) -> None:
        self._core = core
        self._people = people
        self._surfaces = surfaces
        self._controls = {control.id: control for control in controls}
        self._examples = tuple(examples)
        self.token = secrets.token_urlsafe(24)
        self.sockets: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes to mount."""
        return [
            web.get("/", self.index),
            web.get("/archives/{channel}/{message}", self.index),
            web.get("/page/socket", self.stream),
            web.get("/page/file/{file}", self.file),
            web.post("/page/do/{action}", self.act),
            web.get("/page/{asset}", self.asset),
        ]

    # ------------------------------------------------------------------ files

    async def index(self, _: web.Request) -> web.StreamResponse:
        """The page, with its token."""
        people = self._core.store.people
        first = ONCALL if ONCALL in people else next(person.id for person in people.values() if not person.is_bot)
        html = _asset("index.html").decode().replace("{{page-token}}", self.token).replace("{{default-person}}", first)
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A script or style sheet."""
        name = request.match_info["asset"]
        kind = _KINDS.get(name.rpartition(".")[2])
        if kind is None or name == "index.html" or name not in _assets():
            raise web.HTTPNotFound
        return web.Response(body=_asset(name), content_type=kind, charset="utf-8", headers=_HEADERS)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a shared file, always as plain text: its content is not trusted."""
        self._check(request, request.query.get("token"))
        with self._core.changes.lock:
            file = self._core.files.files.get(request.match_info["file"])
            if file is None or file.content is None:
                raise web.HTTPNotFound
            return web.Response(body=file.content, content_type="text/plain", charset="utf-8", headers=_HEADERS)

    # ------------------------------------------------------------------ stream

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket: first the whole picture for one person, then every change that concerns that person."""
        self._check(request, request.query.get("token"))
        user = request.query.get("user", "")
        if user not in self._core.store.people or self._core.store.people[user].is_bot:
            raise web.HTTPNotFound(text="There is no such person.")
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self.sockets.add(socket)
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str] = asyncio.Queue()

        def heard(change: WorkspaceChange) -> None:
            frame = page_state.frame(self._core, user, change)
            if frame is not None and not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, json.dumps(frame.as_json()))

        controls = await self._described_controls()
        with self._core.changes.lock:
            picture = page_state.picture(self._core, user, controls, self._examples)
            queue.put_nowait(json.dumps({"kind": "picture", "data": picture}))
            stop = self._core.changes.listen(heard)
        tasks = [loop.create_task(self._pump(socket, queue)), loop.create_task(self._watch(queue, controls))]
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            stop()
            for task in tasks:
                task.cancel()
            self.sockets.discard(socket)
        return socket

    async def _pump(self, socket: web.WebSocketResponse, queue: asyncio.Queue[str]) -> None:
        while not socket.closed:
            text = await queue.get()
            try:
                await socket.send_str(text)
            except ConnectionError:
                return

    async def _watch(self, queue: asyncio.Queue[str], known: Sequence[Json]) -> None:
        """A control may change by itself: a fault that was chosen here is repaired by the bot."""
        while self._controls:
            await asyncio.sleep(CONTROL_SECONDS)
            now = await self._described_controls()
            if now != known:
                known = now
                queue.put_nowait(json.dumps({"kind": "controls", "data": now}))

    async def _described_controls(self) -> list[Json]:
        loop = asyncio.get_running_loop()
        return [await loop.run_in_executor(None, control.described) for control in self._controls.values()]

    # ------------------------------------------------------------------ actions

    async def act(self, request: web.Request) -> web.StreamResponse:
        """One thing the person did; the answer is `{"ok": true}`, or what is wrong and what to do."""
        self._check(request, request.headers.get("X-Page-Token"))
        try:
            body = await request.json()
            work = functools.partial(self._do, request.match_info["action"], body)
            await asyncio.get_running_loop().run_in_executor(None, work)
        except WorkspaceError as exc:
            return web.json_response({"ok": False, "message": exc.message, "remedy": exc.remedy})
        except (ValueError, KeyError, TypeError) as exc:
            raise web.HTTPBadRequest(text="The request is not one this page sends.") from exc
        return web.json_response({"ok": True})

    def _do(self, action: str, body: Mapping[str, Any]) -> None:
        actions: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "message": self._message,
            "command": lambda b: self._people.slash_command(
                b["command"], b["text"], user=b["user"], channel=b["channel"]
            ),
            "edit": lambda b: self._people.edit_message(b["channel"], b["ts"], b["text"], user=b["user"]),
            "delete": lambda b: self._people.delete_message(b["channel"], b["ts"], user=b["user"]),
            "invite": self._invite,
            "shortcut": lambda b: self._people.message_shortcut(
                b["callback_id"], b["channel"], b["ts"], user=b["user"]
            ),
            "click": lambda b: self._surfaces.click(
                b["channel"], b["ts"], b["action_id"], user=b["user"], block_id=b["block_id"], value=b.get("value")
            ),
            "click_view": self._click_view,
            "submit": lambda b: self._surfaces.submit_view(b["user"], b["values"], view_id=b["view_id"]),
            "close": lambda b: self._surfaces.close_view(b["user"], everything=bool(b.get("everything"))),
            "home": lambda b: self._surfaces.open_home(b["user"], b["tab"]),
            "dismiss": self._dismiss,
            "control": self._select,
        }
        actions[action](body)

    def _message(self, body: Mapping[str, Any]) -> None:
        uploads = [Upload(str(entry["name"]), _decoded(entry["content"])) for entry in body.get("files", ())]
        thread_ts = body.get("thread_ts") or None
        self._people.post_message(body["channel"], body["text"], user=body["user"], thread_ts=thread_ts, files=uploads)

    def _invite(self, body: Mapping[str, Any]) -> None:
        self._people.invite_bot(body["channel"], user=body["user"])
        channel = self._core.store.channel(body["channel"])
        self._core.changes.note(WorkspaceChange("channel", page_state.described(channel), channel=channel.id))

    def _click_view(self, body: Mapping[str, Any]) -> None:
        self._surfaces.click_view(
            body["view_id"],
            body["action_id"],
            user=body["user"],
            block_id=body["block_id"],
            value=body.get("value"),
            values=body.get("values"),
        )

    def _dismiss(self, body: Mapping[str, Any]) -> None:
        with self._core.changes.lock:
            self._core.store.remove_ephemeral(body["user"], body["ts"])

    def _select(self, body: Mapping[str, Any]) -> None:
        control = self._controls[body["id"]]
        if body["value"] not in [value for value, _ in control.options]:
            raise ValueError("not one of the control's options")
        control.select(body["value"])
        described = [each.described() for each in self._controls.values()]
        self._core.changes.note(WorkspaceChange("controls", described))

    # ------------------------------------------------------------------ protection

    def _check(self, request: web.Request, token: str | None) -> None:
        """Only this very page may call. Raises HTTPForbidden."""
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.headers.get('Host', '')}":
            raise web.HTTPForbidden(text="This page may not be used from another one.")
        if token is None or not secrets.compare_digest(token, self.token):
            raise web.HTTPForbidden(text="The page is out of date. Reload it.")


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as exc:
        raise ValueError("the file is not base64") from exc


@functools.cache
def _assets() -> frozenset[str]:
    page = files("bot.sandbox.workspace").joinpath("page")
    return frozenset(entry.name for entry in page.iterdir() if entry.is_file())


def _asset(name: str) -> bytes:
    return files("bot.sandbox.workspace").joinpath("page", name).read_bytes()
