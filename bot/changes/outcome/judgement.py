"""Whether a change has helped, judged from a new diagnosis. Pure; asked by `verification` at each look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.changes import Change
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict


class CausePresence(StrEnum):
    """What became of the cause."""

    THERE = "there"
    """Still a root cause, still likely, or still a consequence of another one."""
    GONE = "gone"
    """Ruled out, or nothing speaks for it any more."""
    UNCLEAR = "unclear"
    """It cannot be judged now."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look has shown.

    presence: of the cause that the change is about
    stable: no fault is left but those that stood beside the cause from the beginning
    others: titles of the faults that are there now
    certain: the cause is ruled out by evidence, not only no longer supported
    quiet:  the same, and no fault is known, though not everything can be seen
    """

    presence: CausePresence
    stable: bool
    others: tuple[str, ...]
    certain: bool
    quiet: bool


def judge(change: Change, diagnosis: Diagnosis) -> Judgement:
    """Compare what the change is about with what is found now."""
    found = next((item for item in diagnosis.causes if item.id == change.cause), None)
    faults = [item for item in diagnosis.root_causes if not item.state and not item.benign]
    presence = _presence(found, {item.id for item in diagnosis.root_causes})
    others = tuple(item.title for item in faults if item.id != change.cause)
    well = diagnosis.verdict in (Verdict.HEALTHY, Verdict.RECOVERED)
    as_before = bool(faults) and all(item.id in change.other_causes for item in faults)
    gone = presence is CausePresence.GONE
    certain = gone and (well or (found is not None and found.verdict is CauseVerdict.RULED_OUT))
    return Judgement(presence, gone and (well or as_before), others, certain, certain and not faults)


def _presence(cause: Cause | None, roots: Collection[str]) -> CausePresence:
    if cause is None:
        return CausePresence.GONE
    if cause.id in roots or cause.explained_by or cause.verdict in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY):
        return CausePresence.THERE
    return CausePresence.UNCLEAR if cause.verdict is CauseVerdict.UNKNOWN else CausePresence.GONE
