"""Real views made odd: the engine never crashes, never depends on order, and confirms only what the facts carry.

`make fuzz` runs the same for long.
"""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.diagnosis.report import diagnosis_report
from bot.domain.diagnosis import CauseVerdict, Cost, Diagnosis, Verdict
from bot.domain.facts import FactValue, Gap
from bot.domain.view import View
from bot.engine.binding import bind
from bot.engine.checks.every import run_checks
from bot.engine.diagnose import Knowledge, diagnose, facts_of
from bot.engine.interest import fetch_details
from bot.engine.judge.conditions import judge
from bot.engine.judge.hypotheses import hypotheses
from bot.engine.judge.verdicts import judge_all
from tests.support.shipped import shipped_playbooks
from tests.unit.odd_views import (
    NAMES,
    RESOURCES,
    as_view,
    cut_short,
    mutate,
    recorded,
    shuffled,
    without,
    without_details,
)

FREE = Cost(0, 0.0)
FAULTLESS = (Verdict.HEALTHY, Verdict.RECOVERED)
LONG = settings().max_examples > 100
"""Whether the profile `long` of tests/conftest.py is in force; else the same few examples are tried every time."""
quick = settings(
    deadline=None,
    max_examples=settings().max_examples if LONG else 6,
    derandomize=not LONG,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink) if LONG else (Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
names = st.sampled_from(NAMES)
seeds = st.integers(0, 2**32)


@cache
def knowledge() -> Knowledge:
    playbooks = shipped_playbooks()
    return Knowledge(playbooks.apps["onyx"], tuple(playbooks.symptoms_of("onyx")), playbooks.generic)


def faults(diagnosis: Diagnosis) -> set[str]:
    confirmed = [cause for cause in diagnosis.causes if cause.verdict is CauseVerdict.CONFIRMED]
    return {f"{cause.component}/{cause.id}" for cause in confirmed if not cause.state and not cause.benign}


@cache
def undisturbed(name: str) -> tuple[frozenset[str], Verdict]:
    """What is confirmed in the real view, with what follows from it: all that a weaker sight may confirm."""
    found = diagnose(knowledge(), as_view(recorded(name)))
    consequences = {f"{cause.component}/{cause.id}" for cause in found.causes if cause.explained_by}
    return frozenset(faults(found) | consequences), found.verdict


def assert_carried_by_facts(view: View) -> None:
    """Every confirmed cause has its condition true, from facts that are known, and is known not to be refuted."""
    known = knowledge()
    checks = run_checks(bind(known.app, view), (), known.symptoms)
    facts: dict[str, FactValue | Gap] = facts_of(checks)
    for item in judge_all(hypotheses(known.app, known.generic, known.symptoms), facts, checks):
        if item.verdict is not CauseVerdict.CONFIRMED:
            continue
        confirming = judge(item.spec.confirm, facts)
        assert confirming.truth is True, item.spec.id
        assert [name for name in confirming.facts if isinstance(facts[name], Gap)] == [], item.spec.id
        assert item.spec.refute is None or judge(item.spec.refute, facts).truth is False, item.spec.id


@quick
@given(names, seeds, st.integers(1, 6))
def test_an_odd_view_is_diagnosed_and_confirms_only_what_its_facts_carry(name: str, seed: int, changes: int) -> None:
    chance, document = random.Random(seed), recorded(name)
    for _ in range(changes):
        document = mutate(document, chance)
    view = as_view(document)
    fetch_details(bind(knowledge().app, view))
    first = diagnosis_report(diagnose(knowledge(), view), FREE)
    assert diagnosis_report(diagnose(knowledge(), view), FREE) == first
    assert_carried_by_facts(view)


@quick
@given(names, st.sets(st.sampled_from((*RESOURCES, "logs", "health")), min_size=1, max_size=5))
def test_less_sight_confirms_nothing_new_and_finds_no_health(name: str, unseen: set[str]) -> None:
    document = recorded(name)
    for resource in sorted(unseen):
        document = without(document, resource) if resource in RESOURCES else without_details(document, resource)
    allowed, verdict = undisturbed(name)
    found = diagnose(knowledge(), as_view(document))
    assert faults(found) <= allowed
    assert verdict in FAULTLESS or found.verdict not in FAULTLESS


@quick
@given(names, st.sampled_from(RESOURCES), st.integers(0, 12))
def test_a_list_that_was_cut_short_confirms_nothing_new_and_finds_no_health(
    name: str, resource: str, kept: int
) -> None:
    allowed, verdict = undisturbed(name)
    found = diagnose(knowledge(), as_view(cut_short(recorded(name), resource, kept)))
    assert faults(found) <= allowed
    assert verdict in FAULTLESS or found.verdict not in FAULTLESS


@quick
@given(names, seeds)
def test_the_order_of_lists_does_not_matter(name: str, seed: int) -> None:
    document = recorded(name)
    expected = diagnosis_report(diagnose(knowledge(), as_view(document)), FREE)
    other = as_view(shuffled(document, random.Random(seed)))
    assert diagnosis_report(diagnose(knowledge(), other), FREE) == expected


@pytest.mark.parametrize("name", NAMES if LONG else NAMES[::6])
def test_an_object_that_was_listed_twice_counts_once(name: str) -> None:
    document = recorded(name)
    expected = diagnosis_report(diagnose(knowledge(), as_view(document)), FREE)
    twice = {**document, **{kind: document[kind] * 2 for kind in RESOURCES if kind in document}}
    assert diagnosis_report(diagnose(knowledge(), as_view(twice)), FREE) == expected
