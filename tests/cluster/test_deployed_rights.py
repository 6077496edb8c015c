"""Applied to a real cluster, the bot's account may do exactly what deploy/docs/security.md says: asked verb by verb."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.kubectl import kubectl
from tests.support.documented_rights import Right, documented_rights

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

DEPLOY = Path(__file__).parents[2] / "deploy"
PREFIX = "o-lab-"
HOME, APP, ELSEWHERE = f"{PREFIX}triage", f"{PREFIX}onyx", f"{PREFIX}elsewhere"
ACCOUNT = f"system:serviceaccount:{HOME}:triage"
CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding"}
NOT_FOR_A_LAB = {"Deployment", "PodDisruptionBudget", "ServiceMonitor", "PrometheusRule", "ConfigMap"}
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
FORBIDDEN = (
    ("", "secrets"), ("", "pods/exec"), ("", "pods/attach"), ("", "pods/portforward"), ("", "pods/eviction"),
    ("", "serviceaccounts"), ("", "serviceaccounts/token"), ("apps", "deployments/scale"), ("apps", "daemonsets"),
    ("batch", "jobs"), ("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "rolebindings"),
    ("rbac.authorization.k8s.io", "clusterroles"), ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ("authorization.k8s.io", "subjectaccessreviews"), ("", "nodes/proxy"), ("", "persistentvolumes"),
)  # fmt: skip

Object = dict[str, Any]


def moved(item: Object) -> Object:
    """The object in the lab's namespaces; what belongs to the whole cluster gets a name of its own."""
    text = json.dumps(item)
    text = re.sub(r'"namespace": "(triage|onyx)"', rf'"namespace": "{PREFIX}\1"', text)
    found: Object = json.loads(text)
    if item["kind"] in CLUSTER_WIDE:
        found["metadata"]["name"] = PREFIX + item["metadata"]["name"]
    if "roleRef" in item and item["roleRef"]["kind"] == "ClusterRole":
        found["roleRef"]["name"] = PREFIX + item["roleRef"]["name"]
    return found


@pytest.fixture(scope="module")
def applied() -> Iterator[None]:
    """The overlay with everything in it, as `kubectl apply -k` would apply it, but for the pod."""
    path = str(DEPLOY / "kustomize" / "overlays" / "openshift")
    done = subprocess.run(["kubectl", "kustomize", path], capture_output=True, text=True, timeout=60, check=True)
    items = [moved(item) for item in yaml.safe_load_all(done.stdout) if item["kind"] not in NOT_FOR_A_LAB]
    for name in (APP, ELSEWHERE):
        kubectl("create", "namespace", name)
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    try:
        kubectl("apply", "--filename", "-", stdin=manifest)
        yield
    finally:
        kubectl("delete", "--ignore-not-found", "--filename", "-", stdin=manifest)
        kubectl("delete", "namespace", APP, ELSEWHERE)


def documents(text: str) -> Iterator[Object]:
    """JSON documents one after the other, in the order in which kubectl sent them."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        found, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield found


def reviews(questions: list[tuple[str, Right, str]], **who: Any) -> list[bool]:
    """Asks the API server: (namespace, right, name) each, as the bot's account."""
    items = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": ACCOUNT,
                "groups": ["system:serviceaccounts", f"system:serviceaccounts:{HOME}", "system:authenticated"],
                "resourceAttributes": {
                    "namespace": namespace,
                    "group": group,
                    "resource": resource.partition("/")[0],
                    "subresource": resource.partition("/")[2],
                    "verb": verb,
                    "name": name,
                },
                **who,
            },
        }
        for namespace, (group, resource, verb), name in questions
    ]
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    answers = kubectl("create", "--filename", "-", "--output", "json", stdin=manifest, seconds=200)
    return [item["status"]["allowed"] for item in documents(answers)]


def test_every_right_of_the_docs_is_granted_and_no_other(applied: None) -> None:
    in_app, at_home, everywhere = documented_rights()
    resources = {(group, resource) for table in (in_app, at_home, everywhere) for group, resource, _ in table}
    asked = [
        (namespace, (group, resource, verb), "triage" if resource == "leases" else "")
        for namespace in (APP, HOME, ELSEWHERE, "")
        for group, resource in sorted(resources | set(FORBIDDEN))
        for verb in VERBS
    ]
    allowed = {(namespace, right) for (namespace, right, _), yes in zip(asked, reviews(asked), strict=True) if yes}
    reading = {right for right in everywhere if right[2] != "impersonate"}
    expected = {(APP, right) for right in in_app} | {(HOME, right) for right in at_home}
    expected |= {(namespace, right) for namespace in (APP, HOME, ELSEWHERE, "") for right in reading}
    assert allowed - expected == set(), "more than the docs say"
    assert expected - allowed == set(), "less than the docs say"


def test_the_lease_is_the_only_one(applied: None) -> None:
    lease = "coordination.k8s.io", "leases"
    asked = [(HOME, (*lease, verb), name) for verb in VERBS for name in ("triage", "other", "")]
    allowed = [(verb, name) for (_, (*_, verb), name), yes in zip(asked, reviews(asked), strict=True) if yes]
    assert allowed == [("get", "triage"), ("patch", "triage")]


def test_only_the_roles_of_the_policy_can_be_impersonated(applied: None) -> None:
    names = ("triage:operator", "triage:admin", "system:masters", "system:admin", "cluster-admin", "")
    asked = [("", ("", kind, "impersonate"), name) for kind in ("users", "groups", "serviceaccounts") for name in names]
    extra = [
        ("", ("authentication.k8s.io", f"userextras/{key}", "impersonate"), "x") for key in ("slack-user", "scopes")
    ]
    allowed = {
        (right[1], name) for (_, right, name), yes in zip(asked + extra, reviews(asked + extra), strict=True) if yes
    }
    roles = {(kind, role) for kind in ("users", "groups") for role in names[:2]}
    assert allowed == roles | {("userextras/slack-user", "x")}


def test_the_api_server_names_no_rule_that_the_docs_do_not(applied: None) -> None:
    """The same from the other side: all rules that it knows for this account, whatever they are about."""
    in_app, at_home, everywhere = documented_rights()
    own = {("authorization.k8s.io", f"selfsubject{kind}reviews", "create") for kind in ("access", "rules")}
    own.add(("authentication.k8s.io", "selfsubjectreviews", "create"))  # since 1.28
    for namespace, table in ((APP, in_app), (HOME, at_home), (ELSEWHERE, set())):
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        words = ("create", "--validate=false", "--filename", "-", "--output", "json", f"--as={ACCOUNT}")
        groups = (f"--as-group=system:serviceaccounts:{HOME}", "--as-group=system:authenticated")
        status = json.loads(kubectl(*words, *groups, stdin=json.dumps(review)))["status"]
        assert not status["incomplete"]
        found = {
            (group, resource, verb)
            for rule in status["resourceRules"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }
        assert found - own == table | everywhere
        assert {verb for rule in status["nonResourceRules"] for verb in rule["verbs"]} == {"get"}
