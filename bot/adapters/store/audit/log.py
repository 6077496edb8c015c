"""The audit log: one chain of entries, which only grows. Implements `bot.changes.ports.AuditLog`.

Other repositories add their entries through `add`, as the last statement of their own transaction: on Postgres that
takes the one lock that all appends queue at, and holding it last means that nobody waits for anybody in a circle.
Details pass the redaction boundary here, whoever writes them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy import exc as sa_exc

from bot.adapters.store.audit import chain
from bot.adapters.store.audit.chain import AuditRow, Break, Head
from bot.adapters.store.audit.head_file import HeadNote, HeadNoteForged
from bot.adapters.store.audit.key_file import KeySource
from bot.adapters.store.schema import tables
from bot.adapters.store.sql.database import Database, Transaction
from bot.adapters.store.sql.encoding import canonical, plain
from bot.adapters.store.sql.failures import store_error
from bot.diagnosis.ports import Clock
from bot.domain.errors import AuditUnwritable, StoreError

log = logging.getLogger(__name__)

HEAD_FILE_MISSING = "audit.head_file_missing"
_APPEND_LOCK = 0x7472_6961_6765_01  # "triage", 1: where appends queue on Postgres
_TABLE = tables.audit
_BATCH = 1000
_SETTLE = (
    "Nobody may act until this is settled: run `triage audit verify`, and keep the database as evidence. "
    "If a backup was put back, remove the head file to go on; the audit log will say that it was missing."
)


@dataclass(frozen=True, slots=True)
class EntryContent:
    """What an entry says: what happened, who did it, to what, and more for people."""

    event: str
    by: str
    about: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry, for people."""

    seq: int
    time: datetime
    event: str
    by: str
    about: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """Whether the chain holds: the newest good entry, and the first broken place."""

    head: Head
    broken: Break | None


