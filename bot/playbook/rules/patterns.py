"""Rules about regular expressions: RE2 accepts them, they say something, and their groups can be fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from bot.playbook.app_schema import Component, Marks
from bot.playbook.conditions import Matching
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.regex import refusal
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import LineSpec, Part, Signature, Silence, SymptomPlaybook
from bot.playbook.vocabulary import group_names
from bot.yamlfile.positions import Path, Problem

PATTERN_FIELDS: Mapping[type[BaseModel], tuple[str, ...]] = {
    Component: (
        "begins_when_log_says",
        "started_when_log_says",
        "overloaded_when_log_says",
        "unreachable_when_log_says",
    ),
    SymptomPlaybook: ("unless", "unless_in_block", "over_when_log_says"),
    Marks: ("texts", "code"),
    Signature: ("pattern", "unless", "unless_in_block", "unless_nearby"),
    Part: ("pattern",),
    Silence: ("after",),
    LineSpec: ("pattern", "unless", "until"),
    Matching: ("value",),
}
"""Every field of the schema that holds regular expressions."""

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _patterns(subject: LintedSet) -> Iterator[tuple[LoadedPlaybook, Path, str]]:
    for file in subject.files:
        for steps, part in subject.parts_of(file):
            for name in PATTERN_FIELDS.get(type(part), ()):
                value = getattr(part, name)
                if isinstance(value, str):
                    yield file, (*steps, name), value
                elif value is not None:
                    for index, item in enumerate(value):
                        yield file, (*steps, name, index), item


def patterns_compile(subject: LintedSet) -> Iterator[Problem]:
    """RE2 accepts every pattern, and none matches just anything."""
    for file, steps, pattern in _patterns(subject):
        reason = refusal(pattern)
        if reason is not None:
            yield file.problem(steps, reason)


def groups_can_be_fields(subject: LintedSet) -> Iterator[Problem]:
    """A named group can be written in a condition, and stands once in its pattern: RE2 keeps only the first of two."""
    for file, steps, pattern in _patterns(subject):
        names = group_names(pattern)
        for index, name in enumerate(names):
            if not _FIELD_NAME.fullmatch(name):
                yield file.problem(steps, f"the group `{name}` cannot be a field; use small letters, digits and `_`")
            elif name in names[:index]:
                yield file.problem(steps, f"the pattern has two groups called `{name}`; only one would count")


def same_is_captured(subject: LintedSet) -> Iterator[Problem]:
    """`same` names a group that at least two parts capture: otherwise it compares nothing."""
    for file, steps, signature in subject.every(Signature):
        same = signature.within.same
        if same is None:
            continue
        capturing = sum(same in group_names(part.pattern) for part in signature.parts)
        if capturing < 2 and file.complete:
            yield file.problem(
                (*steps, "within", "same"),
                f"{capturing or 'none'} of the parts captures `{same}`; two must, to be compared",
            )
