"""What is asked of a policy: may this person do this, here, now?

Built by `bot.changes`; everything that a decision goes by is in it, the time included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.changes.actor import Actor
from bot.changes.ports import Count
from bot.domain.changes import Change, Person
from bot.domain.remedies import Parameter, Remedy, Risk


class Act(StrEnum):
    """What the person wants to do with the change."""

    REQUEST = "request"
    """Look at the preview, ask for it, or do it where no approval is needed."""
    APPROVE = "approve"
    """Agree to what somebody else asked for."""
    UNDO = "undo"
    """Put back what a change replaced: the same role, no approvals, no parameters."""


@dataclass(frozen=True, slots=True)
class ChangeScope:
    """Where something would be changed. `app` may be a workload (`deployment/api`)."""

    app: str
    cluster: str
    namespace: str


@dataclass(frozen=True, slots=True)
class RequestedChange:
    """What would be changed: the remedy as far as a policy looks at it, with the values that would be set."""

    kind: str
    risk: Risk
    role: str = "operator"
    parameters: tuple[Parameter, ...] = ()

    @classmethod
    def of(cls, remedy: Remedy) -> RequestedChange:
        """The remedy as it stands."""
        return cls(remedy.kind, remedy.risk, remedy.role, remedy.parameters)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """May this person do this, here, now? Raises `ValueError` when it makes no sense.

    count:     what was claimed within `BUDGET_WINDOW`, in all and by this person and for this workload
    now:       an aware time
    requester: who asked for the change; needed when it is to be approved
    approvers: who has agreed so far
    """

    actor: Actor
    place: ChangeScope
    ask: RequestedChange
    count: Count
    now: datetime
    act: Act = Act.REQUEST
    requester: Person | None = None
    approvers: tuple[Person, ...] = ()

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError("the time of a question needs a zone")
        if self.act is Act.APPROVE and self.requester is None:
            raise ValueError("nobody has requested what is to be approved")


def question_about(change: Change, actor: Actor, count: Count, now: datetime, act: Act = Act.REQUEST) -> AccessRequest:
    """The question about a change. One that takes another back is always asked about as `Act.UNDO`."""
    undoes = bool(change.undoes) or act is Act.UNDO
    remedy = change.remedy
    return AccessRequest(
        actor=actor,
        place=ChangeScope(change.app, change.cluster, change.namespace),
        ask=RequestedChange(remedy.kind, remedy.risk, remedy.role, () if undoes else remedy.parameters),
        count=count,
        now=now,
        act=Act.UNDO if undoes else act,
        requester=change.requester,
        approvers=change.approvers,
    )
