"""`triage playbooks try`: what one's own causes say about a real view, condition by condition.

Called by the command line with a finished diagnosis. Judges with the same engine, and changes no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import FactValue, Gap
from bot.engine.diagnose import facts_of
from bot.engine.judge.conditions import judge
from bot.engine.judge.hypotheses import hypotheses
from bot.engine.judge.verdicts import words
from bot.playbook.conditions import All, AnyOf, Condition, Not
from bot.playbook.loaded import PlaybookSet
from bot.playbook.schema import CauseSpec, CausesPlaybook, SymptomPlaybook

Facts = Mapping[str, FactValue | Gap]


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of a condition. `depth` is how far inside it stands; `truth` None means that it cannot be told."""

    depth: int
    text: str
    truth: bool | None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One cause that was tried: its verdict in the whole diagnosis, and each of its conditions."""

    cause: str
    file: str
    verdict: str
    conditions: tuple[tuple[str, tuple[ConditionLine, ...]], ...]


def try_causes(playbooks: PlaybookSet, diagnosis: Diagnosis, files: frozenset[str], only: str | None) -> list[Trial]:
    """The causes of these files, or the one that is named, in the order of the files."""
    app = playbooks.apps[diagnosis.app]
    facts = facts_of(diagnosis.checks)
    verdicts = {cause.id: cause.verdict.value for cause in diagnosis.causes}
    found: list[Trial] = []
    for file in playbooks.files:
        if only is None and file.name not in files:
            continue
        generic = [file.playbook] if isinstance(file.playbook, CausesPlaybook) else []
        symptoms = [file.playbook] if isinstance(file.playbook, SymptomPlaybook) else []
        for item in hypotheses(app, generic, symptoms):
            if only in (None, item.spec.id):
                verdict = verdicts.get(item.spec.id, "not applicable")
                found.append(Trial(item.spec.id, file.name, verdict, _conditions(item.spec, facts)))
    return found


def _conditions(spec: CauseSpec, facts: Facts) -> tuple[tuple[str, tuple[ConditionLine, ...]], ...]:
    named = {"when": spec.when, "refute": spec.refute, "confirm": spec.confirm, "likely": spec.likely}
    return tuple((name, tuple(_lines(value, facts))) for name, value in named.items() if value is not None)


def _lines(condition: Condition, facts: Facts, depth: int = 0) -> Iterator[ConditionLine]:
    truth = judge(condition, facts).truth
    match condition:
        case All():
            yield ConditionLine(depth, "all of these", truth)
            inner: Iterable[Condition] = condition.all
        case AnyOf():
            yield ConditionLine(depth, "any of these", truth)
            inner = condition.any
        case Not():
            yield ConditionLine(depth, "not", truth)
            inner = (condition.not_,)
        case _:
            wanted = getattr(condition, "value", "")
            text = f"{condition.fact} {condition.op}" + (f" {wanted}" if wanted != "" else "")
            yield ConditionLine(depth, text, truth, _seen(facts.get(condition.fact)))
            return
    for item in inner:
        yield from _lines(item, facts, depth + 1)


def _seen(value: FactValue | Gap | None) -> str:
    if value is None:
        return "not read: no check yields it here"
    return value.sentence() if isinstance(value, Gap) else words(value)


def trials_text(trials: Iterable[Trial]) -> str:
    """For a terminal: each cause with its verdict, each condition with what was seen."""
    lines: list[str] = []
    for trial in trials:
        lines += [f"{trial.cause}: {trial.verdict}   ({trial.file})"]
        for name, parts in trial.conditions:
            lines.append(f"  {name}")
            for part in parts:
                seen = f"   ← {part.value}" if part.value else ""
                lines.append(f"    {_TRUTH[part.truth]:<8}{'  ' * part.depth}{part.text}{seen}")
        lines.append("")
    return "\n".join(lines).rstrip()


_TRUTH = {True: "yes", False: "no", None: "unknown"}


def trials_json(trials: Iterable[Trial]) -> list[dict[str, Any]]:
    """The same as JSON."""
    return [
        {
            "cause": trial.cause,
            "file": trial.file,
            "verdict": trial.verdict,
            "conditions": {
                name: [{"depth": it.depth, "text": it.text, "truth": it.truth, "seen": it.value} for it in parts]
                for name, parts in trial.conditions
            },
        }
        for trial in trials
    ]
