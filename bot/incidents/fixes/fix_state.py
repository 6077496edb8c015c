"""What is kept with an incident about its fixes: for what they were offered, why some were not, where requests stand.

Part of the card's state (`CardState.changes`), read and written by the other modules of this package. It decides
nothing: what may be done is in the changes themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from bot.diagnosis.ports import IncidentStore
from bot.domain.changes import Frozen
from bot.domain.errors import StoreError
from bot.domain.incidents import Incident
from bot.incidents.card_reconciler import ATTEMPTS
from bot.incidents.card_state import state_of
from bot.incidents.reading import tolerant

REMEMBERED = 30
"""Ids of finished changes that are remembered."""


class Posted(Frozen):
    """One request for approval in the thread.

    ts:    where it stands; empty while it is not posted
    shown: what it says, as `request.signature` puts it
    owner, until: the process that is posting it, and until when nobody else does
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ts: str = ""
    shown: str = ""
    owner: str = ""
    until: datetime | None = None


class FixState(Frozen):
    """What is kept.

    offered_for, offered_at: the remedies that were last offered, as a digest, and the time of that diagnosis
    withheld: title and reason of those that got no button then
    followed: ids of changes after whose outcome the incident was checked again
    asked:    requests for approval, by the id of their change
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    offered_for: str = ""
    offered_at: datetime | None = None
    withheld: tuple[tuple[str, str], ...] = ()
    followed: tuple[str, ...] = ()
    asked: Mapping[str, Posted] = Field(default_factory=dict)

    def but(self, **changes: Any) -> FixState:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def with_posted(self, change_id: str, posted: Posted) -> FixState:
        """The same with what is known about one request."""
        return self.but(asked=dict(list({**self.asked, change_id: posted}.items())[-REMEMBERED:]))

    def with_followed(self, change_id: str) -> FixState:
        """The same with one change more that was followed by a check."""
        return self.but(followed=(*self.followed, change_id)[-REMEMBERED:])


def kept_of(incident: Incident) -> FixState:
    """What is kept with an incident."""
    return tolerant(FixState, state_of(incident).changes)


def card_with(incident: Incident, kept: FixState) -> dict[str, Any]:
    """`Incident.card` with this in it."""
    stored = kept.model_dump(mode="json", exclude_defaults=True)
    return state_of(incident).but(changes=stored).stored()


def keep(incidents: IncidentStore, incident_id: str, change: Callable[[FixState], FixState | None]) -> FixState | None:
    """Change what is kept, whoever else changes the incident; the card is not drawn anew.

    `change` may answer None: it stays as it is. None when there is no such incident, or it stayed. Raises `StoreError`.
    """
    for _ in range(ATTEMPTS):
        incident = incidents.get(incident_id)
        if incident is None:
            return None
        kept = change(kept_of(incident))
        if kept is None:
            return None
        if incidents.update(incident, card=card_with(incident, kept)) is not None:
            return kept
    raise StoreError(f"Incident {incident_id} changes all the time.", "Press the button again.")
