"""Rules about facts: they exist, operators fit their types, and texts name only facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from bot.domain.facts import FactType
from bot.playbook.conditions import Comparison, Equality
from bot.playbook.facts.spec import FactSpec
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CauseSpec, RemedySpec
from bot.playbook.vocabulary import Vocabulary
from bot.yamlfile.positions import Path, Problem
from bot.yamlfile.spelling import listed

_NUMBERS: tuple[FactType, ...] = ("int", "float")

OPERATORS: Mapping[str, tuple[FactType, ...]] = {
    "is_true": ("bool",),
    "is_false": ("bool",),
    "equals": ("str", *_NUMBERS),
    "not_equals": ("str", *_NUMBERS),
    "at_least": _NUMBERS,
    "at_most": _NUMBERS,
    "more_than": _NUMBERS,
    "less_than": _NUMBERS,
    "one_of": ("str",),
    "none_of": ("str",),
    "contains": ("set",),
    "lacks": ("set",),
    "is_empty": ("set", "str"),
    "is_not_empty": ("set", "str"),
    "matches": ("str",),
    "does_not_match": ("str",),
    "version_in": ("str",),
}
"""Types of facts that each operator compares."""

IN_WORDS: Mapping[FactType, str] = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "str": "a text",
    "set": "a set",
    "time": "a time",
}

_BRACES = re.compile(r"\{[ ]?([A-Za-z][\w.-]*)[ ]?\}")
_JSONPATH = ("{end}",)
"""Braces that kubectl commands have for themselves."""
_WELL_FORMED = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*")
_TEXTS: tuple[tuple[type[CauseSpec | RemedySpec], tuple[str, ...]], ...] = (
    (CauseSpec, ("title", "sentence", "shared")),
    (RemedySpec, ("title", "note", "command")),
)


def conditions_fit_their_facts(subject: LintedSet) -> Iterator[Problem]:
    """Every condition names a fact of the catalogue and compares it in a way that its type allows."""
    for file in subject.files:
        vocabulary = subject.vocabulary(file)
        if vocabulary is None:
            continue
        for steps, part in subject.parts_of(file):
            if isinstance(part, get_args(Comparison)):
                yield from _comparison(file, steps, part, vocabulary)


def _comparison(file: LoadedPlaybook, steps: Path, condition: Comparison, vocabulary: Vocabulary) -> Iterator[Problem]:
    spec = vocabulary.fact(condition.fact)
    if isinstance(spec, str):
        yield file.problem((*steps, "fact"), spec)
    elif spec is not None and spec.type not in OPERATORS[condition.op]:
        fitting = [name for name, types in OPERATORS.items() if spec.type in types]
        advice = f"use {listed(fitting, 'or')}" if fitting else "no operator takes it"
        yield file.problem(
            (*steps, "op"),
            f"`{condition.op}` does not fit `{condition.fact}`, which is {IN_WORDS[spec.type]}; {advice}",
        )
    elif spec is not None and isinstance(condition, Equality):
        yield from _equality(file, steps, condition, spec)


def _equality(file: LoadedPlaybook, steps: Path, condition: Equality, spec: FactSpec) -> Iterator[Problem]:
    is_text = isinstance(condition.value, str)
    if is_text != (spec.type == "str"):
        advice = "leave the quotes out" if is_text else "put the value in quotes"
        value = "a text" if is_text else "a number"
        message = f"`{condition.fact}` is {IN_WORDS[spec.type]} and never equals {value}; {advice}"
        yield file.problem((*steps, "value"), message)


def placeholders_are_facts(subject: LintedSet) -> Iterator[Problem]:
    """What stands in braces in a title, sentence, note or command is a fact, or the template of a generic playbook."""
    for file in subject.files:
        vocabulary = subject.vocabulary(file)
        if vocabulary is None:
            continue
        for steps, part in subject.parts_of(file):
            for model, names in _TEXTS:
                if isinstance(part, model):
                    for name in names:
                        values = _own_values(part) if name == "title" else ()
                        yield from _placeholders(file, (*steps, name), getattr(part, name), vocabulary, values)


def _own_values(part: CauseSpec | RemedySpec) -> tuple[str, ...]:
    """What a remedy of this kind works out, and its title may say: `{memory_limit}`."""
    if not isinstance(part, RemedySpec):
        return ()
    return tuple(f"{{{name}}}" for name in REMEDY_KINDS[part.kind].parameters)


def _placeholders(
    file: LoadedPlaybook, steps: Path, text: str, vocabulary: Vocabulary, values: tuple[str, ...]
) -> Iterator[Problem]:
    for match in _BRACES.finditer(text):
        name = match[1]
        if match[0] in vocabulary.targets or match[0] in _JSONPATH or match[0] in values:
            continue
        if not _WELL_FORMED.fullmatch(name) or match[0] != "{" + name + "}":
            yield file.problem(
                steps, f"`{match[0]}` is not a fact in braces; write it without spaces and in small letters"
            )
        elif "." not in name:
            templates = [item for item in vocabulary.targets if item.startswith("{")]
            known = listed(["{scope.question}", *templates, *values], "or")
            yield file.problem(steps, f"`{match[0]}` names no fact; write {known}")
        else:
            found = vocabulary.fact(name)
            if isinstance(found, str):
                yield file.problem(steps, found)
