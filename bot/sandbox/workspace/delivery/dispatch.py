"""Decides whether the app gets an event, and sends events and interactions on their way.

Called by whatever causes them, under the lock. An app gets only what it subscribed to, has the scope for, and may see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.delivery import payloads
from bot.sandbox.workspace.delivery.socket_mode import Parcel
from bot.sandbox.workspace.state.seed import BOT_USER, Channel

Json = dict[str, Any]

_SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "subteam_members_changed": "usergroups:read",
    "file_shared": "files:read",
    "member_joined_channel": "channels:read",
}
_MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


def deliver_event(core: WorkspaceCore, event: Json, channel: Channel | None = None) -> str | None:
    """Send an event to the app; its event_id, or None when the app does not get it."""
    kind = _MESSAGE_EVENTS[channel.kind] if event["type"] == "message" and channel else event["type"]
    scope = _SCOPE_OF_EVENT.get(kind)
    if kind not in core.config.bot_events or (scope is not None and scope not in core.config.scopes):
        return None
    if channel is not None and BOT_USER not in channel.members:
        return None
    payload = payloads.event_callback(core, event, channel)
    core.socket.send(Parcel("events_api", payload, retried=True, on_ack=_nothing, on_failure=_nothing))
    return str(payload["event_id"])


def deliver_again(core: WorkspaceCore, payload: Json) -> None:
    """Send an event the app already got once more, as Slack sometimes does."""
    core.socket.send(
        Parcel("events_api", payload, retried=False, on_ack=_nothing, on_failure=_nothing, attempt=1, reason="timeout")
    )


def deliver_interaction(
    core: WorkspaceCore,
    kind: str,
    payload: Json,
    on_ack: Callable[[Json | None], None],
    on_failure: Callable[[str], None],
) -> None:
    """Send a `slash_commands` or `interactive` payload; these are never retried."""
    core.socket.send(Parcel(kind, payload, retried=False, on_ack=on_ack, on_failure=on_failure))


def _nothing(_: object) -> None:
    """Nobody waits for the acknowledgement of an event."""
