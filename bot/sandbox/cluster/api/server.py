"""The HTTP side of the simulated API server: an aiohttp server in a thread of its own, on a loopback address.

Started by `SimulatedCluster`. It authenticates, impersonates, authorises and records every request, then hands it on.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from email.utils import format_datetime
from ipaddress import ip_address

from aiohttp import web

from bot.domain.errors import ConfigurationError
from bot.sandbox.cluster.api.authorizer import Attributes, Authorizer
from bot.sandbox.cluster.api.calls import ApiServerResponse, Call, ImpersonationHeaders, authenticate, impersonate
from bot.sandbox.cluster.api.chaos import Chaos, Misbehaviour
from bot.sandbox.cluster.api.discovery import document
from bot.sandbox.cluster.api.encoding import encoded, json_bytes
from bot.sandbox.cluster.api.exec import exit_status, run_command
from bot.sandbox.cluster.api.handlers import Handlers
from bot.sandbox.cluster.api.proxy import failure_message, forward
from bot.sandbox.cluster.api.recording import RecordedRequest, asked, is_dry_run
from bot.sandbox.cluster.api.requests import ResourceRequest, attributes_of, parse
from bot.sandbox.cluster.api.watch import Watch
from bot.sandbox.cluster.process.program import ProcessReply, Unreached
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.kinds import PODS
from bot.sandbox.cluster.state.status import StatusError, bad_request, no_such_path, unavailable

_LOGGER = logging.getLogger(__name__)
_PUBLIC = ("/healthz", "/livez", "/readyz", "/version")


class ApiServer:
    """Serves one simulation. `start` and `stop` may be called from any thread."""

    def __init__(self, simulation: Simulation, tokens: dict[str, str]) -> None:
        self._simulation, self._tokens = simulation, tokens
        self.authorizer = Authorizer(simulation.store)
        self.chaos = Chaos()
        self.requests: deque[RecordedRequest] = deque(maxlen=20_000)
        self.tick_seconds = 0.5
        self.dial_timeout_seconds = 0.2
        self.address = ""
        self._handlers = Handlers(simulation, self.authorizer)
        self._users_by_port: dict[int, str] = {}
        self._runner: web.AppRunner | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    # life

    def start(self, host: str, port: int) -> None:
        """Listen. Raises ConfigurationError for an address that is not loopback or not free."""
        if not ip_address(host).is_loopback:
            raise ConfigurationError(
                f"The sandbox refuses to listen on {host}.", "Give a loopback address such as 127.0.0.1."
            )
        ready: threading.Event = threading.Event()
        failure: list[OSError] = []
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(host, port, ready, failure)), name="simulated-cluster", daemon=True
        )
        self._thread.start()
        ready.wait()
        if failure:
            raise ConfigurationError(
                f"The sandbox cannot listen on {host}:{port}.", "Choose another port, or 0 for any."
            ) from failure[0]

    def stop(self) -> None:
        """Close all connections and end the thread."""
        if self._loop is not None and self._stopping is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = self._loop = None
            self._users_by_port.clear()

    def address_for(self, user: str) -> str:
        """An address of its own for the user: who connects there without credentials is that user."""
        for port, name in self._users_by_port.items():
            if name == user:
                return f"http://127.0.0.1:{port}"
        if self._loop is None:
            raise ConfigurationError("The simulated cluster is not serving.", "Call start() first.")
        port = asyncio.run_coroutine_threadsafe(self._open_port(), self._loop).result()
        self._users_by_port[port] = user
        return f"http://127.0.0.1:{port}"

    async def _open_port(self) -> int:
        assert self._runner is not None  # set before the loop is published
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[-1][1])

    async def _serve(self, host: str, port: int, ready: threading.Event, failure: list[OSError]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_route("*", "/{tail:.*}", self._on_request)
        application.on_response_prepare.append(self._tell_the_time)
        runner = self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as exc:
            failure.append(exc)
            ready.set()
            await runner.cleanup()
            return
        bound = runner.addresses[0]
        self.address = f"http://{bound[0]}:{bound[1]}"
        ready.set()
        ticking = asyncio.create_task(self._tick_forever())
        await self._stopping.wait()
        ticking.cancel()
        await runner.cleanup()

    async def _tell_the_time(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Clients take the API server's clock from its answers: it is the cluster's own, also where that runs ahead."""
        response.headers["Date"] = format_datetime(self._simulation.now(), usegmt=True)

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(self.tick_seconds)
            try:
                await asyncio.to_thread(self._simulation.tick)
            except (AttributeError, KeyError, TypeError, ValueError):
                # An object no check foresaw stops its controller, not the clock: say so and go on.
                _LOGGER.exception("a controller of the simulated cluster failed")

    # requests

    async def _on_request(self, raw: web.Request) -> web.StreamResponse:
        body = await raw.read()
        authenticated = user = None
        path = raw.path
        try:
            authenticated = authenticate(self._users_by_port.get(_port_of(raw)), raw.headers, self._tokens)
            rule = self.chaos.strike(raw.method, path)
            if rule is not None:
                await self._misbehave(rule, raw)
            with self._simulation.lock:
                user = impersonate(authenticated, ImpersonationHeaders.of(raw.headers.items()), self.authorizer)
            call = Call(raw.method, path, dict(raw.query), raw.headers, body, user)
            response = await self._respond(raw, call)
            if rule is not None and rule.kind == "lose" and raw.transport is not None:
                raw.transport.abort()
        except StatusError as exc:
            headers = {"Retry-After": str(exc.retry_after)} if exc.retry_after is not None else {}
            response = encoded(raw, ApiServerResponse(exc.code, exc.body(), headers=headers))
        self.requests.append(RecordedRequest(
            raw.method, path, tuple(raw.query.items()), user.name if user else "", user.groups if user else (),
            authenticated.name if authenticated else "", response.status, user.extra if user else (), asked(raw),
            is_dry_run(raw, body),
        ))  # fmt: skip
        return response

    async def _respond(self, raw: web.Request, call: Call) -> web.StreamResponse:
        request = parse(call.method, call.path, call.query, self._simulation.kinds)
        if request is None:
            return encoded(raw, self._answer_path(call))
        with self._simulation.lock:
            self.authorizer.check(call.user, attributes_of(request, call.method))
        if request.verb == "watch":
            return await self._watch(raw, call, request)
        if request.subresource == "proxy":
            return await self._proxy(call, request)
        if request.subresource == "exec" and request.kind == PODS:
            return await self._exec(raw, call, request)
        with self._simulation.lock:
            answer = self._handlers.handle(call, request)
            if request.verb not in ("get", "list"):
                self._simulation.loop.tick()
        return encoded(raw, answer)

    def _answer_path(self, call: Call) -> ApiServerResponse:
        if call.path.rstrip("/") not in _PUBLIC:
            with self._simulation.lock:
                self.authorizer.check(call.user, Attributes("get", path=call.path))
        if call.path.split("/")[1] in ("healthz", "livez", "readyz"):
            return ApiServerResponse(200, b"ok", "text/plain")
        if call.path.startswith("/openapi/v2") and "application/json" not in call.accept:
            raise StatusError(406, "NotAcceptable", "only the following media types are accepted: application/json")
        found = document(call.path, self.address.removeprefix("http://"), self._simulation.release)
        if found is None:
            raise no_such_path()
        return ApiServerResponse(200, found)

    async def _watch(self, raw: web.Request, call: Call, request: ResourceRequest) -> web.StreamResponse:
        watch = Watch(self._simulation, call, request)
        with self._simulation.lock:
            watch.open()
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"}
        )
        try:
            await response.prepare(raw)
            async for line in watch.lines():
                await response.write(line)
        except ConnectionResetError:
            pass  # the client went away: that is how watches end
        finally:
            watch.close()
        return response

    async def _proxy(self, call: Call, request: ResourceRequest) -> web.StreamResponse:
        while True:
            with self._simulation.lock:
                found = forward(self._simulation, call, request)
            if found is not None:
                break
            await asyncio.sleep(0.05)  # the process hangs: so does the request, until it is restarted
        if isinstance(found, Unreached):
            if found.code == "ETIMEDOUT":
                await asyncio.sleep(self.dial_timeout_seconds)
            raise unavailable(failure_message(found))
        assert isinstance(found, ProcessReply)  # the only case left
        return web.Response(status=found.status, body=found.body, headers={"Content-Type": found.content_type})

    async def _exec(self, raw: web.Request, call: Call, request: ResourceRequest) -> web.StreamResponse:
        command = raw.query.getall("command", [])
        if raw.headers.get("Upgrade", "").lower() != "websocket":
            raise bad_request("Upgrade request required")
        with self._simulation.lock:
            pod = self._simulation.registry.require(PODS, request.namespace, request.name)
            output = run_command(self._simulation, pod, call.query.get("container", ""), command)
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io", "v4.channel.k8s.io"))
        await socket.prepare(raw)
        for channel, text in ((1, output.stdout), (2, output.stderr)):
            if text:
                await socket.send_bytes(bytes([channel]) + text.encode())
        await socket.send_bytes(b"\x03" + json_bytes(exit_status(output)))
        await socket.close()
        return socket

    async def _misbehave(self, rule: Misbehaviour, raw: web.Request) -> None:
        """Do what the rule says; returns when the request may go on after all."""
        if rule.kind == "fail":
            reasons = {
                429: "TooManyRequests",
                500: "InternalError",
                503: "ServiceUnavailable",
                504: "Timeout",
                401: "Unauthorized",
            }
            message = rule.message or "the server is currently unable to handle the request"
            raise StatusError(rule.status, reasons.get(rule.status, ""), message, retry_after=rule.retry_after)
        if rule.kind == "drop":
            if raw.transport is not None:
                raw.transport.abort()
            raise StatusError(500, "InternalError", "dropped")
        while rule.kind == "hang" and self.chaos.holds(rule):
            if raw.transport is None:  # who asked has gone: the API server gives the request up
                raise StatusError(504, "Timeout", "Timeout: request did not complete within the allotted timeout")
            await asyncio.sleep(0.02)


def _port_of(raw: web.Request) -> int:
    name = raw.transport.get_extra_info("sockname") if raw.transport is not None else None
    return int(name[1]) if name else 0
