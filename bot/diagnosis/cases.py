"""Runs the cases beside playbooks (`*.test.yaml`): pastes against signatures, facts and gaps against causes.

Called by `triage playbooks check` and by the tests. Uses the same matcher and the same engine as a real triage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.attribution import Owner
from bot.domain.facts import FactValue, Gap, GapReason
from bot.engine.judge.hypotheses import Hypothesis, instantiate
from bot.engine.judge.verdicts import judge_all
from bot.engine.match.matcher import Matcher
from bot.engine.values.known_lines import KnownLines
from bot.playbook.case_schema import FactCase, PasteCase
from bot.playbook.loaded import LoadedPlaybook, PlaybookSet
from bot.playbook.schema import CausesPlaybook, LinesPlaybook, SymptomPlaybook

VERDICTS = ("confirmed", "likely", "possible", "ruled_out", "unknown")


_OWNERS = {
    "match": (Owner.OURS, Owner.MAYBE),
    "maybe": (Owner.MAYBE,),
    "foreign": (Owner.FOREIGN,),
}
"""Whose error a paste must be called, by what its case expects."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case that was run. `problems` is empty when it holds."""

    file: str
    name: str
    problems: tuple[str, ...]


def run_cases(playbooks: PlaybookSet, sound: Sequence[LoadedPlaybook] | None = None) -> Iterator[CaseResult]:
    """Every case of every playbook, in the order of files; of a set with mistakes, of the `sound` files only."""
    files = playbooks.files if sound is None else sound
    symptoms = playbooks.symptoms
    if sound is not None:
        symptoms = tuple(file.playbook for file in sound if isinstance(file.playbook, SymptomPlaybook))
    known = tuple(item for item in symptoms if item.app in playbooks.apps)
    matcher = Matcher(playbooks.apps, known, checked=True)
    for file in files:
        if isinstance(file.playbook, LinesPlaybook):
            yield from _line_results(file.name, file.playbook)
        if file.cases is None:
            continue
        for paste in file.cases.pastes:
            if not isinstance(file.playbook, SymptomPlaybook) or file.playbook in known:
                yield CaseResult(file.cases_name, paste.name, tuple(_paste_problems(file, paste, matcher)))
        for case in file.cases.causes:
            yield CaseResult(file.cases_name, case.name, tuple(_cause_problems(file, case)))


def _line_results(name: str, playbook: LinesPlaybook) -> Iterator[CaseResult]:
    """Every line that a kind of line says of itself: it is the first that recognises it, or nothing of it does."""
    known = KnownLines(playbook.lines)
    for line in playbook.lines:
        for text in line.says:
            found = known.first(text)
            taken_for = found.spec.id if found else "nothing that is known"
            problems = () if found and found.spec is line else (f"it is {taken_for}",)
            yield CaseResult(name, f"{line.id} says: {text}", problems)
        for text in line.never:
            found = known.first(text)
            problems = (f"it is taken for {line.id}",) if found and found.spec is line else ()
            yield CaseResult(name, f"{line.id} never: {text}", problems)


def _paste_problems(file: LoadedPlaybook, case: PasteCase, matcher: Matcher) -> Iterator[str]:
    playbook = file.playbook
    if not isinstance(playbook, SymptomPlaybook):
        return
    reading = matcher.read(case.text)
    everything = (item for item in (*reading.symptoms, *reading.foreign) if item.app == playbook.app)
    found = next((item for item in everything if item.id == playbook.id), None)
    if case.expect == "none" or (case.expect == "foreign" and found is None):
        if found is not None and found.attribution.owner is not Owner.FOREIGN:
            yield f"{playbook.id} was found by signature {found.signature}, and must not be"
        return
    if found is None:
        yield f"{playbook.id} was not found"
        return
    owner, evidence = found.attribution.owner, "; ".join(found.attribution.evidence)
    if owner not in _OWNERS[case.expect]:
        yield f"{playbook.id} was found, and is {owner.value}: {evidence}"
    for name, value in case.fields.items():
        if found.fields.get(name) != value:
            yield f"field {name} is {found.fields.get(name)!r}, not {value!r}"
    if case.count is not None and found.count != case.count:
        yield f"it was counted {found.count} times, not {case.count}"


def _cause_problems(file: LoadedPlaybook, case: FactCase) -> Iterator[str]:
    verdicts = {item.spec.id: item.verdict.value for item in judge_all(_hypotheses(file), _facts(case), ())}
    for expected in VERDICTS:
        for name in getattr(case, expected):
            identifier = name.replace("{", "").replace("}", "")
            actual = verdicts.get(identifier, "not applicable")
            if actual != expected:
                yield f"{name} is {actual}, not {expected}"


def _hypotheses(file: LoadedPlaybook) -> list[Hypothesis]:
    """The causes of the file. Generic ones are tried with a component or route named like their kind."""
    playbook = file.playbook
    if isinstance(playbook, CausesPlaybook):
        kind = playbook.for_
        return [Hypothesis(instantiate(cause, kind, kind), kind) for cause in playbook.causes]
    return [Hypothesis(cause, "") for cause in playbook.causes] if isinstance(playbook, SymptomPlaybook) else []


def _facts(case: FactCase) -> Mapping[str, FactValue | Gap]:
    facts: dict[str, FactValue | Gap] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in case.facts.items()
    }
    facts |= {name: Gap(GapReason(reason), name) for name, reason in case.gaps.items()}
    return facts | {f"symptoms.{name}.present": True for name in case.symptoms}
