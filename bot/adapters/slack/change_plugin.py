"""`ChangePlugin`: fixes on the cards. Buttons, previews, approvals, progress, outcome; start reading here.

    card is drawn ─▶ change_offers ─▶ ChangeService.offer ─▶ card is drawn with buttons (change_cards)
    press ─▶ change_presses ─▶ modal (change_views) ─▶ change_forms ─▶ ChangeService ─▶ moves
    moves ─▶ card is drawn anew, request in the thread is edited (change_requests), incident is checked again

Made by the bootstrap with `change_plugin` and given to the bot. It decides nothing and writes to no cluster: that is
`ChangeService`'s. It keeps nothing in memory that matters, so that any replica goes on where another one stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.adapters.slack.asked import Asked, request_from_json
from bot.adapters.slack.board import spot_of
from bot.adapters.slack.card_state import state_of
from bot.adapters.slack.cards import CardExtras
from bot.adapters.slack.change_cards import extras_of
from bot.adapters.slack.change_forms import Forms
from bot.adapters.slack.change_kept import keep, kept_of
from bot.adapters.slack.change_offers import Offers
from bot.adapters.slack.change_people import People
from bot.adapters.slack.change_presses import Presses, Previews
from bot.adapters.slack.change_requests import Requests
from bot.adapters.slack.plugin import Plugin
from bot.adapters.slack.presses import PressKind, SubmissionHandler
from bot.adapters.slack.services import Services
from bot.changes.policy.source import PolicySource
from bot.changes.ports import ChangeStore
from bot.changes.service import ChangeService
from bot.diagnosis.diagnosis_codec import decode
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import Diagnosis
from bot.domain.incidents import Incident, IncidentState

LEFT_ALONE = timedelta(seconds=20)
"""An incident that was just changed is looked after by the process that did it."""

_S = ChangeState
_ENDED = frozenset({_S.FIXED, _S.NOT_FIXED, _S.FAILED})
_UNSEEN = frozenset({_S.OFFERED, _S.PREVIEWED})

_log = logging.getLogger(__name__)


class Parts:
    """What works once the bot is connected."""

    def __init__(self, services: Services, service: ChangeService, changes: ChangeStore, policy: PolicySource) -> None:
        self.services = services
        self.people = People(services, policy)
        self.requests = Requests(services, self.people, policy, changes)
        self.offers = Offers(services, service, changes)
        previews = Previews(services, policy, self.requests)
        self.presses = Presses(services, service, self.people, previews)
        self.forms = Forms(services, service, self.people, previews)


class ChangePlugin(Plugin):
    """See the module. It is its own `CardExtension`."""

    def __init__(self, service: ChangeService, changes: ChangeStore, policy: PolicySource) -> None:
        """`changes` is the store that `service` works with; `policy` the one it decides by."""
        self.extension = self
        self._service = service
        self._changes = changes
        self._policy = policy
        self._parts: Parts | None = None
        service.watch(self._moved)

    def kinds(self, services: Services) -> Mapping[str, PressKind]:
        """See `Plugin`."""
        return self._connected(services).presses.kinds()

    def submissions(self, services: Services) -> Mapping[str, SubmissionHandler]:
        """See `Plugin`."""
        return self._connected(services).forms.submissions()

    def extras(self, incident: Incident, diagnosis: Diagnosis) -> CardExtras:
        """See `CardExtension`."""
        parts = self._parts
        if parts is None or state_of(incident).private_to:
            return CardExtras()
        changes = self._changes.of_incident(incident.id)
        parts.offers.consider(incident, diagnosis, changes)
        tokens, spot = parts.services.tokens, spot_of(incident)

        def issue(kind: str, about: Mapping[str, Any]) -> str:
            return tokens.issue(kind, spot, {**about, "incident": incident.id})

        return extras_of(incident, diagnosis, changes, parts.services.clock(), issue)

    def tick(self) -> None:
        """See `Plugin`: what a process that died has left undone is done for it."""
        parts = self._parts
        if parts is None:
            return
        now = parts.services.clock()
        for incident in parts.services.incidents.open_incidents():
            if now - incident.updated_at < LEFT_ALONE or state_of(incident).private_to:
                continue
            changes = self._changes.of_incident(incident.id)
            parts.offers.consider(incident, decode(dict(incident.diagnosis)), changes)
            for change in changes:
                if parts.requests.show(change, incident):
                    parts.services.board.redraw(incident.id)
                self._follow(parts, change, incident)

    def close(self, timeout: float) -> None:
        """See `Plugin`."""
        if self._parts is not None:
            self._parts.offers.close(timeout)

    def people(self) -> People | None:
        """Who is who, for the Home tab; None before the bot is connected."""
        return self._parts.people if self._parts is not None else None

    def services(self) -> Services | None:
        """What the bot works with; None before it is connected."""
        return self._parts.services if self._parts is not None else None

    def _connected(self, services: Services) -> Parts:
        if self._parts is None or self._parts.services is not services:
            self._parts = Parts(services, self._service, self._changes, self._policy)
        return self._parts

    def _moved(self, change: Change) -> None:
        """A change was moved by this process. Called by the service, in whatever thread. Raises `TriageError`."""
        parts = self._parts
        if parts is None or not change.incident or change.state in _UNSEEN:
            return
        if change.requester is None and parts.offers.is_at(change.incident):
            return  # an older offer ends; the card is drawn when the new ones are there
        incident = parts.services.incidents.get(change.incident)
        if incident is None:
            return
        parts.services.board.redraw(incident.id)
        parts.requests.show(change, incident)
        self._follow(parts, change, incident)

    def _follow(self, parts: Parts, change: Change, incident: Incident) -> None:
        """After an outcome the incident is checked again, so that its card says how things are now, once."""
        made = change.state in _ENDED and change.claimed_at is not None
        if not made or change.id in kept_of(incident).followed:
            return
        state = state_of(incident)
        if not (incident.state is IncidentState.RESOLVED and state.closed_by):
            asked = Asked(
                team=incident.team,
                channel=incident.channel,
                user=state.user,
                asked_by=state.asked_by,
                thread_ts=incident.thread_ts or None,
                ts=incident.ts,
                incident=incident.id,
            )
            if not parts.services.triages.ask(asked, request_from_json(incident.request)):
                _log.warning("incident %s is checked again later: too much is going on", incident.id)
                return
        keep(parts.services.incidents, incident.id, lambda kept: kept.with_followed(change.id))


def change_plugin(service: ChangeService, changes: ChangeStore, policy: PolicySource) -> ChangePlugin:
    """Fixes on the cards, for `Options(plugin=…)`."""
    return ChangePlugin(service, changes, policy)
