"""Questions under way. Implements `bot.diagnosis.ports.QuestionStore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.database import Database
from bot.adapters.store.encoding import decode, encode, plain
from bot.adapters.store.leased import Leased
from bot.adapters.store.schema import questions
from bot.domain.incidents import PendingRequest


class StoredQuestions:
    """One row per question. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leased = Leased(database, questions, questions.c.asked_at)

    def put(self, question: PendingRequest) -> None:
        """Keep it, in place of the one with its id."""
        columns = self._columns(question)
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(questions)
        keep = insert.values(id=question.id, **columns).on_conflict_do_update(index_elements=["id"], set_=columns)
        with self._database.write() as transaction:
            transaction.connection.execute(keep)

    def add(self, question: PendingRequest) -> bool:
        """Keep it, unless there is one with its id; then False."""
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(questions)
        keep = insert.values(id=question.id, **self._columns(question)).on_conflict_do_nothing()
        with self._database.write() as transaction:
            return transaction.connection.execute(keep).rowcount == 1

    def drop(self, question_id: str) -> None:
        """It was answered."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(questions).where(questions.c.id == question_id))

    def extend(self, owner: str, until: datetime) -> None:
        """The owner lives: nobody takes its questions over before then."""
        self._leased.extend(owner, until)

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its questions over at once."""
        self._leased.release(owner, now)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[PendingRequest]:
        """Questions whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more."""
        return [_question(row) for row in self._leased.take_over(owner, now, until, limit)]

    def _columns(self, question: PendingRequest) -> dict[str, Any]:
        return {
            "owner": plain(question.owner),
            "owned_until": question.owned_until,
            "asked_at": question.asked_at,
            "attempts": question.attempts,
            "body": encode(self._database.hiding.value(question)),
        }


def _question(row: RowMapping) -> PendingRequest:
    now = {name: row[name] for name in ("owner", "owned_until", "attempts")}
    return decode(PendingRequest, row["body"]).model_copy(update=now)
