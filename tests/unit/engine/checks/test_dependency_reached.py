"""A login that is refused now shows that the dependency is reached: it is not down, whatever an older line says."""

from __future__ import annotations

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World

RDS = "db.abc.rds.amazonaws.com"
SECONDS_AGO = 20


def says(why: str, host: str = RDS, port: int = 5432) -> str:
    return (
        f'psycopg2.OperationalError: connection to server at "{host}" (192.0.2.17), port {port} failed: {why}\n'
        "\tIs the server running on that host and accepting TCP/IP connections?"
    ).splitlines()[0]


REFUSED = says("Connection refused")
LOGIN = says('FATAL:  password authentication failed for user "postgres"')


def diagnosed(*lines: tuple[float, str], previous: tuple[tuple[float, str], ...] = ()) -> Diagnosis:
    """An API server that keeps ending, whose database is outside, and what its log says, seconds ago."""
    world = World().env("api-server", {"name": "POSTGRES_HOST", "value": RDS}, {"name": "REDIS_HOST", "value": RDS})
    pod = world.pod("api-server")
    world.crashing(pod, code=3)
    if previous:
        world.log("api-server", *previous, previous=True)
    world.log("api-server", *lines)
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


def named(found: Diagnosis) -> set[str]:
    """The ids of its root causes, and of what is likely."""
    return {cause.id for cause in found.causes if cause.verdict in ("confirmed", "likely")}


def test_the_database_that_refuses_everybody_is_down() -> None:
    assert "dependency-down" in named(diagnosed((SECONDS_AGO, REFUSED)))


def test_a_refused_login_after_it_shows_that_it_is_reached() -> None:
    found = named(diagnosed((200, REFUSED), (SECONDS_AGO, LOGIN)))
    assert "dependency-down" not in found
    assert "postgres-login-failed" in found


def test_a_refused_login_refutes_what_the_run_before_said() -> None:
    found = named(diagnosed((SECONDS_AGO, LOGIN), previous=((100, REFUSED),)))
    assert "dependency-down" not in found


STILL_DOWN: dict[str, tuple[tuple[float, str], ...]] = {
    "an old line": ((4000, LOGIN), (SECONDS_AGO, REFUSED)),
    "refused again since": ((120, LOGIN), (SECONDS_AGO, REFUSED)),
    "another host": ((60, REFUSED), (SECONDS_AGO, says("FATAL:  password authentication failed", "db.other.example"))),
    "another dependency on the same host": ((60, REFUSED), (SECONDS_AGO, says("FATAL:  password refused", port=6379))),
    "a server that is only starting": (
        (60, REFUSED),
        (SECONDS_AGO, says("FATAL:  the database system is starting up")),
    ),
}


def test_a_database_that_is_down_does_not_accuse_the_cache_on_the_same_host() -> None:
    found = diagnosed((SECONDS_AGO, REFUSED))
    assert [cause.sentence[:8] for cause in found.causes if cause.verdict == "confirmed"] == ["Postgres"]


@pytest.mark.parametrize("name", STILL_DOWN)
def test_what_does_not_show_that_it_is_reached(name: str) -> None:
    assert "dependency-down" in named(diagnosed(*STILL_DOWN[name]))
