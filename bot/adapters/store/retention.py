"""How long each table's rows are kept, and removing what is older. Run daily by housekeeping.

The audit log is kept for ever: a chain with a piece cut out proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select, tuple_

from bot.adapters.store.schema import tables
from bot.adapters.store.sql.database import Database
from bot.diagnosis.ports import Clock
from bot.domain.changes import UNDER_WAY, WAITING
from bot.domain.incidents import IncidentState

PERIODS: Mapping[str, timedelta] = {
    "seen_events": timedelta(0),  # after their own expiry, a day after the delivery
    "buttons": timedelta(days=1),  # after their expiry
    "mutes": timedelta(0),  # after their end
    "questions": timedelta(days=1),  # after they were asked: nobody waits for that answer any more
    "inbox": timedelta(days=1),  # after they were received
    "hearing": timedelta(days=30),  # a workspace that is no longer there
    "claims": timedelta(days=30),  # longer than any effect can be tried again
    "findings": timedelta(days=30),  # since the fault was last seen
    "model_spending": timedelta(days=31),  # limits are per day
}
"""After how long a row goes. Incidents, changes and feedback have the period of TRIAGE_RETENTION_DAYS."""

_BATCH = 500
_UNFINISHED = tuple(sorted(state.value for state in UNDER_WAY | WAITING))


class StoredRetention:
    """Removes old rows, in small transactions: clicks get their turn in between."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def purge(self, keep: timedelta) -> Mapping[str, int]:
        """Rows removed, by table. `keep` is for closed incidents, finished changes and feedback."""
        now = self._clock()
        removed = {table.name: self._remove(table, old) for table, old in _old(now, now - keep)}
        empty = ~exists().where(tables.buttons.c.card == tables.button_cards.c.card)
        removed["button_cards"] = self._remove(tables.button_cards, empty)
        return removed

    def _remove(self, table: Table, old: ColumnElement[bool]) -> int:
        removed = 0
        keys = tuple_(*table.primary_key.columns)
        some = delete(table).where(keys.in_(select(*table.primary_key.columns).where(old).limit(_BATCH)))
        while True:
            with self._database.write() as transaction:
                count = transaction.connection.execute(some).rowcount
            removed += count
            if count < _BATCH:
                return removed


def _old(now: datetime, kept_until: datetime) -> list[tuple[Table, ColumnElement[bool]]]:
    """What may go from each table."""
    limits = {name: now - period for name, period in PERIODS.items()}
    incidents, changes = tables.incidents, tables.changes
    return [
        (tables.seen_events, tables.seen_events.c.expires_at <= limits["seen_events"]),
        (tables.buttons, tables.buttons.c.expires_at <= limits["buttons"]),
        (tables.mutes, tables.mutes.c.until <= limits["mutes"]),
        (tables.questions, tables.questions.c.asked_at <= limits["questions"]),
        (tables.inbox, tables.inbox.c.received_at <= limits["inbox"]),
        (tables.hearing, tables.hearing.c.at <= limits["hearing"]),
        (tables.claims, tables.claims.c.at <= limits["claims"]),
        (tables.findings, tables.findings.c.touched_at <= limits["findings"]),
        (tables.model_spending, tables.model_spending.c.day <= limits["model_spending"].date().isoformat()),
        (tables.feedback, tables.feedback.c.at <= kept_until),
        (changes, and_(changes.c.state.not_in(_UNFINISHED), changes.c.offered_at <= kept_until)),
        (incidents, and_(incidents.c.state != IncidentState.OPEN.value, incidents.c.closed_at <= kept_until)),
    ]
