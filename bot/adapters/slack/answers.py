"""Where an answer appears: a message of ours that is edited in place, a card that is there already, or a private note.

Used by `triages`, from worker threads. Showing one never raises: an answer that cannot be shown is logged, because
there is nobody left to tell.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
from collections.abc import Callable
from typing import Protocol

from slack_sdk.webhook import WebhookClient

from bot.adapters.slack.blocks import Message
from bot.adapters.slack.files import may_see_token
from bot.adapters.slack.limits import HTTP_TIMEOUT_SECONDS, RESPONSE_URL_USES
from bot.adapters.slack.outbox import Fixed, Outbox
from bot.adapters.slack.schedule import Target
from bot.domain.errors import SlackError

SETTLE_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Answer(Protocol):
    """One answer while it takes shape."""

    def progress(self, message: Message) -> None:
        """Show what is being done now, if there is time for it."""

    def finish(self, message: Message) -> None:
        """Show the outcome."""

    def settle(self) -> str:
        """No progress comes any more. Where the answer stands, if it is a message that others see; else empty."""


class RoomAnswer:
    """A message in a channel.

    placed:   told the timestamp, once it stands there
    finished: told once the outcome is shown, or certainly never will be
    refused:  told when the bot may not post there, with what it wanted to say
    """

    def __init__(
        self,
        outbox: Outbox,
        target: Target,
        placed: Callable[[str], None],
        finished: Callable[[], None],
        refused: Callable[[Message, SlackError], None],
    ) -> None:
        self._outbox = outbox
        self._target = target
        self._placed = placed
        self._finished = finished
        self._refused = refused
        self._known = target.ts

    def progress(self, message: Message) -> None:
        """See `Answer`."""
        self._show(message, final=False)

    def finish(self, message: Message) -> None:
        """See `Answer`."""
        self._show(message, final=True)

    def settle(self) -> str:
        """See `Answer`."""
        return self._outbox.settle(self._target, SETTLE_SECONDS)

    def _show(self, message: Message, *, final: bool) -> None:
        def shown(target: Target) -> None:
            if target.ts != self._known:
                self._known = target.ts
                self._placed(target.ts)
            if final:
                self._finished()

        def refused(_: Target, error: SlackError) -> None:
            self._refused(message, error)
            if final:
                self._finished()

        self._outbox.show(self._target, Fixed(message, shown, refused), final=final)


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
    ) -> None:
        """`replace`: the note takes the place of the one with the button that was pressed."""
        self._last_look = last_look
        self._url = response_url if may_see_token(response_url, api_url) else ""
        self._replace = replace
        self._finished = finished
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
        self._finished()

    def settle(self) -> str:
        """See `Answer`."""
        return ""

    def _send(self, message: Message) -> None:
        with self._lock:
            self._uses += 1
            if not self._url or self._uses > RESPONSE_URL_USES:
                _log.error("a private answer could not be sent: no usable response URL is left")
                return
        message = self._last_look(message)
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


class CardAnswer:
    """The card of an incident that is checked again. `step` and `note` change what it says."""

    def __init__(self, step: Callable[[Message], None], note: Callable[[Message], None]) -> None:
        self._step = step
        self._note = note

    def progress(self, message: Message) -> None:
        """See `Answer`."""
        self._step(message)

    def finish(self, message: Message) -> None:
        """See `Answer`."""
        self._note(message)

    def settle(self) -> str:
        """See `Answer`."""
        return ""
