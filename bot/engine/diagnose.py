"""The decision: from a view and symptoms to a diagnosis. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.attribution import Owner
from bot.domain.calls import FailedCall
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, ExplainedSymptom, Fit, Impact, Verdict
from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason, unseen
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.attribution.view import attribution_notes, settled
from bot.engine.binding import Binding, BoundComponent, bind
from bot.engine.binding.holding import holders_of
from bot.engine.calls.logs import calls_in_log
from bot.engine.calls.witness import after_the_callers_word, race_notes
from bot.engine.checks.elsewhere import with_elsewhere
from bot.engine.checks.every import run_checks
from bot.engine.checks.health import outage_times
from bot.engine.explain.chains import with_described_chain
from bot.engine.explain.clocks import in_their_zone
from bot.engine.explain.headline import exclusions, headline, notes, shared_words
from bot.engine.explain.observations import observations
from bot.engine.explain.paste_times import clock_notes, dated
from bot.engine.explain.places import place_notes
from bot.engine.explain.symptoms import call_notes, explain_symptoms, time_notes
from bot.engine.judge.hypotheses import Hypothesis, hypotheses
from bot.engine.judge.impact import Hit, hit_of, worst
from bot.engine.judge.timing import failing_since
from bot.engine.judge.verdicts import Judged, fill, is_known, judge_all
from bot.engine.logs.symptoms import Match, check_sayings, sayings
from bot.engine.remedies import remedies_of
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import CausesPlaybook, SymptomPlaybook

_MAX_CALLS = 50
"""Failed calls that a diagnosis lists."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The playbooks that matter for one app."""

    app: AppPlaybook
    symptoms: tuple[SymptomPlaybook, ...]
    generic: tuple[CausesPlaybook, ...]


def diagnose(
    knowledge: Knowledge,
    view: View,
    symptoms: Sequence[Symptom] = (),
    binding: Binding | None = None,
    match: Match | None = None,
) -> Diagnosis:
    """Every verdict on this app in this view, and the root causes of the symptoms.

    `binding` is given for an app that was discovered and not described. `match` finds the app's known errors in the
    logs of the view; without it, only what is pasted is matched.
    """
    binding = with_elsewhere(binding or bind(knowledge.app, view))
    symptoms = in_their_zone([settled(item, view) for item in symptoms], view)
    symptoms = [dated(item, view.collected_at) for item in symptoms]
    ours = [item for item in symptoms if item.attribution.owner is Owner.OURS]
    said = sayings(binding, match, knowledge.symptoms) if match else ()
    checks = (*run_checks(binding, ours, knowledge.symptoms), *check_sayings(binding, said, knowledge.symptoms))
    facts = facts_of(checks)
    judged = judge_all(_possible(knowledge, binding, checks), facts, checks)
    judged = after_the_callers_word(judged, binding, facts)
    roots = _roots(judged)
    hits = {id(item): hit_of(item, facts, binding) for item in judged}
    explained = explain_symptoms(knowledge.symptoms, symptoms, judged, roots, facts, binding, hits)
    follows = _consequences(judged)
    causes = tuple(_cause(item, follows, explained, checks, facts, binding, hits[id(item)]) for item in judged)
    root_ids = {id(item) for item in roots}
    causes, root_causes = _with_roots(causes, [id(item) in root_ids for item in judged], explained, binding, checks)
    verdict = _verdict(judged, roots)
    seen = observations(binding, facts, verdict)
    checks = checks[:-1]  # what no log says is no news
    since, until = _times(binding, root_causes, verdict)
    calls = _failed_calls(symptoms, binding)
    title = f"{knowledge.app.title} ({view.release})" if view.release else knowledge.app.title
    return Diagnosis(
        app=knowledge.app.id,
        app_title=title,
        namespace=view.namespace,
        cluster=view.cluster,
        collected_at=view.collected_at,
        verdict=verdict,
        headline=headline(
            title, verdict, root_causes, causes, blind={"pods", "deployments"} <= set(view.gaps), seen=seen
        ),
        root_causes=root_causes,
        symptoms=explained,
        causes=causes,
        checks=checks,
        gaps=_gaps(binding.view, checks),
        since=since,
        until=until,
        notes=attribution_notes(symptoms, title)
        + clock_notes(symptoms, view.collected_at)
        + time_notes(explained, roots, binding)
        + place_notes(explained, binding)
        + seen
        + call_notes(knowledge.symptoms, explained, binding)
        + race_notes(binding)
        + notes(knowledge.symptoms, binding, explained, facts, verdict),
        ruled_out=exclusions(checks, binding),
        components={
            name: item.workload.target if item.workload else "not found" for name, item in binding.components.items()
        },
        failed_calls=calls[:_MAX_CALLS],
        more_failed_calls=max(0, len(calls) - _MAX_CALLS),
        labels={name: item.spec.label for name, item in binding.components.items()},
        services=_services(view),
        impact=_impact(root_causes, verdict),
    )


