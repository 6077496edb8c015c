"""The labelled parts of a diagnosis card, in the order a person in an incident needs them.

Called by `cards`. Pure. Each part is as long as its `Depth` says, and it says how much it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.diagnosis.call_text import rungs
from bot.diagnosis.text_report import chain_words, hidden_words
from bot.diagnosis.told import evidence, spoken_fields
from bot.domain.calls import CallFailure, FailedCall
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, ExplainedSymptom, Verdict
from bot.domain.remedies import Remedy
from bot.domain.symptoms import Symptom
from bot.engine.calls.words import HOW, shown_by
from bot.incidents.card_model import Section
from bot.incidents.depth import ON_A_CARD, Depth
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

_CALLS = 3
"""Calls of one symptom that are told rung by rung."""


@dataclass(frozen=True)
class Telling:
    """What stands around a diagnosis when its sections are told, and how much of it is.

    unread:  sentences about attached files that could not be read
    offered: ids of the remedies with a button; None where a fix is under way, which stands above
    said_by: who pasted a symptom and when, by its key
    told:    something above says already that it was down and is well
    doubted: ids of causes of which somebody said that it is not them: they step down
    """

    unread: Sequence[str] = ()
    offered: frozenset[str] | None = frozenset()
    said_by: Mapping[str, str] = field(default_factory=dict)
    told: bool = False
    doubted: frozenset[str] = frozenset()
    depth: Depth = ON_A_CARD


def sections_of(diagnosis: Diagnosis, telling: Telling) -> Iterator[Section]:
    """All parts of the card: the cause and the best fix, then how we know, then what is left open."""
    depth = telling.depth
    yield from _roots(diagnosis, telling)
    if not telling.told:
        yield from _recovery(diagnosis, depth)
    if diagnosis.looked_at:
        yield Section("Looked at", (diagnosis.looked_at,), limit=160)
    if depth.whole:
        yield from _calls(diagnosis)
        yield from _calls_in_logs(diagnosis, depth)
    yield from _open_causes(diagnosis, depth)
    yield from _unexplained(diagnosis, telling)
    yield from _gaps(diagnosis, telling)
    if diagnosis.verdict is Verdict.INCONCLUSIVE or (depth.whole and diagnosis.verdict is not Verdict.HEALTHY):
        yield from _ruled_out(diagnosis, depth)
    yield from _notes(diagnosis, depth)
    if diagnosis.hidden:
        yield Section("Hidden", (hidden_words(diagnosis.hidden),), limit=200)


def is_benign(diagnosis: Diagnosis) -> bool:
    """Whether everything that was found is harmless, and nothing was left open or unexplained."""
    found = [cause for cause in diagnosis.root_causes if not cause.state]
    settled = diagnosis.verdict in (Verdict.FAULT_FOUND, Verdict.HEALTHY)
    explained = all(item.explained_by is not None for item in diagnosis.symptoms)
    return bool(found) and settled and explained and all(cause.benign for cause in found)


def _roots(diagnosis: Diagnosis, telling: Telling) -> Iterable[Section]:
    depth = telling.depth
    roots = [cause for cause in diagnosis.root_causes if not cause.state]
    roots.sort(key=lambda cause: cause.id in telling.doubted)
    several, benign = len(roots) > 1, is_benign(diagnosis)
    for number, root in enumerate(roots[: depth.root_causes], start=1):
        label = f"Root cause {number}" if several else "Root cause"
        yield _root(root, "Doubted cause" if root.id in telling.doubted else label, benign=benign, named=depth.whole)
        if benign:
            continue
        if not several:
            yield from _remedies(diagnosis, telling)
        if root.chain:
            yield Section("Chain", (chain_words(root),), limit=200)
        yield from _explained(diagnosis, root, telling)
        yield from _because(diagnosis, root, depth.facts // 2 if several else depth.facts)
    if len(roots) > depth.root_causes:
        yield Section("And more", (f"{len(roots) - depth.root_causes} further causes{depth.elsewhere}",))
    if several or not roots:
        yield from _remedies(diagnosis, telling)


def _root(root: Cause, label: str, *, benign: bool, named: bool) -> Section:
    said = root.sentence or root.title
    named_so = f" ({root.id})" if named else ""
    return Section("Why" if benign else f"{label} ({VERDICT_WORDS[root.verdict]})", (f"{said}{named_so}",), limit=300)


def _explained(diagnosis: Diagnosis, root: Cause, telling: Telling) -> Iterable[Section]:
    symptoms = [_said(item.symptom, telling.said_by) for item in diagnosis.symptoms if _leads_to(diagnosis, item, root)]
    items = _some([*symptoms, *diagnosis.consequences_of(root)], telling.depth.explained, telling.depth)
    if items:
        yield Section("Explains", items, limit=180)


def _calls(diagnosis: Diagnosis) -> Iterable[Section]:
    """What the pasted errors themselves show, rung by rung, and whether the cause makes such errors."""
    for item in diagnosis.symptoms:
        calls = [call for call in item.symptom.calls if not call.is_vague][:_CALLS]
        for call in calls:
            yield Section("The error shows", (f"{shown_by(call)}   {rungs(call)}",))
        if calls and item.fit:
            yield Section("Fits", (f"{item.fit.value}: {item.fit_reason}",))


def _calls_in_logs(diagnosis: Diagnosis, depth: Depth) -> Iterable[Section]:
    """Failed calls in the logs of which no pasted error tells: how, where to, how often, by whom."""
    pasted = {(call.kind, call.target) for item in diagnosis.symptoms for call in item.symptom.calls}
    found: dict[tuple[CallFailure, str, str], list[FailedCall]] = {}
    for call in diagnosis.failed_calls:
        if call.where and not call.is_vague and (call.kind, call.target) not in pasted:
            found.setdefault((call.kind, call.target, _who(diagnosis, call)), []).append(call)
    told = [_call_in_log(who, calls, diagnosis.addresses) for (_, _, who), calls in found.items()]
    items = list(_some(told, depth.calls, depth))
    if diagnosis.more_failed_calls and items:
        items.append(f"and {diagnosis.more_failed_calls} further failed calls that were left out")
    if items:
        yield Section("Calls that failed", tuple(items), limit=200, bulleted=True)


def _call_in_log(who: str, calls: Sequence[FailedCall], addresses: Mapping[str, str]) -> str:
    """`refused at 172.30.154.48:8080 (Service api) ×9, last 10:09:45 UTC, says the web server`."""
    last = max((call.at for call in calls if call.at is not None and call.zone_known), default=None)
    at = f" at {calls[0].target}" if calls[0].target else ""
    name = addresses.get(calls[0].host or "")
    at += f" ({name})" if name else ""
    when = f", last {_time(last)}" if last is not None else ""
    times = sum(call.count for call in calls)
    return f"{HOW[calls[0].kind]}{at} ×{times}{when}, says {who}"


def _who(diagnosis: Diagnosis, call: FailedCall) -> str:
    """The component whose pod says it, as people call it (an object's name takes no article); else the pod."""
    pod = call.where.partition("/")[0]
    own = {name: target.partition("/")[2] for name, target in diagnosis.components.items()}
    near = [name for name, workload in own.items() if workload and pod.startswith(f"{workload}-")]
    name = max(near, key=lambda item: len(own[item]), default="")
    label = diagnosis.labels.get(name, pod)
    return label if label in (pod, own.get(name)) else f"the {label}"


def _leads_to(diagnosis: Diagnosis, item: ExplainedSymptom, root: Cause) -> bool:
    """Whether the chain of explanations from a symptom ends at this root cause."""
    above = {cause.id: cause.explained_by for cause in diagnosis.causes}
    name, seen = item.explained_by, set[str]()
    while name is not None and name != root.id and name not in seen:
        seen.add(name)
        name = above.get(name)
    return name == root.id


def symptom_line(symptom: Symptom) -> str:
    """A symptom in a few words: its title, its first two fields, how often, and where the paste shows it to be over."""
    over = f", over as of line {symptom.over_line}" if symptom.over else ""
    fields = ", ".join(f"{name} {one_line(value, 60)}" for name, value in list(spoken_fields(symptom))[:2])
    return f"{one_line(symptom.title, 80)}{f' ({fields})' if fields else ''} ×{symptom.count}{over}"


def _said(symptom: Symptom, said_by: Mapping[str, str]) -> str:
    """The symptom, and who pasted it where several people pasted."""
    who = said_by.get(key_of(symptom))
    return f"{symptom_line(symptom)} {who}" if who else symptom_line(symptom)


def _because(diagnosis: Diagnosis, root: Cause, most: int) -> Iterable[Section]:
    facts = evidence(diagnosis, (root,))
    if facts:
        yield Section("Because", facts[:most], limit=160, bulleted=True)


def _recovery(diagnosis: Diagnosis, depth: Depth) -> Iterable[Section]:
    states = [cause.sentence for cause in diagnosis.root_causes if cause.state]
    news = [sentence for sentence in states if sentence and sentence.rstrip(".") not in diagnosis.headline]
    over = diagnosis.verdict is Verdict.HEALTHY and diagnosis.until is not None
    if diagnosis.verdict is not Verdict.RECOVERED and not over:
        if news and depth.whole:
            yield Section("State", tuple(news[:1]), limit=300)
        return
    if diagnosis.since is not None and diagnosis.until is not None:
        lasted = spoken_duration((diagnosis.until - diagnosis.since).total_seconds())
        times = f"from {_time(diagnosis.since)} to {_time(diagnosis.until)} ({lasted}); healthy since then"
    elif diagnosis.until is not None:
        times = f"until {_time(diagnosis.until)}; when it began is not known; healthy since then"
    else:
        times = "the times are not known; it is healthy now"
    yield Section("It was down", (times,))
    if news:
        yield Section("State", tuple(news[:1]), limit=300)


def _time(when: datetime) -> str:
    return spoken_time(when, with_date=True)


def _open_causes(diagnosis: Diagnosis, depth: Depth) -> Iterable[Section]:
    if diagnosis.verdict is not Verdict.INCONCLUSIVE:
        return
    named = {cause.id for cause in diagnosis.root_causes}
    causes = [cause for cause in diagnosis.causes if _is_open(cause) and cause.id not in named]
    causes.sort(key=lambda cause: _OPEN.index(cause.verdict))
    commands = {check.id: check.command for check in diagnosis.checks}
    if causes:
        items = [_open_cause(cause, commands) for cause in causes[: depth.open_causes]]
        yield Section("Still possible", tuple(items), limit=260, bulleted=True)
    if len(causes) > depth.open_causes:
        yield Section("And more", (f"{len(causes) - depth.open_causes} further open causes{depth.elsewhere}",))


def _is_open(cause: Cause) -> bool:
    return cause.verdict in _OPEN and not cause.state and cause.explained_by is None


def _open_cause(cause: Cause, commands: dict[str, str]) -> str:
    separating = next((commands.get(check) or check for check in cause.separated_by), "")
    settle = f"; to settle it: {separating}" if separating else ""
    return f"{one_line(cause.title, 110)} ({VERDICT_WORDS[cause.verdict]}){settle}"


def _unexplained(diagnosis: Diagnosis, telling: Telling) -> Iterable[Section]:
    lines = [_said(item.symptom, telling.said_by) for item in diagnosis.symptoms if item.explained_by is None]
    depth = telling.depth
    if lines:
        yield Section("Not explained", _some(lines, depth.unexplained, depth), limit=180, bulleted=True, essential=True)


def _gaps(diagnosis: Diagnosis, telling: Telling) -> Iterable[Section]:
    sentences = dict.fromkeys([*(gap.sentence() for gap in diagnosis.gaps), *telling.unread])
    if sentences:
        told = _some(list(sentences), telling.depth.gaps, telling.depth)
        yield Section("Could not check", told, limit=200, bulleted=True, essential=True)


def _ruled_out(diagnosis: Diagnosis, depth: Depth) -> Iterable[Section]:
    """What need not be looked at any more. Where the cause is known, that is for the details."""
    if diagnosis.ruled_out:
        yield Section("Ruled out", _some(list(diagnosis.ruled_out), depth.ruled_out, depth), limit=90)


def _notes(diagnosis: Diagnosis, depth: Depth) -> Iterable[Section]:
    if diagnosis.further_notes:
        yield Section("Note", _some(list(diagnosis.further_notes), depth.notes, depth), limit=200, bulleted=True)


def _remedies(diagnosis: Diagnosis, telling: Telling) -> Iterable[Section]:
    offered, depth = telling.offered, telling.depth
    if is_benign(diagnosis) or offered is None:
        return
    found = {remedy.id: remedy for cause in diagnosis.root_causes for remedy in cause.remedies}
    remedies = list(found.values())
    by_hand = next((remedy.id for remedy in remedies if remedy.id not in offered), "")
    for number, remedy in enumerate(remedies[: depth.fixes]):
        label = "Fix" if len(remedies) == 1 else "Best fix" if number == 0 else "Or"
        command = remedy.command if depth.whole or remedy.id == by_hand else ""
        yield Section(label, (_remedy(remedy, depth),), limit=260, command=command)
    if len(remedies) > depth.fixes:
        yield Section("Or", _some([remedy.title for remedy in remedies[depth.fixes :]], 3, depth), limit=90)


def _remedy(remedy: Remedy, depth: Depth) -> str:
    longer = 10 if depth.whole else 1
    title = one_line(remedy.title, 110 * longer).rstrip(".")
    return f"{title}. {one_line(remedy.note, 130 * longer)}" if remedy.note else title


def _some(items: Sequence[str], most: int, depth: Depth) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    if len(items) <= most:
        return tuple(items)
    return (*items[: most - 1], f"and {len(items) - most + 1} more{depth.elsewhere}")
