"""Ages are counted by the clock that wrote the time: the API server's, or that of the pod's node."""

from datetime import timedelta

import pytest

from bot.domain.view import View
from bot.engine.values.clocks import clocks_of
from tests.support.near_miss_world import World

HOUR = timedelta(hours=1)


def pod_of(view: View) -> str:
    return next(pod.metadata.name for pod in view.pods if pod.metadata.name.startswith("api-server"))


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_how_long_a_kubelet_took_shows_how_far_its_nodes_clock_is_off(seconds: int) -> None:
    world = World()
    for pod in world.view["pods"]:  # taken over a second after it was placed
        pod["status"]["startTime"] = world.ago(200)
        pod["status"]["conditions"] = [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": world.ago(201)},
            {"type": "Ready", "status": "True", "lastTransitionTime": world.ago(190)},
        ]
    view = world.node_behind(seconds).built()
    clocks = clocks_of(view)
    assert clocks.off(pod_of(view)) == timedelta(seconds=1 - seconds)
    assert clocks.at(pod_of(view)) == view.collected_at + timedelta(seconds=1 - seconds)


def test_a_kubelet_that_was_slow_once_has_no_other_clock() -> None:
    world = World()
    slow, quick = world.view["pods"]
    slow["status"] |= {"startTime": world.ago(100)}
    for pod, placed in ((slow, 400), (quick, 102)):
        scheduled = next(item for item in pod["status"]["conditions"] if item["type"] == "PodScheduled")
        scheduled["lastTransitionTime"] = world.ago(placed)
    quick["status"]["startTime"] = world.ago(100)
    assert clocks_of(world.built()).ahead == {}


def test_whose_clock_it_was_is_only_open_where_nobody_says() -> None:
    view, short = World().older(3600).built(), timedelta(minutes=2)
    since, pod = view.collected_at - timedelta(minutes=61), pod_of(view)
    unknown, ours = clocks_of(view), clocks_of(view.model_copy(update={"clock": "ours"}))
    known = clocks_of(view.model_copy(update={"clock": "server"}))
    assert known.lasts(since, short, pod)
    assert not unknown.lasts(since, short, pod)
    assert unknown.lasts(since - HOUR, short, pod)
    # What the API server wrote: its clock is mostly the view's, but where the view says that it is not.
    assert [clocks.lasts(since, short) for clocks in (known, unknown, ours)] == [True, True, False]


def test_the_newest_stamp_of_a_log_counts_to_the_nanosecond() -> None:
    world = World().older(3600)
    world.log("api-server", (500, "")).view["logs"][-1]["text"] = f"{world.ago(500)[:-1]}.123456789Z listening\n"
    assert clocks_of(world.built()).earliest == world.now - timedelta(seconds=500) + timedelta(microseconds=123456)
