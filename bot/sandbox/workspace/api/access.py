"""Which channels the bot can find, read and write.

Called by the methods with the lock held. Each function raises MethodError with the code Slack would answer.
"""

from __future__ import annotations

from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import BOT_USER, Channel


def visible_channel(core: WorkspaceCore, given: str) -> Channel:
    """A channel the bot can know about: public ones, and those it is in."""
    channel = core.store.channels.get(given)
    if channel is None or (channel.kind != "channel" and BOT_USER not in channel.members):
        raise MethodError("channel_not_found")
    return channel


def readable_channel(core: WorkspaceCore, given: str) -> Channel:
    """A channel whose messages the bot may read."""
    channel = visible_channel(core, given)
    if BOT_USER not in channel.members:
        raise MethodError("not_in_channel")
    return channel


def postable_channel(core: WorkspaceCore, given: str) -> Channel:
    """A channel the bot may post in, given by id, by name, or by a person's id for a direct message."""
    if given in core.store.people and given != BOT_USER:
        return core.store.direct_message(given)
    name = given.removeprefix("#")
    named = next((each.id for each in core.store.channels.values() if each.name == name and each.kind != "im"), given)
    channel = visible_channel(core, named)
    public = channel.kind == "channel" and "chat:write.public" in core.config.scopes
    if BOT_USER not in channel.members and not public:
        raise MethodError("not_in_channel")
    if channel.is_archived:
        raise MethodError("is_archived")  # https://docs.slack.dev/reference/methods/chat.postMessage
    return channel
