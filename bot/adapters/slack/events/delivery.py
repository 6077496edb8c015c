"""How Slack's deliveries reach the bot: over Socket Mode, or as HTTP requests. The listeners are the same.

Made and opened by `bot`. Bolt's handlers do the talking; this says in our words what went wrong.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.events.http_server import HttpServer
from bot.adapters.slack.send.errors import SlackRefused, refused_from
from bot.adapters.slack.settings import SlackSettings
from bot.domain.errors import SlackError

PING_SECONDS = 2
"""A connection that does not answer for four of these is made anew: deaf for ten seconds or so, not for a minute."""
SILENT_SECONDS = 3.5 * PING_SECONDS
CLOSING_SECONDS = 5
"""A connection that has not ended by then is left to the end of the process."""
_WORD_KEPT_SECONDS = 0.05

_log = logging.getLogger(__name__)


class SessionState(Protocol):
    """What the client's threads look at to see whether they shall end."""

    terminated: bool


def hung_up(close: Callable[[], object], state: SessionState, seconds: float = CLOSING_SECONDS) -> bool:
    """Close a Socket Mode client; whether it ended within this time.

    Its `close` waits without end for the thread that receives. Where that one begins with a new connection at this
    moment, it takes the word back (`terminated = False`, slack_sdk 3, `SocketModeClient._run_current_session`), and
    would receive for ever: so the word is said again until it is heard.
    """
    closing = threading.Thread(target=close, name="slack-hang-up", daemon=True)
    closing.start()
    for _ in range(max(1, round(seconds / _WORD_KEPT_SECONDS))):
        closing.join(_WORD_KEPT_SECONDS)
        if not closing.is_alive():
            return True
        state.terminated = True
    return False


class Delivery(Protocol):
    """One way in."""

    def open(self) -> None:
        """Deliveries arrive from now on. Raises `SlackError`, and is closed then."""

    def is_open(self) -> bool:
        """Whether they can arrive now."""

    def close(self) -> None:
        """None arrives any more."""


class SocketMode:
    """A WebSocket that the bot opens to Slack; nothing has to be reachable from outside."""

    def __init__(self, app: App, settings: SlackSettings) -> None:
        self._settings = settings
        self._handler = SocketModeHandler(app, settings.app_token, logger=bolt_log(), ping_interval=PING_SECONDS)

    def open(self) -> None:
        """See `Delivery`."""
        try:
            self._connect()
        except SlackError:
            self.close()
            raise

    def is_open(self) -> bool:
        """See `Delivery`. False for moments while the connection is renewed, and while no pong comes back: a cut
        connection looks alive for long."""
        client = self._handler.client
        if not client.is_connected():
            return False
        session = getattr(client, "current_session", None)
        answered = getattr(session, "last_ping_pong_time", None)
        return answered is None or time.time() - float(answered) < SILENT_SECONDS

    def close(self) -> None:
        """See `Delivery`."""
        self._wake_waiting()
        if not hung_up(self._handler.close, self._handler.client.current_session_state):
            _log.warning("the connection to Slack did not end within %d s; it is left behind", CLOSING_SECONDS)

    def _wake_waiting(self) -> None:
        """End the waits for the next frame and the next message, or closing would take up to three seconds."""
        client = self._handler.client
        client.closed = True
        client.auto_reconnect_enabled = False
        client.current_session_state.terminated = True
        client.message_queue.put(None)  # means nothing to the client, which then sees that it is closed
        held = getattr(client.current_session, "sock", None)
        if held is None:
            return
        with suppress(OSError):  # the other side may have hung up already
            # The plain socket's, also below TLS: a receiver that is at work keeps its session and reads an end.
            socket.socket.shutdown(held, socket.SHUT_RDWR)

    def _connect(self) -> None:
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            raise _app_token_refused(refused_from("apps.connections.open", error)) from error
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise unreachable(self._settings.api_url, error) from error
        if not self._handler.client.is_connected():
            raise SlackError(
                "Slack gave out an address for Socket Mode, but no connection to it came about.",
                "Check that this machine may open WebSocket connections to wss://wss-primary.slack.com.",
            )


def delivery_of(app: App, settings: SlackSettings) -> Delivery:
    """The way in that the settings name."""
    return HttpServer(app, settings) if settings.mode == "http" else SocketMode(app, settings)


def unreachable(api_url: str, error: Exception) -> SlackError:
    """Slack gives no answer."""
    remedy = "Check the network, the proxy (HTTPS_PROXY) and the address."
    said = error.message if isinstance(error, SlackError) else str(error)
    return SlackError(f"Slack cannot be reached at {api_url}: {said.rstrip('.')}.", remedy)


def bolt_log() -> logging.Logger:
    """Bolt's own log: warnings and worse, because at lower levels it writes whole payloads."""
    logger = logging.getLogger("bot.adapters.slack.bolt")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_is_news)
    return logger


def _app_token_refused(refused: SlackRefused) -> SlackError:
    if refused.code == "missing_scope":
        remedy = "Give the app-level token the scope connections:write, under Basic Information of your Slack app."
        return SlackError("The app-level token may not open connections.", remedy)
    return SlackError(
        f"Slack does not accept the app-level token ({refused.code}).",
        "Set SLACK_APP_TOKEN to the token that begins with xapp-, and turn Socket Mode on in your Slack app.",
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt reads SLACK_BOT_TOKEN by itself and complains that it does not need it: not news."""
    return "As you gave `client` as well" not in record.getMessage()
