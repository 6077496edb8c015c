"""On a real cluster, an account that lacks one permission gets a weaker verdict, never a wrong one; and the role that
is printed makes it whole again. The whole table, for every fault, runs on the simulated cluster (tests/scenario).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.diagnosis.rights import missing_rules
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.playbook.loaded import PlaybookSet
from tests.cluster.fault import Fault
from tests.cluster.faults import FAULTS
from tests.cluster.kubectl import KubectlError, Object, kubectl
from tests.cluster.stage import Stage
from tests.scenario.partial_sight import (
    PERMISSIONS,
    assert_not_wrong,
    diagnose,
    forbidden,
    is_whole,
    triage,
)
from tests.support.shipped import shipped_playbooks

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

HOME = "triage-partial"
RBAC = "rbac.authorization.k8s.io"
REMOVED = (
    "pods",
    "services",
    "deployments",
    "replicasets",
    "networkpolicies",
    "events",
    "nodes",
    "pods/log",
    "pods/proxy",
)
STANDING = {
    "healthy": "pods services deployments networkpolicies pods/log",
    "oom": "pods",
    "scaled-to-zero": "",
    "rollout-stuck": "pods",
    "target-port-number": "services networkpolicies",
}
"""Faults, and the permissions without which they are not proven."""
ROWS = [fault for fault in FAULTS if fault.id in STANDING]


def account(name: str) -> str:
    """The account without this permission."""
    return f"without-{name.replace('/', '-')}"


def manifests(name: str, permissions: set[str]) -> list[Object]:
    """A ServiceAccount with these permissions in the whole cluster, and a token of its own where it gets none."""
    rules = [
        {"apiGroups": ["*"], "resources": list(PERMISSIONS[item].resources), "verbs": [PERMISSIONS[item].verb]}
        for item in sorted(permissions)
    ]
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": f"{HOME}-{name}"}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": HOME}
    role = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": f"{HOME}-{name}"}}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": HOME}},
        {**role, "kind": "ClusterRole", "rules": rules},
        {**role, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [subject]},
    ]


def kubeconfig_of(name: str, folder: Path) -> Path:
    """A kubeconfig of the account, on the cluster of KUBECONFIG."""
    document = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output", "json"))
    try:
        token = kubectl("create", "token", name, "--namespace", HOME).strip()
    except KubectlError:  # before 1.24 every ServiceAccount had a token of its own
        own = kubectl("get", "serviceaccount", name, "--namespace", HOME, "--output=jsonpath={.secrets[0].name}")
        encoded = kubectl("get", "secret", own, "--namespace", HOME, "--output=jsonpath={.data.token}")
        token = base64.b64decode(encoded).decode()
    document["users"] = [{"name": document["users"][0]["name"], "user": {"token": token}}]
    path = folder / f"{name}.kubeconfig"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Kubeconfigs of accounts that lack one permission each (by its name), and of one that has none ("all")."""
    objects: list[Object] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}]
    for name in REMOVED:
        objects += manifests(account(name), set(PERMISSIONS) - {name})
    objects += manifests(account("all"), set())
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    kubectl("apply", "--filename", "-", stdin=document)
    folder = tmp_path_factory.mktemp("accounts")
    yield {name: kubeconfig_of(account(name), folder) for name in (*REMOVED, "all")}
    kubectl("delete", "--ignore-not-found", "--wait=false", "--filename", "-", stdin=document)


@pytest.fixture(scope="module")
def playbooks() -> PlaybookSet:
    return shipped_playbooks()


def diagnosed(fault: Fault, kubeconfig: Path, playbooks: PlaybookSet) -> Diagnosis:
    with triage(kubeconfig, playbooks) as service:
        return diagnose(service, fault.namespace)


@pytest.mark.parametrize("fault", ROWS, ids=[fault.id for fault in ROWS])
def test_a_missing_permission_makes_a_verdict_weaker_only_where_it_is_needed(
    fault: Fault, stage: Stage, accounts: dict[str, Path], playbooks: PlaybookSet
) -> None:
    standing = stage.standing(fault)
    assert not standing.failure, standing.failure
    state = Verdict(fault.verdict)
    needed: dict[str, str] = {}
    for name in REMOVED:
        found = diagnosed(fault, accounts[name], playbooks)
        assert_not_wrong(found, fault.causes, state)
        said = {(gap.verb, gap.resource) for gap in forbidden(found)}
        assert said <= {(PERMISSIONS[name].verb, PERMISSIONS[name].resources[0])}
        if not is_whole(found, fault.causes, state):
            assert said
            needed[name] = found.headline
    assert needed.keys() == set(STANDING[fault.id].split()), needed


@pytest.mark.parametrize("fault", [row for row in ROWS if row.id == "oom"], ids=["oom"])
def test_one_application_of_what_is_printed_is_enough_for_an_account_without_rights(
    fault: Fault, stage: Stage, accounts: dict[str, Path], playbooks: PlaybookSet
) -> None:
    assert not stage.standing(fault).failure
    before = diagnosed(fault, accounts["all"], playbooks)
    assert before.verdict is Verdict.INCONCLUSIVE
    printed = missing_rules(before.gaps)
    kubectl("apply", "--filename", "-", stdin=printed)
    try:
        after = before
        for _ in range(20):  # the API server learns of new rights a moment later
            after = diagnosed(fault, accounts["all"], playbooks)
            if not forbidden(after):
                break
        assert forbidden(after) == []
        assert is_whole(after, fault.causes, Verdict.FAULT_FOUND)
    finally:
        kubectl("delete", "--ignore-not-found", "--wait=false", "--filename", "-", stdin=printed)
