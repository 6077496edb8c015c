"""Permissions that run out: trigger ids (one use, about three seconds) and response URLs (five uses, thirty minutes).

Issued with every interaction, redeemed by views.open, views.push and by posts to the response URL.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.errors import MethodError

RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5
FORGOTTEN_SECONDS = 24 * 3600.0  # an expired one is called expired for a day, then unknown


@dataclass
class Trigger:
    """One interaction by one person; `view` is the modal it happened in, if any."""

    user: str
    issued_at: float
    view: str | None = None
    exchanged: bool = False


class Triggers:
    """Issues and redeems trigger ids. Times are the clock's seconds; an id is good for `seconds`."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view: str | None = None) -> str:
        """A new trigger id for something this person just did."""
        forget(self._triggers, self._clock() - FORGOTTEN_SECONDS)
        trigger_id = f"{len(self._triggers) + 1}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, self._clock(), view)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """The interaction behind the id. Raises MethodError when it is unknown, used or too old."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise MethodError("invalid_trigger_id")
        if trigger.exchanged:
            raise MethodError("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > self._seconds:
            raise MethodError("expired_trigger_id")
        trigger.exchanged = True
        return trigger


@dataclass
class ResponseUrl:
    """Where a response goes: to a channel, and back to the message it came from.

    message_ts: the message with the button, or the message a shortcut was used on; None for a slash command
    ephemeral:  that message is visible to `user` only
    """

    user: str
    channel: str
    issued_at: float
    message_ts: str | None = None
    ephemeral: bool = False
    uses: int = 0


def forget(issued: dict[str, Any], before: float) -> None:
    """Drop what was issued before a time; the oldest come first."""
    while issued and next(iter(issued.values())).issued_at < before:
        del issued[next(iter(issued))]


class ResponseUrls:
    """Issues and redeems response URLs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, message_ts: str | None = None, *, ephemeral: bool = False) -> str:
        """The secret last part of a new response URL."""
        forget(self._urls, self._clock() - FORGOTTEN_SECONDS)
        token = secrets.token_urlsafe(24)
        self._urls[token] = ResponseUrl(user, channel, self._clock(), message_ts, ephemeral)
        return token

    def peek(self, token: str) -> ResponseUrl:
        """The target behind a URL this workspace just issued, without using it."""
        return self._urls[token]

    def redeem(self, token: str) -> ResponseUrl:
        """The target behind the URL. Raises MethodError when it is unknown, used up or expired."""
        target = self._urls.get(token)
        if target is None:
            raise MethodError("invalid_url")
        if self._clock() - target.issued_at > RESPONSE_URL_SECONDS:
            raise MethodError("expired_url")
        if target.uses >= RESPONSE_URL_USES:
            raise MethodError("used_url")
        target.uses += 1
        return target
