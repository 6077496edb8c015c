"""Real kubectl works on the simulated cluster: the commands of the analysis' checklist and of its fixes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import KUBECTL, FastClock, Kubectl

pytestmark = [pytest.mark.slow, pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    found = SimulatedCluster(clock=FastClock())
    found.server.tick_seconds = 0.05
    with found:
        yield found


@pytest.fixture
def kubectl(cluster: SimulatedCluster, tmp_path: Path) -> Kubectl:
    return Kubectl(cluster.write_kubeconfig(tmp_path / "config"))


@pytest.fixture
def broken(cluster: SimulatedCluster, kubectl: Kubectl) -> Kubectl:
    cluster.inject("api-oom-killed")
    return kubectl


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_get_shows_the_real_columns(broken: Kubectl) -> None:
    head, row = _lines(broken("get", "pods", "-l", "app=api-server"))
    assert head == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert row[1] == "0/1"
    wide = broken("get", "deployments", "-o", "wide").splitlines()[0].split()
    assert wide == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]


def test_get_all_and_many_kinds_at_once(broken: Kubectl) -> None:
    text = broken("get", "all")
    for name in (
        "pod/relational-db-0",
        "service/api-server",
        "deployment.apps/web-server",
        "statefulset.apps/relational-db",
    ):
        assert name in text
    kinds = "endpointslices,configmaps,replicasets,networkpolicies,pvc,quota,ingress,hpa,pdb,serviceaccounts,leases"
    assert "endpointslice.discovery.k8s.io/api-server" in broken("get", kinds)


def test_describe_tells_why_it_was_killed(broken: Kubectl) -> None:
    text = broken("describe", "pod", "-l", "app=api-server")
    for words in (
        "Reason:       OOMKilled",
        "Exit Code:    137",
        "Back-off restarting failed container",
        "memory:  1Gi",
    ):
        assert words in text
    assert "MinimumReplicasUnavailable" in broken("describe", "deployment", "api-server")
    assert "172.30.154.48" in broken("describe", "service", "api-server")
    assert "Kubelet Version" in broken("describe", "node", "worker-1")


def test_logs_of_a_pod_of_a_deployment_and_of_the_last_life(broken: Kubectl) -> None:
    assert "Starting Onyx Api Server" in broken("logs", "-l", "app=api-server", "--tail=100", "--previous")
    assert "ECONNREFUSED 172.30.154.48:8080" in broken("logs", "deployment/web-server", "--since=2m")
    pod = broken("get", "pods", "-l", "app=api-server", "-o", "name").strip()
    assert broken("logs", pod, "--previous", "--tail=1") == "Killed\n"
    assert len(_lines(broken("logs", "deploy/web-server", "--tail=5", "--timestamps"))) == 5


def test_the_analysis_fix_by_patch_and_rollout_status(broken: Kubectl, cluster: SimulatedCluster) -> None:
    resources = {"limits": {"memory": "4Gi"}, "requests": {"memory": "2Gi"}}
    patch = json.dumps(
        {"spec": {"template": {"spec": {"containers": [{"name": "api-server", "resources": resources}]}}}}
    )
    broken("patch", "deployment", "api-server", "-p", patch, "--dry-run=server")
    found = cluster.get("Deployment", "api-server")
    assert found is not None
    assert found["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "1Gi"
    assert "patched" in broken("patch", "deployment", "api-server", "-p", patch)
    assert "successfully rolled out" in broken("rollout", "status", "deployment/api-server", "--timeout=40s")
    assert "success" in broken("get", "--raw", "/api/v1/namespaces/onyx/services/api-server:8080/proxy/health")


def test_scale_restart_undo_and_history(kubectl: Kubectl, cluster: SimulatedCluster) -> None:
    cluster.inject("none")
    assert "scaled" in kubectl("scale", "deployment/nginx", "--replicas=2")
    kubectl("wait", "--for=jsonpath={.status.readyReplicas}=2", "deployment/nginx", "--timeout=40s")
    assert "restarted" in kubectl("rollout", "restart", "deployment/nginx")
    assert "successfully rolled out" in kubectl("rollout", "status", "deployment/nginx", "--timeout=40s")
    assert "2" in kubectl("rollout", "history", "deployment/nginx")
    assert "rolled back" in kubectl("rollout", "undo", "deployment/nginx")
    assert "restarted" in kubectl("rollout", "restart", "statefulset/relational-db")
    assert "roll" in kubectl("rollout", "status", "statefulset/relational-db", "--timeout=40s")


def test_apply_set_and_delete(kubectl: Kubectl, cluster: SimulatedCluster) -> None:
    manifest = json.dumps({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "namespace": "onyx"},
        "data": {"a": "1", "b": "2"},
    })  # fmt: skip
    assert "created" in kubectl("apply", "-f", "-", given=manifest)
    assert "unchanged" in kubectl("apply", "-f", "-", given=manifest)
    assert "configured" in kubectl("apply", "-f", "-", given=manifest.replace(', "b": "2"', ""))
    found = cluster.get("ConfigMap", "applied")
    assert found is not None
    assert found["data"] == {"a": "1"}
    assert "serverside-applied" in kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", given=manifest)
    assert "env updated" in kubectl("set", "env", "deployment/web-server", "EXTRA=1")
    assert "deleted" in kubectl("delete", "configmap", "applied")


def test_typed_creates_arrive_although_they_are_protobuf(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "typed")
    kubectl("create", "configmap", "settings", "--from-literal=a=b", "-n", "typed")
    kubectl("create", "deployment", "hello", "--image=nginx:1.27", "-n", "typed")
    kubectl("rollout", "status", "deployment/hello", "-n", "typed", "--timeout=40s")
    assert "a" in kubectl("get", "configmap", "settings", "-n", "typed", "-o", "jsonpath={.data}")
    kubectl("delete", "namespace", "typed")


def test_rights_are_those_of_the_context(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "list", "pods", "--as", "reader") == "yes\n"
    kubectl("--context", "reader", "auth", "can-i", "get", "secrets", fails=True)
    refusal = kubectl("--context", "nobody", "get", "pods", fails=True)
    assert refusal.strip() == (
        'Error from server (Forbidden): pods is forbidden: User "nobody" cannot list resource "pods" in API group "" '
        'in the namespace "onyx"'
    )
    assert "reader" in kubectl("--context", "reader", "auth", "whoami")
    assert "configmaps" in kubectl("--context", "reader", "auth", "can-i", "--list")


def test_the_checklists_exec_commands_see_what_the_container_sees(kubectl: Kubectl, cluster: SimulatedCluster) -> None:
    cluster.inject("service-selector-mismatch")
    assert "INTERNAL_URL=http://api-server:8080\n" in kubectl("exec", "deployment/web-server", "--", "env")
    look = ("exec", "deployment/web-server", "--", "curl", "-s", "http://api-server:8080/health")
    assert "curl: (7) Failed to connect to api-server port 8080" in kubectl(*look, fails=True)
    cluster.inject("none")
    assert json.loads(kubectl(*look))["success"] is True
    assert "executable file not found" in kubectl("exec", "deployment/web-server", "--", "vim", fails=True)
    assert 'resource "pods/exec" in API group ""' in kubectl("--context", "reader", *look, fails=True)


def test_events_drain_and_cordon(kubectl: Kubectl, cluster: SimulatedCluster) -> None:
    cluster.inject("api-oom-killed")
    assert "BackOff" in kubectl("get", "events", "--field-selector", "type=Warning")
    assert "ScalingReplicaSet" in kubectl("events", "--for", "deployment/api-server")
    kubectl("drain", "worker-2", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=40s", "--force")
    assert "Ready,SchedulingDisabled" in kubectl("get", "node", "worker-2")
    assert "uncordoned" in kubectl("uncordon", "worker-2")
