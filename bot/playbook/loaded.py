"""Playbooks that were read, and where everything in them stands.

Built by the loader; used by the engine (the playbooks), the lint and the case runner (the places).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.case_schema import CaseFile
from bot.playbook.schema import CausesPlaybook, LineSpec, LinesPlaybook, SymptomPlaybook
from bot.yamlfile.positions import Path as Steps
from bot.yamlfile.positions import Positions, Problem

AnyPlaybook = AppPlaybook | SymptomPlaybook | CausesPlaybook | LinesPlaybook


@dataclass(frozen=True)
class LoadedPlaybook:
    """A playbook file with the case file beside it.

    `name` and `cases_name` are the files as a person would type them; `positions` and `case_positions` say where things
    stand in them. `complete` is False, within the lint only, when mistakes were taken out of one of the files.
    """

    path: Path
    playbook: AnyPlaybook
    cases: CaseFile | None
    positions: Positions
    name: str = ""
    cases_name: str = ""
    case_positions: Positions = field(default_factory=Positions)
    complete: bool = True

    @property
    def app(self) -> str | None:
        """The app it belongs to; None for generic causes."""
        match self.playbook:
            case AppPlaybook():
                return self.playbook.id
            case SymptomPlaybook():
                return self.playbook.app
        return None

    def problem(self, steps: Steps, message: str, at_key: bool = False) -> Problem:
        """A mistake in the playbook, at the value (or the key) that the steps lead to."""
        where = self.positions.of_key(steps) if at_key else self.positions.of(steps)
        return Problem(self.name, where, message)

    def case_problem(self, steps: Steps, message: str, at_key: bool = False) -> Problem:
        """A mistake in its cases."""
        where = self.case_positions.of_key(steps) if at_key else self.case_positions.of(steps)
        return Problem(self.cases_name, where, message)


@dataclass(frozen=True)
class PlaybookSet:
    """All playbooks in force, checked. `files` has them with their cases and places, in order of their names."""

    apps: Mapping[str, AppPlaybook]
    symptoms: tuple[SymptomPlaybook, ...]
    generic: tuple[CausesPlaybook, ...]
    files: tuple[LoadedPlaybook, ...]
    lines: tuple[LineSpec, ...] = ()
    """Log lines that mean the same in every program."""

    def symptoms_of(self, app: str) -> tuple[SymptomPlaybook, ...]:
        """The symptoms of one app; none for an app that is not there."""
        return tuple(symptom for symptom in self.symptoms if symptom.app == app)


def assemble(files: tuple[LoadedPlaybook, ...]) -> PlaybookSet:
    """The set that these files make up. Of two apps with one id, the first counts; the lint reports the second."""
    apps: dict[str, AppPlaybook] = {}
    for file in files:
        if isinstance(file.playbook, AppPlaybook):
            apps.setdefault(file.playbook.id, file.playbook)
    return PlaybookSet(
        apps,
        tuple(file.playbook for file in files if isinstance(file.playbook, SymptomPlaybook)),
        tuple(file.playbook for file in files if isinstance(file.playbook, CausesPlaybook)),
        files,
        tuple(line for file in files if isinstance(file.playbook, LinesPlaybook) for line in file.playbook.lines),
    )
