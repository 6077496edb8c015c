"""`Fixes`: the fixes of an incident on its card, from the offer to what came of them; start reading here.

    incident is shown ─▶ offers ─▶ ChangeService.offer ─▶ card is drawn with buttons (card)
    press ─▶ the chat adapter ─▶ ChangeService ─▶ moves
    moves ─▶ card is drawn anew, request in the thread is edited (requests), incident is checked again

Put together by the chat adapter. It decides nothing and writes to no cluster: that is `ChangeService`'s. It keeps
nothing in memory that matters, so that any replica goes on where another one stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.diagnosis.diagnosis_codec import decode
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import TriageError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents.card_reconciler import spot_of
from bot.incidents.card_state import state_of
from bot.incidents.cards import CardExtras
from bot.incidents.fixes.card import extras_of
from bot.incidents.fixes.deps import FixDeps
from bot.incidents.fixes.fix_state import keep, kept_of
from bot.incidents.fixes.offers import FixOffers
from bot.incidents.fixes.requests import Requests
from bot.incidents.questions.origin import QuestionOrigin, request_from_json
from bot.runtime.logs import about_incident
from bot.runtime.loops import guarded

LEFT_ALONE = timedelta(seconds=20)
"""An incident that was just changed is looked after by the process that did it."""

_S = ChangeState
_ENDED = frozenset({_S.FIXED, _S.NOT_FIXED, _S.FAILED})
_UNSEEN = frozenset({_S.OFFERED, _S.PREVIEWED})

_log = logging.getLogger(__name__)


class Fixes:
    """Implements `card_reconciler.CardPart`."""

    def __init__(self, deps: FixDeps) -> None:
        self._deps = deps
        self.requests = Requests(deps)
        self.offers = FixOffers(deps)
        deps.service.watch(self._moved)

    def extras(self, incident: Incident, diagnosis: Diagnosis) -> CardExtras:
        """See `CardPart`."""
        deps = self._deps
        if state_of(incident).private_to:
            return CardExtras()
        spot = spot_of(incident)

        def issue(kind: str, about: Mapping[str, Any]) -> str:
            return deps.tokens.issue(kind, spot, {**about, "incident": incident.id})

        return extras_of(incident, diagnosis, deps.changes.of_incident(incident.id), deps.clock(), issue)

    def follow(self, incident: Incident, diagnosis: Diagnosis) -> None:
        """See `CardPart`: what this diagnosis allows is offered."""
        self.offers.consider(incident, diagnosis, self._deps.changes.of_incident(incident.id))

    def tick(self) -> None:
        """Called every few seconds: what a process that died has left undone is done for it. Raises `StoreError`."""
        deps, now = self._deps, self._deps.clock()
        for incident in deps.incidents.open_incidents():
            if now - incident.updated_at < LEFT_ALONE or state_of(incident).private_to:
                continue
            with about_incident(incident.id):
                guarded("fixes", lambda one=incident: self._catch_up(one), deps.failed)  # type: ignore[misc]

    def _catch_up(self, incident: Incident) -> None:
        changes = self._deps.changes.of_incident(incident.id)
        try:
            self.offers.consider(incident, decode(dict(incident.diagnosis)), changes)
            for change in changes:
                if self.requests.show(change, incident):
                    self._deps.cards.redraw(incident.id)
                self._follow_up(change, incident)
        except TriageError as error:
            _log.warning("the fixes of incident %s have to wait: %s", incident.id, error)

    def close(self, timeout: float) -> None:
        """Take no more work, and finish what runs within `timeout` seconds."""
        self.offers.close(timeout)

    def _moved(self, change: Change) -> None:
        """A change was moved by this process. Called by the service, in whatever thread. Raises `TriageError`."""
        if not change.incident or change.state in _UNSEEN:
            return
        if change.requester is None and self.offers.is_at(change.incident):
            return  # an older offer ends; the card is drawn when the new ones are there
        incident = self._deps.incidents.get(change.incident)
        if incident is None:
            return
        self._deps.cards.redraw(incident.id)
        self.requests.show(change, incident)
        self._follow_up(change, incident)

    def _follow_up(self, change: Change, incident: Incident) -> None:
        """After an outcome the incident is checked again, so that its card says how things are now, once."""
        made = change.state in _ENDED and change.claimed_at is not None
        if not made or change.id in kept_of(incident).followed:
            return
        state = state_of(incident)
        if not (incident.state is IncidentState.RESOLVED and state.closed_by):
            asked = QuestionOrigin(
                team=incident.team,
                channel=incident.channel,
                user=state.user,
                asked_by=state.asked_by,
                thread_ts=incident.thread_ts or None,
                ts=incident.ts,
                incident=incident.id,
            )
            if not self._deps.ask(asked, request_from_json(incident.request)):
                _log.warning("incident %s is checked again later: too much is going on", incident.id)
                return
        keep(self._deps.incidents, incident.id, lambda kept: kept.with_followed(change.id))
