"""What was spent on the model, by day. Implements `bot.narration.ports.BudgetStore`."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Update, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import model_spending
from bot.adapters.store.sql.database import Database
from bot.narration.ports import Spending

_TABLE = model_spending


class StoredBudget:
    """One row per day (UTC), shared by all replicas. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, day: date, estimate: Spending, limit: Spending) -> bool:
        """Add the estimate unless the sum would exceed the limit. One guarded UPDATE: of two callers at the limit, one
        gets through."""
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(_TABLE)
        make = insert.values(day=day.isoformat(), tokens=0, micros=0).on_conflict_do_nothing()
        guarded = _adding(day, estimate)
        if limit.tokens:
            guarded = guarded.where(_TABLE.c.tokens + estimate.tokens <= limit.tokens)
        if limit.micros:
            guarded = guarded.where(_TABLE.c.micros + estimate.micros <= limit.micros)
        with self._database.write() as transaction:
            transaction.connection.execute(make)
            return transaction.connection.execute(guarded).rowcount == 1

    def settle(self, day: date, correction: Spending) -> None:
        """Add the difference between what it cost and what was estimated."""
        with self._database.write() as transaction:
            transaction.connection.execute(_adding(day, correction))

    def spent(self, day: date) -> Spending:
        """What was spent or is reserved on that day."""
        query = select(_TABLE.c.tokens, _TABLE.c.micros).where(_TABLE.c.day == day.isoformat())
        with self._database.read() as connection:
            found = connection.execute(query).one_or_none()
        return Spending(*found) if found is not None else Spending()


def _adding(day: date, amount: Spending) -> Update:
    sums = {"tokens": _TABLE.c.tokens + amount.tokens, "micros": _TABLE.c.micros + amount.micros}
    return update(_TABLE).where(_TABLE.c.day == day.isoformat()).values(sums)
