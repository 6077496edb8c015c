"""Keeps the requests for approval in the threads up to date: posted once, edited after each move, by any replica.

Called by `follow` after each move of a change, and on each tick. What a message should say is read when it is
sent, and looked at again afterwards: whoever edits last has seen the newest state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.changes.policy.access_request import ChangeScope, RequestedChange
from bot.changes.policy.model import Closed, Holder, HolderKind
from bot.changes.policy.people import holders
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import ChatError, StoreError
from bot.domain.incidents import Incident
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.incidents.fixes.deps import FixDeps
from bot.incidents.fixes.fix_state import FixState, Posted, keep, kept_of
from bot.incidents.fixes.request import APPROVE, DECLINE, REVIEW, asks_for_approval, request_message, signature
from bot.incidents.ports import Target, new_id
from bot.incidents.tokens import Spot

POSTING = timedelta(seconds=60)
"""A process that posts a request and has not finished by then is thought dead."""


class Requests:
    """All requests for approval."""

    def __init__(self, deps: FixDeps) -> None:
        self.deps = deps
        self.changes = deps.changes
        self.owner = new_id()

    def show(self, change: Change, incident: Incident) -> bool:
        """Bring the message of this change up to date, soon. False: it is."""
        if not asks_for_approval(change):
            return False
        posted = kept_of(incident).asked.get(change.id, Posted())
        if posted.shown == signature(change) or (not posted.ts and change.state is not ChangeState.REQUESTED):
            return False
        root = incident.thread_ts or incident.ts
        # A post of it by a process that died is looked for before it is posted (again).
        target = Target(incident.channel, root, posted.ts, _card(change.id), doubtful=bool(posted.owner))
        self.deps.queue.show(target, _Request(self, change.id, incident.id), final=True)
        return True

    def message(self, change: Change, incident: Incident, ts: str) -> CardModel:
        """What it says now, with new tokens while it waits."""
        tokens: dict[str, str] = {}
        if change.state is ChangeState.REQUESTED:
            spot = Spot(incident.team, incident.channel, _card(change.id), ts)
            about = {"change": change.id, "incident": incident.id}
            tokens = {kind: self.deps.tokens.issue(kind, spot, about) for kind in (APPROVE, DECLINE, REVIEW)}
        approvers = self.approvers(change)
        # Only the first post calls them: an edit pings nobody, and must not seem to.
        called = () if ts else tuple(one.id for one in approvers if one.kind is not HolderKind.CHANNEL)
        said = request_message(change, self.deps.boundary.redactor(), self.deps.directory.names(approvers), tokens)
        return replace(said, calls=called) if change.state is ChangeState.REQUESTED else said

    def approvers(self, change: Change) -> tuple[Holder, ...]:
        """Who holds a role that may approve it, without those who cannot do so any more."""
        policy = self.deps.policy.current()
        if isinstance(policy, Closed):
            return ()
        place = ChangeScope(change.app, change.cluster, change.namespace)
        gone = {person.user for person in (change.requester, *change.approvers) if person is not None}
        found = holders(policy, place, RequestedChange.of(change.remedy))
        return tuple(one for one in found if not (one.kind is HolderKind.USER and one.id in gone))


@dataclass
class _Request:
    """The newest state of one request, as the queue asks for it."""

    requests: Requests
    change_id: str
    incident_id: str
    drawn: str = ""

    def message(self) -> CardModel | None:
        """See `Content`."""
        deps = self.requests.deps
        change, incident = self.requests.changes.get(self.change_id), deps.incidents.get(self.incident_id)
        if change is None or incident is None:
            return None
        self.drawn = signature(change)
        posted = kept_of(incident).asked.get(change.id, Posted())
        never = not posted.ts and not posted.owner and change.state is not ChangeState.REQUESTED
        if posted.shown == self.drawn or never:
            return None
        if not posted.ts and not self._mine():
            raise StoreError("Another process posts this request for approval.", "")
        return self.requests.message(change, incident, posted.ts)

    def shown(self, target: Target) -> None:
        """See `Content`."""
        deps = self.requests.deps
        deps.tokens.placed(_card(self.change_id), target.ts)
        keep(
            deps.incidents,
            self.incident_id,
            lambda kept: kept.with_posted(self.change_id, Posted(ts=target.ts, shown=self.drawn)),
        )
        change, incident = self.requests.changes.get(self.change_id), deps.incidents.get(self.incident_id)
        if change is not None and incident is not None:
            self.requests.show(change, incident)

    def refused(self, target: Target, error: ChatError) -> None:  # noqa: ARG002  the protocol has it
        """See `Content`. The requester is told: nobody else can see the request."""
        deps = self.requests.deps
        change, incident = self.requests.changes.get(self.change_id), deps.incidents.get(self.incident_id)
        if change is not None and change.requester is not None and incident is not None:
            deps.tell(incident.channel, change.requester.user, notices.failure(error))

    def _mine(self) -> bool:
        """Take it on, so that no other process posts it as well."""
        deps, requests = self.requests.deps, self.requests
        now = deps.clock()

        def take(kept: FixState) -> FixState | None:
            posted = kept.asked.get(self.change_id, Posted())
            taken = posted.owner not in ("", requests.owner) and posted.until is not None and posted.until > now
            mine = Posted(owner=requests.owner, until=now + POSTING)
            return None if taken or posted.ts else kept.with_posted(self.change_id, mine)

        return keep(deps.incidents, self.incident_id, take) is not None


def _card(change_id: str) -> str:
    """The name that ties the buttons of a request together, and its message to it."""
    return f"approval {change_id}"
