"""What is in the workspace: people, channels, messages, messages only one person sees, and notices.

Called by the Web API methods and by the people's actions, always under the lock of `Changes`. Messages are kept in
Slack's own JSON shape. It validates nothing and delivers nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bot.sandbox.workspace.acts.text import MentionNames
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.state.changes import Changes, WorkspaceChange
from bot.sandbox.workspace.state.seed import BOT_USER, Channel, Member, WorkspaceConfig

Json = dict[str, Any]


class WorkspaceState:
    """The state a person can see."""

    def __init__(self, config: WorkspaceConfig, clock: Callable[[], float], changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self._last_microseconds = 0
        self._count = 0
        self.people: dict[str, Member] = {person.id: person for person in config.people}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Json]] = {}
        self._replies: dict[tuple[str, str], dict[str, None]] = {}
        self.ephemerals: dict[str, dict[str, Json]] = {}
        self.notices: list[Json] = []
        self.usergroups: dict[str, tuple[str, tuple[str, ...]]] = dict(config.usergroups)
        for channel in config.channels:
            self.add_channel(copy.deepcopy(channel))
        for person in config.people:
            if not person.is_bot:
                self.direct_message(person.id)

    # ------------------------------------------------------------------ ids and names

    def next_ts(self) -> str:
        """A message timestamp: the clock's time, later than every timestamp before it."""
        now = max(int(self._clock() * 1_000_000), self._last_microseconds + 1)
        self._last_microseconds = now
        return f"{now // 1_000_000}.{now % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """An id unique in this workspace, shaped like Slack's."""
        self._count += 1
        return f"{prefix}{self._count:09d}"

    def names(self) -> MentionNames:
        """Everything a person can mention by name."""
        return MentionNames(
            people={person.name: person.id for person in self.people.values()},
            channels={channel.name: channel.id for channel in self.channels.values() if channel.kind != "im"},
            groups={handle: group for group, (handle, _) in self.usergroups.items()},
        )

    def person(self, user: str) -> Member:
        """The person with this id. Raises WorkspaceError."""
        if user not in self.people:
            raise WorkspaceError(f"There is no person {user}.", f"Use one of {', '.join(self.people)}.")
        return self.people[user]

    def channel(self, channel: str) -> Channel:
        """The channel with this id. Raises WorkspaceError."""
        if channel not in self.channels:
            raise WorkspaceError(f"There is no channel {channel}.", f"Use one of {', '.join(self.channels)}.")
        return self.channels[channel]

    # ------------------------------------------------------------------ channels

    def add_channel(self, channel: Channel) -> Channel:
        """Put a channel in the workspace."""
        channel.created = channel.created or int(self._clock())
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        return channel

    def direct_message(self, user: str) -> Channel:
        """The conversation between the bot and a person, made when it does not exist yet."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members and BOT_USER in channel.members:
                return channel
        return self.add_channel(Channel(f"D{user[1:]}", f"dm-{user}", [user, BOT_USER], kind="im"))

    # ------------------------------------------------------------------ messages

    def add_message(self, channel: str, message: Json) -> Json:
        """Show a message in a channel; a reply also updates its parent's counters."""
        self.messages[channel][message["ts"]] = message
        thread = message.get("thread_ts")
        if thread and thread != message["ts"]:
            self._replies.setdefault((channel, thread), {})[message["ts"]] = None
            self._count_replies(channel, thread)
        self._show(channel, message)
        return message

    def change_message(self, channel: str, ts: str, message: Json) -> None:
        """Show a new version of a message in place."""
        self.messages[channel][ts] = message
        self._show(channel, message)

    def remove_message(self, channel: str, ts: str) -> Json:
        """Take a message away."""
        message = self.messages[channel].pop(ts)
        self._changes.note(WorkspaceChange("message_gone", {"ts": ts}, channel=channel))
        thread = message.get("thread_ts")
        self._replies.get((channel, thread or ""), {}).pop(ts, None)
        if thread and thread != ts and thread in self.messages[channel]:
            self._count_replies(channel, thread)
        return message

    def thread(self, channel: str, thread_ts: str) -> list[Json]:
        """A parent and its replies, oldest first."""
        messages = self.messages[channel]
        return [messages[ts] for ts in (thread_ts, *self._replies.get((channel, thread_ts), ())) if ts in messages]

    def history(self, channel: str) -> list[Json]:
        """The messages of a channel without thread replies, oldest first."""
        return [
            message
            for ts, message in self.messages[channel].items()
            if message.get("thread_ts") in (None, ts) or message.get("subtype") == "thread_broadcast"
        ]

    def _count_replies(self, channel: str, thread_ts: str) -> None:
        parent = self.messages[channel].get(thread_ts)
        if parent is None:
            return
        replies = self.thread(channel, thread_ts)[1:]
        users = list(dict.fromkeys(reply["user"] for reply in replies if "user" in reply))
        counters = {
            "thread_ts": thread_ts,
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": replies[-1]["ts"] if replies else thread_ts,
        }
        self.messages[channel][thread_ts] = {**parent, **counters}
        self._show(channel, self.messages[channel][thread_ts])

    def _show(self, channel: str, message: Json) -> None:
        self._changes.note(WorkspaceChange("message", message, channel=channel))

    # ------------------------------------------------------------------ only for one person

    def put_ephemeral(self, user: str, message: Json) -> Json:
        """Show or replace a message only this person sees; it carries its channel."""
        self.ephemerals.setdefault(user, {})[message["ts"]] = message
        self._changes.note(WorkspaceChange("ephemeral", message, channel=message["channel"], audience=user))
        return message

    def remove_ephemeral(self, user: str, ts: str) -> None:
        """Take such a message away."""
        message = self.ephemerals.get(user, {}).pop(ts, None)
        if message is not None:
            self._changes.note(WorkspaceChange("ephemeral_gone", {"ts": ts}, channel=message["channel"], audience=user))

    def put_notice(self, user: str, text: str, **fields: Any) -> None:
        """Tell a person something Slack itself says, such as that a command failed."""
        notice = {"user": user, "text": text, "ts": self.next_ts(), **fields}
        self.notices.append(notice)
        self._changes.note(WorkspaceChange("notice", notice, channel=fields.get("channel"), audience=user))
