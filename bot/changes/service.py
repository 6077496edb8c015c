"""The use case: changes from their offer to their outcome. Called by chat adapters, the command line and the ticker.

Keeps nothing that matters in memory: two replicas may run it at once, and each may be killed at any moment. Every press
is answered, and every refusal is in the audit before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.changes import clicking, previewing, undoing
from bot.changes.actor import Actor
from bot.changes.clicking import Unfinished
from bot.changes.deps import Authority, ChangeDeps, random_id
from bot.changes.gates import Refused
from bot.changes.journal import Journal, Listener, Overtaken, unrecorded
from bot.changes.observed import Observations
from bot.changes.offering import offer
from bot.changes.outcome import ticking
from bot.changes.policy.crowd import Members, nobody_knows
from bot.changes.ports import ClusterWriter
from bot.changes.results import (
    Approved,
    Code,
    Declined,
    Offers,
    Previewed,
    Refusal,
    Requested,
    Undoing,
)
from bot.diagnosis.ports import Clock
from bot.domain.changes import Change
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import StoreError, TriageError

Answer = TypeVar("Answer")
P = ParamSpec("P")


class ChangeService:
    """See the module. Safe to use from several threads."""

    def __init__(  # noqa: PLR0913 - the last two by name
        self,
        journal: Journal,
        writer: Callable[[str], ClusterWriter],
        authority: Authority,
        diagnose: Callable[[str, str, str], Diagnosis],
        clock: Clock,
        *,
        owner: str = "",
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        """Say what it works with.

        `writer(cluster)` gives what writes to a cluster and `diagnose(cluster, app, place)` the diagnosis now, `place`
        being a namespace or `namespace/release`; both raise `TriageError`. `owner` names this process among those that
        share the store (default: a new name for each service). `monotonic` measures how long a lease has stood
        (default: the clock; a program gives one that nobody can set).
        """
        owner = owner or random_id()
        observed = Observations(monotonic or (lambda: clock().timestamp()), owner)
        self._deps = ChangeDeps(journal, writer, authority, diagnose, clock, owner, observed)

    def watch(self, listener: Listener) -> None:
        """Tell this one after every move, for adapters that draw cards. A `TriageError` of a listener is logged."""
        self._deps.journal.watch(listener)

    def find(self, change_id: str) -> Change | None:
        """The change as it is now. Raises `StoreError`."""
        return self._deps.journal.store.get(change_id)

    def offer(
        self,
        diagnosis: Diagnosis,
        *,
        incident_id: str,
        details: Mapping[str, Any],
        place: str = "",
        members: Members = nobody_knows,
    ) -> Offers:
        """Changes for the remedies that somebody could apply, and why the others are withheld.

        `place` is what was diagnosed where a namespace holds several releases (`namespace/release`); `members` says
        who is in a user group. Never raises a
        `StoreError` or a `ClusterError`: these are reasons to offer nothing.
        """
        more = {"place": place} if place else {}
        return offer(self._deps, diagnosis, incident_id, {**details, **more}, members)

    def preview(self, change_id: str, actor: Actor, parameters: Mapping[str, str] | None = None) -> Previewed | Refusal:
        """A dry run of the remedy, with edited parameters if they are given; nothing is changed in the cluster."""
        return self._answer("preview", previewing.preview, change_id, actor, parameters)

    def request(self, change_id: str, actor: Actor, digest: str) -> Requested | Refusal:
        """Ask for what was previewed (`digest` says which preview); done at once where nobody else must agree."""
        return self._answer("request", clicking.request, change_id, actor, digest)

    def approve(self, change_id: str, actor: Actor) -> Approved | Refusal:
        """Agree to somebody else's request; with the last approval it is done, in the name of this person."""
        return self._answer("approve", clicking.approve, change_id, actor)

    def decline(self, change_id: str, actor: Actor) -> Declined | Refusal:
        """Turn a request down, or withdraw one's own."""
        return self._answer("decline", clicking.decline, change_id, actor)

    def undo(self, change_id: str, actor: Actor) -> Undoing | Refusal:
        """Take a finished change back: a new change that puts the captured fields in place again."""
        return self._answer("undo", undoing.undo, change_id, actor)

    def tick(self, now: datetime) -> int:
        """Do what is due, and say how many changes were looked at; bounded work. Raises `StoreError`."""
        return ticking.tick(self._deps, now)

    def _answer(
        self,
        act: str,
        do: Callable[Concatenate[ChangeDeps, str, Actor, P], Answer],
        change_id: str,
        actor: Actor,
        *rest: P.args,
        **named: P.kwargs,
    ) -> Answer | Refusal:
        """What was done, or a refusal that stands in the audit. No `TriageError` leaves, and no secret."""
        try:
            return do(self._deps, change_id, actor, *rest, **named)
        except TriageError as error:
            refusal = self._refused(act, change_id, actor, error)
        return replace(refusal, sentence=self._deps.journal.boundary.text(refusal.sentence))

    def _refused(self, act: str, change_id: str, actor: Actor, error: TriageError) -> Refusal:
        """Why nothing was done, or not all; written into the audit where that can be written to."""
        match error:
            case Unfinished():
                return Refusal(Code.UNFINISHED, f"{error.message} {error.remedy}")
            case StoreError():
                return unrecorded(error)
            case Refused():
                refusal = error.refusal
            case Overtaken():
                sentence = "Somebody else was faster at this very moment; the card shows what came of it."
                refusal = Refusal(Code.OVERTAKEN, sentence)
            case _:
                refusal = Refusal(Code.CLUSTER_UNKNOWN, f"Nothing was done. {error}")
        return self._deps.journal.refuse(actor, act, change_id, refusal)
