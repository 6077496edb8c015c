"""Presses of the buttons of changes: look at it, approve, decline, undo. Each gets a private answer.

So do presses that the gate turns away, which are audited like all others.

Registered by `bot`. Nothing is decided here: `ChangeService` says yes or no, this finds out who asks and
shows the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.adapters.slack.events.changes.people import People, PressContext, spoken_by
from bot.adapters.slack.events.people import AllowedUser
from bot.adapters.slack.events.presses import Click, Press, PressKind, TurnedAway
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ChangeOptions
from bot.adapters.slack.render.blocks import Json, Message
from bot.adapters.slack.render.change_views import (
    FORM,
    TITLE,
    PreviewParts,
    answer_message,
    preview_view,
    refusal_message,
    refusal_view,
)
from bot.changes.actor import Actor
from bot.changes.policy.model import Closed, Holder, HolderKind, Policy
from bot.changes.policy.source import PolicySource
from bot.changes.results import Accepted, Code, Previewed, Refusal
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import TriageError
from bot.domain.incidents import IncidentState
from bot.incidents.fixes.card import LOOK, UNDO
from bot.incidents.fixes.request import APPROVE, DECLINE, REVIEW
from bot.incidents.fixes.requests import Requests
from bot.incidents.ports import new_id
from bot.incidents.tokens import Spot

_S = ChangeState
_OLD = frozenset({Code.SUPERSEDED, Code.EXPIRED, Code.OBJECT_CHANGED})
Act = Callable[[str, Actor], Accepted | Previewed | Refusal]


class Previews:
    """Makes the modal of a preview, with the token that its button submits."""

    def __init__(self, services: SlackDeps, policy: PolicySource, requests: Requests) -> None:
        self._services = services
        self._policy = policy
        self._requests = requests

    def is_over(self, incident_id: str) -> bool:
        """Whether the incident is resolved, so that whoever changes something must be told so first."""
        incident = self._services.incidents.get(incident_id) if incident_id else None
        return incident is not None and incident.state is IncidentState.RESOLVED

    def policy(self) -> Policy | None:
        """The policy in force; None when there is none."""
        policy = self._policy.current()
        return None if isinstance(policy, Closed) else policy

    def view(self, previewed: Previewed, spoken: PressContext, news: str = "") -> Json:
        """The modal for this person."""
        change = previewed.change
        act, submit = _what_next(change, spoken.user)
        news = news or ("You asked for this; somebody else must approve it." if not act else "")
        return preview_view(
            PreviewParts(
                previewed,
                policy=self.policy(),
                token=self.token(change, spoken, act) if act else "",
                submit=submit,
                holders=_others(self._requests.approvers(change), spoken.user) if change.approvals_needed else (),
                news=news,
                editable=change.state is _S.PREVIEWED,
            )
        )

    def token(self, change: Change, spoken: PressContext, act: str, digest: str | None = None) -> str:
        """What the modal carries: this change, this preview, this person, and whether it said that all is over."""
        spot = Spot(spoken.team, spoken.channel, f"form {new_id()}", private_to=spoken.user)
        about = {
            "change": change.id,
            "incident": change.incident,
            "act": act,
            "digest": change.digest if digest is None else digest,
            "over": self.is_over(change.incident),
            "values": {parameter.name: parameter.value for parameter in change.remedy.parameters},
        }
        return self._services.tokens.issue(FORM, spot, about)


OVER_NEWS = "This incident is resolved, so nothing was done. Press Review: there you can approve it all the same."
RESOLVED_NEWS = "This incident is resolved. Check again before you change anything: the fault may be gone."


class Presses:
    """Answers presses of these buttons."""

    def __init__(self, services: SlackDeps, deps: ChangeOptions, people: People, previews: Previews) -> None:
        self._services = services
        self._service = deps.service
        self._changes = deps.changes
        self._people = people
        self._previews = previews

    def kinds(self) -> dict[str, PressKind]:
        """What is registered with `clicks`."""
        look = PressKind(self._look, modal=TITLE, turned_away=self._turned_away(self._service.preview))
        acts: dict[str, Act] = {
            APPROVE: self._service.approve,
            DECLINE: self._service.decline,
            UNDO: self._service.undo,
        }
        return {LOOK: look, REVIEW: look} | {
            kind: PressKind(self._approve if kind == APPROVE else self._doing(act), turned_away=self._turned_away(act))
            for kind, act in acts.items()
        }

    def _look(self, press: Press) -> None:
        spoken = spoken_by(press.click)
        actor, news = self._people.actor(spoken), ""
        answer = self._service.preview(_change_of(press.button.payload.get("change")), actor)
        if isinstance(answer, Refusal) and (fresh := self._fresh(answer, press.incident)) is not None:
            news = _since_then(answer.change, fresh)
            answer = self._service.preview(fresh.id, actor)
        news = news or (RESOLVED_NEWS if self._previews.is_over(press.incident) else "")
        view = refusal_view(answer) if isinstance(answer, Refusal) else self._previews.view(answer, spoken, news)
        self._services.api.update_view(press.view_id, view)

    def _fresh(self, refused: Refusal, incident: str) -> Change | None:
        """What is offered now instead of an older offer that was pressed: the same kind of fix of the same object."""
        old, now = refused.change, self._services.clock()
        if old is None or refused.code not in _OLD or not incident:
            return None
        offered = [one for one in self._changes.of_incident(incident) if one.state in (_S.OFFERED, _S.PREVIEWED)]
        fitting = [one for one in offered if _same_fix(one, old) and one.expires_at > now and one.id != old.id]
        return fitting[-1] if fitting else None

    def _doing(self, act: Act) -> Callable[[Press], None]:
        def answer(press: Press) -> None:
            actor = self._people.actor(spoken_by(press.click))
            self._tell(press.click, "", act(_change_of(press.button.payload.get("change")), actor))

        return answer

    def _approve(self, press: Press) -> None:
        change = _change_of(press.button.payload.get("change"))
        found = self._changes.get(change)
        if found is not None and found.state is _S.REQUESTED and self._previews.is_over(found.incident):
            self._tell(press.click, "", Refusal(Code.RESOLVED, OVER_NEWS, change=found))
            return
        actor = self._people.approver(spoken_by(press.click), found.requester if found is not None else None)
        self._tell(press.click, "", self._service.approve(change, actor))

    def _turned_away(self, act: Act) -> Callable[[TurnedAway], None]:
        """The service refuses it, in its order of reasons, and writes it down: a stranger or a copy never gets by."""

        def answer(away: TurnedAway) -> None:
            spoken = spoken_by(away.click, original=away.original)
            actor = self._people.actor(spoken, away.denied)
            said = act(_change_of(away.button.payload.get("change")), actor)
            if away.denied is not None and isinstance(said, Refusal):
                member = isinstance(self._services.gate.person(spoken.caller), AllowedUser)
                # It is the channel that is wrong, not the person.
                sentence = f"{away.denied.reason} {away.denied.who_can_help}"
                said = replace(said, sentence=sentence) if member else said
            self._tell(away.click, away.view_id, said)

        return answer

    def _tell(self, click: Click, view_id: str, answer: Accepted | Previewed | Refusal) -> None:
        """Tell the one who pressed: in the modal that was opened for them, else beside the message."""
        if view_id and isinstance(answer, Refusal):
            self._services.api.update_view(view_id, refusal_view(answer))
            return
        message = _message(answer)
        if click.response_url and not self._services.gate.may_post(click.channel):
            self._services.private(click.response_url).finish(message)
        else:
            self._services.whisper(click.channel or click.user, click.user, message, click.thread_ts)


def _others(holders: Sequence[Holder], user: str) -> tuple[Holder, ...]:
    """Whoever could approve what this person asks for: never they themselves."""
    return tuple(one for one in holders if not (one.kind is HolderKind.USER and one.id == user))


def _same_fix(one: Change, other: Change) -> bool:
    return (one.remedy.kind, one.remedy.target) == (other.remedy.kind, other.remedy.target)


def _since_then(old: Change | None, fresh: Change) -> str:
    """What has changed since the button that was pressed was drawn."""
    before = {one.name: one for one in old.remedy.parameters} if old is not None else {}
    changed = [
        f"{one.label} is {one.current} now"
        for one in fresh.remedy.parameters
        if one.name in before and one.current and one.current != before[one.name].current
    ]
    since = f" Since then: {'; '.join(changed)}." if changed else ""
    return f"That button was of an older card; this is the fix as it stands now.{since} Nothing has been done yet."


def _message(answer: Accepted | Previewed | Refusal) -> Message:
    if isinstance(answer, Refusal):
        return refusal_message(answer)
    if isinstance(answer, Accepted):
        return answer_message(answer.sentence)
    raise TriageError("A preview opens in a window of its own.", "Press the button on the card.")


def _change_of(found: object) -> str:
    """The id in a token. One without is the id of nothing."""
    return str(found or "")


def _what_next(change: Change, user: str) -> tuple[str, str]:
    """What this person's button does, and what it says; nothing for who waits for others."""
    requester = change.requester.user if change.requester is not None else ""
    if change.state is _S.REQUESTED:
        return ("", "") if requester == user else ("approve", "Approve")
    if change.state is _S.APPROVED:  # everybody has agreed, and the process died before it began
        return ("request", "Apply") if requester == user else ("approve", "Apply")
    return "request", "Ask for approval" if change.approvals_needed else "Apply"
