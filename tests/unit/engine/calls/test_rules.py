"""The rules of failed calls are sound: RE2 takes each, and each finds its own cases."""

import pytest

from bot.engine.calls import read_failed_calls
from bot.engine.calls.destination import destinations
from bot.engine.calls.patterns import shipped_patterns
from bot.playbook.failed_calls.rules import CallRule, TargetRule, problems, shipped_rules


def test_no_problems() -> None:
    assert list(problems(shipped_rules())) == []


@pytest.mark.parametrize("rule", shipped_rules().calls, ids=lambda rule: rule.id)
def test_a_rule_reads_its_cases(rule: CallRule) -> None:
    for case in rule.cases:
        calls = read_failed_calls(case)
        assert len(calls) == 1, case
        assert rule.kind in calls[0].kinds, case


@pytest.mark.parametrize("rule", shipped_rules().targets, ids=lambda rule: rule.id)
def test_a_destination_is_found_in_its_cases(rule: TargetRule) -> None:
    for case in rule.cases:
        found = destinations(shipped_patterns(), case.encode())
        assert any(one.weight == rule.weight for one in found), case
