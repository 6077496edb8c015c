"""A monitor on a simulated cluster with a real database: a real fault is announced, followed and closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.store.store import Store, open_store
from bot.bootstrap.cluster import connect_reader
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.monitors.digest import digest_lines
from bot.monitors.loader import parse_monitors
from bot.monitors.run import MonitorRuns
from bot.monitors.schema import Monitor
from bot.runtime.effects import Effects
from bot.sandbox.cluster import SimulatedCluster
from bot.settings import load_settings
from bot.yamlfile.files import read_directory
from tests.support.shipped import shipped_playbooks
from tests.unit.schedule_fakes import Clock, Leader, People

EXAMPLE = Path(__file__).parents[2] / "deploy" / "monitors"
PLAYBOOKS = shipped_playbooks()


class Watch:
    """The example's monitor "api-server has no endpoints", on a cluster that can be broken and healed."""

    def __init__(self, cluster: SimulatedCluster, store: Store, folder: Path) -> None:
        self.cluster, self.store = cluster, store
        self.clock, self.people, self.leader = Clock(), People(), Leader(store.claims.begin_term())
        self.monitor = parse_monitors(read_directory(EXAMPLE), PLAYBOOKS).monitors["onyx-api-endpoints"]
        reader = connect_reader(load_settings(kubeconfig=str(cluster.write_kubeconfig(folder / "kubeconfig"))))
        self.triage = TriageService(lambda: PLAYBOOKS, lambda: reader)

    def look(self, monitor: Monitor) -> Diagnosis:
        found = self.triage.diagnose(TriageRequest(monitor.app, monitor.namespace), lambda _: None)
        assert isinstance(found, Diagnosis)
        return found

    def run(self, minutes: float = 1.0) -> list[str]:
        """One run, after this time. What people are told in it."""
        self.clock.advance(minutes * 60)
        before = len(self.people.told)
        runs = MonitorRuns(
            look=self.look,
            findings=self.store.findings,
            effects=Effects(self.store.claims, self.leader, "me"),
            poster=self.people,
            mutes=self.store.incidents,
            clock=self.clock,
            seconds=self.clock.seconds,
        )
        runs.run(self.monitor)
        return self.people.told[before:]

    def another_leader(self) -> None:
        self.leader = Leader(self.store.claims.begin_term())


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with SimulatedCluster() as cluster:
        watch = Watch(cluster, open_store("sqlite://", Clock()), tmp_path)
        yield watch
        watch.store.close()


def test_api_server_without_endpoints_is_announced_once_followed_and_closed(watch: Watch) -> None:
    assert watch.run() == []
    watch.cluster.inject("service-selector-mismatch")
    assert watch.run() == []
    assert watch.run() == [], "it has not lasted for two minutes"
    assert watch.run() == ["announce service-selector-mismatch"]
    watch.another_leader()
    assert watch.run() == [], "the next leader knows it"
    (finding,) = watch.store.findings.of_monitor("onyx-api-endpoints")
    assert finding.key.endswith(" service-selector-mismatch@web-to-api")
    lines = digest_lines([finding], 1, watch.clock())
    assert lines[0].endswith(": 1 open, 0 over, 0 not working.")
    watch.cluster.inject("none")
    assert watch.run() == ["close incident-1 0:04:00"]
    assert watch.run() == []


def test_new_pods_of_the_same_fault_are_the_same_incident(watch: Watch) -> None:
    watch.cluster.inject("api-image-pull-failing")
    for _ in range(3):
        watch.run()
    assert watch.people.told == ["announce api-image-pull-failing"]
    for pod in watch.cluster.list("Pod"):
        if pod["metadata"]["name"].startswith("api-server"):
            watch.cluster.delete("Pod", pod["metadata"]["name"])
    assert [told for told in watch.run() + watch.run() if not told.startswith("update")] == []
