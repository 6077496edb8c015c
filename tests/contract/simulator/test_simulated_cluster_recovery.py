"""A broken Onyx recovers when the right thing is fixed, and only then: controllers do it, nobody writes a status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.state.values import pod_is_ready
from tests.contract.kube.simulated_cluster_client import (
    API,
    APPS,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Api,
    noon,
    pods_of,
    serving,
    web_log,
)
from tests.support.sampling import sampled

DEPLOYMENT = f"{APPS}/deployments/api-server"
SERVICE = f"{API}/services/api-server"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/onyx/networkpolicies"
HEALTH = f"{API}/services/api-server:8080/proxy/health"
Fix = Callable[[Api], None]


def _container(**change: Any) -> Fix:
    body = {"spec": {"template": {"spec": {"containers": [{"name": "api-server", **change}]}}}}
    return lambda api: _ok(api("PATCH", DEPLOYMENT, body, content=STRATEGIC_PATCH).status)


def _ok(status: int) -> None:
    assert status == 200


def _scale(path: str) -> Fix:
    return lambda api: _ok(api("PATCH", f"{path}/scale", {"spec": {"replicas": 1}}, content=MERGE_PATCH).status)


def _patch(path: str, body: Any, content: str = MERGE_PATCH) -> Fix:
    return lambda api: _ok(api("PATCH", path, body, content=content).status)


def _restart(name: str) -> Fix:
    annotations = {"kubectl.kubernetes.io/restartedAt": "2026-03-02T12:00:01Z"}
    return _patch(f"{APPS}/deployments/{name}", {"spec": {"template": {"metadata": {"annotations": annotations}}}})


def _both(*fixes: Fix) -> Fix:
    def fix(api: Api) -> None:
        for one in fixes:
            one(api)

    return fix


def _set_url(url: str) -> Fix:
    return _patch(f"{API}/configmaps/web-server-config", {"data": {"INTERNAL_URL": url}})


def _delete(path: str) -> Fix:
    return lambda api: _ok(api("DELETE", path).status)


def _create_service(api: Api) -> None:
    ports = [{"name": "http", "port": 8080, "targetPort": 8080}]
    body = {"metadata": {"name": "api-server"}, "spec": {"selector": {"app": "api-server"}, "ports": ports}}
    assert api("POST", f"{API}/services", body).status == 201


URL = "http://api-server:8080"
PROBE = {"httpGet": {"path": "/health", "port": 8080}}
FIXES: dict[str, Fix] = {
    "api-oom-killed": _container(resources={"limits": {"memory": "2Gi"}}),
    "api-crash-looping": _container(
        env=[{"name": "USER_AUTH_SECRET", "value": "a long random text"}],
    ),
    "dependency-down": _scale(f"{APPS}/statefulsets/relational-db"),
    "api-scaled-to-zero": _scale(DEPLOYMENT),
    "api-quota-exceeded": _patch(f"{API}/resourcequotas/compute", {"spec": {"hard": {"limits.memory": "40Gi"}}}),
    "api-unschedulable": _container(resources={"limits": {"memory": "3Gi"}, "requests": {"memory": "1Gi"}}),
    "api-image-pull-failing": _container(image="onyxdotapp/onyx-backend:v2.2.1"),
    "api-config-missing": _container(envFrom=[{"configMapRef": {"name": "env-configmap"}}]),
    "api-liveness-killing": _container(livenessProbe=PROBE),
    "api-not-ready": _container(readinessProbe=PROBE),
    "api-not-listening": _container(command=["uvicorn", "onyx.main:app", "--host", "0.0.0.0", "--port", "8080"]),
    "api-not-responding": _restart("api-server"),
    "api-rollout-stuck": _container(image="onyxdotapp/onyx-backend:v2.2.1"),
    "api-node-lost": _both(
        _patch(DEPLOYMENT, [{"op": "remove", "path": "/spec/template/spec/nodeSelector"}], content=JSON_PATCH),
        lambda api: _ok(api("DELETE", f"{API}/pods", labelSelector="app=api-server", gracePeriodSeconds=0).status),
    ),
    "service-missing": _create_service,
    "service-selector-mismatch": _patch(SERVICE, {"spec": {"selector": {"app": "api-server"}}}),
    "service-port-mismatch": _patch(
        SERVICE, {"spec": {"ports": [{"port": 8080, "targetPort": 8080}]}}, STRATEGIC_PATCH
    ),
    "service-port-mismatch-named": _patch(
        SERVICE, {"spec": {"ports": [{"port": 8080, "targetPort": "http"}]}}, STRATEGIC_PATCH
    ),
    "internal-url-missing": _both(_set_url(URL), _restart("web-server")),
    "internal-url-wrong": _both(_set_url(f"{URL}/"), _restart("web-server")),
    "internal-url-wrong-compose": _both(
        _set_url("http://api-server.onyx.svc.cluster.local:8080"), _restart("web-server")
    ),
    "internal-url-wrong-port": _both(_set_url(URL), _restart("web-server")),
    "internal-url-stale": _restart("web-server"),
    "network-policy-blocks": _delete(f"{POLICIES}/api-server-ingress"),
    "network-policy-blocks-egress": _patch(
        f"{POLICIES}/web-server-egress",
        [
            {
                "op": "add",
                "path": "/spec/egress/-",
                "value": {"to": [{"podSelector": {"matchLabels": {"app": "api-server"}}}]},
            }
        ],
        JSON_PATCH,
    ),
    "dns-failing": lambda api: _ok(
        api(
            "PATCH",
            "/apis/apps/v1/namespaces/kube-system/deployments/coredns",
            {"spec": {"replicas": 2}},
            content=MERGE_PATCH,
        ).status
    ),
    "two-faults": _both(
        _scale(f"{APPS}/statefulsets/relational-db"), _patch(SERVICE, {"spec": {"selector": {"app": "api-server"}}})
    ),
}
NO_OUTAGE = {"api-rollout-stuck"}


def _web_is_served(cluster: SimulatedCluster) -> bool:
    """Whether the web server's page views have succeeded for the last quarter of a minute."""
    pod = pods_of(cluster, "web-server")[-1]
    before = cluster.logs(pod["metadata"]["name"])
    cluster.advance(16)
    return cluster.logs(pod["metadata"]["name"]) == before


