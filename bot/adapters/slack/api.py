"""Every call to Slack's Web API that this bot makes, with one way of failing: `SlackRefused` or `SlackUnreachable`.

Used by everything here that talks to Slack, from worker threads only. A 429 is waited out, within bounds, in the thread
that calls. A call is repeated after a broken connection only if repeating it is harmless: `chat.postMessage` is not
repeated once it may have arrived, because then it would stand in the channel twice.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import urllib.error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.blocks import Json, Message
from bot.adapters.slack.limits import HTTP_TIMEOUT_SECONDS
from bot.domain.errors import SlackError

ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 60.0
PAUSE_SECONDS = 1.0

_REMEDIES = {
    "not_in_channel": "Invite the bot to the channel.",
    "channel_not_found": "Invite the bot to the channel.",
    "is_archived": "Ask in a channel that is not archived.",
    "missing_scope": "Add the scope under OAuth & Permissions, then install the app again.",
    "expired_trigger_id": "Press the button again.",
    "ratelimited": "Ask again in a minute.",
}

_log = logging.getLogger(__name__)


class SlackRefused(SlackError):
    """Slack answered, and the answer is an error: `code` is Slack's (`not_in_channel`), `status` the HTTP status."""

    def __init__(self, method: str, code: str, status: int = 200, retry_after: float = 0.0) -> None:
        remedy = _REMEDIES.get(code, "Slack's documentation of this method explains the error.")
        super().__init__(f"Slack refused {method}: {code}.", remedy)
        self.method = method
        self.code = code
        self.status = status
        self.retry_after = retry_after


class SlackUnreachable(SlackError):
    """No usable answer. `arrived` is False when the request certainly never reached Slack."""

    def __init__(self, method: str, reason: str, *, arrived: bool) -> None:
        super().__init__(
            f"Slack gave no answer to {method}: {reason}.", "Check the network, the proxy and Slack's status."
        )
        self.method = method
        self.arrived = arrived


@dataclass(frozen=True)
class Identity:
    """Who the bot is, as `auth.test` says. `scopes` is None where the server does not tell."""

    user_id: str
    bot_id: str
    team_id: str
    team: str
    name: str
    enterprise_id: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class MessageRef:
    """One message of ours that can be edited. `thread_ts` is set when it is a reply."""

    channel: str
    ts: str
    thread_ts: str | None = None


class SlackApi:
    """The Web API with one bot token. Safe to use from several threads. `stopping` ends every wait."""

    def __init__(self, token: str, api_url: str, stopping: threading.Event) -> None:
        # No retry handlers of the SDK: its default repeats chat.postMessage after a dropped connection.
        self._client = WebClient(
            token=token, base_url=api_url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[], logger=_log
        )
        self._stopping = stopping

    def identify(self) -> Identity:
        """Call auth.test."""
        answer, headers = self._send("auth.test", self._client.auth_test, repeatable=True)
        scopes = headers.get("x-oauth-scopes")
        return Identity(
            user_id=str(answer.get("user_id") or ""),
            bot_id=str(answer.get("bot_id") or ""),
            team_id=str(answer.get("team_id") or ""),
            team=str(answer.get("team") or ""),
            name=str(answer.get("user") or ""),
            enterprise_id=answer.get("enterprise_id"),
            scopes=frozenset(scope.strip() for scope in scopes.split(",")) if scopes else None,
        )

    def post(self, channel: str, message: Message, thread_ts: str | None = None) -> MessageRef:
        """Post a message that pings nobody and unfurls nothing."""
        answer, _ = self._send(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks,
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return MessageRef(str(answer.get("channel") or channel), str(answer.get("ts") or ""), thread_ts)

    def edit_once(self, ref: MessageRef, message: Message) -> None:
        """Replace a message of ours. Never waits: whoever calls knows what to do with a 429."""
        self._once(
            "chat.update",
            lambda: self._client.chat_update(channel=ref.channel, ts=ref.ts, text=message.text, blocks=message.blocks),
        )

    def whisper(self, channel: str, user: str, message: Message, thread_ts: str | None = None) -> None:
        """Show a message to one person only."""
        self._send(
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(
                channel=channel, user=user, text=message.text, blocks=message.blocks, thread_ts=thread_ts
            ),
        )

    def open_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal and return its id. A trigger id is used once, so this is never repeated."""
        answer, _ = self._send("views.open", lambda: self._client.views_open(trigger_id=trigger_id, view=view))
        return str((answer.get("view") or {}).get("id") or "")

    def update_view(self, view_id: str, view: Json) -> None:
        """Replace what an open modal shows."""
        self._send("views.update", lambda: self._client.views_update(view_id=view_id, view=view), repeatable=True)

    def user(self, user: str) -> Json:
        """users.info: the user object."""
        answer, _ = self._send("users.info", lambda: self._client.users_info(user=user), repeatable=True)
        return dict(answer.get("user") or {})

    def channel(self, channel: str) -> Json:
        """conversations.info: the channel object."""
        answer, _ = self._send(
            "conversations.info", lambda: self._client.conversations_info(channel=channel), repeatable=True
        )
        return dict(answer.get("channel") or {})

    def file(self, file: str) -> Json:
        """files.info: the file object."""
        answer, _ = self._send("files.info", lambda: self._client.files_info(file=file), repeatable=True)
        return dict(answer.get("file") or {})

    def _send(
        self, method: str, call: Callable[[], Any], *, repeatable: bool = False
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """Call, and call again where that is allowed. Raises `SlackRefused` or `SlackUnreachable`."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(method, call)
            except SlackRefused as refused:
                wait = _wait_after(refused, repeatable=repeatable)
                if wait is None or attempt == ATTEMPTS or self._stopping.wait(wait):
                    raise
            except SlackUnreachable as lost:
                if (lost.arrived and not repeatable) or attempt == ATTEMPTS or self._stopping.wait(PAUSE_SECONDS):
                    raise
        raise AssertionError("the last attempt returns or raises")

    @staticmethod
    def _once(method: str, call: Callable[[], Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        try:
            response = call()
        except SlackApiError as error:
            raise refused_from(method, error) from error
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise SlackUnreachable(method, _reason(error), arrived=_may_have_arrived(error)) from error
        headers = {str(name).lower(): str(value) for name, value in dict(response.headers).items()}
        return response.data if isinstance(response.data, dict) else {}, headers


def refused_from(method: str, error: SlackApiError) -> SlackRefused:
    """Our error for the SDK's."""
    response = error.response
    headers = {str(name).lower(): value for name, value in dict(getattr(response, "headers", {}) or {}).items()}
    status = int(getattr(response, "status_code", 200) or 200)
    code = str(response.get("error") or f"HTTP {status}")
    try:
        retry_after = float(headers.get("retry-after", 0))
    except ValueError:
        retry_after = 0.0
    if status == 429:
        code, retry_after = "ratelimited", max(retry_after, PAUSE_SECONDS)
    elif "non-JSON" in code:
        code = f"HTTP {status} without JSON"
    return SlackRefused(method, code, status, retry_after)


def _wait_after(refused: SlackRefused, *, repeatable: bool) -> float | None:
    """Seconds until the call may be repeated; None: never. A 429 was not acted on, so it may always be repeated."""
    if refused.code == "ratelimited":
        return refused.retry_after if refused.retry_after <= LONGEST_WAIT_SECONDS else None
    return PAUSE_SECONDS if repeatable and refused.status >= 500 else None


def _may_have_arrived(error: Exception) -> bool:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    # gaierror and a refused connection happen before a byte is sent
    return not (isinstance(cause, ConnectionRefusedError | socket.gaierror))


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(cause) or type(cause).__name__
