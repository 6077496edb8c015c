"""Buttons by which people answer a card: Details, Not this, Mute, Resolve, Helpful, Not helpful.

Registered with `clicks`. What somebody says about a diagnosis is kept together with the view it was made of, as a case
for the playbooks' tests. None of it changes a verdict: the evidence decides that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.adapters.slack import notices
from bot.adapters.slack.asked import request_from_json
from bot.adapters.slack.blocks import Json, modal_form, option, radio_input
from bot.adapters.slack.card_facts import (
    DETAILS,
    HELPFUL,
    MUTE,
    NOT_HELPFUL,
    NOT_THIS,
    RESOLVE,
    candidate,
    standing,
)
from bot.adapters.slack.card_state import CardState, state_of
from bot.adapters.slack.details import DETAILS_PAGE, details, pages_of
from bot.adapters.slack.presses import Press, PressKind, Submission, SubmissionHandler
from bot.adapters.slack.services import Services
from bot.adapters.slack.text import spoken_time
from bot.adapters.slack.tokens import Spot
from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import Examined
from bot.domain.errors import TriageError, UsageError
from bot.domain.incidents import Incident, IncidentState

MUTE_FORM = "mute_form"
UNMUTE = "unmute"
_HOW_LONG = "how_long"
_UNTIL_RESOLVED = "resolved"
_HOURS = {"1": "1 hour", "4": "4 hours", _UNTIL_RESOLVED: "until it is resolved"}
_LONG = timedelta(days=365)

_log = logging.getLogger(__name__)


class Opinions:
    """Answers presses of these buttons."""

    def __init__(self, services: Services) -> None:
        self._services = services

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
        incident = self._incident(press.incident)
        diagnosis, page = decode(dict(incident.diagnosis)), int(press.button.payload.get("page") or 0)
        spot = Spot(press.click.team, "", f"details {press.click.user}", private_to=press.click.user)
        others = [number for number in (page - 1, page + 1) if 0 <= number < len(pages_of(diagnosis))]
        turn = {
            number: self._services.tokens.issue(DETAILS_PAGE, spot, {"incident": incident.id, "page": number})
            for number in others
        }
        self._services.api.update_view(press.view_id or press.click.view_id, details(diagnosis, page, turn))

    # ------------------------------------------------------------------ saying so

    def _not_this(self, press: Press) -> None:
        """Doubt the cause: said on the card with the person's name, and kept as a case."""
        incident = self._incident(press.incident)
        diagnosis = decode(dict(incident.diagnosis))
        doubted = standing(diagnosis, state_of(incident).set_aside)
        if doubted is None:
            self._say(press, "Every cause on this card has been doubted already.")
            return

        def set_aside(_: Incident, state: CardState) -> dict[str, object]:
            if doubted.id in {cause for cause, _ in state.set_aside}:
                return {}
            state = state.but(set_aside=(*state.set_aside, (doubted.id, press.person.name)))
            return {"card": state.stored()}

        changed = self._services.board.change(incident.id, set_aside) or incident
        following = candidate(diagnosis, state_of(changed).set_aside)
        detail = {"doubted": doubted.id, "next": following.id if following else ""}
        self._keep(changed, press, "not_this", detail)
        said = f"Noted that it is not: {doubted.title}. The card shows the next candidate."
        if following is None:
            said = (
                f"Noted that it is not: {doubted.title}. No other cause is left; the details list what was ruled out."
            )
        self._say(press, said)

    def _helpful(self, press: Press, verdict: str) -> None:
        self._keep(self._incident(press.incident), press, verdict, {})
        self._say(press, "Thank you. It is kept with what the bot saw, so that the playbooks can be tested with it.")

    def _keep(self, incident: Incident, press: Press, verdict: str, detail: dict[str, str]) -> None:
        """Keep the opinion with the view; where none was kept, with one that is read now, and says so."""
        snapshot = self._services.incidents.view_of(incident.id)
        if snapshot is None:
            snapshot, detail = self._look_now(incident), {**detail, "view": "read when this was said"}
        causes = [cause.id for cause in decode(dict(incident.diagnosis)).root_causes]
        whole = {**detail, "key": incident.key, "root_causes": causes, "request": dict(incident.request)}
        by = f"{press.click.team}/{press.click.user}"
        self._services.incidents.feedback(incident.id, by, verdict, whole, snapshot)

    def _look_now(self, incident: Incident) -> bytes:
        try:
            seen = self._services.triage.examine(request_from_json(incident.request), lambda _: None)
        except TriageError as error:
            _log.warning("feedback is kept without a view: %s", error)
            return b""
        return seen.snapshot() if isinstance(seen, Examined) else b""

    # ------------------------------------------------------------------ ending it

    def _resolve(self, press: Press) -> None:
        now = self._services.clock()

        def close(incident: Incident, state: CardState) -> dict[str, object]:
            if incident.state is IncidentState.RESOLVED:
                return {}
            state = state.but(closed_by=press.person.name or "somebody", note="")
            return {"state": IncidentState.RESOLVED, "closed_at": now, "card": state.stored()}

        before = self._incident(press.incident)
        self._services.board.change(before.id, close)
        _end_mute(self._services, before, now)
        if before.state is IncidentState.RESOLVED:
            self._say(press, "It is resolved already.")

    # ------------------------------------------------------------------ muting

    def _mute(self, press: Press) -> None:
        incident = self._incident(press.incident)
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
            incident = self._incident(str(button.payload.get("incident")))
            until = self._services.clock() + (timedelta(hours=int(hours)) if hours.isdigit() else _LONG)
            self._services.incidents.mute(incident.key, submission.user, until)
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

    def _incident(self, incident_id: str) -> Incident:
        incident = self._services.incidents.get(incident_id)
        if incident is None:
            raise UsageError("The incident of this card is not kept any more.", "Ask again with /triage.")
        return incident

    def _say(self, press: Press, sentence: str) -> None:
        click = press.click
        self._services.whisper(click.channel, click.user, notices.private_notice(sentence), click.thread_ts)


def _end_mute(services: Services, incident: Incident, now: datetime) -> None:
    """A mute "until it is resolved" ends here; one for some hours does not."""
    until = services.incidents.muted(now).get(incident.key, ("", now))[1]
    if until - now > timedelta(days=1):
        services.incidents.unmute(incident.key)


def _mute_form(incident: Incident, token: str) -> Json:
    choices = [option(label, value) for value, label in _HOURS.items()]
    explained = "The bot posts nothing about it by itself meanwhile. It answers whoever asks."
    field = radio_input(_HOW_LONG, "How long?", choices)
    return modal_form("Mute", MUTE_FORM, "Mute", [incident.title, explained], [field], token)


def _until(hours: str, until: datetime) -> str:
    return f"until {spoken_time(until, with_date=True)}" if hours.isdigit() else _HOURS[_UNTIL_RESOLVED]
