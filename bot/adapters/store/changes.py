"""Changes and their moves. Implements `bot.changes.ports.ChangeStore`.

Each move is one transaction: the guarded UPDATE first (so that one of many callers gets through), then the row of the
transition, then the audit entry. Without the audit entry there is no move. Rows are sealed with the key of the audit
log: one that somebody else has written or edited is not read, so nothing is done by it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, insert, select, update
from sqlalchemy import exc as sa_exc

from bot.adapters.store.audit import chain
from bot.adapters.store.audit.log import ChainedAuditLog, EntryContent
from bot.adapters.store.schema.tables import approvals, changes, transitions
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import decode, encode, plain, revised
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.changes.ports import Count
from bot.diagnosis.ports import Clock
from bot.domain.changes import MOVES, UNDER_WAY, WAITING, Change, ChangeState, Person
from bot.domain.errors import AuditUnwritable, StoreError

_UNFINISHED = tuple(sorted(state.value for state in WAITING | UNDER_WAY))
_SEALED = (changes.c.id, changes.c.body, changes.c.seal)
_log = logging.getLogger(__name__)
_IN_VAIN = (ChangeState.NOT_FIXED.value, ChangeState.FAILED.value)


class StoredChanges:
    """Changes, durable and shared by all replicas. Safe to use from several threads and processes."""

    def __init__(self, database: Database, clock: Clock, audit: ChainedAuditLog) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    @again
    def add(self, change: Change, by: str) -> None:
        """A new change, with its audit entry."""
        change = self._database.hiding.value(change)
        with self._database.write(audit=True) as transaction:
            try:
                columns = _columns(change)
                seal = self._audit.seal(columns["body"], transaction.connection)
                row = {"id": change.id, "seal": seal, "rank": _next_rank(transaction.connection, change), **columns}
                transaction.connection.execute(insert(changes).values(row))
            except sa_exc.IntegrityError as exc:
                raise StoreError(f"There is a change {change.id} already.", "Offer it under another id.") from exc
            self._audit.add(transaction, EntryContent(f"change.{change.state}", by, change.id, _about(change)))

    @again_anyway
    def get(self, change_id: str) -> Change | None:
        """The change as it is now."""
        with self._database.read() as connection:
            row = connection.execute(select(*_SEALED).where(changes.c.id == change_id)).one_or_none()
        return self._opened(row) if row is not None else None

    @again
    def move(self, change: Change, to: ChangeState, by: str, detail: str = "", /, **fields: Any) -> Change | None:
        """Compare-and-swap: move the change on from the version the caller has, with these fields set as well.

        Returns the new one, or None when somebody else was faster. Raises `ValueError` for a move there is not.
        """
        if to not in MOVES[change.state]:
            raise ValueError(f"a change cannot go from {change.state} to {to}")
        moved, detail = self._next(change, {**fields, "state": to}), self._database.hiding.text(detail)
        with self._database.write(audit=True) as transaction:
            if not self._swap(transaction.connection, change, moved):
                return None
            transaction.connection.execute(
                insert(transitions).values(
                    change_id=change.id,
                    version=moved.version,
                    at=self._clock(),
                    from_state=change.state.value,
                    to_state=to.value,
                    by=plain(by),
                    detail=detail,
                )
            )
            told = {**_about(moved), "from": change.state.value, **({"detail": detail} if detail else {})}
            self._audit.add(transaction, EntryContent(f"change.{to}", by, change.id, told))
        return moved

    @again
    def update(self, change: Change, /, **fields: Any) -> Change | None:
        """The same without a move (a heartbeat, a later `due_at`, `details`): no audit entry.

        The version goes up too: of two processes that take over the same change, one gets it.
        """
        if fields.get("state", change.state) is not change.state:
            raise ValueError("an update is no move")
        updated = self._next(change, fields)
        with self._database.write() as transaction:
            return updated if self._swap(transaction.connection, change, updated) else None

    @again
    def approve(self, change: Change, person: Person, /) -> Change | None:
        """Add an approval, once per person; None when the person has approved already or the version is old.

        Raises `ValueError` for a change that waits for no approval.
        """
        if change.state is not ChangeState.REQUESTED:
            raise ValueError(f"a change that is {change.state} waits for no approval")
        if any((other.team, other.user) == (person.team, person.user) for other in change.approvers):
            return None
        approved = self._next(change, {"approvers": (*change.approvers, person)})
        row = {"change_id": change.id, "team": person.team, "person": person.user, "at": self._clock()}
        with self._database.write(audit=True) as transaction:
            if not self._swap(transaction.connection, change, approved):
                return None
            transaction.connection.execute(insert(approvals).values(row))
            told = {**_about(approved), "approvals": len(approved.approvers), "needed": approved.approvals_needed}
            by = f"{person.team}/{person.user}" if person.team else person.user
            self._audit.add(transaction, EntryContent("change.approval", by, change.id, told))
        return approved

    @again_anyway
    def due(self, now: datetime, limit: int = 50, cluster: str = "") -> Sequence[Change]:
        """Changes with something due (`due_at`), earliest first; those of one cluster, if it is named.

        One that was tampered with is left out, and logged: the others must not wait for it.
        """
        query = select(*_SEALED).where(changes.c.state.in_(_UNFINISHED), changes.c.due_at <= now)
        if cluster:
            query = query.where(changes.c.cluster == cluster)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(changes.c.due_at, changes.c.id).limit(limit)).all()
        return list(self._genuine(rows))

    @again_anyway
    def of_incident(self, incident: str) -> Sequence[Change]:
        """All changes of an incident, oldest first; those of one moment as they were added. No incident has none."""
        if not incident:
            return ()
        query = select(*_SEALED).where(changes.c.incident == incident)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(changes.c.offered_at, changes.c.rank, changes.c.id)).all()
        return [self._opened(row) for row in rows]

    @again_anyway
    def count(self, person: Person, workload_key: str, since: datetime) -> Count:
        """Changes claimed since then; a person's are those that the person requested."""
        theirs = and_(changes.c.requester_team == person.team, changes.c.requester_user == person.user)
        query = select(
            func.count().filter(theirs), func.count().filter(changes.c.workload_key == workload_key), func.count()
        ).where(changes.c.claimed_at >= since)
        with self._database.read() as connection:
            by_person, by_workload, in_all = connection.execute(query).one()
        return Count(by_person, by_workload, in_all)

    @again_anyway
    def useless(self, incident: str, remedy_id: str, target: str) -> int:
        """How often this remedy ended `not_fixed` or `failed` for this incident, rolled back since or not.

        Without an incident nothing can be counted.
        """
        if not incident:
            return 0
        query = (
            select(func.count(distinct(changes.c.id)))
            .join_from(changes, transitions)
            .where(changes.c.incident == incident, changes.c.remedy == remedy_id, changes.c.target == target)
            .where(changes.c.undoes == "", transitions.c.to_state.in_(_IN_VAIN))
        )
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def _next(self, change: Change, fields: dict[str, Any]) -> Change:
        """The next version as it is kept; what is returned to callers is the same."""
        following = revised(change, {**fields, "id": change.id, "version": change.version + 1})
        return self._database.hiding.value(following, fields)

    def _swap(self, connection: Connection, before: Change, after: Change) -> bool:
        columns = _columns(after)
        sealed = update(changes).where(_same(before)).values(seal=self._audit.seal(columns["body"]), **columns)
        return connection.execute(sealed).rowcount == 1

    def _opened(self, row: Sequence[Any]) -> Change:
        """The change of a row of `_SEALED`. Raises `StoreError` for one that this program has not written so."""
        change_id, body, seal = row
        if chain.is_same_mac(self._audit.seal(body), seal):
            change = decode(Change, body)
            if change.id == change_id:
                return change
        raise StoreError(
            f"Change {change_id} was edited in the database, or written with another key, so nothing is done by it.",
            "Find out who did that: `triage audit list` shows what was really decided.",
        )

    def _genuine(self, rows: Iterable[Sequence[Any]]) -> Iterator[Change]:
        for row in rows:
            try:
                yield self._opened(row)
            except AuditUnwritable:
                raise
            except StoreError as exc:
                _log.error("%s", exc)


