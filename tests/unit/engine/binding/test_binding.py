"""Every component of Onyx is found in every way in which it has been deployed, and nothing else is taken for one."""

from __future__ import annotations

import random

import pytest

from bot.domain.facts import Gap, GapReason
from bot.domain.view import View
from bot.engine.binding import bind
from bot.engine.checks.service import check_ports, check_selector
from bot.engine.checks.url.check import check_url
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import chart, database, manifests, older_chart, view

ONYX = shipped_playbooks().apps["onyx"]

# (the namespace, the API server, the web server, the API server's Service)
DEPLOYMENTS = {
    "today's chart": (view(*chart("onyx")), "onyx-api-server", "onyx-web-server", "onyx-api-service"),
    "today's chart, any release name": (
        view(*chart("acme")),
        "acme-onyx-api-server",
        "acme-onyx-web-server",
        "acme-onyx-api-service",
    ),
    "today's chart, name with onyx in it": (
        view(*chart("my-onyx-prod")),
        "my-onyx-prod-api-server",
        "my-onyx-prod-web-server",
        "my-onyx-prod-api-service",
    ),
    "danswer-stack": (
        view(*older_chart("danswer", "danswer-stack", product="danswer")),
        "danswer-danswer-stack-api-deployment",
        "danswer-danswer-stack-webserver",
        "danswer-danswer-stack-api-service",
    ),
    "onyx-stack": (
        view(*older_chart("onyx", "onyx-stack")),
        "onyx-onyx-stack-api-deployment",
        "onyx-onyx-stack-webserver",
        "onyx-onyx-stack-api-service",
    ),
    "onyx-stack with its hard-coded instance label": (
        view(*older_chart("kb", "onyx-stack", instance="danswer")),
        "kb-onyx-stack-api-deployment",
        "kb-onyx-stack-webserver",
        "kb-onyx-stack-api-service",
    ),
    "hand-written manifests": (
        view(*manifests(), *database()),
        "api-server-deployment",
        "web-server-deployment",
        "api-server-service",
    ),
}


@pytest.mark.parametrize(("seen", "api", "web", "service"), DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_web_api_and_their_service_are_found(seen: View, api: str, web: str, service: str) -> None:
    binding = bind(ONYX, seen)
    assert _name(seen, "api") == api
    assert _name(seen, "web") == web
    route = binding.routes["web-to-api"]
    assert route.service is not None
    assert route.service.metadata.name == service
    assert check_url(binding, route, "route").facts["web-to-api.url.right"] is True
    assert check_selector(binding, route, "route").facts["web-to-api.selector.matches"] is True
    assert check_ports(binding, route, "route").facts["web-to-api.ports.agree"] is True


@pytest.mark.parametrize(("seen", "api", "web", "service"), DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_the_order_of_lists_does_not_matter(seen: View, api: str, web: str, service: str) -> None:
    shuffler = random.Random(7)
    for _ in range(5):
        mixed = seen.model_copy(
            update={
                kind: tuple(shuffler.sample(items, len(items)))
                for kind in ("deployments", "statefulsets", "services")
                for items in [getattr(seen, kind)]
            }
        )
        assert (_name(mixed, "api"), _name(mixed, "web")) == (api, web)


def test_dependencies_of_todays_chart_are_found_among_operators_and_workers() -> None:
    components = bind(ONYX, view(*chart("acme"))).components
    targets = {name: item.workload.target if item.workload else "" for name, item in components.items()}
    assert targets["redis"] == "statefulset/acme"
    assert targets["object-store"] == "deployment/acme-minio"
    assert targets["model-server"] == "deployment/acme-onyx-inference-model"
    # CloudNativePG makes bare pods: what stands for Postgres is its Service.
    assert targets["postgres"] == ""
    assert [item.metadata.name for item in components["postgres"].services] == ["acme-pg-rw"]


def test_an_openshift_project_is_bound_like_any_other() -> None:
    """Its Deployments carry other labels and annotations besides, and a Route stands where others have an Ingress."""
    objects = chart("onyx")
    for item in objects:
        if item["kind"] == "Deployment":
            item["metadata"]["annotations"] = {"openshift.io/generated-by": "OpenShiftNewApp"}
            item["spec"]["template"]["metadata"]["labels"]["deployment"] = item["metadata"]["name"]
    seen = view(*objects)
    assert (_name(seen, "api"), _name(seen, "web")) == ("onyx-api-server", "onyx-web-server")


def test_a_namespace_of_other_programs_holds_no_onyx() -> None:
    assert not bind(ONYX, view()).found


def test_what_could_not_be_listed_is_not_said_to_be_missing() -> None:
    gap = Gap(GapReason.FORBIDDEN, "deployments", "", "list", "deployments", "prod")
    seen = view(*database()).model_copy(update={"gaps": {"deployments": gap}})
    assert bind(ONYX, seen).components["api"].gap == gap


def _name(seen: View, component: str) -> str:
    found = bind(ONYX, seen).components[component].workload
    return found.metadata.name if found else ""
