"""Rows that belong to a process for a while: questions and received messages. Used by their repositories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Column, RowMapping, Table, case, select, update

from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import plain
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.domain.errors import StoreError


class Leased:
    """A row is its owner's until `owned_until`; who lives extends it, who ends releases it, and what nobody extends is
    taken over by exactly one other. The table has the columns `id`, `owner`, `owned_until` and `attempts`; `age` is
    the column that says which row is oldest."""

    def __init__(self, database: Database, table: Table, age: Column[datetime]) -> None:
        self._database = database
        self._table = table
        self._age = age

    @again_anyway
    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """The owner lives: nobody takes its rows over before then. With `held`, those of its rows that it knows of:
        what it does not know to be its own (a commit without an answer), others get."""
        table = self._table
        longer = update(table).where(table.c.owner == plain(owner), table.c.owned_until < until)
        if held is not None:
            longer = longer.where(table.c.id.in_(sorted(held)))
        with self._database.write() as transaction:
            transaction.connection.execute(longer.values(owned_until=until))

    @again_anyway
    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its rows over at once."""
        given = update(self._table).where(self._table.c.owner == plain(owner)).values(owned_until=now)
        with self._database.write() as transaction:
            transaction.connection.execute(given)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int) -> Sequence[RowMapping]:
        """Rows whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more.

        Exactly one caller gets each: the guard is asked again when the row is written.
        """
        taken: list[RowMapping] = []
        for row_id in self._orphans(now, limit):
            try:
                row = self._take(row_id, owner, now, until)
            except StoreError:
                if not taken:
                    raise
                break  # those that were taken are dealt with
            taken += [row] if row is not None else []
        return taken

    @again_anyway
    def _orphans(self, now: datetime, limit: int) -> Sequence[str]:
        table = self._table
        orphans = select(table.c.id).where(table.c.owned_until <= now).order_by(self._age, table.c.id).limit(limit)
        with self._database.read() as connection:
            return connection.scalars(orphans).all()

    @again_anyway
    def let_lapse(self, row_id: str, owner: str, now: datetime, *, counts: bool) -> None:
        """Anybody may take it over at once. `counts`: it was an attempt."""
        table = self._table
        # Without an owner it does not fit again: a second call takes no second attempt back.
        mine = update(table).where(table.c.id == row_id, table.c.owner == plain(owner))
        # Never back to none: who takes it over must know that somebody may have answered already.
        fewer = case((table.c.attempts > 1, table.c.attempts - 1), else_=1)
        lapsed = mine.values(owned_until=now, owner="", attempts=table.c.attempts if counts else fewer)
        with self._database.write() as transaction:
            transaction.connection.execute(lapsed)

    @again
    def _take(self, row_id: str, owner: str, now: datetime, until: datetime) -> RowMapping | None:
        table = self._table
        take = update(table).where(table.c.id == row_id, table.c.owned_until <= now)
        mine = take.values(owner=plain(owner), owned_until=until, attempts=table.c.attempts + 1).returning(*table.c)
        with self._database.write() as transaction:
            return transaction.connection.execute(mine).mappings().one_or_none()
