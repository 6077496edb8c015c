"""Messages that were acknowledged and are not dealt with yet. Implements `bot.diagnosis.ports.Inbox`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.leased import Leased
from bot.adapters.store.schema.tables import hearing, inbox
from bot.adapters.store.seen_events import marked
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import plain
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.domain.incidents import Received


class StoredInbox:
    """One row per message. Safe to use from several threads and processes. All methods raise `StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leased = Leased(database, inbox, inbox.c.received_at)

    @again_anyway
    def receive(self, item: Received, keys: Collection[str], overtakes: Collection[str] = ()) -> Received | None:
        """Keep it, unless one of the keys was seen before; marks all of them as seen. None: it was there already.

        overtakes: keys of earlier versions of the message, which are marked as well: one that is delivered after this
                   version is not kept. Where none of them was seen, this is the first that is heard of the message: it
                   is given back as no edit, and its row keeps its time, by which older edits know that they are over.

        One transaction: what is marked as seen and not kept would be lost with the process.
        """
        with self._database.write() as transaction:
            fresh = marked(self._database, transaction.connection, {*keys, *overtakes}, item.received_at)
            if fresh.issuperset(keys):
                row = {name: plain(value) if isinstance(value, str) else value for name, value in dict(item).items()}
                transaction.connection.execute(insert(inbox).values(row))
                first = bool(overtakes) and fresh.issuperset(overtakes)
                return item.model_copy(update={"edited_ts": ""}) if first else item
            # Its own commit, whose answer was lost.
            own = transaction.connection.execute(select(inbox).where(inbox.c.id == item.id)).mappings().first()
            return _received(own) if own is not None else None

    @again_anyway
    def drop(self, item_id: str) -> None:
        """It was dealt with."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(inbox).where(inbox.c.id == item_id))

    @again
    def set_free(self, item_id: str, now: datetime) -> None:
        """Anybody may take it over at once; it does not count as an attempt."""
        free = update(inbox).where(inbox.c.id == item_id)
        with self._database.write() as transaction:
            transaction.connection.execute(free.values(owner="", owned_until=now, attempts=inbox.c.attempts - 1))

    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """The owner lives: nobody takes its messages over before then; those of them that it holds, if it says so."""
        self._leased.extend(owner, until, held)

    def let_lapse(self, item_id: str, owner: str, now: datetime, *, counts: bool = True) -> None:
        """The owner could not deal with it: anybody may take it over at once. `counts`: it was an attempt."""
        self._leased.let_lapse(item_id, owner, now, counts=counts)

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its messages over at once."""
        self._leased.release(owner, now)

    @again_anyway
    def about(self, channel: str, ts: str) -> Sequence[Received]:
        """Everything about one message that is not dealt with yet: itself, its edits, its deletion."""
        query = select(inbox).where(inbox.c.channel == plain(channel), inbox.c.ts == plain(ts))
        with self._database.read() as connection:
            return [_received(row) for row in connection.execute(query.order_by(inbox.c.edited_ts)).mappings()]

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[Received]:
        """Those whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more."""
        return [_received(row) for row in self._leased.take_over(owner, now, until, limit)]

    @again_anyway
    def heard(self, team: str, at: datetime) -> None:
        """Some replica could hear this workspace then."""
        made = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(hearing).values(team=team, at=at)
        later = made.on_conflict_do_update(
            index_elements=["team"], set_={"at": made.excluded.at}, where=hearing.c.at < made.excluded.at
        )
        with self._database.write() as transaction:
            transaction.connection.execute(later)

    @again_anyway
    def last_heard(self, team: str) -> datetime | None:
        """When some replica could last hear it; None: never yet."""
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(select(hearing.c.at).where(hearing.c.team == team))
        return found


def _received(row: RowMapping) -> Received:
    return Received.model_validate(dict(row))