@pytest.fixture(scope="module")
def cluster() -> Any:
    with serving() as found:
        yield found


@pytest.mark.parametrize("fault", sampled(FIXES, 3))
def test_the_right_fix_brings_it_back(cluster: SimulatedCluster, api: Api, fault: str) -> None:
    cluster.inject(fault)
    if fault not in NO_OUTAGE:
        assert not _web_is_served(cluster), "the fault has no effect"
    FIXES[fault](api)
    cluster.advance(100)
    assert _web_is_served(cluster)
    assert api.get(HEALTH).json["success"] is True
    for name in ("api-server", "web-server"):
        status = api.get(f"{APPS}/deployments/{name}").json["status"]
        assert (status["readyReplicas"], status["updatedReplicas"]) == (1, 1)
        conditions = {entry["type"]: entry["status"] for entry in status["conditions"]}
        assert conditions == {"Available": "True", "Progressing": "True"}


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("api-oom-killed", _restart("api-server")),
        ("api-oom-killed", _container(resources={"limits": {"memory": "1100Mi"}})),
        ("dependency-down", _restart("api-server")),
        ("service-selector-mismatch", _restart("api-server")),
        ("internal-url-wrong", _set_url(URL)),
        ("network-policy-blocks", _restart("web-server")),
    ],
)
def test_the_wrong_fix_does_not(cluster: SimulatedCluster, api: Api, fault: str, wrong: Fix) -> None:
    cluster.inject(fault)
    wrong(api)
    cluster.advance(60)
    assert not _web_is_served(cluster)


def test_a_rollback_to_the_previous_revision_heals_a_bad_image(cluster: SimulatedCluster, api: Api) -> None:
    cluster.inject("api-image-pull-failing")
    sets = api.get(f"{APPS}/replicasets", labelSelector="app=api-server").json["items"]
    revision = "deployment.kubernetes.io/revision"
    first = next(item for item in sets if item["metadata"]["annotations"][revision] == "1")
    template = first["spec"]["template"]
    del template["metadata"]["labels"]["pod-template-hash"]
    api("PATCH", DEPLOYMENT, [{"op": "replace", "path": "/spec/template", "value": template}], content=JSON_PATCH)
    cluster.advance(30)
    assert api.get(DEPLOYMENT).json["metadata"]["annotations"][revision] == "3"
    assert _web_is_served(cluster)


def test_a_node_that_returns_brings_its_pods_back(cluster: SimulatedCluster) -> None:
    cluster.inject("api-node-lost")
    node = pods_of(cluster, "api-server")[0]["spec"]["nodeName"]
    cluster.recover_node(node)
    cluster.advance(20)
    assert pod_is_ready(pods_of(cluster, "api-server")[0])
    assert _web_is_served(cluster)


def test_a_lost_nodes_pods_are_evicted_after_five_minutes_and_linger(cluster: SimulatedCluster) -> None:
    cluster.inject("api-node-lost")
    cluster.advance(200)
    old, new = sorted(pods_of(cluster, "api-server"), key=lambda pod: "deletionTimestamp" not in pod["metadata"])
    assert "deletionTimestamp" in old["metadata"]
    assert new["status"]["phase"] == "Pending"
    messages = [event["message"] for event in cluster.list("Event") if event["reason"] == "FailedScheduling"]
    assert any("untolerated taint {node.kubernetes.io/unreachable: }" in message for message in messages)


def test_a_hung_process_behind_a_liveness_probe_is_restarted() -> None:
    cluster = SimulatedCluster(clock=noon)
    for runtime in cluster.world.runtimes.values():
        program = runtime.containers.get("api-server")
        if program is not None and program.program is not None:
            program.program.wedged = True
    cluster.advance(90)
    messages = {event["message"] for event in cluster.list("Event") if event["reason"] == "Unhealthy"}
    address = pods_of(cluster, "api-server")[0]["status"]["podIP"]
    expected = (
        f'Get "http://{address}:8080/health": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)"
    )
    assert f"Liveness probe failed: {expected}" in messages
    assert pods_of(cluster, "api-server")[0]["status"]["containerStatuses"][0]["restartCount"] == 1
    assert pod_is_ready(pods_of(cluster, "api-server")[0])


def test_an_edited_config_map_reaches_the_web_server_only_by_a_restart(cluster: SimulatedCluster, api: Api) -> None:
    cluster.inject("none")
    _set_url("http://nowhere:8080")(api)
    cluster.advance(30)
    assert "ENOTFOUND" not in web_log(cluster)
    _restart("web-server")(api)
    cluster.advance(30)
    assert "ENOTFOUND nowhere" in web_log(cluster)


def test_faults_recover_on_the_charts_names_too(tmp_path: Path) -> None:
    with serving("api-oom-killed", onyx="chart") as cluster:
        api = Api(cluster, tmp_path)
        resources = {"limits": {"memory": "2Gi"}}
        body = {"spec": {"template": {"spec": {"containers": [{"name": "api-server", "resources": resources}]}}}}
        api("PATCH", f"{APPS}/deployments/onyx-api-server", body, content=STRATEGIC_PATCH)
        cluster.advance(60)
        assert api.get(f"{API}/services/onyx-api-service:8080/proxy/health").json["success"] is True
