"""What a diagnosis shows of the faults that a monitor watches for.

Pure. Absence is not health: a fault that could not be judged is neither seen nor gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from bot.diagnosis.incident_keys import cause_key
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import GapReason
from bot.engine.explain.headline import headline
from bot.monitors.schema import Monitor
from bot.monitors.state import Finding, Observation

_BLINDING = (GapReason.FORBIDDEN, GapReason.TIMED_OUT, GapReason.FAILED, GapReason.CUT_OFF)


def watched(monitor: Monitor, diagnosis: Diagnosis) -> dict[str, Cause]:
    """The root causes that the monitor is about, by key."""
    return {cause_key(diagnosis, cause): cause for cause in diagnosis.root_causes if _is_watched(monitor, cause)}


def _is_watched(monitor: Monitor, cause: Cause) -> bool:
    if cause.state:
        return False
    if monitor.causes == "any":
        return not cause.benign
    return any(fnmatchcase(cause.id, pattern) for pattern in monitor.causes)


def observe(finding: Finding, diagnosis: Diagnosis) -> Observation:
    """What became of a fault that is not among the root causes."""
    if diagnosis.verdict in (Verdict.HEALTHY, Verdict.RECOVERED):
        return Observation.ABSENT
    if diagnosis.verdict is Verdict.INCONCLUSIVE:  # while pods are being replaced, a fault is merely not confirmed
        return Observation.UNKNOWN
    cause = next((item for item in diagnosis.causes if cause_key(diagnosis, item) == finding.key), None)
    if cause is None:
        return Observation.UNKNOWN if blinding_gap(diagnosis) else Observation.ABSENT
    # Beside another fault, only what is refuted is over.
    refuted = cause.verdict is CauseVerdict.RULED_OUT and not cause.explained_by
    return Observation.ABSENT if refuted else Observation.UNKNOWN


def blindness(diagnosis: Diagnosis) -> str:
    """Why the diagnosis can say nothing, as a sentence; empty when it can."""
    if diagnosis.verdict is not Verdict.INCONCLUSIVE:
        return ""
    gap = blinding_gap(diagnosis)
    return f"It cannot judge {diagnosis.app_title} in {diagnosis.namespace}: {gap}." if gap else ""


def blinding_gap(diagnosis: Diagnosis) -> str:
    """The first thing that could not be read, in words; empty when everything could."""
    return next((gap.sentence() for gap in diagnosis.gaps if gap.reason in _BLINDING), "")


def about(diagnosis: Diagnosis, cause: Cause) -> Diagnosis:
    """The diagnosis with this cause as its only root cause: what the card of this one incident shows."""
    if diagnosis.root_causes == (cause,):
        return diagnosis
    words = headline(diagnosis.app_title, diagnosis.verdict, (cause,), diagnosis.causes)
    return replace(diagnosis, root_causes=(cause,), headline=words)


def fingerprint(diagnosis: Diagnosis) -> str:
    """Changes when the card would say something else."""
    roots: Iterable[Cause] = diagnosis.root_causes
    said = [diagnosis.headline, *(f"{cause.id} {cause.sentence}" for cause in roots)]
    said += [f"{item.symptom.id} {item.explained_by}" for item in diagnosis.symptoms]
    said += [gap.sentence() for gap in diagnosis.gaps]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
