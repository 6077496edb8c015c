"""`SlackBot`: the bot in one workspace, over Socket Mode or HTTP. Made by the bootstrap; start reading here.

    listeners ─▶ posts, commands, clicks ─▶ triages ─▶ answers ─▶ queue ─▶ Slack
    (acknowledge, queue)   (desk: short work)   (worker: triages)

It connects when told to and not before, and it never exits the program.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.adapters.slack.assembly import AssemblyDeps, BotParts, assemble
from bot.adapters.slack.events.delivery import Delivery, bolt_log, delivery_of, unreachable
from bot.adapters.slack.events.listeners import register
from bot.adapters.slack.options import Options, SlackStores
from bot.adapters.slack.render.limits import HTTP_TIMEOUT_SECONDS
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.errors import SlackRefused, SlackUnreachable
from bot.adapters.slack.send.reading import Identity
from bot.adapters.slack.send.trust import is_slack
from bot.adapters.slack.settings import SlackSettings
from bot.diagnosis.ports import Clock, Triage
from bot.diagnosis.worker import Worker
from bot.domain.errors import SlackError
from bot.incidents.monitor_posts import MonitorPosts

ESSENTIAL_SCOPES = frozenset({"chat:write", "users:read"})
USEFUL_SCOPES: Mapping[str, str] = {
    "app_mentions:read": "mentions",
    "channels:history": "messages in public channels",
    "channels:read": "answers in public channels, and watched channels by name",
    "commands": "the slash command",
    "files:read": "attached files",
    "groups:history": "messages in private channels",
    "groups:read": "answers in private channels",
    "im:history": "direct messages",
    "mpim:history": "messages in group direct messages",
    "mpim:read": "answers in group direct messages",
    "usergroups:read": "rights that the policy gives to user groups",
}
LISTENER_THREADS = 10

_log = logging.getLogger(__name__)


class SlackBot:
    """One bot. `connect` makes it answer, `close` ends it for good.

    worker: runs the triages; the bot drains it when it closes
    """

    def __init__(
        self, settings: SlackSettings, triage: Triage, stores: SlackStores, worker: Worker, clock: Clock,
        options: Options | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._triage = triage
        self._stores = stores
        self._worker = worker
        self._clock = clock
        self._options = options or Options()
        self._stopping = threading.Event()
        self._api = SlackApi(
            settings.bot_token, settings.api_url, self._stopping, self._options.boundary,
            self._options.measures.slack_error,
        )  # fmt: skip
        self._parts: BotParts | None = None
        self._app: App | None = None
        self._delivery: Delivery | None = None
        self._executor = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="slack-listener")

    @property
    def name(self) -> str:
        """The bot's name in the workspace; empty before `connect`."""
        return self._parts.services.identity.name if self._parts else ""

    @property
    def team(self) -> str:
        """The workspace's name; empty before `connect`."""
        return self._parts.services.identity.team if self._parts else ""

    def connect(self) -> None:
        """Find out who the bot is, then open the way in (Socket Mode, or HTTP).

        Raises `SlackError` with what to do: wrong token, missing scope, or no connection.
        """
        identity = self._identify()
        if self._parts is None:
            self._parts = assemble(
                AssemblyDeps(
                    self._settings,
                    self._stores,
                    self._options,
                    self._api,
                    identity,
                    self._triage,
                    self._worker,
                    self._clock,
                    self.is_connected,
                )
            )
        app = self._made_app(identity)
        register(app, self._parts.receivers)
        delivery = delivery_of(app, self._settings)
        delivery.open()
        self._app, self._delivery = app, delivery
        self._parts.upkeep.start()
        self._parts.catching_up.start()

    def poster(self) -> MonitorPosts:
        """Posts what monitors find. May be asked for before `connect`, and used after."""
        return MonitorPosts(lambda: self._parts.monitor_deps() if self._parts else None)

    def is_connected(self) -> bool:
        """Whether events can arrive now. False for moments while the connection is renewed, and after `close`."""
        return self._delivery is not None and not self._stopping.is_set() and self._delivery.is_open()

    def lost(self) -> str:
        """Threads that have ended and must not: only a restart helps. Empty before `connect`, and while all is well."""
        return self._parts.lost() if self._parts is not None and not self._stopping.is_set() else ""

    def trouble(self) -> str:
        """Why nobody is answered now, as a sentence; empty while all is well."""
        if not self.is_connected():
            return "There is no connection to Slack now."
        return self.lost()

    def close(self, timeout: float = 20.0) -> None:
        """Stop taking work, finish what runs within `timeout` seconds, tell the others, then hang up.

        The connection stays open until the end: acknowledgements that are on their way would be lost with it.
        """
        if self._parts is not None:
            self._parts.close(timeout, self._worker)
        self._stopping.set()
        if self._delivery is not None:
            self._delivery.close()
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
            raise unreachable(self._settings.api_url, lost) from lost
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

    def _made_app(self, identity: Identity) -> App:
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
            request_verification_enabled=False,  # Socket Mode has no signatures; over HTTP they are checked before Bolt
            token_verification_enabled=False,
            listener_executor=self._executor,
            logger=bolt_log(),
        )
