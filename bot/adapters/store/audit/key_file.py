"""The secret key of the audit chain. Used by `log`.

Whoever has the database but not this file cannot forge entries.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
from pathlib import Path
from typing import Protocol

from bot.domain.errors import AuditUnwritable

MIN_BYTES = 16
log = logging.getLogger(__name__)


class KeySource(Protocol):
    """Where the key comes from."""

    def key(self, *, may_create: bool) -> bytes:
        """The key; a new one if there is none and that is allowed. Raises `AuditUnwritable`."""


class FixedKey:
    """A key that is given, for a database that ends with the process."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def key(self, *, may_create: bool) -> bytes:  # noqa: ARG002 - the port's signature
        """The key."""
        return self._key


class KeyFile:
    """A key in a file with mode 0600, made on first use. All replicas need the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: bytes | None = None

    def key(self, *, may_create: bool) -> bytes:
        """The key. A missing file is made only while the chain is empty: a new key cannot continue an old chain."""
        if self._known is None:
            self._known = self._read(may_create)
        return self._known

    def _read(self, may_create: bool) -> bytes:
        try:
            if may_create and not self.path.exists():
                self._create()
            mode = self.path.stat().st_mode
            content = self.path.read_bytes().strip()
        except FileNotFoundError as exc:
            raise AuditUnwritable(
                f"The key of the audit log is missing: {self.path}.",
                "Put it back, or name it in TRIAGE_AUDIT_KEY_FILE; without it nobody may act.",
            ) from exc
        except OSError as exc:
            raise AuditUnwritable(
                f"The key of the audit log, {self.path}, cannot be read: {exc.strerror}.",
                "Let this program's user read it, or name another in TRIAGE_AUDIT_KEY_FILE.",
            ) from exc
        self._private(mode)
        if len(content) < MIN_BYTES:
            raise AuditUnwritable(
                f"The key of the audit log, {self.path}, is too short.",
                f"Put at least {MIN_BYTES} random bytes into it.",
            )
        return content

    def _private(self, mode: int) -> None:
        """Whoever may write the key chooses it, and whoever may read it can forge entries: the first is refused, the
        second said. A group may read it: so are Secrets mounted.
        """
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise AuditUnwritable(
                f"The key of the audit log, {self.path}, may be written by others (mode {stat.S_IMODE(mode):04o}).",
                f"Find out whether it is still yours, then: chmod 600 {self.path}.",
            )
        if mode & stat.S_IROTH:
            log.warning(
                "the key of the audit log, %s, may be read by every user of this machine (mode %04o), who can then "
                "forge entries: chmod 600 %s",
                self.path, stat.S_IMODE(mode), self.path,
            )  # fmt: skip

    def _create(self) -> None:
        """Two processes may do so at once: the link decides, and both then read the same key."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_hex(32).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self.path)
        finally:
            draft.unlink(missing_ok=True)
