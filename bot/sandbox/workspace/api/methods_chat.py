"""The chat.* and reactions.* methods.

Called by the Web API front with the lock held; each answers the body of a successful call or raises MethodError.
"""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.workspace.api import posting
from bot.sandbox.workspace.api.access import postable_channel, readable_channel
from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import BOT, BOT_USER

Json = dict[str, Any]


def _shown(arguments: Arguments, *, updating: bool = False) -> Json:
    markdown = arguments.optional("markdown_text")
    if markdown is not None:
        if any(name in arguments.values for name in ("text", "blocks")):
            raise MethodError("markdown_text_conflict")
        return posting.content(None, [{"type": "markdown", "text": markdown}], None, updating=updating)
    return posting.content(
        arguments.optional("text"),
        arguments.structure("blocks", "invalid_blocks_format"),
        arguments.structure("attachments", "invalid_attachments"),
        updating=updating,
    )


def _metadata(arguments: Arguments) -> Json:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise MethodError("invalid_metadata_format")
    return {"metadata": metadata}


def post_message(core: WorkspaceCore, arguments: Arguments) -> Json:
    """chat.postMessage"""
    channel = postable_channel(core, arguments.text("channel"))
    shown = _shown(arguments) | _metadata(arguments)
    broadcast = arguments.flag("reply_broadcast")
    message = posting.post(core, channel, shown, arguments.optional("thread_ts"), broadcast=broadcast)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def update(core: WorkspaceCore, arguments: Arguments) -> Json:
    """chat.update"""
    channel = readable_channel(core, arguments.text("channel"))
    ts = arguments.text("ts")
    message = _own_message(core, channel.id, ts, "cant_update_message")
    if channel.is_archived:
        raise MethodError("is_inactive")  # https://docs.slack.dev/reference/methods/chat.update
    shown = _shown(arguments, updating=True) | _metadata(arguments)
    if "text" not in arguments.values and "markdown_text" not in arguments.values and "blocks" not in shown:
        shown["text"] = message["text"]  # attachments alone leave the text as it is
    message = posting.replace(core, channel, ts, shown)
    return {"channel": channel.id, "ts": ts, "text": message["text"], "message": message}


def delete(core: WorkspaceCore, arguments: Arguments) -> Json:
    """chat.delete"""
    channel = readable_channel(core, arguments.text("channel"))
    ts = arguments.text("ts")
    _own_message(core, channel.id, ts, "cant_delete_message")
    posting.remove(core, channel, ts)
    return {"channel": channel.id, "ts": ts}


def post_ephemeral(core: WorkspaceCore, arguments: Arguments) -> Json:
    """chat.postEphemeral"""
    channel = postable_channel(core, arguments.text("channel"))
    user = arguments.text("user")
    if user not in channel.members or user == BOT_USER:
        raise MethodError("user_not_in_channel")
    message = posting.post_ephemeral(core, user, channel, _shown(arguments), arguments.optional("thread_ts"))
    return {"message_ts": message["ts"]}


def get_permalink(core: WorkspaceCore, arguments: Arguments) -> Json:
    """chat.getPermalink"""
    channel = readable_channel(core, arguments.text("channel"))
    ts = arguments.text("message_ts")
    message = core.store.messages[channel.id].get(ts)
    if message is None:
        raise MethodError("message_not_found")
    thread = message.get("thread_ts")
    suffix = f"?thread_ts={thread}&cid={channel.id}" if thread and thread != ts else ""
    return {
        "channel": channel.id,
        "permalink": f"{core.address}/archives/{channel.id}/p{ts.replace('.', '')}{suffix}",
    }


def add_reaction(core: WorkspaceCore, arguments: Arguments) -> Json:
    """reactions.add"""
    channel = postable_channel(core, arguments.text("channel"))
    ts, name = arguments.text("timestamp"), arguments.text("name").strip(":")
    message = core.store.messages[channel.id].get(ts)
    if message is None:
        raise MethodError("message_not_found")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}", name):
        raise MethodError("invalid_name")
    reactions = [dict(reaction) for reaction in message.get("reactions", ())]
    reaction = next((each for each in reactions if each["name"] == name), None)
    if reaction is None:
        reaction = {"name": name, "users": [], "count": 0}
        reactions.append(reaction)
    if BOT_USER in reaction["users"]:
        raise MethodError("already_reacted")
    reaction["users"] = [*reaction["users"], BOT_USER]
    reaction["count"] = len(reaction["users"])
    core.store.change_message(channel.id, ts, {**message, "reactions": reactions})
    return {}


def _own_message(core: WorkspaceCore, channel: str, ts: str, error: str) -> Json:
    message = core.store.messages[channel].get(ts)
    if message is None:
        raise MethodError("message_not_found")
    if message.get("bot_id") != BOT:
        raise MethodError(error)
    return message
