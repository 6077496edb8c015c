"""Workloads of a release that the playbook does not bind are judged while they are in trouble."""

from collections.abc import Callable

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis, Impact, Verdict
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World

RELEASE = {"app.kubernetes.io/instance": "prod"}


def released(world: World) -> World:
    """The app is of the Helm release `prod`."""
    for item in (*world.view["deployments"], *world.view["replicasets"]):
        item["spec"]["template"]["metadata"]["labels"] |= RELEASE
    return world


def worker(world: World, name: str, **how: object) -> World:
    return world.beside(name, {"app": name, **RELEASE}, **how)


def diagnosed(world: World) -> Diagnosis:
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


def crashed(world: World, name: str) -> World:
    return world.crashing(world.pod(name))


def test_a_primary_worker_that_crashes_is_named_by_what_stands_still() -> None:
    found = diagnosed(crashed(worker(released(World()), "prod-celery-worker-primary"), "prod-celery-worker-primary"))
    (root,) = found.root_causes
    assert (root.id, found.verdict) == ("celery-worker-primary-crash-looping", Verdict.FAULT_FOUND)
    assert "primary worker" in found.headline
    assert "no indexing" in root.sentence
    assert (root.impact, found.impact) == (Impact.DEGRADED, Impact.DEGRADED)


@pytest.mark.parametrize(
    ("name", "spoils"),
    [
        ("prod-celery-beat", lambda world: crashed(world, "prod-celery-beat")),
        ("prod-slackbot", lambda world: world.not_ready(world.pod("prod-slackbot"))),
        ("prod-something-new", lambda world: crashed(world, "prod-something-new")),
        ("prod-celery-worker-primary", lambda world: world.workload("prod-celery")["spec"].update(replicas=3)),
    ],
)
def test_nobody_says_healthy_while_one_of_them_fails(name: str, spoils: Callable[[World], object]) -> None:
    world = worker(released(World()), name)
    spoils(world)
    assert diagnosed(world).verdict not in (Verdict.HEALTHY, Verdict.RECOVERED)


@pytest.mark.parametrize(
    "world",
    [
        worker(released(World()), "prod-celery-worker-primary"),
        worker(released(World()), "prod-slackbot", replicas=0),
        crashed(World().beside("report", {"app": "report"}), "report"),
        crashed(worker(World(), "report"), "report"),
    ],
    ids=["a worker that is well", "a bot that is switched off", "a stranger", "of another release"],
)
def test_what_is_well_or_not_of_the_release_does_not_matter(world: World) -> None:
    found = diagnosed(world)
    assert found.verdict is Verdict.HEALTHY, found.headline


def test_a_background_worker_without_any_replica_is_a_fault() -> None:
    found = diagnosed(worker(released(World()), "prod-celery-worker-primary", replicas=0))
    assert [cause.id for cause in found.root_causes] == ["celery-worker-primary-scaled-to-zero"]
