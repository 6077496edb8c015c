"""How long each table's rows are kept, and removing what is older. Run daily by housekeeping.

The audit log is kept for ever: a chain with a piece cut out proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select, tuple_

from bot.adapters.store import schema
from bot.adapters.store.database import Database
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
        empty = ~exists().where(schema.buttons.c.card == schema.button_cards.c.card)
        removed["button_cards"] = self._remove(schema.button_cards, empty)
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
    incidents, changes = schema.incidents, schema.changes
    return [
        (schema.seen_events, schema.seen_events.c.expires_at <= limits["seen_events"]),
        (schema.buttons, schema.buttons.c.expires_at <= limits["buttons"]),
        (schema.mutes, schema.mutes.c.until <= limits["mutes"]),
        (schema.questions, schema.questions.c.asked_at <= limits["questions"]),
        (schema.inbox, schema.inbox.c.received_at <= limits["inbox"]),
        (schema.hearing, schema.hearing.c.at <= limits["hearing"]),
        (schema.claims, schema.claims.c.at <= limits["claims"]),
        (schema.findings, schema.findings.c.touched_at <= limits["findings"]),
        (schema.model_spending, schema.model_spending.c.day <= limits["model_spending"].date().isoformat()),
        (schema.feedback, schema.feedback.c.at <= kept_until),
        (changes, and_(changes.c.state.not_in(_UNFINISHED), changes.c.offered_at <= kept_until)),
        (incidents, and_(incidents.c.state != IncidentState.OPEN.value, incidents.c.closed_at <= kept_until)),
    ]
