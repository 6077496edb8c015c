"""Loads the playbooks of a directory: all of them, or a list of everything that is wrong with them.

Called at start, by `triage playbooks check` and by the reload (`bot.diagnosis.playbook_source`). Never loads a part of
a set, and never skips a file that it does not understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.domain.errors import PlaybooksRejected
from bot.playbook.loaded import LoadedPlaybook, PlaybookSet, assemble
from bot.playbook.positions import START, Position, Positions, Problem
from bot.playbook.salvage import salvage
from bot.playbook.schema import AppPlaybook, CaseFile, CausesPlaybook, SymptomPlaybook
from bot.playbook.source import CASES_SUFFIX, SUFFIX, SourceFile, read_directory
from bot.playbook.spelling import listed, short, unknown
from bot.playbook.wording import but_is, mistakes, place, sentence
from bot.playbook.yaml_text import Document, read

__all__ = ["LoadedPlaybook", "PlaybookSet", "load", "parse"]

_MODELS: Mapping[str, type[BaseModel]] = {
    "app": AppPlaybook,
    "symptom": SymptomPlaybook,
    "causes": CausesPlaybook,
    "cases": CaseFile,
}
_PLAYBOOK_KINDS = ("app", "symptom", "causes")


def load(directory: Path) -> PlaybookSet:
    """Read and check every `*.yaml` below a directory.

    Raises `PlaybooksRejected` with all mistakes of all files, sorted, each as `file:line:column: message`; files are
    named relative to the directory's parent (`playbooks/onyx/app.yaml`).
    """
    return parse(read_directory(directory))


def load_checked(directory: Path) -> PlaybookSet:
    """Read playbooks that have passed `triage playbooks check` before, as those that come with the program have.

    Without lint and cases it takes a third of the time, which is what somebody waits for who pastes one line. Mistakes
    of form still raise `PlaybooksRejected`.
    """
    return parse([source for source in read_directory(directory) if not source.holds_cases], rules=False)


def parse(sources: Iterable[SourceFile], *, rules: bool = True) -> PlaybookSet:
    """The same for contents that were already read; without `rules` nothing but their form is checked.

    Raises `PlaybooksRejected`.
    """
    read_files = [_check(source) for source in sources]
    problems = [problem for item in read_files for problem in item.problems]
    cases = {item.source.name: item for item in read_files if item.source.holds_cases}
    playbooks = {item.source.name: item for item in read_files if not item.source.holds_cases}
    for name, item in cases.items():
        problems += _orphan(name, item, playbooks)
    files = tuple(
        loaded
        for name, item in playbooks.items()
        if (loaded := _joined(item, cases.get(_cases_name(name)))) is not None
    )
    unread = frozenset(kind for item in playbooks.values() if item.model is None for kind in item.could_be)
    found = assemble(files)
    already = {(problem.file, problem.position) for problem in problems}
    linted = _linted(found, unread) if rules else []
    problems += [problem for problem in linted if (problem.file, problem.position) not in already]
    if problems:
        raise PlaybooksRejected(tuple(str(problem) for problem in sorted(set(problems))))
    return found


def _linted(found: PlaybookSet, unread: frozenset[str]) -> list[Problem]:
    from bot.playbook.lint import lint  # noqa: PLC0415 - what somebody waits for who pastes a line has no lint

    return lint(found, unread)


@dataclass
class _Checked:
    """What could be understood of one file. `complete` is False when mistakes were taken out of `model`."""

    source: SourceFile
    model: BaseModel | None = None
    positions: Positions = field(default_factory=Positions)
    complete: bool = True
    could_be: tuple[str, ...] = _PLAYBOOK_KINDS
    problems: list[Problem] = field(default_factory=list)

    def report(self, position: Position, message: str) -> None:
        self.problems.append(Problem(self.source.name, position, message))


def _check(source: SourceFile) -> _Checked:
    checked = _Checked(source)
    if source.refusal:
        checked.report(START, source.refusal)
        return checked
    document = read(source.content)
    checked.positions = document.positions
    for position, message in document.problems:
        checked.report(position, message)
    if document.data is None:
        return checked
    kind = document.data.get("kind")
    refusal = _wrong_kind(kind, source)
    if refusal:
        checked.report(document.positions.of(("kind",)), refusal)
        return checked
    checked.could_be = (kind,)
    _validate(checked, document, _MODELS[kind])
    return checked


def _wrong_kind(kind: Any, source: SourceFile) -> str | None:
    """Why no model fits the file."""
    if source.holds_cases:
        return (
            None
            if kind == "cases"
            else f"a file that ends in `{CASES_SUFFIX}` holds cases; begin it with `kind: cases`"
        )
    if kind == "cases":
        return f"cases belong in a file that ends in `{CASES_SUFFIX}`, beside the playbook; rename this one"
    if isinstance(kind, str) and kind in _PLAYBOOK_KINDS:
        return None
    if kind is None:
        return f"the field `kind` is missing; it says what the file describes: {listed(_PLAYBOOK_KINDS, 'or')}"
    if not isinstance(kind, str):
        return f"`kind` {but_is(kind)}; write {listed(_PLAYBOOK_KINDS, 'or')}"
    return unknown("kind", short(kind), _PLAYBOOK_KINDS)


def _validate(checked: _Checked, document: Document, model: type[BaseModel]) -> None:
    try:
        checked.model = model.model_validate(document.data)
    except ValidationError as error:
        for mistake in mistakes(error, document.positions, document.damaged):
            checked.report(place(mistake, document.positions), sentence(mistake, model))
        checked.model = salvage(model, document.data, document.positions)
        checked.complete = False
    if document.problems:
        checked.complete = False


def _cases_name(name: str) -> str:
    return name.removesuffix(SUFFIX) + CASES_SUFFIX


def _orphan(name: str, item: _Checked, playbooks: Mapping[str, _Checked]) -> list[Problem]:
    wanted = name.removesuffix(CASES_SUFFIX) + SUFFIX
    if wanted in playbooks:
        return []
    return [
        Problem(item.source.name, START, f"these cases have no playbook; `{Path(wanted).name}` should be beside them")
    ]


def _joined(item: _Checked, cases: _Checked | None) -> LoadedPlaybook | None:
    """A playbook with its cases; None when the playbook could not be understood at all."""
    if not isinstance(item.model, AppPlaybook | SymptomPlaybook | CausesPlaybook):
        return None
    return LoadedPlaybook(
        path=item.source.path,
        playbook=item.model,
        cases=cases.model if cases is not None and isinstance(cases.model, CaseFile) else None,
        positions=item.positions,
        name=item.source.name,
        cases_name=cases.source.name if cases is not None else _cases_name(item.source.name),
        case_positions=cases.positions if cases is not None else Positions(),
        complete=item.complete and (cases is None or (cases.complete and cases.model is not None)),
    )
