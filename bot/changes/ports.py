"""What applying a remedy needs from the outside: a cluster that can be written to, and rows that survive a crash.

Implemented by `bot.adapters.kube` and `bot.adapters.store`; tests bring their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.remedies import Step

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Impersonation:
    """In whose name the cluster is written to.

    role:   the group `triage:ROLE` that is impersonated
    person: shown in the cluster's audit log
    """

    role: str
    person: Person


@dataclass(frozen=True, slots=True)
class Permission:
    """What the cluster's RBAC says. `reason` is for people; `known` is False when the question itself failed.

    `acts` is False when the account may not even act in that role.
    """

    allowed: bool
    reason: str = ""
    known: bool = True
    acts: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """A server-side dry run of one write: the object before and after, and what the API server said about it."""

    write: Write
    before: Json | None
    after: Json
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollout:
    """How far a workload's rollout is, as `kubectl rollout status` says it. `observed`: its controller has seen it."""

    done: bool
    sentence: str
    failed: bool = False
    observed: bool = True


class ClusterWriter(Protocol):
    """Writes to one cluster, each write once: nothing is ever sent again by itself.

    `actor` None means the caller's own account (the command line); else the write is impersonated. All methods raise
    `ClusterError`; `ObjectGone` when the object is not there, `ObjectChanged` when it is no longer the one that was
    previewed, `WriteRefused` when RBAC or admission says no (with its words), `OutcomeUnknown` when the write was
    sent and no answer came.
    """

    cluster: str

    def prepare(self, step: Step, namespace: str, stamp: str) -> Write:
        """Read the object and make the step concrete. `stamp` is the time a restart writes, and marks this change."""

    def may(self, acting_as: Impersonation | None, write: Write) -> Permission:
        """Whether the cluster would allow the write: an access review, asked as the one who would write."""

    def preview(self, acting_as: Impersonation | None, write: Write) -> Preview:
        """Dry run on the server. Nothing is changed."""

    def unchanged(self, write: Write) -> bool:
        """Whether the object is still the one the write was prepared from (uid, and generation or content)."""

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:
        """Send the write once, on condition that the object is unchanged; it carries `change_id` as an annotation."""

    def fence(self, acting_as: Impersonation | None, write: Write, change_id: str) -> bool:
        """Make sure that this write can take effect no more, whether its request is on its way or still to be made:
        the object gets a new version and a mark, and says the same as before. False where that cannot be done (a
        creation has no version to refuse by).
        """

    def was_applied(self, write: Write, change_id: str) -> bool | None:
        """Whether the object shows that this write of this change took effect. None: it cannot be told now."""

    def revert(self, write: Write, change_id: str, stamp: str) -> Write:
        """Read the object and make the write that takes `write` of that change back.

        The touched fields become `before` again; what was created is deleted; a restart is one more restart with
        this `stamp`. Raises `ObjectChanged` when the fields are no longer what that change made them.
        """

    def rollout(self, write: Write) -> Rollout:
        """How far the rollout is that the write caused; `done` at once for kinds that roll nothing out."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was done since a moment: for budgets and for useless repeats."""

    by_person: int
    by_workload: int
    in_all: int


class ChangeStore(Protocol):
    """Changes, durable. Every move appends one audit entry in the same transaction: without audit, no move.

    All methods raise `StoreError`.
    """

    def add(self, change: Change, by: str) -> None:
        """A new change, with its audit entry."""

    def get(self, change_id: str) -> Change | None:
        """The change as it is now."""

    def move(self, change: Change, to: ChangeState, by: str, detail: str = "", /, **fields: Any) -> Change | None:
        """Compare-and-swap: move the change on from the version the caller has, with these fields set as well.

        Returns the new one, or None when somebody else was faster. Raises `ValueError` for a move there is not.
        """

    def update(self, change: Change, /, **fields: Any) -> Change | None:
        """The same without a move (a heartbeat, a later `due_at`, `details`): no audit entry."""

    def approve(self, change: Change, person: Person, /) -> Change | None:
        """Add an approval, once per person; None when the person has approved already or the version is old."""

    def due(self, now: datetime, limit: int = 50, cluster: str = "") -> Sequence[Change]:
        """Changes with something due (`due_at`), earliest first; those of one cluster, if it is named."""

    def of_incident(self, incident: str) -> Sequence[Change]:
        """All changes of an incident, oldest first."""

    def count(self, person: Person, workload_key: str, since: datetime) -> Count:
        """Changes claimed since then; `by_person` are those the person has requested."""

    def useless(self, incident: str, remedy_id: str, target: str) -> int:
        """How often this remedy ended `not_fixed` or `failed` for this incident."""


class AuditLog(Protocol):
    """Append-only and hash-chained. Used directly for what moves no change: refusals, late and strange clicks."""

    def append(self, event: str, by: str, about: str, detail: Mapping[str, Any]) -> None:
        """One entry. Raises `AuditUnwritable`: then the caller does nothing else either."""
