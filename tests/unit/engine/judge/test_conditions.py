"""Conditions in three-valued logic: a gap leaves open what depends on it, and only that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.domain.facts import FactValue, Gap, GapReason
from bot.engine.judge.conditions import judge
from bot.playbook.conditions import Condition

GAP = Gap(GapReason.FORBIDDEN, "pods", verb="list", resource="pods", namespace="onyx")
FACTS: dict[str, FactValue | Gap] = {"s.yes": True, "s.no": False, "s.gap": GAP}
YES, NO, OPEN, ABSENT = ({"fact": f"s.{name}", "op": "is_true"} for name in ("yes", "no", "gap", "never-yielded"))
TRUTHS = {True: YES, False: NO, None: OPEN}


def condition(data: dict[str, Any]) -> Condition:
    return TypeAdapter[Condition](Condition).validate_python(data)


def truth(data: dict[str, Any], facts: dict[str, FactValue | Gap] | None = None) -> bool | None:
    return judge(condition(data), FACTS if facts is None else facts).truth


def compare(operator: str, value: FactValue | Gap, wanted: object = None) -> bool | None:
    """One comparison of a fact that has this value."""
    data = {"fact": "s.x", "op": operator} | ({} if wanted is None else {"value": wanted})
    return truth(data, {"s.x": value})


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_all_and_any_follow_the_tables_of_kleene(
    left: bool | None, right: bool | None, both: bool | None, either: bool | None
) -> None:
    for pair in ([TRUTHS[left], TRUTHS[right]], [TRUTHS[right], TRUTHS[left]]):
        assert truth({"all": pair}) is both
        assert truth({"any": pair}) is either


@pytest.mark.parametrize(("inner", "outer"), [(True, False), (False, True), (None, None)])
def test_not_turns_an_answer_round_and_leaves_a_gap_open(inner: bool | None, outer: bool | None) -> None:
    assert truth({"not": TRUTHS[inner]}) is outer


@pytest.mark.parametrize("alone", [True, False, None])
def test_all_and_any_of_one_condition_are_that_condition(alone: bool | None) -> None:
    assert truth({"all": [TRUTHS[alone]]}) is alone
    assert truth({"any": [TRUTHS[alone]]}) is alone


_nested: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.sampled_from([YES, NO, OPEN]),
    lambda inner: st.one_of(
        st.builds(lambda items: {"all": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"any": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda item: {"not": item}, inner),
    ),
    max_leaves=12,
)


@given(_nested, st.booleans())
def test_an_answer_given_despite_a_gap_is_the_answer_whatever_the_gap_hides(data: dict[str, Any], hidden: bool) -> None:
    despite = truth(data)
    if despite is not None:
        assert truth(data, {**FACTS, "s.gap": hidden}) is despite


@given(_nested)
def test_what_is_open_names_only_what_is_missing(data: dict[str, Any]) -> None:
    found = judge(condition(data), FACTS)
    assert found.facts
    if found.truth is None:
        assert set(found.facts) == {"s.gap"}


@given(_nested)
def test_without_gaps_there_is_always_an_answer(data: dict[str, Any]) -> None:
    assert truth(data, {**FACTS, "s.gap": True}) is not None


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ({"any": [YES, NO, OPEN]}, ("s.yes",)),
        ({"any": [NO, OPEN]}, ("s.gap",)),
        ({"any": [NO, {"fact": "s.yes", "op": "is_false"}]}, ("s.no", "s.yes")),
        ({"all": [YES, NO, OPEN]}, ("s.no",)),
        ({"all": [YES, OPEN]}, ("s.gap",)),
        ({"all": [YES, {"fact": "s.no", "op": "is_false"}, YES]}, ("s.yes", "s.no")),
        ({"not": {"all": [NO, OPEN]}}, ("s.no",)),
        ({"any": [{"all": [YES, OPEN]}, {"all": [NO, OPEN]}, ABSENT]}, ("s.gap", "s.never-yielded")),
    ],
)
def test_a_judgement_names_the_facts_that_settled_it_each_once(data: dict[str, Any], facts: tuple[str, ...]) -> None:
    assert judge(condition(data), FACTS).facts == facts


COMPARISONS: tuple[tuple[str, FactValue, object, bool], ...] = (
    ("is_true", True, None, True),
    ("is_true", False, None, False),
    ("is_false", False, None, True),
    ("is_false", True, None, False),
    ("equals", 0, 0, True),
    ("equals", 1, 0, False),
    ("equals", "ok", "ok", True),
    ("equals", "OK", "ok", False),
    ("equals", "1", 1, False),
    ("not_equals", 1, 0, True),
    ("not_equals", "ok", "ok", False),
    ("at_least", 2, 2, True),
    ("at_least", 1, 2, False),
    ("at_most", 2, 2, True),
    ("at_most", 3, 2, False),
    ("more_than", 2.5, 2, True),
    ("more_than", 2, 2, False),
    ("less_than", 1, 1.5, True),
    ("less_than", 2, 2, False),
    ("one_of", "refused", ["refused", "timed_out"], True),
    ("one_of", "ok", ["refused", "timed_out"], False),
    ("none_of", "ok", ["refused", "timed_out"], True),
    ("none_of", "refused", ["refused", "timed_out"], False),
    ("contains", frozenset({"a", "b"}), "a", True),
    ("contains", frozenset({"ab"}), "a", False),
    ("lacks", frozenset({"a"}), "b", True),
    ("lacks", frozenset({"b"}), "b", False),
    ("is_empty", frozenset(), None, True),
    ("is_empty", "x", None, False),
    ("is_empty", "", None, True),
    ("is_not_empty", frozenset({"a"}), None, True),
    ("is_not_empty", "", None, False),
    ("matches", "HTTP probe failed with statuscode: 404", "statuscode: 4[0-9]{2}$", True),
    ("matches", "HTTP probe failed with statuscode: 503", "statuscode: 4[0-9]{2}$", False),
    ("matches", "Refused", "refused", False),
    ("matches", "Refused", "(?i)refused", True),
    ("does_not_match", "", "4", True),
    ("does_not_match", "404", "4", False),
    ("version_in", "2.6.9", "<2.7.0", True),
    ("version_in", "v2.7.0", "<2.7.0", False),
    ("version_in", "2.10.0", ">=2.9", True),
    ("version_in", "2.5.1", ">=1.7,<2.6", True),
    ("version_in", "2.6.5-beta.2", "<2.7.0", True),
    ("version_in", "2.7.0-beta.1", "<2.7.0", False),
)


@pytest.mark.parametrize(("operator", "value", "wanted", "expected"), COMPARISONS)
def test_operators_compare_values(operator: str, value: FactValue, wanted: object, expected: bool) -> None:
    assert compare(operator, value, wanted) is expected


@pytest.mark.parametrize(("operator", "wanted"), sorted({item[0]: item[2] for item in COMPARISONS}.items()))
@pytest.mark.parametrize("reason", list(GapReason))
def test_no_operator_takes_a_gap_for_an_answer(operator: str, wanted: object, reason: GapReason) -> None:
    assert compare(operator, Gap(reason, "it"), wanted) is None
    absent = {"fact": "s.other", "op": operator} | ({} if wanted is None else {"value": wanted})
    assert truth(absent) is None


@pytest.mark.parametrize(
    ("operator", "opposite"),
    [
        ("is_true", "is_false"),
        ("equals", "not_equals"),
        ("one_of", "none_of"),
        ("contains", "lacks"),
        ("is_empty", "is_not_empty"),
        ("matches", "does_not_match"),
        ("at_least", "less_than"),
        ("more_than", "at_most"),
    ],
)
def test_opposite_operators_never_agree(operator: str, opposite: str) -> None:
    tried = [(value, wanted) for name, value, wanted, _ in COMPARISONS if name == operator]
    assert tried
    for value, wanted in tried:
        assert compare(operator, value, wanted) is not compare(opposite, value, wanted)


@pytest.mark.parametrize("tag", ["latest", "main-abc1234", "", "sha256:0f1e", "v2.6.0-cloud.3"])
def test_a_tag_that_is_no_version_leaves_the_range_open(tag: str) -> None:
    assert compare("version_in", tag, "<2.7.0") is None


@pytest.mark.parametrize("operator", ["at_least", "at_most", "more_than", "less_than"])
def test_a_text_is_not_ordered_against_a_number(operator: str) -> None:
    assert compare(operator, "3", 2) is None
