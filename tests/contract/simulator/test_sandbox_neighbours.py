"""The applications beside Onyx: Immich, and a shop that no playbook describes. Each of their faults is named, and each
survives a change of Onyx.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.read.reader import KubernetesReader
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.sandbox.neighbours import APPS
from bot.sandbox.start import Sandbox, group_of, start_sandbox
from tests.support.shipped import shipped_playbooks

PLAYBOOKS = shipped_playbooks()
EXPECTED = {
    "immich-well": "healthy",
    "immich-memory": "machine-learning-oom-killed",
    "immich-zero": "machine-learning-scaled-to-zero",
    "immich-url": "internal-url-wrong",
    "immich-selector": "service-selector-mismatch",
    "immich-redis": "dependency-down",
    "immich-password": "database-login-failed",
    "immich-vectors": "vector-extension-missing",
    "shop-well": "healthy",
    "shop-image": "orders-image-pull-failing",
    "shop-config": "orders-config-missing",
    "shop-selector": "orders-service-selector-mismatch",
    "shop-memory": "orders-oom-killed",
    "shop-crash": "orders-crash-looping",
    "shop-probe": "front-rollout-stuck",
    "shop-cache": "cache-scaled-to-zero",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with ExitStack() as stack:
        yield start_sandbox(stack, port=0, simulate=True)


def diagnosed(sandbox: Sandbox, app: str, folder: Path) -> Diagnosis:
    assert sandbox.cluster is not None
    sandbox.cluster.advance(35)
    config = sandbox.write_bot_kubeconfig(folder / "kubeconfig")  # with the rights that the bot has, and no others
    connection = connect(kubeconfig=str(config), context=None, in_cluster=False, read_timeout_seconds=5)
    reader = KubernetesReader(connection, sleep=lambda _: None)
    found = TriageService(lambda: PLAYBOOKS, lambda: reader).diagnose(TriageRequest(app, app), lambda _: None)
    reader.close()
    assert isinstance(found, Diagnosis)
    return found


def choose(sandbox: Sandbox, control: str, value: str) -> None:
    found = next(one for one in sandbox.workspace.controls if one.id == control)
    found.select(value)
    assert found.current() == value


@pytest.mark.parametrize(("app", "fault"), [(app.id, state) for app in APPS for state, _ in app.states])
def test_each_fault_of_a_neighbour_is_named(sandbox: Sandbox, app: str, fault: str, tmp_path: Path) -> None:
    choose(sandbox, app, fault)
    assert [cause.id for cause in diagnosed(sandbox, app, tmp_path).root_causes] == [EXPECTED[fault]]


def test_a_neighbour_stays_as_it_is_when_something_else_breaks_in_onyx(sandbox: Sandbox, tmp_path: Path) -> None:
    choose(sandbox, "shop", "shop-selector")
    choose(sandbox, "immich", "immich-well")
    choose(sandbox, "fault", "service-missing")
    for app, fault in (("shop", "shop-selector"), ("immich", "immich-well")):
        assert [cause.id for cause in diagnosed(sandbox, app, tmp_path).root_causes] == [EXPECTED[fault]]


def test_an_outage_of_a_neighbour_began_when_it_was_broken(sandbox: Sandbox, tmp_path: Path) -> None:
    choose(sandbox, "shop", "shop-well")
    before = diagnosed(sandbox, "shop", tmp_path).collected_at
    choose(sandbox, "fault", "none")
    choose(sandbox, "shop", "shop-image")
    since = diagnosed(sandbox, "shop", tmp_path).since
    assert since is not None
    assert since >= before.replace(microsecond=0)


@pytest.mark.parametrize(
    ("fault", "heading"),
    [
        ("none", "All is well"),
        ("recovered-oom", "All is well"),
        ("api-oom-killed", "The API dies or cannot start"),
        ("api-not-listening", "It runs, and does not answer"),
        ("service-port-mismatch", "The way to the API is closed"),
        ("internal-url-stale", "The web server has a wrong address"),
        ("database-missing", "Something that it needs is away or wrong"),
        ("never heard of", "Other faults"),
    ],
)
def test_faults_stand_under_headings_in_plain_words(fault: str, heading: str) -> None:
    assert group_of(fault) == heading
