"""Judges hypotheses: verdict and evidence of each, then who explains whom, then which are root causes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.diagnosis import CauseVerdict
from bot.domain.facts import Check, FactValue, Gap
from bot.engine.judge.conditions import Facts, judge
from bot.engine.judge.hypotheses import Hypothesis
from bot.playbook.schema import CausedBy, CauseSpec, SymptomPlaybook

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)\}")


@dataclass(frozen=True, slots=True)
class Judged:
    """A hypothesis with its verdict. `because` and `against` are check ids; `missing` are facts that left it open.

    `shared_with` are further components that have this very cause.
    """

    hypothesis: Hypothesis
    verdict: CauseVerdict
    because: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    explained_by: str | None = None
    shared_with: tuple[str, ...] = ()

    @property
    def spec(self) -> CauseSpec:
        return self.hypothesis.spec


def judge_all(hypotheses: Iterable[Hypothesis], facts: Facts, checks: Sequence[Check]) -> tuple[Judged, ...]:
    """Verdicts of all hypotheses that apply, with consequences of confirmed causes folded into these."""
    where = {name: check.id for check in checks for name in check.facts}
    judged = [
        _judge_one(item, facts, where)
        for item in hypotheses
        if item.spec.when is None or judge(item.spec.when, facts).truth is not False
    ]
    return tuple(_as_one(_with_consequences(judged, facts), facts))


def _judge_one(hypothesis: Hypothesis, facts: Facts, where: Mapping[str, str]) -> Judged:
    """The rule: refuted → ruled out; confirmed and known not to be refuted → confirmed; confirmed but the refutation
    cannot be seen → likely; weaker evidence → likely; open → unknown; else possible, or ruled out without `refute`.
    """
    spec = hypothesis.spec
    refute = judge(spec.refute, facts) if spec.refute else None
    confirm = judge(spec.confirm, facts)
    likely = judge(spec.likely, facts) if spec.likely else None

    def ids(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(where.get(name, name) for name in names))

    if refute is not None and refute.truth:
        return Judged(hypothesis, CauseVerdict.RULED_OUT, against=ids(refute.facts))
    if confirm.truth:
        open_facts = refute.facts if refute is not None and refute.truth is None else ()
        verdict = CauseVerdict.LIKELY if open_facts else CauseVerdict.CONFIRMED
        return Judged(hypothesis, verdict, because=ids(confirm.facts), missing=open_facts)
    if likely is not None and likely.truth:
        return Judged(hypothesis, CauseVerdict.LIKELY, because=ids(likely.facts), missing=confirm.facts)
    if confirm.truth is None:
        return Judged(hypothesis, CauseVerdict.UNKNOWN, missing=confirm.facts)
    if spec.refute is None:
        return Judged(hypothesis, CauseVerdict.RULED_OUT, against=ids(confirm.facts))
    return Judged(hypothesis, CauseVerdict.POSSIBLE, against=ids(confirm.facts))


def explains(upstream: CausedBy, cause: Judged, facts: Facts) -> bool:
    """Whether this confirmed cause is what the `caused_by` entry names, and its `when` holds."""
    named = cause.spec.id == upstream.cause or (upstream.breaks is not None and cause.spec.breaks == upstream.breaks)
    return named and _holds(upstream, facts)


def _holds(upstream: CausedBy, facts: Facts) -> bool:
    return upstream.when is None or judge(upstream.when, facts).truth is True


def _with_consequences(judged: list[Judged], facts: Facts) -> list[Judged]:
    """A cause that another confirmed cause explains is only a consequence: it is ruled out as a root."""
    confirmed = [item for item in judged if item.verdict is CauseVerdict.CONFIRMED]
    parents: dict[int, Judged] = {}
    for item in judged:
        if item.verdict not in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY):
            continue
        parent = _parent(item, confirmed, facts)
        if parent is not None:
            parents[id(item)] = parent
    _open_circles(judged, parents)
    result: list[Judged] = []
    for item in judged:
        parent = parents.get(id(item))
        if parent is None:
            result.append(item)
            continue
        root = _root_of(parent, parents)
        against = tuple(dict.fromkeys((*item.against, *root.because)))
        result.append(
            replace(item, verdict=CauseVerdict.RULED_OUT, against=against, because=(), explained_by=root.spec.id)
        )
    return result


def _as_one(judged: list[Judged], facts: Facts) -> list[Judged]:
    """What several components have from one and the same thing is one cause: the first, which names the others."""
    first: dict[tuple[str, str], Judged] = {}
    others: dict[str, list[Judged]] = {}
    moved: dict[str, Judged] = {}
    for item in sorted(judged, key=lambda one: not _is_felt(one, facts)):
        spec, scope = item.spec, item.hypothesis.component
        if item.verdict is not CauseVerdict.CONFIRMED or not spec.shared or not is_known(spec.shared, facts):
            continue
        leader = first.setdefault((spec.id.replace(scope, "", 1), fill(spec.shared, facts)), item)
        if leader is not item:
            others.setdefault(leader.spec.id, []).append(item)
            moved[spec.id] = leader
    result: list[Judged] = []
    for item in judged:
        above = moved.get(item.spec.id) or moved.get(item.explained_by or "")
        if above is not None:
            because = dict.fromkeys((*item.against, *above.because))
            item = replace(  # noqa: PLW2901 - the same item, judged further
                item, verdict=CauseVerdict.RULED_OUT, against=tuple(because), because=(), explained_by=above.spec.id
            )
        elif item.spec.id in others:
            names = tuple(other.hypothesis.component for other in others[item.spec.id])
            item = replace(item, shared_with=names)  # noqa: PLW2901
        result.append(item)
    return result


def _is_felt(item: Judged, facts: Facts) -> bool:
    """Whether a call that is wrongly addressed is made: its caller's log says that it fails."""
    return any(facts.get(f"{item.hypothesis.component}.calls.{word}") is True for word in ("failing", "complains"))


