"""Buttons by which people answer a card: Details, Not this, Mute, Resolve, Helpful, Not helpful.

Registered with `clicks`. What it means is `incidents.feedback`'s; this finds out who presses, and shows the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.adapters.slack.events.presses import Press, PressKind, Submission, SubmissionHandler
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json, modal_form, option, radio_input
from bot.adapters.slack.render.details import DETAILS_PAGE, details, pages_of
from bot.diagnosis.diagnosis_codec import decode
from bot.domain.errors import TriageError, UsageError
from bot.domain.incidents import Incident
from bot.incidents import notices
from bot.incidents.card_facts import DETAILS, HELPFUL, MUTE, NOT_HELPFUL, NOT_THIS, RESOLVE
from bot.incidents.feedback import UNTIL_RESOLVED, Feedback, Voice
from bot.incidents.plain_text import spoken_time
from bot.incidents.tokens import Spot

MUTE_FORM = "mute_form"
UNMUTE = "unmute"
_HOW_LONG = "how_long"
_UNTIL_RESOLVED = "resolved"
_HOURS = {"1": "1 hour", "4": "4 hours", _UNTIL_RESOLVED: "until it is resolved"}

_log = logging.getLogger(__name__)


class FeedbackPresses:
    """Answers presses of these buttons."""

    def __init__(self, services: SlackDeps) -> None:
        self._services = services
        self._feedback = Feedback(services.incidents, services.cards, services.triage, services.clock)

    def kinds(self) -> dict[str, PressKind]:
        """What is registered with `clicks`."""
        return {
            DETAILS: PressKind(self._details, modal="Details"),
            DETAILS_PAGE: PressKind(self._details),
            NOT_THIS: PressKind(self._not_this),
            MUTE: PressKind(self._mute, modal="Mute"),
            RESOLVE: PressKind(self._resolve),
            HELPFUL: PressKind(lambda press: self._helpful(press, "helpful")),
            NOT_HELPFUL: PressKind(lambda press: self._helpful(press, "not_helpful")),
        }

    def submissions(self) -> dict[str, SubmissionHandler]:
        """What is registered with `submissions`."""
        return {MUTE_FORM: self._muted}

    # ------------------------------------------------------------------ looking

    def _details(self, press: Press) -> None:
        incident = self._feedback.incident(press.incident)
        diagnosis, page = decode(dict(incident.diagnosis)), int(press.button.payload.get("page") or 0)
        spot = Spot(press.click.team, "", f"details {press.click.user}", private_to=press.click.user)
        others = [number for number in (page - 1, page + 1) if 0 <= number < len(pages_of(diagnosis))]
        turn = {
            number: self._services.tokens.issue(DETAILS_PAGE, spot, {"incident": incident.id, "page": number})
            for number in others
        }
        self._services.api.update_view(press.view_id or press.click.view_id, details(diagnosis, page, turn))

    # ------------------------------------------------------------------ saying so, ending it

    def _not_this(self, press: Press) -> None:
        self._say(press, self._feedback.doubt(press.incident, _voice(press)))

    def _helpful(self, press: Press, verdict: str) -> None:
        self._say(press, self._feedback.rate(press.incident, _voice(press), verdict))

    def _resolve(self, press: Press) -> None:
        if said := self._feedback.resolve(press.incident, _voice(press)):
            self._say(press, said)

    # ------------------------------------------------------------------ muting

    def _mute(self, press: Press) -> None:
        incident = self._feedback.incident(press.incident)
        spot = Spot(press.click.team, press.click.channel, f"form {press.view_id}", private_to=press.click.user)
        token = self._services.tokens.issue(MUTE_FORM, spot, {"incident": incident.id})
        self._services.api.update_view(press.view_id, _mute_form(incident, token))

    def _muted(self, submission: Submission) -> Json | None:
        """Queued: the database may be slow, and the modal must close."""
        hours = str(submission.values.get(_HOW_LONG) or "")

        def work() -> None:
            button = self._services.tokens.claim(submission.token)
            if button is None or button.kind != MUTE_FORM or button.private_to != submission.user:
                return
            incident = self._feedback.incident(str(button.payload.get("incident")))
            how_long = timedelta(hours=int(hours)) if hours.isdigit() else UNTIL_RESOLVED
            until = self._feedback.mute(incident, submission.user, how_long)
            said = notices.muted(incident.title, _until(hours, until))
            self._services.whisper(incident.channel, submission.user, said, incident.thread_ts or None)

        if hours not in _HOURS:
            return {"response_action": "errors", "errors": {_HOW_LONG: "Choose how long."}}
        self._queue(submission, work)
        return None

    def _queue(self, submission: Submission, work: Callable[[], None]) -> None:
        def tell(error: TriageError) -> None:
            self._services.whisper(submission.user, submission.user, notices.failure(error))

        def run() -> None:
            try:
                work()
            except TriageError as error:
                _log.error("a form was not answered: %s", error)
                tell(error)

        if not self._services.clicks.submit(run, name=f"form {submission.callback_id}"):
            tell(UsageError("The bot is busy, so nothing was changed.", "Try again in a minute."))

    # ------------------------------------------------------------------ helpers

    def _say(self, press: Press, sentence: str) -> None:
        click = press.click
        self._services.whisper(click.channel, click.user, notices.private_notice(sentence), click.thread_ts)


def _voice(press: Press) -> Voice:
    return Voice(f"{press.click.team}/{press.click.user}", press.person.name)


def _mute_form(incident: Incident, token: str) -> Json:
    choices = [option(label, value) for value, label in _HOURS.items()]
    explained = "The bot posts nothing about it by itself meanwhile. It answers whoever asks."
    field = radio_input(_HOW_LONG, "How long?", choices)
    return modal_form("Mute", MUTE_FORM, "Mute", [incident.title, explained], [field], token)


def _until(hours: str, until: datetime) -> str:
    return f"until {spoken_time(until, with_date=True)}" if hours.isdigit() else _HOURS[_UNTIL_RESOLVED]
