"""Which deliveries were handled, durable and shared by all replicas. Implements `bot.diagnosis.ports.SeenEvents`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import seen_events
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import digest
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.diagnosis.ports import Clock

KEPT = timedelta(days=1)
"""Slack repeats a delivery for up to an hour, Socket Mode for some minutes."""


class StoredSeenEvents:
    """Keys with an expiry, by their digest. Safe to use from several threads and processes."""

    def __init__(self, database: Database, clock: Clock, kept: timedelta = KEPT) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept

    @again
    def first_time(self, keys: Collection[str]) -> bool:
        """True if none of the keys was seen before; marks all of them as seen. Raises `StoreError`."""
        if not keys:
            return True
        with self._database.write() as transaction:
            return mark(self._database, transaction.connection, keys, self._clock(), self._kept)

    @again_anyway
    def forget(self, keys: Collection[str]) -> None:
        """Undo the mark, because the work could not be queued after all. Raises `StoreError`."""
        digests = sorted({digest(key) for key in keys})
        with self._database.write() as transaction:
            transaction.connection.execute(delete(seen_events).where(seen_events.c.key_digest.in_(digests)))

    @again_anyway
    def has(self, key: str) -> bool:
        """Whether the key is marked. Marks nothing. Raises `StoreError`."""
        query = select(seen_events.c.key_digest).where(
            seen_events.c.key_digest == digest(key), seen_events.c.expires_at > self._clock()
        )
        with self._database.read() as connection:
            return connection.execute(query).first() is not None


def mark(
    database: Database, connection: Connection, keys: Collection[str], now: datetime, kept: timedelta = KEPT
) -> bool:
    """True if none of the keys was seen before; marks all of them as seen, in a transaction that is under way."""
    return marked(database, connection, keys, now, kept) == set(keys)


def marked(
    database: Database, connection: Connection, keys: Collection[str], now: datetime, kept: timedelta = KEPT
) -> set[str]:
    """Those of the keys that were not seen before; marks all of them as seen, in a transaction that is under way."""
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    fresh = set[str]()
    # Always in the same order, so that two deliveries with two keys each do not wait for each other in a circle.
    for key_digest, key in sorted((digest(key), key) for key in set(keys)):
        statement = insert(seen_events).values(key_digest=key_digest, expires_at=now + kept)
        kept_key = statement.on_conflict_do_update(
            index_elements=["key_digest"],
            set_={"expires_at": statement.excluded.expires_at},
            where=seen_events.c.expires_at <= now,
        )
        if connection.execute(kept_key).rowcount:
            fresh.add(key)
    return fresh
