"""What all steps of a change work with: the cluster, the database, the rules, the clock. Built once by the service."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.changes.journal import Journal
from bot.changes.observed import Observations
from bot.changes.policy.access_request import AccessRequest, ChangeScope, RequestedChange
from bot.changes.policy.decision import Decision
from bot.changes.policy.model import Holder
from bot.changes.ports import ClusterWriter, Impersonation
from bot.diagnosis.ports import Clock
from bot.domain.changes import Change, Person
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import UsageError
from bot.domain.remedies import Remedy

LEASE = timedelta(seconds=90)
"""How long a process that sends one write is believed to be alive: reading, writing and writing anew after a change of
mere status take up to 66 s."""

SURE_AFTER = timedelta(seconds=85)
"""This long after a process began a write, that write can no longer take effect, whatever became of the process."""

SEND_WITHIN = timedelta(seconds=5)
"""A write is begun within this time after its lease was written, or the lease is written anew: a process that stood
still in between finds out before it sends. The writer itself gives up where its own reads take too long."""

IN_FLIGHT = timedelta(seconds=25)
"""The same after a write that was given up for want of an answer: the API server is told to give up after 11 s."""

LOOK_LEASE = timedelta(seconds=90)
"""The same for one that looks whether a change has helped: two looks at a slow cluster take 40 s."""


def random_id() -> str:
    """A new id. It is no secret: buttons carry tokens of their own."""
    return secrets.token_hex(6)


UNCERTAIN = "uncertain"
"""Set in the details of a change whose outcome could not be seen. It is for showing, and decides nothing."""

SERVICES = "services"
"""In the details of a change that sets a URL: the Services that were seen, as `namespace/name`."""

SINCE = "since"
"""In the details of a change: since when the app was down when it was offered, in ISO 8601; left out if not known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and counts that the rules set.

    offer, approval: how long people may act
    verify_for:      how long a change has to show that it helped
    withdraw_after:  after so many useless tries a remedy is no longer offered for the incident
    budget_window:   budgets count what was claimed within it
    """

    offer: timedelta
    approval: timedelta
    verify_for: timedelta
    withdraw_after: int
    budget_window: timedelta


class Authority(Protocol):
    """Whose rights decide: the policy's and its roles', or the caller's own (`bot.changes.authority`)."""

    own_rights: bool
    """Whether writes are made with the caller's own account."""

    def limits(self) -> Limits:
        """The limits in force now."""

    def rules(self) -> str:
        """A digest of the rules in force now; empty where there are none."""

    def works_for(self, requester: Person) -> bool:
        """Whether what this person has asked for may be finished here, if its process has died."""

    def closed(self) -> str:
        """Why nobody may act now, as a sentence; empty when somebody may."""

    def roles(self, place: ChangeScope, ask: RequestedChange) -> Sequence[str]:
        """Roles that grant it there, least powerful first; with the caller's own rights, one empty name."""

    def holders(self, place: ChangeScope, ask: RequestedChange) -> Sequence[Holder]:
        """Who could do it, by the policy; with the caller's own rights nobody can be named."""

    def approvals_needed(self, remedy: Remedy) -> int:
        """How many other people must agree."""

    def fitted(self, remedy: Remedy, place: ChangeScope) -> Remedy | None:
        """The remedy with its parameters capped; None when a bound leaves nothing to offer."""

    def problem(self, remedy: Remedy, place: ChangeScope) -> str:
        """Which parameter is out of bounds, as a sentence; empty when none is."""

    def decide(self, question: AccessRequest) -> Decision:
        """May this person do this, here, now?"""

    def acting_as(self, role: str, person: Person) -> Impersonation | None:
        """In whose name the cluster is asked; None: with the caller's own account."""


@dataclass(frozen=True, slots=True)
class ChangeDeps:
    """Everything a step needs.

    writer:   cluster → what writes to it; called for each step, so that a lost cluster is an answer and not a crash.
              Raises `TriageError`, also for a cluster that is not this bot's
    diagnose: (cluster, app, namespace or namespace/release) → the diagnosis now; raises `TriageError`
    owner:    names this process among those that share the database
    observed: what this process has seen of changes, by its monotonic clock
    new_id:   an id that no change has
    """

    journal: Journal
    writer: Callable[[str], ClusterWriter]
    authority: Authority
    diagnose: Callable[[str, str, str], Diagnosis]
    clock: Clock
    owner: str
    observed: Observations
    new_id: Callable[[], str] = random_id

    def writer_to(self, cluster: str) -> ClusterWriter:
        """What writes to this very cluster. Raises `TriageError`."""
        writer = self.writer(cluster)
        if writer.cluster != cluster:
            message = f"That is about the cluster {cluster}, and only {writer.cluster} is within reach."
            raise UsageError(message, "Ask in the cluster it is about.")
        return writer

    def actor_of(self, change: Change) -> Impersonation | None:
        """In whose name a claimed change is made: who approved it last, else who asked for it."""
        person = change.approvers[-1] if change.approvers else change.requester
        return self.authority.acting_as(change.role, person or Person(user=""))

    def is_ours(self, change: Change) -> bool:
        """Whether this process may work on it: a bot leaves changes of the command line alone, and the reverse."""
        return change.requester is None or self.authority.works_for(change.requester)


def place_of(change: Change) -> ChangeScope:
    """Where the change is made."""
    return ChangeScope(change.app, change.cluster, change.namespace)


def stamp_of(now: datetime) -> str:
    """The time as Kubernetes writes it; it marks a restart."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def past(now: datetime, moment: datetime | None) -> bool:
    """Whether the moment has come."""
    return moment is not None and now >= moment
