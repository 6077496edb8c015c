"""Buttons and menus: who pressed, whether they may, whether it stands where it was put; then the kind's own answer.

`receive` runs in a listener and only queues. A button brings nothing but a token; who presses is checked anew every
time, and so is that the button stands where it was put: a card that was copied elsewhere does nothing. What each kind
of button does is registered by `bot`; see `PressKind`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from bot.adapters.slack.events.people import AllowedUser, Denied, SlackUser
from bot.adapters.slack.events.presses import Click, Press, PressKind, TurnedAway, read_click
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.details import notice_view
from bot.domain.errors import SlackError, TriageError
from bot.domain.incidents import Button
from bot.incidents import notices
from bot.incidents.card_model import CardModel
from bot.runtime.logs import about_incident

KNOWN_CARDS = 200
PLACING_LOOKS, PLACING_SECONDS = 20, 0.1
"""How often, and how long apart, it is looked whether a message that was pressed on is known to stand there."""

_log = logging.getLogger(__name__)


class Clicks:
    """Answers clicks, by the kind of the button."""

    def __init__(self, services: SlackDeps, kinds: Mapping[str, PressKind]) -> None:
        self._services = services
        self._kinds = kinds
        self._not_placed = threading.Event()  # never set: it only waits

    def receive(self, body: Json) -> None:
        """Queue a click."""
        click = read_click(body)
        if click is None:
            return
        accepted = self._services.clicks.submit(
            lambda: self._run(click),
            name=f"click {click.action_id}",
            on_crash=lambda incident: self._tell(click, "", notices.crashed(incident)),
        )
        if not accepted:
            self._services.desk.submit(lambda: self._tell(click, "", notices.busy()), name="tell: too many clicks")

    def _run(self, click: Click) -> None:
        try:
            button = self._placed(click)
        except TriageError as error:
            _log.error("a click on %s was not answered: %s", click.action_id, error)
            self._tell(click, "", notices.failure(error))
            return
        with about_incident(str(button.payload.get("incident") or "") if button is not None else ""):
            self._answer(click, button)

    def _stale(self, click: Click, button: Button | None) -> str:
        """What to say of a button that means nothing any more, with the app and namespace of its own card."""
        incident = self._services.incidents.get(str(button.payload.get("incident") or "")) if button else None
        if incident is None:
            found = self._services.incidents.open_incidents(KNOWN_CARDS)
            incident = next((one for one in found if (one.channel, one.ts) == (click.channel, click.message_ts)), None)
        return notices.stale_card(incident.app, incident.namespace) if incident else notices.stale_card()

    def _placed(self, click: Click) -> Button | None:
        """The button. One that was pressed before it was written down where its message stands is waited for."""
        button = self._services.tokens.find(click.token)
        for _ in range(PLACING_LOOKS):
            if button is None or button.ts or button.private_to or click.view_id:
                break
            self._not_placed.wait(PLACING_SECONDS)
            button = self._services.tokens.find(click.token)
        return button

    def _answer(self, click: Click, button: Button | None) -> None:
        view_id = ""
        try:
            kind = self._kinds.get(button.kind) if button is not None else None
            original = button is not None and stands_where_it_was_put(button, click)
            if button is None or kind is None or not (original or kind.turned_away):
                self._tell(click, "", notices.private_notice(self._stale(click, button)))
                return
            if (
                kind.modal and original
            ):  # the trigger id must be used at once, so the modal opens before anybody is looked up
                view_id = self._services.api.open_view(click.trigger_id, notice_view(kind.modal, "Looking it up…"))
            admission = self._admit(click)
            denied = admission if isinstance(admission, Denied) else None
            if kind.turned_away and (denied or not original):
                kind.turned_away(TurnedAway(click, button, original, denied, view_id))
                return
            if isinstance(admission, Denied):
                self._tell(click, view_id, notices.refusal(admission.reason, admission.who_can_help))
                return
            kind.answer(Press(click, button, admission, view_id))
        except TriageError as error:
            _log.error("a click on %s was not answered: %s", click.action_id, error)
            self._tell(click, view_id, notices.failure(error))

    def _admit(self, click: Click) -> AllowedUser | Denied:
        person = self._services.gate.person(SlackUser(click.user, frozenset({click.user_team, click.team} - {""})))
        if isinstance(person, Denied) or click.view_id:
            return person
        denied = self._services.gate.channel(click.channel, shared=None)
        # A private card may stand in a channel that the bot cannot see: only the person who asked reads the answer.
        return person if denied is None or denied.unknown_channel else denied

    def _tell(self, click: Click, view_id: str, message: CardModel) -> None:
        """Tell one person: in the modal that was opened for them, else beside the card, else in a direct message."""
        if view_id:
            try:
                self._services.api.update_view(view_id, notice_view("Triage", message.summary))
            except SlackError as error:
                _log.warning("somebody could not be told: %s", error)
        elif click.response_url and not self._services.gate.may_post(click.channel):
            self._services.private(click.response_url).finish(message)
        else:
            self._services.whisper(click.channel or click.user, click.user, message, click.thread_ts)


def stands_where_it_was_put(button: Button, click: Click) -> bool:
    """Whether the button is where the bot put it, and not in a copy somewhere else."""
    if click.view_id:  # a view is shown to one person, the one it was made for
        return button.private_to == click.user
    elsewhere = button.channel != click.channel or (bool(click.team) and button.team != click.team)
    if click.is_unfurl or elsewhere:
        return False
    return button.private_to == click.user if button.private_to else button.ts == click.message_ts
