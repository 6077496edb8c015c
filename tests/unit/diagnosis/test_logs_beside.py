"""Which logs are read where one object of a namespace is asked about: its own, and those that may tell of it."""

from __future__ import annotations

from bot.engine.discovery.discover import discover
from bot.engine.discovery.interest import MAX_LOGS, fetch_details
from tests.nearmiss.shops.making import healthy
from tests.support.near_miss_world import World


def read_for(world: World, name: str) -> list[tuple[str, bool]]:
    """The workloads whose logs are read for a question about this one, in order; and whether of the run before."""
    whole = discover(world.built())
    wanted = fetch_details(whole.about([name], name).binding(), whole.components.values())
    return [(request.pod.rsplit("-", 2)[0], request.previous) for request in wanted.logs]


def test_a_caller_that_no_setting_names_is_read_too() -> None:
    """Whom a program calls may stand in its code alone: then only its log tells that what was asked about fails it."""
    assert "gate" in [name for name, _ in read_for(healthy("depot"), "labels")]


def test_what_it_has_to_do_with_comes_first_and_then_what_is_in_trouble() -> None:
    world = healthy("depot")
    world.crashing(world.pod("sorter"), code=1)
    read = read_for(world, "labels")
    assert [name for name, _ in read[:2]] == ["track-view", "labels"]
    assert read[2] == ("sorter", True)


def test_in_a_namespace_in_trouble_the_bound_holds_and_the_own_log_is_read() -> None:
    world = healthy("depot").replicas("sorter", 90)
    for pod in world.pods("sorter"):
        world.crashing(pod, code=1)
    read = read_for(world, "labels")
    assert len(read) <= MAX_LOGS
    assert ("labels", False) in read
