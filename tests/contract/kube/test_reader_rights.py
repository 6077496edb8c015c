"""An account with exactly the rights of `deploy/rbac/reader.yaml` gets a diagnosis without a gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.bootstrap.cluster import connect_reader
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.facts import GapReason
from bot.sandbox.cluster import SimulatedCluster
from bot.settings import load_settings
from tests.contract.kube.simulated_cluster_client import Api
from tests.support.shipped import shipped_playbooks

RBAC_FILE = Path(__file__).parents[3] / "deploy" / "rbac" / "reader.yaml"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCOUNT = "system:serviceaccount:triage:triage"
SUBJECTS = [{"kind": "User", "name": ACCOUNT, "apiGroup": "rbac.authorization.k8s.io"}]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SimulatedCluster]:
    """A broken Onyx, and the account of the file, bound in the namespace as the file says."""
    with SimulatedCluster() as running:
        running.inject("api-oom-killed")
        admin = Api(running, tmp_path, "admin")
        for item in yaml.safe_load_all(RBAC_FILE.read_text(encoding="utf-8")):
            if item["kind"] == "ClusterRole":
                assert admin("POST", f"{RBAC}/clusterroles", item).status == 201
            elif item["kind"] == "ClusterRoleBinding":
                assert admin("POST", f"{RBAC}/clusterrolebindings", {**item, "subjects": SUBJECTS}).status == 201
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "triage-reader"}
        binding = {"metadata": {"name": "triage-reader"}, "roleRef": role, "subjects": SUBJECTS}
        assert admin("POST", f"{RBAC}/namespaces/onyx/rolebindings", binding).status == 201
        yield running


def diagnose(cluster: SimulatedCluster, folder: Path, namespace: str | None) -> Diagnosis:
    """The diagnosis as this account sees it."""
    kubeconfig = cluster.write_kubeconfig(folder / "triage", ACCOUNT)
    reader = connect_reader(load_settings(kubeconfig=str(kubeconfig)))
    playbooks = shipped_playbooks()
    result = TriageService(lambda: playbooks, lambda: reader).diagnose(TriageRequest("onyx", namespace), lambda _: None)
    assert isinstance(result, Diagnosis)
    return result


@pytest.mark.parametrize("namespace", ["onyx", None])
def test_the_rights_of_the_file_are_enough(cluster: SimulatedCluster, tmp_path: Path, namespace: str | None) -> None:
    found = diagnose(cluster, tmp_path, namespace)
    assert (found.verdict, [cause.id for cause in found.root_causes]) == (Verdict.FAULT_FOUND, ["api-oom-killed"])
    assert [gap for gap in found.gaps if gap.reason is GapReason.FORBIDDEN] == []


def test_a_right_that_is_taken_away_is_said(cluster: SimulatedCluster, tmp_path: Path) -> None:
    cluster.deny("get", "pods/log", "onyx")
    said = [gap.sentence() for gap in diagnose(cluster, tmp_path, "onyx").gaps]
    assert any("pods/log in onyx" in sentence for sentence in said)
