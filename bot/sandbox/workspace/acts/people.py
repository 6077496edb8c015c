"""What people do in channels: write, edit, delete, share files, use slash commands and message shortcuts.

Called by tests and by the page, from any thread. Each action changes the workspace and tells the app about it, exactly
as Slack would. It refuses what Slack's own client would not let a person do.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from bot.sandbox.workspace.acts.text import compose, escape
from bot.sandbox.workspace.api import response_url
from bot.sandbox.workspace.core import Played
from bot.sandbox.workspace.delivery import payloads
from bot.sandbox.workspace.delivery.dispatch import deliver_event, deliver_interaction
from bot.sandbox.workspace.errors import MethodError, WorkspaceError
from bot.sandbox.workspace.state.files import Upload, unseen
from bot.sandbox.workspace.state.seed import BOT_USER, EXTERNAL_TEAM, ONCALL, TEAM, Channel, Member

Json = dict[str, Any]

TEXT_CHARACTERS = 40_000


class WorkspacePeople(Played):
    """The people's side of the channels."""

    def post_message(
        self,
        channel: str,
        text: str,
        *,
        user: str = ONCALL,
        thread_ts: str | None = None,
        files: Sequence[Upload] = (),
    ) -> str:
        """Write a message, with files if any; its timestamp.

        The app gets a `message` event and, when it is mentioned, an `app_mention` too. Raises WorkspaceError when the
        person is not in the channel, or the message is empty, too long, or a reply to nothing.
        """
        core = self._core
        with core.changes.lock:
            room, person = self._present(channel, user)
            self._check(room, text, thread_ts, files)
            composed = compose(text, core.store.names())
            message: Json = {
                "type": "message",
                "user": user,
                "client_msg_id": str(uuid.uuid4()),
                "text": composed.text,
                "team": person.team_id,
                "ts": core.store.next_ts(),
            }
            if composed.blocks:
                message["blocks"] = [{**block, "block_id": core.store.next_id("b")} for block in composed.blocks]
            if thread_ts:
                parent = core.store.messages[channel][thread_ts]
                message |= {"thread_ts": thread_ts, "parent_user_id": parent.get("user")}
            if files:
                message |= self._share(room, person, files)
            core.store.add_message(channel, message)
            self._tell(room, self._as_delivered(message, person), BOT_USER in composed.mentions)
            return str(message["ts"])

    def edit_message(self, channel: str, ts: str, text: str, *, user: str = ONCALL) -> None:
        """Change one's own message; the app gets `message_changed`. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            room, _ = self._present(channel, user)
            previous = self._own(channel, ts, user)
            composed = compose(text, core.store.names())
            edit_ts = core.store.next_ts()
            message = {**previous, "text": composed.text, "blocks": composed.blocks}
            message["edited"] = {"user": user, "ts": edit_ts}
            core.store.change_message(channel, ts, message)
            deliver_event(core, payloads.changed_event(room, message, previous, edit_ts), room)

    def delete_message(self, channel: str, ts: str, *, user: str = ONCALL) -> None:
        """Delete one's own message; the app gets `message_deleted`. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            room, _ = self._present(channel, user)
            previous = self._own(channel, ts, user)
            core.store.remove_message(channel, ts)
            deliver_event(core, payloads.deleted_event(room, previous, core.store.next_ts()), room)

    def invite_bot(self, channel: str, *, user: str = ONCALL) -> None:
        """Bring the app's bot into a channel. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            room, _ = self._present(channel, user)
            if BOT_USER in room.members:
                return
            room.members.append(BOT_USER)
            joined = {"type": "member_joined_channel", "user": BOT_USER, "channel": channel, "channel_type": "C"}
            deliver_event(core, joined | {"team": TEAM, "inviter": user, "event_ts": core.store.next_ts()}, room)
            name = core.store.people[BOT_USER].name
            core.store.put_notice(user, f"@{name} has joined #{room.name}.", channel=channel)

    def slash_command(self, command: str, text: str, *, user: str = ONCALL, channel: str) -> None:
        """Use a slash command. What goes wrong is shown to the person, as in Slack. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            room, person = self._present(channel, user)
            if person.is_external or command not in core.config.commands:
                core.store.put_notice(user, f"{command} is not a valid command.", channel=channel, error="no_command")
                return
            payload = payloads.slash_command(core, command, escape(text.strip()), user, room)
            token = payload["response_url"].rsplit("/", 1)[-1]

            def acked(response: Json | None) -> None:
                if response:
                    self._answer_at_once(token, response, command, user, channel)

            def failed(error: str) -> None:
                words = f'{command} failed with the error "{error}"'
                core.store.put_notice(user, words, channel=channel, error=error)

            deliver_interaction(core, "slash_commands", payload, acked, failed)

    def message_shortcut(self, callback_id: str, channel: str, message_ts: str, *, user: str = ONCALL) -> None:
        """Use a shortcut from a message's menu. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            room, person = self._present(channel, user)
            message = core.store.messages[channel].get(message_ts)
            if message is None:
                raise WorkspaceError(
                    f"There is no message {message_ts} in {channel}.", "Use the ts of a message there."
                )
            if callback_id not in core.config.shortcuts or person.is_external:
                core.store.put_notice(
                    user, "This shortcut is not available to you.", channel=channel, error="no_shortcut"
                )
                return
            payload = payloads.message_shortcut(core, callback_id, user, room, message)

            def failed(error: str) -> None:
                words = f'"{core.config.shortcuts[callback_id]}" failed with the error "{error}"'
                core.store.put_notice(user, words, channel=channel, error=error)

            deliver_interaction(core, "interactive", payload, lambda _: None, failed)

    # ------------------------------------------------------------------ helpers

    def _present(self, channel: str, user: str) -> tuple[Channel, Member]:
        room, person = self._core.store.channel(channel), self._core.store.person(user)
        if user not in room.members:
            raise WorkspaceError(f"{person.real_name} is not in {room.name}.", "Choose a channel this person is in.")
        return room, person

    def _own(self, channel: str, ts: str, user: str) -> Json:
        message = self._core.store.messages[channel].get(ts)
        if message is None or message.get("user") != user or "bot_id" in message:
            raise WorkspaceError("Only one's own messages can be changed.", "Choose a message this person wrote.")
        return message

    def _check(self, room: Channel, text: str, thread_ts: str | None, files: Sequence[Upload]) -> None:
        if not text.strip() and not files:
            raise WorkspaceError("The message is empty.", "Write something, or add a file.")
        if len(text) > TEXT_CHARACTERS:
            raise WorkspaceError("The message is longer than 40,000 characters.", "Send it as a text file.")
        if thread_ts is not None and thread_ts not in self._core.store.messages[room.id]:
            raise WorkspaceError(f"There is no thread {thread_ts} in {room.name}.", "Use the ts of its first message.")

    def _share(self, room: Channel, person: Member, files: Sequence[Upload]) -> Json:
        stored = [self._core.files.add(upload, person.id, room.id) for upload in files]
        described = [self._core.files.described(file) for file in stored]
        for description in described:
            description["user_team"] = person.team_id
        return {"subtype": "file_share", "files": described, "upload": True, "display_as_bot": False}

    def _as_delivered(self, message: Json, person: Member) -> Json:
        """Files from a connected workspace arrive as a bare id."""
        if "files" not in message or person.team_id != EXTERNAL_TEAM:
            return message
        return {**message, "files": [unseen(self._core.files.get(file["id"])) for file in message["files"]]}

    def _tell(self, room: Channel, message: Json, mentioned: bool) -> None:
        core = self._core
        if mentioned and BOT_USER not in room.members:
            name = core.store.people[BOT_USER].name
            words = f"You mentioned @{name}, but they're not in this channel."
            core.store.put_notice(message["user"], words, channel=room.id, invite=True)
            return
        deliver_event(core, payloads.message_event(core, room, message), room)
        if mentioned and room.kind != "im":
            deliver_event(core, payloads.mention_event(core, room, message), room)
        for file in message.get("files", ()):
            shared = {
                "type": "file_shared",
                "file_id": file["id"],
                "file": {"id": file["id"]},
                "user_id": message["user"],
            }
            deliver_event(core, shared | {"channel_id": room.id, "event_ts": message["ts"]}, room)

    def _answer_at_once(self, token: str, response: Json, command: str, user: str, channel: str) -> None:
        """An acknowledgement that carries a message does what a response URL does, but does not use it up."""
        try:
            response_url.apply(self._core, self._core.response_urls.peek(token), response)
        except MethodError as refused:
            words = f'{command} failed with the error "{refused.code}"'
            self._core.store.put_notice(user, words, channel=channel, error=refused.code)