class ChainedAuditLog:
    """Appends entries, reads and verifies them. Safe to use from several threads and processes."""

    def __init__(self, database: Database, clock: Clock, keys: KeySource, note: HeadNote) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._note = note

    def append(self, event: str, by: str, about: str, detail: Mapping[str, Any]) -> None:
        """One entry in a transaction of its own. Raises `AuditUnwritable`."""
        try:
            with self._database.write(audit=True) as transaction:
                self.add(transaction, EntryContent(event, by, about, detail))
        except AuditUnwritable:
            raise
        except StoreError as exc:
            raise AuditUnwritable(exc.message, exc.remedy) from exc

    def add(self, transaction: Transaction, said: EntryContent) -> None:
        """One entry as the last statement of this transaction. Raises `AuditUnwritable`: then all of it is undone."""
        try:
            head = self._extend(transaction.connection, said)
        except sa_exc.SQLAlchemyError as exc:
            raise store_error(exc, self._database.url, AuditUnwritable) from exc
        draft = self._note.draft(head, self._keys.key(may_create=False))
        transaction.when_rolled_back.append(draft.discard)
        transaction.when_committed.append(draft.publish)
        # The log of the process is one more place outside the database that knows the head.
        transaction.when_committed.append(lambda: log.info("audit entry %d: %s, %s", head.seq, said.event, head.hash))

    def seal(self, body: str, connection: Connection | None = None) -> str:
        """A keyed hash of a row's body. Raises `AuditUnwritable` without the key.

        `connection` is given for what may be the first row ever: while the chain is empty, a missing key is made.
        """
        key = self._keys.key(may_create=connection is not None and _newest(connection) is None)
        return chain.mac(key, "change", body)

    def entries(
        self, *, since: datetime | None = None, about: str | None = None, newest: int | None = None
    ) -> Sequence[AuditEntry]:
        """Entries, oldest first: those from `since` on, about this thing, at most the `newest` so many."""
        query = select(_TABLE).order_by(_TABLE.c.seq.desc())
        if since is not None:
            query = query.where(_TABLE.c.time >= _stamp(since))
        if about is not None:
            query = query.where(_TABLE.c.about == about)
        if newest is not None:
            query = query.limit(newest)
        with self._database.read() as connection:
            return [_entry(AuditRow(*row)) for row in reversed(connection.execute(query).all())]

    def verify(self) -> AuditCheck:
        """Go through the whole chain. Raises `StoreError` when the database, the key or the head file cannot be read.

        The head file is read first: entries that are added meanwhile then look like what they are.
        """
        with self._database.read() as connection:
            if _newest(connection) is None and self._no_key():
                return AuditCheck(Head(), None)
        key = self._keys.key(may_create=False)
        try:
            noted = self._note.read(key)
        except HeadNoteForged as exc:
            return AuditCheck(Head(), Break(0, self._whose_note(key, exc)))
        with self._database.read() as connection:
            head, broken = chain.walk(_rows(connection), key, noted or Head())
        if broken is None and noted is None and head.seq:
            broken = Break(
                head.seq, "the head file is missing, so nobody can tell whether entries after it were removed"
            )
        return AuditCheck(head, broken)

    def _whose_note(self, key: bytes, forged: HeadNoteForged) -> str:
        """Why the head file is not this key's: the key is another one, where it has not written the entries either."""
        with self._database.read() as connection:
            newest = _newest(connection)
        if newest is None or chain.is_genuine(key, newest):
            return forged.message.rstrip(".")
        return (
            "neither the head file nor the newest entry was written with this key, so it is not the log's key: put the "
            "right one back, and verify again"
        )

    def problem(self) -> AuditUnwritable | None:
        """Why an entry could not be written now; None when nothing stands against it. Writes nothing."""
        try:
            with self._database.read() as connection:
                newest = _newest(connection)
                if newest is None and self._no_key():
                    return None
                key = self._keys.key(may_create=False)
                self._compare(connection, _head(newest, key), self._note.read(key))
        except AuditUnwritable as exc:
            return exc
        return None

    def _no_key(self) -> bool:
        """Whether there is no key yet, as before the first entry."""
        try:
            self._keys.key(may_create=False)
        except AuditUnwritable:
            return True
        return False

    def _extend(self, connection: Connection, said: EntryContent) -> Head:
        if not self._database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
        newest = _newest(connection)
        key = self._keys.key(may_create=newest is None)
        head, noted = _head(newest, key), self._note.read(key)
        self._compare(connection, head, noted)
        if noted is None and newest is None:
            # Before the first commit: whoever comes between that and its note must not miss the file.
            self._note.draft(head, key).publish()
        elif noted is None:
            lost = EntryContent(HEAD_FILE_MISSING, "triage", "audit", {"seq": head.seq, "hash": head.hash})
            head = self._insert(connection, head, key, lost)
        return self._insert(connection, head, key, said)

    def _compare(self, connection: Connection, head: Head, noted: Head | None) -> None:
        """Raises `AuditUnwritable` when the chain does not hold what was noted outside. Other replicas may be ahead."""
        if noted is None or noted in (head, Head()):
            return
        if noted.seq > head.seq:
            raise AuditUnwritable(
                f"The audit log ends at entry {head.seq}, but entry {noted.seq} was written before: "
                "the newest entries were removed.",
                _SETTLE,
            )
        kept = connection.scalar(select(_TABLE.c.hash).where(_TABLE.c.seq == noted.seq))
        if kept != noted.hash:
            raise AuditUnwritable(f"Entry {noted.seq} of the audit log is not the one that was written.", _SETTLE)

    def _insert(self, connection: Connection, head: Head, key: bytes, said: EntryContent) -> Head:
        row = AuditRow(
            seq=head.seq + 1,
            time=_stamp(self._clock()),
            event=plain(said.event),
            by=plain(said.by),
            about=plain(said.about),
            detail=canonical(self._database.hiding.named(said.detail)),
            prev=head.hash,
            hash="",
        )
        hashed = chain.row_hash(key, row)
        columns = {name: getattr(row, name) for name in ("seq", "time", "event", "by", "about", "detail", "prev")}
        connection.execute(insert(_TABLE).values(hash=hashed, **columns))
        return Head(row.seq, hashed)


def _newest(connection: Connection) -> AuditRow | None:
    found = connection.execute(select(_TABLE).order_by(_TABLE.c.seq.desc()).limit(1)).one_or_none()
    return AuditRow(*found) if found is not None else None


def _head(newest: AuditRow | None, key: bytes) -> Head:
    """The end of the chain. Raises `AuditUnwritable` rather than continue an entry that is not ours."""
    if newest is None:
        return Head()
    if not chain.is_genuine(key, newest):
        raise AuditUnwritable(
            f"Entry {newest.seq} of the audit log was changed, or written with another key.",
            f"If the key was replaced, put the old one back. {_SETTLE}",
        )
    return Head(newest.seq, newest.hash)


def _rows(connection: Connection) -> Iterator[AuditRow]:
    result = connection.execution_options(yield_per=_BATCH).execute(select(_TABLE).order_by(_TABLE.c.seq))
    return (AuditRow(*row) for row in result)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(row.seq, datetime.fromisoformat(row.time), row.event, row.by, row.about, json.loads(row.detail))
