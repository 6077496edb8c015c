"""The files.* methods.

Called by the Web API front with the lock held; each answers the body of a successful call or raises MethodError.
"""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.workspace.api import posting
from bot.sandbox.workspace.api.access import postable_channel
from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.files import StoredFile
from bot.sandbox.workspace.state.seed import BOT_USER

Json = dict[str, Any]


def info(core: WorkspaceCore, arguments: Arguments) -> Json:
    """files.info"""
    file = core.files.get(arguments.text("file"))
    seen = any(BOT_USER in core.store.channels[channel].members for channel in file.channels)
    if not seen and file.user != BOT_USER:
        raise MethodError("file_not_found")
    return {"file": core.files.described(file), "comments": [], "response_metadata": {"next_cursor": ""}}


def get_upload_url(core: WorkspaceCore, arguments: Arguments) -> Json:
    """files.getUploadURLExternal"""
    length = arguments.number("length", 0)
    if length <= 0:
        raise MethodError("invalid_arguments", ("must be greater than 0 [json-pointer:/length]",))
    file = core.files.reserve(arguments.text("filename"), length, BOT_USER)
    key = secrets.token_urlsafe(24)
    core.files.upload_keys[key] = file.id
    return {"file_id": file.id, "upload_url": f"{core.address}/upload/v1/{key}"}


def complete_upload(core: WorkspaceCore, arguments: Arguments) -> Json:
    """files.completeUploadExternal"""
    wanted = arguments.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise MethodError("invalid_arguments", ("must provide an array [json-pointer:/files]",))
    files = [_arrived(core, entry) for entry in wanted]
    targets = [name for name in (arguments.names("channels") or [arguments.text("channel_id")]) if name]
    for target in targets:
        channel = postable_channel(core, target)
        for file in files:
            file.channels.append(channel.id)
        shown: Json = {"text": arguments.text("initial_comment"), "files": [core.files.described(f) for f in files]}
        shown |= {"subtype": "file_share", "upload": True, "display_as_bot": False}
        posting.post(core, channel, shown, arguments.optional("thread_ts"))
    for file in files:
        file.shared = True
    return {"files": [core.files.described(file) for file in files]}


def _arrived(core: WorkspaceCore, entry: object) -> StoredFile:
    if not isinstance(entry, dict) or "id" not in entry:
        raise MethodError("invalid_arguments", ("missing required field: id [json-pointer:/files]",))
    file = core.files.get(str(entry["id"]))
    if file.content is None:
        raise MethodError("file_not_found")  # completed before its bytes arrived
    if file.shared:
        raise MethodError("file_update_failed")
    file.title = str(entry.get("title") or file.name)
    return file
