"""Several Onyx in one namespace or cluster: each is looked at by itself, and what belongs to nobody is everybody's."""

from __future__ import annotations

import pytest

from bot.domain.kubernetes import Workload
from bot.domain.view import View
from bot.engine.binding import Binding, bind
from bot.engine.binding.releases import holding_namespaces, releases_of
from bot.engine.checks.url.check import check_url
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import Object, chart, database, manifests, older_chart, view

PLAYBOOKS = shipped_playbooks()
ONYX = PLAYBOOKS.apps["onyx"]

TWO_CHARTS = [*chart("onyx"), *chart("acme", config="acme-config")]
TWO_ERAS = [*chart("onyx"), *older_chart("old", "danswer-stack", product="danswer", config="old")]
TWO_MANIFESTS = [*manifests("blue-"), *manifests("green-"), *database()]

NAMES = {
    "one release": (chart("onyx"), ["onyx"]),
    "one release with another instance label": (older_chart("kb", "onyx-stack", instance="onyx"), ["onyx"]),
    "one copy without any release": (manifests(), ["web-server-deployment"]),
    "two releases of today's chart": (TWO_CHARTS, ["acme", "onyx"]),
    "one name beginning with the other": ([*chart("onyx"), *chart("onyx-test", config="t")], ["onyx", "onyx-test"]),
    "two eras": (TWO_ERAS, ["old", "onyx"]),
    "two copies told apart by their names alone": (TWO_MANIFESTS, ["blue", "green"]),
    "no Onyx": (database(), []),
}


@pytest.mark.parametrize(("objects", "names"), NAMES.values(), ids=NAMES)
def test_releases_are_told_apart(objects: list[Object], names: list[str]) -> None:
    assert [item.name for item in releases_of(ONYX, view(*objects))] == names


MIXED = {
    ("two charts", "onyx"): (TWO_CHARTS, "onyx", "onyx-"),
    ("two charts", "acme"): (TWO_CHARTS, "acme", "acme"),
    ("two eras", "onyx"): (TWO_ERAS, "onyx", "onyx-"),
    ("two eras", "old"): (TWO_ERAS, "old", "old-danswer-stack-"),
    ("two copies", "blue"): (TWO_MANIFESTS, "blue", "blue-"),
    ("two copies", "green"): (TWO_MANIFESTS, "green", "green-"),
}


@pytest.mark.parametrize(("objects", "release", "prefix"), MIXED.values(), ids=[" ".join(key) for key in MIXED])
def test_components_of_two_releases_are_never_mixed(objects: list[Object], release: str, prefix: str) -> None:
    binding = bind(ONYX, view(*objects, release=release))
    assert _names(binding)["web"].startswith(prefix)
    assert _names(binding)["api"].startswith(prefix)
    service = binding.routes["web-to-api"].service
    assert service is not None
    assert service.metadata.name.startswith(prefix)


def test_what_the_chart_leaves_without_an_instance_label_goes_by_its_name() -> None:
    acme = _names(bind(ONYX, view(*TWO_CHARTS, release="acme")))
    onyx = _names(bind(ONYX, view(*TWO_CHARTS, release="onyx")))
    assert (acme["model-server"], onyx["model-server"]) == ("acme-onyx-inference-model", "onyx-inference-model")
    assert (acme["redis"], onyx["redis"]) == ("acme", "onyx")
    assert (acme["object-store"], onyx["object-store"]) == ("acme-minio", "onyx-minio")
    postgres = bind(ONYX, view(*TWO_CHARTS, release="acme")).components["postgres"]
    assert [item.metadata.name for item in postgres.services] == ["acme-pg-rw"]


def test_a_database_that_no_release_claims_belongs_to_both() -> None:
    for release in ("blue", "green"):
        assert _names(bind(ONYX, view(*TWO_MANIFESTS, release=release)))["postgres"] == "relational-db"


def test_a_url_that_leads_to_the_other_release_is_wrong_and_does_not_move_the_component() -> None:
    """The chart's ConfigMap has a fixed name: the second release in a namespace gets the URL of the other one."""
    strayed = [*chart("onyx"), *chart("acme", config="acme-config", url="http://onyx-api-service:8080")]
    binding = bind(ONYX, view(*strayed, release="acme"))
    assert _names(binding)["api"] == "acme-onyx-api-server"
    check = check_url(binding, binding.routes["web-to-api"], "route")
    assert check.facts["web-to-api.url.right"] is False
    assert "onyx-api-service" in check.summary
    assert "acme-onyx-api-service" in check.summary


def test_a_release_that_lost_its_api_server_does_not_borrow_one() -> None:
    left = [item for item in TWO_CHARTS if item["metadata"]["name"] != "acme-onyx-api-server"]
    assert [item.name for item in releases_of(ONYX, view(*left))] == ["acme", "onyx"]
    assert bind(ONYX, view(*left, release="acme")).components["api"].workload is None


def test_another_app_with_parts_named_alike_is_no_release() -> None:
    """Airflow has an api-server and a webserver too."""
    airflow = older_chart("airflow", "airflow", product="apache", config="airflow")
    assert [item.name for item in releases_of(ONYX, view(*chart("onyx"), *airflow))] == ["onyx"]
    assert _names(bind(ONYX, view(*chart("onyx"), *airflow)))["api"] == "onyx-api-server"


def _deployments(objects: list[Object], namespace: str) -> list[Workload]:
    return list(view(*objects, namespace=namespace).deployments)


def test_namespaces_that_hold_the_app_are_found_whatever_they_are_called() -> None:
    everywhere = [
        *_deployments(chart("onyx"), "team-knowledge"),
        *_deployments(older_chart("danswer", "danswer-stack", product="danswer"), "legacy"),
        *_deployments(older_chart("airflow", "airflow", product="apache", config="airflow"), "airflow"),
        *_deployments(chart("onyx")[:2], "onyx-half"),
        *_deployments(database(), "onyx-data"),
    ]
    assert holding_namespaces(ONYX, everywhere) == ("legacy", "onyx-half", "team-knowledge")
    assert holding_namespaces(PLAYBOOKS.apps["immich"], everywhere) == ()


def _names(binding: Binding) -> dict[str, str]:
    return {name: item.workload.metadata.name if item.workload else "" for name, item in binding.components.items()}


def test_a_view_without_several_releases_is_left_as_it_is() -> None:
    seen: View = view(*chart("onyx"), release="")
    assert {item.metadata.name for item in bind(ONYX, seen).own_services} == {
        item.metadata.name for item in seen.services
    }
