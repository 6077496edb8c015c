"""Label and field selectors: the query strings of list requests, and the selector objects inside specs.

Parsing errors are the API server's own 400 answers. Pure functions only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.status import bad_request
from bot.sandbox.cluster.state.values import Object

Matcher = Callable[[Object], bool]

_SET = re.compile(r"^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$")
_EQUAL = re.compile(r"^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$")
_EXISTS = re.compile(r"^(!?)\s*([\w./-]+)$")

_EVENT_FIELDS = tuple(f"involvedObject.{part}" for part in ("kind", "namespace", "name", "uid", "apiVersion",
                                                           "resourceVersion", "fieldPath"))  # fmt: skip
FIELDS: dict[str, tuple[str, ...]] = {
    "pods": ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
             "status.podIP", "status.nominatedNodeName"),
    "events": (*_EVENT_FIELDS, "reason", "reportingComponent", "source", "type"),
    "secrets": ("type",),
    "namespaces": ("status.phase",),
    "nodes": ("spec.unschedulable",),
    "replicasets.apps": ("status.replicas",),
    "jobs.batch": ("status.successful",),
}  # fmt: skip
"""The fields a selector may name besides metadata.name and metadata.namespace, per stored kind."""


def label_matcher(text: str) -> Matcher:
    """A predicate on objects for `app=api,tier in (a, b),!legacy`. Raises a 400 StatusError when it cannot be read."""
    tests = [_label_test(term) for term in _split(text)]
    return lambda item: all(test(item["metadata"].get("labels") or {}) for test in tests)


def _split(text: str) -> list[str]:
    return [term.strip() for term in re.split(r",(?![^(]*\))", text) if term.strip()]


def _label_test(term: str) -> Callable[[Mapping[str, str]], bool]:
    if found := _SET.match(term):
        key, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        return requirement(key, "In" if operator == "in" else "NotIn", values)
    if found := _EQUAL.match(term):
        key, operator, value = found.groups()
        return requirement(key, "NotIn" if operator == "!=" else "In", {value})
    if found := _EXISTS.match(term):
        return requirement(found.group(2), "DoesNotExist" if found.group(1) else "Exists", set())
    raise bad_request(f"unable to parse requirement: found '{term}', expected: in, notin, =, ==, !=, gt, lt")


def requirement(key: str, operator: str, values: set[str]) -> Callable[[Mapping[str, str]], bool]:
    """One requirement on labels. NotIn also accepts objects without the key, as Kubernetes does."""
    if operator == "In":
        return lambda labels: labels.get(key) in values if key in labels else False
    if operator == "NotIn":
        return lambda labels: labels.get(key) not in values
    if operator == "Exists":
        return lambda labels: key in labels
    return lambda labels: key not in labels


def selects(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector (matchLabels, matchExpressions) accepts the labels; an empty one accepts all."""
    if selector is None:
        return False
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    expressions = selector.get("matchExpressions") or []
    return all(
        requirement(entry["key"], entry["operator"], set(entry.get("values") or []))(labels) for entry in expressions
    )


def includes(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a plain map selector (a Service's) accepts the labels."""
    return all(labels.get(key) == value for key, value in selector.items())


def selector_text(selector: Object) -> str:
    """A LabelSelector as the string in /scale and in the SELECTOR column."""
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for entry in selector.get("matchExpressions") or []:
        listed = ",".join(entry.get("values") or [])
        terms.append({"In": f"{entry['key']} in ({listed})", "NotIn": f"{entry['key']} notin ({listed})",
                      "Exists": entry["key"]}.get(entry["operator"], f"!{entry['key']}"))  # fmt: skip
    return ",".join(terms)


def field_matcher(text: str, kind: Kind) -> Matcher:
    """A predicate for `status.phase=Running,metadata.name!=x`. Raises a 400 StatusError for other fields."""
    allowed = ("metadata.name", "metadata.namespace", *FIELDS.get(kind.storage, ()))
    tests: list[tuple[str, bool, str]] = []
    for term in _split(text):
        found = re.match(r"^([\w./-]+)(==|=|!=)(.*)$", term)
        if found is None:
            raise bad_request(f"invalid field selector {text!r}: can't understand '{term}'")
        path, operator, value = found.groups()
        if path not in allowed:
            raise bad_request(f"field label not supported: {path}")
        tests.append((path, operator != "!=", value))
    return lambda item: all((_field(item, path) == value) is wanted for path, wanted, value in tests)


def _field(item: Object, path: str) -> str:
    if path == "source":
        return str((item.get("source") or {}).get("component") or item.get("reportingComponent") or "")
    value: object = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return "false" if path == "spec.unschedulable" else ""
    return str(value).lower() if isinstance(value, bool) else str(value)
