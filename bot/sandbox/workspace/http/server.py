"""Runs the workspace's HTTP server in its own thread with its own event loop, on loopback addresses only.

Used by `Workspace`. It refuses to listen anywhere else, and refuses requests whose Host header is not a loopback name,
so that a web page elsewhere cannot reach it through a rebound DNS name.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from aiohttp import web

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.http.http_bot import BotEndpoints
from bot.sandbox.workspace.http.http_page import PageEndpoints

LARGEST_REQUEST_BYTES = 32 * 1024 * 1024
START_SECONDS = 10.0


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without port, can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The host in a Host header, without its port."""
    return header.partition("]")[0] + "]" if header.startswith("[") else header.partition(":")[0]


@web.middleware
async def _loopback_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if not is_loopback(host_of(request.headers.get("Host", ""))):
        raise web.HTTPForbidden(text="This server answers on loopback names only.")
    return await handler(request)


class Server:
    """The thread, its event loop, and the listening socket."""

    def __init__(self, core: WorkspaceCore, page: PageEndpoints) -> None:
        self._core = core
        self._page = page
        self._bot = BotEndpoints(core)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def start(self, host: str, port: int) -> str:
        """Listen, and answer the base URL. Raises WorkspaceError when the address is not loopback, or is taken."""
        if not is_loopback(host):
            raise WorkspaceError(
                f"The workspace does not listen on {host}.", "It has no passwords: use 127.0.0.1, ::1 or localhost."
            )
        if self._thread is not None:
            raise WorkspaceError("The workspace is already running.", "Stop it before starting it again.")
        started: Future[str] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(host, port, started)), name="slack-workspace", daemon=True
        )
        self._thread.start()
        try:
            return started.result(timeout=START_SECONDS)
        except OSError as exc:
            self._thread.join()
            self._thread = None
            raise WorkspaceError(f"Cannot listen on {host}:{port}.", "Choose a free port, or 0 for any.") from exc

    def stop(self) -> None:
        """Close every connection and end the thread. Does nothing when not running."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = self._loop = self._stopping = None

    def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something on the event loop and wait for it. Raises WorkspaceError when not running."""
        if self._loop is None:
            raise WorkspaceError("The workspace is not running.", "Start it first.")

        async def doing() -> None:
            await work()

        asyncio.run_coroutine_threadsafe(doing(), self._loop).result()

    async def _serve(self, host: str, port: int, started: Future[str]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application(middlewares=[_loopback_only], client_max_size=LARGEST_REQUEST_BYTES)
        application.add_routes([*self._bot.routes(), *self._page.routes()])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, reuse_address=True).start()
        except OSError as exc:
            await runner.cleanup()
            started.set_exception(exc)
            return
        shown = f"[{host}]" if ":" in host else host
        self._core.socket.attach(self._loop)
        started.set_result(f"http://{shown}:{runner.addresses[0][1]}")
        await self._stopping.wait()
        self._core.socket.detach()
        for socket in (*self._bot.sockets, *self._page.sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close()
        await runner.cleanup()
