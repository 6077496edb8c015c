"""`SlackBot`: the bot in one workspace, over Socket Mode. Made by the bootstrap; start reading here.

    listeners ─▶ posts, commands, clicks ─▶ triages ─▶ answers ─▶ outbox ─▶ Slack
    (acknowledge, queue)   (desk: short work)   (worker: triages)

It connects when told to and not before, and it never exits the program.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.api import Identity, SlackApi, SlackRefused, SlackUnreachable, refused_from
from bot.adapters.slack.files import FileReader, is_slack
from bot.adapters.slack.limits import HTTP_TIMEOUT_SECONDS
from bot.adapters.slack.listeners import register
from bot.adapters.slack.outbox import Outbox
from bot.adapters.slack.people import Gate, Rules
from bot.adapters.slack.records import Records
from bot.adapters.slack.services import Services
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.triages import Triages
from bot.domain.errors import SlackError
from bot.triage.ports import Clock, SeenEvents, Triage
from bot.triage.worker import Worker

ESSENTIAL_SCOPES = frozenset({"chat:write", "users:read"})
USEFUL_SCOPES: Mapping[str, str] = {
    "app_mentions:read": "mentions",
    "channels:history": "messages in public channels",
    "channels:read": "watched channels by name",
    "commands": "the slash command",
    "files:read": "attached files",
    "groups:history": "messages in private channels",
    "groups:read": "answers in private channels",
    "im:history": "direct messages",
}
LISTENER_THREADS = 10
DESK_THREADS = 6
CLICK_THREADS = 4

_log = logging.getLogger(__name__)


class SlackBot:
    """One bot. `connect` makes it answer, `close` ends it for good.

    worker: runs the triages; the bot drains it when it closes
    """

    def __init__(
        self, settings: SlackSettings, triage: Triage, seen: SeenEvents, worker: Worker, clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._triage = triage
        self._seen = seen
        self._worker = worker
        self._clock = clock
        self._stopping = threading.Event()
        self._api = SlackApi(settings.bot_token, settings.api_url, self._stopping)
        self._monotonic = monotonic
        self._services: Services | None = None
        self._handler: SocketModeHandler | None = None
        self._executor = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="slack-listener")

    @property
    def name(self) -> str:
        """The bot's name in the workspace; empty before `connect`."""
        return self._services.identity.name if self._services else ""

    @property
    def team(self) -> str:
        """The workspace's name; empty before `connect`."""
        return self._services.identity.team if self._services else ""

    def connect(self) -> None:
        """Find out who the bot is, then open the Socket Mode connection.

        Raises `SlackError` with what to do: wrong token, missing scope, or no connection.
        """
        identity = self._identify()
        services = self._services = self._assemble(identity)
        app = self._app(identity)
        register(app, services)
        self._handler = SocketModeHandler(app, self._settings.app_token, logger=_bolt_log())
        try:
            self._open(self._handler)
        except SlackError:
            self._handler.close()  # type: ignore[no-untyped-call]
            self._handler = None
            raise

    def is_connected(self) -> bool:
        """Whether events can arrive now. False for moments while the connection is renewed, and after `close`."""
        return self._handler is not None and not self._stopping.is_set() and bool(self._handler.client.is_connected())

    def close(self, timeout: float = 20.0) -> None:
        """Stop taking work, finish what runs within `timeout` seconds, tell the others, then hang up.

        The connection stays open until the end: acknowledgements that are on their way would be lost with it.
        """
        services = self._services
        if services is not None:
            services.desk.drain(timeout / 4)
            services.clicks.drain(timeout / 8)
            if not self._worker.drain(timeout / 2):
                services.triages.interrupt()
            services.outbox.close(timeout / 4)
        self._stopping.set()
        if self._handler is not None:
            self._handler.close()  # type: ignore[no-untyped-call]
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _identify(self) -> Identity:
        try:
            identity = self._api.identify()
        except SlackRefused as refused:
            raise SlackError(
                f"Slack does not accept the bot token ({refused.code}).",
                "Set SLACK_BOT_TOKEN to the token that begins with xoxb-, from OAuth & Permissions of your Slack app.",
            ) from refused
        except SlackUnreachable as lost:
            raise _unreachable(self._settings.api_url, lost) from lost
        self._check_scopes(identity)
        return identity

    def _check_scopes(self, identity: Identity) -> None:
        if identity.scopes is None:
            return
        # Without users:read nobody can be admitted; a server that is not Slack may do without it.
        essential = ESSENTIAL_SCOPES if is_slack(self._settings.api_url) else {"chat:write"}
        if missing := essential - identity.scopes:
            raise SlackError(
                f"The bot token lacks the scope {', '.join(sorted(missing))}.",
                "Add it under OAuth & Permissions (or update the app manifest), then install the app again.",
            )
        for scope in sorted(USEFUL_SCOPES.keys() - identity.scopes):
            _log.warning("the bot token lacks the scope %s, so %s will not work", scope, USEFUL_SCOPES[scope])

    def _assemble(self, identity: Identity) -> Services:
        settings = self._settings
        rules = Rules(
            home_team=settings.home_team or identity.team_id,
            in_shared_channels=settings.answer_in_shared_channels,
            helpers=settings.who_can_help,
            lenient=not is_slack(settings.api_url),
        )
        records = Records(self._clock)
        return Services(
            settings=settings,
            identity=identity,
            api=self._api,
            gate=Gate(self._api, rules, identity, self._clock),
            files=FileReader(settings.bot_token, settings.api_url, self._api.file),
            outbox=Outbox(self._api, self._monotonic),
            records=records,
            seen=self._seen,
            triage=self._triage,
            triages=Triages(self._triage, self._worker, records, self._clock),
            desk=Worker(DESK_THREADS, 200, "slack-desk"),
            clicks=Worker(CLICK_THREADS, 100, "slack-clicks"),
        )

    def _app(self, identity: Identity) -> App:
        # `authorize` answers from what auth.test said at the start, so that no listener waits for another auth.test.
        client = WebClient(base_url=self._settings.api_url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[])
        authorized = AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_user_id=identity.user_id,
            bot_id=identity.bot_id,
            bot_token=self._settings.bot_token,
        )
        return App(
            name="triage",
            client=client,
            authorize=lambda: authorized,
            signing_secret="",
            request_verification_enabled=False,  # Socket Mode: there is no signature, possession of the token counts
            token_verification_enabled=False,
            listener_executor=self._executor,
            logger=_bolt_log(),
        )

    def _open(self, handler: SocketModeHandler) -> None:
        try:
            handler.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            raise _app_token_refused(refused_from("apps.connections.open", error)) from error
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise _unreachable(self._settings.api_url, error) from error
        if not handler.client.is_connected():
            raise SlackError(
                "Slack gave out an address for Socket Mode, but no connection to it came about.",
                "Check that this machine may open WebSocket connections to wss://wss-primary.slack.com.",
            )


def _app_token_refused(refused: SlackRefused) -> SlackError:
    if refused.code == "missing_scope":
        remedy = "Give the app-level token the scope connections:write, under Basic Information of your Slack app."
        return SlackError("The app-level token may not open connections.", remedy)
    return SlackError(
        f"Slack does not accept the app-level token ({refused.code}).",
        "Set SLACK_APP_TOKEN to the token that begins with xapp-, and turn Socket Mode on in your Slack app.",
    )


def _unreachable(api_url: str, error: Exception) -> SlackError:
    remedy = "Check the network, the proxy (HTTPS_PROXY) and the address."
    said = error.message if isinstance(error, SlackError) else str(error)
    return SlackError(f"Slack cannot be reached at {api_url}: {said.rstrip('.')}.", remedy)


def _bolt_log() -> logging.Logger:
    """Bolt's own log: warnings and worse, because at lower levels it writes whole payloads."""
    logger = logging.getLogger("bot.adapters.slack.bolt")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_is_news)
    return logger


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt reads SLACK_BOT_TOKEN by itself and complains that it does not need it: not news."""
    return "As you gave `client` as well" not in record.getMessage()
