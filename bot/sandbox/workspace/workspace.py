"""`Workspace`: a Slack-compatible workspace on this machine, for the real bot, for tests, and for a person to use.

Made by the program's wiring when there are no Slack tokens, and by tests. A bot reaches it with its ordinary clients at
`api_url`; it never learns that this is not slack.com. It listens on loopback addresses only.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import random
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.workspace.acts.people import WorkspacePeople
from bot.sandbox.workspace.acts.surfaces import Surfaces
from bot.sandbox.workspace.api.meter import ANY_FAULT, MeteredCall, MeteredFault
from bot.sandbox.workspace.core import build
from bot.sandbox.workspace.delivery.dispatch import deliver_again
from bot.sandbox.workspace.delivery.http_delivery import HttpOutlet
from bot.sandbox.workspace.delivery.socket_mode import Connection, DeliveryAttempt
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.http.http_page import Control, PageEndpoints
from bot.sandbox.workspace.http.server import Server
from bot.sandbox.workspace.state.seed import BOT, BOT_USER, TEAM, WorkspaceConfig
from bot.sandbox.workspace.state.views import public

Json = dict[str, Any]


class Workspace(WorkspacePeople, Surfaces):
    """One workspace. What people do is inherited: see `WorkspacePeople` and `Surfaces`.

    clock:                seconds since the epoch; timestamps, trigger ids, response URLs and rate limits go by it
    ack_timeout_seconds:  real seconds the bot has to acknowledge a payload
    controls:             knobs for the page's side panel
    retry_delays_seconds: real seconds before each further attempt to deliver an event
    examples:             pairs of label and text, offered on the page as something to paste
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        ack_timeout_seconds: float = 3.0,
        controls: Sequence[Control] = (),
        retry_delays_seconds: Sequence[float] = (0.1, 60.0, 300.0),
        examples: Sequence[tuple[str, str]] = (),
        config: WorkspaceConfig | None = None,
    ) -> None:
        core = build(config or WorkspaceConfig(), clock, ack_timeout_seconds, retry_delays_seconds)
        super().__init__(core)
        self.controls = tuple(controls)
        self._page = PageEndpoints(core, self, self, controls, examples)
        self._server = Server(core, self._page)
        self.team_id, self.bot_user_id, self.bot_id = TEAM, BOT_USER, BOT

    # ------------------------------------------------------------------ life

    def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; returns when ready. Raises WorkspaceError when the address is not loopback, or is taken."""
        address = self._server.start(host, port)
        with self._core.changes.lock:
            self._core.address = self._core.files.address = address

    def stop(self) -> None:
        """Stop listening; the content stays and `start` works again."""
        self._server.stop()

    def __enter__(self) -> Workspace:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def say_how_to_paste(self, line: str) -> None:
        """Show on the page what to type in a terminal first, so that the commands on it can be pasted."""
        with self._core.changes.lock:
            self._core.shell = line

    # ------------------------------------------------------------------ where and with what

    @property
    def address(self) -> str:
        """The base URL, which shows the page. Raises WorkspaceError before the first start."""
        if not self._core.address:
            raise WorkspaceError("The workspace has no address yet.", "Start it first.")
        return self._core.address

    @property
    def api_url(self) -> str:
        """For `WebClient(base_url=…)`."""
        return f"{self.address}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self._core.tokens.bot

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode."""
        return self._core.tokens.app

    @property
    def signing_secret(self) -> str:
        """The secret that signs HTTP requests to the app."""
        return self._core.tokens.signing_secret

    def signed_headers(self, body: str) -> dict[str, str]:
        """The headers Slack would put on an HTTP request with this body."""
        at = str(int(self._core.clock()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    @property
    def page_token(self) -> str:
        """What the page's own endpoints ask for."""
        return self._page.token

    def deliver_to(self, url: str) -> None:
        """Deliver by HTTP from now on, beside any Socket Mode connection. Raises WorkspaceError.

        The URL is verified first, as Slack does when it is entered.
        """
        challenge = secrets.token_urlsafe(12)
        body = json.dumps({"type": "url_verification", "challenge": challenge, "token": self._core.tokens.verification})
        answers: list[tuple[int, str]] = []
        opened: list[Connection | None] = []

        def acknowledged(frame: Json) -> None:
            if opened[0] is not None:
                self._core.socket.acknowledged(opened[0], frame)

        def refused(envelope_id: str) -> None:
            self._core.socket.refused(envelope_id, "http_error")

        outlet = HttpOutlet(url, self.signed_headers, acknowledged, refused)

        async def verify() -> None:
            answers.append(await outlet.post(body, {"Content-Type": "application/json"}))

        async def connect() -> None:
            opened.append(await self._core.socket.connected(outlet))

        self._server.run(verify)
        if answers[0][0] != 200 or challenge not in answers[0][1]:
            raise WorkspaceError(f"{url} did not answer the challenge.", "Start the bot in HTTP mode first.")
        self._server.run(connect)

    # ------------------------------------------------------------------ looking

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """The messages of a channel (or of one thread, parent first), oldest first, in Slack's shape."""
        with self._core.changes.lock:
            self._core.store.channel(channel)
            store = self._core.store
            found = store.thread(channel, thread_ts) if thread_ts else list(store.messages[channel].values())
            return copy.deepcopy(found)

    def message(self, channel: str, ts: str) -> Json:
        """One message. Raises WorkspaceError."""
        for message in self.messages(channel):
            if message["ts"] == ts:
                return message
        raise WorkspaceError(f"There is no message {ts} in {channel}.", "It may have been deleted.")

    def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        """The messages only this person sees."""
        with self._core.changes.lock:
            shown = self._core.store.ephemerals.get(user, {}).values()
            return [copy.deepcopy(message) for message in shown if channel in (None, message["channel"])]

    def notices(self, user: str) -> list[Json]:
        """What Slack itself told this person; each has `text` and, for a failure, `error` (`operation_timeout`…)."""
        with self._core.changes.lock:
            return [dict(notice) for notice in self._core.store.notices if notice["user"] == user]

    def views(self, user: str) -> list[Json]:
        """The person's open modals, the topmost last; `errors` holds complaints shown beside inputs."""
        with self._core.changes.lock:
            return copy.deepcopy(self._core.views.stacks.get(user, []))

    def home(self, user: str) -> Json | None:
        """The home tab the app published for this person."""
        with self._core.changes.lock:
            view = self._core.views.homes.get(user)
            return copy.deepcopy(public(view)) if view else None

    def direct_message(self, user: str) -> str:
        """The id of the conversation between this person and the bot."""
        with self._core.changes.lock:
            return self._core.store.direct_message(user).id

    @property
    def calls(self) -> list[MeteredCall]:
        """Every Web API call so far."""
        with self._core.changes.lock:
            return list(self._core.calls)

    @property
    def deliveries(self) -> list[DeliveryAttempt]:
        """Every attempt to hand the bot a payload so far."""
        with self._core.changes.lock:
            return list(self._core.socket.deliveries)

    @property
    def connections(self) -> int:
        """How many Socket Mode connections the bot has open."""
        return len(self._core.socket.connections)

    @property
    def connections_opened(self) -> int:
        """How many Socket Mode connections the bot has opened so far, closed ones included."""
        return self._core.socket.opened

    @property
    def in_flight(self) -> int:
        """How many payloads are neither acknowledged nor given up."""
        return self._core.socket.in_flight

    def rate_limit_excess(self) -> dict[str, int]:
        """Methods called more often in some minute than Slack allows, with the highest count."""
        with self._core.changes.lock:
            return self._core.meter.exceeded()

    def wait_for(self, predicate: Callable[[], object], timeout_seconds: float = 60.0) -> bool:
        """Wait until the predicate holds; it is asked again after every change, now and then. False: time ran out."""
        return self._core.changes.wait_for(predicate, timeout_seconds)

    # ------------------------------------------------------------------ making trouble

    def fail_next(
        self,
        method: str,
        *,
        status: int = 429,
        retry_after: int | None = None,
        error: str | None = None,
        drop: bool = False,
        times: int = 1,
    ) -> None:
        """Answer the next calls of a method (`*`: any) with an HTTP status, Slack error, or dropped connection."""
        with self._core.changes.lock:
            self._core.faults.pending.append(MeteredFault(method, status, retry_after, error, drop, times))

    def lose_answers(self, method: str, times: int = 1) -> None:
        """Let the next calls of a method do their work, and drop the connection before the answer."""
        with self._core.changes.lock:
            self._core.faults.pending.append(MeteredFault(method, 0, None, None, drop=True, times=times, lost=True))

    def fail_by_chance(self, chance: random.Random | None, share: float = 0.1) -> None:
        """From now on let this share of all calls fail, in each of the ways of `ANY_FAULT`; None: no more."""

        def drawn(_: str) -> MeteredFault | None:
            return chance.choice(ANY_FAULT) if chance is not None and chance.random() < share else None

        with self._core.changes.lock:
            self._core.faults.chance = drawn

    @property
    def faults_given(self) -> dict[str, int]:
        """How many calls were made to fail, by how."""
        with self._core.changes.lock:
            return dict(self._core.faults.given)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send every Socket Mode connection a disconnect frame; the bot is expected to open a new one."""
        self._server.run(lambda: self._core.socket.ask_to_leave(reason))

    def drop_connections(self) -> None:
        """Close every Socket Mode connection without a word."""
        self._server.run(self._core.socket.drop_all)

    def redeliver(self, event_id: str) -> None:
        """Deliver an event a second time, as Slack sometimes does. Raises WorkspaceError when it is unknown."""
        with self._core.changes.lock:
            for delivery in self._core.socket.deliveries:
                if delivery.payload.get("event_id") == event_id:
                    deliver_again(self._core, delivery.payload)
                    return
        raise WorkspaceError(f"No event {event_id} was delivered.", "Take the id from `deliveries`.")
