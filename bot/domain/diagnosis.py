"""The result of a triage: causes with verdicts, the root causes, what they explain, what stays open.

Rendered by `bot.diagnosis.report` (text and JSON) and by the Slack adapter (card).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.calls import FailedCall
from bot.domain.facts import Check, Gap
from bot.domain.remedies import Remedy
from bot.domain.symptoms import Symptom


class CauseVerdict(StrEnum):
    """What the evidence says about one hypothesis."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    """Could not be judged: something it depends on could not be seen."""
    RULED_OUT = "ruled_out"


class Verdict(StrEnum):
    """The outcome of the whole diagnosis."""

    FAULT_FOUND = "fault_found"
    RECOVERED = "recovered"
    HEALTHY = "healthy"
    INCONCLUSIVE = "inconclusive"


class Impact(StrEnum):
    """How much a fault takes away."""

    DOWN = "down"
    DEGRADED = "degraded"
    """Some replicas are hit, others serve."""
    NONE = "none"
    """Nobody is cut off by it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cause:
    """One hypothesis after judgement.

    `because` and `against` are check ids. `explains` names symptoms and other causes that follow from it.
    `explained_by` is set when it is only a consequence of another cause. `component` says what it is about.
    `separated_by` are the ids of checks that would settle an open cause. `impact` is set for confirmed causes;
    `affected` says in words which part is hit ("1 of 4 pods; 3 serve"). `held_by` names who holds the object as it is.
    `chain` is the way to a root cause along the calls: from who was asked about, or who suffers first, to what it is
    about; empty where there is none. `shared_with` are further components that have this very cause.
    """

    id: str
    verdict: CauseVerdict
    title: str
    sentence: str
    component: str = ""
    benign: bool = False
    state: bool = False
    because: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    explained_by: str | None = None
    separated_by: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    references: tuple[str, ...] = ()
    impact: Impact = Impact.UNKNOWN
    affected: str = ""
    held_by: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()


class Fit(StrEnum):
    """Whether a cause makes the failure that a symptom shows."""

    FITS = "fits"
    POSSIBLE = "possible"
    """It may, by network, version or moment."""
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class ExplainedSymptom:
    """A symptom and the cause that explains it (None: unexplained, and the person is told).

    `fit` says whether that cause makes the failure that the symptom's calls show; without a cause, that the confirmed
    ones do not (`contradicts`). None where the symptom tells of no failed call. `fit_reason` is one sentence.
    """

    symptom: Symptom
    explained_by: str | None
    fit: Fit | None = None
    fit_reason: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the triage cost: requests to the API server, and seconds of wall time."""

    api_requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything a triage has to say. Pure data; the same view and symptoms always give the same diagnosis."""

    app: str
    app_title: str
    namespace: str
    cluster: str
    collected_at: datetime
    verdict: Verdict
    headline: str
    root_causes: tuple[Cause, ...]
    symptoms: tuple[ExplainedSymptom, ...]
    causes: tuple[Cause, ...]
    checks: tuple[Check, ...]
    gaps: tuple[Gap, ...]
    since: datetime | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    """What was looked at and is right, in a few words each ("INTERNAL_URL is right")."""
    components: Mapping[str, str] = field(default_factory=dict)
    failed_calls: tuple[FailedCall, ...] = ()
    """What the paste, and the logs that were read, tell of failed calls."""
    more_failed_calls: int = 0
    """How many further ones there are, which are left out."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """What the addresses in `failed_calls` are, as far as that is known: `10.96.3.4` is `Service db`."""
    services: tuple[str, ...] = ()
    """Services that were seen, as `namespace/name`: a URL may lead to one of these."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What people call each component ("API server"), by its name in the playbook."""
    hidden: Mapping[str, int] = field(default_factory=dict)
    """How many different secrets were replaced by tokens such as `‹password:1›` in what was read, by kind."""
    impact: Impact = Impact.UNKNOWN
    """How much the root causes together take away."""
    looked_at: str = ""
    """Of an app that was discovered: how many workloads were looked at, and how many are well."""
    graph: tuple[str, ...] = ()
    """Of an app that was discovered: who calls whom, a line each, what is broken first and marked."""

    def consequences_of(self, root: Cause) -> tuple[str, ...]:
        """The titles of what is only a consequence of a root cause; not of the same cause elsewhere, which it names."""
        same = {root.id.replace(root.component, name, 1) for name in root.shared_with if root.component}
        found = (item for item in self.causes if item.explained_by == root.id or item.id in root.explains)
        return tuple(dict.fromkeys(item.title for item in found if item.id not in same))

    @property
    def further_notes(self) -> tuple[str, ...]:
        """The notes without the one that says what `looked_at` says."""
        return tuple(note for note in self.notes if not self.looked_at or not note.endswith(self.looked_at))
