"""Takes back what somebody pasted: a message that was deleted, or edited into something else, is on no card any more.

Called by the chat adapter. A paste that is deleted while it is being answered is remembered, so that the answer does
not put it on a card afterwards.
"""

from __future__ import annotations

from bot.diagnosis.ports import IncidentStore, SeenEvents
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.findings import withdrawn

MOST = 500
"""Open incidents that are looked through."""


class Withdrawals:
    """Raises `StoreError`."""

    def __init__(self, incidents: IncidentStore, cards: CardReconciler, seen: SeenEvents) -> None:
        self._incidents = incidents
        self._cards = cards
        self._seen = seen

    def deleted(self, source: str) -> None:
        """The message that stands there is gone."""
        self._seen.first_time({_key(source)})
        self.edited(source)

    def edited(self, source: str) -> None:
        """The message says something else now."""
        for incident in self._incidents.open_incidents(MOST):
            if withdrawn(incident, source):
                self._cards.change(incident.id, lambda newest, _: withdrawn(newest, source))

    def is_gone(self, source: str) -> bool:
        """Whether the message was deleted."""
        return bool(source) and self._seen.has(_key(source))


def _key(source: str) -> str:
    return f"gone:{source}"
