"""The decision: from a view and symptoms to a diagnosis. Pure: no I/O, no clock, no randomness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.attribution import Owner
from bot.domain.calls import FailedCall
from bot.domain.diagnosis import Cause, Diagnosis, ExplainedSymptom, Fit, Verdict
from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason, unseen
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.attribution.view import attribution_notes, settled
from bot.engine.binding import Binding, bind
from bot.engine.calls.logs import calls_in_log
from bot.engine.calls.witness import after_the_callers_word, race_notes
from bot.engine.checks.elsewhere import with_elsewhere
from bot.engine.checks.every import run_checks
from bot.engine.checks.health import outage_times
from bot.engine.explain.addresses import named_addresses
from bot.engine.explain.causes import cause_of
from bot.engine.explain.chains import with_described_chain
from bot.engine.explain.clocks import in_their_zone
from bot.engine.explain.headline import exclusions, headline, notes
from bot.engine.explain.observations import observations
from bot.engine.explain.paste_times import clock_notes, dated
from bot.engine.explain.places import place_notes
from bot.engine.explain.symptoms import call_notes, explain_symptoms, time_notes
from bot.engine.judge.hypotheses import Hypothesis, hypotheses
from bot.engine.judge.impact import loss_of
from bot.engine.judge.roots import consequences, impact_of, roots_of, verdict_of
from bot.engine.judge.timing import failing_since
from bot.engine.judge.verdicts import Judged, judge_all
from bot.engine.logs.symptoms import Match, check_sayings, sayings
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
    settled_here = in_their_zone([settled(item, view) for item in symptoms], view)
    return _told(_decide(knowledge, binding, [dated(item, view.collected_at) for item in settled_here], match))


@dataclass(frozen=True, slots=True)
class _Decision:
    """Everything that is decided about one app in one view, before it is told. `causes` include `root_causes`."""

    knowledge: Knowledge
    binding: Binding
    symptoms: Sequence[Symptom]
    checks: tuple[Check, ...]
    facts: Mapping[str, FactValue | Gap]
    roots: Sequence[Judged]
    explained: tuple[ExplainedSymptom, ...]
    causes: tuple[Cause, ...]
    root_causes: tuple[Cause, ...]
    verdict: Verdict


def _decide(knowledge: Knowledge, binding: Binding, symptoms: Sequence[Symptom], match: Match | None) -> _Decision:
    ours = [item for item in symptoms if item.attribution.owner is Owner.OURS]
    said = sayings(binding, match, knowledge.symptoms) if match else ()
    checks = (*run_checks(binding, ours, knowledge.symptoms), *check_sayings(binding, said, knowledge.symptoms))
    facts = facts_of(checks)
    judged = judge_all(_possible(knowledge, binding, checks), facts, checks)
    judged = after_the_callers_word(judged, binding, facts)
    roots = roots_of(judged)
    losses = {id(item): loss_of(item, facts, binding) for item in judged}
    explained = explain_symptoms(knowledge.symptoms, symptoms, judged, roots, facts, binding, losses)
    follows = consequences(judged)
    causes = tuple(cause_of(item, follows, explained, checks, facts, binding, losses[id(item)]) for item in judged)
    root_ids = {id(item) for item in roots}
    causes, root_causes = _with_roots(causes, [id(item) in root_ids for item in judged], explained, binding, checks)
    verdict = verdict_of(judged, roots)
    checks = checks[:-1]  # what no log says is no news
    return _Decision(knowledge, binding, symptoms, checks, facts, roots, explained, causes, root_causes, verdict)


def _told(decision: _Decision) -> Diagnosis:
    """The decision with its headline and notes, and what of the view a reader wants to see."""
    binding, view, app = decision.binding, decision.binding.view, decision.knowledge.app
    verdict, roots = decision.verdict, decision.root_causes
    seen = observations(binding, decision.facts, verdict, decision.checks)
    since, until = _times(binding, roots, verdict)
    calls = _failed_calls(decision.symptoms, binding)
    title = f"{app.title} ({view.release})" if view.release else app.title
    return Diagnosis(
        app=app.id,
        app_title=title,
        namespace=view.namespace,
        cluster=view.cluster,
        collected_at=view.collected_at,
        verdict=verdict,
        headline=headline(title, verdict, roots, decision.causes, unread=view.gaps, seen=seen),
        root_causes=roots,
        symptoms=decision.explained,
        causes=decision.causes,
        checks=decision.checks,
        gaps=_gaps(view, decision.checks),
        since=since,
        until=until,
        notes=_notes(decision, title, seen),
        ruled_out=exclusions(decision.checks, binding),
        components={
            name: item.workload.target if item.workload else "not found" for name, item in binding.components.items()
        },
        failed_calls=calls[:_MAX_CALLS],
        addresses=named_addresses(view, calls[:_MAX_CALLS]),
        more_failed_calls=max(0, len(calls) - _MAX_CALLS),
        labels={name: item.spec.label for name, item in binding.components.items()},
        services=_services(view),
        impact=impact_of(roots, verdict),
    )


def _notes(decision: _Decision, title: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    """What is said beside the verdict, in the order in which a reader needs it; `seen` is what was observed."""
    binding, explained = decision.binding, decision.explained
    known = decision.knowledge.symptoms
    return (
        *attribution_notes(decision.symptoms, title),
        *clock_notes(decision.symptoms, binding.view.collected_at),
        *time_notes(explained, decision.roots, binding),
        *place_notes(explained, binding),
        *seen,
        *call_notes(known, explained, binding),
        *race_notes(binding),
        *notes(known, binding, explained, decision.facts, decision.verdict),
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
