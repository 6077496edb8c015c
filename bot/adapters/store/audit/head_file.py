"""The newest audit entry, noted outside the database after each append, so that cutting off the tail is noticed.

Used by `log`. The note is written to a draft before the transaction commits and put in force after it: a disk that is
full stops the transaction, and a crash in between leaves the note one entry behind, which is no alarm.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from bot.adapters.store.audit.chain import Head, mac
from bot.domain.errors import AuditUnwritable

log = logging.getLogger(__name__)


class HeadNoteForged(AuditUnwritable):
    """The note is there, but this program's key did not write it."""


class HeadDraft(Protocol):
    """A note that is ready to be put in force."""

    def publish(self) -> None:
        """Put it in force, unless a newer one is."""

    def discard(self) -> None:
        """Throw it away."""


class HeadNote(Protocol):
    """Where the head is noted."""

    def read(self, key: bytes) -> Head | None:
        """What is noted; None when nothing is.

        Raises `HeadNoteForged` when it is not ours, `AuditUnwritable` when it cannot be read.
        """

    def draft(self, head: Head, key: bytes) -> HeadDraft:
        """Prepare a note. Raises `AuditUnwritable` when it cannot be written."""


class MemoryHead:
    """A note that ends with the process, as its database does."""

    def __init__(self) -> None:
        self.noted: Head | None = None

    def read(self, key: bytes) -> Head | None:  # noqa: ARG002 - the port's signature
        """What is noted."""
        return self.noted

    def draft(self, head: Head, key: bytes) -> HeadDraft:  # noqa: ARG002
        """A note that cannot fail."""
        return _MemoryDraft(self, head)


class _MemoryDraft:
    def __init__(self, note: MemoryHead, head: Head) -> None:
        self._note, self._head = note, head

    def publish(self) -> None:
        self._note.noted = self._head

    def discard(self) -> None:
        pass


class HeadFile:
    """A file with one line: number, hash, and a keyed hash of both, so that nobody else can write a note."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, key: bytes) -> Head | None:
        """What is noted; None when there is no file."""
        try:
            line = self.path.read_text("ascii", "replace")
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise AuditUnwritable(
                f"The head file of the audit log, {self.path}, cannot be read: {exc.strerror}.",
                "Let this program's user read and write it.",
            ) from exc
        parts = line.split()
        if len(parts) == 3 and parts[0].isdigit():
            head = Head(int(parts[0]), parts[1])
            if hmac.compare_digest(mac(key, "head", head.seq, head.hash), parts[2]):
                return head
        raise HeadNoteForged(
            f"The head file of the audit log, {self.path}, was changed or belongs to another key.",
            "Find out who did that. Remove the file to go on; the audit log will say that it was missing.",
        )

    def draft(self, head: Head, key: bytes) -> HeadDraft:
        """The note on the disk, under another name."""
        path = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{head.seq} {head.hash} {mac(key, 'head', head.seq, head.hash)}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            with contextlib.suppress(OSError):
                path.unlink()
            raise AuditUnwritable(
                f"The head file of the audit log, {self.path}, cannot be written: {exc.strerror}.",
                "Free some space, and let this program's user write to its directory.",
            ) from exc
        return _FileDraft(self, path, head, key)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time, over threads and processes."""
        handle = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


class _FileDraft:
    def __init__(self, note: HeadFile, path: Path, head: Head, key: bytes) -> None:
        self._note, self._path, self._head, self._key = note, path, head, key

    def publish(self) -> None:
        try:
            with self._note.locked():
                noted = self._note.read(self._key)
                if noted is None or noted.seq < self._head.seq:
                    self._path.replace(self._note.path)
        except (OSError, AuditUnwritable) as exc:
            # The entry is committed; the note stays behind, which hides nothing that is there now.
            log.warning("The head file of the audit log was not brought up to date: %s", exc)
        self.discard()

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
