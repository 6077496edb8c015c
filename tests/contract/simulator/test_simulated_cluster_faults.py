"""Every fault of the sandbox shows the traces that the real one leaves, in both eras of Onyx' names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.faults.model import UnknownFault
from bot.sandbox.cluster.state.values import parse_stamp, pod_is_ready
from tests.contract.kube.simulated_cluster_client import NOON, noon, pods_of, web_log
from tests.support.sampling import sampled


@pytest.fixture(scope="module", params=[pytest.param("analysis", marks=pytest.mark.slow), "chart"])
def cluster(request: pytest.FixtureRequest) -> SimulatedCluster:
    return SimulatedCluster(clock=noon, onyx=request.param)


def _api_pods(cluster: SimulatedCluster) -> list[dict[str, Any]]:
    return pods_of(cluster, cluster.names.api)


def _container(pod: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod["status"]["containerStatuses"][0]
    return found


def _conditions(cluster: SimulatedCluster) -> dict[str, str]:
    found = cluster.get("Deployment", cluster.names.api)
    assert found is not None
    return {entry["type"]: entry["reason"] for entry in found["status"]["conditions"]}


def _events(cluster: SimulatedCluster, reason: str) -> list[str]:
    return [event["message"] for event in cluster.list("Event") if event["reason"] == reason]


def _ready_addresses(cluster: SimulatedCluster) -> list[str]:
    found = cluster.get("Endpoints", cluster.names.api_service) or {}
    return [
        f"{address['ip']}:{port['port']}"
        for subset in found.get("subsets") or []
        for address in subset.get("addresses") or []
        for port in subset["ports"]
    ]


def _last_web_errors(cluster: SimulatedCluster) -> str:
    return "\n".join(web_log(cluster).splitlines()[-40:])


def _service_address(cluster: SimulatedCluster) -> str:
    found = cluster.get("Service", cluster.names.api_service)
    assert found is not None
    return f"connect ECONNREFUSED {found['spec']['clusterIP']}:8080"


def _oom_killed(cluster: SimulatedCluster) -> None:
    status = _container(_api_pods(cluster)[0])
    ended = status["lastState"]["terminated"]
    assert (ended["reason"], ended["exitCode"], status["restartCount"]) == ("OOMKilled", 137, 5)
    assert _ready_addresses(cluster) == []
    assert _service_address(cluster) in _last_web_errors(cluster)


def _crash_looping(cluster: SimulatedCluster) -> None:
    pod = _api_pods(cluster)[0]
    assert (
        _container(pod)["lastState"]["terminated"] | {"reason": "Error", "exitCode": 3}
        == _container(pod)["lastState"]["terminated"]
    )
    log = cluster.logs(pod["metadata"]["name"], previous=True)
    assert "ValueError: USER_AUTH_SECRET is empty." in log
    assert log.endswith("ERROR:    Application startup failed. Exiting.")


def _dependency_down(cluster: SimulatedCluster) -> None:
    found = cluster.get("StatefulSet", cluster.names.database)
    assert found is not None
    assert found["spec"]["replicas"] == 0
    pod = _api_pods(cluster)[0]
    log = cluster.logs(pod["metadata"]["name"], previous=True)
    assert f'connection to server at "{cluster.names.database_service}" (172.30.' in log
    assert "port 5432 failed: Connection refused" in log
    assert _container(pod)["restartCount"] >= 5


def _dies_with(*texts: str) -> Callable[[SimulatedCluster], None]:
    """The API server keeps ending at its start, and these are in the log of the run before."""

    def check(cluster: SimulatedCluster) -> None:
        pod = _api_pods(cluster)[0]
        own = cluster.names.api_container
        log = cluster.logs(pod["metadata"]["name"], container=own, previous=True)
        assert [text for text in texts if text not in log] == []
        (status,) = [one for one in pod["status"]["containerStatuses"] if one["name"] == own]
        assert status["restartCount"] >= 1

    return check


def _serves_and_says(*texts: str) -> Callable[[SimulatedCluster], None]:
    """The API server is ready, answers /health, and these are in its log."""

    def check(cluster: SimulatedCluster) -> None:
        pod = _api_pods(cluster)[0]
        log = cluster.logs(pod["metadata"]["name"])
        assert [text for text in texts if text not in log] == []
        assert pod_is_ready(pod)
        if cluster.names.api == "api-server":  # with probes
            assert '"GET /health HTTP/1.1" 200' in "".join(log.splitlines()[-20:])

    return check


def _page_only(cluster: SimulatedCluster) -> None:
    found = cluster.get("Ingress", "onyx")
    assert found is not None
    paths = [path["path"] for path in found["spec"]["rules"][0]["http"]["paths"]]
    assert paths == ["/"]
    assert "failed" not in web_log(cluster)


def _scaled_to_zero(cluster: SimulatedCluster) -> None:
    assert _api_pods(cluster) == []
    assert any(text.endswith("from 1 to 0") for text in _events(cluster, "ScalingReplicaSet"))
    assert _service_address(cluster) in _last_web_errors(cluster)


def _quota_exceeded(cluster: SimulatedCluster) -> None:
    assert _api_pods(cluster) == []
    assert _conditions(cluster)["ReplicaFailure"] == "FailedCreate"
    assert (
        "is forbidden: exceeded quota: compute, requested: limits.memory=3Gi, used: limits.memory="
        in _events(cluster, "FailedCreate")[0]
    )


def _unschedulable(cluster: SimulatedCluster) -> None:
    pod = _api_pods(cluster)[0]
    assert pod["status"]["phase"] == "Pending"
    assert "nodeName" not in pod["spec"]
    assert any(
        text.startswith("0/3 nodes are available: 3 Insufficient memory.")
        for text in _events(cluster, "FailedScheduling")
    )


def _image_pull_failing(cluster: SimulatedCluster) -> None:
    assert _container(_api_pods(cluster)[0])["state"]["waiting"]["reason"] in ("ErrImagePull", "ImagePullBackOff")
    assert any("onyx-backend:v2.2.1-hotfix3: not found" in text for text in _events(cluster, "Failed"))


def _config_missing(cluster: SimulatedCluster) -> None:
    waiting = _container(_api_pods(cluster)[0])["state"]["waiting"]
    assert waiting == {"reason": "CreateContainerConfigError", "message": 'configmap "onyx-api-settings" not found'}


def _liveness_killing(cluster: SimulatedCluster) -> None:
    assert "Container api-server failed liveness probe, will be restarted" in _events(cluster, "Killing")
    assert "Liveness probe failed: HTTP probe failed with statuscode: 404" in _events(cluster, "Unhealthy")
    assert _container(_api_pods(cluster)[0])["restartCount"] >= 3


def _not_ready(cluster: SimulatedCluster) -> None:
    pod = _api_pods(cluster)[0]
    assert (pod["status"]["phase"], _container(pod)["ready"], _container(pod)["restartCount"]) == ("Running", False, 0)
    assert "Readiness probe failed: HTTP probe failed with statuscode: 404" in _events(cluster, "Unhealthy")
    assert _ready_addresses(cluster) == []


def _not_listening(cluster: SimulatedCluster) -> None:
    pod = _api_pods(cluster)[0]
    assert pod_is_ready(pod)
    assert len(_ready_addresses(cluster)) == 1
    assert "Uvicorn running on http://127.0.0.1:8080" in cluster.logs(pod["metadata"]["name"])
    assert _service_address(cluster) in _last_web_errors(cluster)


def _not_responding(cluster: SimulatedCluster) -> None:
    assert pod_is_ready(_api_pods(cluster)[0])
    assert "UND_ERR_HEADERS_TIMEOUT" in _last_web_errors(cluster)


def _rollout_stuck(cluster: SimulatedCluster) -> None:
    assert _conditions(cluster) == {"Available": "MinimumReplicasAvailable", "Progressing": "ProgressDeadlineExceeded"}
    assert sorted(pod_is_ready(pod) for pod in _api_pods(cluster)) == [False, True]
    assert "ECONNREFUSED" not in web_log(cluster)


def _node_lost(cluster: SimulatedCluster) -> None:
    pod = _api_pods(cluster)[0]
    node = cluster.get("Node", pod["spec"]["nodeName"])
    assert node is not None
    ready = next(entry for entry in node["status"]["conditions"] if entry["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert not pod_is_ready(pod)
    assert "state" in _container(pod)
    effects = {taint["effect"] for taint in node["spec"]["taints"] if taint["key"] == "node.kubernetes.io/unreachable"}
    assert effects == {"NoSchedule", "NoExecute"}


def _service_missing(cluster: SimulatedCluster) -> None:
    assert cluster.get("Service", cluster.names.api_service) is None
    assert cluster.get("Endpoints", cluster.names.api_service) is None
    assert f"getaddrinfo ENOTFOUND {cluster.names.api_service}" in _last_web_errors(cluster)


def _selector_mismatch(cluster: SimulatedCluster) -> None:
    assert pod_is_ready(_api_pods(cluster)[0])
    assert _ready_addresses(cluster) == []
    assert _service_address(cluster) in _last_web_errors(cluster)


def _port_mismatch(cluster: SimulatedCluster) -> None:
    assert [address.rsplit(":", 1)[1] for address in _ready_addresses(cluster)] == ["8081"]
    assert _service_address(cluster) in _last_web_errors(cluster)


def _named_port_mismatch(cluster: SimulatedCluster) -> None:
    assert pod_is_ready(_api_pods(cluster)[0])
    assert _ready_addresses(cluster) == []


def _url_missing(cluster: SimulatedCluster) -> None:
    found = cluster.get("ConfigMap", cluster.names.web_settings)
    assert found is not None
    assert "INTERNAL_URL" not in found["data"]
    assert "connect ECONNREFUSED 127.0.0.1:8080" in _last_web_errors(cluster)


def _web_says(words: str) -> Callable[[SimulatedCluster], None]:
    def check(cluster: SimulatedCluster) -> None:
        assert words.format(service=cluster.names.api_service) in _last_web_errors(cluster)
        assert pod_is_ready(_api_pods(cluster)[0])

    return check


def _url_stale(cluster: SimulatedCluster) -> None:
    found = cluster.get("ConfigMap", cluster.names.web_settings)
    assert found is not None
    assert found["data"]["INTERNAL_URL"] == f"http://{cluster.names.api_service}:8080"
    assert f"ENOTFOUND {cluster.names.api_service}-v1" in _last_web_errors(cluster)


def _recovered(cluster: SimulatedCluster) -> None:
    assert pod_is_ready(_api_pods(cluster)[0])
    assert len(_ready_addresses(cluster)) == 1
    stamps = [at for runtime in cluster.world.runtimes.values() if runtime.name.startswith(cluster.names.web)
              for at, line in next(iter(runtime.containers.values())).log if "ECONNREFUSED" in line]  # fmt: skip
    assert NOON - timedelta(minutes=13) < stamps[0] < stamps[-1] < NOON - timedelta(minutes=3)


def _two_faults(cluster: SimulatedCluster) -> None:
    _dependency_down(cluster)
    found = cluster.get("Service", cluster.names.api_service)
    assert found is not None
    assert found["spec"]["selector"]["app"] == "api"


def _healthy(cluster: SimulatedCluster) -> None:
    assert all(pod_is_ready(pod) for pod in cluster.list("Pod", ""))
    assert "failed" not in web_log(cluster)
    assert [event for event in cluster.list("Event") if event["type"] == "Warning"] == []


TELL_TALES: dict[str, Callable[[SimulatedCluster], None]] = {
    "none": _healthy,
    "api-oom-killed": _oom_killed,
    "api-crash-looping": _crash_looping,
    "dependency-down": _dependency_down,
    "api-scaled-to-zero": _scaled_to_zero,
    "api-quota-exceeded": _quota_exceeded,
    "api-unschedulable": _unschedulable,
    "api-image-pull-failing": _image_pull_failing,
    "api-config-missing": _config_missing,
    "api-liveness-killing": _liveness_killing,
    "api-not-ready": _not_ready,
    "api-not-listening": _not_listening,
    "api-not-responding": _not_responding,
    "api-rollout-stuck": _rollout_stuck,
    "api-node-lost": _node_lost,
    "service-missing": _service_missing,
    "service-selector-mismatch": _selector_mismatch,
    "service-port-mismatch": _port_mismatch,
    "service-port-mismatch-named": _named_port_mismatch,
    "redis-down": _dies_with("Could not read Redis INFO", "setup did not succeed"),
    "redis-password": _dies_with("invalid username-password pair", "setup did not succeed"),
    "postgres-password": _dies_with("password authentication failed for user"),
    "database-missing": _dies_with('database "postgres" does not exist'),
    "database-not-migrated": _dies_with('relation "encrypted_key_value_store" does not exist'),
    "database-newer": _dies_with("Can't locate revision identified by"),
    "index-password": _dies_with("AuthenticationException(401, 'Unauthorized')", "setup did not succeed"),
    "bucket-denied": _dies_with("exists but access is forbidden", "Application startup failed. Exiting."),
    "inference-model-missing": _dies_with("Unable to fetch GPU status", "url: /api/gpu-status"),
    "api-port-taken": _dies_with("Application startup complete.", "[errno 98] address already in use"),
    "postgres-read-only": _serves_and_says("in a read-only transaction", "400: Invalid Persona provided."),
    "postgres-pool-exhausted": _serves_and_says('"GET /persona HTTP/1.1" 503'),
    "mail-not-verified": _serves_and_says('"GET /me HTTP/1.1" 200', '"GET /persona HTTP/1.1" 403'),
    "llm-key-refused": _serves_and_says("litellm.AuthenticationError"),
    "ingress-without-api": _page_only,
    "internal-url-missing": _url_missing,
    "internal-url-wrong": _web_says("getaddrinfo ENOTFOUND {service}-svc"),
    "internal-url-wrong-compose": _web_says("getaddrinfo ENOTFOUND api_server"),
    "internal-url-wrong-port": _web_says("attempted address: {service}:80, timeout: 10000ms"),
    "internal-url-stale": _url_stale,
    "network-policy-blocks": _web_says("UND_ERR_CONNECT_TIMEOUT"),
    "network-policy-blocks-egress": _web_says("UND_ERR_CONNECT_TIMEOUT"),
    "dns-failing": _web_says("getaddrinfo EAI_AGAIN {service}"),
    "two-faults": _two_faults,
    "recovered": _recovered,
    "recovered-oom": _recovered,
}


@pytest.mark.parametrize("fault", sampled(TELL_TALES, 3))
def test_a_fault_leaves_its_traces(cluster: SimulatedCluster, fault: str) -> None:
    cluster.inject(fault)
    assert cluster.current_fault == fault
    TELL_TALES[fault](cluster)


def test_every_fault_is_checked_and_described(cluster: SimulatedCluster) -> None:
    assert set(cluster.faults) == set(TELL_TALES)
    for identity, fault in cluster.faults.items():
        assert (fault.id, bool(fault.label), bool(fault.description)) == (identity, True, True)
        assert fault.expected_causes


def test_an_unknown_fault_is_refused_with_the_known_ones(cluster: SimulatedCluster) -> None:
    with pytest.raises(UnknownFault, match="Choose one of: none, api-oom-killed"):
        cluster.inject("api-on-fire")


def test_nothing_in_the_history_is_in_the_future_or_forgotten(cluster: SimulatedCluster) -> None:
    cluster.inject("api-oom-killed")
    for event in cluster.list("Event", ""):
        last = event.get("lastTimestamp") or event["eventTime"]
        assert NOON - timedelta(hours=1) <= parse_stamp(last) <= NOON
    for pod in cluster.list("Pod", ""):
        assert parse_stamp(pod["metadata"]["creationTimestamp"]) <= NOON


def test_the_same_fault_looks_the_same_in_two_clusters() -> None:
    first, second = (SimulatedCluster(clock=noon) for _ in range(2))
    first.inject("api-oom-killed")
    second.inject("api-oom-killed")
    assert first.list("Pod") == second.list("Pod")
    assert first.list("Event") == second.list("Event")


def test_a_reset_keeps_what_belongs_to_the_bot(cluster: SimulatedCluster) -> None:
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "triage", "namespace": "onyx"},
    }
    own = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "policy", "namespace": "triage"},
        "data": {"a": "b"},
    }
    cluster.apply(lease)
    cluster.apply(own)
    cluster.inject("service-missing")
    cluster.inject("none")
    assert cluster.get("Lease", "triage") is not None
    assert cluster.get("ConfigMap", "policy", "triage") is not None
    assert cluster.get("Service", cluster.names.api_service) is not None


def test_the_errors_of_the_web_server_are_nodes_own_lines() -> None:
    cluster = SimulatedCluster(clock=noon)
    cluster.inject("api-scaled-to-zero")
    assert web_log(cluster).endswith(
        "  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080\n"
        "      at <unknown> (Error: connect ECONNREFUSED 172.30.154.48:8080) {\n"
        "    errno: -111,\n"
        "    code: 'ECONNREFUSED',\n"
        "    syscall: 'connect',\n"
        "    address: '172.30.154.48',\n"
        "    port: 8080\n"
        "  }\n"
        "}\n"
        "Failed to fetch assistants - Access denied. User is not authenticated.\n"
        "Login page: User is logged in, redirecting to chat {\n"
        "  userId: '755033c6-4661-4be5-9622-c6d51f5d1533',\n"
        "  is_active: true,\n"
        "  is_anonymous: null\n"
        "}"
    )
