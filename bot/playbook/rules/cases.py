"""Rules about cases: every claim of a playbook has one, and what cases name exists. Running them is not the lint's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.case_schema import FactCase, PasteCase
from bot.playbook.facts.spec import FactSpec
from bot.playbook.instances import InstanceScope
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.rules.facts import IN_WORDS
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CauseSpec, CausesPlaybook, SymptomPlaybook
from bot.playbook.vocabulary import Vocabulary, fields_of
from bot.yamlfile.positions import Path, Problem
from bot.yamlfile.spelling import listed, unknown

VERDICTS = ("confirmed", "likely", "possible", "ruled_out", "unknown")


def symptoms_are_tried(subject: LintedSet) -> Iterator[Problem]:
    """A symptom has a paste that shows it, a look-alike, and for each of its causes a case that confirms it."""
    for file, symptom in subject.symptom_files():
        if not file.complete:
            continue
        if file.cases is None:
            yield _no_cases(file, "a paste that shows it (`expect: match`) and a look-alike (`expect: none`)")
            continue
        for expected, what in (("match", "shows the symptom"), ("none", "is a look-alike of the symptom")):
            if not any(paste.expect == expected for paste in file.cases.pastes):
                message = f"no paste {what} (`expect: {expected}`); add one"
                yield file.case_problem(("pastes",), message, True)
        for index, cause in enumerate(symptom.causes):
            yield from _missing(file, index, cause, ("confirmed",))


def causes_are_tried(subject: LintedSet) -> Iterator[Problem]:
    """Every generic cause has cases in which it is confirmed, ruled out, and left unknown by a gap."""
    for file in subject.files:
        if not isinstance(file.playbook, CausesPlaybook) or not file.complete:
            continue
        if file.cases is None:
            yield _no_cases(file, "for every cause a case each with `confirmed`, `ruled_out` and `unknown`")
            continue
        for index, cause in enumerate(file.playbook.causes):
            yield from _missing(file, index, cause, ("confirmed", "ruled_out", "unknown"))


def _no_cases(file: LoadedPlaybook, wanted: str) -> Problem:
    name = PurePath(file.cases_name).name
    return file.problem((), f"this playbook has no cases; write `{name}` beside it: {wanted}")


def _missing(file: LoadedPlaybook, index: int, cause: CauseSpec, wanted: tuple[str, ...]) -> Iterator[Problem]:
    cases = file.cases.causes if file.cases is not None else ()
    ids = _ids_in_cases(file, cause)
    for verdict in wanted:
        if not any(ids & set(getattr(case, verdict)) for case in cases):
            name = PurePath(file.cases_name).name
            message = f"no case expects `{cause.id}` to be `{verdict}`; add one to `{name}`"
            yield file.problem(("causes", index, "id"), message)


def _ids_in_cases(file: LoadedPlaybook, cause: CauseSpec) -> set[str]:
    """How cases may call a cause. Generic ones are tried with a component called `workload`, a route called `route`…"""
    if isinstance(file.playbook, CausesPlaybook):
        kind = file.playbook.for_
        return {cause.id, InstanceScope(kind, kind, primary=True).fill(cause.id)}
    return {cause.id}


def expectations_can_be_met(subject: LintedSet) -> Iterator[Problem]:
    """A case expects something, of causes and fields that its playbook has, and does not contradict itself."""
    for file in subject.files:
        if file.cases is None:
            continue
        symptom = file.playbook if isinstance(file.playbook, SymptomPlaybook) else None
        if file.cases.pastes and symptom is None:
            yield file.case_problem(
                ("pastes",), "only a symptom can be found in a paste; this playbook describes none", True
            )
        elif symptom is not None:
            for index, paste in enumerate(file.cases.pastes):
                yield from _paste(file, ("pastes", index), paste, fields_of(symptom))
        if file.cases.causes and isinstance(file.playbook, AppPlaybook):
            yield file.case_problem(
                ("causes",), "an app's playbook has no causes; put these cases beside the one that has", True
            )
        else:
            for index, case in enumerate(file.cases.causes):
                yield from _expected(file, ("causes", index), case)


def _paste(file: LoadedPlaybook, steps: Path, paste: PasteCase, fields: frozenset[str]) -> Iterator[Problem]:
    if not paste.text.strip():
        yield file.case_problem((*steps, "text"), "the text is empty and shows nothing")
    if paste.expect == "none":
        for name in ("fields", "count"):
            if getattr(paste, name):
                yield file.case_problem(
                    (*steps, name), f"`{name}` cannot be expected of a paste that has no match", True
                )
        return
    if paste.count is not None and paste.count < 1:
        yield file.case_problem(
            (*steps, "count"), "a match occurs at least once; for a look-alike write `expect: none`"
        )
    for name in paste.fields:
        if name not in fields and file.complete:
            yield file.case_problem((*steps, "fields", name), unknown("field", name, fields), True)


def _expected(file: LoadedPlaybook, steps: Path, case: FactCase) -> Iterator[Problem]:
    if not isinstance(file.playbook, SymptomPlaybook | CausesPlaybook):
        return
    known = {name for cause in file.playbook.causes for name in _ids_in_cases(file, cause)}
    seen: dict[str, str] = {}
    for verdict in VERDICTS:
        for index, identifier in enumerate(getattr(case, verdict)):
            if identifier not in known and file.complete:
                yield file.case_problem((*steps, verdict, index), unknown("cause", identifier, known))
            elif identifier in seen:
                message = f"this case already expects `{identifier}` to be `{seen[identifier]}`"
                yield file.case_problem((*steps, verdict, index), message)
            seen.setdefault(identifier, verdict)
    if not seen and file.complete:
        yield file.case_problem(steps, f"this case expects nothing; name causes under {listed(VERDICTS, 'or')}")


def case_facts_exist(subject: LintedSet) -> Iterator[Problem]:
    """The facts, gaps and symptoms of a case are in the vocabulary of its playbook, with values of their types."""
    for file in subject.files:
        vocabulary = subject.vocabulary(file)
        if file.cases is None or vocabulary is None:
            continue
        for index, case in enumerate(file.cases.causes):
            steps: Path = ("causes", index)
            for name, value in case.facts.items():
                yield from _fact(file, (*steps, "facts", name), name, value, vocabulary)
                if name in case.gaps:
                    yield file.case_problem(
                        (*steps, "gaps", name), f"`{name}` has a value in `facts`; it cannot also be a gap", True
                    )
            for name in case.gaps:
                found = vocabulary.fact(name)
                if isinstance(found, str):
                    yield file.case_problem((*steps, "gaps", name), found, True)
            yield from _symptoms(file, (*steps, "symptoms"), case.symptoms, vocabulary)


def _fact(file: LoadedPlaybook, steps: Path, name: str, value: object, vocabulary: Vocabulary) -> Iterator[Problem]:
    found = vocabulary.fact(name)
    if isinstance(found, str):
        yield file.case_problem(steps, found, True)
    elif found is not None and not _fits(value, found):
        wanted = {
            "set": "a list of texts",
            "time": "a time such as `2026-01-31T10:02:00Z`, in quotes",
            "int": "a whole number",
        }
        yield file.case_problem(steps, f"`{name}` is {wanted.get(found.type, IN_WORDS[found.type])}")


def _fits(value: object, spec: FactSpec) -> bool:
    match spec.type:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case "set":
            return isinstance(value, list)
        case "time":
            return isinstance(value, str) and _is_time(value)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _symptoms(file: LoadedPlaybook, steps: Path, names: tuple[str, ...], vocabulary: Vocabulary) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if vocabulary.symptoms is None:
            yield file.case_problem((*steps, index), "a generic playbook knows no symptoms; leave them out")
        elif name not in vocabulary.symptoms and vocabulary.certain_symptoms:
            yield file.case_problem((*steps, index), unknown("symptom", name, vocabulary.symptoms))
