"""Whose error a symptom is, by what the paste says. Called by the matcher with the records that showed it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.attribution import Attribution, Owner
from bot.engine.attribution.marks import AppMarks
from bot.engine.mentions import mentions_in

_LOOKED_AT = 50
"""Records of one symptom that are looked at."""
_MARKS = 200
"""Marks of the app elsewhere in the paste that are looked at."""
_EVIDENCE = 3
_FAMILY = 4
"""Letters from which on a first word of names says something: `web-` and `my-` are of everybody."""
_RUNTIMES = frozenset(("java", "php", "ruby", "perl", "rust", "dotnet"))
"""Languages that an app either has or has not. Go is none: whatever runs containers is written in it."""
_RUNTIME_NAMES = {"php": "PHP", "dotnet": ".NET"}
_TABLE_ROW = re.compile(rb"\s*(?:\S+\s+){1,2}\d+/\d+\s+[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record that showed the symptom: its text, the number of its first line, the names in its prefix."""

    text: str
    line: int
    names: tuple[str, ...]


class MarkedPaste(Protocol):
    """The whole paste, as far as marks are looked for in it."""

    def as_pasted(self) -> Iterator[tuple[int, bytes]]:
        """Its text in pieces of whole lines, each with the number of its first line."""

    def beginning(self) -> str:
        """Its first rows, cleaned."""

    def line_of(self, number: int) -> int:
        """The line of the paste that a row stands in."""


def attribute(
    marks: AppMarks, sightings: Sequence[Sighting], paste: MarkedPaste, *, own_text: bool, clients: Collection[str] = ()
) -> Attribution:
    """Whose error it is. `own_text`: what the signature matches is a text that only this app prints.

    `clients`: the languages in whose words the failed calls of these records are told.
    """
    ours: list[str] = []
    others: list[str] = []
    usual: list[str] = []
    undecided = 0
    for sighting in sightings[:_LOOKED_AT]:
        if mark := _own_mark(marks, sighting):
            ours.append(mark)
        elif contrary := _contrary(marks, sighting):
            others.append(contrary)
        else:
            undecided += 1
            usual += [f"line {sighting.line} is of {name}" for name in sighting.names]
    if ours:
        return _attribution(Owner.OURS, ours)
    if own_text:
        return _attribution(Owner.OURS, [f"only {marks.app.title} prints this"])
    strange = sorted(_RUNTIMES.intersection(clients) - set(marks.app.marks.runtimes))
    if strange:
        others.append(f"a program in {_RUNTIME_NAMES.get(strange[0], strange[0].title())} prints this")
    if others and (strange or not undecided):
        return _attribution(Owner.FOREIGN, others)
    return _by_the_rest(marks, sightings, paste, others, usual)


def _by_the_rest(
    marks: AppMarks, sightings: Sequence[Sighting], paste: MarkedPaste, others: list[str], usual: list[str]
) -> Attribution:
    """By what stands elsewhere in the paste: nothing in the records themselves decides."""
    elsewhere = _own_mark_elsewhere(marks, paste)
    program = (
        _other_program_elsewhere(marks, paste)
        or _other_code_elsewhere(marks, paste)
        or _of_other_pods(marks, sightings, paste)
    )
    if elsewhere and not others and not program:
        return _attribution(Owner.OURS, [elsewhere, *usual])
    if others or program:
        if elsewhere:
            return _attribution(Owner.MAYBE, [elsewhere, *others, *program])
        return _attribution(Owner.FOREIGN, [*others, *program])
    nothing = f"nothing in the text says that it is of {marks.app.title}"
    return _attribution(
        Owner.MAYBE, [*usual[:1], f"other programs have such names too; {nothing}"] if usual else [nothing]
    )


def _own_mark(marks: AppMarks, sighting: Sighting) -> str:
    name = next((name for name in sighting.names if marks.is_name(name)), "")
    if name:
        return f"line {sighting.line} is of {name}"
    found = marks.in_text(sighting.text.encode("utf-8", errors="replace"))
    return f"line {sighting.line + found.row}: “{found.what}”" if found else ""


def _contrary(marks: AppMarks, sighting: Sighting) -> str:
    """What shows that a record is of another program."""
    for text in (*sighting.names, sighting.text):
        if found := marks.other_program(text.encode("utf-8", errors="replace")):
            return f"line {sighting.line + found.row} names {found.what}"
    if found := marks.other_code(sighting.text):
        return f"line {sighting.line + found.row} runs through {found.what}, which is no code of {marks.app.title}"
    if sighting.names and not marks.are_usual(sighting.names):
        return f"line {sighting.line} is of {sighting.names[0]}, which is no part of {marks.app.title}"
    return ""


def _own_mark_elsewhere(marks: AppMarks, paste: MarkedPaste) -> str:
    """A mark of the app in another record. One in the row of another pod in a table says nothing about this pod."""
    left = _MARKS
    for first, data in paste.as_pasted():
        for mark, line in marks.all_in_text(data, left):
            if not _TABLE_ROW.match(line):
                return f"line {first + mark.row}: “{mark.what}”"
            left -= 1
        if left <= 0:
            break
    return ""


def _other_program_elsewhere(marks: AppMarks, paste: MarkedPaste) -> list[str]:
    for first, data in paste.as_pasted():
        if found := marks.other_program(data):
            return [f"line {first + found.row} names {found.what}"]
    return []


def _other_code_elsewhere(marks: AppMarks, paste: MarkedPaste) -> list[str]:
    """A stack trace of another program at the beginning of the paste: what a person pastes is mostly one thing."""
    found = marks.other_code(paste.beginning())
    if found is None:
        return []
    line = paste.line_of(1 + found.row)
    return [f"line {line} runs through {found.what}, which is no code of {marks.app.title}"]


def _of_other_pods(marks: AppMarks, sightings: Sequence[Sighting], paste: MarkedPaste) -> list[str]:
    """The records speak of the family of pods that the paste shows, and none of those pods is the app's.

    A family is the first word of their names: `shop-redis` beside `shop-web-…`. Pods alone prove nothing: those of a
    database have any name.
    """
    pods = [item.name for item in mentions_in(paste.beginning()) if item.kind == "Pod"]
    if not pods or any(marks.is_name(name) or marks.are_usual((name,)) for name in pods):
        return []
    for family in sorted({name.partition("-")[0] for name in pods if "-" in name}):
        if len(family) < _FAMILY:
            continue
        speaks = re.compile(rf"(?<![\w.-]){re.escape(family)}-[a-z0-9-]{{1,60}}")
        for sighting in sightings[:_LOOKED_AT]:
            if found := speaks.search(sighting.text):
                pod = next(name for name in pods if name.startswith(f"{family}-"))
                what = f"line {sighting.line} speaks of {found[0]} beside pod {pod}"
                return [f"{what}, which is no part of {marks.app.title}"]
    return []


def _attribution(owner: Owner, evidence: Sequence[str]) -> Attribution:
    return Attribution(owner, tuple(dict.fromkeys(evidence))[:_EVIDENCE])
