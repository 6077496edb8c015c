"""Files and snippets: what people and the bot uploaded, and the bytes behind `url_private`.

Called by the files.* methods, by the people's actions and by the download endpoint, under the lock.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import TEAM

Json = dict[str, Any]

SNIPPET_BYTES = 1_000_000
PREVIEW_CHARACTERS = 400


@dataclass(frozen=True)
class Upload:
    """A file as a person gives it. `mimetype` is guessed from the name when left out."""

    name: str
    content: bytes
    mimetype: str | None = None


@dataclass
class StoredFile:
    """One file, the channels it was shared in, and its bytes (None until they arrived)."""

    id: str
    name: str
    title: str
    user: str
    created: int
    mimetype: str
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)
    length: int = 0
    shared: bool = False

    @property
    def is_text(self) -> bool:
        """Slack shows it as a snippet."""
        kind = self.mimetype
        return kind.startswith("text/") or kind in ("application/json", "application/x-yaml", "application/yaml")


class WorkspaceFiles:
    """All files of the workspace."""

    def __init__(self, clock: Callable[[], float], next_id: Callable[[str], str]) -> None:
        self._clock = clock
        self._next_id = next_id
        self.address = ""
        self.files: dict[str, StoredFile] = {}
        self.upload_keys: dict[str, str] = {}  # secret last part of an upload URL → file id

    def add(self, upload: Upload, user: str, channel: str) -> StoredFile:
        """Keep what a person shared in a channel."""
        file = self.reserve(upload.name, len(upload.content), user, upload.mimetype)
        file.content, file.shared = upload.content, True
        file.channels.append(channel)
        return file

    def reserve(self, name: str, length: int, user: str, mimetype: str | None = None) -> StoredFile:
        """A file whose bytes are still to come."""
        kind = mimetype or mimetypes.guess_type(name)[0] or _by_suffix(name)
        file = StoredFile(self._next_id("F"), name, name, user, int(self._clock()), kind, length=length)
        self.files[file.id] = file
        return file

    def get(self, file_id: str) -> StoredFile:
        """The file with this id. Raises MethodError."""
        if file_id not in self.files:
            raise MethodError("file_not_found")
        return self.files[file_id]

    def described(self, file: StoredFile) -> Json:
        """The file object in messages and in files.info."""
        content = file.content or b""
        path = f"{self.address}/files-pri/{TEAM}-{file.id}"
        described: Json = {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.name.rsplit(".", 1)[-1].lower() if "." in file.name else "text",
            "pretty_type": "Plain Text" if file.is_text else "Binary",
            "user": file.user,
            "user_team": TEAM,
            "editable": file.is_text,
            "size": len(content),
            "mode": "snippet" if file.is_text and len(content) <= SNIPPET_BYTES else "hosted",
            "is_external": False,
            "is_public": True,
            "file_access": "visible",
            "url_private": f"{path}/{_safe(file.name)}",
            "url_private_download": f"{path}/download/{_safe(file.name)}",
            "permalink": f"{self.address}/files/{file.user}/{file.id}/{_safe(file.name)}",
            "channels": list(file.channels),
        }
        if described["mode"] == "snippet":
            text = content.decode("utf-8", "replace")
            described |= {
                "preview": text[:PREVIEW_CHARACTERS],
                "lines": text.count("\n") + 1,
                "preview_is_truncated": len(text) > PREVIEW_CHARACTERS,
            }
        return described


def unseen(file: StoredFile) -> Json:
    """A file shared from a connected workspace: the app must ask files.info."""
    return {"id": file.id, "created": file.created, "mode": "file_access", "file_access": "check_file_info"}


def _by_suffix(name: str) -> str:
    text = name.lower().endswith((".log", ".txt", ".out", ".err", ".yaml", ".yml", ".md", ".conf")) or "." not in name
    return "text/plain" if text else "application/octet-stream"


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name)
