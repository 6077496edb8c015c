"""The audit chain: what an entry's hash covers, and where a chain is broken. Pure.

Each entry carries the hash of the one before it, so that no entry can be edited, removed or moved without the key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from bot.adapters.store.sql.encoding import canonical

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as it is kept. `detail` is canonical JSON, `time` ISO 8601 in UTC to the microsecond."""

    seq: int
    time: str
    event: str
    by: str
    about: str
    detail: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry at some moment; number 0 before the first."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which a chain does not hold, and why."""

    seq: int
    reason: str


def mac(key: bytes, kind: str, *parts: object) -> str:
    """A keyed hash in hex. `kind` keeps entries and heads apart."""
    return hmac.new(key, canonical([kind, *parts]).encode("ascii"), hashlib.sha256).hexdigest()


def is_same_mac(one: str, other: str) -> bool:
    """Whether two keyed hashes are equal, in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def row_hash(key: bytes, row: AuditRow) -> str:
    """What `row.hash` must be."""
    return mac(key, "entry", row.seq, row.time, row.event, row.by, row.about, row.detail, row.prev)


def is_genuine(key: bytes, row: AuditRow) -> bool:
    """Whether the entry is as it was written with this key."""
    return hmac.compare_digest(row_hash(key, row), row.hash)


def walk(rows: Iterable[AuditRow], key: bytes, anchor: Head) -> tuple[Head, Break | None]:
    """The last good entry, and the first broken place. `rows` come by number, `anchor` was noted outside before."""
    head = Head()
    for row in rows:
        problem = _problem(row, head, key)
        if problem is None and row.seq == anchor.seq and row.hash != anchor.hash:
            problem = "it is not the entry that the head file noted: entries were removed and others written instead"
        if problem is not None:
            return head, Break(head.seq + 1, problem)
        head = Head(row.seq, row.hash)
    if head.seq < anchor.seq:
        missing = f"{head.seq + 1} to {anchor.seq}" if anchor.seq - head.seq > 1 else str(anchor.seq)
        return head, Break(head.seq + 1, f"the newest entries are missing: the head file notes {missing}")
    return head, None


def _problem(row: AuditRow, before: Head, key: bytes) -> str | None:
    if row.seq != before.seq + 1:
        return f"it is missing: entry {row.seq} comes next"
    if row.prev != before.hash:
        return "it does not continue the entry before it"
    if not is_genuine(key, row):
        return "it was changed, or written with another key"
    return None
