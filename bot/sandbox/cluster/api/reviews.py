"""Access reviews: the answers to "may I?", "may they?", "what may I?" and "who am I?".

Called by the handlers for creates in authorization.k8s.io and authentication.k8s.io. Nothing is stored.
"""

from __future__ import annotations

from bot.sandbox.cluster.api.authorizer import MASTERS, Attributes, Authorizer, User
from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.status import bad_request
from bot.sandbox.cluster.state.values import Object


def review(authorizer: Authorizer, kind: Kind, body: Object, user: User) -> Object:
    """The review with its status filled in."""
    spec = body.get("spec") or {}
    answer: Object = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {}, "spec": spec}
    if kind.kind == "SelfSubjectReview":
        answer.pop("spec")
        info: Object = {"username": user.name, "groups": list(user.groups)}
        if user.extra:
            info["extra"] = {key: list(values) for key, values in user.extra}
        return {**answer, "status": {"userInfo": info}}
    if kind.kind == "SelfSubjectRulesReview":
        return {**answer, "status": _rules(authorizer, user, spec.get("namespace", ""))}
    who = user
    if kind.kind in ("SubjectAccessReview", "LocalSubjectAccessReview"):
        if not spec.get("user") and not spec.get("groups"):
            raise bad_request("at least one of user or group must be specified")
        who = User(spec.get("user", ""), tuple(spec.get("groups") or ()))
    asked = _attributes(spec)
    allowed = authorizer.allows(who, asked)
    status: Object = {"allowed": allowed}
    if allowed:
        status["reason"] = "RBAC: allowed"
    return {**answer, "status": status}


def _attributes(spec: Object) -> Attributes:
    if spec.get("nonResourceAttributes"):
        asked = spec["nonResourceAttributes"]
        return Attributes(asked.get("verb", ""), path=asked.get("path", ""))
    asked = spec.get("resourceAttributes")
    if not asked:
        raise bad_request("exactly one of nonResourceAttributes or resourceAttributes must be specified")
    resource = asked.get("resource", "")
    if asked.get("subresource"):
        resource = f"{resource}/{asked['subresource']}"
    return Attributes(
        asked.get("verb", ""), asked.get("group", ""), resource, asked.get("namespace", ""), asked.get("name", "")
    )


def _rules(authorizer: Authorizer, user: User, namespace: str) -> Object:
    rules = list(authorizer.rules(user, namespace))
    if MASTERS in user.groups:
        rules = [
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
            {"verbs": ["*"], "nonResourceURLs": ["*"]},
            *rules,
        ]
    resources = [
        {key: rule[key] for key in ("verbs", "apiGroups", "resources", "resourceNames") if key in rule}
        for rule in rules if rule.get("resources")
    ]  # fmt: skip
    paths = [
        {"verbs": rule["verbs"], "nonResourceURLs": rule["nonResourceURLs"]}
        for rule in rules
        if rule.get("nonResourceURLs")
    ]
    return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
