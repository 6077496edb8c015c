"""A dependency outside the cluster that nobody saw is never "reachable: pass", and the app can be well all the same."""

from collections.abc import Callable

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import Check, CheckStatus
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World

RDS = "db.abc.rds.amazonaws.com"


def diagnosed(world: World) -> Diagnosis:
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


def check_of(found: Diagnosis, scope: str) -> Check:
    return next(check for check in found.checks if check.id == f"{scope}.reachable")


def settings(**values: str) -> Callable[[World], World]:
    return lambda world: world.env("api-server", *({"name": key, "value": value} for key, value in values.items()))


def by_name(world: World) -> World:
    return settings(POSTGRES_HOST="relational-db")(world).add_service("relational-db", None, type="ExternalName",
                                                                     externalName=RDS)  # fmt: skip


def by_address(world: World) -> World:
    settings(POSTGRES_HOST="relational-db")(world).add_service("relational-db", None, {"port": 5432})
    return world.endpoints("relational-db", "192.0.2.17", port=5432)


OUTSIDE = {
    "a database of the cloud": (settings(POSTGRES_HOST=RDS), "postgres", RDS),
    "an address that is nobody's here": (settings(POSTGRES_HOST="192.0.2.17"), "postgres", "192.0.2.17"),
    "a database of another namespace": (settings(POSTGRES_HOST="pg.data.svc"), "postgres", "pg.data.svc"),
    "a cache of the cloud": (settings(REDIS_HOST="c.cache.amazonaws.com"), "redis", "c.cache.amazonaws.com"),
    "an index elsewhere": (settings(OPENSEARCH_HOST="vpc.es.amazonaws.com"), "search", "vpc.es.amazonaws.com"),
    "an object store elsewhere": (
        settings(S3_ENDPOINT_URL="https://s3.example.org"),
        "object-store",
        "s3.example.org",
    ),
    "a Service that stands for a name outside": (by_name, "postgres", RDS),
    "a Service whose addresses somebody wrote down": (by_address, "postgres", "192.0.2.17"),
    "nothing is set and nothing is here": (lambda world: world, "postgres", "the Postgres"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_it_was_not_seen_and_the_app_is_well(name: str) -> None:
    change, scope, place = OUTSIDE[name]
    found = diagnosed(change(World()))
    check = check_of(found, scope)
    assert (check.status, found.verdict) == (CheckStatus.UNKNOWN, Verdict.HEALTHY), found.headline
    assert "cannot be asked from here; the API server serves" in check.summary
    assert f"the log of the API server names {place} with “refused”" in check.summary
    summary = next(item for item in found.checks if item.id == "app.summary")
    assert summary.status is CheckStatus.PASS
    assert "not asked, because it is outside: " in summary.summary


def test_what_is_here_is_seen() -> None:
    world = settings(POSTGRES_HOST="pg")(World())
    world.beside("pg", {"app": "relational-db"}, ports=[{"containerPort": 5432}], image="postgres:16")
    world.add_service("pg", {"app": "relational-db"}, {"port": 5432}).endpoints("pg", "10.85.7.7", port=5432)
    found = diagnosed(world)
    assert (check_of(found, "postgres").status, found.verdict) == (CheckStatus.PASS, Verdict.HEALTHY)


def test_addresses_of_pods_that_an_operator_keeps_are_seen() -> None:
    world = settings(POSTGRES_HOST="pg")(World())
    world.beside("keeper", {"app": "keeper"}, image="patroni").add_service("pg", None, {"port": 5432})
    found = diagnosed(world.endpoints("pg", "10.85.7.7", port=5432))
    assert (check_of(found, "postgres").status, found.verdict) == (CheckStatus.PASS, Verdict.HEALTHY)


def test_one_that_is_missed_is_not_passed_over() -> None:
    """The API server does not get ready, and its log names nobody: the database outside may be why."""
    world = settings(POSTGRES_HOST=RDS)(World())
    found = diagnosed(world.not_ready(world.pod("api-server")))
    assert check_of(found, "postgres").status is CheckStatus.UNKNOWN
    assert found.verdict is not Verdict.HEALTHY


def test_one_that_the_log_names_is_the_cause() -> None:
    world = settings(POSTGRES_HOST=RDS)(World())
    world.crashing(world.pod("api-server")).answers("no_endpoints")
    found = diagnosed(world.log("api-server", (62, f"OSError: connect to {RDS}:6432 refused"), previous=True))
    assert [cause.id for cause in found.root_causes] == ["dependency-down"]
    down = next(cause for cause in found.causes if cause.id == "dependency-down" and "Postgres" in cause.title)
    assert down.verdict is CauseVerdict.CONFIRMED
