"""What a diagnosis says, as short true statements: all that a language model gets, and all that it may say. Pure.

A statement is made of the engine's own words. Its `readings` are those words and what the field says in their place
(`entailment/wordings.py`); `cause` and `follows` say which of them may stand on the two sides of a "because".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import Check, CheckStatus
from bot.narration.entailment.reading import Clause, Names, read
from bot.narration.entailment.wordings import NOT_SERVING, of_check, wordings
from bot.narration.naming import ROUTE, labels_of, names_of, of_a_symptom, of_its_sentence

LONGEST_TEXT = 220
MOST_STATEMENTS = 24
LONGEST_TOGETHER = 2_800
"""Characters of all statements that a model gets: with its orders about 1,200 tokens."""

_ZERO_READY = re.compile(r"^(?:.*: )?0 of \d+ pods?\b.*\bready|^(?:.*: )?0 of \d+ pods? ")
_OF_THE_CALLER = ("url", "freshness", "dns", "observed")


@dataclass(frozen=True, slots=True)
class Statement:
    """One true statement. `subject` is a component, a route or the app; `polarity` whether its state is affirmed."""

    id: str
    kind: str
    subject: str
    state: str
    polarity: bool
    text: str
    quantities: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    cause: str = ""
    follows: tuple[str, ...] = ()
    clauses: tuple[tuple[Clause, ...], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Statements:
    """All statements of a diagnosis. A model is given `told`; a check that it cites by its id is in `checks`."""

    told: tuple[Statement, ...]
    checks: Mapping[str, Statement]
    names: Names
    about: frozenset[str]
    """What a pronoun without a name before it stands for: the component of the only root cause."""
    over: bool = False
    """Whether what is described is past."""

    def cited(self, ids: Iterable[str]) -> tuple[Statement, ...] | None:
        """The statements that ids stand for; None when one does not exist or none is cited.

        A statement's id stands for it alone. A check's id, which people know from the report, stands for the check and
        for what the report says of the same incident.
        """
        by_id = {one.id: one for one in self.told}
        found: dict[str, Statement] = {}
        for name in ids:
            if name in by_id:
                found[name] = by_id[name]
            elif name in self.checks:
                found[f"check {name}"] = self.checks[name]
                found |= {one.id: one for one in self.told}
            else:
                return None
        return tuple(found.values()) or None


def statements_of(diagnosis: Diagnosis) -> Statements:
    """Everything that a diagnosis says, in the order of its importance."""
    maker = _Maker(diagnosis)
    told: list[Statement] = []
    length = 0
    for number, one in enumerate(maker.told(), 1):
        length += len(one.text) + 6
        if number > MOST_STATEMENTS or length > LONGEST_TOGETHER:
            break
        told.append(replace(one, id=f"s{number}"))
    checks = {check.id: replace(maker.check(check), id=check.id) for check in diagnosis.checks}
    roots = [maker.scope(cause.component, cause.id) for cause in diagnosis.root_causes]
    about = frozenset(roots[0]) if len(set(roots)) == 1 else frozenset()
    if diagnosis.verdict is Verdict.RECOVERED:
        about |= {name for one in told[:1] for row in one.clauses for part in row for name in part.entities}
    return Statements(tuple(told), checks, maker.names, about, over=diagnosis.verdict is Verdict.RECOVERED)


class _Maker:
    """Makes the statements of one diagnosis."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self._of = diagnosis
        self._labels = labels_of(diagnosis)
        self.names = names_of(diagnosis, self._labels)

    def told(self) -> Iterator[Statement]:
        """Headline, causes with what proves them, symptoms, since when, what is ruled out, what could not be seen."""
        found = self._of
        because = {name: tuple(c.id for c in found.root_causes if name in c.because)
                   for cause in found.root_causes for name in cause.because}  # fmt: skip
        by_id = {check.id: check for check in found.checks}
        for cause in found.root_causes:
            yield self._cause(cause)
        if not found.root_causes:
            yield self._made("headline", found.app, "headline", found.headline)
        yield from (self.check(by_id[name], causes) for name, causes in because.items() if name in by_id)
        yield from self._symptoms()
        yield from self._times()
        for cause in found.causes:
            if cause.explained_by and cause.verdict is CauseVerdict.CONFIRMED:
                yield self._cause(cause)
        for text in found.ruled_out:
            yield self._made("ruled_out", found.app, "in order", text)
        yield from self._open()
        for gap in found.gaps:
            yield self._made("gap", found.app, "not seen", f"Could not check {gap.sentence()}")
        rest = [one for one in found.checks if one.status is CheckStatus.FAIL and one.id not in because]
        roots = tuple(cause.id for cause in found.root_causes)
        yield from (self.check(one, roots) for one in rest if one.id not in ("paste", "app.summary"))

    def check(self, check: Check, follows: Sequence[str] = ()) -> Statement:
        """What a check found."""
        scope = check.id.partition(".")[0]
        also: list[str] = []
        called = self._labels.get(scope, "")
        if called and _ZERO_READY.match(check.summary):
            also += [text.format(c=called) for text in NOT_SERVING]
        if called and "CrashLoopBackOff" in check.summary:
            also += [f"{called} keeps crashing", f"{called} is in crashloopbackoff"]
        if check.status is CheckStatus.FAIL:
            also += of_check(check.id, called)
        kind = "check" if check.status is not CheckStatus.UNKNOWN else "gap"
        causes = tuple(follows) or tuple(c.id for c in self._of.root_causes if check.id in c.because)
        causes = causes if check.status is CheckStatus.FAIL else ()
        summary = f"The paste says: {check.summary}" if check.id == "paste" else check.summary
        made = self._made(kind, scope, check.id, summary, also)
        polarity = check.status is CheckStatus.PASS
        return replace(made, polarity=polarity, checks=(check.id,), follows=causes)

    def scope(self, name: str, state: str) -> tuple[str, ...]:
        """What a statement about a component, a route or the app is about where it names nothing: of a route, the end
        that its state is about.
        """
        route = ROUTE.match(name)
        if route and route["caller"] in self._labels and route["called"] in self._labels:
            return (route["caller"],) if any(one in state for one in _OF_THE_CALLER) else (route["called"],)
        return (name,) if name in self._labels else ("app",)

    def _cause(self, cause: Cause) -> Statement:
        route = ROUTE.match(cause.component)
        called = self._labels.get(route["called"], "") if route else ""
        caller = self._labels.get(route["caller"], "") if route else ""
        label = self._labels.get(cause.component, "")
        variable = next(iter(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", f"{cause.title} {cause.sentence}")), "")
        names = {"c": label, "called": called, "caller": caller, "app": self._of.app_title, "variable": variable}
        also = list(wordings(cause.id, cause.component, names))
        also += of_its_sentence(cause, label)
        title = _capital(cause.title.strip().rstrip("."))
        text = f"{title}. {_capital(cause.sentence.strip())}" if cause.sentence.strip() else f"{title}."
        ends = (cause.explained_by,) if cause.explained_by else ()
        made = self._made("cause", cause.component or self._of.app, cause.id, text, also, title)
        root = "" if cause.explained_by else cause.id
        return replace(made, checks=cause.because, cause=root, follows=ends)

    def _symptoms(self) -> Iterator[Statement]:
        roots = {cause.id for cause in self._of.root_causes}
        for item in self._of.symptoms:
            title, count = item.symptom.title, item.symptom.count
            follows = self._roots_of(item.explained_by)
            # Of what is over, or not explained by what is broken now, only the paste says that it is so.
            if self._of.verdict is not Verdict.FAULT_FOUND or not (roots & set(follows)):
                text = f"The paste says {count} times: {title}"
                yield self._made("symptom", self._of.app, item.symptom.id, text)
                continue
            also = of_a_symptom(title, item.symptom.lines)
            text = f"{title}; the paste says it {count} times."
            made = self._made("symptom", self._of.app, item.symptom.id, text, also)
            yield replace(made, follows=follows, checks=("paste",))

    def _roots_of(self, cause_id: str | None) -> tuple[str, ...]:
        by_id = {cause.id: cause for cause in self._of.causes}
        seen: list[str] = []
        while cause_id is not None and cause_id not in seen:
            seen.append(cause_id)
            cause_id = by_id[cause_id].explained_by if cause_id in by_id else None
        return tuple(seen)

    def _times(self) -> Iterator[Statement]:
        since, until = self._of.since, self._of.until
        if since is None:
            return
        # A fault that lasts began at `since`; the clock is all that a card says.
        label = self._labels.get(self._of.root_causes[0].component, "") if len(self._of.root_causes) == 1 else ""
        who = [label, "it", "fault", "problem", "incident", "outage"] if label else ["it", "fault", "problem"]
        clock = _clock(since)
        text = f"It lasted from {clock} until {_clock(until)}." if until else f"The fault began at {clock}."
        also = [f"{one} began at {clock}" for one in who]
        also += [f"{label} fails since {clock}"] if label else []
        for cause in self._of.root_causes[:1]:
            also += [f"{said} since {clock}" for said in (cause.title.strip().rstrip("."), *self._said_of(cause))]
        yield self._made("since", self._of.app, "since", text, also)

    def _said_of(self, cause: Cause) -> tuple[str, ...]:
        label = self._labels.get(cause.component, "")
        shown = any(check.id == f"{cause.component}.pods" and _ZERO_READY.match(check.summary)
                    for check in self._of.checks)  # fmt: skip
        said = wordings(cause.id, cause.component, {"c": label}) if label else ()
        return said + (tuple(text.format(c=label) for text in NOT_SERVING) if shown and label else ())

    def _open(self) -> Iterator[Statement]:
        if self._of.verdict is not Verdict.INCONCLUSIVE:
            return
        yield self._made("headline", self._of.app, "open", "No cause is confirmed.")
        words = {CauseVerdict.LIKELY: "Likely", CauseVerdict.POSSIBLE: "Possibly", CauseVerdict.UNKNOWN: "Possibly"}
        likely = [c for c in self._of.causes if c.verdict in words and not c.state and c.explained_by is None]
        likely.sort(key=lambda cause: cause.verdict is not CauseVerdict.LIKELY)
        for cause in likely[:3]:
            yield self._made("open", cause.component, cause.id, f"{words[cause.verdict]} {cause.title}.")

    def _made(
        self, kind: str, subject: str, state: str, text: str, also: Sequence[str] = (), first: str = ""
    ) -> Statement:
        """A statement that affirms its state. `first`: the shortest wording, where that is not the whole text."""
        shown = _cut(text)
        scope = self.scope(subject, state)
        readings = [*([first] if first else []), shown, *also]
        clauses = tuple(self._scoped(read(one, self.names), scope) for one in readings)
        numbers = {value for row in clauses[:2] for one in row for value, _ in one.numbers}
        return Statement("", kind, subject, state, True, shown, tuple(sorted(numbers)), clauses=clauses)

    def _scoped(self, clauses: tuple[Clause, ...], scope: tuple[str, ...]) -> tuple[Clause, ...]:
        """Clauses in which no name stands are about what was looked at."""
        return tuple(
            one if one.entities else replace(one, inherited=tuple(dict.fromkeys((*one.inherited, *scope))))
            for one in clauses
        )


def _clock(moment: datetime | None) -> str:
    return f"{moment:%H:%M:%S} UTC" if moment else ""


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TEXT else flat[: LONGEST_TEXT - 1].rstrip() + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
