"""What monitors need from the outside: somebody to tell people, and rows that survive a crash.

Implemented by `bot.incidents` and `bot.adapters.store`; tests bring their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.diagnosis import Diagnosis
from bot.monitors.schema import Mention
from bot.monitors.state import Finding


class ClaimState(StrEnum):
    """What became of an attempt to take an effect on."""

    FRESH = "fresh"
    """Nobody has tried it before."""
    UNFINISHED = "unfinished"
    """Somebody of an older term died in it: look whether it took effect before doing it again."""
    DONE = "done"
    """It has happened; `result` is what it gave."""
    REFUSED = "refused"
    """It is in other hands, or a newer leader has been seen."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to a claim."""

    state: ClaimState
    result: str = ""


class Claims(Protocol):
    """Who does what once. One row per effect, and the highest term that was ever seen. Raises `StoreError`.

    No clocks: an effect that was claimed and not finished is taken over by a newer term only.
    """

    def begin_term(self) -> int:
        """A term higher than any before. From now on older ones are refused."""

    def claim(self, key: str, term: int, owner: str) -> Claim:
        """Take an effect on, in one transaction with the look at the highest term."""

    def done(self, key: str, term: int, result: str = "") -> bool:
        """The effect has happened. False when a newer term has taken it over meanwhile."""

    def release(self, key: str, term: int, *, tried: bool) -> None:
        """Give it back, for anybody to claim. `tried`: it may have happened, so the next claim is `UNFINISHED`."""


class FindingStore(Protocol):
    """Findings, durable. All methods raise `StoreError`."""

    def of_monitor(self, monitor: str) -> Sequence[Finding]:
        """The findings of one monitor."""

    def save(self, finding: Finding) -> Finding | None:
        """Insert (version 0) or compare-and-swap on `version`; None when somebody else was faster."""

    def remove(self, finding: Finding) -> None:
        """Forget it, if nobody has changed it meanwhile."""

    def touched_since(self, moment: datetime) -> Sequence[Finding]:
        """Findings seen or closed since then, for the digest."""


class IncidentPoster(Protocol):
    """Tells people. Raises `ChatError` when it certainly did not, `TriageError` otherwise.

    `again`: a process died while it did this before. The implementation then looks whether that took effect, by the
    incident's key or by `effect`, which it keeps with what it posts; it does not post twice.
    """

    def announce(self, diagnosis: Diagnosis, key: str, channel: str, mention: Mention, *, again: bool = False) -> str:
        """Post the incident's card, naming these people, or find the open one with this key. Returns its id."""

    def reopen(self, incident: str, diagnosis: Diagnosis, *, again: bool = False) -> None:
        """The fault is back: open the same card again, pinging nobody."""

    def update(self, incident: str, diagnosis: Diagnosis) -> None:
        """Edit the card. Harmless to repeat."""

    def close(self, incident: str, duration: timedelta, *, again: bool = False) -> None:
        """The checks pass: resolve the card, and say how long it lasted."""

    def digest(self, channel: str, lines: Sequence[str], effect: str, *, again: bool = False) -> None:
        """Post the daily summary. The lines are plain text, escaped by the adapter."""

    def trouble(self, channel: str, monitor: str, sentence: str, effect: str, *, again: bool = False) -> None:
        """A monitor itself does not work."""


class Mutes(Protocol):
    """Which incident keys are muted (the incident store)."""

    def muted(self, now: datetime) -> Mapping[str, tuple[str, datetime]]:
        """Muted keys: by whom, and until when."""
