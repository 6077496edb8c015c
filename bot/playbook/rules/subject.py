"""What every rule of the lint looks at: the set, gone through once, and what may be named in each file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.instances import Instance, instances
from bot.playbook.loaded import LoadedPlaybook, PlaybookSet
from bot.playbook.schema import CausesPlaybook, SymptomPlaybook
from bot.playbook.vocabulary import Vocabulary, app_vocabulary, fields_of, generic_vocabulary
from bot.playbook.walk import parts
from bot.yamlfile.positions import Path, Problem

Model = TypeVar("Model", bound=BaseModel)


class LintedSet:
    """The set under the lint. `uncertain` are the kinds of playbooks of which something could not be read."""

    def __init__(self, playbooks: PlaybookSet, unread: frozenset[str] = frozenset()) -> None:
        self.playbooks = playbooks
        self.files = playbooks.files
        self.uncertain = unread | {file.playbook.kind for file in self.files if not file.complete}

    @cached_property
    def _parts(self) -> dict[str, list[tuple[Path, BaseModel]]]:
        return {file.name: list(parts(file.playbook)) for file in self.files}

    def parts_of(self, file: LoadedPlaybook) -> list[tuple[Path, BaseModel]]:
        """Every model in a playbook with the steps that lead to it."""
        return self._parts[file.name]

    def every(self, model: type[Model]) -> Iterator[tuple[LoadedPlaybook, Path, Model]]:
        """Every model of one type in all files."""
        for file in self.files:
            for steps, part in self.parts_of(file):
                if isinstance(part, model):
                    yield file, steps, part

    @cached_property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """What the playbooks of each app may name."""
        return {identifier: self._vocabulary(app) for identifier, app in self.playbooks.apps.items()}

    def _vocabulary(self, app: AppPlaybook) -> Vocabulary:
        symptoms = {symptom.id: fields_of(symptom) for symptom in self.playbooks.symptoms_of(app.id)}
        whole = all(file.complete for file in self.files if file.playbook is app)
        return app_vocabulary(app, symptoms, whole, "symptom" not in self.uncertain)

    def vocabulary(self, file: LoadedPlaybook) -> Vocabulary | None:
        """What may be named in a file; None when its app is not known."""
        if isinstance(file.playbook, CausesPlaybook):
            return generic_vocabulary(file.playbook.for_)
        return self.vocabularies.get(file.app or "")

    @cached_property
    def instances(self) -> dict[str, tuple[Instance, ...]]:
        """The causes of each app, filled in."""
        return {identifier: tuple(instances(self.playbooks, app)) for identifier, app in self.playbooks.apps.items()}

    def app_of(self, file: LoadedPlaybook) -> AppPlaybook | None:
        """The app a file belongs to; None for generic causes and where the app is not known."""
        return self.playbooks.apps.get(file.app or "")

    def symptom_files(self) -> Iterator[tuple[LoadedPlaybook, SymptomPlaybook]]:
        """Files that describe a symptom."""
        for file in self.files:
            if isinstance(file.playbook, SymptomPlaybook):
                yield file, file.playbook


Rule = Callable[[LintedSet], Iterable[Problem]]
