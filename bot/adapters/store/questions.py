"""Questions under way. Implements `bot.diagnosis.ports.QuestionStore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.database import Database
from bot.adapters.store.encoding import decode, encode, plain
from bot.adapters.store.schema import questions
from bot.domain.incidents import PendingRequest


class StoredQuestions:
    """One row per question. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, question: PendingRequest) -> None:
        """Keep it, in place of the one with its id."""
        columns: dict[str, Any] = {
            "owner": plain(question.owner),
            "owned_until": question.owned_until,
            "asked_at": question.asked_at,
            "attempts": question.attempts,
            "body": encode(self._database.hiding.value(question)),
        }
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(questions)
        keep = insert.values(id=question.id, **columns).on_conflict_do_update(index_elements=["id"], set_=columns)
        with self._database.write() as transaction:
            transaction.connection.execute(keep)

    def drop(self, question_id: str) -> None:
        """It was answered."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(questions).where(questions.c.id == question_id))

    def extend(self, owner: str, until: datetime) -> None:
        """The owner lives: nobody takes its questions over before then."""
        longer = update(questions).where(questions.c.owner == plain(owner), questions.c.owned_until < until)
        with self._database.write() as transaction:
            transaction.connection.execute(longer.values(owned_until=until))

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its questions over at once."""
        given = update(questions).where(questions.c.owner == plain(owner)).values(owned_until=now)
        with self._database.write() as transaction:
            transaction.connection.execute(given)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[PendingRequest]:
        """Questions whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more.

        Exactly one caller gets each: the guard is asked again when the row is written.
        """
        orphans = select(questions.c.id).where(questions.c.owned_until <= now)
        with self._database.write() as transaction:
            connection = transaction.connection
            taken = []
            for question_id in connection.scalars(
                orphans.order_by(questions.c.asked_at, questions.c.id).limit(limit)
            ).all():
                take = (
                    update(questions)
                    .where(questions.c.id == question_id, questions.c.owned_until <= now)
                    .values(owner=plain(owner), owned_until=until, attempts=questions.c.attempts + 1)
                    .returning(*questions.c)
                )
                row = connection.execute(take).mappings().one_or_none()
                if row is not None:
                    taken.append(_question(row))
        return taken


def _question(row: RowMapping) -> PendingRequest:
    now = {name: row[name] for name in ("owner", "owned_until", "attempts")}
    return decode(PendingRequest, row["body"]).model_copy(update=now)
