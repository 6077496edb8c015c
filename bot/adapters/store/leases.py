"""The record of the leader, for where there is no Kubernetes Lease. Implements `LeaseStore` of `observed_lease`.

It only keeps the record: candidates judge by their own monotonic clocks for how long it has not changed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import leases
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import plain
from bot.runtime.observed_lease import LeaseRecord

_FIRST = 1


class StoredLeases:
    """One lease, by its name. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database, name: str = "scheduler") -> None:
        self._database = database
        self._name = name

    def read(self) -> LeaseRecord | None:
        """The lease; None when there is none yet."""
        columns = (leases.c.holder, leases.c.transitions, leases.c.duration_seconds, leases.c.version)
        with self._database.read() as connection:
            found = connection.execute(select(*columns).where(leases.c.name == self._name)).one_or_none()
        return LeaseRecord(*found[:3], version=str(found.version)) if found is not None else None

    def create(self, record: LeaseRecord) -> LeaseRecord | None:
        """Make it; None when somebody else just did."""
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(leases)
        row = {"name": self._name, "version": _FIRST, **_columns(record)}
        with self._database.write() as transaction:
            made = transaction.connection.execute(insert.values(row).on_conflict_do_nothing()).rowcount == 1
        return _written(record, _FIRST) if made else None

    def replace(self, record: LeaseRecord) -> LeaseRecord | None:
        """Write it if it still has `record.version`, and return it with its new one; None when it has not."""
        if not record.version.isdigit():
            return None
        version = int(record.version)
        swap = update(leases).where(leases.c.name == self._name, leases.c.version == version)
        with self._database.write() as transaction:
            swapped = transaction.connection.execute(swap.values(version=version + 1, **_columns(record))).rowcount == 1
        return _written(record, version + 1) if swapped else None


def _columns(record: LeaseRecord) -> dict[str, Any]:
    return {
        "holder": plain(record.holder),
        "transitions": record.transitions,
        "duration_seconds": record.duration_seconds,
    }


def _written(record: LeaseRecord, version: int) -> LeaseRecord:
    return LeaseRecord(record.holder, record.transitions, record.duration_seconds, str(version))
