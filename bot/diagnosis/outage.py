"""The whole outage behind a diagnosis that finds the app well again: not only the part that the cluster still records.

The engine sees one moment. After a fix, the last outage it finds recorded is the fix's own rollout, though the app had
been down long before. Called where an earlier diagnosis is known: by the changes and by the cards. Pure; verdicts stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.diagnosis import Cause, Diagnosis, Verdict

_WELL = (Verdict.HEALTHY, Verdict.RECOVERED)


@dataclass(frozen=True, slots=True)
class Outage:
    """What was known before.

    seen:  a moment at which the app was certainly down
    since: when that began, if it is known
    until: when it ended; None: it had not ended yet
    """

    seen: datetime
    since: datetime | None = None
    until: datetime | None = None


def outage_of(diagnosis: Diagnosis) -> Outage | None:
    """What a diagnosis that went before says; None when it found nothing down."""
    if diagnosis.verdict is Verdict.FAULT_FOUND or diagnosis.since is not None or diagnosis.until is not None:
        return Outage(diagnosis.until or diagnosis.collected_at, diagnosis.since, diagnosis.until)
    return None


def with_outage(diagnosis: Diagnosis, known: Outage | None, well_at: datetime | None = None) -> Diagnosis:
    """The diagnosis, with the window of the outage that was known before instead of the one that is recorded now.

    `well_at` is when the app was first found well, if that was before this diagnosis. A fault that is there now lasts
    since the earliest known moment, unless the outage before had ended.
    """
    if known is None:
        return diagnosis
    if diagnosis.verdict in _WELL:
        return _ended(diagnosis, known, well_at or diagnosis.collected_at)
    if known.until is not None:  # a fault is a new outage; what cannot be decided is none
        undecided = diagnosis.verdict is Verdict.INCONCLUSIVE
        return replace(diagnosis, since=known.since, until=known.until) if undecided else diagnosis
    return replace(diagnosis, since=_earliest(known.since, diagnosis.since))


def _ended(diagnosis: Diagnosis, known: Outage, well_at: datetime) -> Diagnosis:
    since, until = known.since, known.until
    if until is not None:
        if diagnosis.since is not None and diagnosis.since > until:
            return diagnosis  # it was down once more since then
    else:
        # What ended before the app was seen down is another outage.
        recorded = diagnosis.until is not None and diagnosis.until >= known.seen
        until = diagnosis.until if recorded and diagnosis.until else well_at
        began_before = recorded and diagnosis.since is not None and diagnosis.since <= known.seen
        since = _earliest(since, diagnosis.since if began_before else None)
    sentence = f"It was down from {_span(since, until)}." if since is not None else ""
    return replace(
        diagnosis,
        headline=_headline(diagnosis, sentence),
        since=since,
        until=until,
        root_causes=tuple(_said(cause, sentence) for cause in diagnosis.root_causes),
        causes=tuple(_said(cause, sentence) for cause in diagnosis.causes),
    )


def _headline(diagnosis: Diagnosis, sentence: str) -> str:
    """A healthy app's harmless findings stay in it; what the engine says of an outage does not."""
    well = f"{diagnosis.app_title} is healthy."
    harmless = diagnosis.headline.removeprefix(well).strip() if diagnosis.headline.startswith(well) else ""
    return " ".join(filter(None, (f"{diagnosis.app_title} is healthy now.", sentence, harmless)))


def _said(cause: Cause, sentence: str) -> Cause:
    return replace(cause, sentence=sentence) if cause.state else cause


def _span(since: datetime, until: datetime) -> str:
    """`10:02:31 UTC to 10:04:00 UTC`, with dates when they differ."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    how = "%H:%M:%S UTC" if since.date() == until.date() else "%Y-%m-%d %H:%M:%S UTC"
    return f"{since.strftime(how)} to {until.strftime(how)}"


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
