"""Who may do what on the simulated API server, and how it misbehaves when a test wants it to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from bot.domain.errors import ConfigurationError
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import API, APPS, MERGE_PATCH, Api, noon, serving

ACCESS = "/apis/authorization.k8s.io/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedCluster]:
    with serving() as found:
        yield found


@pytest.fixture
def cluster(shared: SimulatedCluster) -> Iterator[SimulatedCluster]:
    yield shared
    shared.behave()


@pytest.fixture
def admin(cluster: SimulatedCluster, tmp_path: Path) -> Api:
    return Api(cluster, tmp_path, "admin")


@pytest.fixture
def reader(cluster: SimulatedCluster, tmp_path: Path) -> Api:
    return Api(cluster, tmp_path, "reader")


@pytest.fixture
def nobody(cluster: SimulatedCluster, tmp_path: Path) -> Api:
    return Api(cluster, tmp_path, "nobody")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            f"{API}/pods",
            'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "onyx"',
        ),
        (
            f"{APPS}/deployments/api-server",
            (
                'deployments.apps "api-server" is forbidden: User "nobody" cannot get resource "deployments" '
                'in API group "apps" in the namespace "onyx"'
            ),
        ),
        (
            "/api/v1/nodes",
            'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
        ),
        (
            f"{API}/pods/x/log",
            (
                'pods "x" is forbidden: User "nobody" cannot get resource "pods/log" in API group "" '
                'in the namespace "onyx"'
            ),
        ),
        (
            f"{API}/services/api-server:8080/proxy/health",
            (
                'services "api-server" is forbidden: User "nobody" cannot get resource "services/proxy" '
                'in API group "" in the namespace "onyx"'
            ),
        ),
        ("/metrics", 'forbidden: User "nobody" cannot get path "/metrics"'),
    ],
)
def test_a_refusal_is_worded_as_the_real_one(nobody: Api, path: str, message: str) -> None:
    answer = nobody.get(path)
    assert (answer.status, answer.json["reason"], answer.json["code"]) == (403, "Forbidden", 403)
    assert answer.json["message"] == message


@pytest.mark.parametrize(
    "path", [f"{API}/pods", f"{APPS}/deployments", "/api/v1/nodes", "/apis/discovery.k8s.io/v1/endpointslices"]
)
def test_the_reader_reads(reader: Api, path: str) -> None:
    assert reader.get(path).status == 200


def test_the_reader_sees_no_secrets_and_writes_nothing(reader: Api, cluster: SimulatedCluster) -> None:
    assert reader.get(f"{API}/secrets").status == 403
    assert reader.get(f"{API}/secrets/onyx-secrets").status == 403
    before = cluster.get("Deployment", "api-server")
    assert (
        reader("PATCH", f"{APPS}/deployments/api-server", {"spec": {"replicas": 0}}, content=MERGE_PATCH).status == 403
    )
    assert (
        reader("PATCH", f"{APPS}/deployments/api-server/scale", {"spec": {"replicas": 0}}, content=MERGE_PATCH).status
        == 403
    )
    assert reader("DELETE", f"{APPS}/deployments/api-server").status == 403
    assert cluster.get("Deployment", "api-server") == before


def test_version_and_health_are_public_and_the_rest_is_not(cluster: SimulatedCluster) -> None:
    http = urllib3.PoolManager()
    assert http.request("GET", f"{cluster.address}/version").status == 200
    assert http.request("GET", f"{cluster.address}/livez").data == b"ok"
    anonymous = http.request("GET", f"{cluster.address}{API}/pods")
    assert anonymous.status == 403
    assert 'User "system:anonymous"' in anonymous.json()["message"]


def test_a_bearer_token_names_its_user_and_a_wrong_one_is_unauthorized(cluster: SimulatedCluster) -> None:
    http = urllib3.PoolManager()
    good = {"Authorization": f"Bearer {cluster.token('reader')}"}
    assert http.request("GET", f"{cluster.address}{API}/pods", headers=good).status == 200
    bad = http.request("GET", f"{cluster.address}{API}/pods", headers={"Authorization": "Bearer nonsense"})
    assert (bad.status, bad.json()["message"]) == (401, "Unauthorized")


def _grant(admin: Api, name: str, rules: list[dict[str, list[str]]], kind: str, subject: str) -> None:
    admin("POST", f"{RBAC}/clusterroles", {"metadata": {"name": name}, "rules": rules})
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    subjects = [{"kind": kind, "name": subject, "apiGroup": "rbac.authorization.k8s.io"}]
    body = {"metadata": {"name": name}, "roleRef": reference, "subjects": subjects}
    assert admin("POST", f"{RBAC}/namespaces/onyx/rolebindings", body).status == 201
    assert admin("POST", f"{RBAC}/clusterrolebindings", {**body, "metadata": {"name": f"{name}-all"}}).status == 201


def test_a_role_may_be_limited_to_names(admin: Api, cluster: SimulatedCluster, tmp_path: Path) -> None:
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"], "resourceNames": ["redis"]}]
    _grant(admin, "only-redis", rules, "User", "narrow")
    narrow = Api(cluster, tmp_path, "narrow")
    assert narrow.get(f"{APPS}/deployments/redis").status == 200
    assert narrow.get(f"{APPS}/deployments/api-server").status == 403
    assert narrow.get(f"{APPS}/deployments").status == 403


def test_a_namespaced_role_does_not_reach_other_namespaces(
    admin: Api, cluster: SimulatedCluster, tmp_path: Path
) -> None:
    role = {"metadata": {"name": "pods"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}
    admin("POST", f"{RBAC}/namespaces/onyx/roles", role)
    binding = {
        "metadata": {"name": "pods"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"},
        "subjects": [{"kind": "ServiceAccount", "name": "bot", "namespace": "triage"}],
    }
    admin("POST", f"{RBAC}/namespaces/onyx/rolebindings", binding)
    account = Api(cluster, tmp_path, "system:serviceaccount:triage:bot")
    assert account.get(f"{API}/pods").status == 200
    assert account.get("/api/v1/namespaces/kube-system/pods").status == 403
    assert account.get("/api/v1/pods").status == 403


def test_impersonation_needs_a_grant_and_then_acts_as_the_other(
    admin: Api, reader: Api, cluster: SimulatedCluster
) -> None:
    headers = {"Impersonate-User": "ada", "Impersonate-Group": "triage:operator"}
    refused = reader("GET", f"{API}/pods", headers=headers)
    assert refused.json["message"] == (
        'users "ada" is forbidden: User "reader" cannot impersonate resource "users" in API group "" '
        "at the cluster scope"
    )
    rules = [
        {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]},
        {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["triage:operator"]},
    ]
    _grant(admin, "impersonator", rules, "User", "reader")
    edit = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]}]
    _grant(admin, "operator", edit, "Group", "triage:operator")
    body = {"metadata": {"annotations": {"by": "ada"}}}
    path = f"{APPS}/deployments/api-server"
    assert reader("PATCH", path, body, content=MERGE_PATCH, headers=headers).status == 200
    masters = {"Impersonate-User": "ada", "Impersonate-Group": "system:masters"}
    assert reader("PATCH", path, body, content=MERGE_PATCH, headers=masters).status == 403
    acted = [seen for seen in cluster.requests if seen.method == "PATCH" and seen.user == "ada" and seen.status == 200]
    assert [(seen.authenticated, "triage:operator" in seen.groups) for seen in acted] == [("reader", True)]


def _review(api: Api, resource: str, body: dict[str, object]) -> bool:
    answer = api("POST", f"{ACCESS}/{resource}", {"spec": body})
    assert answer.status == 201
    return bool(answer.json["status"]["allowed"])


@pytest.mark.parametrize(
    ("attributes", "allowed"),
    [
        ({"verb": "list", "resource": "pods", "namespace": "onyx"}, True),
        ({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "onyx"}, True),
        ({"verb": "list", "resource": "secrets", "namespace": "onyx"}, False),
        ({"verb": "patch", "resource": "deployments", "group": "apps", "namespace": "onyx"}, False),
    ],
)
def test_access_reviews_answer_for_oneself_and_for_others(
    admin: Api, reader: Api, attributes: dict[str, str], allowed: bool
) -> None:
    assert _review(reader, "selfsubjectaccessreviews", {"resourceAttributes": attributes}) is allowed
    about = {"user": "reader", "resourceAttributes": attributes}
    assert _review(admin, "subjectaccessreviews", about) is allowed


def test_the_rules_review_lists_what_one_may(reader: Api) -> None:
    answer = reader("POST", f"{ACCESS}/selfsubjectrulesreviews", {"spec": {"namespace": "onyx"}})
    resources = {name for rule in answer.json["status"]["resourceRules"] for name in rule["resources"]}
    assert "pods/log" in resources
    assert "secrets" not in resources


# misbehaviour


def test_a_denial_holds_even_for_the_administrator_and_ends(admin: Api, cluster: SimulatedCluster) -> None:
    cluster.deny("list", "pods", "onyx")
    assert admin.get(f"{API}/pods").status == 403
    assert admin.get("/api/v1/namespaces/kube-system/pods").status == 200
    assert not _review(
        admin,
        "selfsubjectaccessreviews",
        {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "onyx"}},
    )
    cluster.behave()
    assert admin.get(f"{API}/pods").status == 200


def test_a_failure_carries_its_status_and_when_to_retry(admin: Api, cluster: SimulatedCluster) -> None:
    cluster.fail(r"/pods$", 429, retry_after=7, times=1)
    answer = admin.get(f"{API}/pods")
    assert (answer.status, answer.json["reason"], answer.headers["retry-after"]) == (429, "TooManyRequests", "7")
    assert admin.get(f"{API}/pods").status == 200


def test_a_hanging_request_gives_no_answer_and_does_not_block_others(admin: Api, cluster: SimulatedCluster) -> None:
    cluster.hang(r"/events$")
    with pytest.raises(urllib3.exceptions.HTTPError):
        admin("GET", f"{API}/events", timeout=0.2)
    assert admin.get(f"{API}/pods").status == 200
    cluster.behave()
    assert admin.get(f"{API}/events").status == 200


def test_a_dropped_connection_is_a_transport_error(admin: Api, cluster: SimulatedCluster) -> None:
    cluster.drop(r"/nodes$", times=1)
    with pytest.raises(urllib3.exceptions.HTTPError):
        admin.get("/api/v1/nodes")
    assert admin.get("/api/v1/nodes").status == 200


def test_a_write_that_failed_before_the_server_was_not_made(admin: Api, cluster: SimulatedCluster) -> None:
    cluster.fail(r"/deployments/redis$", 500, method="PATCH", times=1)
    body = {"spec": {"replicas": 5}}
    assert admin("PATCH", f"{APPS}/deployments/redis", body, content=MERGE_PATCH).status == 500
    assert admin.get(f"{APPS}/deployments/redis").json["spec"]["replicas"] == 1


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ConfigurationError, match="loopback"):
        SimulatedCluster(clock=noon).start(host="0.0.0.0")
