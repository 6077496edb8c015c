"""What a diagnosis reads from the simulated API server: tables, events, logs, health through the proxy, watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import API, APPS, MERGE_PATCH, Api, pods_of, serving

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with serving("api-oom-killed") as found:
        yield found


@pytest.fixture(scope="module")
def pod(cluster: SimulatedCluster) -> str:
    return str(pods_of(cluster, "api-server")[0]["metadata"]["name"])


def _rows(answer: Any) -> dict[str, dict[str, Any]]:
    names = [column["name"] for column in answer["columnDefinitions"]]
    return {row["cells"][0]: dict(zip(names, row["cells"], strict=True)) for row in answer["rows"]}


@pytest.mark.parametrize(
    ("path", "row", "cells"),
    [
        (f"{API}/services", "api-server", {"Type": "ClusterIP", "Cluster-IP": "172.30.154.48", "Port(s)": "8080/TCP"}),
        (f"{APPS}/deployments", "api-server", {"Ready": "0/1", "Up-to-date": 1, "Available": 0}),
        (f"{APPS}/statefulsets", "relational-db", {"Ready": "1/1", "Age": "3h"}),
        (f"{API}/endpoints", "api-server", {"Endpoints": "<none>"}),
        (f"{API}/configmaps", "web-server-config", {"Data": 2}),
        (f"{API}/secrets", "onyx-secrets", {"Type": "Opaque", "Data": 4}),
        ("/api/v1/nodes", "worker-1", {"Status": "Ready", "Version": "v1.33.2", "Roles": "worker"}),
        ("/api/v1/namespaces", "onyx", {"Status": "Active"}),
    ],
)
def test_tables_have_kubectls_columns(api: Api, path: str, row: str, cells: dict[str, Any]) -> None:
    rows = _rows(api("GET", path, headers=TABLE).json)
    assert cells.items() <= rows[row].items()


def test_a_crash_looping_pod_shows_as_such(api: Api, pod: str) -> None:
    row = _rows(api("GET", f"{API}/pods", headers=TABLE).json)[pod]
    assert row["Ready"] == "0/1"
    assert row["Status"] == "CrashLoopBackOff"
    assert row["Restarts"].startswith("5 (")


def test_a_table_without_objects_is_small(api: Api) -> None:
    whole = api("GET", f"{API}/pods", headers=TABLE, includeObject="Object")
    bare = api("GET", f"{API}/pods", headers=TABLE, includeObject="None")
    assert "object" not in bare.json["rows"][0]
    assert whole.json["rows"][0]["object"]["kind"] == "Pod"
    assert len(bare.raw) < len(whole.raw) / 5


def test_metadata_alone_can_be_asked_for(api: Api) -> None:
    accept = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"}
    answer = api("GET", f"{API}/pods", headers=accept).json
    assert answer["kind"] == "PartialObjectMetadataList"
    assert "spec" not in answer["items"][0]


def test_items_of_a_list_carry_no_kind(api: Api) -> None:
    item = api.get(f"{API}/pods").json["items"][0]
    assert "kind" not in item
    assert "apiVersion" not in item


def test_a_pod_has_the_shape_of_a_real_one(api: Api, pod: str) -> None:
    found = api.get(f"{API}/pods/{pod}").json
    status = found["status"]["containerStatuses"][0]
    assert status["restartCount"] == 5
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert "restarting failed container=api-server pod=" in status["state"]["waiting"]["message"]
    assert (
        status["lastState"]["terminated"] | {"reason": "OOMKilled", "exitCode": 137}
        == status["lastState"]["terminated"]
    )
    assert status["imageID"].startswith("docker.io/onyxdotapp/onyx-backend@sha256:")
    assert found["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"
    conditions = {entry["type"]: entry["status"] for entry in found["status"]["conditions"]}
    assert conditions == {
        "PodReadyToStartContainers": "True", "Initialized": "True", "Ready": "False", "ContainersReady": "False",
        "PodScheduled": "True",
    }  # fmt: skip


def test_an_empty_endpoint_slice_has_nulls(cluster: SimulatedCluster, api: Api) -> None:
    body = {"metadata": {"name": "hollow"}, "spec": {"selector": {"app": "hollow"}, "ports": [{"port": 80}]}}
    api("POST", f"{API}/services", body)
    path = "/apis/discovery.k8s.io/v1/namespaces/onyx/endpointslices"
    item = api.get(path, labelSelector="kubernetes.io/service-name=hollow").json["items"][0]
    assert (item["endpoints"], item["ports"]) == (None, None)
    cluster.delete("Service", "hollow")


# events


def test_events_are_served_by_both_apis(api: Api, pod: str) -> None:
    selector = f"involvedObject.name={pod},reason=BackOff"
    core = api.get(f"{API}/events", fieldSelector=selector).json["items"]
    path = "/apis/events.k8s.io/v1/namespaces/onyx/events"
    new = api.get(path, fieldSelector=f"regarding.name={pod},reason=BackOff").json["items"]
    assert core[0]["message"] == new[0]["note"]
    assert core[0]["involvedObject"] == new[0]["regarding"]
    assert core[0]["count"] == new[0]["deprecatedCount"] > 5
    assert core[0]["eventTime"] is None
    assert core[0]["source"]["component"] == "kubelet"


def test_the_schedulers_events_have_a_time_and_no_count(api: Api, pod: str) -> None:
    event = api.get(f"{API}/events", fieldSelector=f"involvedObject.name={pod},reason=Scheduled").json["items"][0]
    assert event["eventTime"] is not None
    assert event["firstTimestamp"] is None
    assert "count" not in event


def test_a_client_can_write_an_event_through_the_new_api(api: Api, pod: str) -> None:
    body = {
        "metadata": {"name": "note.1"}, "regarding": {"kind": "Pod", "name": pod, "namespace": "onyx"},
        "reason": "Seen",
        "note": "hello", "type": "Normal", "action": "Look", "eventTime": "2026-03-02T12:00:00.000000Z",
    }  # fmt: skip
    assert api("POST", "/apis/events.k8s.io/v1/namespaces/onyx/events", body).status == 201
    assert api.get(f"{API}/events/note.1").json["message"] == "hello"
    api("DELETE", f"{API}/events/note.1")


# logs


def test_logs_are_cut_as_asked(api: Api, cluster: SimulatedCluster) -> None:
    web = pods_of(cluster, "web-server")[0]["metadata"]["name"]
    path = f"{API}/pods/{web}/log"
    whole = api.get(path).text
    assert "connect ECONNREFUSED 172.30.154.48:8080" in whole
    assert api.get(path, tailLines=3).text == "".join(f"{line}\n" for line in whole.splitlines()[-3:])
    assert api.get(path, tailLines=0).text == ""
    assert api.get(path, limitBytes=40).raw == whole.encode()[:40]
    assert len(api.get(path, sinceSeconds=30).text) < len(api.get(path, sinceSeconds=120).text) < len(whole)
    assert api.get(path, timestamps="true", tailLines=1).text.startswith("2026-03-02T11:59:")


def test_previous_logs_are_those_of_the_instance_that_ended(api: Api, pod: str) -> None:
    assert api.get(f"{API}/pods/{pod}/log", previous="true").text.endswith("Killed\n")


@pytest.mark.parametrize(
    ("name", "query", "message"),
    [
        (
            "relational-db-0",
            {"previous": "true"},
            'previous terminated container "relational-db" in pod "relational-db-0" not found',
        ),
        ("relational-db-0", {"container": "sidecar"}, "container sidecar is not valid for pod relational-db-0"),
    ],
)
def test_a_log_that_is_not_there_is_a_bad_request(api: Api, name: str, query: dict[str, str], message: str) -> None:
    answer = api.get(f"{API}/pods/{name}/log", **query)
    assert (answer.status, answer.json["message"]) == (400, message)


# health through the proxy


def test_a_healthy_process_answers_through_the_proxy(api: Api, cluster: SimulatedCluster) -> None:
    web = pods_of(cluster, "web-server")[0]["metadata"]["name"]
    assert api.get(f"{API}/pods/{web}:3000/proxy/").status == 200
    assert api.get(f"{API}/services/inference-model-server:9000/proxy/api/health").status == 200
    missing = api.get(f"{API}/services/inference-model-server:9000/proxy/health")
    assert (missing.status, missing.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        ("services/api-server:8080", 503, 'no endpoints available for service "api-server:8080"'),
        ("services/api-server:9999", 503, 'no service port 9999 found for service "api-server"'),
        ("services/ghost:80", 404, 'services "ghost" not found'),
        ("pods/ghost:80", 404, 'pods "ghost" not found'),
    ],
)
def test_the_proxy_says_why_it_cannot(api: Api, target: str, status: int, message: str) -> None:
    answer = api.get(f"{API}/{target}/proxy/health")
    assert (answer.status, answer.json["message"]) == (status, message)


def test_a_closed_port_is_refused_in_the_real_words(api: Api, cluster: SimulatedCluster, pod: str) -> None:
    address = pods_of(cluster, "api-server")[0]["status"]["podIP"]
    answer = api.get(f"{API}/pods/{pod}:8080/proxy/health")
    assert (answer.status, answer.json["reason"]) == (503, "ServiceUnavailable")
    assert (
        answer.json["message"] == f"error trying to reach service: dial tcp {address}:8080: connect: connection refused"
    )


# watching, compression


def test_a_watch_tells_the_state_and_then_every_change(api: Api) -> None:
    events = api.stream(f"{API}/configmaps", fieldSelector="metadata.name=watched")
    api("POST", f"{API}/configmaps", {"metadata": {"name": "watched"}, "data": {"n": "0"}})
    assert _told(next(events)) == ("ADDED", "0")
    api("PATCH", f"{API}/configmaps/watched", {"data": {"n": "1"}}, content=MERGE_PATCH)
    assert _told(next(events)) == ("MODIFIED", "1")
    api("DELETE", f"{API}/configmaps/watched")
    assert _told(next(events)) == ("DELETED", "1")


def _told(event: dict[str, Any]) -> tuple[str, str]:
    return event["type"], event["object"]["data"]["n"]


def test_leaving_the_selection_is_a_deletion_to_the_watcher(api: Api) -> None:
    api("POST", f"{API}/configmaps", {"metadata": {"name": "moody", "labels": {"mood": "good"}}})
    events = api.stream(f"{API}/configmaps", labelSelector="mood=good")
    assert next(events)["type"] == "ADDED"
    api("PATCH", f"{API}/configmaps/moody", {"metadata": {"labels": {"mood": "bad"}}}, content=MERGE_PATCH)
    assert next(events)["type"] == "DELETED"
    api("DELETE", f"{API}/configmaps/moody")


def test_a_watch_resumes_where_a_list_ended(api: Api) -> None:
    version = api.get(f"{API}/configmaps").json["metadata"]["resourceVersion"]
    api("POST", f"{API}/configmaps", {"metadata": {"name": "later"}})
    event = next(api.stream(f"{API}/configmaps", resourceVersion=version))
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "later")
    api("DELETE", f"{API}/configmaps/later")


def test_a_watch_from_a_forgotten_version_has_expired(api: Api, cluster: SimulatedCluster) -> None:
    cluster.store.compact()
    answer = api.get(f"{API}/configmaps", watch="1", resourceVersion="2")
    assert (answer.status, answer.json["reason"]) == (410, "Expired")


def test_large_answers_are_compressed_when_asked(cluster: SimulatedCluster) -> None:
    url = f"{cluster.address_for('admin')}/api/v1/namespaces/onyx/events"
    web = pods_of(cluster, "web-server")[0]
    for number in range(400):
        cluster.world.record(web, "Normal", "Noise", "x" * 400, f"component-{number}")
    http = urllib3.PoolManager()
    packed = http.request("GET", url, headers={"Accept-Encoding": "gzip"}, decode_content=False)
    plain = http.request("GET", url)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) < len(plain.data) / 4
