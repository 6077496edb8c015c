"""Stand-ins for the ports of monitors and schedule: rows in memory, people who write down what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import SlackError
from bot.monitors.ports import Claim, ClaimState
from bot.monitors.schema import Mention
from bot.monitors.state import Finding

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class Clock:
    """Wall clock and monotonic clock in one; moved by tests."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return (self.now - START).total_seconds()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Leader:
    """Leads in a term until told otherwise."""

    def __init__(self, term: int | None = 1) -> None:
        self.now: int | None = term

    def term(self) -> int | None:
        return self.now


@dataclass
class MemoryClaims:
    """Like the database's claims, without the database."""

    fence: int = 0
    rows: dict[str, list[object]] = field(default_factory=dict)

    def begin_term(self) -> int:
        self.fence += 1
        return self.fence

    def claim(self, key: str, term: int, _owner: str) -> Claim:
        if term < self.fence:
            return Claim(ClaimState.REFUSED)
        row = self.rows.get(key)
        if row is None:
            self.rows[key] = [term, False, ""]
            return Claim(ClaimState.FRESH)
        if row[1]:
            return Claim(ClaimState.DONE, str(row[2]))
        if int(str(row[0])) >= term:
            return Claim(ClaimState.REFUSED)
        row[0] = term
        return Claim(ClaimState.UNFINISHED)

    def done(self, key: str, term: int, result: str = "") -> bool:
        if self.rows[key][0] != term:
            return False
        self.rows[key][1:] = [True, result]
        return True

    def release(self, key: str, _term: int, *, tried: bool) -> None:
        if tried:
            self.rows[key][0] = 0
        else:
            del self.rows[key]


class MemoryFindings:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Finding] = {}

    def of_monitor(self, monitor: str) -> Sequence[Finding]:
        return [item for (name, _), item in self.rows.items() if name == monitor]

    def save(self, finding: Finding) -> Finding | None:
        place = (finding.monitor, finding.key)
        there = self.rows.get(place)
        if finding.version != (there.version if there else 0):
            return None
        self.rows[place] = finding.model_copy(update={"version": finding.version + 1})
        return self.rows[place]

    def remove(self, finding: Finding) -> None:
        there = self.rows.get((finding.monitor, finding.key))
        if there is not None and there.version == finding.version:
            del self.rows[finding.monitor, finding.key]

    def touched_since(self, moment: datetime) -> Sequence[Finding]:
        return [item for item in self.rows.values() if item.last_seen >= moment]


class People:
    """Slack, as monitors see it: keeps what it was told, in words. `fails` makes the next posts fail."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = 0
        self.mentions: list[Mention] = []

    def announce(self, diagnosis: Diagnosis, _key: str, _channel: str, mention: Mention, *, again: bool = False) -> str:
        self._say("announce", *(cause.id for cause in diagnosis.root_causes), again=again)
        self.mentions.append(mention)
        return f"incident-{len(self.told)}"

    def reopen(self, incident: str, _diagnosis: Diagnosis, *, again: bool = False) -> None:
        self._say("reopen", incident, again=again)

    def update(self, incident: str, _diagnosis: Diagnosis) -> None:
        self._say("update", incident)

    def close(self, incident: str, duration: timedelta, *, again: bool = False) -> None:
        self._say("close", incident, str(duration), again=again)

    def digest(self, channel: str, lines: Sequence[str], _effect: str, *, again: bool = False) -> None:
        self._say("digest", channel, *lines, again=again)

    def trouble(self, _channel: str, monitor: str, sentence: str, _effect: str, *, again: bool = False) -> None:
        self._say("trouble", monitor, sentence, again=again)

    def _say(self, *words: str, again: bool = False) -> None:
        if self.fails:
            self.fails -= 1
            raise SlackError("Slack is away.", "Wait.")
        self.told.append(" ".join((*words, *(["again"] if again else []))))


class MemoryMutes:
    def __init__(self) -> None:
        self.keys: dict[str, tuple[str, datetime]] = {}

    def muted(self, now: datetime) -> dict[str, tuple[str, datetime]]:
        return {key: item for key, item in self.keys.items() if item[1] > now}
