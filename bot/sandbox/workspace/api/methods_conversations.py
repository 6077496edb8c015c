"""The conversations.* methods and users.conversations.

Called by the Web API front with the lock held; each answers the body of a successful call or raises MethodError.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace.api.access import readable_channel, visible_channel
from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import BOT_USER, EXTERNAL_TEAM, TEAM, Channel

Json = dict[str, Any]

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
_READ_SCOPES = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_HISTORY_SCOPES = {
    "channel": "channels:history",
    "group": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}


def described(channel: Channel) -> Json:
    """The conversation object of a channel."""
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_shared": channel.is_ext_shared,
        "context_team_id": TEAM,
    }
    if channel.kind == "im":
        return common | {"user": next(member for member in channel.members if member != BOT_USER), "is_open": True}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": channel.name == "general",
        "is_member": BOT_USER in channel.members,
        "is_pending_ext_shared": False,
        "shared_team_ids": [TEAM, EXTERNAL_TEAM] if channel.is_ext_shared else [TEAM],
        "connected_team_ids": [EXTERNAL_TEAM] if channel.is_ext_shared else [],
        "topic": {"value": channel.topic, "creator": "", "last_set": channel.created},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _need(core: WorkspaceCore, channel: Channel, scopes: dict[str, str]) -> None:
    needed = scopes[channel.kind]
    if needed not in core.config.scopes:
        raise MethodError("missing_scope", needed=needed, provided=",".join(core.config.scopes))


def info(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.info"""
    channel = visible_channel(core, arguments.text("channel"))
    _need(core, channel, _READ_SCOPES)
    answer = described(channel)
    if arguments.flag("include_num_members"):
        answer["num_members"] = len(channel.members)
    return {"channel": answer}


def _of_kinds(core: WorkspaceCore, arguments: Arguments) -> list[Channel]:
    wanted = arguments.names("types") or ["public_channel"]
    if any(kind not in _KINDS for kind in wanted):
        raise MethodError("invalid_types")
    kinds = {_KINDS[kind] for kind in wanted}
    for kind in kinds & set(_READ_SCOPES):
        if _READ_SCOPES[kind] not in core.config.scopes:
            raise MethodError("missing_scope", needed=_READ_SCOPES[kind], provided=",".join(core.config.scopes))
    found = [channel for channel in core.store.channels.values() if channel.kind in kinds]
    return [channel for channel in found if channel.kind == "channel" or BOT_USER in channel.members]


def _listed(arguments: Arguments, channels: list[Channel]) -> Json:
    page, cursor = arguments.page(channels, 100)
    return {"channels": [described(channel) for channel in page], "response_metadata": {"next_cursor": cursor}}


def list_all(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.list"""
    return _listed(arguments, _of_kinds(core, arguments))


def list_of_user(core: WorkspaceCore, arguments: Arguments) -> Json:
    """users.conversations"""
    user = arguments.text("user", BOT_USER)
    if user not in core.store.people:
        raise MethodError("user_not_found")
    return _listed(arguments, [channel for channel in _of_kinds(core, arguments) if user in channel.members])


def _between(arguments: Arguments, messages: list[Json]) -> list[Json]:
    oldest, latest = arguments.optional("oldest"), arguments.optional("latest")
    inclusive = arguments.flag("inclusive")
    try:
        low = float(oldest) if oldest else 0.0
        high = float(latest) if latest else float("inf")
    except ValueError as exc:
        raise MethodError("invalid_ts_latest" if latest else "invalid_ts_oldest") from exc
    if inclusive:
        return [message for message in messages if low <= float(message["ts"]) <= high]
    return [message for message in messages if low < float(message["ts"]) < high]


def history(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.history"""
    channel = readable_channel(core, arguments.text("channel"))
    _need(core, channel, _HISTORY_SCOPES)
    newest_first = _between(arguments, core.store.history(channel.id))[::-1]
    page, cursor = arguments.page(newest_first, 100)
    return {
        "messages": page,
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def replies(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.replies"""
    channel = readable_channel(core, arguments.text("channel"))
    _need(core, channel, _HISTORY_SCOPES)
    thread = core.store.thread(channel.id, arguments.text("ts"))
    if not thread:
        raise MethodError("thread_not_found")
    parent, rest = thread[0], _between(arguments, thread[1:])
    page, cursor = arguments.page([parent, *rest], 1000)
    return {"messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def open_direct_message(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.open"""
    users = arguments.names("users")
    if not users:
        channel = readable_channel(core, arguments.text("channel"))
    elif len(users) > 1:
        raise MethodError("missing_scope", needed="mpim:write", provided=",".join(core.config.scopes))
    elif users[0] not in core.store.people or core.store.people[users[0]].is_bot:
        raise MethodError("user_not_found")
    else:
        channel = core.store.direct_message(users[0])
    full = arguments.flag("return_im")
    return {"channel": described(channel) if full else {"id": channel.id}, "no_op": False, "already_open": False}


def members(core: WorkspaceCore, arguments: Arguments) -> Json:
    """conversations.members"""
    channel = visible_channel(core, arguments.text("channel"))
    _need(core, channel, _READ_SCOPES)
    page, cursor = arguments.page(channel.members, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}
