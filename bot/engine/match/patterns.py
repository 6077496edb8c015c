"""The signatures of all playbooks, compiled: one RE2 filter that says which patterns may be in a block, and the patterns.

Built once per set of playbooks by the matcher. Refuses, naming it, a pattern that RE2 rejects or that matches nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import re2

from bot.playbook.schema import AppPlaybook, Signature, SymptomPlaybook

_MULTILINE = "(?m)"


@dataclass(frozen=True, slots=True)
class Look:
    """One compiled pattern: which symptom, which of its signatures, which part of that; and the names of its groups."""

    symptom: int
    signature: int
    part: int
    names: tuple[tuple[str, int], ...]
    unless: re2._Regexp | None


@dataclass(frozen=True, slots=True)
class Form:
    """One signature, compiled but for its patterns, which are in the filter."""

    spec: Signature
    symptom: int
    parts: int
    in_block: re2._Regexp | None
    nearby: re2._Regexp | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One symptom and how to tell whether a line's source is the right component."""

    playbook: SymptomPlaybook
    source: re.Pattern[str] | None


class Patterns:
    """Everything that is looked for. Immutable after construction and safe to share between threads."""

    def __init__(self, apps: Mapping[str, AppPlaybook], symptoms: Sequence[SymptomPlaybook]) -> None:
        self.kinds = tuple(Kind(symptom, _source(apps, symptom)) for symptom in symptoms)
        self.forms: list[Form] = []
        self.looks: list[Look] = []
        self._filter = re2.Filter()
        for index, symptom in enumerate(symptoms):
            for signature in symptom.signatures:
                self._add(index, symptom, signature)
        if self.looks:
            self._filter.Compile()
        self._regexes = tuple(self._filter.re(index) for index in range(len(self.looks)))

    def candidates(self, data: bytes) -> Iterator[tuple[Look, re2._Regexp]]:
        """The patterns that may be in this text; every other one certainly is not."""
        if not self.looks:
            return
        for index in self._filter.Match(data, True) or ():
            yield self.looks[index], self._regexes[index]

    def _add(self, symptom: int, playbook: SymptomPlaybook, signature: Signature) -> None:
        where = f"{playbook.id}.{signature.id}"
        patterns = [signature.pattern] if signature.pattern is not None else [part.pattern for part in signature.parts]
        unless = _any_of((*playbook.unless, *signature.unless), where)
        for part, pattern in enumerate(patterns):
            compiled = _compiled(pattern, where)
            if compiled.search(b"") is not None:
                raise ValueError(f"{where}: the pattern matches the empty text: {pattern}")
            names = tuple(compiled.groupindex.items())
            self._filter.Add(_MULTILINE + pattern)
            self.looks.append(Look(symptom, len(self.forms), part, names, unless))
        in_block = _any_of((*playbook.unless_in_block, *signature.unless_in_block), where)
        nearby = _any_of(signature.unless_nearby, where)
        self.forms.append(Form(signature, symptom, len(patterns), in_block, nearby))


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def _compiled(pattern: str, where: str) -> re2._Regexp:
    try:
        return re2.compile(_MULTILINE + pattern, _options())
    except re2.error as exc:
        reason = exc.args[0] if exc.args else "not a regular expression"
        reason = reason.decode("utf-8", errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{where}: RE2 rejects the pattern {pattern!r}: {reason}") from exc


def _any_of(patterns: Sequence[str], where: str) -> re2._Regexp | None:
    """One regular expression for all of them, or None if there are none."""
    for pattern in patterns:
        _compiled(pattern, where)
    return _compiled("|".join(f"(?:{pattern})" for pattern in patterns), where) if patterns else None


def _source(apps: Mapping[str, AppPlaybook], symptom: SymptomPlaybook) -> re.Pattern[str] | None:
    """What the names of the symptom's source component look like, or None if any source will do."""
    app = apps.get(symptom.app)
    component = app.components.get(symptom.source) if app and symptom.source else None
    if component is None or not component.log_names:
        return None
    return re.compile("|".join(_glob(name) for name in component.log_names))


def _glob(glob: str) -> str:
    """A glob with `*` and `?` as a regular expression for the whole name."""
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in glob) + r"\Z"
