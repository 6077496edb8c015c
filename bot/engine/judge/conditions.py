"""Evaluates conditions in three-valued logic: true, false, or None where a gap leaves the answer open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import re2

from bot.domain.facts import FactValue, Gap
from bot.playbook.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Containment,
    Emptiness,
    Equality,
    Matching,
    Membership,
    Not,
    Order,
    Truth,
)
from bot.playbook.conditions import Version as VersionRange

Facts = Mapping[str, FactValue | Gap]


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """The truth of a condition and the facts that settled it (or, where it is open, the facts that are missing)."""

    truth: bool | None
    facts: tuple[str, ...] = ()


def judge(condition: Condition, facts: Facts) -> ConditionResult:
    """Whether the condition holds. A gap, or a fact that is not there, makes its comparison open."""
    if isinstance(condition, All):
        return _combine([judge(item, facts) for item in condition.all], deciding=False)
    if isinstance(condition, AnyOf):
        return _combine([judge(item, facts) for item in condition.any], deciding=True)
    if isinstance(condition, Not):
        inner = judge(condition.not_, facts)
        return ConditionResult(None if inner.truth is None else not inner.truth, inner.facts)
    value = facts.get(condition.fact)
    truth = None if value is None or isinstance(value, Gap) else _holds(condition, value)
    return ConditionResult(truth, (condition.fact,))


def _combine(parts: list[ConditionResult], *, deciding: bool) -> ConditionResult:
    """`any` is decided by one true part, `all` by one false part; else an open part leaves the whole open."""
    for outcome in (deciding, None):
        chosen = [part for part in parts if part.truth is outcome]
        if chosen:
            return ConditionResult(outcome, _facts(chosen))
    return ConditionResult(not deciding, _facts(parts))


def _facts(parts: list[ConditionResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.facts))


def _holds(condition: Comparison, value: FactValue) -> bool | None:
    match condition:
        case Truth():
            return bool(value) is (condition.op == "is_true")
        case Equality():
            return (value == condition.value) is (condition.op == "equals")
        case Order():
            return _ordered(condition, value)
        case Membership():
            return (value in condition.value) is (condition.op == "one_of")
        case Containment():
            return (isinstance(value, frozenset) and condition.value in value) is (condition.op == "contains")
        case Emptiness():
            return (not value) is (condition.op == "is_empty")
        case Matching():
            return (re2.search(condition.value, str(value)) is not None) is (condition.op == "matches")
        case VersionRange():
            return _in_range(condition.value, str(value))


def _ordered(condition: Order, value: FactValue) -> bool | None:
    if not isinstance(value, int | float):
        return None
    match condition.op:
        case "at_least":
            return value >= condition.value
        case "at_most":
            return value <= condition.value
        case "more_than":
            return value > condition.value
        case "less_than":
            return value < condition.value


def _in_range(specifier: str, tag: str) -> bool | None:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - slow to import, and few playbooks have versions
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - see above

    try:
        return Version(tag.removeprefix("v")) in SpecifierSet(specifier, prereleases=True)
    except InvalidVersion:
        return None
