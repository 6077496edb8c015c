"""Every call to Slack's Web API that this bot makes: what reads (`reading`), and what shows or changes something.

Used by everything here that talks to Slack, from worker threads only. `chat.postMessage` is not repeated once it may
have arrived, because then it would stand in the channel twice.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.adapters.slack.render.blocks import Json, Message
from bot.adapters.slack.render.card import as_message
from bot.adapters.slack.send.errors import SlackRefused
from bot.adapters.slack.send.reading import MARKER_TYPE, SlackReading
from bot.incidents.card_model import CardModel
from bot.redaction.boundary import Boundary

AWAITED_ATTEMPTS = 20
AWAITED_SECONDS = 0.1
"""How often, and how long apart, a modal is looked for that Slack has not put up yet."""

USED_TRIGGER = "exchanged_trigger_id"
REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Codes by which Slack says that it is the blocks that it does not take."""

Sent = TypeVar("Sent")

_log = logging.getLogger(__name__)


class SlackApi(SlackReading):
    """The Web API with one bot token. Safe to use from several threads. `stopping` and `failed`: see `SlackCalls`.

    boundary: has a last look at everything that is sent, so that no secret leaves by a path that nobody thought of
    """

    def __init__(
        self, token: str, api_url: str, stopping: threading.Event, boundary: Boundary, failed: Callable[[str], None]
    ) -> None:
        super().__init__(token, api_url, stopping, failed)
        self._boundary = boundary

    def post_once(
        self, channel: str, message: CardModel | Message, thread_ts: str | None, marker: Mapping[str, str]
    ) -> str:
        """Post a message that pings nobody and unfurls nothing; its timestamp. Never waits and never repeats.

        By the marker, which everybody in the workspace may read, the message can be found again.
        """
        said = self.last_look(as_message(message))

        def post(blocks: list[Json]) -> str:
            answer, _ = self._once(
                "chat.postMessage",
                lambda: self._client.chat_postMessage(
                    channel=channel,
                    text=said.text,
                    blocks=blocks,
                    thread_ts=thread_ts,
                    metadata={"event_type": MARKER_TYPE, "event_payload": dict(marker)},
                    unfurl_links=False,
                    unfurl_media=False,
                ),
            )
            return str(answer.get("ts") or "")

        return _or_its_text(said, post)

    def edit_once(self, channel: str, ts: str, message: CardModel | Message) -> None:
        """Replace a message of ours. Never waits: whoever calls knows what to do with a 429."""
        said = self.last_look(as_message(message))
        _or_its_text(
            said,
            lambda blocks: self._once(
                "chat.update", lambda: self._client.chat_update(channel=channel, ts=ts, text=said.text, blocks=blocks)
            ),
        )

    def whisper(self, channel: str, user: str, message: Message, thread_ts: str | None = None) -> None:
        """Show a message to one person only. Repeated without an answer: twice is better than never, and nobody can
        look whether it is there."""
        said = self.last_look(message)
        _or_its_text(
            said,
            lambda blocks: self._send(
                "chat.postEphemeral",
                lambda: self._client.chat_postEphemeral(
                    channel=channel, user=user, text=said.text, blocks=blocks, thread_ts=thread_ts
                ),
                repeatable=True,
            ),
        )

    def share(self, channel: str, thread_ts: str | None, files: Sequence[tuple[str, str]]) -> None:
        """Share text files, each a name and its content, in a thread. Needs the scope files:write. Never repeated."""
        uploads = [{"filename": name, "title": name, "content": self._boundary.text(text)} for name, text in files]
        self._send(
            "files.completeUploadExternal",
            lambda: self._client.files_upload_v2(file_uploads=uploads, channel=channel, thread_ts=thread_ts),
        )

    def open_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal and return its id. A trigger id is used once: what was opened without an answer is found by the
        name that it was given."""
        shown = {**self._boundary.slack(view), "external_id": secrets.token_hex(16)}
        try:
            answer, _ = self._send(
                "views.open", lambda: self._client.views_open(trigger_id=trigger_id, view=shown), repeatable=True
            )
        except SlackRefused as refused:
            if refused.code != USED_TRIGGER:
                raise
            answer, _ = self._send(
                "views.update",
                lambda: self._client.views_update(external_id=shown["external_id"], view=shown),
                repeatable=True,
            )
        return str((answer.get("view") or {}).get("id") or "")

    def update_view(self, view_id: str, view: Json) -> None:
        """Replace what an open modal shows."""
        shown = self._boundary.slack(view)
        self._send("views.update", lambda: self._client.views_update(view_id=view_id, view=shown), repeatable=True)

    def update_awaited_view(self, external_id: str, view: Json) -> None:
        """Replace what a modal shows that an acknowledgement has just put up, or is about to: it is waited for."""
        shown = self._boundary.slack(view)
        for attempt in range(1, AWAITED_ATTEMPTS + 1):
            try:
                self._send(
                    "views.update",
                    lambda: self._client.views_update(external_id=external_id, view=shown),
                    repeatable=True,
                )
            except SlackRefused as refused:
                if refused.code != "not_found" or attempt == AWAITED_ATTEMPTS or self._stopping.wait(AWAITED_SECONDS):
                    raise
            else:
                return

    def publish_home(self, user: str, view: Json) -> None:
        """views.publish: what this person sees on the bot's Home tab."""
        shown = self._boundary.slack(view)
        self._send("views.publish", lambda: self._client.views_publish(user_id=user, view=shown), repeatable=True)

    def last_look(self, message: Message) -> Message:
        """The message as it may be sent by whatever way: without secrets."""
        seen: Json = self._boundary.slack({"text": message.text, "blocks": message.blocks})
        return replace(message, text=str(seen["text"]), blocks=list(seen["blocks"]))


def _or_its_text(said: Message, send: Callable[[list[Json]], Sent]) -> Sent:
    """Send it with its blocks; where Slack does not take those, once more with its text alone, which says the same."""
    try:
        return send(said.blocks)
    except SlackRefused as refused:
        if refused.code not in REFUSED_BLOCKS or not said.blocks or not said.text:
            raise
        _log.error("a card is shown as plain text, because Slack refused its blocks: %s", refused)
        return send([])
