"""Asks Slack whether the two tokens work, without listening: for `triage doctor`.

Two calls, once each: auth.test, and apps.connections.open, whose address is not used.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.render.limits import HTTP_TIMEOUT_SECONDS
from bot.adapters.slack.settings import SlackSettings
from bot.domain.errors import SlackError

_REMEDIES = {
    "invalid_auth": "Copy the token again: xoxb-… under OAuth & Permissions, xapp-… under Basic Information.",
    "not_authed": "Set the token.",
    "not_allowed_token_type": "The two tokens are mixed up: SLACK_BOT_TOKEN is xoxb-…, SLACK_APP_TOKEN is xapp-….",
    "token_revoked": "Install the app again, and set the new token.",
    "account_inactive": "The app was removed from the workspace; install it again.",
    "missing_scope": "Give the app-level token the scope connections:write.",
    "socket_mode_not_enabled": "Turn Socket Mode on in your Slack app.",
}


@dataclass(frozen=True, slots=True)
class SlackAnswer:
    """What auth.test says. `scopes` and `time` are None where the server does not tell."""

    name: str
    team: str
    scopes: frozenset[str] | None
    time: datetime | None


def ask_bot_token(settings: SlackSettings) -> SlackAnswer:
    """Who the bot is. Raises `SlackError`."""
    client = _client(settings, settings.bot_token)
    try:
        answer = client.auth_test()
    except SlackApiError as exc:
        raise _refused("bot token", exc) from exc
    except (OSError, http.client.HTTPException, SlackClientError, ValueError) as exc:
        raise _unreachable(settings, exc) from exc
    headers = {str(name).lower(): value for name, value in answer.headers.items()}
    scopes = headers.get("x-oauth-scopes")
    return SlackAnswer(
        str(answer.get("user") or ""),
        str(answer.get("team") or ""),
        frozenset(item.strip() for item in str(scopes).split(",")) if scopes else None,
        _time(headers.get("date")),
    )


def ask_app_token(settings: SlackSettings) -> None:
    """Whether Socket Mode may be opened. Raises `SlackError`."""
    try:
        _client(settings, settings.app_token).apps_connections_open(app_token=settings.app_token)
    except SlackApiError as exc:
        raise _refused("app-level token", exc) from exc
    except (OSError, http.client.HTTPException, SlackClientError, ValueError) as exc:
        raise _unreachable(settings, exc) from exc


def _client(settings: SlackSettings, token: str) -> WebClient:
    return WebClient(token=token, base_url=settings.api_url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[])


def _refused(token: str, exc: SlackApiError) -> SlackError:
    code = str(exc.response.get("error") or f"HTTP {exc.response.status_code}")
    return SlackError(f"Slack does not accept the {token} ({code}).", _REMEDIES.get(code, "Look the code up at Slack."))


def _unreachable(settings: SlackSettings, exc: Exception) -> SlackError:
    reason = str(exc) or type(exc).__name__
    return SlackError(
        f"Slack cannot be reached at {settings.api_url} ({reason}).", "Check network, proxy and Slack's status."
    )


def _time(value: object) -> datetime | None:
    """The server's clock."""
    text = value[0] if isinstance(value, list) and value else value
    try:
        found = parsedate_to_datetime(str(text)) if text else None
    except ValueError:
        return None
    return found.astimezone(UTC) if found is not None and found.tzinfo else found
