"""What the buttons mean: opaque random tokens, and the records behind them, in memory.

Used when a card is made and when somebody presses. A button carries nothing but its token, so it can be neither forged
nor changed into something else; what it stands for is looked up here. A restart forgets all of it, and people are told.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.slack.api import MessageRef
from bot.domain.diagnosis import Diagnosis
from bot.triage.ports import Clock, TriageRequest

TOKEN_BYTES = 16  # 128 bits


@dataclass(frozen=True)
class Place:
    """Where the card with the button stands. `ref` is None for a message only `private_to` can see."""

    team: str
    channel: str
    ref: MessageRef | None = None
    private_to: str = ""


@dataclass(frozen=True)
class Record:
    """One button: what was asked, what was found (None: a choice of namespace), and where the card is.

    unread: what is said about attached files that could not be read
    card:   the same for all buttons of one card
    """

    place: Place
    request: TriageRequest
    card: str
    diagnosis: Diagnosis | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A record that was taken, and all records of its card by their tokens."""

    record: Record
    taken: dict[str, Record]


class Records:
    """A bounded set of records with an expiry. Safe to use from several threads."""

    def __init__(self, clock: Clock, ttl_seconds: float = 7 * 86_400, max_entries: int = 2_000) -> None:
        """Keep each record for `ttl_seconds`, and at most `max_entries` of them: the oldest go first."""
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_seconds)
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[datetime, Record]] = OrderedDict()

    def issue(self, record: Record) -> str:
        """Keep the record and return its token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._kept[token] = (self._clock(), record)
            while len(self._kept) > self._max_entries:
                self._kept.popitem(last=False)
        return token

    def find(self, token: str) -> Record | None:
        """The record, which stays; None when it is unknown, expired or used."""
        with self._lock:
            return self._fresh(token)

    def claim(self, token: str) -> Claim | None:
        """Take the record, and with it every other one of the same card: exactly one caller gets it."""
        with self._lock:
            record = self._fresh(token)
            return Claim(record, self._drop(record.card)) if record is not None else None

    def restore(self, claim: Claim) -> None:
        """Undo a claim, because nothing came of it."""
        with self._lock:
            for token, record in claim.taken.items():
                self._kept.setdefault(token, (self._clock(), record))

    def _fresh(self, token: str) -> Record | None:
        kept = self._kept.get(token)
        if kept is None:
            return None
        issued, record = kept
        if self._clock() - issued >= self._ttl:
            del self._kept[token]
            return None
        return record

    def _drop(self, card: str) -> dict[str, Record]:
        dropped = {token: record for token, (_, record) in self._kept.items() if record.card == card}
        for token in dropped:
            del self._kept[token]
        return dropped


def new_card() -> str:
    """A name for one card, which ties its buttons together. It never leaves this process."""
    return secrets.token_urlsafe(TOKEN_BYTES)
