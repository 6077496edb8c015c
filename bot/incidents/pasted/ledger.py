"""What was pasted about an incident: whose, when, how often; kept until the incident ends or its author withdraws it.

A card is a union over its questions: the newest diagnosis judges, and the symptoms of all pastes stay. Kept as part of
`CardState`; read by the card, by Check again (which judges all of them anew) and by edits and deletions. Pure; bounded:
the oldest pastes are folded into their counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from bot.domain.changes import Frozen
from bot.domain.diagnosis import CauseVerdict, Diagnosis, ExplainedSymptom
from bot.domain.symptoms import Symptom

PASTES = 400
"""Of which it is known where they stand, so that an edit or a deletion counts; older ones are counts only. About 230
bytes each in the database."""
SYMPTOMS = 60
"""Different ones on one incident; more are only counted."""
LINES = 3
"""Of one symptom that is kept beside others."""
_PLACES = ("address", "host", "ip", "port", "upstream", "url", "path")


class Paste(Frozen):
    """One paste: its question, where it stands (empty: nowhere that others see), whose it is, and how often it says
    what, by `key_of`. `at` is when it was answered, `version` when it was last edited; the times are those that the
    paste itself names."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str
    source: str = ""
    who: str = ""
    at: datetime
    version: str = ""
    counts: Mapping[str, int] = Field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None


class Ledger(Frozen):
    """All pastes, oldest first. `folded` counts those that are kept as counts only, `folded_counts` what they said,
    `unkept` symptoms that were too many to be kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pastes: tuple[Paste, ...] = ()
    folded: int = 0
    folded_counts: Mapping[str, int] = Field(default_factory=dict)
    unkept: int = 0

    def but(self, **changes: Any) -> Ledger:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def with_paste(self, paste: Paste) -> Ledger:
        """One more; a paste that was there already (edited, or answered by two processes) takes its own place."""
        if not paste.counts:
            return self.without(paste.source) if paste.source else self
        if any(_same_place(one, paste) and one.version > paste.version for one in self.pastes):
            return self  # an edit overtook it
        there = [one for one in self.pastes if one.question != paste.question and not _same_place(one, paste)]
        pastes, folded, counts = [*there, paste], self.folded, dict(self.folded_counts)
        while len(pastes) > PASTES:
            oldest = pastes.pop(0)
            folded += 1
            for key, count in oldest.counts.items():
                counts[key] = counts.get(key, 0) + count
        return self.but(pastes=tuple(pastes), folded=folded, folded_counts=counts)

    def without(self, source: str) -> Ledger:
        """Its author has taken it back. One that is folded already stays in the counts."""
        return self.but(pastes=tuple(one for one in self.pastes if one.source != source))

    def has(self, source: str) -> bool:
        """Whether a paste that stands there is among them."""
        return bool(source) and any(one.source == source for one in self.pastes)

    def totals(self) -> dict[str, int]:
        """How often each symptom was pasted, over all."""
        found = dict(self.folded_counts)
        for paste in self.pastes:
            for key, count in paste.counts.items():
                found[key] = found.get(key, 0) + count
        return found

    def of(self, key: str) -> list[Paste]:
        """The pastes that say this, oldest first."""
        return [paste for paste in self.pastes if key in paste.counts]


def key_of(symptom: Symptom) -> str:
    """What makes two symptoms the same on a card: the error, and the place it names; no ids and no times."""
    places = [symptom.fields[name] for name in _PLACES if symptom.fields.get(name)]
    return "|".join([symptom.app, symptom.id, *places])


def source_of(channel: str, ts: str) -> str:
    """Where a paste stands, as it is kept."""
    return f"{channel}/{ts}" if channel and ts else ""


def paste_of(
    question: str, source: str, who: str, at: datetime, symptoms: Iterable[Symptom], version: str = ""
) -> Paste:
    """The record of one paste."""
    found = list(symptoms)
    counts: dict[str, int] = {}
    for symptom in found:
        counts[key_of(symptom)] = counts.get(key_of(symptom), 0) + symptom.count
    return Paste(
        question=question,
        source=source,
        who=who,
        at=at,
        version=version,
        counts=counts,
        first=min((one.first_seen for one in found if one.first_seen), default=None),
        last=max((one.last_seen for one in found if one.last_seen), default=None),
    )


def union(known: Sequence[ExplainedSymptom], newest: Diagnosis, ledger: Ledger) -> tuple[Diagnosis, Ledger]:
    """The newest diagnosis with all symptoms that were pasted and not withdrawn: what it judged itself as it judged it,
    the others as before, as long as the cause that explained them still stands. With the counts of the ledger."""
    totals = ledger.totals()
    judged: dict[str, ExplainedSymptom] = {}
    for item in known:
        explained = item.explained_by if item.explained_by and _stands(newest, item.explained_by) else None
        judged[key_of(item.symptom)] = replace(item, symptom=_shortened(item.symptom), explained_by=explained)
    for item in newest.symptoms:
        key = key_of(item.symptom)
        before = judged.pop(key, None)  # what was seen last stands last, and is kept longest
        judged[key] = replace(item, symptom=_together(item.symptom, before.symptom)) if before else item
    own = {key_of(item.symptom) for item in newest.symptoms}
    kept = [_counted(item, totals[key]) if key in totals else item for key, item in judged.items()
            if key in totals or key in own]  # fmt: skip
    unkept = max(0, len(kept) - SYMPTOMS)
    return replace(newest, symptoms=tuple(kept[unkept:])), ledger.but(unkept=ledger.unkept + unkept)


def voices(ledger: Ledger) -> Mapping[str, tuple[tuple[str, ...], datetime, datetime]]:
    """Who pasted each symptom, and when first and last, by `key_of`; empty while there is one paste only."""
    if len(ledger.pastes) + ledger.folded < 2:
        return {}
    found = {}
    for key in ledger.totals():
        pastes = ledger.of(key)
        if pastes:
            who = tuple(dict.fromkeys(one.who for one in pastes if one.who))
            first, last = min(one.first or one.at for one in pastes), max(one.last or one.at for one in pastes)
            found[key] = (who, first, last)
    return found


def _same_place(one: Paste, other: Paste) -> bool:
    return bool(one.source) and one.source == other.source


def _stands(diagnosis: Diagnosis, cause_id: str) -> bool:
    found = next((cause for cause in diagnosis.causes if cause.id == cause_id), None)
    if found is None:
        return any(cause.id == cause_id for cause in diagnosis.root_causes)
    return found.verdict in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY) or found.explained_by is not None


def _counted(item: ExplainedSymptom, count: int) -> ExplainedSymptom:
    return replace(item, symptom=replace(item.symptom, count=count))


def _shortened(symptom: Symptom) -> Symptom:
    lines, numbers = symptom.lines[:LINES], symptom.line_numbers[:LINES]
    return replace(symptom, lines=tuple(line[:400] for line in lines), line_numbers=numbers)


def _together(newest: Symptom, before: Symptom) -> Symptom:
    first = [one for one in (newest.first_seen, before.first_seen) if one]
    last = [one for one in (newest.last_seen, before.last_seen) if one]
    return replace(newest, first_seen=min(first, default=None), last_seen=max(last, default=None))
