"""Sentences about a diagnosis as a whole: the headline, and notes that no single cause carries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.domain.diagnosis import Cause, CauseVerdict, ExplainedSymptom, Verdict
from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.symptoms import Symptom
from bot.engine.checks.containers import shortened
from bot.engine.judge.conditions import judge
from bot.playbook.conditions import Version
from bot.playbook.schema import SymptomPlaybook

if TYPE_CHECKING:  # `triage match` prints with this module, and needs no model of the cluster
    from bot.engine.binding import Binding
    from bot.engine.judge.verdicts import Judged

_SHARED = 6
"""Components that are named where they have one cause."""


def headline(
    title: str,
    verdict: Verdict,
    roots: Sequence[Cause],
    causes: Sequence[Cause],
    *,
    unread: Collection[str] = (),
    seen: Sequence[str] = (),
) -> str:
    """What a person should read first, in one or two sentences. `unread`: which lists could not be read.

    `seen`: what was seen that no cause carries; without a likely cause, it says more than what is merely possible.
    """
    if verdict is Verdict.FAULT_FOUND:
        return f"{title}: " + "; ".join(_with_part(cause) for cause in roots if not cause.state) + "."
    if verdict is Verdict.RECOVERED:
        state = next((cause for cause in roots if cause.id == "recovered"), None)
        return f"{title} is healthy now. {_bare(state.sentence)}." if state else f"{title} is healthy now."
    if verdict is Verdict.HEALTHY:
        benign = [_capitalised(_bare(cause.title)) for cause in roots if cause.benign]
        return " ".join([f"{title} is healthy.", *(f"{text}." for text in benign)])
    if {"pods", "deployments"} <= set(unread):
        return f"{title}: nothing can be said, because neither its pods nor its workloads could be read."
    open_causes = open_ones(causes)
    likely = [cause for cause in open_causes if cause.verdict is CauseVerdict.LIKELY]
    if seen and not likely:
        return f"{title}: no cause is confirmed. {_bare(seen[0])}."
    if "pods" in unread and all(cause.verdict is CauseVerdict.UNKNOWN for cause in open_causes):
        return f"{title}: no cause is confirmed, because its pods could not be read."
    if not open_causes:
        return f"{title}: no cause is confirmed."
    words = "likely" if likely else "possible"
    return (
        f"{title}: no cause is confirmed; {words}: "
        + "; ".join(_bare(c.title) for c in (likely or open_causes)[:3])
        + "."
    )


def _with_part(cause: Cause) -> str:
    """The title, with how many of how many are hit where others serve."""
    return f"{_bare(cause.title)} ({cause.affected})" if cause.affected else _bare(cause.title)


def shared_words(item: Judged, binding: Binding, words: str) -> str:
    """These words with the names of the further components that have the cause; empty if there are none."""
    edges = binding.graph.edges if binding.graph else {}
    components = [edges[name].caller if name in edges else name for name in item.shared_with]
    names = [binding.components[name].spec.label for name in components if name in binding.components]
    if not names:
        return ""
    told = [*names[:_SHARED], *([f"{len(names) - _SHARED} more"] if len(names) > _SHARED else [])]
    return words.format(told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}")


def open_ones(causes: Sequence[Cause]) -> list[Cause]:
    """Causes that are still open, most likely first, states and benign ones last."""
    order = {CauseVerdict.LIKELY: 0, CauseVerdict.UNKNOWN: 1, CauseVerdict.POSSIBLE: 2}
    found = [cause for cause in causes if cause.verdict in order and not cause.state and cause.explained_by is None]
    return sorted(found, key=lambda cause: (cause.benign, order[cause.verdict]))


def exclusions(checks: Sequence[Check], binding: Binding) -> tuple[str, ...]:
    """What was looked at and is in order, in a few words each: a person need not look there again."""
    passed = {check.id for check in checks if check.status is CheckStatus.PASS}
    found: list[str] = []
    for name, route in binding.routes.items():
        if f"{name}.url" in passed and route.variable.value is not None:
            found.append(f"{route.variable.name} is right")
        if {f"{name}.selector", f"{name}.ports"} <= passed:
            found.append("selector and ports agree")
        if f"{name}.policies" in passed:
            found.append(f"no NetworkPolicy stands between {route.caller.spec.label} and {route.called.spec.label}")
    up = [
        component.spec.label
        for name, component in binding.components.items()
        if component.spec.role == "dependency" and component.workload and f"{name}.reachable" in passed
    ]
    return (*found, f"{', '.join(up)} up") if up else tuple(found)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _of_versions(
    playbook: SymptomPlaybook, entry: ExplainedSymptom, facts: Mapping[str, FactValue | Gap]
) -> Iterator[str]:
    """What the running version says of a symptom: an upgrade that fixes it, or that it cannot have written it."""
    for versions in playbook.versions:
        condition = Version(fact=f"{versions.component}.image.tag", op="version_in", value=versions.affected)
        affected = judge(condition, facts).truth
        if affected and versions.fixed_in:
            yield f"“{playbook.title}” no longer occurs from version {versions.fixed_in} on. {versions.advice}".strip()
        elif affected is False and entry.explained_by is None:
            tag = facts.get(f"{versions.component}.image.tag")
            yield f"“{playbook.title}” cannot come from the running version {tag}: the log is of another."


def _over(title: str, symptom: Symptom) -> str:
    """That a paste itself shows something to be over."""
    return (
        f"“{title}” is over, says the paste itself: its line {symptom.over_line} is “{shortened(symptom.over, 160)}”."
    )


def _bare(text: str) -> str:
    return text.strip().rstrip(".")


def notes(
    playbooks: Sequence[SymptomPlaybook],
    binding: Binding,
    explained: Sequence[ExplainedSymptom],
    facts: Mapping[str, FactValue | Gap],
    verdict: Verdict,
) -> tuple[str, ...]:
    """Advice on pasted symptoms: upgrades that fix them, and what stays unexplained."""
    found: list[str] = []
    by_id = {item.id: item for item in playbooks}
    for entry in explained:
        playbook = by_id.get(entry.symptom.id)
        if playbook is None:
            continue
        found += _of_versions(playbook, entry, facts)
        if entry.explained_by is None and entry.symptom.over:
            found.append(_over(playbook.title, entry.symptom))
        elif playbook.advice and entry.explained_by is None:
            found.append(f"“{playbook.title}”: {playbook.advice}")
    if verdict in (Verdict.HEALTHY, Verdict.RECOVERED):
        left = [entry.symptom.title for entry in explained if entry.explained_by is None and not entry.symptom.over]
        if left:
            found.append(
                f"Nothing in the cluster explains this now: {', '.join(left)}. The paste may be older than the events, "
                "which are kept for about an hour; paste it with timestamps, or again when it happens."
            )
    others = [f"{item.spec.label}: {', '.join(item.others)}" for item in binding.components.values() if item.others]
    if others:
        found.append(f"More than one workload fits; these were not looked at: {'; '.join(others)}.")
    return tuple(dict.fromkeys(found))
