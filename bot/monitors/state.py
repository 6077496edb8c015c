"""What is known about one fault over time, and what follows from the next look at it.

Pure: no clock, no database. `advance` is called by the monitor run with the row of the store and what was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.changes import Frozen


class Phase(StrEnum):
    """Where a finding is."""

    SUSPECTED = "suspected"
    """Seen, but not for long enough."""
    OPEN = "open"
    """People were told."""
    CLOSED = "closed"
    """It is gone. Kept, so that its return is the same incident for a while."""


class Observation(StrEnum):
    """What one run saw of a fault."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """It could not be judged: neither opens nor closes anything."""


class FindingEffect(StrEnum):
    """What is to be done for people. Each is an effect that is claimed before it happens."""

    ANNOUNCE = "announce"
    REOPEN = "reopen"
    UPDATE = "update"
    CLOSE = "close"


class Finding(Frozen):
    """One fault of one monitor. `monitor` and `key` identify it.

    cause, title: of the fault, for the next run and for the digest
    episode:     counts announcements and reopenings, so that each effect has a name of its own
    first_seen:  when this episode began; last_seen: when it was last seen
    incident:    id of the card, once there is one
    fingerprint: of what the card says, so that it is edited only when that changed
    version:     goes up with each save; 0: not saved yet
    """

    monitor: str
    key: str
    cause: str = ""
    title: str = ""
    phase: Phase = Phase.SUSPECTED
    episode: int = 0
    first_seen: datetime
    last_seen: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    incident: str = ""
    fingerprint: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """From the monitor: how long a fault must last, how soon its return is the same incident, and after how long a
    time without a look nothing is known any more of a fault that was only suspected."""

    lasting: timedelta
    reopen_within: timedelta
    forget_after: timedelta


@dataclass(frozen=True, slots=True)
class FindingUpdate:
    """What the row becomes (None: it goes away) and what people should be told, if anything."""

    finding: Finding | None
    step: FindingEffect | None = None


def suspect(monitor: str, key: str, cause: str, now: datetime) -> Finding:
    """A fault that is seen for the first time."""
    return Finding(monitor=monitor, key=key, cause=cause, first_seen=now, last_seen=now)


def advance(finding: Finding, observation: Observation, fingerprint: str, now: datetime, rules: Rules) -> FindingUpdate:
    """The next state of a fault."""
    if observation is Observation.UNKNOWN:
        return FindingUpdate(finding)
    if observation is Observation.PRESENT:
        return _present(finding, fingerprint, now, rules)
    return _absent(finding, now, rules)


def _present(finding: Finding, fingerprint: str, now: datetime, rules: Rules) -> FindingUpdate:
    seen = finding.model_copy(update={"last_seen": now})
    match finding.phase:
        case Phase.SUSPECTED if now - finding.last_seen > rules.forget_after:
            return FindingUpdate(seen.model_copy(update={"first_seen": now}))
        case Phase.SUSPECTED if now - finding.first_seen >= rules.lasting:
            told = {"phase": Phase.OPEN, "opened_at": now, "episode": finding.episode + 1, "fingerprint": fingerprint}
            return FindingUpdate(seen.model_copy(update=told), FindingEffect.ANNOUNCE)
        case Phase.SUSPECTED:
            return FindingUpdate(seen)
        case Phase.OPEN if fingerprint != finding.fingerprint:
            return FindingUpdate(seen.model_copy(update={"fingerprint": fingerprint}), FindingEffect.UPDATE)
        case Phase.OPEN:
            return FindingUpdate(seen)
    if _is_recent(finding, now, rules):
        again = {"phase": Phase.OPEN, "closed_at": None, "episode": finding.episode + 1, "fingerprint": fingerprint}
        return FindingUpdate(seen.model_copy(update=again), FindingEffect.REOPEN)
    fresh = {"phase": Phase.SUSPECTED, "first_seen": now, "opened_at": None, "closed_at": None, "incident": ""}
    return _present(seen.model_copy(update=fresh), fingerprint, now, rules)


def _absent(finding: Finding, now: datetime, rules: Rules) -> FindingUpdate:
    match finding.phase:
        case Phase.SUSPECTED:
            return FindingUpdate(None)
        case Phase.OPEN:
            return FindingUpdate(
                finding.model_copy(update={"phase": Phase.CLOSED, "closed_at": now}), FindingEffect.CLOSE
            )
    return FindingUpdate(finding if _is_recent(finding, now, rules) else None)


def _is_recent(finding: Finding, now: datetime, rules: Rules) -> bool:
    return finding.closed_at is not None and now - finding.closed_at <= rules.reopen_within
