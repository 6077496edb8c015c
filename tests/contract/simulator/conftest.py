"""The simulated cluster that the tests of a module share, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import (
    API,
    Api,
    serving,
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def api(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Api:
    return Api(cluster, tmp_path_factory.mktemp("kube"))


@pytest.fixture
def config(api: Api) -> Iterator[str]:
    """A ConfigMap of the test's own; gives its path."""
    body = {"metadata": {"name": "scratch", "labels": {"tier": "test"}}, "data": {"a": "1", "b": "2"}}
    assert api("POST", f"{API}/configmaps", body).status == 201
    yield f"{API}/configmaps/scratch"
    api("DELETE", f"{API}/configmaps/scratch")
