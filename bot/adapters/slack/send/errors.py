"""How a call to Slack fails: `SlackRefused` or `SlackUnreachable`, made of what the SDK raises."""

from __future__ import annotations

import socket
import urllib.error

from slack_sdk.errors import SlackApiError

from bot.domain.errors import SlackError, Unsent

_REMEDIES = {
    "not_in_channel": "Invite the bot to the channel.",
    "channel_not_found": "Invite the bot to the channel.",
    "is_archived": "Ask in a channel that is not archived.",
    "missing_scope": "Add the scope under OAuth & Permissions, then install the app again.",
    "expired_trigger_id": "Press the button again.",
    "ratelimited": "Ask again in a minute.",
    "thread_not_found": "The message was deleted meanwhile; ask again if you still need the answer.",
}


PAUSE_SECONDS = 1.0
PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Codes after which the same call may succeed a little later."""
UNEDITABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})


class SlackRefused(SlackError):
    """Slack answered, and the answer is an error: `code` is Slack's (`not_in_channel`), `status` the HTTP status."""

    def __init__(self, method: str, code: str, status: int = 200, retry_after: float = 0.0, needed: str = "") -> None:
        """`needed` is the scope that is missing, where it is one."""
        remedy = _REMEDIES.get(code, "Ask again; if it stays, tell whoever runs the bot this code.")
        super().__init__(f"Slack refused {method}: {code}.", remedy)
        self.method = method
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.needed = needed
        if code == "ratelimited":
            self.unsent = Unsent.TOO_FAST
        elif status >= 500 or code in PASSING:
            # "Some aspect of the operation may have succeeded", as Slack puts it.
            self.unsent, self.may_have_arrived = Unsent.LATER, True
        elif code in UNEDITABLE:
            self.unsent = Unsent.GONE


class SlackUnreachable(SlackError):
    """No usable answer. `arrived` is False when the request certainly never reached Slack."""

    def __init__(self, method: str, reason: str, *, arrived: bool) -> None:
        super().__init__(
            f"Slack gave no answer to {method}: {reason}.", "Check the network, the proxy and Slack's status."
        )
        self.method = method
        self.arrived = arrived
        self.unsent, self.may_have_arrived = Unsent.LATER, arrived


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
    return SlackRefused(method, code, status, retry_after, str(response.get("needed") or ""))


def may_have_arrived(error: Exception) -> bool:
    """Whether Slack may have got the call that broke off so."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    # gaierror and a refused connection happen before a byte is sent
    return not (isinstance(cause, ConnectionRefusedError | socket.gaierror))


def reason_of(error: Exception) -> str:
    """Why, in the words of whatever broke."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return str(cause) or type(cause).__name__
