"""Questions under way. Implements `bot.diagnosis.ports.QuestionStore`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.leased import Leased
from bot.adapters.store.schema.tables import questions
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import decode, encode, plain
from bot.adapters.store.sql.repeating import again_anyway
from bot.domain.incidents import PendingRequest

_LOOKED_AT = 1000
"""Of the questions under way, when one about a certain message is looked for."""


class StoredQuestions:
    """One row per question. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leased = Leased(database, questions, questions.c.asked_at)

    @again_anyway
    def put(self, question: PendingRequest) -> None:
        """Keep it, in place of the one with its id."""
        columns = self._columns(question)
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(questions)
        keep = insert.values(id=question.id, **columns).on_conflict_do_update(index_elements=["id"], set_=columns)
        with self._database.write() as transaction:
            transaction.connection.execute(keep)

    @again_anyway
    def add(self, question: PendingRequest) -> bool:
        """Keep it, unless there is one with its id; then False."""
        insert = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(questions)
        columns = self._columns(question)
        keep = insert.values(id=question.id, **columns).on_conflict_do_nothing()
        with self._database.write() as transaction:
            if transaction.connection.execute(keep).rowcount == 1:
                return True
            # The very same: its own commit, whose answer was lost.
            there = transaction.connection.scalar(select(questions.c.body).where(questions.c.id == question.id))
            return bool(there == columns["body"])

    @again_anyway
    def drop(self, question_id: str) -> None:
        """It was answered."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(questions).where(questions.c.id == question_id))

    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """The owner lives: nobody takes its questions over before then; those of them that it holds, if it says so."""
        self._leased.extend(owner, until, held)

    def let_lapse(self, question_id: str, owner: str, now: datetime, *, counts: bool = True) -> None:
        """The owner could not deal with it: anybody may take it over at once. `counts`: it was an attempt."""
        self._leased.let_lapse(question_id, owner, now, counts=counts)

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its questions over at once."""
        self._leased.release(owner, now)

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[PendingRequest]:
        """Questions whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more."""
        return [_question(row) for row in self._leased.take_over(owner, now, until, limit)]

    @again_anyway
    def under_way(self, channel: str, source_ts: str) -> bool:
        """Whether a question about what was pasted there is not answered yet."""
        with self._database.read() as connection:
            bodies = connection.scalars(select(questions.c.body).order_by(questions.c.asked_at).limit(_LOOKED_AT)).all()
        places = (decode(PendingRequest, body).place for body in bodies)
        return any((one.get("channel"), one.get("source_ts")) == (channel, source_ts) for one in places)

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
