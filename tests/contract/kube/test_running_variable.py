"""Exec is an option, off by default: with it the reader sees the one variable of a route as the container has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.read.reader import KubernetesReader
from bot.diagnosis.ports import ListRequest, TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import GapReason
from bot.domain.view import DetailRequest, RunningVariable, VariableRequest
from bot.sandbox.cluster import SimulatedCluster
from tests.support.shipped import shipped_playbooks


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with SimulatedCluster() as simulated:
        simulated.start()
        simulated.inject("internal-url-stale")
        yield simulated


def asked(
    cluster: SimulatedCluster, tmp_path: Path, *, allow_exec: bool, user: str = "admin", name: str = "INTERNAL_URL"
) -> tuple[RunningVariable, ...]:
    kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig", user=user)
    connection = connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False)
    reader = KubernetesReader(connection, allow_exec=allow_exec)
    view = reader.list_resources(ListRequest("onyx"))
    web = next(pod for pod in view.pods if pod.metadata.labels.get("app") == "web-server")
    request = VariableRequest(pod=web.metadata.name, container=web.spec.containers[0].name, name=name)
    found = reader.fetch_details(view, DetailRequest(variables=(request,))).running_variables
    reader.close()
    return found


def test_nothing_is_executed_unless_it_is_allowed(cluster: SimulatedCluster, tmp_path: Path) -> None:
    assert asked(cluster, tmp_path, allow_exec=False) == ()
    assert not [entry for entry in cluster.requests if "/exec" in str(entry)]


def test_the_value_is_the_one_the_container_started_with(cluster: SimulatedCluster, tmp_path: Path) -> None:
    (found,) = asked(cluster, tmp_path, allow_exec=True)

    today = cluster.get("configmaps", "web-server-config", "onyx")["data"]["INTERNAL_URL"]
    assert found.gap is None
    assert found.value is not None
    assert found.value != today


def test_a_variable_that_is_not_set_is_no_gap(cluster: SimulatedCluster, tmp_path: Path) -> None:
    (found,) = asked(cluster, tmp_path, allow_exec=True, name="NO_SUCH_VARIABLE")

    assert found.value is None
    assert found.gap is None


def test_a_name_that_is_no_variable_never_reaches_a_shell(cluster: SimulatedCluster, tmp_path: Path) -> None:
    (found,) = asked(cluster, tmp_path, allow_exec=True, name='X"; reboot; echo "')

    assert found.gap is not None
    assert found.gap.reason is GapReason.NOT_READ


def test_an_account_that_may_not_exec_gets_a_gap_that_names_the_right(
    cluster: SimulatedCluster, tmp_path: Path
) -> None:
    (found,) = asked(cluster, tmp_path, allow_exec=True, user="reader")

    assert found.gap is not None
    assert (found.gap.reason, found.gap.verb, found.gap.resource) == (GapReason.FORBIDDEN, "create", "pods/exec")


def test_a_stale_value_that_was_seen_is_the_root_cause(cluster: SimulatedCluster, tmp_path: Path) -> None:
    kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig", user="admin")
    reader = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False), allow_exec=True)
    playbooks = shipped_playbooks()

    diagnosis = TriageService(lambda: playbooks, lambda: reader).diagnose(TriageRequest("onyx", "onyx"), lambda _: None)

    assert isinstance(diagnosis, Diagnosis)
    assert [cause.id for cause in diagnosis.root_causes] == ["internal-url-stale"]
    freshness = next(check for check in diagnosis.checks if check.id == "web-to-api.freshness")
    assert "the container runs with" in freshness.summary
    reader.close()
