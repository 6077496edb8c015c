"""The opaque tokens in buttons: a button carries nothing else, so it can be neither forged nor turned into another one.

Used when something with buttons is shown, and when somebody presses. What a token stands for is in the store, shared by
all replicas; a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.diagnosis.ports import ButtonStore, Clock
from bot.domain.incidents import Button

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Spot:
    """Where the buttons stand. `card` ties them together: the id of an incident, or of a question. `ts` is empty while
    the message is not posted, and stays empty for one that only `private_to` sees."""

    team: str
    channel: str
    card: str
    ts: str = ""
    private_to: str = ""


class Tokens:
    """Issues and finds tokens. All methods raise `StoreError`."""

    def __init__(self, store: ButtonStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(self, kind: str, spot: Spot, payload: Mapping[str, Any] | None = None) -> str:
        """A new token for a button of this kind."""
        now = self._clock()
        return self._store.issue(
            Button(
                kind=kind,
                card=spot.card,
                team=spot.team,
                channel=spot.channel,
                ts=spot.ts,
                private_to=spot.private_to,
                payload=payload or {},
                issued_at=now,
                expires_at=now + LIFETIME,
            )
        )

    def find(self, token: str) -> Button | None:
        """What it stands for; None when it is unknown, expired or used."""
        return self._store.find(token)

    def claim(self, token: str) -> Button | None:
        """Take it, and with it all tokens of its card: exactly one caller gets it."""
        return self._store.claim(token)

    def restore(self, token: str) -> None:
        """Undo a claim, because nothing came of it."""
        self._store.restore(token)

    def placed(self, card: str, ts: str) -> None:
        """The message with these buttons was posted."""
        self._store.place(card, ts)
