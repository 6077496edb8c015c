"""The one way in which a strict YAML file becomes a model, or a list of everything that is wrong with it.

    document  strict YAML with positions        `open_file`
    model     pydantic, its errors as sentences `check_as`
    rest      what of a broken file is right    `salvage`, so that rules can look at it too

Playbooks, policy, monitors and redaction rules add their own rules behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from bot.yamlfile.document import Document, read
from bot.yamlfile.files import SourceFile
from bot.yamlfile.positions import START, Path, Position, Positions, Problem
from bot.yamlfile.salvage import salvage
from bot.yamlfile.validation_errors import GENERAL, Phrases, mistakes, place, sentence

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Checked(Generic[Model]):
    """What could be understood of one file.

    `model` is what it says, or, where `salvaged` was asked for, what is left when everything wrong is taken out
    (`complete` is False then); None when nothing could be understood. `wrong` are the paths of values with a mistake:
    what a rule says about something inside them only follows from it.
    """

    source: SourceFile
    document: Document = field(default_factory=Document)
    model: Model | None = None
    complete: bool = True
    wrong: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def positions(self) -> Positions:
        """Where everything stands."""
        return self.document.positions

    def report(self, position: Position, message: str) -> None:
        """One more mistake."""
        self.problems.append(Problem(self.source.name, position, message))

    def report_at(self, path: Path, message: str) -> None:
        """One more mistake, about the value at a path."""
        self.report(self.positions.of(path), message)


def open_file(source: SourceFile) -> Checked[Any]:
    """Read the YAML of a file. `document.data` is None when it says nothing that can be validated."""
    checked: Checked[Any] = Checked(source)
    if source.refusal:
        checked.report(START, source.refusal)
        return checked
    checked.document = read(source.content)
    for position, message in checked.document.problems:
        checked.report(position, message)
    checked.complete = not checked.problems
    checked.wrong = list(checked.document.damaged)
    return checked


def check_as(
    opened: Checked[Any],
    model: type[Model],
    phrases: Phrases = GENERAL,
    salvaged: Mapping[str, Any] | None = None,
) -> Checked[Model]:
    """Validate what `open_file` has read.

    `salvaged`: values for required fields whose own value is wrong or missing (see `salvage`); without it a file with
    mistakes has no model. Problems are added to those there are.
    """
    document = opened.document
    checked: Checked[Model] = opened
    if document.data is None:
        return checked
    try:
        checked.model = model.model_validate(document.data)
    except ValidationError as error:
        for mistake in mistakes(error, document.positions, document.damaged):
            checked.report(place(mistake, document.positions), sentence(mistake, model, phrases))
            checked.wrong.append(mistake.path)
        checked.complete = False
        if salvaged is not None:
            checked.model = salvage(model, document.data, document.positions, salvaged)
    return checked


def check_file(source: SourceFile, model: type[Model], phrases: Phrases = GENERAL) -> Checked[Model]:
    """Both steps for a file of which it is known what it holds. No model unless the whole file is right."""
    checked = check_as(open_file(source), model, phrases)
    if checked.problems:
        checked.model = None
    return checked


def listed_problems(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Each mistake once, in the order of files and lines, as `file:line:column: message`."""
    return tuple(str(problem) for problem in sorted(set(problems)))
