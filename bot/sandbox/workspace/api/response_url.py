"""What a post to a response URL does.

Called by the HTTP server, and for slash commands whose acknowledgement carries a message. The caller holds the lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.workspace.api import posting
from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.api.tickets import ResponseUrl
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import BOT

Json = dict[str, Any]


def respond(core: WorkspaceCore, token: str, body: Mapping[str, Any]) -> None:
    """Redeem one use of a response URL. Raises MethodError, also when it is used up (5) or too old (30 minutes)."""
    with core.changes.lock:
        apply(core, core.response_urls.redeem(token), body)


def apply(core: WorkspaceCore, target: ResponseUrl, body: Mapping[str, Any]) -> None:
    """Post, replace or delete, as the body says. Raises MethodError."""
    arguments = Arguments(body)
    channel = core.store.channels[target.channel]
    if arguments.flag("delete_original"):
        _delete(core, target)
        return
    shown = posting.content(
        arguments.optional("text"),
        arguments.structure("blocks", "invalid_blocks_format"),
        arguments.structure("attachments", "invalid_attachments"),
    )
    if arguments.flag("replace_original") and target.message_ts is not None:
        _replace(core, target, shown)
        return
    thread_ts = arguments.optional("thread_ts")
    if arguments.text("response_type", "ephemeral") == "in_channel":
        posting.post(core, channel, shown, thread_ts)
    else:
        posting.post_ephemeral(core, target.user, channel, shown, thread_ts)


def _delete(core: WorkspaceCore, target: ResponseUrl) -> None:
    if target.ephemeral and target.message_ts:
        core.store.remove_ephemeral(target.user, target.message_ts)
    else:
        posting.remove(core, core.store.channels[target.channel], _original(core, target))


def _replace(core: WorkspaceCore, target: ResponseUrl, shown: Json) -> None:
    if not target.ephemeral:
        posting.replace(core, core.store.channels[target.channel], _original(core, target), shown)
        return
    old = core.store.ephemerals.get(target.user, {}).get(target.message_ts or "")
    if old is None:
        raise MethodError("message_not_found")
    content = ("text", "blocks", "attachments")
    kept = {name: value for name, value in old.items() if name not in content}
    core.store.put_ephemeral(target.user, {**kept, **shown})


def _original(core: WorkspaceCore, target: ResponseUrl) -> str:
    """The bot's own message the interaction came from; a shortcut's message belongs to somebody else."""
    message = core.store.messages[target.channel].get(target.message_ts or "")
    if message is None or message.get("bot_id") != BOT:
        raise MethodError("message_not_found")
    return str(message["ts"])
