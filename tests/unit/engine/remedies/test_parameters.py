"""Values that people edit: what is accepted, and that the remedy agrees with itself afterwards."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from bot.domain.errors import ParameterRefused
from bot.domain.remedies import Remedy, StepKind
from bot.engine.remedies import with_parameters
from bot.engine.values.quantities import doubled_cpu, doubled_memory
from tests.scenario.test_recorded_views import recorded_diagnosis


def remedy_of(view: str, identity: str) -> Remedy:
    causes = recorded_diagnosis(view).root_causes
    return next(remedy for cause in causes for remedy in cause.remedies if remedy.id == identity)


def patches_in(command: str) -> list[Any]:
    """Every JSON document in a shell line."""
    return [json.loads(word) for word in shlex.split(command) if word.startswith("{")]


EDITS = [
    ("oom", "raise-memory-api", {"memory_limit": "3Gi"}, "to 3Gi"),
    ("scaled-to-zero", "scale-up-api", {"replicas": "2"}, "to 2 replicas"),
    ("readiness-wrong-path", "fix-probe-api", {"path": "/ready", "port": "8081"}, "health endpoint"),
    ("readiness-wrong-port", "fix-probe-api", {"port": "http"}, "health endpoint"),
    ("url-wrong-name", "set-url-web-to-api", {"url": "http://other:81"}, "to http://other:81 and"),
    ("url-in-env-wrong", "set-url-web-to-api", {"url": "https://other"}, "to https://other and"),
    ("target-port-number", "fix-port-web-to-api", {"port": "9000"}, "port 9000"),
    ("service-absent", "create-service-web-to-api", {"port": "9000"}, "Create the Service"),
]


@pytest.mark.parametrize(("view", "identity", "values", "words"), EDITS, ids=[f"{row[1]}-{row[0]}" for row in EDITS])
def test_steps_patch_command_title_and_parameters_agree_after_an_edit(
    view: str, identity: str, values: dict[str, str], words: str
) -> None:
    before = remedy_of(view, identity)
    after = with_parameters(before, values)
    assert words in after.title
    assert {item.name: item.value for item in after.parameters} == {
        item.name: values.get(item.name, item.value) for item in before.parameters
    }
    assert after.patch == after.steps[0].patch != before.patch
    written = [step.patch for step in after.steps if step.kind in (StepKind.PATCH, StepKind.CREATE)]
    assert patches_in(after.command) == written or after.command.endswith(f"--replicas={values.get('replicas')}")
    for value in values.values():
        assert json.dumps(int(value) if value.isdigit() else value) in json.dumps(after.patch)
    back = with_parameters(after, {item.name: item.value for item in before.parameters})
    assert back == before


def test_a_request_that_equals_the_limit_is_raised_along() -> None:
    remedy = remedy_of("oom", "raise-memory-api")
    resources = remedy.patch["spec"]["template"]["spec"]["containers"][0]["resources"]
    edited = with_parameters(remedy, {"memory_limit": "1Gi"})
    changed = edited.patch["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert changed == {group: {"memory": "1Gi"} for group in resources}


@pytest.mark.parametrize(
    ("view", "identity", "name", "value"),
    [
        ("oom", "raise-memory-api", "memory_limit", "lots"),
        ("oom", "raise-memory-api", "memory_limit", "-1Gi"),
        ("oom", "raise-memory-api", "memory_limit", "0"),
        ("oom", "raise-memory-api", "memory_limit", "4Gi; rm -rf /"),
        ("oom", "raise-memory-api", "memory_limit", ""),
        ("oom", "raise-memory-api", "cpu_limit", "2"),
        ("scaled-to-zero", "scale-up-api", "replicas", "0"),
        ("scaled-to-zero", "scale-up-api", "replicas", "many"),
        ("scaled-to-zero", "scale-up-api", "replicas", "1001"),
        ("scaled-to-zero", "scale-up-api", "replicas", "1.5"),
        ("readiness-wrong-path", "fix-probe-api", "path", "health"),
        ("readiness-wrong-path", "fix-probe-api", "path", "/a b"),
        ("readiness-wrong-path", "fix-probe-api", "port", "70000"),
        ("readiness-wrong-path", "fix-probe-api", "port", "Not-A-Name"),
        ("url-wrong-name", "set-url-web-to-api", "url", "api-server:8080"),
        ("url-wrong-name", "set-url-web-to-api", "url", "http://user:pass@host"),
        ("url-wrong-name", "set-url-web-to-api", "url", "http://host/a b"),
        ("url-wrong-name", "set-url-web-to-api", "url", "ftp://host"),
    ],
)
def test_what_is_no_value_of_its_kind_is_refused_with_advice(view: str, identity: str, name: str, value: str) -> None:
    with pytest.raises(ParameterRefused) as caught:
        with_parameters(remedy_of(view, identity), {name: value})
    assert caught.value.message
    assert caught.value.remedy


def test_advice_and_restarts_take_no_values_and_stay_as_they_are() -> None:
    remedy = remedy_of("hangs", "restart-api")
    assert with_parameters(remedy, {}) == remedy
    with pytest.raises(ParameterRefused):
        with_parameters(remedy, {"replicas": "2"})


@pytest.mark.parametrize(
    ("quantity", "doubled"),
    [("512Mi", "1Gi"), ("2000Mi", "4000Mi"), ("1.5Gi", "3Gi"), ("1G", "2G"), ("500M", "1000M"), ("1073741824", "2Gi")],
)
def test_memory_is_doubled_in_its_own_style(quantity: str, doubled: str) -> None:
    assert doubled_memory(quantity) == doubled


@pytest.mark.parametrize(("quantity", "doubled"), [("500m", "1"), ("750m", "1500m"), ("1", "2"), ("1.5", "3")])
def test_cpu_is_doubled(quantity: str, doubled: str) -> None:
    assert doubled_cpu(quantity) == doubled


@pytest.mark.parametrize("quantity", ["", "none", "much", "-1", "1Xi", "100m m"])
def test_what_is_no_quantity_is_not_doubled(quantity: str) -> None:
    assert doubled_memory(quantity) is None
    assert doubled_cpu(quantity) is None
