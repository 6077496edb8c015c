"""The labelled parts of a diagnosis card, in the order a person in an incident needs them.

Called by `cards`. Pure. Each part is short by design; what it leaves out is in the details, and it says how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.diagnosis.text_report import chain_words, hidden_words
from bot.diagnosis.told import evidence, spoken_fields
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, ExplainedSymptom, Verdict
from bot.domain.remedies import Remedy
from bot.domain.symptoms import Symptom
from bot.engine.calls.words import shown_by
from bot.incidents.card_model import Section
from bot.incidents.pasted.ledger import key_of
from bot.incidents.plain_text import one_line, spoken_duration, spoken_time

VERDICT_WORDS = {
    CauseVerdict.CONFIRMED: "confirmed",
    CauseVerdict.LIKELY: "likely",
    CauseVerdict.POSSIBLE: "possible",
    CauseVerdict.UNKNOWN: "could not be judged",
    CauseVerdict.RULED_OUT: "ruled out",
}
_OPEN = (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY, CauseVerdict.POSSIBLE, CauseVerdict.UNKNOWN)

ROOT_CAUSES = 3
FACTS = 4
EXPLAINED = 5
UNEXPLAINED = 4
OPEN_CAUSES = 3
RULED_OUT = 3
GAPS = 6
BEST = 1
"""Fixes that a card tells in full; the others by their titles."""


def sections_of(
    diagnosis: Diagnosis,
    unread: Sequence[str],
    offered: frozenset[str] | None = frozenset(),
    said_by: Mapping[str, str] | None = None,
    *,
    told: bool = False,
    doubted: frozenset[str] = frozenset(),
) -> Iterator[Section]:
    """All parts of the card: the cause and the best fix, then how we know, then what is left open.

    `unread` are sentences about attached files that could not be read, `offered` the ids of remedies with a button, or
    None where a fix is under way, which stands above; `said_by` who pasted a symptom and when, by its key; `told`:
    something above says already that it was down and is well; `doubted` ids of causes of which somebody said that it is
    not them: they step down.
    """
    said_by = said_by or {}
    yield from _roots(diagnosis, offered, said_by, doubted)
    if not told:
        yield from _recovery(diagnosis)
    if diagnosis.looked_at:
        yield Section("Looked at", (diagnosis.looked_at,), limit=160)
    yield from _open_causes(diagnosis)
    yield from _unexplained(diagnosis, said_by)
    yield from _gaps(diagnosis, unread)
    if diagnosis.verdict is Verdict.INCONCLUSIVE:
        yield from _ruled_out(diagnosis)
    yield from _notes(diagnosis)
    if diagnosis.hidden:
        yield Section("Hidden", (hidden_words(diagnosis.hidden),), limit=200)


def is_benign(diagnosis: Diagnosis) -> bool:
    """Whether everything that was found is harmless, and nothing was left open or unexplained."""
    found = [cause for cause in diagnosis.root_causes if not cause.state]
    settled = diagnosis.verdict in (Verdict.FAULT_FOUND, Verdict.HEALTHY)
    explained = all(item.explained_by is not None for item in diagnosis.symptoms)
    return bool(found) and settled and explained and all(cause.benign for cause in found)


def _roots(
    diagnosis: Diagnosis, offered: frozenset[str] | None, said_by: Mapping[str, str], doubted: frozenset[str]
) -> Iterable[Section]:
    roots = [cause for cause in diagnosis.root_causes if not cause.state]
    roots.sort(key=lambda cause: cause.id in doubted)
    several, benign = len(roots) > 1, is_benign(diagnosis)
    for number, root in enumerate(roots[:ROOT_CAUSES], start=1):
        label = f"Root cause {number}" if several else "Root cause"
        yield _root(root, "Doubted cause" if root.id in doubted else label, benign=benign)
        if benign:
            continue
        if not several:
            yield from _remedies(diagnosis, offered)
        if root.chain:
            yield Section("Chain", (chain_words(root),), limit=200)
        yield from _explained(diagnosis, root, said_by)
        yield from _because(diagnosis, root, FACTS // 2 if several else FACTS)
    if len(roots) > ROOT_CAUSES:
        yield Section("And more", (f"{len(roots) - ROOT_CAUSES} further causes are in the details",))
    if several or not roots:
        yield from _remedies(diagnosis, offered)


def _root(root: Cause, label: str, *, benign: bool) -> Section:
    said = root.sentence or root.title
    return Section("Why" if benign else f"{label} ({VERDICT_WORDS[root.verdict]})", (said,), limit=300)


def _explained(diagnosis: Diagnosis, root: Cause, said_by: Mapping[str, str]) -> Iterable[Section]:
    symptoms = [_said(item.symptom, said_by) for item in diagnosis.symptoms if _leads_to(diagnosis, item, root)]
    items = _some([*symptoms, *diagnosis.consequences_of(root)], EXPLAINED)
    if items:
        yield Section("Explains", items, limit=180)


def error_shows(symptoms: Iterable[ExplainedSymptom]) -> str:
    """How far the pasted calls got, in one line; "" where the paste tells of none, or not how it failed."""
    calls = [call for item in symptoms for call in item.symptom.calls if not call.is_vague]
    return shown_by(max(calls, key=lambda call: call.count)) if calls else ""


def _leads_to(diagnosis: Diagnosis, item: ExplainedSymptom, root: Cause) -> bool:
    """Whether the chain of explanations from a symptom ends at this root cause."""
    above = {cause.id: cause.explained_by for cause in diagnosis.causes}
    name, seen = item.explained_by, set[str]()
    while name is not None and name != root.id and name not in seen:
        seen.add(name)
        name = above.get(name)
    return name == root.id


def symptom_line(symptom: Symptom) -> str:
    """A symptom in a few words: its title, its first two fields, how often."""
    fields = ", ".join(f"{name} {one_line(value, 60)}" for name, value in list(spoken_fields(symptom))[:2])
    return f"{one_line(symptom.title, 80)}{f' ({fields})' if fields else ''} ×{symptom.count}"


def _said(symptom: Symptom, said_by: Mapping[str, str]) -> str:
    """The symptom, and who pasted it where several people pasted."""
    who = said_by.get(key_of(symptom))
    return f"{symptom_line(symptom)} {who}" if who else symptom_line(symptom)


def _because(diagnosis: Diagnosis, root: Cause, most: int) -> Iterable[Section]:
    facts = evidence(diagnosis, (root,))
    if facts:
        yield Section("Because", facts[:most], limit=160, bulleted=True)


def _recovery(diagnosis: Diagnosis) -> Iterable[Section]:
    over = diagnosis.verdict is Verdict.HEALTHY and diagnosis.until is not None
    if diagnosis.verdict is not Verdict.RECOVERED and not over:
        return
    if diagnosis.since is not None and diagnosis.until is not None:
        lasted = spoken_duration((diagnosis.until - diagnosis.since).total_seconds())
        times = f"from {_time(diagnosis.since)} to {_time(diagnosis.until)} ({lasted}); healthy since then"
    elif diagnosis.until is not None:
        times = f"until {_time(diagnosis.until)}; when it began is not known; healthy since then"
    else:
        times = "the times are not known; it is healthy now"
    yield Section("It was down", (times,))
    states = [cause.sentence for cause in diagnosis.root_causes if cause.state]
    news = [sentence for sentence in states if sentence and sentence.rstrip(".") not in diagnosis.headline]
    if news:
        yield Section("State", tuple(news[:1]), limit=300)


def _time(when: datetime) -> str:
    return spoken_time(when, with_date=True)


def _open_causes(diagnosis: Diagnosis) -> Iterable[Section]:
    if diagnosis.verdict is not Verdict.INCONCLUSIVE:
        return
    named = {cause.id for cause in diagnosis.root_causes}
    causes = [cause for cause in diagnosis.causes if _is_open(cause) and cause.id not in named]
    causes.sort(key=lambda cause: _OPEN.index(cause.verdict))
    commands = {check.id: check.command for check in diagnosis.checks}
    if causes:
        items = [_open_cause(cause, commands) for cause in causes[:OPEN_CAUSES]]
        yield Section("Still possible", tuple(items), limit=260, bulleted=True)
    if len(causes) > OPEN_CAUSES:
        yield Section("And more", (f"{len(causes) - OPEN_CAUSES} further open causes are in the details",))


def _is_open(cause: Cause) -> bool:
    return cause.verdict in _OPEN and not cause.state and cause.explained_by is None


def _open_cause(cause: Cause, commands: dict[str, str]) -> str:
    separating = next((commands.get(check) or check for check in cause.separated_by), "")
    settle = f"; to settle it: {separating}" if separating else ""
    return f"{one_line(cause.title, 110)} ({VERDICT_WORDS[cause.verdict]}){settle}"


def _unexplained(diagnosis: Diagnosis, said_by: Mapping[str, str]) -> Iterable[Section]:
    lines = [_said(item.symptom, said_by) for item in diagnosis.symptoms if item.explained_by is None]
    if lines:
        yield Section("Not explained", _some(lines, UNEXPLAINED), limit=180, bulleted=True, essential=True)


def _gaps(diagnosis: Diagnosis, unread: Sequence[str]) -> Iterable[Section]:
    sentences = dict.fromkeys([*(gap.sentence() for gap in diagnosis.gaps), *unread])
    if sentences:
        yield Section("Could not check", _some(list(sentences), GAPS), limit=200, bulleted=True, essential=True)


def _ruled_out(diagnosis: Diagnosis) -> Iterable[Section]:
    """What need not be looked at any more. Where the cause is known, that is for the details."""
    if diagnosis.ruled_out:
        yield Section("Ruled out", _some(list(diagnosis.ruled_out), RULED_OUT), limit=90)


def _notes(diagnosis: Diagnosis) -> Iterable[Section]:
    if diagnosis.further_notes:
        yield Section("Note", _some(list(diagnosis.further_notes), 2), limit=200, bulleted=True)


def _remedies(diagnosis: Diagnosis, offered: frozenset[str] | None) -> Iterable[Section]:
    if is_benign(diagnosis) or offered is None:
        return
    found = {remedy.id: remedy for cause in diagnosis.root_causes for remedy in cause.remedies}
    remedies = list(found.values())
    by_hand = next((remedy.id for remedy in remedies if remedy.id not in offered), "")
    for remedy in remedies[:BEST]:
        command = remedy.command if remedy.id == by_hand else ""
        yield Section("Best fix" if len(remedies) > BEST else "Fix", (_remedy(remedy),), limit=260, command=command)
    if len(remedies) > BEST:
        yield Section("Or", _some([remedy.title for remedy in remedies[BEST:]], 3), limit=90)


def _remedy(remedy: Remedy) -> str:
    title = one_line(remedy.title, 110).rstrip(".")
    return f"{title}. {one_line(remedy.note, 130)}" if remedy.note else title


def _some(items: Sequence[str], most: int) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    if len(items) <= most:
        return tuple(items)
    return (*items[: most - 1], f"and {len(items) - most + 1} more (see the details)")