def _possible(knowledge: Knowledge, binding: Binding, checks: Sequence[Check]) -> tuple[Hypothesis, ...]:
    """The causes there may be; in an app that was discovered each knows whom it reaches."""
    if binding.graph is None:
        return hypotheses(binding.app, knowledge.generic, knowledge.symptoms, None, None)
    suspects = _not_well(checks)
    possible = hypotheses(binding.app, knowledge.generic, knowledge.symptoms, binding.graph.scopes(), suspects)
    reached = {name: binding.graph.downstream(name) for name in binding.components if name in suspects}
    reached |= {name: binding.graph.beyond(name) for name in binding.graph.services if name in suspects}
    return tuple(replace(item, reaches=reached.get(item.component, ())) for item in possible)


def _with_roots(
    causes: Sequence[Cause],
    is_root: Sequence[bool],
    explained: Sequence[ExplainedSymptom],
    binding: Binding,
    checks: Sequence[Check],
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """All causes, the root causes among them with their chain; and these alone, what fits the paste first."""
    told = tuple(
        with_described_chain(cause, binding, checks) if root else cause
        for cause, root in zip(causes, is_root, strict=True)
    )
    fitting = {entry.explained_by for entry in explained if entry.fit is Fit.FITS}
    roots = [cause for cause, root in zip(told, is_root, strict=True) if root]
    return told, tuple(sorted(roots, key=lambda cause: cause.id not in fitting))


def _failed_calls(symptoms: Sequence[Symptom], binding: Binding) -> tuple[FailedCall, ...]:
    """What the paste tells of failed calls, then the logs that were read, the newest run first."""
    pasted = [call for symptom in symptoms for call in symptom.calls]
    logs = sorted((log for log in binding.view.logs if log.text), key=lambda log: log.previous)
    seen = [call for log in logs for call in calls_in_log(log)]
    return tuple(dict.fromkeys([*pasted, *seen]))


def _not_well(checks: Sequence[Check]) -> frozenset[str]:
    """The scopes of which some check does not pass: a namespace has hundreds of others.

    That a log was not asked for, where everything else is well, makes nobody a suspect.
    """
    return frozenset(
        check.id.partition(".")[0]
        for check in checks
        if check.status is CheckStatus.FAIL or (check.gap is not None and check.gap.reason is not GapReason.NOT_READ)
    )


def _services(view: View) -> tuple[str, ...]:
    """Every Service that was seen, also in other namespaces."""
    here = {f"{view.namespace}/{item.metadata.name}" for item in view.services}
    return tuple(sorted(here | {f"{one.namespace}/{one.name}" for one in view.foreign_services if one.service}))


def facts_of(checks: Sequence[Check]) -> dict[str, FactValue | Gap]:
    """All facts of all checks by their full name."""
    return {name: value for check in checks for name, value in check.facts.items()}


def _impact(roots: Sequence[Cause], verdict: Verdict) -> Impact:
    """How much the root causes take away together; unknown where nothing is certain."""
    if verdict is Verdict.INCONCLUSIVE:
        return Impact.UNKNOWN
    return worst([cause.impact for cause in roots if not cause.state and not cause.benign])


def _roots(judged: Sequence[Judged]) -> list[Judged]:
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


def _verdict(judged: Sequence[Judged], roots: Sequence[Judged]) -> Verdict:
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


def _cause(  # noqa: PLR0913, PLR0917 - all that a cause is told with
    item: Judged,
    follows: Mapping[str, Sequence[str]],
    explained: Sequence[ExplainedSymptom],
    checks: Sequence[Check],
    facts: Mapping[str, FactValue | Gap],
    binding: Binding,
    hit: Hit,
) -> Cause:
    spec = item.spec
    confirmed = item.verdict is CauseVerdict.CONFIRMED
    component = binding.components.get(item.hypothesis.component)
    without = component.spec.without if component is not None and confirmed else ""
    symptoms = [entry.symptom.id for entry in explained if entry.explained_by == spec.id]
    consequences = follows.get(spec.id, ())
    offered = item.verdict in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY)
    remedies = remedies_of(spec, facts, binding) if offered else ()
    return Cause(
        id=spec.id,
        verdict=item.verdict,
        title=fill(_title(item), facts) + shared_words(item, binding, " (and {})"),
        sentence=_sentence(item, facts)
        + (f" Without it: {without}." if without else "")
        + shared_words(item, binding, " The same holds for {}."),
        component=item.hypothesis.component,
        benign=spec.benign,
        state=spec.state,
        because=item.because + (_supporting(item, checks, binding) if confirmed and not spec.state else ()),
        against=item.against,
        explains=(*symptoms, *consequences) if confirmed else (),
        explained_by=item.explained_by,
        separated_by=spec.separated_by or _checks_of(item.missing),
        # What is only likely gets no fix that writes: the next step is to look further.
        remedies=remedies if confirmed else tuple(remedy for remedy in remedies if not remedy.steps),
        references=spec.references,
        impact=_lowered(hit.impact, component) if confirmed else Impact.UNKNOWN,
        affected=hit.words if confirmed else "",
        held_by=tuple(holder.name for holder in holders_of(component.workload if component else None, binding.view)),
        shared_with=item.shared_with,
    )


