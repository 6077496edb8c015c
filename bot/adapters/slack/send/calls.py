"""How a call to Slack's Web API is made: one way of failing, `SlackRefused` or `SlackUnreachable`.

A 429 is waited out, within bounds, in the thread that calls. A call is repeated after a broken connection only if
repeating it is harmless. Used by `reading` and `api`.
"""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.render.limits import HTTP_TIMEOUT_SECONDS
from bot.adapters.slack.send.errors import (
    PASSING,
    PAUSE_SECONDS,
    SlackRefused,
    SlackUnreachable,
    may_have_arrived,
    reason_of,
    refused_from,
)

ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 60.0

_log = logging.getLogger(__name__)


class SlackCalls:
    """Calls with one bot token. Safe to use from several threads.

    stopping: ends every wait
    failed:   told the code of every call that failed, also of those that are repeated
    """

    def __init__(self, token: str, api_url: str, stopping: threading.Event, failed: Callable[[str], None]) -> None:
        self._failed = failed
        # No retry handlers of the SDK: its default repeats chat.postMessage after a dropped connection.
        self._client = WebClient(
            token=token, base_url=api_url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[], logger=_log
        )
        self._stopping = stopping

    def pause(self, seconds: float) -> bool:
        """Wait before a call is made again; False when the program ends, or that is too long."""
        return seconds <= LONGEST_WAIT_SECONDS and not self._stopping.wait(seconds)

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

    def _once(self, method: str, call: Callable[[], Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        try:
            response = call()
        except SlackApiError as error:
            refused = refused_from(method, error)
            self._failed(refused.code)
            raise refused from error
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            self._failed("unreachable")
            raise SlackUnreachable(method, reason_of(error), arrived=may_have_arrived(error)) from error
        headers = {str(name).lower(): str(value) for name, value in dict(response.headers).items()}
        return response.data if isinstance(response.data, dict) else {}, headers


def _wait_after(refused: SlackRefused, *, repeatable: bool) -> float | None:
    """Seconds until the call may be repeated; None: never. A 429 was not acted on, so it may always be repeated."""
    if refused.code == "ratelimited":
        return refused.retry_after if refused.retry_after <= LONGEST_WAIT_SECONDS else None
    passes = refused.status >= 500 or refused.code in PASSING
    return PAUSE_SECONDS if repeatable and passes else None
