"""What a card shows beside the diagnosis: who asked, how often, where else; and who is drawing it.

Kept with the incident as `Incident.card`, read and written by `card_reconciler` and the answers to people. Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from bot.domain.changes import Frozen
from bot.domain.incidents import Incident
from bot.incidents.pasted.ledger import Ledger
from bot.incidents.reading import tolerant

COUNTED = 50
"""Ids of questions that are remembered, so that one which is answered by two processes counts once."""


class CardState(Frozen):
    """Everything on the card that is not the diagnosis.

    user, asked_by: who asked last; `seconds` is how long that triage took, `unread` which files it could not read
    count, counted: how many questions this card answers, and the ids of the newest
    places:   other threads (channel, ts) in which the same was asked
    note:     what became of the last check, if it failed
    set_aside: causes of which somebody said "not this", with the person's name
    closed_by: who resolved it
    source:   the message the first question was about; posted along with the card, so that an edit of it finds the card
    calls:    ids of people and user groups that the card calls (configured by whoever runs the bot)
    ledger:   what was pasted, by whom and when
    said_at:  when the card last came to say something else (its causes, or whether it is over)
    checking_until: until when nobody else starts a check of it
    changes:  what the extension that draws fixes keeps here; nobody else reads it
    words:    what the extension that words things keeps here; nobody else reads it
    drawing, drawing_until: the process that is bringing the card up to date, and until when nobody else does
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: str = ""
    asked_by: str = ""
    seconds: float | None = None
    unread: tuple[str, ...] = ()
    count: int = 1
    counted: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    note: str = ""
    set_aside: tuple[tuple[str, str], ...] = ()
    closed_by: str = ""
    private_to: str = ""
    source: str = ""
    ledger: Ledger = Field(default_factory=Ledger)
    said_at: datetime | None = None
    checking_until: datetime | None = None
    calls: tuple[str, ...] = ()
    changes: Mapping[str, Any] = Field(default_factory=dict)
    words: Mapping[str, Any] = Field(default_factory=dict)
    drawing: str = ""
    drawing_until: datetime | None = None

    def but(self, **changes: Any) -> CardState:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        kept: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        return kept


def state_of(incident: Incident) -> CardState:
    """The state that is kept with an incident."""
    return tolerant(CardState, incident.card)
