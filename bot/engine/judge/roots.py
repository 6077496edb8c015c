"""Which confirmed causes are the root causes, and what they make of the app: verdict and impact. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.diagnosis import Cause, CauseVerdict, Impact, Verdict
from bot.engine.judge.impact import worst
from bot.engine.judge.verdicts import Judged


def impact_of(roots: Sequence[Cause], verdict: Verdict) -> Impact:
    """How much the root causes take away together; unknown where nothing is certain."""
    if verdict is Verdict.INCONCLUSIVE:
        return Impact.UNKNOWN
    return worst([cause.impact for cause in roots if not cause.state and not cause.benign])


def roots_of(judged: Sequence[Judged]) -> list[Judged]:
    """Confirmed causes that nothing confirmed explains. States (healthy, recovered) count only where nothing is
    broken.
    """
    confirmed = [item for item in judged if item.verdict is CauseVerdict.CONFIRMED]
    faults = [item for item in confirmed if not item.spec.state and not item.spec.benign]
    if faults or _suspected(judged):
        return faults
    benign = [item for item in confirmed if item.spec.benign]
    states = [item for item in confirmed if item.spec.state]
    return states[:1] + benign if states and states[0].spec.id == "recovered" else benign or states[:1]


def _suspected(judged: Sequence[Judged]) -> bool:
    """Whether a fault is likely, but not confirmed: then nobody may say that all is well."""
    return any(item.verdict is CauseVerdict.LIKELY and not item.spec.benign and not item.spec.state for item in judged)


def verdict_of(judged: Sequence[Judged], roots: Sequence[Judged]) -> Verdict:
    """Fault found, recovered, healthy; anything less certain is inconclusive."""
    if any(not item.spec.state and not item.spec.benign for item in roots):
        return Verdict.FAULT_FOUND
    states = {item.spec.id: item.verdict for item in judged if item.spec.state}
    if _suspected(judged):
        return Verdict.INCONCLUSIVE
    if states.get("recovered") is CauseVerdict.CONFIRMED:
        return Verdict.RECOVERED
    if states.get("healthy") is CauseVerdict.CONFIRMED:
        return Verdict.HEALTHY
    return Verdict.INCONCLUSIVE


def consequences(judged: Sequence[Judged]) -> dict[str, list[str]]:
    """The causes that each cause explains."""
    found: dict[str, list[str]] = {}
    for item in judged:
        if item.explained_by is not None:
            found.setdefault(item.explained_by, []).append(item.spec.id)
    return found
