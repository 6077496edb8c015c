"""Whether the bot can do its work now: the answers of `/healthz` and `/readyz`.

The wiring gives it a question per thing that must work. Each is answered at once, from what is known: nothing here
calls Slack or a cluster, so that a probe costs nothing and cannot be used to cause load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.diagnosis.ports import Clock

Reason = str
"""Why something does not work, as a sentence; empty when it works."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer. `reasons` by what they are about; `notes` are worth knowing and keep nobody from working."""

    ready: bool
    reasons: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class Probes:
    """Asks all questions. `essential` ones make the bot unready, `notable` ones are only shown."""

    def __init__(
        self, essential: Mapping[str, Callable[[], Reason]], notable: Mapping[str, Callable[[], Reason]] | None = None
    ) -> None:
        self._essential = dict(essential)
        self._notable = dict(notable or {})

    def readiness(self) -> Readiness:
        """The state now."""
        reasons = {name: reason for name, ask in self._essential.items() if (reason := ask())}
        notes = {name: note for name, ask in self._notable.items() if (note := ask())}
        return Readiness(not reasons, reasons, notes)


class LastSuccess:
    """When something last worked, and why it did not since: for what cannot be asked for free, such as a cluster.

    Thread-safe: each field is replaced as a whole. `stale_after`: a success so old says nothing any more.
    """

    def __init__(self, what: str, clock: Clock, stale_after: timedelta) -> None:
        self._what = what
        self._clock = clock
        self._stale_after = stale_after
        self._succeeded_at: datetime | None = None
        self._failure = ""

    def succeeded(self) -> None:
        """It worked just now."""
        self._succeeded_at, self._failure = self._clock(), ""

    def failed(self, why: str) -> None:
        """It did not work just now."""
        self._failure = why

    def reason(self) -> Reason:
        """Why it does not work; empty while the last attempt worked and is not too long ago."""
        at = self._succeeded_at
        if self._failure:
            since = "it never has" if at is None else f"last worked {at:%Y-%m-%d %H:%M:%S} UTC"
            return f"{self._failure} ({since})"
        if at is None:
            return f"{self._what} has not been tried yet"
        if self._clock() - at > self._stale_after:
            return f"{self._what} last worked {at:%Y-%m-%d %H:%M:%S} UTC"
        return ""


class Remembered:
    """An answer that costs something, asked at most once per `seconds`: probes and scrapes come often."""

    def __init__(self, ask: Callable[[], Reason], seconds: float, monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._seconds = seconds
        self._monotonic = monotonic
        self._known: tuple[float, Reason] | None = None

    def __call__(self) -> Reason:
        """The answer, at most `seconds` old."""
        now = self._monotonic()
        if self._known is None or now - self._known[0] >= self._seconds:
            self._known = (now, self._ask())
        return self._known[1]
