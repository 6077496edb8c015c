"""What monitors have found, over time. Implements `bot.monitors.ports.FindingStore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Update, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import findings
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import decode, digest, encode, plain
from bot.monitors.state import Finding


class StoredFindings:
    """One row per monitor and key. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_monitor(self, monitor: str) -> Sequence[Finding]:
        """The findings of one monitor, by key."""
        return sorted(self._read(findings.c.monitor == plain(monitor)), key=lambda finding: finding.key)

    def save(self, finding: Finding) -> Finding | None:
        """Insert (version 0) or compare-and-swap on `version`; None when somebody else was faster."""
        following = finding.model_copy(update={"version": finding.version + 1})
        saved = self._database.hiding.value(following)
        columns: dict[str, Any] = {
            "version": saved.version,
            "touched_at": max(saved.last_seen, saved.closed_at or saved.last_seen),
            "body": encode(saved),
        }
        swap: Insert | Update = update(findings).where(_same(finding)).values(columns)
        if finding.version == 0:
            insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(findings)
            names = {"monitor": plain(finding.monitor), "key_digest": digest(finding.key)}
            swap = insert.values({**names, **columns}).on_conflict_do_nothing()
        with self._database.write() as transaction:
            return saved if transaction.connection.execute(swap).rowcount == 1 else None

    def remove(self, finding: Finding) -> None:
        """Forget it, if nobody has changed it meanwhile."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(findings).where(_same(finding)))

    def touched_since(self, moment: datetime) -> Sequence[Finding]:
        """Findings seen or closed since then, earliest first."""
        return self._read(findings.c.touched_at >= moment)

    def _read(self, condition: ColumnElement[bool]) -> list[Finding]:
        query = select(findings.c.body).where(condition).order_by(findings.c.touched_at, findings.c.key_digest)
        with self._database.read() as connection:
            bodies = connection.scalars(query).all()
        return [decode(Finding, body) for body in bodies]


def _same(finding: Finding) -> ColumnElement[bool]:
    return and_(
        findings.c.monitor == plain(finding.monitor),
        findings.c.key_digest == digest(finding.key),
        findings.c.version == finding.version,
    )
