"""Time, threads and connections of the reader: nothing waits longer than it may, and nothing is left half closed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters.kube.access.session import Deadline
from bot.adapters.kube.read.parallel import run_all
from bot.domain.errors import ClusterError
from bot.domain.facts import GapReason
from bot.domain.view import DetailRequest, HealthRequest
from tests.contract.kube.cluster_objects import broken_onyx
from tests.contract.kube.cluster_reading import reading
from tests.contract.kube.cluster_stub import StubCluster, always, as_json, hang

HEALTH = HealthRequest(target="pod/api-server-1-a", port="8080", path="/health")


class SettableClock:
    """A monotonic clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_tasks_that_are_not_done_at_the_deadline_are_stood_in_for() -> None:
    blocked = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        passed = Deadline(ends_at=0.0, monotonic=lambda: 10.0)
        try:
            results = run_all(
                pool, [lambda: "done", lambda: str(blocked.wait(30))], passed, lambda index: f"not {index}"
            )
            assert results == ["done", "not 1"]
        finally:
            blocked.set()


def test_an_exception_of_one_task_cancels_those_that_have_not_begun() -> None:
    begun: list[str] = []
    held = threading.Event()

    def fail() -> str:
        raise ClusterError("no", "none")

    with ThreadPoolExecutor(1) as pool:
        forever = Deadline(ends_at=1e9, monotonic=lambda: 0.0)
        with pytest.raises(ClusterError, match="no"):
            run_all(pool, [fail, lambda: str(held.wait(30)), lambda: begun.append("x") or "x"], forever, lambda _: "")
        held.set()
    assert begun == []


def test_a_look_ends_at_its_deadline_though_reads_may_take_longer(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), faults={"pods": hang})
    with reading(tmp_path, stub, read_timeout_seconds=600, deadline_seconds=0.8) as world:
        view = world.look()
        assert view.gaps["pods"].reason is GapReason.TIMED_OUT
        assert len(view.deployments) == 1


def test_health_is_not_asked_when_the_wait_for_it_would_prove_nothing(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), health={"pods/api-server-1-a:8080/health": always(as_json({}))})
    with reading(tmp_path, stub, deadline_seconds=4) as world:
        (answer,) = world.reader.fetch_details(world.look(), DetailRequest(health=(HEALTH,))).health
        assert answer.outcome is None
        assert answer.gap is not None
        assert answer.gap.reason is GapReason.CUT_OFF


def test_connections_are_kept_for_a_while_and_not_for_ever(tmp_path: Path) -> None:
    clock = SettableClock()
    with reading(tmp_path, workers=1, monotonic=clock) as world:
        opened = []
        for pause in (0, 20, 60):
            clock.now += pause
            world.look()
            opened.append(world.stub.connections)
        assert opened == [1, 1, 2]


def test_a_closed_reader_says_so(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        world.reader.close()
        with pytest.raises(ClusterError, match="closed"):
            world.look()
        with pytest.raises(ClusterError, match="closed"):
            world.reader.fetch_details(view, DetailRequest(health=(HEALTH,)))


def test_a_look_under_way_when_the_reader_is_closed_still_ends(tmp_path: Path) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hold(handler, seen):
        reached.set()
        go_on.wait(30)
        return handler.ordinary(seen)

    stub = StubCluster(broken_onyx(), faults={"pods": hold})
    with reading(tmp_path, stub, workers=1) as world, ThreadPoolExecutor(1) as pool:
        future = pool.submit(world.look)
        assert reached.wait(30)
        world.reader.close()
        go_on.set()
        assert future.result(timeout=30).gaps == {}


def test_the_cost_counts_seconds_of_all_looks(tmp_path: Path) -> None:
    clock = SettableClock()

    def later(handler, seen):
        clock.now += 2.5
        return handler.ordinary(seen)

    with reading(tmp_path, StubCluster(broken_onyx(), faults={"nodes": later}), monotonic=clock) as world:
        world.look()
        world.look()
        assert world.reader.cost().seconds == 5.0
