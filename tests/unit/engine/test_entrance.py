"""An Ingress that leads the page to the web server and /api to nobody, and what only looks like it."""

from typing import Any

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import Gap, GapReason
from bot.engine.binding import bind
from bot.engine.interest import fetch_details
from tests.scenario.test_near_misses import playbooks, service
from tests.support.near_miss_world import World

BODY = '{"message":"This API is only available in development mode. In production, something else (e.g. nginx) should handle this."}'  # noqa: E501
HOST = "onyx.example.org"


def path(to: str, where: str = "/", port: int = 80) -> dict[str, Any]:
    return {"path": where, "pathType": "Prefix", "backend": {"service": {"name": to, "port": {"number": port}}}}


def ingress(*paths: dict[str, Any], host: str = HOST, name: str = "onyx", **notes: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "annotations": notes},
        "spec": {"rules": [{"host": host, "http": {"paths": list(paths)}}]},
    }


PAGE, API = path("web-server"), path("api-server", "/api")


def diagnosed(*ingresses: dict[str, Any], paste: str = BODY, world: World | None = None) -> Diagnosis:
    world = world or World()
    if not any(item["metadata"]["name"] == "web-server" for item in world.view["services"]):
        world.add_service("web-server", world.pod("web-server")["metadata"]["labels"], {"port": 80})
    world.view["ingresses"] = list(ingresses)
    view = world.built()
    symptoms = service().match(paste, "onyx") if paste else ()
    return service().replay(view, TriageRequest("onyx", view.namespace, symptoms))


def verdict_of(found: Diagnosis) -> CauseVerdict:
    return next(cause.verdict for cause in found.causes if cause.id == "ingress-without-api")


DEFAULT = {"metadata": {"name": "onyx"}, "spec": {"defaultBackend": PAGE["backend"]}}


@pytest.mark.parametrize(
    "ingresses",
    [
        (ingress(PAGE),),
        (ingress(PAGE, path("web-server", "/api")),),
        (ingress(PAGE), ingress(API, host="other.example.org", name="other")),
        (ingress(PAGE, path("grafana", "/grafana")),),
        (DEFAULT,),
    ],
)
def test_it_is_the_cause(ingresses: tuple[dict[str, Any], ...]) -> None:
    found = diagnosed(*ingresses)
    assert (found.verdict, [cause.id for cause in found.root_causes]) == (
        Verdict.FAULT_FOUND,
        ["ingress-without-api"],
    )
    assert "to add: path /api to Service api-server, port 8080" in found.root_causes[0].sentence
    assert [entry.explained_by for entry in found.symptoms] == ["ingress-without-api"]


@pytest.mark.parametrize(
    ("ingresses", "verdict"),
    [
        ((ingress(PAGE, API),), CauseVerdict.RULED_OUT),
        ((ingress(PAGE), ingress(API, name="api")), CauseVerdict.RULED_OUT),
        ((ingress(PAGE, path("api-server", "/(api|openapi.json)(/|$)(.*)")),), CauseVerdict.RULED_OUT),
        ((ingress(PAGE, path("gateway", "/api")),), CauseVerdict.RULED_OUT),
        (
            (
                ingress(
                    path("nginx"),
                ),
            ),
            CauseVerdict.UNKNOWN,
        ),
        ((ingress(path("web-server", "/onyx")),), CauseVerdict.UNKNOWN),
        ((ingress(PAGE), ingress(API, host="", name="api")), CauseVerdict.UNKNOWN),
        ((ingress(PAGE, **{"nginx.ingress.kubernetes.io/server-snippet": "location /api { }"}),), CauseVerdict.UNKNOWN),
        ((), CauseVerdict.UNKNOWN),
    ],
)
def test_near_misses(ingresses: tuple[dict[str, Any], ...], verdict: CauseVerdict) -> None:
    found = diagnosed(*ingresses)
    assert verdict_of(found) is verdict
    assert found.verdict is not Verdict.FAULT_FOUND


def test_ingresses_that_may_not_be_read_leave_it_open() -> None:
    world = World()
    gap = Gap(GapReason.FORBIDDEN, "ingresses", "", "list", "ingresses", "onyx")
    world.view["gaps"] = {**world.view.get("gaps", {}), "ingresses": {"reason": gap.reason, "what": gap.what}}
    assert verdict_of(diagnosed(ingress(PAGE), world=world)) is CauseVerdict.UNKNOWN


def test_without_the_answer_nobody_is_accused() -> None:
    found = diagnosed(ingress(PAGE), paste="")
    assert found.verdict is Verdict.HEALTHY
    assert not [cause for cause in found.causes if cause.id == "ingress-without-api"]


def test_ingresses_are_read_only_where_the_paste_asks() -> None:
    binding = bind(playbooks().apps["onyx"], World().built())
    assert fetch_details(binding).lists == ()
    assert fetch_details(binding, frozenset({"api_not_proxied"})).lists == ("ingresses",)
