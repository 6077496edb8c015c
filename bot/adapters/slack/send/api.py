"""Every call to Slack's Web API that this bot makes, with one way of failing: `SlackRefused` or `SlackUnreachable`.

Used by everything here that talks to Slack, from worker threads only. A 429 is waited out, within bounds, in the thread
that calls. A call is repeated after a broken connection only if repeating it is harmless: `chat.postMessage` is not
repeated once it may have arrived, because then it would stand in the channel twice.
"""

from __future__ import annotations

import http.client
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.adapters.slack.render.blocks import Json, Message
from bot.adapters.slack.render.card import as_message
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
from bot.incidents.card_model import CardModel
from bot.redaction.boundary import Boundary

ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 60.0
AWAITED_ATTEMPTS = 20
AWAITED_SECONDS = 0.1
"""How often, and how long apart, a modal is looked for that Slack has not put up yet."""
MARKER_TYPE = "triage_answer"
THREAD_PAGE = 500
THREAD_PAGES = 10
"""The first five thousand messages of a thread are read, in pages: Slack gives the oldest first."""

USED_TRIGGER = "exchanged_trigger_id"
REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""Codes by which Slack says that it is the blocks that it does not take."""

Sent = TypeVar("Sent")

_log = logging.getLogger(__name__)


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


class SlackApi:
    """The Web API with one bot token. Safe to use from several threads.

    stopping: ends every wait
    boundary: has a last look at everything that is sent, so that no secret leaves by a path that nobody thought of
    failed:   told the code of every call that failed, also of those that are repeated
    """

    def __init__(
        self, token: str, api_url: str, stopping: threading.Event, boundary: Boundary, failed: Callable[[str], None]
    ) -> None:
        self._boundary = boundary
        self._failed = failed
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

    def find_marked(self, channel: str, thread_ts: str | None, marked: str) -> str:
        """The timestamp of our newest message with this id in its marker; empty: the thread (or channel) has none."""
        found = self.thread(channel, thread_ts) if thread_ts else self._newest(channel)
        return next(
            (str(message.get("ts")) for message in reversed(found) if marker_of(message).get("id") == marked), ""
        )

    def thread(self, channel: str, thread_ts: str) -> list[Json]:
        """conversations.replies: the messages of a thread, oldest first, the first five thousand of them."""
        found: list[Json] = []
        cursor: str | None = None
        for _ in range(THREAD_PAGES):
            answer, _ = self._send(
                "conversations.replies",
                lambda at=cursor: self._client.conversations_replies(  # type: ignore[misc]
                    channel=channel, ts=thread_ts, limit=THREAD_PAGE, cursor=at, include_all_metadata=True
                ),
                repeatable=True,
            )
            found += [message for message in answer.get("messages") or () if isinstance(message, dict)]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return list({str(message.get("ts")): message for message in found}.values())

    def message(self, channel: str, ts: str, thread_ts: str = "") -> Json | None:
        """conversations.replies: one message, of a channel or of a thread; None when it is gone."""
        try:
            answer, _ = self._send(
                "conversations.replies",
                lambda: self._client.conversations_replies(
                    channel=channel, ts=thread_ts or ts, oldest=ts, latest=ts, inclusive=True, limit=10
                ),
                repeatable=True,
            )
        except SlackRefused as refused:
            if refused.code in ("thread_not_found", "message_not_found"):
                return None
            raise
        found = (one for one in answer.get("messages") or () if isinstance(one, dict))
        return next((one for one in found if one.get("ts") == ts and one.get("subtype") != "tombstone"), None)

    def history(self, channel: str, oldest: float, most: int) -> list[Json]:
        """conversations.history: the messages of a channel since then, oldest first, the newest `most` of them."""
        answer, _ = self._send(
            "conversations.history",
            lambda: self._client.conversations_history(channel=channel, oldest=f"{oldest:.6f}", limit=most),
            repeatable=True,
        )
        return [message for message in reversed(answer.get("messages") or ()) if isinstance(message, dict)]

    def _newest(self, channel: str) -> list[Json]:
        answer, _ = self._send(
            "conversations.history",
            lambda: self._client.conversations_history(channel=channel, limit=50, include_all_metadata=True),
            repeatable=True,
        )
        return [message for message in reversed(answer.get("messages") or ()) if isinstance(message, dict)]

    def permalink(self, channel: str, ts: str) -> str:
        """chat.getPermalink: an address of the message that works for everybody who may read it."""
        answer, _ = self._send(
            "chat.getPermalink",
            lambda: self._client.chat_getPermalink(channel=channel, message_ts=ts),
            repeatable=True,
        )
        return str(answer.get("permalink") or "")

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

    def user_groups(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        """usergroups.list: the handle of each user group in use, and the ids of its people, by the group's id."""
        answer, _ = self._send(
            "usergroups.list", lambda: self._client.usergroups_list(include_users=True), repeatable=True
        )
        return {
            str(group.get("id")): (
                str(group.get("handle") or ""),
                frozenset(str(user) for user in group.get("users") or ()),
            )
            for group in answer.get("usergroups") or ()
            if isinstance(group, dict) and not group.get("date_delete")
        }

    def publish_home(self, user: str, view: Json) -> None:
        """views.publish: what this person sees on the bot's Home tab."""
        shown = self._boundary.slack(view)
        self._send("views.publish", lambda: self._client.views_publish(user_id=user, view=shown), repeatable=True)

    def last_look(self, message: Message) -> Message:
        """The message as it may be sent by whatever way: without secrets."""
        seen: Json = self._boundary.slack({"text": message.text, "blocks": message.blocks})
        return replace(message, text=str(seen["text"]), blocks=list(seen["blocks"]))

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

    def members(self, channel: str) -> list[str]:
        """conversations.members: the first thousand ids of people in a channel."""
        answer, _ = self._send(
            "conversations.members",
            lambda: self._client.conversations_members(channel=channel, limit=1000),
            repeatable=True,
        )
        return [str(user) for user in answer.get("members") or ()]

    def file(self, file: str) -> Json:
        """files.info: the file object."""
        answer, _ = self._send("files.info", lambda: self._client.files_info(file=file), repeatable=True)
        return dict(answer.get("file") or {})

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


def _or_its_text(said: Message, send: Callable[[list[Json]], Sent]) -> Sent:
    """Send it with its blocks; where Slack does not take those, once more with its text alone, which says the same."""
    try:
        return send(said.blocks)
    except SlackRefused as refused:
        if refused.code not in REFUSED_BLOCKS or not said.blocks or not said.text:
            raise
        _log.error("a card is shown as plain text, because Slack refused its blocks: %s", refused)
        return send([])


def marker_of(message: Json) -> Json:
    """What was posted along with a message of ours (see `SlackApi.post_once`); empty for any other message."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") if metadata.get("event_type") == MARKER_TYPE else None
    return payload if isinstance(payload, dict) else {}


def _wait_after(refused: SlackRefused, *, repeatable: bool) -> float | None:
    """Seconds until the call may be repeated; None: never. A 429 was not acted on, so it may always be repeated."""
    if refused.code == "ratelimited":
        return refused.retry_after if refused.retry_after <= LONGEST_WAIT_SECONDS else None
    passes = refused.status >= 500 or refused.code in PASSING
    return PAUSE_SECONDS if repeatable and passes else None
