"""Judges a diagnosis of a near miss by the rules in the header of `tests/nearmiss/index.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict

Judge = Literal["ok", "open", "part", "fault", "names"]
REFUSED = "[cause]: Error: connect ECONNREFUSED {address}:{port} {{ code: 'ECONNREFUSED', port: {port} }}"
"""What a person pastes of an outage, for cases of judge `part` that bring no paste of their own."""


@dataclass(frozen=True)
class NearMiss:
    """One near miss: how it is judged, and what the right answer is.

    `causes`: ids of the root causes that a `fault` or `names` must have, of a `part` that may have them. `mentions`:
    words that the root causes must hold. `not_healthy`: for an open one that must not be called healthy.
    """

    name: str
    judge: Judge
    right: str
    causes: frozenset[str] = frozenset()
    mentions: tuple[str, ...] = ()
    not_healthy: bool = False


def accusations(case: NearMiss, found: Diagnosis) -> list[str]:
    """Confirmed faults that are not there, and fixes that write for one."""
    confirmed = [item for item in found.causes if _is_accusation(item)]
    writing = sorted({remedy.id for item in found.causes for remedy in item.remedies if remedy.steps})
    if case.judge in ("ok", "open"):
        return [item.id for item in confirmed] + [f"fix {name}" for name in writing]
    if case.judge == "part":
        return [
            f"explains {item.symptom.id}" for item in found.symptoms if _explained_by_fault(found, item.explained_by)
        ]
    allowed = case.causes or {item.id for item in found.root_causes}
    return [item.id for item in confirmed if item.id not in allowed and item.explained_by is None]


def shortcomings(case: NearMiss, found: Diagnosis) -> list[str]:
    """What else is not right about it: vaguer than need be, a fault that is missed, the wrong words."""
    return list(_shortcomings(case, found))


def _shortcomings(case: NearMiss, found: Diagnosis) -> Iterator[str]:
    roots = {item.id for item in found.root_causes if not item.state}
    words = " ".join([found.headline, *(item.sentence for item in found.root_causes)]).lower()
    if case.judge == "ok" and found.verdict not in (Verdict.HEALTHY, Verdict.RECOVERED):
        yield f"not healthy but {found.verdict}"
    if case.judge == "part" and found.verdict in (Verdict.HEALTHY, Verdict.RECOVERED):
        yield f"called {found.verdict}"
    if case.not_healthy and found.verdict is Verdict.HEALTHY:
        yield "called healthy"
    if case.judge in ("fault", "names") and found.verdict is not Verdict.FAULT_FOUND:
        yield f"missed: {found.verdict}"
    elif case.judge in ("fault", "names") and case.causes and not roots & case.causes:
        yield f"names {sorted(roots)}"
    for word in case.mentions:
        if word.lower() not in words:
            yield f"does not say {word!r}"


def _is_accusation(cause: Cause) -> bool:
    return cause.verdict is CauseVerdict.CONFIRMED and not cause.state and not cause.benign


def _explained_by_fault(found: Diagnosis, cause_id: str | None) -> bool:
    return any(item.id == cause_id and not item.state and not item.benign for item in found.causes)
