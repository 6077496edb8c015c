"""The signatures of all playbooks, compiled: one filter says which patterns may be in a text, the patterns where.

Built once per set of playbooks by the matcher. Refuses, naming it, a pattern that RE2 rejects or that matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import re2

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import Signature, SymptomPlaybook

_MULTILINE = "(?m)"
_COUNTS = re.compile(
    r"""\\Q.*?(?:\\E|\Z) | \\[pPx]\{[^}]*\} | \\. | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\] | \{(\d+)(?:,\d*)?\}""",
    re.VERBOSE | re.DOTALL,
)
"""Counted repetitions, and what may look like one: literals, escapes and classes."""


class Regex:
    """A pattern that is compiled when it is first needed: of hundreds of patterns, most pastes need a handful.

    `check` compiles it at once and raises ValueError naming it if RE2 rejects it, or if it matches the empty text.
    """

    __slots__ = ("_compiled", "_names", "_where", "pattern")

    def __init__(self, pattern: str, where: str) -> None:
        self.pattern = _MULTILINE + pattern
        self._where = where
        self._compiled: re2._Regexp | None = None
        self._names: tuple[tuple[str, int], ...] | None = None

    @property
    def compiled(self) -> re2._Regexp:
        """The compiled pattern. Two threads may compile it at the same time; both get the same thing."""
        if self._compiled is None:
            self._compiled = self._compile()
        return self._compiled

    @property
    def names(self) -> tuple[tuple[str, int], ...]:
        """Its named groups and their numbers."""
        if self._names is None:
            self._names = tuple(self.compiled.groupindex.items())
        return self._names

    def search(self, data: bytes) -> re2._Match | None:
        """The first place where it is found."""
        return self.compiled.search(data)

    def finditer(self, data: bytes, start: int, end: int) -> Iterator[re2._Match]:
        """Every place between two offsets where it is found."""
        return iter(self.compiled.finditer(data, start, end))

    def check(self) -> None:
        """Raises ValueError if it cannot be used."""
        if self.compiled.search(b"") is not None:
            raise ValueError(f"{self._where}: the pattern {self._shown!r} matches the empty text")

    @property
    def _shown(self) -> str:
        return self.pattern.removeprefix(_MULTILINE)

    def _compile(self) -> re2._Regexp:
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(self.pattern, options)
        except re2.error as exc:
            reason = exc.args[0] if exc.args else "not a regular expression"
            reason = reason.decode("utf-8", errors="replace") if isinstance(reason, bytes) else str(reason)
            raise ValueError(f"{self._where}: RE2 rejects the pattern {self._shown!r}: {reason}") from exc


@dataclass(slots=True)
class SharedPattern:
    """One pattern of a symptom, and the signatures and parts that it serves: several may share it.

    `alone`: a hit of it is an occurrence by itself. `compared`: its fields decide which hits belong together.
    `any_source`: it counts whatever component the line's prefix names.
    """

    symptom: int
    regex: Regex
    unless: Regex | None
    alone: bool
    compared: bool = False
    any_source: bool = False
    serves: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Form:
    """One signature of a symptom: its rules, and the looks that are its parts."""

    spec: Signature
    symptom: int
    looks: tuple[int, ...]
    in_block: Regex | None
    nearby: Regex | None


@dataclass(frozen=True, slots=True)
class SymptomKind:
    """One symptom, what its source's names look like, what rules a message out for it, and its looks.

    `over` is what shows that it is over, `begins` and `serves` that a process of its app has begun anew, and serves.
    """

    playbook: SymptomPlaybook
    source: re.Pattern[str] | None
    in_block: Regex | None
    looks: tuple[int, ...]
    over: Regex | None
    begins: Regex | None
    serves: Regex | None


class Patterns:
    """Everything that is looked for. Immutable after construction and safe to share between threads."""

    def __init__(self, apps: Mapping[str, AppPlaybook], symptoms: Sequence[SymptomPlaybook], *, trusted: bool) -> None:
        self._trusted = trusted
        self.forms: list[Form] = []
        self.looks: list[SharedPattern] = []
        kinds: list[SymptomKind] = []
        self._filter = re2.Filter()
        begins, serves = (
            {name: self._excuse(_of_components(app, what), name) for name, app in apps.items()}
            for what in ("begins_when_log_says", "started_when_log_says")
        )
        for index, symptom in enumerate(symptoms):
            first = len(self.looks)
            for signature in sorted(symptom.signatures, key=lambda one: len(one.parts)):
                self._add(index, symptom, signature)
            in_block = self._excuse(symptom.unless_in_block, symptom.id)
            over = self._excuse(symptom.over_when_log_says, symptom.id)
            looks = tuple(range(first, len(self.looks)))
            runs = begins.get(symptom.app), serves.get(symptom.app)
            kinds.append(SymptomKind(symptom, _source(apps, symptom), in_block, looks, over, *runs))
        self.kinds = tuple(kinds)
        if self.looks:
            self._filter.Compile()

    def candidates(self, data: bytes) -> frozenset[int]:
        """The looks that may find something in this text; every other one certainly does not."""
        return frozenset(self._filter.Match(data, True) or ()) if self.looks else frozenset()

    def _add(self, symptom: int, playbook: SymptomPlaybook, signature: Signature) -> None:
        where = f"{playbook.id}.{signature.id}"
        patterns = [signature.pattern] if signature.pattern is not None else [part.pattern for part in signature.parts]
        unless = self._excuse((*playbook.unless, *signature.unless), where)
        numbers: list[int] = []
        for part, pattern in enumerate(patterns):
            look = SharedPattern(
                symptom, self._regex(pattern, where), unless, not signature.parts, any_source=signature.any_source
            )
            number = self._look(look)
            self.looks[number].serves.append((len(self.forms), part))
            self.looks[number].compared |= signature.within.same is not None
            numbers.append(number)
        in_block = self._excuse(signature.unless_in_block, where)
        nearby = self._excuse(signature.unless_nearby, where)
        self.forms.append(Form(signature, symptom, tuple(numbers), in_block, nearby))

    def _regex(self, pattern: str, where: str) -> Regex:
        regex = Regex(pattern, where)
        if not self._trusted:
            regex.check()
        return regex

    def _excuse(self, patterns: Sequence[str], where: str) -> Regex | None:
        if not self._trusted:
            for pattern in patterns:
                Regex(pattern, where).check()
        return any_of(patterns, where)

    def _look(self, new: SharedPattern) -> int:
        """The number of the look with this pattern: one that is there already, or this new one."""
        for number, look in enumerate(self.looks):
            if not (new.alone or look.alone) and _key(look) == _key(new):
                return number
        self._filter.Add(without_counts(new.regex.pattern))
        self.looks.append(new)
        return len(self.looks) - 1


def _key(look: SharedPattern) -> tuple[int, str, str | None, bool]:
    return look.symptom, look.regex.pattern, look.unless.pattern if look.unless else None, look.any_source


def without_counts(pattern: str) -> str:
    """A pattern that finds at least what this one finds, and costs a quarter to compile: RE2 writes every counted
    repetition out. The filter only asks which literals a text must hold, and those stay.
    """

    def loosened(found: re.Match[str]) -> str:
        count = found[1]
        return found[0] if count is None else "*" if int(count) == 0 else "+"

    return _COUNTS.sub(loosened, pattern)


def any_of(patterns: Sequence[str], where: str) -> Regex | None:
    """One regular expression for all of them, or None if there are none."""
    return Regex("|".join(f"(?:{pattern})" for pattern in patterns), where) if patterns else None


def _of_components(app: AppPlaybook, what: str) -> tuple[str, ...]:
    """The patterns that the components of an app have in this field."""
    return tuple(pattern for one in app.components.values() for pattern in getattr(one, what))


def _source(apps: Mapping[str, AppPlaybook], symptom: SymptomPlaybook) -> re.Pattern[str] | None:
    """What the names of the symptom's source component look like, or None if any source will do."""
    app = apps.get(symptom.app)
    if app is None or symptom.source is None:
        return None
    component, part = app.components.get(symptom.source), app.others.get(symptom.source)
    names = component.log_names if component is not None else part.names if part is not None else ()
    return re.compile("|".join(_glob(name) for name in names)) if names else None


def _glob(glob: str) -> str:
    """A glob with `*` and `?` as a regular expression for the whole name."""
    return "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in glob) + r"\Z"
