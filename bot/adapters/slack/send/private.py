"""A private note for one person through a response URL.

Used from worker threads. Sending one never raises: what cannot be sent is logged, because there is nobody left to tell.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from collections.abc import Callable

from slack_sdk.webhook import WebhookClient

from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.render.card import as_message
from bot.adapters.slack.render.limits import HTTP_TIMEOUT_SECONDS, RESPONSE_URL_USES
from bot.adapters.slack.send.errors import PAUSE_SECONDS
from bot.adapters.slack.send.trust import may_see_token
from bot.incidents.card_model import CardModel

ATTEMPTS = 3

_log = logging.getLogger(__name__)


class PrivateAnswer:
    """A note for one person through a response URL, which allows five uses: one for the progress, one for the end."""

    def __init__(
        self,
        response_url: str,
        api_url: str,
        last_look: Callable[[Message], Message],
        *,
        replace: bool = False,
        finished: Callable[[], None] = lambda: None,
        pause: Callable[[float], bool] = lambda _: False,
    ) -> None:
        """`replace`: the note takes the place of the one with the button that was pressed. `pause` waits so many
        seconds before the next attempt; False: there is none."""
        self._last_look = last_look
        self._url = response_url if may_see_token(response_url, api_url) else ""
        self._replace = replace
        self._finished = finished
        self._pause = pause
        self._lock = threading.Lock()
        self._uses = 0

    def progress(self, message: CardModel | Message) -> None:
        """See `Answer`. Shown once: further steps are not worth a use of the URL."""
        with self._lock:
            first = self._uses == 0
        if first:
            self._send(message)

    def finish(self, message: CardModel | Message) -> None:
        """See `Answer`."""
        self._send(message)
        self._finished()

    def settle(self) -> str:
        """See `Answer`."""
        return ""

    def _send(self, message: CardModel | Message) -> None:
        said = self._last_look(as_message(message))
        for _ in range(ATTEMPTS):
            with self._lock:
                self._uses += 1
                if not self._url or self._uses > RESPONSE_URL_USES:
                    _log.error("a private answer could not be sent: no usable response URL is left")
                    return
            again = self._sent(said)
            if again is None or not self._pause(again):
                return

    def _sent(self, said: Message) -> float | None:
        """Send it once; None when that is over, else in how many seconds it may be sent again.

        Without an answer as well: a note that is read twice is better than none, and nobody can look whether it is
        there.
        """
        try:
            # No retry handlers of the SDK: its default could show the answer twice.
            client = WebhookClient(self._url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[], logger=_log)
            answer = client.send(
                text=said.text,
                blocks=said.blocks,
                response_type="ephemeral",
                replace_original=self._replace,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (OSError, ssl.SSLError, http.client.HTTPException, ValueError) as error:
            _log.error("a private answer could not be sent: %s", error)
            return PAUSE_SECONDS
        if answer.status_code == 200:
            return None
        _log.error("a private answer was refused: HTTP %d %.200s", answer.status_code, answer.body)
        if answer.status_code == 429:
            return _seconds(dict(answer.headers).get("Retry-After"))
        return PAUSE_SECONDS if answer.status_code >= 500 else None


def _seconds(text: object) -> float:
    try:
        return max(PAUSE_SECONDS, float(str(text)))
    except ValueError:
        return PAUSE_SECONDS
