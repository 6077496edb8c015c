"""Two processes, PostgreSQL and a real API server: killed or paused, no effect of the schedule is lost or repeated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import load_settings
from tests.cluster.kubectl import kubectl, read
from tests.databases import PostgresServer
from tests.scenario.replicas import kill_and_pause, replicas

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]
NAMESPACE = "o-lab"


@pytest.fixture
def namespace() -> Iterator[str]:
    kubectl("create", "namespace", NAMESPACE)
    yield NAMESPACE
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def test_a_killed_and_a_paused_leader_lose_nothing_and_repeat_nothing(
    postgres: PostgresServer, namespace: str, tmp_path: Path
) -> None:
    with replicas(postgres.fresh(), tmp_path, str(load_settings().kubeconfig), namespace) as made:
        kill_and_pause(made)
    lease = read("lease", "triage", "--namespace", namespace)["spec"]
    assert lease["leaseTransitions"] >= 2
    assert lease["renewTime"] >= lease["acquireTime"]


def test_the_same_with_the_lease_in_the_database(postgres: PostgresServer, tmp_path: Path) -> None:
    with replicas(postgres.fresh(), tmp_path) as made:
        kill_and_pause(made)
