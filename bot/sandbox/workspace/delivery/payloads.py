"""Builds what Slack sends to an app: event callbacks, slash commands, and the interactive payloads.

Called by the people's actions and by the chat methods, under the lock. It delivers nothing.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.state.seed import APP, BOT_USER, TEAM, Channel
from bot.sandbox.workspace.state.views import public

Json = dict[str, Any]


def event_callback(core: WorkspaceCore, event: Json, channel: Channel | None) -> Json:
    """The outer shape of an Events API payload."""
    return {
        "token": core.tokens.verification,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": core.store.next_id("Ev"),
        "event_time": int(core.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-{core.store.next_id('ctx')}",
    }


def message_event(core: WorkspaceCore, channel: Channel, message: Json) -> Json:
    """The `message` event for a message."""
    event = {
        **message,
        "type": "message",
        "channel": channel.id,
        "channel_type": channel.event_name,
        "event_ts": message["ts"],
    }
    return {**event, **external_fields(core, message.get("user"))}


def mention_event(core: WorkspaceCore, channel: Channel, message: Json) -> Json:
    """The `app_mention` event for a message that mentions the bot."""
    names = ("user", "text", "ts", "team", "blocks", "thread_ts", "client_msg_id", "files", "upload", "display_as_bot")
    event = {name: message[name] for name in names if name in message}
    event |= {"type": "app_mention", "channel": channel.id, "event_ts": message["ts"]}
    return {**event, **external_fields(core, message.get("user"))}


def changed_event(channel: Channel, message: Json, previous: Json, ts: str) -> Json:
    """The `message_changed` event for an edit."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": message,
        "previous_message": previous,
        "channel": channel.id,
        "channel_type": channel.event_name,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
    }


def deleted_event(channel: Channel, previous: Json, ts: str) -> Json:
    """The `message_deleted` event."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": previous,
        "deleted_ts": previous["ts"],
        "channel": channel.id,
        "channel_type": channel.event_name,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
    }


def external_fields(core: WorkspaceCore, user: str | None) -> Json:
    """What an event carries in addition when its author belongs to a connected workspace."""
    person = core.store.people.get(user or "")
    if person is None or not person.is_external:
        return {}
    return {
        "team": person.team_id,
        "user_team": person.team_id,
        "source_team": person.team_id,
        "user_profile": {
            "name": person.name,
            "real_name": person.real_name,
            "display_name": person.name,
            "team": person.team_id,
            "is_restricted": False,
            "is_ultra_restricted": False,
        },
    }


def slash_command(core: WorkspaceCore, command: str, text: str, user: str, channel: Channel) -> Json:
    """The payload of a slash command."""
    token = core.response_urls.issue(user, channel.id)
    return {
        "token": core.tokens.verification,
        "team_id": TEAM,
        "team_domain": core.config.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user,
        "user_name": core.store.person(user).name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"{core.address}/commands/{TEAM}/{token}",
        "trigger_id": core.triggers.issue(user),
    }


def interaction(core: WorkspaceCore, kind: str, user: str, *, view: str | None = None) -> Json:
    """What all interactive payloads have in common."""
    person = core.store.person(user)
    return {
        "type": kind,
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": APP,
        "token": core.tokens.verification,
        "team": {"id": TEAM, "domain": core.config.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": core.triggers.issue(user, view),
    }


def message_click(core: WorkspaceCore, user: str, channel: Channel, message: Json, action: Json, values: Json) -> Json:
    """The block_actions payload for an element of a message."""
    ephemeral = bool(message.get("is_ephemeral"))
    token = core.response_urls.issue(user, channel.id, message["ts"], ephemeral=ephemeral)
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.get("thread_ts"):
        container["thread_ts"] = message["thread_ts"]
    payload = interaction(core, "block_actions", user) | {
        "container": container,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": {"values": values},
        "response_url": f"{core.address}/actions/{TEAM}/{token}",
        "actions": [action],
    }
    return payload if ephemeral else payload | {"message": message}


def view_click(core: WorkspaceCore, user: str, view: Json, action: Json, values: Json) -> Json:
    """The block_actions payload for an element of a modal or home tab."""
    return interaction(core, "block_actions", user, view=view["id"] if view["type"] == "modal" else None) | {
        "container": {"type": "view", "view_id": view["id"]},
        "view": public(view) | {"state": {"values": values}},
        "actions": [action],
    }


def view_submission(core: WorkspaceCore, user: str, view: Json, values: Json) -> Json:
    """The payload of a submitted modal."""
    return interaction(core, "view_submission", user, view=view["id"]) | {
        "view": public(view) | {"state": {"values": values}},
        "response_urls": [],
    }


def view_closed(core: WorkspaceCore, user: str, view: Json, *, is_cleared: bool) -> Json:
    """The payload of a modal that was closed and wants to be told."""
    return interaction(core, "view_closed", user) | {"view": public(view), "is_cleared": is_cleared}


def message_shortcut(core: WorkspaceCore, callback_id: str, user: str, channel: Channel, message: Json) -> Json:
    """The payload of a shortcut used on a message."""
    token = core.response_urls.issue(user, channel.id, message["ts"])
    return interaction(core, "message_action", user) | {
        "callback_id": callback_id,
        "action_ts": core.store.next_ts(),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message["ts"],
        "message": message,
        "response_url": f"{core.address}/app/{TEAM}/{token}",
    }


def home_opened(core: WorkspaceCore, user: str, tab: str) -> Json:
    """The event for somebody who looks at the app's home."""
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": core.store.direct_message(user).id,
        "tab": tab,
        "event_ts": core.store.next_ts(),
    }
    view = core.views.homes.get(user)
    return event | {"view": public(view)} if view and tab == "home" else event


def channel_name(channel: Channel) -> str:
    """The name interactive payloads use."""
    return "directmessage" if channel.kind == "im" else channel.name
