"""What people say about an incident: it is not this cause, it helped, it is over, be silent about it for a while.

Called by the chat adapter once it is known who says so. What somebody says about a diagnosis is kept together with the
view it was made of, as a case for the playbooks' tests. None of it changes a verdict: the evidence decides that.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import Clock, Examined, IncidentStore, Triage
from bot.domain.errors import TriageError, UsageError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents.card_facts import candidate, standing
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.card_state import CardState, state_of
from bot.incidents.questions.origin import request_from_json

UNTIL_RESOLVED = timedelta(days=365)
"""A mute "until it is resolved": long enough that nobody meets its end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Voice:
    """Whose word it is: the id that is kept (team and user), and the name that is shown."""

    id: str
    name: str


class Feedback:
    """Takes people's word. Every method raises `StoreError`, and `UsageError` for an incident that is not kept."""

    def __init__(self, incidents: IncidentStore, cards: CardReconciler, triage: Triage, clock: Clock) -> None:
        self._incidents = incidents
        self._cards = cards
        self._triage = triage
        self._clock = clock

    def incident(self, incident_id: str) -> Incident:
        """The incident of a card."""
        incident = self._incidents.get(incident_id)
        if incident is None:
            raise UsageError("The incident of this card is not kept any more.", "Ask again with /triage.")
        return incident

    def doubt(self, incident_id: str, voice: Voice) -> str:
        """Doubt the cause: said on the card with the person's name, and kept as a case. What to tell the person."""
        incident = self.incident(incident_id)
        diagnosis = decode(dict(incident.diagnosis))
        doubted = standing(diagnosis, state_of(incident).set_aside)
        if doubted is None:
            return "Every cause on this card has been doubted already."

        def reject(_: Incident, state: CardState) -> dict[str, object]:
            if doubted.id in {cause for cause, _ in state.set_aside}:
                return {}
            return {"card": state.but(set_aside=(*state.set_aside, (doubted.id, voice.name))).stored()}

        changed = self._cards.change(incident.id, reject) or incident
        following = candidate(diagnosis, state_of(changed).set_aside)
        detail = {"doubted": doubted.id, "next": following.id if following else "", "by": voice.name}
        self._keep(changed, voice, "not_this", {**detail, "at": self._clock().isoformat()})
        said = f"Noted that it is not: {doubted.title}."
        if following is None:
            return f"{said} No other cause is left; the details list what was ruled out."
        return f"{said} The card shows the next candidate."

    def rate(self, incident_id: str, voice: Voice, verdict: str) -> str:
        """Helpful or not: kept as a case. What to tell the person."""
        self._keep(self.incident(incident_id), voice, verdict, {})
        return "Thank you. It is kept with what the bot saw, so that the playbooks can be tested with it."

    def resolve(self, incident_id: str, voice: Voice) -> str:
        """It is over, says somebody. What to tell the person; empty: the card says it."""
        now = self._clock()

        def close(incident: Incident, state: CardState) -> dict[str, object]:
            if incident.state is IncidentState.RESOLVED:
                return {}
            state = state.but(closed_by=voice.name or "somebody", note="")
            return {"state": IncidentState.RESOLVED, "closed_at": now, "card": state.stored()}

        before = self.incident(incident_id)
        self._cards.change(before.id, close)
        self._end_mute(before, now)
        return "It is resolved already." if before.state is IncidentState.RESOLVED else ""

    def mute(self, incident: Incident, user: str, how_long: timedelta) -> datetime:
        """Post nothing about it by itself for so long; until when that is."""
        until = self._clock() + how_long
        self._incidents.mute(incident.key, user, until)
        return until

    def _end_mute(self, incident: Incident, now: datetime) -> None:
        """A mute "until it is resolved" ends here; one for some hours does not."""
        until = self._incidents.muted(now).get(incident.key, ("", now))[1]
        if until - now > timedelta(days=1):
            self._incidents.unmute(incident.key)

    def _keep(self, incident: Incident, voice: Voice, verdict: str, detail: dict[str, str]) -> None:
        """Keep the opinion with the view; where none was kept, with one that is read now, and says so."""
        snapshot = self._incidents.view_of(incident.id)
        if snapshot is None:
            snapshot, detail = self._look_now(incident), {**detail, "view": "read when this was said"}
        causes = [cause.id for cause in decode(dict(incident.diagnosis)).root_causes]
        whole = {**detail, "key": incident.key, "root_causes": causes, "request": dict(incident.request)}
        self._incidents.feedback(incident.id, voice.id, verdict, whole, snapshot)

    def _look_now(self, incident: Incident) -> bytes:
        try:
            seen = self._triage.examine(request_from_json(incident.request), lambda _: None)
        except TriageError as error:
            _log.warning("feedback is kept without a view: %s", error)
            return b""
        return seen.snapshot() if isinstance(seen, Examined) else b""
