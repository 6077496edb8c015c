"""One check of an incident at a time: of several people who press Check again at once, one starts it.

Kept with the incident, so that it holds for all replicas and for buttons of any rendering of the card. A process that
died in the middle keeps nobody from checking for longer than `CHECKING`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.diagnosis.ports import IncidentStore
from bot.incidents.card_state import state_of

CHECKING = timedelta(seconds=60)
ATTEMPTS = 50


def begin(incidents: IncidentStore, incident_id: str, now: datetime) -> bool:
    """Whether the caller may check it now. Raises `StoreError`."""
    for _ in range(ATTEMPTS):
        incident = incidents.get(incident_id)
        if incident is None:
            return True  # whoever asks hears that it is not kept
        state = state_of(incident)
        if state.checking_until is not None and state.checking_until > now:
            return False
        begun = state.but(checking_until=now + CHECKING)
        if incidents.update(incident, card=begun.stored()) is not None:
            return True
    return False


def end(incidents: IncidentStore, incident_id: str) -> None:
    """Nothing came of it: others may check. Raises `StoreError`."""
    for _ in range(ATTEMPTS):
        incident = incidents.get(incident_id)
        if incident is None or state_of(incident).checking_until is None:
            return
        if incidents.update(incident, card=state_of(incident).but(checking_until=None).stored()) is not None:
            return
