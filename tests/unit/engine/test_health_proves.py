"""A health endpoint that answers and pods that are ready prove the process, and nothing of what it needs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis, Impact, Verdict
from bot.domain.facts import CheckStatus
from bot.engine.binding import bind
from bot.engine.checks.dependency.check import check_dependency
from bot.engine.checks.observed.check import check_observed
from tests.scenario.test_near_misses import playbooks, service
from tests.support.near_miss_world import DAY, World

DEAD = "ERROR:    08/22/2026 08:14:03 AM main.py 250: [API:abcd1234] Multiple exceptions: [Errno 111] Connect call failed ('172.18.0.2', 5432)"  # noqa: E501
FAILS = 'INFO:     10.85.0.7:1234 - "GET /me HTTP/1.1" 500 Internal Server Error'
FULL = 'INFO:     10.85.0.7:1234 - "GET /persona HTTP/1.1" 503 Service Unavailable'
WELL = 'INFO:     10.85.0.7:1234 - "GET /me HTTP/1.1" 200 OK'
CHATS = 'INFO:     10.85.0.7:1234 - "POST /chat/send HTTP/1.1" 200 OK'
HEALTH = 'INFO:     10.85.0.7:1234 - "GET /health HTTP/1.1" 200 OK'
ANONYMOUS = 'INFO:     10.85.0.7:1234 - "GET /me HTTP/1.1" 403 Forbidden'


def diagnosed(world: World) -> Diagnosis:
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


def said(*lines: tuple[float, str], name: str = "api-server") -> Diagnosis:
    return diagnosed(World().log(name, *lines))


def test_health_answers_and_the_database_is_dead() -> None:
    found = said((40, DEAD), (39, FAILS), (20, HEALTH), (10, DEAD), (9, FAILS), (5, HEALTH))
    assert (found.verdict, found.impact) == (Verdict.FAULT_FOUND, Impact.DOWN)
    assert "Postgres" in found.headline


@pytest.mark.parametrize(
    "lines",
    [
        ((60, FAILS), (40, HEALTH), (10, FAILS), (5, HEALTH)),
        ((60, FULL), (40, FULL), (5, HEALTH)),
        ((60, FAILS), (40, ANONYMOUS), (10, FAILS), (5, ANONYMOUS)),
        # One that needs nothing of it is answered in between.
        ((60, FAILS), (50, FULL), (40, CHATS), (10, FAILS)),
    ],
)
def test_it_fails_its_calls(lines: tuple[tuple[float, str], ...]) -> None:
    found = said(*lines)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "it answers with errors, whatever /health answers" in found.headline


@pytest.mark.parametrize(
    "lines",
    [
        ((60, FAILS), (40, FAILS), (10, WELL), (5, HEALTH)),
        ((60, FAILS), (40, FAILS), (20, CHATS), (10, CHATS)),
        ((60, FAILS), (10, HEALTH)),
        ((2000, FAILS), (1990, FAILS), (1980, DEAD), (5, HEALTH)),
        ((60, WELL), (50, CHATS), (40, WELL), (30, FULL), (20, FULL), (10, WELL), (5, CHATS)),
        ((60, ANONYMOUS), (10, ANONYMOUS)),
    ],
)
def test_near_misses_are_well(lines: tuple[tuple[float, str], ...]) -> None:
    assert said(*lines).verdict is Verdict.HEALTHY


def test_an_old_line_of_a_database_does_not_explain_todays_errors() -> None:
    found = said((3 * DAY, DEAD), (60, FAILS), (40, FAILS), (5, HEALTH))
    assert (found.verdict, found.root_causes) == (Verdict.INCONCLUSIVE, ())


REFUSED = "[cause]: Error: connect ECONNREFUSED 172.30.234.137:8080"


@pytest.mark.parametrize(
    ("path", "well"), [("/", False), ("/chat", False), ("/auth/login", False), ("/api/me", True), ("/me", True)]
)
def test_a_page_of_the_web_server_proves_nothing_of_the_api(path: str, *, well: bool) -> None:
    """Every page is a 200 with the API server dead; what it passed on is not."""
    found = said((60, REFUSED), (40, REFUSED), (5, f" GET {path} 200 in 12ms"), name="web-server")
    observed = next(check for check in found.checks if check.id == "web-to-api.observed")
    assert observed.status is (CheckStatus.PASS if well else CheckStatus.FAIL)
    assert (found.verdict is Verdict.HEALTHY) is well


def test_a_health_path_that_proves_a_dependency_is_evidence_for_it() -> None:
    app = playbooks().apps["onyx"]
    view = World().built()
    for proves, status in (((), CheckStatus.UNKNOWN), (("postgres",), CheckStatus.PASS)):
        api = app.components["api"].model_copy(update={"proves": proves})
        binding = bind(app.model_copy(update={"components": {**app.components, "api": api}}), view)
        assert check_dependency(binding, binding.components["postgres"], "dependency").status is status
        assert check_dependency(binding, binding.components["redis"], "dependency").status is CheckStatus.UNKNOWN


def test_its_own_log_speaks_where_the_callers_cannot_be_read() -> None:
    world = World().log("api-server", (60, FAILS), (40, FAILS))
    web = world.pod("web-server")["metadata"]["name"]
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != web]
    view = world.built()
    binding = bind(playbooks().apps["onyx"], view)
    check = check_observed(binding, binding.routes["web-to-api"], "route")
    assert (check.status, check.gap) == (CheckStatus.FAIL, None)
    later = replace(binding, view=view.model_copy(update={"collected_at": view.collected_at + timedelta(hours=1)}))
    assert check_observed(later, later.routes["web-to-api"], "route").status is CheckStatus.UNKNOWN