def _next_rank(connection: Connection, change: Change) -> int:
    """The place of a new change among those of its incident; two replicas at the very same moment may use one twice."""
    query = select(func.coalesce(func.max(changes.c.rank) + 1, 0)).where(changes.c.incident == change.incident)
    return connection.scalar(query) or 0


def _same(change: Change) -> ColumnElement[bool]:
    return and_(changes.c.id == change.id, changes.c.version == change.version, changes.c.state == change.state.value)


def _columns(change: Change) -> dict[str, Any]:
    requester = change.requester or Person(user="")
    return {
        "version": change.version,
        "state": change.state.value,
        "cluster": change.cluster,
        "incident": change.incident,
        "remedy": change.remedy.id,
        "target": change.remedy.target,
        "workload_key": change.workload_key,
        "undoes": change.undoes,
        "requester_team": requester.team,
        "requester_user": requester.user,
        "offered_at": change.offered_at,
        "due_at": change.due_at,
        "claimed_at": change.claimed_at,
        "owned_until": change.owned_until,
        "body": encode(change),
    }


def _about(change: Change) -> dict[str, Any]:
    """What every audit entry about a change says: enough to know what was done to which object."""
    told = {
        "app": change.app,
        "cluster": change.cluster,
        "namespace": change.namespace,
        "incident": change.incident,
        "remedy": change.remedy.id,
        "target": change.remedy.target,
        "digest": change.digest,
        "role": change.role,
        "undoes": change.undoes,
        "requester": change.requester.user if change.requester else "",
        "approvers": [person.user for person in change.approvers],
        "names": [person.name for person in (change.requester, *change.approvers) if person is not None],
        "outcome": change.outcome,
    }
    return {name: value for name, value in told.items() if value}
