"""The simulated API server keeps the promises real clients rely on: discovery, lists, pages, selectors."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import (
    API,
    APPS,
    MERGE_PATCH,
    Api,
)

# discovery


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api", "APIVersions"),
        ("/apis", "APIGroupList"),
        ("/api/v1", "APIResourceList"),
        ("/apis/apps/v1", "APIResourceList"),
        ("/apis/apps", "APIGroup"),
    ],
)
def test_discovery_documents_are_served(api: Api, path: str, kind: str) -> None:
    assert api.get(path).json["kind"] == kind


def test_the_version_is_a_current_kubernetes(api: Api) -> None:
    assert api.get("/version").json["gitVersion"].startswith("v1.33")


def test_every_discovered_resource_can_be_listed(api: Api) -> None:
    groups = [found["groupVersion"] for group in api.get("/apis").json["groups"] for found in group["versions"]]
    for path in ("/api/v1", *(f"/apis/{group}" for group in groups)):
        for resource in api.get(path).json["resources"]:
            if "list" in resource["verbs"] and "/" not in resource["name"]:
                listed = api.get(f"{path}/{resource['name']}")
                assert listed.status == 200, resource["name"]
                assert listed.json["kind"] == f"{resource['kind']}List"


@pytest.mark.parametrize(
    "path", ["/api/v1/widgets", f"{API}/widgets", "/apis/route.openshift.io/v1/routes", "/nowhere"]
)
def test_an_unknown_path_is_a_404_status(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.json["kind"], answer.json["reason"]) == (404, "Status", "NotFound")
    assert answer.json["message"] == "the server could not find the requested resource"


# selectors


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=api-server", {"api-server"}),
        ("app==redis", {"redis"}),
        ("app in (redis, nginx)", {"redis", "nginx"}),
        ("app notin (redis,nginx,background,inference-model-server,api-server)", {"web-server"}),
        ("app,app!=redis,app!=nginx,app!=background,app!=web-server", {"api-server", "inference-model-server"}),
        ("!app", set()),
        ("app=nobody", set()),
    ],
)
def test_label_selectors_choose_deployments(api: Api, selector: str, expected: set[str]) -> None:
    assert set(api.get(f"{APPS}/deployments", labelSelector=selector).names) == expected


@pytest.mark.parametrize(
    ("path", "selector", "expected"),
    [
        (f"{API}/pods", "metadata.name=relational-db-0", {"relational-db-0"}),
        (f"{API}/pods", "status.phase!=Running", set()),
        ("/api/v1/pods", "metadata.namespace=onyx,metadata.name=document-index-0", {"document-index-0"}),
        (f"{API}/secrets", "type=Opaque", {"onyx-secrets"}),
    ],
)
def test_field_selectors_choose_objects(api: Api, path: str, selector: str, expected: set[str]) -> None:
    assert set(api.get(path, fieldSelector=selector).names) == expected


def test_pods_are_selected_by_node(api: Api) -> None:
    pods = api.get("/api/v1/pods").json["items"]
    node = pods[0]["spec"]["nodeName"]
    expected = {pod["metadata"]["name"] for pod in pods if pod["spec"]["nodeName"] == node}
    assert set(api.get("/api/v1/pods", fieldSelector=f"spec.nodeName={node}").names) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"fieldSelector": "spec.replicas=1"},
        {"labelSelector": "app=="},
        {"labelSelector": "app in redis"},
        {"labelSelector": "=x"},
    ],
)
def test_a_selector_that_cannot_be_read_is_refused(api: Api, query: dict[str, str]) -> None:
    answer = api.get(f"{APPS}/deployments", **query)
    if query.get("labelSelector") == "app==":
        assert (answer.status, answer.json["items"]) == (200, [])
    else:
        assert (answer.status, answer.json["reason"]) == (400, "BadRequest")


# pages


def test_pages_join_to_the_whole_list(api: Api) -> None:
    whole = api.get("/api/v1/pods").names
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = api.get("/api/v1/pods", **query)
        seen += page.names
        meta = page.json["metadata"]
        if "continue" not in meta:
            break
        assert meta["remainingItemCount"] == len(whole) - len(seen)
        query["continue"] = meta["continue"]
    assert seen == whole


def test_a_page_shows_the_list_as_it_was_when_it_began(api: Api, config: str) -> None:
    first = api.get(f"{API}/configmaps", limit=1)
    api("DELETE", config)
    rest = api.get(f"{API}/configmaps", limit=50, **{"continue": first.json["metadata"]["continue"]})
    assert "scratch" in first.names + rest.names


def test_an_old_continue_token_has_expired(api: Api, cluster: SimulatedCluster, config: str) -> None:
    token = api.get("/api/v1/pods", limit=2).json["metadata"]["continue"]
    api("PATCH", config, {"data": {"a": "9"}}, content=MERGE_PATCH)
    cluster.store.compact()
    answer = api.get("/api/v1/pods", limit=2, **{"continue": token})
    assert (answer.status, answer.json["reason"]) == (410, "Expired")


def test_a_broken_continue_token_is_a_bad_request(api: Api) -> None:
    assert api.get("/api/v1/pods", **{"continue": "x"}).status == 400
