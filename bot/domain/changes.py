"""A change: one remedy on its way from an offer to its outcome, and the only moves it may make.

Persisted by the store, moved by `bot.changes`. Pure data and one table; "change" is ITIL's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.remedies import Remedy


class ChangeState(StrEnum):
    """Where a change is. A row is written for each move before the effect of that move."""

    OFFERED = "offered"
    PREVIEWED = "previewed"
    REQUESTED = "requested"
    APPROVED = "approved"
    CLAIMED = "claimed"
    APPLIED = "applied"
    VERIFYING = "verifying"
    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    EXPIRED = "expired"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


_S = ChangeState
MOVES: Mapping[ChangeState, frozenset[ChangeState]] = {
    _S.OFFERED: frozenset({_S.PREVIEWED, _S.EXPIRED, _S.REFUSED, _S.SUPERSEDED}),
    _S.PREVIEWED: frozenset({_S.PREVIEWED, _S.REQUESTED, _S.EXPIRED, _S.REFUSED, _S.SUPERSEDED}),
    _S.REQUESTED: frozenset({_S.APPROVED, _S.EXPIRED, _S.REFUSED, _S.SUPERSEDED}),
    _S.APPROVED: frozenset({_S.CLAIMED, _S.EXPIRED, _S.REFUSED, _S.SUPERSEDED}),
    _S.CLAIMED: frozenset({_S.APPLIED, _S.FAILED}),
    _S.APPLIED: frozenset({_S.VERIFYING, _S.FAILED}),
    _S.VERIFYING: frozenset({_S.FIXED, _S.NOT_FIXED, _S.FAILED}),
    _S.FIXED: frozenset({_S.ROLLED_BACK}),
    _S.NOT_FIXED: frozenset({_S.ROLLED_BACK}),
    # Given up, and then a request that was on its way took effect after all.
    _S.FAILED: frozenset({_S.ROLLED_BACK, _S.APPLIED}),
    _S.ROLLED_BACK: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.SUPERSEDED: frozenset(),
}
"""The only moves there are."""

UNDER_WAY = frozenset({_S.CLAIMED, _S.APPLIED, _S.VERIFYING})
"""A process works on it, or died while it did."""

WAITING = frozenset({_S.OFFERED, _S.PREVIEWED, _S.REQUESTED, _S.APPROVED})
"""Waits for people, and expires."""


class Frozen(BaseModel):
    """Immutable, and strict about its fields: it is read back from a database."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Frozen):
    """Somebody in chat. `name` is only for showing; decisions go by `team` and `user`.

    On the command line: the operating system's user, with an empty team.
    """

    user: str
    team: str = ""
    name: str = ""

    def is_same(self, other: Person | None) -> bool:
        """Whether both are one person: people change their names."""
        return other is not None and (self.team, self.user) == (other.team, other.user)


class Write(Frozen):
    """One step made concrete at the preview: exactly what is sent, and what it was computed from.

    uid, generation, resource_version: of the object when it was read (generation 0: the kind has none); empty for a
             creation
    content: SHA-256 over what the object says, for kinds without a generation; empty for others
    body:    the JSON body; a patch, the whole object for a creation, DeleteOptions for a deletion
    before:  the way back, as a patch: the object's fields that the patch touches, `null` for those it did not have
             (None: the object did not exist). For a deletion: the whole object
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    body: Mapping[str, Any]
    content_type: str
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    content: str = ""
    before: Mapping[str, Any] | None = None

    @property
    def creates(self) -> bool:
        """Whether the object must not exist yet."""
        return self.before is None

    @property
    def deletes(self) -> bool:
        """Whether the object is to be deleted: only to take back a creation."""
        return self.body.get("kind") == "DeleteOptions"

    @property
    def target(self) -> str:
        """`kind/name`, as kubectl takes it."""
        return f"{self.kind.lower()}/{self.name}"


class Change(Frozen):
    """One remedy on its way.

    other_causes: root causes that stood beside it when it was offered: they do not speak against this change
    version:    goes up with each move; the compare-and-swap goes by it
    digest:     SHA-256 over the canonical JSON of `writes`: what was previewed is what is approved and sent
    undoes:     id of the change that this one takes back; empty for a remedy
    role:       the role by which it is done once claimed; the cluster's group is `triage:ROLE`
    rules:      digest of the policy in force when it was requested: under another one, nobody has agreed to it
    expires_at: until when people may act on it; moves with requests, and a little with previews
    due_at:     when the next automatic step is due (expiry, verification); None: nothing is due
    calm_since: since when verification has found the app healthy without a break
    owner, owned_until: the process that works on it, and until when nobody else may take it over
    outcome:    one sentence for people
    """

    id: str
    app: str
    cluster: str
    namespace: str
    cause: str
    other_causes: tuple[str, ...] = ()
    remedy: Remedy
    state: ChangeState = ChangeState.OFFERED
    version: int = 0
    incident: str = ""
    writes: tuple[Write, ...] = ()
    digest: str = ""
    undoes: str = ""
    requester: Person | None = None
    approvers: tuple[Person, ...] = ()
    approvals_needed: int = 0
    role: str = ""
    rules: str = ""
    offered_at: datetime
    expires_at: datetime
    due_at: datetime | None = None
    claimed_at: datetime | None = None
    verify_until: datetime | None = None
    calm_since: datetime | None = None
    owner: str = ""
    owned_until: datetime | None = None
    outcome: str = ""
    details: Mapping[str, Any] = Field(default_factory=dict)
    """What adapters keep with it (where its messages stand); never decides anything."""

    @property
    def workload_key(self) -> str:
        """What budgets and repeats are counted by: the object in its cluster and namespace."""
        return f"{self.cluster}/{self.namespace}/{self.remedy.target}"
