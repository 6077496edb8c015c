"""A check that found nothing of which it could be asked passes, and says that it checked nothing."""

from __future__ import annotations

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.text_report import RESTATED
from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import CheckStatus, Gap, GapReason
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World

NO_PODS = {
    *("restarts", "scheduling", "image", "config", "probes", "node", "initial", "containers", "claims", "placement"),
    *("lifecycle", "settings"),
}


def diagnosed(world: World) -> Diagnosis:
    view = world.built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


def at_zero() -> World:
    world = World()
    pods = {item["metadata"]["name"] for item in world.pods("api-server")}
    world.workload("api-server")["spec"]["replicas"] = 0
    world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] not in pods]
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] not in pods]
    return world


def idle(found: Diagnosis, component: str) -> set[str]:
    scope = f"{component}."
    return {one.id.removeprefix(scope) for one in found.checks if one.nothing_to_check and one.id.startswith(scope)}


def test_where_pods_run_what_is_said_of_pods_was_checked() -> None:
    assert not idle(diagnosed(World()), "api") & (NO_PODS - {"probes", "initial"})


def test_without_pods_nothing_is_said_of_them() -> None:
    found = diagnosed(at_zero())
    assert idle(found, "api") >= NO_PODS
    assert "fail" in {one.status for one in found.checks if one.id == "api.workload"}


@pytest.mark.parametrize("check", ["web.health", "web.run", "web.report", "web.initial", "paste"])
def test_what_is_not_set_or_not_meant_is_not_said_to_be_well(check: str) -> None:
    made = next(one for one in diagnosed(World()).checks if one.id == check)
    assert (made.status, made.nothing_to_check) == (CheckStatus.PASS, True)


def test_pods_that_could_not_be_read_are_unknown_and_not_absent() -> None:
    view = at_zero().built()
    unread = {**view.gaps, "pods": Gap(GapReason.FORBIDDEN, "pods")}
    found = service().replay(view.model_copy(update={"gaps": unread}), TriageRequest("onyx", view.namespace, ()))
    assert not any(one.nothing_to_check for one in found.checks if one.id in {"api.restarts", "api.node", "api.image"})


def test_what_only_counts_the_others_is_no_failure_of_its_own() -> None:
    assert {"app.summary", "paste"} <= RESTATED
