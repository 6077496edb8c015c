"""Puts the bot's own messages into the workspace and tells the bot about them, as Slack does.

Called by the chat methods, by response URLs and by acknowledgements that carry a message. The caller holds the lock.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.delivery import payloads
from bot.sandbox.workspace.delivery.dispatch import deliver_event
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.rules import validate
from bot.sandbox.workspace.rules.validate import PayloadRefusal
from bot.sandbox.workspace.state.seed import APP, BOT, BOT_USER, TEAM, Channel
from bot.sandbox.workspace.state.views import with_ids

Json = dict[str, Any]

TEXT_CHARACTERS = 40_000  # Slack cuts longer text off


def refuse(refusal: PayloadRefusal | None) -> None:
    """Raise what the validator found."""
    if refusal is not None:
        raise MethodError(refusal.error, refusal.messages)


def content(text: str | None, blocks: object, attachments: object, *, updating: bool = False) -> Json:
    """The validated visible part of a bot's message. Raises MethodError."""
    refuse(validate.check_message(text=text, blocks=blocks, attachments=attachments, updating=updating))
    shown: Json = {"text": (text if text is not None else fallback(blocks))[:TEXT_CHARACTERS]}
    if isinstance(blocks, list) and blocks:
        shown["blocks"] = with_ids(blocks)
    if isinstance(attachments, list) and attachments:
        shown["attachments"] = [_attachment(index, attachment) for index, attachment in enumerate(attachments, 1)]
    return shown


def _attachment(index: int, attachment: Json) -> Json:
    numbered = {"id": index, "fallback": "[no preview available]", **attachment}
    return numbered | {"blocks": with_ids(attachment["blocks"])} if attachment.get("blocks") else numbered


def fallback(blocks: object) -> str:
    """The text Slack builds for notifications when an app sends blocks alone."""
    texts: list[str] = []
    for block in blocks if isinstance(blocks, list) else []:
        holders = [block.get("text"), *(block.get("fields") or ())]
        texts.extend(holder["text"] for holder in holders if isinstance(holder, dict) and "text" in holder)
    return " ".join(texts)


def bot_message(core: WorkspaceCore, ts: str, shown: Json, thread_ts: str | None = None) -> Json:
    """A message by the bot."""
    message: Json = {
        "type": "message",
        "user": BOT_USER,
        "bot_id": BOT,
        "app_id": APP,
        "team": TEAM,
        "ts": ts,
        "bot_profile": {"id": BOT, "app_id": APP, "name": core.store.people[BOT_USER].name, "team_id": TEAM},
        **shown,
    }
    return message | {"thread_ts": thread_ts} if thread_ts else message


def post(
    core: WorkspaceCore, channel: Channel, shown: Json, thread_ts: str | None = None, *, broadcast: bool = False
) -> Json:
    """Post as the bot. Raises MethodError when the thread cannot be replied to."""
    if thread_ts is not None:
        parent = core.store.messages[channel.id].get(thread_ts)
        if parent is None:
            raise MethodError("thread_not_found")
        if parent.get("thread_ts") not in (None, thread_ts):
            raise MethodError("cannot_reply_to_message")  # a reply's own ts; the parent's is needed
    message = bot_message(core, core.store.next_ts(), shown, thread_ts)
    if broadcast and thread_ts:
        message["subtype"] = "thread_broadcast"
    core.store.add_message(channel.id, message)
    deliver_event(core, payloads.message_event(core, channel, message), channel)
    return message


def post_ephemeral(core: WorkspaceCore, user: str, channel: Channel, shown: Json, thread_ts: str | None = None) -> Json:
    """Show a message to one person only."""
    message = bot_message(core, core.store.next_ts(), shown, thread_ts) | {"channel": channel.id, "is_ephemeral": True}
    return core.store.put_ephemeral(user, message)


def replace(
    core: WorkspaceCore, channel: Channel, ts: str, shown: Json, *, keep: tuple[str, ...] = ("metadata",)
) -> Json:
    """Replace the content of the bot's message; without blocks it is marked as edited."""
    previous = core.store.messages[channel.id][ts]
    content_fields = ("text", "blocks", "attachments", "metadata", "edited")
    kept = {name: value for name, value in previous.items() if name not in content_fields or name in keep}
    message = {**kept, **shown}
    if "blocks" not in shown:
        message["edited"] = {"user": BOT_USER, "ts": core.store.next_ts()}
    core.store.change_message(channel.id, ts, message)
    deliver_event(core, payloads.changed_event(channel, message, previous, core.store.next_ts()), channel)
    return message


def remove(core: WorkspaceCore, channel: Channel, ts: str) -> None:
    """Delete the message and tell the bot."""
    previous = core.store.remove_message(channel.id, ts)
    deliver_event(core, payloads.deleted_event(channel, previous, core.store.next_ts()), channel)
