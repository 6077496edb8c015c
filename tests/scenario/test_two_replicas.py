"""Two replicas share one schedule: killed or paused at any time, every effect of it happens exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.kube.access.client import connect_for_election
from bot.domain.errors import ClusterError
from bot.runtime.observed_lease import LeaseRecord
from bot.sandbox.cluster import SimulatedCluster
from tests.databases import PostgresServer
from tests.scenario.replicas import kill_and_pause, replicas

pytestmark = pytest.mark.slow


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[str]:
    with SimulatedCluster() as cluster:
        yield str(cluster.write_kubeconfig(tmp_path / "kubeconfig"))


def test_a_killed_and_a_paused_leader_lose_nothing_and_repeat_nothing(
    postgres: PostgresServer, kubeconfig: str, tmp_path: Path
) -> None:
    with replicas(postgres.fresh(), tmp_path, kubeconfig, "onyx") as made:
        kill_and_pause(made)


def test_a_lease_in_the_cluster_changes_hands_by_compare_and_swap(kubeconfig: str) -> None:
    a, b = (
        connect_for_election(kubeconfig=kubeconfig, context=None, in_cluster=False, namespace="onyx", name="triage")
        for _ in range(2)
    )
    assert a.read() is None
    made = a.create(LeaseRecord("a", 0, 15, acquires=True))
    assert made is not None
    assert b.create(LeaseRecord("b", 0, 15, acquires=True)) is None
    assert b.read() == made
    assert a.replace(made) != made, "each write has a version of its own"
    assert b.replace(LeaseRecord("b", 1, 15, made.version, acquires=True)) is None, "the version is old"
    found = b.read()
    assert found is not None
    taken = b.replace(LeaseRecord("b", 1, 15, found.version, acquires=True))
    assert taken is not None
    assert (taken.holder, taken.transitions, taken.duration_seconds) == ("b", 1, 15.0)


def test_a_lease_that_may_not_be_used_is_a_clear_sentence(tmp_path: Path) -> None:
    with SimulatedCluster() as cluster:
        kubeconfig = str(cluster.write_kubeconfig(tmp_path / "kubeconfig", "nobody"))
        lease = connect_for_election(
            kubeconfig=kubeconfig, context=None, in_cluster=False, namespace="onyx", name="triage"
        )
        with pytest.raises(ClusterError, match=r"cannot be used for the election \(read: .*cannot get") as error:
            lease.read()
    assert "TRIAGE_ELECTION=database" in error.value.remedy
