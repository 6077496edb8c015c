"""Whether the field guard stands: whole, in part, not at all, or not to be told; and what the doctor says of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.changes.guard.manifest import objects
from bot.changes.guard.presence import GuardFound, Presence, found_in
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.runtime.doctor import Status, guard_result

Object = dict[str, Any]


def listed(*variables: str) -> tuple[list[Object], list[Object]]:
    """The policies and bindings as an API server lists them: with its defaults filled in."""
    made = copy.deepcopy(objects(REMEDY_KINDS, list(variables or ["INTERNAL_URL"])))
    policies = [item for item in made if item["kind"] == "ValidatingAdmissionPolicy"]
    for item in policies:
        item["spec"]["matchConstraints"] |= {
            "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {},
        }  # fmt: skip
        for rule in item["spec"]["matchConstraints"]["resourceRules"]:
            rule["scope"] = "*"
        item["status"] = {"typeChecking": {}}
    return policies, [item for item in made if item["kind"].endswith("Binding")]


@pytest.mark.parametrize("variables", [("INTERNAL_URL",), ("INTERNAL_URL", "BACKEND_URL")])
def test_it_is_whole_with_the_defaults_of_an_api_server_and_a_sites_own_variables(variables: tuple[str, ...]) -> None:
    assert found_in(*listed(*variables)) == GuardFound(Presence.WHOLE)


def test_policies_of_others_are_none() -> None:
    other = {"metadata": {"name": "require-labels"}, "spec": {}}
    assert found_in([other], []) == GuardFound(Presence.ABSENT)
    assert found_in([*listed()[0], other], listed()[1]).presence is Presence.WHOLE


def _spec(change: Callable[[Object], object]) -> Callable[[list[Object], list[Object]], None]:
    def meddle(policies: list[Object], _bindings: list[Object]) -> None:
        change(policies[0]["spec"])

    return meddle


def _binding(change: Callable[[Object], object]) -> Callable[[list[Object], list[Object]], None]:
    def meddle(_policies: list[Object], bindings: list[Object]) -> None:
        change(bindings[0]["spec"])

    return meddle


MEDDLED = {
    "a policy is gone": lambda policies, _bindings: policies.pop(),
    "a binding is gone": lambda _policies, bindings: bindings.pop(0),
    "it fails open": _spec(lambda spec: spec.update(failurePolicy="Ignore")),
    "it never refuses": _spec(lambda spec: spec["validations"][0].update(expression="true")),
    "a rule is gone": _spec(lambda spec: spec["validations"].pop()),
    "it looks at nobody": _spec(lambda spec: spec["matchConditions"][0].update(expression="false")),
    "one more condition": _spec(lambda spec: spec["matchConditions"].append({"name": "x", "expression": "false"})),
    "not at every namespace": _spec(
        lambda spec: spec["matchConstraints"].update(namespaceSelector={"matchLabels": {"guarded": "yes"}})
    ),
    "not at creations": _spec(
        lambda spec: spec["matchConstraints"]["resourceRules"][0].update(operations=["UPDATE"])
    ),
    "some objects are left out": _spec(
        lambda spec: spec["matchConstraints"].update(excludeResourceRules=[{"resources": ["deployments"]}])
    ),
    "a term means something else": _spec(lambda spec: spec["variables"][0].update(expression="object.x")),
    "it only warns": _binding(lambda spec: spec.update(validationActions=["Warn", "Audit"])),
    "it is bound to another policy": _binding(lambda spec: spec.update(policyName="other")),
    "it is bound to some namespaces": _binding(
        lambda spec: spec.update(matchResources={"namespaceSelector": {"matchLabels": {"a": "b"}}})
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MEDDLED)
def test_half_of_it_is_not_the_guard(what: str) -> None:
    policies, bindings = listed()
    MEDDLED[what](policies, bindings)  # type: ignore[no-untyped-call]
    found = found_in(policies, bindings)
    assert found.presence is Presence.PART
    assert len(found.faults) == 1


@pytest.mark.parametrize(
    ("presence", "status", "words"),
    [
        (Presence.WHOLE, Status.OK, "is installed"),
        (Presence.PART, Status.WARNING, "is not whole: x is missing."),
        (Presence.UNKNOWN, None, "cannot be told"),
        (Presence.ABSENT, None, "is not installed"),
        (Presence.NOT_SERVED, None, "serves no ValidatingAdmissionPolicies"),
    ],
)
def test_the_doctor_says_it(presence: Presence, status: Status | None, words: str) -> None:
    (result,) = guard_result("field guard", GuardFound(presence, ("x is missing",)))
    assert words in result.sentence
    assert result.status != Status.FAILED
    assert status in (None, result.status)


def test_the_doctor_says_where_policy_and_guard_disagree() -> None:
    (result,) = guard_result("field guard", GuardFound(Presence.WHOLE), ("operator",))
    assert result.status is Status.WARNING
    assert "lets only admin roll back; the policy lets operator, too" in result.sentence
    (result,) = guard_result("field guard", GuardFound(Presence.ABSENT), ("operator",))
    assert "not installed" in result.sentence
