"""The simulated API server writes as the real one does: patches, preconditions, defaults, dry runs, deletions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import (
    API,
    APPLY_PATCH,
    APPS,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Api,
)


def test_a_created_object_has_what_the_server_adds(api: Api, config: str) -> None:
    meta = api.get(config).json["metadata"]
    assert set(meta) >= {"uid", "resourceVersion", "creationTimestamp", "namespace", "managedFields"}
    assert meta["creationTimestamp"] == "2026-03-02T12:00:00Z"


def test_creating_twice_conflicts(api: Api, config: str) -> None:
    answer = api("POST", f"{API}/configmaps", {"metadata": {"name": "scratch"}})
    assert (answer.status, answer.json["reason"]) == (409, "AlreadyExists")
    assert answer.json["message"] == 'configmaps "scratch" already exists'


def test_generate_name_makes_a_name(api: Api) -> None:
    made = api("POST", f"{API}/configmaps", {"metadata": {"generateName": "made-"}}).json["metadata"]["name"]
    assert made.startswith("made-")
    assert len(made) == len("made-") + 5
    assert api("DELETE", f"{API}/configmaps/{made}").json["status"] == "Success"


def test_a_missing_object_is_named_in_the_404(api: Api) -> None:
    answer = api.get(f"{APPS}/deployments/ghost")
    assert answer.json["message"] == 'deployments.apps "ghost" not found'
    assert answer.json["details"] == {"name": "ghost", "group": "apps", "kind": "deployments"}


def test_a_put_with_an_old_version_conflicts_and_changes_nothing(api: Api, config: str) -> None:
    old = api.get(config).json
    api("PATCH", config, {"data": {"a": "2"}}, content=MERGE_PATCH)
    answer = api("PUT", config, {**old, "data": {"a": "3"}})
    assert (answer.status, answer.json["reason"]) == (409, "Conflict")
    assert api.get(config).json["data"]["a"] == "2"


def test_a_patch_may_insist_on_a_version(api: Api, config: str) -> None:
    body = {"metadata": {"resourceVersion": "1"}, "data": {"a": "3"}}
    assert api("PATCH", config, body, content=MERGE_PATCH).status == 409


def test_a_write_that_changes_nothing_keeps_the_version(api: Api, config: str) -> None:
    before = api.get(config).json["metadata"]["resourceVersion"]
    api("PATCH", config, {"data": {"a": "1"}}, content=MERGE_PATCH)
    assert api.get(config).json["metadata"]["resourceVersion"] == before


@pytest.mark.parametrize(
    ("content", "body", "expected"),
    [
        (MERGE_PATCH, {"data": {"a": None, "c": "3"}}, {"b": "2", "c": "3"}),
        (STRATEGIC_PATCH, {"data": {"b": "5"}}, {"a": "1", "b": "5"}),
        (JSON_PATCH, [{"op": "replace", "path": "/data/a", "value": "7"}], {"a": "7", "b": "2"}),
        (
            JSON_PATCH,
            [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "remove", "path": "/data/b"}],
            {"a": "1"},
        ),
        (APPLY_PATCH, {"data": {"d": "4"}}, {"a": "1", "b": "2", "d": "4"}),
    ],
)
def test_every_patch_type_does_what_it_says(
    api: Api, config: str, content: str, body: Any, expected: dict[str, str]
) -> None:
    assert api("PATCH", config, body, content=content, fieldManager="test").status == 200
    assert api.get(config).json["data"] == expected


@pytest.mark.parametrize(
    ("content", "body", "status"),
    [
        (JSON_PATCH, [{"op": "test", "path": "/data/a", "value": "no"}], 422),
        (JSON_PATCH, [{"op": "remove", "path": "/data/zzz"}], 422),
        ("text/plain", "hello", 415),
        (MERGE_PATCH, {"data": {"a": 5}}, 400),
    ],
)
def test_a_patch_that_cannot_be_applied_is_refused(api: Api, config: str, content: str, body: Any, status: int) -> None:
    assert api("PATCH", config, body, content=content).status == status
    assert api.get(config).json["data"] == {"a": "1", "b": "2"}


def test_a_strategic_patch_changes_one_container_and_keeps_the_rest(api: Api, cluster: SimulatedCluster) -> None:
    path = f"{APPS}/deployments/nginx"
    before = api.get(path).json["spec"]["template"]["spec"]["containers"][0]
    change = {"name": "nginx", "env": [{"name": "EXTRA", "value": "1"}], "resources": {"limits": {"memory": "300Mi"}}}
    body = {"spec": {"template": {"spec": {"containers": [change]}}}}
    after = api("PATCH", path, body, content=STRATEGIC_PATCH).json["spec"]["template"]["spec"]["containers"]
    assert len(after) == 1
    assert after[0]["image"] == before["image"]
    assert [entry["name"] for entry in after[0]["env"]] == ["EXTRA", "ONYX_WEB_UPSTREAM"]  # as the real one orders them
    assert after[0]["resources"]["limits"] == {"cpu": "500m", "memory": "300Mi"}
    remove = {"name": "nginx", "env": [{"name": "EXTRA", "$patch": "delete"}]}
    api("PATCH", path, {"spec": {"template": {"spec": {"containers": [remove]}}}}, content=STRATEGIC_PATCH)
    found = cluster.get("Deployment", "nginx")
    assert found is not None
    assert [entry["name"] for entry in found["spec"]["template"]["spec"]["containers"][0]["env"]] == [
        "ONYX_WEB_UPSTREAM"
    ]


def test_the_generation_counts_changes_of_the_spec_only(api: Api) -> None:
    path = f"{APPS}/deployments/background"
    first = api.get(path).json["metadata"]["generation"]
    api("PATCH", path, {"metadata": {"annotations": {"note": "x"}}}, content=MERGE_PATCH)
    assert api.get(path).json["metadata"]["generation"] == first
    api("PATCH", path, {"spec": {"revisionHistoryLimit": 3}}, content=MERGE_PATCH)
    assert api.get(path).json["metadata"]["generation"] == first + 1


def test_status_and_spec_are_written_apart(api: Api) -> None:
    path = f"{API}/persistentvolumeclaims/data-relational-db-0"
    api("PATCH", path, {"status": {"phase": "Lost"}}, content=MERGE_PATCH)
    assert api.get(path).json["status"]["phase"] == "Bound"
    api("PATCH", f"{path}/status", {"status": {"phase": "Lost"}, "spec": {"volumeName": "x"}}, content=MERGE_PATCH)
    after = api.get(path).json
    assert (after["status"]["phase"], after["spec"]["volumeName"] != "x") == ("Lost", True)


@pytest.mark.parametrize(
    ("patch", "field", "words"),
    [
        ({"replicas": -1}, "spec.replicas", "must be greater than or equal to 0"),
        ({"selector": {"matchLabels": {"app": "other"}}}, "spec.selector", "field is immutable"),
        (
            {"template": {"spec": {"containers": [{"name": "redis", "resources": {"requests": {"memory": "9Gi"}}}]}}},
            "spec.template.spec.containers[0].resources.requests",
            "must be less than or equal to memory limit of 256Mi",
        ),
        (
            {"template": {"spec": {"containers": [{"name": "second"}]}}},
            "spec.template.spec.containers[0].image",
            "Required value",
        ),
    ],
)
def test_an_invalid_deployment_is_refused_with_its_field(api: Api, patch: Any, field: str, words: str) -> None:
    answer = api("PATCH", f"{APPS}/deployments/redis", {"spec": patch}, content=STRATEGIC_PATCH)
    assert (answer.status, answer.json["reason"]) == (422, "Invalid")
    causes = answer.json["details"]["causes"]
    assert any(cause["field"] == field and words in cause["message"] for cause in causes), causes


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (f"{API}/persistentvolumeclaims", {"spec": {}}, "spec.resources"),
        (f"{API}/resourcequotas", {"spec": {"hard": {"limits.memory": "lots"}}}, "spec.hard[limits.memory]"),
        ("/apis/autoscaling/v2/namespaces/onyx/horizontalpodautoscalers", {"spec": {}}, "spec.maxReplicas"),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/onyx/rolebindings",
            {"subjects": [{"kind": "User"}]},
            "roleRef",
        ),
        (
            f"{API}/pods",
            {"spec": {"containers": [{"name": "a", "image": "b", "envFrom": [{"configMapRef": {}}]}]}},
            "spec.containers[0].envFrom[0].configMapRef.name",
        ),
        (f"{API}/services", {"spec": {"ports": [{"name": "http"}]}}, "spec.ports[0].port"),
        (f"{API}/configmaps", {"metadata": {"name": "Not_A_Name"}}, "metadata.name"),
    ],
)
def test_an_incomplete_object_is_refused_before_a_controller_sees_it(
    api: Api, path: str, body: Any, field: str
) -> None:
    answer = api("POST", path, {"metadata": {"name": "incomplete"}, **body})
    assert answer.status == 422
    assert field in [cause["field"] for cause in answer.json["details"]["causes"]]


# dry run


def test_a_dry_run_shows_the_result_and_persists_nothing(api: Api, config: str) -> None:
    before = api.get("/api/v1/configmaps").json
    shown = api("PATCH", config, {"data": {"a": "dry"}}, content=MERGE_PATCH, dryRun="All").json
    assert shown["data"]["a"] == "dry"
    assert api("POST", f"{API}/configmaps", {"metadata": {"name": "dry"}}, dryRun="All").status == 201
    assert api("DELETE", config, dryRun="All").status == 200
    assert api("DELETE", config, {"dryRun": ["All"]}).status == 200
    assert (
        api("PUT", f"{APPS}/deployments/redis/scale", {"spec": {"replicas": 3}}, dryRun="All").json["spec"]["replicas"]
        == 3
    )
    after = api.get("/api/v1/configmaps").json
    assert after == before
    assert api.get(f"{APPS}/deployments/redis").json["spec"]["replicas"] == 1


def test_a_misspelt_dry_run_is_refused_rather_than_done(api: Api, config: str) -> None:
    answer = api("PATCH", config, {"data": {"a": "9"}}, content=MERGE_PATCH, dryRun="Al")
    assert answer.status == 422
    assert api.get(config).json["data"]["a"] == "1"


def test_a_dry_run_is_still_validated(api: Api) -> None:
    body = {"spec": {"replicas": -1}}
    assert api("PATCH", f"{APPS}/deployments/redis", body, content=MERGE_PATCH, dryRun="All").status == 422


# deleting, scaling


def test_a_delete_may_insist_on_the_uid(api: Api, config: str) -> None:
    answer = api("DELETE", config, {"preconditions": {"uid": "somebody-else"}})
    assert (answer.status, answer.json["reason"]) == (409, "Conflict")
    assert "UID in precondition: somebody-else" in answer.json["message"]
    uid = api.get(config).json["metadata"]["uid"]
    assert api("DELETE", config, {"preconditions": {"uid": uid}}).status == 200
    assert api.get(config).status == 404


def test_a_deleted_deployment_takes_its_replica_sets_and_pods_along(api: Api, cluster: SimulatedCluster) -> None:
    cluster.apply(_small_deployment("doomed"))
    cluster.advance(4)
    assert len(api.get(f"{API}/pods", labelSelector="app=doomed").names) == 1
    api("DELETE", f"{APPS}/deployments/doomed")
    cluster.advance(40)
    assert api.get(f"{API}/pods", labelSelector="app=doomed").names == []
    assert api.get(f"{APPS}/replicasets", labelSelector="app=doomed").names == []


def test_scale_is_a_resource_of_its_own(api: Api, cluster: SimulatedCluster) -> None:
    cluster.apply(_small_deployment("scaled"))
    path = f"{APPS}/deployments/scaled/scale"
    scale = api.get(path).json
    assert (scale["kind"], scale["spec"]["replicas"], scale["status"]["selector"]) == ("Scale", 1, "app=scaled")
    assert api("PATCH", path, {"spec": {"replicas": 2}}, content=MERGE_PATCH).json["spec"]["replicas"] == 2
    cluster.advance(5)
    assert api.get(f"{APPS}/deployments/scaled").json["status"]["readyReplicas"] == 2
    api("DELETE", f"{APPS}/deployments/scaled")


def _small_deployment(name: str) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "onyx"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def test_an_eviction_respects_a_disruption_budget(api: Api) -> None:
    budget = {"metadata": {"name": "redis"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "redis"}}}}
    api("POST", "/apis/policy/v1/namespaces/onyx/poddisruptionbudgets", budget)
    pod = api.get(f"{API}/pods", labelSelector="app=redis").names[0]
    answer = api("POST", f"{API}/pods/{pod}/eviction", {"metadata": {"name": pod}})
    assert (answer.status, answer.json["reason"]) == (429, "TooManyRequests")
    api("DELETE", "/apis/policy/v1/namespaces/onyx/poddisruptionbudgets/redis")


def test_a_namespace_goes_with_everything_in_it(api: Api) -> None:
    assert api("POST", "/api/v1/namespaces", {"metadata": {"name": "brief"}}).status == 201
    assert api("POST", "/api/v1/namespaces/brief/configmaps", {"metadata": {"name": "x"}}).status == 201
    assert api("DELETE", "/api/v1/namespaces/brief").status == 200
    assert api.get("/api/v1/namespaces/brief").status == 404
    answer = api("POST", "/api/v1/namespaces/brief/configmaps", {"metadata": {"name": "x"}})
    assert answer.json["message"] == 'namespaces "brief" not found'


def test_leases_can_be_taken_only_once_per_version(api: Api) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/triage/leases"
    assert api("POST", path, {"metadata": {"name": "leader"}, "spec": {"holderIdentity": "a"}}).status == 201
    held = api.get(f"{path}/leader").json
    assert api("PUT", f"{path}/leader", {**held, "spec": {"holderIdentity": "b"}}).status == 200
    assert api("PUT", f"{path}/leader", {**held, "spec": {"holderIdentity": "c"}}).status == 409
    assert api.get(f"{path}/leader").json["spec"]["holderIdentity"] == "b"
