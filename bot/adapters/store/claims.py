"""Who does which effect of the schedule once. Implements `bot.monitors.ports.Claims`.

Every claim passes the fence first: one row with the highest term of a leader that was ever seen. Updating it makes all
claims queue up, so a leader of the past finds out in the same transaction. No clock decides anything.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import claims, fences
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import digest, plain
from bot.diagnosis.ports import Clock
from bot.monitors.ports import Claim, ClaimState

_FENCE = "schedule"


class _State(StrEnum):
    HELD = "held"
    TRIED = "tried"
    """Given back by somebody who cannot say whether it happened."""
    DONE = "done"


class StoredClaims:
    """One row per effect. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin_term(self) -> int:
        """A new term, higher than any before. From now on, lower ones get nothing."""
        with self._database.write() as transaction:
            connection = transaction.connection
            self._make_fence(connection)
            higher = update(fences).where(fences.c.name == _FENCE).values(term=fences.c.term + 1)
            term: int = connection.execute(higher.returning(fences.c.term)).scalar_one()
        return term

    def claim(self, key: str, term: int, owner: str) -> Claim:
        """Take an effect on, in one transaction with the look at the highest term."""
        with self._database.write() as transaction:
            connection = transaction.connection
            if not self._pass(connection, term):
                return Claim(ClaimState.REFUSED)
            mine = {"term": term, "owner": plain(owner), "state": _State.HELD.value, "at": self._clock()}
            found = connection.execute(
                select(claims.c.state, claims.c.term, claims.c.result).where(claims.c.key_digest == digest(key))
            ).one_or_none()
            if found is None:
                connection.execute(insert(claims).values(key_digest=digest(key), key=plain(key), result="", **mine))
                return Claim(ClaimState.FRESH)
            if found.state == _State.DONE:
                return Claim(ClaimState.DONE, found.result)
            if found.state == _State.HELD and found.term >= term:
                return Claim(ClaimState.REFUSED)
            connection.execute(update(claims).where(claims.c.key_digest == digest(key)).values(mine))
            return Claim(ClaimState.UNFINISHED)

    def done(self, key: str, term: int, result: str = "") -> bool:
        """The effect has happened. False when a newer term has taken it over meanwhile."""
        finished = {"state": _State.DONE.value, "result": plain(result), "at": self._clock()}
        with self._database.write() as transaction:
            return transaction.connection.execute(update(claims).where(_held(key, term)).values(finished)).rowcount == 1

    def release(self, key: str, term: int, *, tried: bool) -> None:
        """Give it back, for anybody to claim again. `tried`: it may have happened, so the next claim is `UNFINISHED`.

        Only what is still held under this term is given back.
        """
        back = update(claims).values(state=_State.TRIED.value) if tried else delete(claims)
        with self._database.write() as transaction:
            transaction.connection.execute(back.where(_held(key, term)))

    def _make_fence(self, connection: Connection) -> None:
        insert_fence = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(fences)
        connection.execute(insert_fence.values(name=_FENCE, term=0).on_conflict_do_nothing())

    def _pass(self, connection: Connection, term: int) -> bool:
        """Lock the fence until the end of the transaction. False: a higher term has been seen."""
        self._make_fence(connection)
        passed = update(fences).where(fences.c.name == _FENCE, fences.c.term <= term).values(term=term)
        return connection.execute(passed).rowcount == 1


def _held(key: str, term: int) -> ColumnElement[bool]:
    return and_(claims.c.key_digest == digest(key), claims.c.term == term, claims.c.state == _State.HELD.value)
