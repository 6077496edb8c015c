"""A diagnosis that is kept comes back exactly, whatever was found: what was recorded, and made-up oddities."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.diagnosis.diagnosis_codec import decode, encode
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import StoreError
from bot.domain.facts import Check, CheckStatus, Gap, GapReason
from bot.domain.remedies import Parameter, Remedy, Risk, Step, StepKind
from tests.scenario.test_recorded_views import as_json, recorded_diagnosis

MAX_BYTES = 120_000


def there_and_back(diagnosis: Diagnosis) -> Diagnosis:
    return decode(json.loads(json.dumps(encode(diagnosis))))


def test_a_recorded_diagnosis_comes_back_exactly() -> None:
    """Of one view; all others are tried where they are diagnosed anyway (`test_recorded_views`)."""
    diagnosis = recorded_diagnosis("oom")
    again = there_and_back(diagnosis)
    assert again == diagnosis
    assert as_json(again) == as_json(diagnosis)
    assert encode(again) == encode(diagnosis)
    assert len(json.dumps(encode(diagnosis))) < MAX_BYTES


ODD_FACTS: dict[str, Any] = {
    "true": True,
    "one": 1,
    "one and nothing": 1.0,
    "text that looks like a time": "2026-11-23T10:00:00+00:00",
    "text that looks like a number": "1",
    "nothing": frozenset(),
    "names": frozenset({"b", "a", "ü \ud83d \x00"}),
    "time": datetime(2026, 11, 23, 10, 0, 0, 1, tzinfo=timezone(timedelta(hours=1))),
    "infinite": float("-inf"),
    "gap": Gap(GapReason.FORBIDDEN, "pods", "why", "get", "pods/log", "onyx"),
}


def test_every_type_of_fact_keeps_its_type() -> None:
    check = Check("odd", CheckStatus.UNKNOWN, "\ud83d", "kubectl", gap=ODD_FACTS["gap"], facts=ODD_FACTS)
    diagnosis = replace(recorded_diagnosis("oom"), checks=(check,), since=datetime.now(UTC))
    again = there_and_back(diagnosis)
    assert again == diagnosis
    facts = again.checks[0].facts
    assert {name: type(value) for name, value in facts.items()} == {n: type(v) for n, v in ODD_FACTS.items()}


def test_a_remedy_keeps_its_steps_and_parameters() -> None:
    steps = (Step(StepKind.PATCH, "deployment/api", {"spec": {"replicas": 2, "x": None, "l": [1, 2.5]}}),)
    parameters = (Parameter("replicas", "Replicas", "2"),)
    remedy = Remedy("scale", "scale", "t", "deployment/api", "operator", "kubectl", steps=steps, parameters=parameters)
    diagnosis = recorded_diagnosis("oom")
    cause = replace(diagnosis.root_causes[0], remedies=(replace(remedy, risk=Risk.HIGH),))
    diagnosis = replace(diagnosis, root_causes=(cause,))
    assert there_and_back(diagnosis) == diagnosis


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"checks": []},
        {"checks": [{}]},
        {"checks": 3},
        {"checks": [{"facts": {"a": {"surprise": 1}}}]},
        {"checks": [1]},
    ],
)
def test_what_is_no_diagnosis_is_an_error_of_ours(broken: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="another version"):
        decode(broken)
