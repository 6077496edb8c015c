"""The matcher: which known errors a paste shows. Called by the use cases and the command line; sees no cluster."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.domain.attribution import Attribution, Owner
from bot.domain.calls import FailedCall
from bot.domain.symptoms import PasteReading, Symptom
from bot.engine.attribution.claims import claimed
from bot.engine.attribution.marks import AppMarks
from bot.engine.calls.reading import CallReader
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.match.meanings import meanings_in
from bot.engine.match.patterns import Patterns
from bot.engine.match.precedence import Place, Run, follows, in_order, speaks
from bot.engine.match.reading import Reading
from bot.engine.mentions import mentions_in
from bot.engine.values.known_lines import KnownLines
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import LineSpec, SymptomPlaybook

_SEVERITIES = ("critical", "warning", "info")


class Matcher:
    """Recognises the symptoms of a set of playbooks. Thread-safe; built once per set. `lines` mean the same everywhere.

    `checked` says that the lint has tried every pattern already (playbooks from the loader); otherwise all are compiled
    at once, and ValueError names the signature of one that RE2 rejects.
    """

    def __init__(
        self,
        apps: Mapping[str, AppPlaybook],
        symptoms: Sequence[SymptomPlaybook],
        lines: Sequence[LineSpec] = (),
        *,
        checked: bool = False,
    ) -> None:
        self._patterns = Patterns(apps, symptoms, trusted=checked)
        self._apps = dict(apps)
        self._lines = lines
        self._known: KnownLines | None = None
        self._marks: dict[str, AppMarks] = {}

    def match(self, text: str, app: str | None = None, bound: Collection[str] = ()) -> tuple[Symptom, ...]:
        """The symptoms in a paste (of one app, if one is named) that are its or could be: see `read`."""
        return self._owned(clean(text), app, bound).symptoms

    def read(self, text: str, app: str | None = None, bound: Collection[str] = ()) -> PasteReading:
        """The symptoms in a paste and whose they are, what goes on before what is over or was told by an earlier run,
        then the most severe first, causes before consequences; and what else the paste says.

        `app`: only of this one, which somebody asked about; `bound`: of these apps the place is where it was pasted.
        """
        paste = clean(text)
        if self._known is None:
            self._known = KnownLines(self._lines)
        meanings = meanings_in(paste, self._known)
        return replace(self._owned(paste, app, bound), mentions=mentions_in(paste), meanings=meanings)

    def _owned(self, paste: CleanPaste, app: str | None, bound: Collection[str]) -> PasteReading:
        claims = {name: f"this channel is bound to {self._title(name)}" for name in bound}
        if app is not None:
            claims[app] = f"the question is about {self._title(app)}"
        found, calls = self._found(paste, app)
        owned = [replace(one, attribution=claimed(one.attribution, claims.get(one.app, ""))) for one in found]
        return PasteReading(
            symptoms=tuple(one for one in owned if one.attribution.owner is not Owner.FOREIGN),
            foreign=tuple(one for one in owned if one.attribution.owner is Owner.FOREIGN),
            calls=calls,
        )

    def in_own_log(self, text: str, app: str) -> tuple[Symptom, ...]:
        """The symptoms of an app in the log of one of its own containers: nobody else's, whatever it speaks of."""
        attribution = Attribution(Owner.OURS, ("read from a log of its own",))
        return tuple(replace(one, attribution=attribution) for one in self._found(clean(text), app)[0])

    def _found(self, paste: CleanPaste, app: str | None) -> tuple[list[Symptom], tuple[FailedCall, ...]]:
        kinds = self._patterns.kinds
        wanted = frozenset(index for index, kind in enumerate(kinds) if app is None or kind.playbook.app == app)
        calls = CallReader().read_with_heads(paste)
        reading = Reading(self._patterns, self._marks_of, paste, calls)
        seen = reading.occurrences(wanted)
        playbooks = [kinds[index].playbook for index in seen]
        told = {
            index: telling
            for index, occurrences in seen.items()
            if (telling := [one for one in occurrences if speaks(kinds[index].playbook, one.form.spec, playbooks)])
        }
        found = [
            Place(
                _SEVERITIES.index(kinds[index].playbook.severity),
                follows(kinds[index].playbook, playbooks, self._apps),
                telling[0].hits[0].line,
                reading.symptom(kinds[index], telling),
                reading.run_of(kinds[index], telling) if len(told) > 1 else Run.LAST,
            )
            for index, telling in told.items()
        ]
        return in_order(found), tuple(call for call, _ in calls)

    def _marks_of(self, app: str) -> AppMarks | None:
        """The marks of an app, compiled when they are first needed. Two threads may both do so; either will do."""
        if app not in self._marks and app in self._apps:
            self._marks[app] = AppMarks(self._apps[app], self._apps)
        return self._marks.get(app)

    def _title(self, app: str) -> str:
        return self._apps[app].title if app in self._apps else app
