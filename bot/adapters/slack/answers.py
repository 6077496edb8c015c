"""Where an answer appears: a message of ours that is edited in place, or a note that one person sees.

Used by `triages`, from worker threads. Neither kind ever raises: an answer that cannot be shown is logged, because
there is nobody left to tell.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from typing import Protocol

from slack_sdk.webhook import WebhookClient

from bot.adapters.slack.api import MessageRef
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.files import may_see_token
from bot.adapters.slack.limits import HTTP_TIMEOUT_SECONDS, RESPONSE_URL_USES
from bot.adapters.slack.outbox import Outbox
from bot.adapters.slack.records import Place

_log = logging.getLogger(__name__)


class Answer(Protocol):
    """One answer while it takes shape."""

    place: Place

    def progress(self, message: Message) -> None:
        """Show what is being done now, if there is time for it."""

    def finish(self, message: Message) -> None:
        """Show the outcome."""


class EditedAnswer:
    """A message in a channel that becomes the card."""

    def __init__(self, outbox: Outbox, team: str, ref: MessageRef) -> None:
        self._outbox = outbox
        self._ref = ref
        self.place = Place(team, ref.channel, ref)

    def progress(self, message: Message) -> None:
        """See `Answer`."""
        self._outbox.edit(self._ref, message, final=False)

    def finish(self, message: Message) -> None:
        """See `Answer`."""
        self._outbox.edit(self._ref, message, final=True)


class PrivateAnswer:
    """A note for one person through a response URL, which allows five uses: one for the progress, one for the end."""

    def __init__(self, response_url: str, api_url: str, place: Place, *, replace: bool = False) -> None:
        """`replace`: the note takes the place of the one with the button that was pressed."""
        self.place = place
        self._url = response_url if may_see_token(response_url, api_url) else ""
        self._replace = replace
        self._lock = threading.Lock()
        self._uses = 0

    def progress(self, message: Message) -> None:
        """See `Answer`. Shown once: further steps are not worth a use of the URL."""
        with self._lock:
            first = self._uses == 0
        if first:
            self._send(message)

    def finish(self, message: Message) -> None:
        """See `Answer`."""
        self._send(message)

    def _send(self, message: Message) -> None:
        with self._lock:
            self._uses += 1
            if not self._url or self._uses > RESPONSE_URL_USES:
                _log.error("a private answer could not be sent: no usable response URL is left")
                return
        try:
            # No retry handlers of the SDK: its default could show the answer twice.
            client = WebhookClient(self._url, timeout=HTTP_TIMEOUT_SECONDS, retry_handlers=[], logger=_log)
            answer = client.send(
                text=message.text,
                blocks=message.blocks,
                response_type="ephemeral",
                replace_original=self._replace,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (OSError, ssl.SSLError, http.client.HTTPException, ValueError) as error:
            _log.error("a private answer could not be sent: %s", error)
        else:
            if answer.status_code != 200:
                _log.error("a private answer was refused: HTTP %d %.200s", answer.status_code, answer.body)
