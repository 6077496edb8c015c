"""What one person sees: the first picture for the page, and which later changes concern that person.

Called by the page's endpoints with the lock held. It knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.state.changes import WorkspaceChange
from bot.sandbox.workspace.state.seed import BOT_USER, Channel, Member

Json = dict[str, Any]

# Changes that concern the machinery, not what a person sees.
_MACHINERY = frozenset({"call", "delivery", "settled"})


@dataclass(frozen=True)
class Frame:
    """A change as the page receives it."""

    kind: str
    data: Any
    channel: str | None = None

    def as_json(self) -> Json:
        """For the wire."""
        return {"kind": self.kind, "channel": self.channel, "data": self.data}


def picture(core: WorkspaceCore, user: str, controls: Sequence[Json], examples: Sequence[tuple[str, str]]) -> Json:
    """Everything this person sees now."""
    channels = [channel for channel in core.store.channels.values() if user in channel.members]
    return {
        "me": user,
        "team": core.config.team_name,
        "bot": BOT_USER,
        "people": {person.id: _person(person) for person in core.store.people.values()},
        "usergroups": {group: handle for group, (handle, _) in core.store.usergroups.items()},
        "channels": [described(channel) for channel in channels],
        "messages": {channel.id: list(core.store.messages[channel.id].values()) for channel in channels},
        "ephemerals": list(core.store.ephemerals.get(user, {}).values()),
        "views": list(core.views.stacks.get(user, [])),
        "home": core.views.homes.get(user),
        "commands": dict(core.config.commands),
        "shortcuts": dict(core.config.shortcuts),
        "connections": len(core.socket.connections),
        "shell": core.shell,
        "controls": list(controls),
        "examples": [{"label": label, "text": text} for label, text in examples],
    }


def frame(core: WorkspaceCore, user: str, change: WorkspaceChange) -> Frame | None:
    """The change as this person's page receives it; None when it does not concern the person."""
    if change.kind in _MACHINERY or change.audience not in (None, user):
        return None
    if change.channel is not None and user not in core.store.channels[change.channel].members:
        return None
    return Frame(change.kind, change.data, change.channel)


def described(channel: Channel) -> Json:
    """A channel for the sidebar."""
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "shared": channel.is_ext_shared,
        "members": list(channel.members),
        "bot": BOT_USER in channel.members,
    }


def _person(person: Member) -> Json:
    label = "External" if person.is_external else "Guest" if person.is_restricted else ""
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "is_bot": person.is_bot,
        "badge": "App" if person.is_bot else label,
    }
