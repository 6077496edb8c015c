"""The submitted preview: with the values it showed it is asked for or approved; with others it is previewed again.

Registered by `bot`. The acknowledgement puts up "one moment" and the work is queued; the answer takes its
place. Nothing is asked for that was not previewed: the token names the preview.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.adapters.slack.events.changes.people import People, PressContext
from bot.adapters.slack.events.changes.presses import RESOLVED_NEWS, Previews
from bot.adapters.slack.events.presses import Judging, Submission, SubmissionHandler
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ChangeOptions
from bot.adapters.slack.render.blocks import Json, Message
from bot.adapters.slack.render.change_views import (
    FORM,
    TITLE,
    answer_message,
    edit_view,
    outcome_view,
    refusal_message,
    refusal_view,
    waiting_view,
)
from bot.adapters.slack.render.details import notice_view
from bot.adapters.slack.send.errors import SlackRefused
from bot.changes.policy.decision import DenialReason
from bot.changes.results import Accepted, Code, Previewed, Refusal
from bot.domain.errors import SlackError, TriageError
from bot.domain.incidents import Button
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.incidents.ports import new_id
from bot.runtime.logs import about_incident

_VALUES = frozenset({Code.WRONG_VALUE.value, DenialReason.OUT_OF_BOUNDS.value})
_BUSY = "The bot is busy, so nothing was done. Try again in a minute."
_STALE = "This form is too old, or was answered already. Nothing was done; press the button on the card again."

_log = logging.getLogger(__name__)

Shown = tuple[Json, CardModel | Message | None]
"""A modal, and the same for somebody who has closed it (None: then there is nothing to say)."""


class Forms:
    """Answers submitted previews."""

    def __init__(self, services: SlackDeps, deps: ChangeOptions, people: People, previews: Previews) -> None:
        self._services = services
        self._service = deps.service
        self._changes = deps.changes
        self._people = people
        self._previews = previews

    def submissions(self) -> dict[str, SubmissionHandler]:
        """What is registered with `submissions`."""
        return {FORM: Judging(self._submitted)}

    def _submitted(self, submission: Submission) -> Json:
        name = new_id()
        accepted = self._services.clicks.submit(
            lambda: self._run(submission, name),
            name="preview submitted",
            on_crash=lambda incident: self._show(submission, name, _said(notices.crashed(incident))),
        )
        view = waiting_view("One moment: the cluster is asked.", name) if accepted else notice_view(TITLE, _BUSY)
        return {"response_action": "update", "view": view}

    def _run(self, submission: Submission, name: str) -> None:
        try:
            shown = self._answer(submission)
        except TriageError as error:
            _log.error("a preview that was submitted was not answered: %s", error)
            shown = _said(notices.failure(error))
        self._show(submission, name, shown)

    def _answer(self, submission: Submission) -> Shown:
        button = self._services.tokens.find(submission.token)
        if button is None or button.kind != FORM:
            return _said(notices.private_notice(_STALE))
        spoken = PressContext(
            submission.user,
            submission.team,
            submission.user_team,
            button.channel,
            f"view {submission.view_id}",
            original=button.private_to == submission.user,  # the form was made for this person alone
        )
        if not spoken.original:
            self._service.preview(str(button.payload.get("change") or ""), self._people.actor(spoken))  # is refused
            return _said(notices.private_notice(_STALE))
        if problem := self._people.channel_problem(button.channel):
            return _said(notices.private_notice(f"{problem} Nothing was done."))
        with about_incident(str(button.payload.get("incident") or "")):
            return self._decide(button, spoken, _typed(button, submission.values))

    def _decide(self, button: Button, spoken: PressContext, typed: Mapping[str, str]) -> Shown:
        if self._previews.is_over(str(button.payload.get("incident") or "")) and not button.payload.get("over"):
            again = self._service.preview(str(button.payload.get("change") or ""), self._people.actor(spoken), typed)
            return self._shown(again, spoken, typed, RESOLVED_NEWS)
        change_id, digest = str(button.payload.get("change") or ""), str(button.payload.get("digest") or "")
        if button.payload.get("act") == "approve":
            found = self._changes.get(change_id)
            approver = self._people.approver(spoken, found.requester if found is not None else None)
            return self._shown(self._service.approve(change_id, approver), spoken, typed)
        actor = self._people.actor(spoken)
        if not digest or typed != dict(button.payload.get("values") or {}):
            again = self._service.preview(change_id, actor, typed)
            news = "This is what it does with your values. Nothing has been done yet."
            return self._shown(again, spoken, typed, news)
        answer = self._service.request(change_id, actor, digest)
        if isinstance(answer, Refusal) and answer.code == Code.OTHER_PREVIEW:
            again = self._service.preview(change_id, actor, typed or None)
            news = "Somebody else has looked at it meanwhile, so here it is again. Nothing has been done yet."
            return self._shown(again, spoken, typed, news)
        return self._shown(answer, spoken, typed)

    def _shown(
        self,
        answer: Accepted | Previewed | Refusal,
        spoken: PressContext,
        typed: Mapping[str, str],
        news: str = "",
    ) -> Shown:
        if isinstance(answer, Previewed):
            return self._previews.view(answer, spoken, news), None
        if isinstance(answer, Accepted):
            return outcome_view(answer.sentence), answer_message(answer.sentence)
        if answer.code in _VALUES and answer.change is not None and answer.change.remedy.parameters:
            token = self._previews.token(answer.change, spoken, "request", digest="")
            return edit_view(answer.change, answer.sentence, typed, self._previews.policy(), token), None
        return refusal_view(answer), refusal_message(answer)

    def _show(self, submission: Submission, name: str, shown: Shown) -> None:
        """In the modal; where it was closed meanwhile, beside the card."""
        view, message = shown
        try:
            self._services.api.update_awaited_view(name, view)
        except SlackRefused as refused:
            _log.info("the modal of a change is gone: %s", refused)
            self._say(submission, message)
        except SlackError as error:
            _log.warning("the modal of a change could not be changed: %s", error)
            self._say(submission, message)

    def _say(self, submission: Submission, message: CardModel | Message | None) -> None:
        if message is None:
            return
        button = self._services.tokens.find(submission.token)
        incident = self._services.incidents.get(str(button.payload.get("incident") or "")) if button else None
        channel = button.channel if button is not None else submission.user
        thread = (incident.thread_ts or None) if incident is not None else None
        self._services.whisper(channel or submission.user, submission.user, message, thread)


def _typed(button: Button, values: Mapping[str, object]) -> dict[str, str]:
    """What was entered for the values the form had; what it did not have is nobody's business."""
    known = dict(button.payload.get("values") or {})
    return {name: str(values.get(name) or known[name]).strip() for name in known}


def _said(message: CardModel) -> Shown:
    return notice_view(TITLE, message.summary), message
