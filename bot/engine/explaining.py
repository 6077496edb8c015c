"""Says which cause explains each pasted symptom, by what playbooks declare and by when things happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.attribution import Owner
from bot.domain.diagnosis import CauseVerdict, ExplainedSymptom, Impact
from bot.domain.symptoms import Symptom
from bot.engine.binding import Binding
from bot.engine.checks.health import outage_times
from bot.engine.conditions import Facts
from bot.engine.impact import Hit
from bot.engine.places import foreign_place
from bot.engine.timing import began_at_the_earliest, is_older_than, is_within, spoken
from bot.engine.verdicts import Judged, symptom_cause
from bot.playbook.schema import SymptomPlaybook


def explain_symptoms(  # noqa: PLR0913, PLR0917 - all that an explanation rests on
    playbooks: Sequence[SymptomPlaybook],
    symptoms: Sequence[Symptom],
    judged: Sequence[Judged],
    roots: Sequence[Judged],
    facts: Facts,
    binding: Binding,
    hits: Mapping[int, Hit],
) -> tuple[ExplainedSymptom, ...]:
    """For each symptom a root cause, the root of what follows from one, or a benign cause that is at least likely.

    A cause that began only after the symptom was written, or was over before, does not explain it; nor does one that
    hits a part while others serve, unless the symptom names that part; nor anything here what happened elsewhere.
    """
    by_id = {item.id: item for item in playbooks}
    explaining = [*roots, *(item for item in judged if item.explained_by)]
    explaining += [item for item in judged if item.spec.benign and item.verdict is CauseVerdict.LIKELY]
    found: list[ExplainedSymptom] = []
    for symptom in symptoms:
        playbook = by_id.get(symptom.id)
        ours = symptom.attribution.owner is Owner.OURS
        timely = [item for item in explaining if ours and _fits_in_time(item, symptom, binding)]
        timely = [item for item in timely if _reaches(item, hits.get(id(item)), symptom)]
        if foreign_place(symptom, binding):
            timely = [item for item in timely if item.spec.benign]
        found.append(ExplainedSymptom(symptom, symptom_cause(playbook, timely, facts) if playbook else None))
    return tuple(found)


def _reaches(cause: Judged, hit: Hit | None, symptom: Symptom) -> bool:
    """Whether the fault can be what the symptom's author met: not where others serve, unless the hit part is named."""
    if cause.spec.state or cause.spec.benign or hit is None or hit.impact not in (Impact.DEGRADED, Impact.NONE):
        return True
    return symptom.fields.get("address", "") in hit.addresses - {""}


def _fits_in_time(cause: Judged, symptom: Symptom, binding: Binding) -> bool:
    if cause.spec.benign:
        return True
    if cause.spec.state:
        over = _outage(binding)
        return over is None or is_within(symptom, *over) is not False
    return not is_older_than(symptom, began_at_the_earliest(binding, cause.hypothesis.component))


def _outage(binding: Binding) -> tuple[datetime, datetime] | None:
    """From and until of the outage that is over."""
    return next((times for route in binding.routes.values() if (times := outage_times(binding, route.called))), None)


def time_notes(explained: Sequence[ExplainedSymptom], roots: Sequence[Judged], binding: Binding) -> tuple[str, ...]:
    """Sentences about pastes from another time, and about pastes that are from the time of an outage that is over."""
    notes: list[str] = []
    faults = [item for item in roots if not item.spec.state and not item.spec.benign]
    over = _outage(binding) if any(item.spec.id == "recovered" for item in roots) else None
    for entry in explained:
        symptom = entry.symptom
        if symptom.last_seen is None:
            continue
        when = spoken(symptom.last_seen)
        if over is not None and is_within(symptom, *over):
            notes.append(f"The paste is from that time: “{symptom.title}” was last seen {when}.")
        elif over is not None and is_within(symptom, *over) is False:
            notes.append(f"“{symptom.title}” was last seen {when}: not the time of the outage that is recorded.")
        began = [began_at_the_earliest(binding, item.hypothesis.component) for item in faults]
        known = [moment for moment in began if moment is not None]
        if known and entry.explained_by is None and is_older_than(symptom, min(known)):
            notes.append(
                f"“{symptom.title}” was last seen {when}, before today's fault can have begun ({spoken(min(known))}): "
                "it is not blamed on it."
            )
    return tuple(dict.fromkeys(notes))
