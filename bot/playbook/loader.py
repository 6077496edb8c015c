"""Loads the playbooks of a directory: all of them, or a list of everything that is wrong with them.

Called at start, by `triage playbooks check` and by the reload (`bot.diagnosis.playbook_source`). Never loads a part of
a set, and never skips a file that it does not understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.domain.errors import PlaybooksRejected
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.case_schema import CaseFile
from bot.playbook.loaded import AnyPlaybook, LoadedPlaybook, PlaybookSet, assemble
from bot.playbook.phrases import PLAYBOOK_PHRASES, STAND_INS
from bot.playbook.schema import CausesPlaybook, LinesPlaybook, SymptomPlaybook
from bot.yamlfile.files import CASES_SUFFIX, SUFFIX, SourceFile, read_directory
from bot.yamlfile.positions import START, Positions, Problem
from bot.yamlfile.recipe import Checked, check_as, listed_problems, open_file
from bot.yamlfile.spelling import listed, short, unknown
from bot.yamlfile.validation_errors import but_is

__all__ = ["LoadedPlaybook", "PlaybookSet", "examine", "load", "parse"]

_MODELS: Mapping[str, type[BaseModel]] = {
    "app": AppPlaybook,
    "symptom": SymptomPlaybook,
    "causes": CausesPlaybook,
    "lines": LinesPlaybook,
    "cases": CaseFile,
}
_PLAYBOOK_KINDS = ("app", "symptom", "causes", "lines")


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
    found, problems = examine(sources, rules=rules)
    if problems:
        raise PlaybooksRejected(listed_problems(problems))
    return found


def examine(sources: Iterable[SourceFile], *, rules: bool = True) -> tuple[PlaybookSet, list[Problem]]:
    """As much of the set as could be understood, and every mistake in it. Raises nothing.

    With mistakes the set is good for looking at the rest only: what was wrong has been taken out.
    """
    read_files = [_check(source) for source in sources]
    problems = [problem for item in read_files for problem in item.checked.problems]
    cases = {item.source.name: item for item in read_files if item.source.holds_cases}
    playbooks = {item.source.name: item for item in read_files if not item.source.holds_cases}
    for name, item in cases.items():
        problems += _orphan(name, item, playbooks)
    files = tuple(
        loaded
        for name, item in playbooks.items()
        if (loaded := _joined(item, cases.get(_cases_name(name)))) is not None
    )
    unread = frozenset(kind for item in playbooks.values() if item.checked.model is None for kind in item.could_be)
    found = assemble(files)
    already = {(problem.file, problem.position) for problem in problems}
    linted = _linted(found, unread) if rules else []
    return found, problems + [item for item in linted if (item.file, item.position) not in already]


def _linted(found: PlaybookSet, unread: frozenset[str]) -> list[Problem]:
    from bot.playbook.lint import lint  # noqa: PLC0415 - what somebody waits for who pastes a line has no lint

    return lint(found, unread)


@dataclass
class _Read:
    """One file as far as it could be understood, and which kinds of playbook it could be."""

    checked: Checked[Any]
    could_be: tuple[str, ...] = _PLAYBOOK_KINDS

    @property
    def source(self) -> SourceFile:
        return self.checked.source


def _check(source: SourceFile) -> _Read:
    checked = open_file(source)
    if checked.document.data is None:
        return _Read(checked)
    kind = checked.document.data.get("kind")
    refusal = _wrong_kind(kind, source)
    if refusal:
        checked.report_at(("kind",), refusal)
        return _Read(checked)
    return _Read(check_as(checked, _MODELS[kind], PLAYBOOK_PHRASES, STAND_INS), (kind,))


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


def _cases_name(name: str) -> str:
    return name.removesuffix(SUFFIX) + CASES_SUFFIX


def _orphan(name: str, item: _Read, playbooks: Mapping[str, _Read]) -> list[Problem]:
    wanted = name.removesuffix(CASES_SUFFIX) + SUFFIX
    if wanted in playbooks:
        return []
    return [
        Problem(item.source.name, START, f"these cases have no playbook; `{Path(wanted).name}` should be beside them")
    ]


def _completed(cases: object, playbook: AnyPlaybook) -> CaseFile | None:
    if not isinstance(cases, CaseFile):
        return None
    if isinstance(playbook, AppPlaybook | LinesPlaybook):
        return cases.completed(())
    return cases.completed(cause.id for cause in playbook.causes)


def _joined(item: _Read, cases: _Read | None) -> LoadedPlaybook | None:
    """A playbook with its cases; None when the playbook could not be understood at all."""
    checked, beside = item.checked, cases.checked if cases is not None else None
    if not isinstance(checked.model, AppPlaybook | SymptomPlaybook | CausesPlaybook | LinesPlaybook):
        return None
    return LoadedPlaybook(
        path=item.source.path,
        playbook=checked.model,
        cases=_completed(beside.model, checked.model) if beside is not None else None,
        positions=checked.positions,
        name=item.source.name,
        cases_name=beside.source.name if beside is not None else _cases_name(item.source.name),
        case_positions=beside.positions if beside is not None else Positions(),
        complete=checked.complete and (beside is None or (beside.complete and beside.model is not None)),
    )
