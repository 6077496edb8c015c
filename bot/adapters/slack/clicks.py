"""Buttons: Details, Check again, and the choice of a namespace.

`receive` runs in a listener and only queues. A button brings nothing but a token; who presses is checked anew every
time, and so is that the button stands where it was put: a card that was copied elsewhere does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack import notices
from bot.adapters.slack.answers import Answer
from bot.adapters.slack.api import MessageRef
from bot.adapters.slack.blocks import Json, Message
from bot.adapters.slack.cards import DETAILS
from bot.adapters.slack.details import details, notice_view
from bot.adapters.slack.people import Admitted, Caller, Denied
from bot.adapters.slack.records import Record
from bot.adapters.slack.services import Services
from bot.adapters.slack.triages import Question
from bot.domain.errors import SlackError, TriageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Click:
    """One press of a button, as Slack reports it. Nothing in it is trusted but who pressed."""

    action_id: str
    token: str
    team: str
    user: str
    user_team: str
    channel: str
    message_ts: str
    thread_ts: str | None
    trigger_id: str
    response_url: str
    is_unfurl: bool


def read_click(body: Json) -> Click | None:
    """The click in a `block_actions` payload, or None when it is no button in a message."""
    container, user = body.get("container") or {}, body.get("user") or {}
    action: Json = next(iter(body.get("actions") or ()), {})
    if container.get("type") not in ("message", "message_attachment") or not action.get("value"):
        return None
    return Click(
        action_id=str(action.get("action_id") or ""),
        token=str(action["value"]),
        team=str((body.get("team") or {}).get("id") or ""),
        user=str(user.get("id") or ""),
        user_team=str(user.get("team_id") or ""),
        channel=str(container.get("channel_id") or ""),
        message_ts=str(container.get("message_ts") or ""),
        thread_ts=container.get("thread_ts"),
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        is_unfurl=bool(container.get("is_app_unfurl")),
    )


class Clicks:
    """Answers clicks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def receive(self, body: Json) -> None:
        """Queue a click."""
        click = read_click(body)
        if click is None:
            return
        work = self._show_details if click.action_id == DETAILS else self._run_again
        accepted = self._services.clicks.submit(
            lambda: self._run(work, click),
            name=f"click {click.action_id}",
            on_crash=lambda incident: self._whisper(click, notices.crashed(incident)),
        )
        if not accepted:
            self._services.desk.submit(lambda: self._whisper(click, notices.busy()), name="tell: too many clicks")

    def _run(self, work: Callable[[Click], None], click: Click) -> None:
        try:
            work(click)
        except TriageError as error:
            _log.error("a click was not answered: %s", error)
            self._whisper(click, notices.failure(error))

    def _show_details(self, click: Click) -> None:
        """The trigger id must be used at once, so the modal opens before anything is looked up."""
        view_id = self._services.api.open_view(click.trigger_id, notice_view("Details", "Looking it up…"))
        record = self._services.records.find(click.token)
        admission = self._admit(click)
        if isinstance(admission, Denied):
            view = notice_view("Details", f"{admission.reason} {admission.who_can_help}")
        elif record is None or record.diagnosis is None or not stands_where_it_was_put(record, click):
            view = notice_view("Details", notices.stale_card(self._services.triage.apps()))
        else:
            view = details(record.diagnosis)
        self._services.api.update_view(view_id, view)

    def _run_again(self, click: Click) -> None:
        """Check again, or the namespace that was chosen: the card is replaced by a new answer, once."""
        admission = self._admit(click)
        if isinstance(admission, Denied):
            self._whisper(click, notices.refusal(admission.reason, admission.who_can_help))
            return
        record = self._services.records.find(click.token)
        if record is None or not stands_where_it_was_put(record, click):
            self._whisper(click, notices.private_notice(notices.stale_card(self._services.triage.apps())))
            return
        claim = self._services.records.claim(click.token)
        if claim is None:
            self._whisper(click, notices.private_notice("Somebody was faster: it is being checked."))
            return
        answer = self._answer(record, click)
        question = Question(record.request, admission.name, record.unread)
        if not self._services.triages.start(question, answer):
            self._services.records.restore(claim)
            self._whisper(click, notices.busy())
            return
        answer.progress(notices.progress(record.request.app, "Reading the cluster again", admission.name))

    def _answer(self, record: Record, click: Click) -> Answer:
        if record.place.ref is not None:
            return self._services.edited(click.team, record.place.ref)
        return self._services.private(click.response_url, record.place, replace=True)

    def _admit(self, click: Click) -> Admitted | Denied:
        person = self._services.gate.person(Caller(click.user, frozenset({click.user_team, click.team} - {""})))
        if isinstance(person, Denied):
            return person
        denied = self._services.gate.channel(click.channel, shared=None)
        # A private card may stand in a channel that the bot cannot see: only the person who asked reads the answer.
        return person if denied is None or denied.unknown_channel else denied

    def _whisper(self, click: Click, message: Message) -> None:
        try:
            self._services.api.whisper(click.channel, click.user, message, click.thread_ts)
        except SlackError as error:
            _log.warning("somebody could not be told: %s", error)


def stands_where_it_was_put(record: Record, click: Click) -> bool:
    """Whether the button is where the bot put it, and not in a copy somewhere else."""
    place = record.place
    elsewhere = place.channel != click.channel or (bool(click.team) and place.team != click.team)
    if click.is_unfurl or elsewhere:
        return False
    ref: MessageRef | None = place.ref
    return ref.ts == click.message_ts if ref is not None else place.private_to == click.user
