"""Whether the field guard stands in a cluster, from what its API server lists. Pure; used by `triage doctor`.

The API server fills in defaults, and sites name variables of their own playbooks; what must agree is who is looked at
and what is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.changes.guard.manifest import PREFIX, objects
from bot.playbook.remedy_kinds import REMEDY_KINDS

Object = Mapping[str, Any]
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
_OWN = ("names",)
"""Terms of a policy in which sites differ."""


class Presence(StrEnum):
    """What is there of the guard."""

    WHOLE = "whole"
    ABSENT = "absent"
    PART = "part"
    NOT_SERVED = "not served"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GuardFound:
    """What is there, and what is not as it should be."""

    presence: Presence
    faults: tuple[str, ...] = ()


def found_in(policies: Iterable[Object], bindings: Iterable[Object]) -> GuardFound:
    """The guard as these lists show it."""
    expected = {item["metadata"]["name"]: item for item in _policies()}
    there = {_name(item): item for item in policies if _name(item) in expected}
    bound = {_name(item): item for item in bindings if _name(item).startswith(PREFIX)}
    if not there and not bound:
        return GuardFound(Presence.ABSENT)
    faults = [fault for name in expected if (fault := _fault(expected[name], there.get(name), bound))]
    return GuardFound(Presence.PART, tuple(faults)) if faults else GuardFound(Presence.WHOLE)


def _fault(expected: Object, policy: Object | None, bound: Mapping[str, Object]) -> str:
    name = _name(expected)
    if policy is None:
        return f"{name} is missing"
    if _meaning(policy) != _meaning(expected):
        return f"{name} says something else than this version's"
    if not any(_refuses(item, name) for item in bound.values()):
        return f"{name} is not bound so that it refuses"
    return ""


def _refuses(binding: Object, name: str) -> bool:
    """Whether a binding applies the policy everywhere, and denies."""
    spec = binding.get("spec") or {}
    return (
        spec.get("policyName") == name
        and "Deny" in (spec.get("validationActions") or ())
        and not any((spec.get("matchResources") or {}).get(field) for field in _NARROWS)
    )


_NARROWS = ("namespaceSelector", "objectSelector", "resourceRules", "excludeResourceRules")


def _meaning(policy: Object) -> Object:
    spec = policy.get("spec") or {}
    constraints = spec.get("matchConstraints") or {}
    rules = [
        {key: sorted(rule.get(key) or ()) for key in ("apiGroups", "apiVersions", "operations", "resources")}
        for rule in constraints.get("resourceRules") or ()
    ]
    terms = {item.get("name"): item.get("expression") for item in spec.get("variables") or ()}
    return {
        "fails": spec.get("failurePolicy"),
        "rules": rules,
        "narrowed": [field for field in _NARROWS if field != "resourceRules" and constraints.get(field)],
        "conditions": [item.get("expression") for item in spec.get("matchConditions") or ()],
        "terms": {name: words for name, words in terms.items() if name not in _OWN},
        "validations": [item.get("expression") for item in spec.get("validations") or ()],
    }


def _policies() -> list[Object]:
    return [item for item in objects(REMEDY_KINDS, []) if item["kind"] == "ValidatingAdmissionPolicy"]


def _name(item: Object) -> str:
    return str((item.get("metadata") or {}).get("name", ""))
