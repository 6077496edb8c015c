"""One paste being read: what occurs in it, as symptoms. Called by the matcher."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.attribution import OURS, Attribution
from bot.domain.calls import FailedCall
from bot.domain.symptoms import Symptom
from bot.engine.attribution.marks import AppMarks
from bot.engine.attribution.paste import Sighting, attribute
from bot.engine.match.clean import CleanPaste
from bot.engine.match.combine import combine
from bot.engine.match.ended import End, Last, end_of
from bot.engine.match.hits import Hit, find
from bot.engine.match.patterns import Form, Patterns, SymptomKind
from bot.engine.match.precedence import Run
from bot.engine.match.times import LogTime, first_and_last, of_its_own_clock, stamp_of, without_year
from bot.playbook.schema import SymptomPlaybook

_OWN_LOOKED_AT = 50
_LINES_SHOWN = 5
_CHARACTERS_SHOWN = 500
_TRACEBACK_ROWS = 60
_EXCEPTION = re.compile(r"\b[A-Za-z_][\w.]*(?:Error|Exception): *\Z")
"""What stands before the words of an exception."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One signature found once: all its hits, in order."""

    form: Form
    hits: tuple[Hit, ...]


class Reading:
    """One paste being read. Not shared between threads."""

    def __init__(
        self,
        patterns: Patterns,
        marks: Callable[[str], AppMarks | None],
        paste: CleanPaste,
        calls: Sequence[tuple[FailedCall, frozenset[int]]],
    ) -> None:
        self._patterns = patterns
        self._marks = marks
        self._calls = calls
        self._paste = paste
        self._stamps: dict[int, LogTime | None] = {}

    def occurrences(self, wanted: frozenset[int]) -> dict[int, list[Occurrence]]:
        """What is found of each wanted symptom that is in the paste, in order."""
        found: dict[int, list[Occurrence]] = {}
        hits = find(self._patterns, self._paste, wanted)
        for number, form in enumerate(self._patterns.forms):
            parts = [hits.get((number, part), []) for part in range(len(form.looks))]
            if not all(parts):
                continue
            if len(parts) == 1:
                more = [Occurrence(form, (hit,)) for hit in parts[0]]
            else:
                more = [Occurrence(form, group) for group in combine(parts, form.spec.within, self._stamp)]
            if more:
                found.setdefault(form.symptom, []).extend(more)
        for occurrences in found.values():
            occurrences.sort(key=lambda one: one.hits[0][:2])
        return found

    def symptom(self, kind: SymptomKind, occurrences: Sequence[Occurrence]) -> Symptom:
        """The occurrences of one symptom, as others see it."""
        playbook = kind.playbook
        incidents = self._incidents(occurrences)
        fields: dict[str, str] = {}
        for occurrence in occurrences:
            for hit in occurrence.hits:
                for name, value in hit.fields:
                    fields.setdefault(name, value)
        stamps = self._times(incidents)
        first, last, zone_known = first_and_last(stamps)
        lines = self._shown(occurrences)
        end = self._end(kind, occurrences)
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
            own_clock=not zone_known and of_its_own_clock(stamps),
            yearless=without_year(stamps) if first is None else None,
            calls=self._calls_of(occurrences),
            attribution=self._attribution(playbook, occurrences),
            over=_excerpt(end.text, 0) if end is not None else "",
            over_line=self._paste.line_of(end.row) if end is not None else 0,
        )

    def _end(self, kind: SymptomKind, occurrences: Sequence[Occurrence]) -> End | None:
        """What shows, further down, that it is over for every process that told of it."""
        return end_of(self._paste, kind.over, self._last(occurrences)) if kind.over is not None else None

    def run_of(self, kind: SymptomKind, occurrences: Sequence[Occurrence]) -> Run:
        """In which run its processes told of the symptom for the last time."""
        if kind.begins is None or end_of(self._paste, kind.begins, last := self._last(occurrences)) is None:
            return Run.LAST
        serves = kind.serves is not None and end_of(self._paste, kind.serves, last) is not None
        return Run.BEFORE_ONE_THAT_SERVES if serves else Run.EARLIER

    def _last(self, occurrences: Sequence[Occurrence]) -> dict[tuple[str, ...], Last]:
        """The last error of each process, by the names in its prefix."""
        rows: dict[tuple[str, ...], int] = {}
        for occurrence in occurrences:
            for hit in occurrence.hits:
                rows[hit.source] = max(hit.line, rows.get(hit.source, 0))
        newest = [hit for one in occurrences[-_OWN_LOOKED_AT:] for hit in one.hits]
        times: dict[tuple[str, ...], LogTime] = {}
        for hit in sorted(newest, reverse=True):
            near = hit.source in rows and hit.line > rows[hit.source] - _TRACEBACK_ROWS
            if near and hit.source not in times and (stamp := self._stamp(hit)) is not None:
                times[hit.source] = stamp
        return {names: Last(row, times.get(names)) for names, row in rows.items()}

    def _attribution(self, playbook: SymptomPlaybook, occurrences: Sequence[Occurrence]) -> Attribution:
        marks = self._marks(playbook.app)
        if marks is None:
            return OURS
        seen = {hit.head: hit for hit in _first_hits(occurrences) if hit.text}
        sightings = [
            Sighting(hit.text.decode("utf-8", errors="replace"), self._paste.line_of(hit.head), hit.source)
            for hit in seen.values()
        ]
        own_text = playbook.own_text or any(one.form.spec.own_text for one in occurrences[:_OWN_LOOKED_AT])
        clients = {call.client for call in self._calls_of(occurrences)}
        return attribute(marks, sightings, self._paste, own_text=own_text, clients=clients)

    def _incidents(self, occurrences: Sequence[Occurrence]) -> list[Occurrence]:
        """One occurrence for each incident: those that share a message are one incident, and so are a log line and the
        exception that its traceback ends with.
        """
        seen: set[int] = set()
        incidents: list[Occurrence] = []
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
        if before is None or hit.line - before.line > _TRACEBACK_ROWS:
            return False
        row = self._paste.row(hit.line).encode("utf-8")[: hit.column].decode("utf-8", errors="ignore")
        if not row.rstrip().endswith(":") or _EXCEPTION.search(row) is None or self._stamp_of(before.line) is None:
            return False
        return all(self._stamp_of(number) is None for number in range(before.line + 1, hit.line + 1))

    def _calls_of(self, occurrences: Sequence[Occurrence]) -> tuple[FailedCall, ...]:
        """The failed calls that are told in the messages of these occurrences."""
        heads = {hit.head for one in occurrences for hit in one.hits}
        return tuple(call for call, told_at in self._calls if not heads.isdisjoint(told_at))

    def _times(self, incidents: Sequence[Occurrence]) -> list[LogTime | None]:
        """The times of the first and the last few incidents: a log is in order, or nearly so."""
        few = incidents if len(incidents) <= 100 else [*incidents[:50], *incidents[-50:]]
        return [self._stamp(hit) for one in few for hit in one.hits]

    def _stamp(self, hit: Hit) -> LogTime | None:
        """When a line was written: by itself, or by the line its message begins with."""
        return self._stamp_of(hit.line) or (self._stamp_of(hit.head) if hit.head != hit.line else None)

    def _stamp_of(self, number: int) -> LogTime | None:
        if number not in self._stamps:
            self._stamps[number] = stamp_of(self._paste.origin(number).time, self._paste.row(number))
        return self._stamps[number]

    def _shown(self, occurrences: Iterable[Occurrence]) -> dict[int, str]:
        """The first few lines that show the symptom, by number; one that only repeats another's text is left out."""
        lines: dict[int, str] = {}
        for hit in _first_hits(occurrences):
            text = _excerpt(self._paste.row(hit.line), hit.column)
            if hit.line not in lines and text not in lines.values():
                lines[hit.line] = text
            if len(lines) == _LINES_SHOWN:
                break
        return dict(sorted(lines.items()))


def _first_hits(occurrences: Iterable[Occurrence]) -> list[Hit]:
    """Enough hits to show from, in order."""
    return [hit for _, one in zip(range(100), occurrences, strict=False) for hit in one.hits]


def _excerpt(line: str, column: int) -> str:
    """A line for a person: what is at the column, and as much around it as may be shown."""
    start = 0
    if len(line) > _CHARACTERS_SHOWN:
        before = len(line.encode("utf-8")[:column].decode("utf-8", errors="ignore"))
        start = max(0, min(before - 100, len(line) - _CHARACTERS_SHOWN))
    return line[start : start + _CHARACTERS_SHOWN].rstrip()
