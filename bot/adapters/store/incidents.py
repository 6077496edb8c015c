"""Incidents, mutes and feedback. Implements `bot.diagnosis.ports.IncidentStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy import exc as sa_exc
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import feedback, incidents, mutes, views
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import canonical, decode, digest, encode, plain, revised
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.diagnosis.ports import Clock
from bot.domain.errors import StoreError
from bot.domain.incidents import Incident, IncidentState

_ATTEMPTS = 5


class StoredIncidents:
    """At most one open incident for a key in a channel: a unique index sees to it, over all replicas."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    @again_anyway
    def open(self, incident: Incident) -> tuple[Incident, bool]:
        """The open incident with this key in this channel, or this one, now kept; True when it is new.

        One that comes already resolved is just kept.
        """
        incident = self._database.hiding.value(incident)
        keep = self._insert(incidents).values(id=incident.id, **_columns(incident)).on_conflict_do_nothing()
        # Between the refused insert and the look at the other one, that other one may have been closed: try again.
        for _ in range(_ATTEMPTS):
            with self._database.write() as transaction:
                if transaction.connection.execute(keep).rowcount == 1:
                    return incident, True
                found = _open_one(transaction.connection, incident)
                if found is not None and incident.state is IncidentState.OPEN:
                    return found, False
                if incident.state is not IncidentState.OPEN and (kept := _kept(transaction.connection, incident.id)):
                    return kept, True  # a call before this one kept it, and its answer was lost
        raise StoreError(f"The incident {incident.id} can be neither opened nor found.", "Try again.")

    @again_anyway
    def get(self, incident_id: str) -> Incident | None:
        """One incident."""
        with self._database.read() as connection:
            return _kept(connection, incident_id)

    @again_anyway
    def update(self, incident: Incident, /, **fields: Any) -> Incident | None:
        """Compare-and-swap on `version`; None when somebody else was faster, or would be the second open one.

        Raises `ValueError` for a field there is not.
        """
        following = revised(incident, {**fields, "id": incident.id, "version": incident.version + 1})
        wanted = self._database.hiding.value(following, fields)
        guard = and_(incidents.c.id == incident.id, incidents.c.version == incident.version)
        with self._database.write() as transaction:
            try:
                with transaction.connection.begin_nested():
                    done = transaction.connection.execute(update(incidents).where(guard).values(_columns(wanted)))
            except sa_exc.IntegrityError:
                return None
            # Its own commit, whose answer was lost, has made it what it was to be.
            mine = done.rowcount == 1 or _kept(transaction.connection, incident.id) == wanted
            return wanted if mine else None

    @again_anyway
    def open_incidents(self, limit: int = 50) -> Sequence[Incident]:
        """Those that are open, newest first."""
        query = select(incidents.c.body).where(incidents.c.state == IncidentState.OPEN.value)
        with self._database.read() as connection:
            bodies = connection.scalars(query.order_by(incidents.c.opened_at.desc(), incidents.c.id).limit(limit)).all()
        return [decode(Incident, body) for body in bodies]

    @again_anyway
    def unshown(self, limit: int = 50) -> Sequence[Incident]:
        """Those, open or resolved, whose card is not what it should be (`wanted` above `shown`), oldest first."""
        query = select(incidents.c.body).where(incidents.c.wanted > incidents.c.shown)
        with self._database.read() as connection:
            bodies = connection.scalars(query.order_by(incidents.c.updated_at, incidents.c.id).limit(limit)).all()
        return [decode(Incident, body) for body in bodies]

    @again_anyway
    def keep_view(self, incident_id: str, snapshot: bytes) -> None:
        """Keep the redacted view behind the newest diagnosis, in place of an older one. Gone with the incident."""
        keep = self._insert(views).values(incident=incident_id, snapshot=snapshot)
        replace = keep.on_conflict_do_update(index_elements=["incident"], set_={"snapshot": keep.excluded.snapshot})
        with self._database.write() as transaction:
            transaction.connection.execute(replace)

    @again_anyway
    def view_of(self, incident_id: str) -> bytes | None:
        """The view that was kept."""
        with self._database.read() as connection:
            return connection.scalar(select(views.c.snapshot).where(views.c.incident == incident_id))

    @again_anyway
    def mute(self, key: str, by: str, until: datetime) -> None:
        """Post nothing more by itself about this incident key until then. A second mute replaces the first."""
        values = {"key": plain(key), "by": plain(by), "until": until}
        statement = self._insert(mutes).values(key_digest=digest(key), **values)
        with self._database.write() as transaction:
            transaction.connection.execute(statement.on_conflict_do_update(index_elements=["key_digest"], set_=values))

    @again_anyway
    def muted(self, now: datetime) -> Mapping[str, tuple[str, datetime]]:
        """Muted keys: by whom, and until when."""
        query = select(mutes.c.key, mutes.c.by, mutes.c.until).where(mutes.c.until > now).order_by(mutes.c.until)
        with self._database.read() as connection:
            return {key: (by, until) for key, by, until in connection.execute(query)}

    @again_anyway
    def unmute(self, key: str) -> None:
        """End a mute."""
        with self._database.write() as transaction:
            transaction.connection.execute(delete(mutes).where(mutes.c.key_digest == digest(key)))

    @again
    def feedback(self, incident_id: str, by: str, verdict: str, detail: Mapping[str, Any], snapshot: bytes) -> None:
        """Keep an opinion (`helpful`, `not_helpful`, `not_this`) with the redacted view it is about."""
        with self._database.write() as transaction:
            transaction.connection.execute(
                insert(feedback).values(
                    incident=incident_id,
                    at=self._clock(),
                    by=plain(by),
                    verdict=verdict,
                    detail=canonical(self._database.hiding.named(detail)),
                    snapshot=snapshot,
                )
            )


def _columns(incident: Incident) -> dict[str, Any]:
    return {
        "key_digest": digest(incident.key),
        "channel": incident.channel,
        "state": incident.state.value,
        "version": incident.version,
        "opened_at": incident.opened_at,
        "closed_at": incident.closed_at,
        "updated_at": incident.updated_at,
        "wanted": incident.wanted,
        "shown": incident.shown,
        "body": encode(incident),
    }


def _kept(connection: Connection, incident_id: str) -> Incident | None:
    body = connection.scalar(select(incidents.c.body).where(incidents.c.id == incident_id))
    return decode(Incident, body) if body is not None else None


def _open_one(connection: Connection, like: Incident) -> Incident | None:
    same = and_(
        incidents.c.key_digest == digest(like.key),
        incidents.c.channel == like.channel,
        incidents.c.state == IncidentState.OPEN.value,
    )
    body = connection.scalar(select(incidents.c.body).where(same))
    return decode(Incident, body) if body is not None else None
