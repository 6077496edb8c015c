"""The matcher: which known errors a paste shows. Called by the use cases and the command line; never looks at a cluster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.symptoms import Symptom
from bot.engine.match.blocks import Blocks
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.match.combine import combine
from bot.engine.match.hits import Hit, find
from bot.engine.match.patterns import Form, Kind, Patterns
from bot.engine.match.times import Stamp, first_and_last, stamp_of
from bot.playbook.schema import AppPlaybook, SymptomPlaybook

_LINES_SHOWN = 5
_SEVERITIES = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One signature found once: all its hits, in order."""

    form: Form
    hits: tuple[Hit, ...]


class Matcher:
    """Recognises the symptoms of a set of playbooks. Thread-safe; built once per set.

    Raises ValueError, naming the signature, for a pattern that RE2 rejects.
    """

    def __init__(self, apps: Mapping[str, AppPlaybook], symptoms: Sequence[SymptomPlaybook]) -> None:
        self._patterns = Patterns(apps, symptoms)

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """The symptoms in a paste (of one app, if one is named), the most severe first, then the most frequent."""
        kinds = self._patterns.kinds
        wanted = frozenset(index for index, kind in enumerate(kinds) if app is None or kind.playbook.app == app)
        reading = _Reading(self._patterns, clean(text))
        found = [(kinds[index].playbook.severity, reading.symptom(index)) for index in reading.found(wanted)]
        found.sort(key=lambda one: (_SEVERITIES.index(one[0]), -one[1].count, one[1].id))
        return tuple(symptom for _, symptom in found)


class _Reading:
    """One paste being read. Not shared between threads."""

    def __init__(self, patterns: Patterns, paste: CleanPaste) -> None:
        self._patterns = patterns
        self._paste = paste
        self._blocks = Blocks(paste)
        self._stamps: dict[int, Stamp | None] = {}
        self._occurrences: dict[int, list[_Occurrence]] = {}

    def found(self, wanted: frozenset[int]) -> tuple[int, ...]:
        """Which of the wanted symptoms are in the paste."""
        hits: dict[int, dict[int, list[Hit]]] = defaultdict(lambda: defaultdict(list))
        for hit in find(self._patterns, self._paste, wanted):
            hits[hit.signature][hit.part].append(hit)
        found: dict[int, list[_Occurrence]] = defaultdict(list)
        for signature, parts in hits.items():
            form = self._patterns.forms[signature]
            found[form.symptom] += self._occurrences_of(form, parts)
        self._occurrences = {
            index: sorted(occurrences, key=lambda one: (one.hits[0].line, one.hits[0].offset))
            for index, occurrences in found.items()
            if occurrences
        }
        return tuple(self._occurrences)

    def _occurrences_of(self, form: Form, parts: Mapping[int, list[Hit]]) -> Iterable[_Occurrence]:
        kind = self._patterns.kinds[form.symptom]
        kept = [[hit for hit in parts.get(part, ()) if self._counts(hit, form, kind)] for part in range(form.parts)]
        if form.parts == 1:
            return [_Occurrence(form, (hit,)) for hit in kept[0]]
        groups = combine(kept, form.spec.within, self._blocks, self._stamp)
        return [_Occurrence(form, group) for group in groups]

    def _counts(self, hit: Hit, form: Form, kind: Kind) -> bool:
        """Is the hit from the right component, and is nothing around it that says it is something else?"""
        if kind.source is not None:
            names = self._blocks.origin(hit.line).names
            if names and not any(kind.source.match(name) for name in names):
                return False
            if form.spec.needs_source and not names:
                return False
        if form.in_block is not None and form.in_block.search(self._blocks.text(hit.line)) is not None:
            return False
        if form.nearby is None:
            return True
        return form.nearby.search(self._blocks.around(hit.line, form.spec.nearby_lines)) is None

    def symptom(self, index: int) -> Symptom:
        """What `found` has found of this symptom."""
        playbook = self._patterns.kinds[index].playbook
        occurrences = self._occurrences[index]
        incidents = self._incidents(occurrences)
        shown = _shown(occurrences)
        fields: dict[str, str] = {}
        for occurrence in occurrences:
            for hit in occurrence.hits:
                for name, value in hit.fields:
                    fields.setdefault(name, value)
        first, last, zone_known = first_and_last(self._stamp(hit.line) for one in incidents for hit in one.hits)
        return Symptom(
            id=playbook.id,
            title=playbook.title,
            playbook=f"{playbook.app}/{playbook.id}",
            app=playbook.app,
            count=len(incidents),
            lines=tuple(shown.values()),
            line_numbers=tuple(shown),
            fields=fields,
            signature=occurrences[0].form.spec.id,
            source="/".join(self._blocks.origin(occurrences[0].hits[0].line).names),
            first_seen=first,
            last_seen=last,
            zone_known=zone_known,
        )

    def _incidents(self, occurrences: Sequence[_Occurrence]) -> list[_Occurrence]:
        """One occurrence for each incident: those that share a message are one incident."""
        seen: set[int] = set()
        incidents: list[_Occurrence] = []
        for occurrence in occurrences:
            heads = {self._blocks.head(hit.line) for hit in occurrence.hits}
            if seen.isdisjoint(heads):
                incidents.append(occurrence)
            seen |= heads
        return incidents

    def _stamp(self, number: int) -> Stamp | None:
        """When a line was written: by itself, or by the line its message begins with."""
        if number not in self._stamps:
            origin = self._blocks.origin(number)
            stamp = stamp_of(origin.time, self._paste.line(number))
            head = self._blocks.head(number)
            self._stamps[number] = stamp if stamp is not None or head == number else self._stamp(head)
        return self._stamps[number]


def _shown(occurrences: Iterable[_Occurrence]) -> dict[int, str]:
    """The first few lines that show the symptom, by number; one that only repeats another's text is left out."""
    lines: dict[int, str] = {}
    for occurrence in occurrences:
        for hit in occurrence.hits:
            if hit.line not in lines and hit.text not in lines.values():
                lines[hit.line] = hit.text
            if len(lines) == _LINES_SHOWN:
                return dict(sorted(lines.items()))
    return dict(sorted(lines.items()))
