"""The shop beside Onyx: no playbook describes it, and each of its faults is named; it survives a change of Onyx."""

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
from bot.sandbox.cluster.apps import shop
from bot.sandbox.start import Sandbox, group_of, start_sandbox
from tests.support.shipped import shipped_playbooks

PLAYBOOKS = shipped_playbooks()
EXPECTED = {
    "shop-image": "orders-image-pull-failing",
    "shop-config": "orders-config-missing",
    "shop-selector": "orders-service-selector-mismatch",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with ExitStack() as stack:
        yield start_sandbox(stack, port=0, simulate=True)


def diagnosed(sandbox: Sandbox, folder: Path) -> Diagnosis:
    assert sandbox.cluster is not None
    sandbox.cluster.advance(45)
    config = sandbox.write_bot_kubeconfig(folder / "kubeconfig")  # with the rights that the bot has, and no others
    connection = connect(kubeconfig=str(config), context=None, in_cluster=False, read_timeout_seconds=5)
    reader = KubernetesReader(connection, sleep=lambda _: None)
    found = TriageService(lambda: PLAYBOOKS, lambda: reader).diagnose(TriageRequest("shop", "shop"), lambda _: None)
    reader.close()
    assert isinstance(found, Diagnosis)
    return found


def choose(sandbox: Sandbox, control: str, value: str) -> None:
    found = next(one for one in sandbox.workspace.controls if one.id == control)
    found.select(value)
    assert found.current() == value


@pytest.mark.parametrize("fault", [fault for fault, _ in shop.FAULTS if fault != shop.WELL])
def test_each_fault_of_the_shop_is_named(sandbox: Sandbox, fault: str, tmp_path: Path) -> None:
    choose(sandbox, "shop", fault)
    assert [cause.id for cause in diagnosed(sandbox, tmp_path).root_causes] == [EXPECTED[fault]]


def test_the_shop_stays_as_it_is_when_something_else_breaks_in_onyx(sandbox: Sandbox, tmp_path: Path) -> None:
    choose(sandbox, "shop", "shop-selector")
    choose(sandbox, "fault", "service-missing")
    assert [cause.id for cause in diagnosed(sandbox, tmp_path).root_causes] == [EXPECTED["shop-selector"]]


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
