"""Says which cause explains each pasted symptom, by what playbooks declare and by when things happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.attribution import Owner
from bot.domain.diagnosis import CauseVerdict, ExplainedSymptom, Fit, Impact
from bot.domain.symptoms import Symptom
from bot.engine.binding import Binding
from bot.engine.calls.fitting import Fitting, fitting_of, next_step
from bot.engine.calls.places import place_of
from bot.engine.checks.health import outage_times
from bot.engine.explain.paste_times import is_impossible
from bot.engine.explain.places import foreign_place
from bot.engine.judge.conditions import Facts
from bot.engine.judge.impact import Loss
from bot.engine.judge.timing import began_at_the_earliest, is_older_than, is_within, spoken
from bot.engine.judge.verdicts import Judged, fill, symptom_causes
from bot.playbook.schema import SymptomPlaybook


def explain_symptoms(  # noqa: PLR0913, PLR0917 - all that an explanation rests on
    playbooks: Sequence[SymptomPlaybook],
    symptoms: Sequence[Symptom],
    judged: Sequence[Judged],
    roots: Sequence[Judged],
    facts: Facts,
    binding: Binding,
    losses: Mapping[int, Loss],
) -> tuple[ExplainedSymptom, ...]:
    """For each symptom a root cause, the root of what follows from one, or a benign cause that is at least likely.

    A cause that began only after the symptom was written, or was over before, does not explain it; nor does one that
    hits a part while others serve, unless the symptom names that part; nor anything here what happened elsewhere.
    """
    by_id = {item.id: item for item in playbooks}
    explaining = [*roots, *(item for item in judged if item.explained_by)]
    # Beside a fault, a harmless cause is no root; it explains its own line all the same.
    harmless = [item for item in judged if item.spec.benign and item not in explaining]
    explaining += [item for item in harmless if item.verdict in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY)]
    found: list[ExplainedSymptom] = []
    for symptom in symptoms:
        playbook = by_id.get(symptom.id)
        ours = symptom.attribution.owner is Owner.OURS
        ours = ours and not is_impossible(symptom, binding.view.collected_at)
        timely = [item for item in explaining if ours and _fits_in_time(item, symptom, binding)]
        timely = [
            item for item in timely if _reaches(item, losses.get(id(item)), symptom) or _is_told_by(item, playbook)
        ]
        if foreign_place(symptom, binding):
            timely = [
                item for item in timely if item.spec.benign or _leaves_an_old_address(item, symptom, playbook, binding)
            ]
        candidates = symptom_causes(playbook, timely, facts) if playbook else []
        found.append(_explained(symptom, playbook.calls if playbook else None, candidates, facts, binding))
    return tuple(found)


def _explained(
    symptom: Symptom, scope: str | None, candidates: Sequence[Judged], facts: Facts, binding: Binding
) -> ExplainedSymptom:
    """The symptom with the first cause that makes its failed calls, else one that may make them.

    If a consequence explains it, its root cause does. A cause that cannot make them explains nothing; what the first
    such one cannot is said.
    """
    possible: tuple[Judged, Fitting] | None = None
    against: Fitting | None = None
    for cause in candidates:
        if scope and cause.spec.leads_to and any(other.spec.id in cause.spec.leads_to for other in candidates):
            continue  # what follows from it says more exactly how it broke
        if scope and symptom.calls and cause.spec.makes is None and _has_root(cause, candidates):
            continue  # it says that calls fail, and nothing of how: that says its root
        fitting = fitting_of(cause.spec, _title(cause, facts), symptom.calls, binding, scope, facts) if scope else None
        if fitting is None or fitting.fit is Fit.FITS:
            return _by(symptom, cause, fitting)
        if fitting.fit is Fit.POSSIBLE:
            possible = possible or (cause, fitting)
        else:
            against = against or fitting
    if possible is not None:
        return _by(symptom, *possible)
    return ExplainedSymptom(symptom, None, against.fit if against else None, against.reason if against else "")


def _has_root(cause: Judged, candidates: Sequence[Judged]) -> bool:
    return any(other.spec.id == cause.explained_by and other.spec.makes is not None for other in candidates)


def _is_told_by(cause: Judged, playbook: SymptomPlaybook | None) -> bool:
    """Whether the cause is that the app's log says what the symptom says: whoever met the one met the other."""
    return playbook is not None and any(cause.spec.id == own.id for own in playbook.causes)


def _leaves_an_old_address(cause: Judged, symptom: Symptom, playbook: SymptomPlaybook | None, binding: Binding) -> bool:
    """Whether the address that is nobody's now may be what callers kept of the thing that this cause took away."""
    if playbook is None or playbook.calls is None or not cause.spec.makes or isinstance(cause.spec.makes, str):
        return False
    places = [place_of(call, binding, playbook.calls) for call in symptom.calls]
    kept = bool(places) and all(place is not None and place.where == "kept" for place in places)
    return kept and any("kept" in entry.to for entry in cause.spec.makes)


def _by(symptom: Symptom, cause: Judged, fitting: Fitting | None) -> ExplainedSymptom:
    identity = cause.explained_by or cause.spec.id
    return ExplainedSymptom(symptom, identity, fitting.fit if fitting else None, fitting.reason if fitting else "")


def _title(cause: Judged, facts: Facts) -> str:
    return fill(cause.spec.title, facts).rstrip(".")


def call_notes(
    playbooks: Sequence[SymptomPlaybook], explained: Sequence[ExplainedSymptom], binding: Binding
) -> tuple[str, ...]:
    """For each symptom whose failed calls contradict what was found: why, and what to look at next."""
    by_id = {item.id: item for item in playbooks}
    notes: list[str] = []
    for entry in explained:
        playbook = by_id.get(entry.symptom.id)
        if entry.explained_by is not None or playbook is None or playbook.calls is None or not entry.symptom.calls:
            continue
        call = max(entry.symptom.calls, key=lambda one: one.count)
        place = place_of(call, binding, playbook.calls)
        if entry.fit is not Fit.CONTRADICTS and (place is None or place.where != "kept"):
            continue
        route = binding.routes.get(playbook.calls)
        component = route.called if route else binding.components.get(playbook.calls)
        label = component.named if component else "the called program"
        step = next_step(call, place, label)
        notes.append(f"{entry.fit_reason} {step}".strip())
    return tuple(dict.fromkeys(notes))


def _reaches(cause: Judged, loss: Loss | None, symptom: Symptom) -> bool:
    """Whether the fault can be what the symptom's author met: not where others serve, unless the hit part is named."""
    if cause.spec.state or cause.spec.benign or loss is None or loss.impact not in (Impact.DEGRADED, Impact.NONE):
        return True
    return symptom.fields.get("address", "") in loss.addresses - {""}


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
            notes.append(_from_that_time(symptom, when, over))
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


def _from_that_time(symptom: Symptom, when: str, over: tuple[datetime, datetime]) -> str:
    """That a paste is from the time of the outage; or that it may be, where only a zone that it lacks makes it fit."""
    if is_within(replace(symptom, zone_known=True), *over):
        return f"The paste is from that time: “{symptom.title}” was last seen {when}."
    clock = when.removesuffix(" UTC")
    seen = f"“{symptom.title}” was last seen {clock} by a clock that names no time zone"
    return f"{seen}: that may be the time of the outage."
