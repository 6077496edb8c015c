"""The field guard as an API server would apply it: its CEL, evaluated by cel-python over requests.

Errors count as refusals, because the policies say `failurePolicy: Fail`.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import celpy
import re2
import yaml
from celpy import celtypes
from celpy.evaluation import CELEvalError

from bot.sandbox.cluster.state.validators import Admission

Object = dict[str, Any]
FILE = Path(__file__).parents[2] / "deploy" / "rbac" / "field-guard.yaml"
_PLURALS = {
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
    "ConfigMap": ("", "configmaps"),
    "Service": ("", "services"),
    "NetworkPolicy": ("networking.k8s.io", "networkpolicies"),
}


def documents() -> list[Object]:
    """All objects of the committed file."""
    return list(yaml.safe_load_all(FILE.read_text(encoding="utf-8")))


@cache
def policies() -> list[Object]:
    """The policies of the committed file."""
    return [item for item in documents() if item["kind"] == "ValidatingAdmissionPolicy"]


def find(text: celtypes.StringType, pattern: celtypes.StringType) -> celtypes.StringType:
    """The `find` of Kubernetes' CEL library: what the pattern matches first, else nothing."""
    found = re2.search(str(pattern), str(text))
    return celtypes.StringType(found.group(0) if found else "")


@cache
def _program(expression: str) -> Any:
    environment = celpy.Environment()
    return environment.program(environment.compile(expression), functions={"find": find})


def request_of(role: str, operation: str, item: Object, **changes: Any) -> Object:
    """An admission request in the name of a role."""
    group, plural = _PLURALS.get(item["kind"], ("", f"{item['kind'].lower()}s"))
    user = {"username": f"triage:{role}", "groups": [f"triage:{role}", "system:authenticated"]}
    resource = {"group": group, "version": "v1", "resource": plural}
    return {"operation": operation, "resource": resource, "userInfo": user, **changes}


def refusals(request: Object, old: Object | None, now: Object | None) -> list[str]:
    """What the guard says against a request; nothing when it lets it pass."""
    words: list[str] = []
    for policy in policies():
        if _is_about(policy["spec"]["matchConstraints"]["resourceRules"], request):
            words += _said(policy["spec"], request, old, now)
    return words


def validator(asked: Admission) -> str:
    """The guard as an admission policy of the simulated API server. Equal questions are judged once."""
    if not asked.user.startswith("triage:"):
        return ""
    request = {
        "operation": asked.operation,
        "resource": {"group": asked.kind.group, "version": asked.kind.version, "resource": asked.kind.plural},
        "userInfo": {"username": asked.user, "groups": [*asked.groups]},
        **({"subResource": asked.subresource} if asked.subresource else {}),
    }
    return _judged(json.dumps([request, _lasting(asked.old), _lasting(asked.new)], sort_keys=True))


@cache
def _judged(question: str) -> str:
    request, old, now = json.loads(question)
    found = refusals(request, old, now)
    if not found:
        return ""
    name = f"triage-field-guard-{request['resource']['resource']}"
    return f"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: {found[0]}"


def _lasting(item: Object | None) -> Object | None:
    """The object without what is new with every write and no rule reads."""
    if item is None:
        return None
    metadata = {key: value for key, value in item["metadata"].items() if key not in ("resourceVersion", "generation")}
    managers = [{**one, "time": ""} for one in metadata.get("managedFields", ())]
    return {**item, "metadata": {**metadata, "managedFields": managers}, "status": {}}


def _is_about(rules: list[Object], request: Object) -> bool:
    whole = request["resource"]["resource"]
    asked = f"{whole}/{request['subResource']}" if request.get("subResource") else whole
    return any(
        request["operation"] in rule["operations"]
        and ("*" in rule["apiGroups"] or request["resource"]["group"] in rule["apiGroups"])
        and ("*/*" in rule["resources"] or asked in rule["resources"])
        for rule in rules
    )


def _said(spec: Object, request: Object, old: Object | None, now: Object | None) -> list[str]:
    known = {name: celpy.json_to_cel(value) for name, value in
             (("request", request), ("object", now or {}), ("oldObject", old or {}))}  # fmt: skip
    if not all(_holds(condition["expression"], known) is True for condition in spec["matchConditions"]):
        return []
    terms = celtypes.MapType()
    known["variables"] = terms
    for term in spec.get("variables", ()):
        try:
            terms[celtypes.StringType(term["name"])] = _program(term["expression"]).evaluate(known)
        except CELEvalError:
            continue  # whoever uses it fails in turn
    return [
        rule["message"] if found is False else f"{rule['message']} ({found})"
        for rule in spec["validations"]
        if (found := _holds(rule["expression"], known)) is not True
    ]


def _holds(expression: str, known: dict[str, Any]) -> bool | str:
    try:
        return bool(_program(expression).evaluate(known))
    except CELEvalError as error:
        return f"error: {error}"


def changed(item: Object, path: str, value: Any) -> Object:
    """A copy with another value at `a.b.0.c`; `...` takes the field away. A `~` in a name stands for a dot."""
    made = copy.deepcopy(item)
    place: Any = made
    steps = [step.replace("~", ".") for step in path.split(".")]
    for step in steps[:-1]:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    last: Any = int(steps[-1]) if isinstance(place, list) and steps[-1] != "+" else steps[-1]
    if last == "+":
        place.append(value)
    elif value is ...:
        del place[last]
    else:
        place[last] = value
    return made
