"""Every move of a change goes through here: compare-and-swap, then the listeners; and every refusal, into the audit.

Used by all modules of the change service. The store appends the audit entry of a move in the move's own transaction, so
a move that cannot be audited does not happen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.changes.actor import Actor
from bot.changes.ports import AuditLog, ChangeStore
from bot.changes.results import Code, Refusal
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import AuditUnwritable, StoreError, TriageError
from bot.redaction import Boundary
from bot.runtime.logs import about_incident

BOT = "triage"
"""Who moves a change when nobody presses anything."""

LATE = "late"
"""The audit event of a write that took effect after its change had been given up; its detail has `targets`."""

REFUSED = "refused"
"""The audit event of a press that was refused; its detail has a `code`."""

Listener = Callable[[Change], None]

_log = logging.getLogger(__name__)


class Overtaken(TriageError):
    """Somebody else, or another replica, has moved the change meanwhile. Never leaves the change service."""

    def __init__(self, change_id: str) -> None:
        super().__init__(f"Change {change_id} was moved by somebody else at this moment.", "Look at the card.")
        self.change_id = change_id


class Journal:
    """The store with its listeners, and the audit log.

    `boundary` is what refusals and previews pass before anybody sees them (default: the built-in rules); what is kept
    passes the store's.
    """

    def __init__(self, store: ChangeStore, audit: AuditLog, boundary: Boundary | None = None) -> None:
        self.store = store
        self.boundary = boundary or Boundary()
        self._audit = audit
        self._listeners: list[Listener] = []

    def watch(self, listener: Listener) -> None:
        """Tell this one after every move. Its `TriageError`s are logged and stop nothing."""
        self._listeners.append(listener)

    def add(self, change: Change, by: str) -> Change:
        """A new change, for which adapters draw a button themselves: listeners are not told."""
        self.store.add(change, by)
        return change

    def move(self, change: Change, to: ChangeState, by: str, detail: str = "", /, **fields: Any) -> Change:
        """Move it and tell. Raises `Overtaken`."""
        moved = self.store.move(change, to, by, detail, **fields)
        if moved is None:
            raise Overtaken(change.id)
        with about_incident(change.incident):
            _log.info("change %s of %s: %s, was %s", change.id, change.remedy.target, to, change.state)
        self.tell(moved)
        return moved

    def approve(self, change: Change, actor: Actor) -> Change:
        """Add an approval and tell. Raises `Overtaken`."""
        approved = self.store.approve(change, actor.person)
        if approved is None:
            raise Overtaken(change.id)
        self.tell(approved)
        return approved

    def touch(self, change: Change, /, **fields: Any) -> Change:
        """Set fields without a move. Listeners are told only of a new outcome. Raises `Overtaken`."""
        touched = self.store.update(change, **fields)
        if touched is None:
            raise Overtaken(change.id)
        if touched.outcome != change.outcome:
            self.tell(touched)
        return touched

    def lease(self, change: Change, owner: str, until: datetime) -> Change:
        """Own it until then: nobody else works on it before. Raises `Overtaken`."""
        return self.touch(change, owner=owner, owned_until=until, due_at=until)

    def later(self, change: Change, at: datetime, /, **fields: Any) -> Change:
        """Let go of it until then, when whoever is there first goes on. Raises `Overtaken`."""
        return self.touch(change, **{"owner": "", "owned_until": at, "due_at": at, **fields})

    def finish(self, change: Change, to: ChangeState, outcome: str, by: str = BOT, /, **fields: Any) -> Change:
        """The last move: nothing is due any more. Raises `Overtaken`."""
        over = {"owner": "", "owned_until": None, "due_at": None}
        return self.move(change, to, by, "", outcome=outcome, **over, **fields)

    def refuse(self, actor: Actor, act: str, change_id: str, refusal: Refusal) -> Refusal:
        """The refusal, once it stands in the audit; another one when it cannot."""
        detail: Mapping[str, Any] = {
            "act": act,
            "code": str(refusal.code),
            "sentence": refusal.sentence,
            "channel": actor.channel,
            "place": actor.place,
            "name": actor.person.name,
        }
        try:
            self._audit.append(REFUSED, actor.label, change_id, detail)
        except StoreError as exc:
            return unrecorded(exc)
        return refusal

    def note(self, event: str, change: Change, detail: Mapping[str, Any]) -> None:
        """Something about a change that is no move of it, in the audit. Raises `StoreError`."""
        self._audit.append(event, BOT, change.id, detail)

    def tell(self, change: Change) -> None:
        """Tell the listeners. One that fails stops neither the change nor the others."""
        with about_incident(change.incident):
            for listener in self._listeners:
                try:
                    listener(change)
                except TriageError as exc:
                    _log.warning("change %s: a listener was not told of %s: %s", change.id, change.state, exc)


def unrecorded(error: StoreError) -> Refusal:
    """The answer when what was pressed cannot be written down: then nothing is done."""
    if isinstance(error, AuditUnwritable):
        return Refusal(Code.AUDIT_UNWRITABLE, f"Nothing was done: the audit log cannot be written. {error}")
    return Refusal(Code.STORE_DOWN, f"Nothing was done: the database does not answer. {error}")


def seconds(number: float) -> timedelta:
    """A span of time."""
    return timedelta(seconds=number)
