"""The matcher: which known errors a paste shows. Called by the use cases and the command line; sees no cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.calls import FailedCall
from bot.domain.symptoms import Symptom
from bot.engine.calls.reading import CallReader
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.match.combine import combine
from bot.engine.match.hits import Hit, find
from bot.engine.match.patterns import Form, Patterns
from bot.engine.match.precedence import speaks
from bot.engine.match.times import Stamp, first_and_last, stamp_of
from bot.playbook.schema import AppPlaybook, SymptomPlaybook

_LINES_SHOWN = 5
_CHARACTERS_SHOWN = 500
_TRACEBACK_ROWS = 60
_EXCEPTION = re.compile(r"\b[A-Za-z_][\w.]*(?:Error|Exception): *\Z")
"""What stands before the words of an exception."""
_SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One signature found once: all its hits, in order."""

    form: Form
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a paste says: symptoms, the most severe first, and failed calls in the order of the text."""

    symptoms: tuple[Symptom, ...]
    calls: tuple[FailedCall, ...]


class Matcher:
    """Recognises the symptoms of a set of playbooks. Thread-safe; built once per set.

    `checked` says that the lint has tried every pattern already (playbooks from the loader); otherwise all are compiled
    at once, and ValueError names the signature of one that RE2 rejects.
    """

    def __init__(
        self, apps: Mapping[str, AppPlaybook], symptoms: Sequence[SymptomPlaybook], *, checked: bool = False
    ) -> None:
        self._patterns = Patterns(apps, symptoms, trusted=checked)

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """The symptoms in a paste (of one app, if one is named), the most severe first, then what came first."""
        return self.read(text, app).symptoms

    def read(self, text: str, app: str | None = None) -> Reading:
        """The symptoms in a paste, and every failed call that it tells of."""
        kinds = self._patterns.kinds
        wanted = frozenset(index for index, kind in enumerate(kinds) if app is None or kind.playbook.app == app)
        paste = clean(text)
        calls = CallReader().read_with_heads(paste)
        reading = _Reading(self._patterns, paste, calls)
        seen = reading.occurrences(wanted)
        playbooks = [kinds[index].playbook for index in seen]
        found = [
            (kinds[index].playbook.severity, telling[0].hits[0].line, reading.symptom(kinds[index].playbook, telling))
            for index, occurrences in seen.items()
            if (telling := [one for one in occurrences if speaks(kinds[index].playbook, one.form.spec, playbooks)])
        ]
        found.sort(key=lambda one: (_SEVERITIES.index(one[0]), one[1], one[2].id))
        return Reading(tuple(symptom for *_, symptom in found), tuple(call for call, _ in calls))


class _Reading:
    """One paste being read. Not shared between threads."""

    def __init__(
        self, patterns: Patterns, paste: CleanPaste, calls: Sequence[tuple[FailedCall, frozenset[int]]]
    ) -> None:
        self._patterns = patterns
        self._calls = calls
        self._paste = paste
        self._stamps: dict[int, Stamp | None] = {}

    def occurrences(self, wanted: frozenset[int]) -> dict[int, list[_Occurrence]]:
        """What is found of each wanted symptom that is in the paste, in order."""
        found: dict[int, list[_Occurrence]] = {}
        hits = find(self._patterns, self._paste, wanted)
        for number, form in enumerate(self._patterns.forms):
            parts = [hits.get((number, part), []) for part in range(len(form.looks))]
            if not all(parts):
                continue
            if len(parts) == 1:
                more = [_Occurrence(form, (hit,)) for hit in parts[0]]
            else:
                more = [_Occurrence(form, group) for group in combine(parts, form.spec.within, self._stamp)]
            if more:
                found.setdefault(form.symptom, []).extend(more)
        for occurrences in found.values():
            occurrences.sort(key=lambda one: one.hits[0][:2])
        return found

    def symptom(self, playbook: SymptomPlaybook, occurrences: Sequence[_Occurrence]) -> Symptom:
        """The occurrences of one symptom, as others see it."""
        incidents = self._incidents(occurrences)
        fields: dict[str, str] = {}
        for occurrence in occurrences:
            for hit in occurrence.hits:
                for name, value in hit.fields:
                    fields.setdefault(name, value)
        first, last, zone_known = first_and_last(self._times(incidents))
        lines = self._shown(occurrences)
        return Symptom(
            id=playbook.id,
            title=playbook.title,
            playbook=f"{playbook.app}/{playbook.id}",
            app=playbook.app,
            count=len(incidents),
            lines=tuple(lines.values()),
            line_numbers=tuple(self._paste.line_of(row) for row in lines),
            fields=fields,
            signature=occurrences[0].form.spec.id,
            source="/".join(occurrences[0].hits[0].source),
            first_seen=first,
            last_seen=last,
            zone_known=zone_known,
            calls=self._calls_of(occurrences),
        )

    def _incidents(self, occurrences: Sequence[_Occurrence]) -> list[_Occurrence]:
        """One occurrence for each incident: those that share a message are one incident, and so are a log line and the
        exception that its traceback ends with.
        """
        seen: set[int] = set()
        incidents: list[_Occurrence] = []
        before: Hit | None = None
        for occurrence in occurrences:
            heads = {hit.head for hit in occurrence.hits}
            if seen.isdisjoint(heads) and not self._restates(before, occurrence.hits[0]):
                incidents.append(occurrence)
            seen |= heads
            before = occurrence.hits[-1]
        return incidents

    def _restates(self, before: Hit | None, hit: Hit) -> bool:
        """Whether the hit is the exception of the record that begins with a stamped line above, which was found too.

        A paste whose lines were wrapped on the way tears the two apart.
        """
        if before is None or hit.line - before.line > _TRACEBACK_ROWS or self._stamp_of(before.line) is None:
            return False
        row = self._paste.row(hit.line).encode("utf-8")[: hit.column].decode("utf-8", errors="ignore")
        if _EXCEPTION.search(row) is None:
            return False
        return all(self._stamp_of(number) is None for number in range(before.line + 1, hit.line + 1))

    def _calls_of(self, occurrences: Sequence[_Occurrence]) -> tuple[FailedCall, ...]:
        """The failed calls that are told in the messages of these occurrences."""
        heads = {hit.head for one in occurrences for hit in one.hits}
        return tuple(call for call, told_at in self._calls if not heads.isdisjoint(told_at))

    def _times(self, incidents: Sequence[_Occurrence]) -> list[Stamp | None]:
        """The times of the first and the last few incidents: a log is in order, or nearly so."""
        few = incidents if len(incidents) <= 100 else [*incidents[:50], *incidents[-50:]]
        return [self._stamp(hit) for one in few for hit in one.hits]

    def _stamp(self, hit: Hit) -> Stamp | None:
        """When a line was written: by itself, or by the line its message begins with."""
        return self._stamp_of(hit.line) or (self._stamp_of(hit.head) if hit.head != hit.line else None)

    def _stamp_of(self, number: int) -> Stamp | None:
        if number not in self._stamps:
            self._stamps[number] = stamp_of(self._paste.origin(number).time, self._paste.row(number))
        return self._stamps[number]

    def _shown(self, occurrences: Iterable[_Occurrence]) -> dict[int, str]:
        """The first few lines that show the symptom, by number; one that only repeats another's text is left out."""
        lines: dict[int, str] = {}
        for hit in _first_hits(occurrences):
            text = _excerpt(self._paste.row(hit.line), hit.column)
            if hit.line not in lines and text not in lines.values():
                lines[hit.line] = text
            if len(lines) == _LINES_SHOWN:
                break
        return dict(sorted(lines.items()))


def _first_hits(occurrences: Iterable[_Occurrence]) -> list[Hit]:
    """Enough hits to show from, in order."""
    return [hit for _, one in zip(range(100), occurrences, strict=False) for hit in one.hits]


def _excerpt(line: str, column: int) -> str:
    """A line for a person: what is at the column, and as much around it as may be shown."""
    start = 0
    if len(line) > _CHARACTERS_SHOWN:
        before = len(line.encode("utf-8")[:column].decode("utf-8", errors="ignore"))
        start = max(0, min(before - 100, len(line) - _CHARACTERS_SHOWN))
    return line[start : start + _CHARACTERS_SHOWN].rstrip()
