"""What is read from Slack: who the bot is, people and channels, messages, files. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.send.calls import SlackCalls
from bot.adapters.slack.send.errors import SlackRefused

MARKER_TYPE = "triage_answer"
THREAD_PAGE = 500
THREAD_PAGES = 10
"""The first five thousand messages of a thread are read, in pages: Slack gives the oldest first."""


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


class SlackReading(SlackCalls):
    """Every call that reads. All may be repeated."""

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


def marker_of(message: Json) -> Json:
    """What was posted along with a message of ours (see `SlackApi.post_once`); empty for any other message."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") if metadata.get("event_type") == MARKER_TYPE else None
    return payload if isinstance(payload, dict) else {}