def _consequences(judged: Sequence[Judged]) -> dict[str, list[str]]:
    """The causes that each cause explains."""
    found: dict[str, list[str]] = {}
    for item in judged:
        if item.explained_by is not None:
            found.setdefault(item.explained_by, []).append(item.spec.id)
    return found


def _title(item: Judged) -> str:
    likely = item.verdict is CauseVerdict.LIKELY
    return item.spec.title_if_likely if likely and item.spec.title_if_likely else item.spec.title


def _sentence(item: Judged, facts: Mapping[str, FactValue | Gap]) -> str:
    """What is so. Of a cause that does not hold, its sentence would be false, or half of it unknown."""
    if item.verdict is CauseVerdict.CONFIRMED or item.explained_by is not None:
        return fill(item.spec.sentence, facts)
    if item.verdict is CauseVerdict.LIKELY:
        return fill(item.spec.sentence if is_known(item.spec.sentence, facts) else item.spec.title + ".", facts)
    if item.verdict is CauseVerdict.UNKNOWN:
        return f"It cannot be judged: {', '.join(item.missing[:3])} could not be seen." if item.missing else ""
    if item.verdict is CauseVerdict.POSSIBLE:
        return "Nothing shows it, and nothing rules it out."
    return f"Ruled out by {', '.join(item.against[:3])}." if item.against else "Ruled out."


def _lowered(impact: Impact, component: BoundComponent | None) -> Impact:
    """What the app loses: a worker that is down leaves it degraded."""
    minor = component is not None and component.spec.importance != "essential"
    return Impact.DEGRADED if minor and impact is Impact.DOWN else impact


def _supporting(item: Judged, checks: Sequence[Check], binding: Binding) -> tuple[str, ...]:
    """Failed checks that show the effect of a confirmed cause: pods that are not ready, a Service without endpoints."""
    scope = item.hypothesis.component
    names = {f"{scope}.pods", f"{scope}.endpoints"}
    names |= {f"{name}.endpoints" for name, route in binding.routes.items() if route.spec.to == scope}
    return tuple(
        check.id
        for check in checks
        if check.id in names and check.status is CheckStatus.FAIL and check.id not in item.because
    )


def _checks_of(facts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.split(".", 1)[0] for name in facts))


def _gaps(view: View, checks: Sequence[Check]) -> tuple[Gap, ...]:
    """Everything that could not be seen, each once: failed reads first. What is not there at all is none."""
    found = [*view.gaps.values(), *(log.gap for log in view.logs), *(item.gap for item in view.health)]
    found += [item.gap for item in view.foreign_services]
    found += [check.gap for check in checks if check.status is CheckStatus.UNKNOWN]
    return unseen(found)


def _times(binding: Binding, roots: Sequence[Cause], verdict: Verdict) -> tuple[datetime | None, datetime | None]:
    """Since when the fault lasts, or from when to when it lasted."""
    if verdict is Verdict.RECOVERED:
        for route in binding.routes.values():
            times = outage_times(binding, route.called)
            if times is not None:
                return times
        return None, None
    if verdict is not Verdict.FAULT_FOUND:
        return None, None
    starts = [moment for moment in (failing_since(binding, cause.component) for cause in roots) if moment is not None]
    return min(starts, default=None), None
