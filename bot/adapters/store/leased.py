"""Rows that belong to a process for a while: questions and received messages. Used by their repositories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, RowMapping, Table, select, update

from bot.adapters.store.database import Database
from bot.adapters.store.encoding import plain


class Leased:
    """A row is its owner's until `owned_until`; who lives extends it, who ends releases it, and what nobody extends is
    taken over by exactly one other. The table has the columns `id`, `owner`, `owned_until` and `attempts`; `age` is
    the column that says which row is oldest."""

    def __init__(self, database: Database, table: Table, age: Column[datetime]) -> None:
        self._database = database
        self._table = table
        self._age = age

    def extend(self, owner: str, until: datetime) -> None:
        """The owner lives: nobody takes its rows over before then."""
        table = self._table
        longer = update(table).where(table.c.owner == plain(owner), table.c.owned_until < until)
        with self._database.write() as transaction:
            transaction.connection.execute(longer.values(owned_until=until))

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its rows over at once."""
        given = update(self._table).where(self._table.c.owner == plain(owner)).values(owned_until=now)
        with self._database.write() as transaction:
            transaction.connection.execute(given)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[RowMapping]:
        """Rows whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more.

        Exactly one caller gets each: the guard is asked again when the row is written.
        """
        table = self._table
        orphans = select(table.c.id).where(table.c.owned_until <= now).order_by(self._age, table.c.id).limit(limit)
        with self._database.read() as connection:
            found = connection.scalars(orphans).all()
        return [row for row_id in found if (row := self._take(row_id, owner, now, until)) is not None]

    def _take(self, row_id: str, owner: str, now: datetime, until: datetime) -> RowMapping | None:
        table = self._table
        take = update(table).where(table.c.id == row_id, table.c.owned_until <= now)
        mine = take.values(owner=plain(owner), owned_until=until, attempts=table.c.attempts + 1).returning(*table.c)
        with self._database.write() as transaction:
            return transaction.connection.execute(mine).mappings().one_or_none()