def _parent(item: Judged, confirmed: Sequence[Judged], facts: Facts) -> Judged | None:
    """The first confirmed cause that this one follows from: one it names itself, else one that names it."""
    others = [other for other in confirmed if other is not item and _may_hurt(other, item)]
    all_of_it = next((other for other in others if other.spec.takes_all), None)
    if all_of_it is not None and not item.spec.state:
        return all_of_it
    named = (other for upstream in item.spec.caused_by for other in others if explains(upstream, other, facts))
    found = next(named, None) or next((other for other in others if item.spec.id in other.spec.leads_to), None)
    return found or _along_log(item, others, facts) or _along_calls(item, others, facts)


def _along_log(item: Judged, others: Sequence[Judged], facts: Facts) -> Judged | None:
    """The app's own cause that the component's own log tells of; what ends only a part of it ends no program."""
    if not any(upstream.along == "log" and _holds(upstream, facts) for upstream in item.spec.caused_by):
        return None
    for other in others:
        symptom, spec = other.hypothesis.symptom, other.spec
        told = words(facts.get(f"symptoms.{symptom}.log_of")).split(", ") if symptom else ()
        if item.hypothesis.component in told and spec.severity == "critical" and not spec.benign and not spec.state:
            return other
    return None


def _along_calls(item: Judged, others: Sequence[Judged], facts: Facts) -> Judged | None:
    """The cause that breaks the nearest thing on the way of the component's calls."""
    if not any(upstream.along == "calls" and _holds(upstream, facts) for upstream in item.spec.caused_by):
        return None
    near = {scope: place for place, scope in enumerate(item.hypothesis.reaches)}
    breaking = [other for other in others if other.spec.breaks in near and other.spec.breaks != item.spec.breaks]
    return min(breaking, key=lambda other: near[other.spec.breaks or ""], default=None)


def _open_circles(judged: Sequence[Judged], parents: dict[int, Judged]) -> None:
    """Components that call each other must not explain each other's troubles away: the first of a circle is a root."""
    for item in judged:
        seen = {id(item)}
        parent = parents.get(id(item))
        while parent is not None and id(parent) not in seen:
            seen.add(id(parent))
            parent = parents.get(id(parent))
        if parent is item:
            del parents[id(item)]


def _may_hurt(cause: Judged, consequence: Judged) -> bool:
    """A dependency that is down hurts only those that need it."""
    needed_by = cause.hypothesis.hurts
    return needed_by is None or not consequence.hypothesis.component or consequence.hypothesis.component in needed_by


def _root_of(cause: Judged, parents: Mapping[int, Judged]) -> Judged:
    """The most upstream cause above this one. Lint refuses cycles; a visited set keeps even a bad set from looping."""
    seen = {id(cause)}
    while id(cause) in parents and id(parents[id(cause)]) not in seen:
        cause = parents[id(cause)]
        seen.add(id(cause))
    return cause


def symptom_causes(playbook: SymptomPlaybook, causes: Sequence[Judged], facts: Facts) -> list[Judged]:
    """The causes that may explain a symptom, in the order in which its playbook names them."""
    found: list[Judged] = []
    for upstream in playbook.caused_by:
        found += [cause for cause in causes if cause not in found and explains(upstream, cause, facts)]
    return found


def fill(text: str, facts: Facts) -> str:
    """The text with `{facts}` filled in; a gap reads "unknown". Words that end with a stop get no second one."""

    def value(match: re.Match[str]) -> str:
        said = words(facts.get(match[1]))
        stopped = text.startswith(".", match.end()) and said.endswith(".") and not said.endswith("..")
        return said[:-1] if stopped else said

    return _PLACEHOLDER.sub(value, text)


def is_known(text: str, facts: Facts) -> bool:
    """Whether every fact that the text names has a value."""
    return all(not isinstance(facts.get(name), Gap) and name in facts for name in _PLACEHOLDER.findall(text))


def words(value: FactValue | Gap | None) -> str:
    """A fact's value for a sentence."""
    if value is None or isinstance(value, Gap):
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value)
