"""With each permission removed in turn a verdict becomes weaker, never wrong, and says how to make it whole again.

The table says which permission a verdict cannot do without; with any other one missing it is still proven. A read that
fails or hangs counts like a missing permission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from bot.diagnosis.rights import missing_rules
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Verdict
from bot.playbook.loaded import PlaybookSet
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import APPS, STRATEGIC_PATCH, Api
from tests.scenario.partial_sight import (
    NAMESPACE,
    PERMISSIONS,
    assert_not_wrong,
    diagnose,
    faults_in,
    forbidden,
    is_whole,
    triage,
)
from tests.support.shipped import shipped_playbooks

pytestmark = pytest.mark.slow

STATES = {"none": Verdict.HEALTHY, "recovered": Verdict.RECOVERED}
TOLD_BY_PODS = "pods"
ALL_WELL = "pods services endpoints deployments statefulsets configmaps networkpolicies pods/log services/proxy"

NEEDED: Mapping[str, str] = {
    # That all is well must be seen everywhere; a fault is proven by what shows it.
    "none": ALL_WELL,
    # An outage that is over stands in events; without them nobody can say whether there was one.
    "recovered": f"{ALL_WELL} events",
    "api-oom-killed": TOLD_BY_PODS,
    "api-config-missing": TOLD_BY_PODS,
    "api-quota-exceeded": TOLD_BY_PODS,
    "api-rollout-stuck": TOLD_BY_PODS,
    "api-node-lost": TOLD_BY_PODS,
    "dependency-down": TOLD_BY_PODS,
    # Its ReplicaSet carries what its Deployment asks for.
    "api-scaled-to-zero": "",
    # Without events a probe's kill looks like a crash.
    "api-liveness-killing": "pods events",
    # A policy could be what refuses the Kubernetes API server.
    "api-not-listening": "pods networkpolicies",
    # A policy and a URL that only read wrong accuse nobody: the caller's log tells that somebody suffers.
    "network-policy-blocks": "pods networkpolicies pods/log",
    # A URL may lead to another namespace.
    "service-missing": "services configmaps",
    # Declared ports are documentation: that nothing answers must be seen, and that no policy is the reason.
    "service-port-mismatch": "services networkpolicies",
    "internal-url-wrong": "pods services configmaps pods/log",
    # Only the caller's own log tells where a running process calls, and that it resolves names.
    "internal-url-stale": "pods services configmaps pods/log",
    "dns-failing": "pods services configmaps pods/log",
}


@pytest.fixture(scope="module")
def playbooks() -> PlaybookSet:
    return shipped_playbooks()


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with SimulatedCluster() as running:
        yield running


@pytest.fixture(scope="module")
def service(
    cluster: SimulatedCluster, playbooks: PlaybookSet, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TriageService]:
    kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("partial") / "kubeconfig")
    with triage(kubeconfig, playbooks) as found:
        yield found


def expected(cluster: SimulatedCluster, fault: str) -> tuple[frozenset[str], Verdict]:
    """Break the cluster; what a diagnosis with every right says."""
    cluster.behave()
    if cluster.current_fault != fault:
        cluster.inject(fault)
    causes = frozenset(cluster.faults[fault].expected_causes) - {"healthy", "recovered"}
    return causes, STATES.get(fault, Verdict.FAULT_FOUND)


@pytest.mark.parametrize("fault", NEEDED)
def test_a_missing_permission_makes_a_verdict_weaker_only_where_it_is_needed(
    fault: str, cluster: SimulatedCluster, service: TriageService
) -> None:
    causes, state = expected(cluster, fault)
    needed: set[str] = set()
    for name, permission in PERMISSIONS.items():
        cluster.behave()
        for resource in permission.resources:
            cluster.deny(permission.verb, resource)
        before = len(cluster.requests)
        found = diagnose(service)
        assert_not_wrong(found, causes, state)
        if not is_whole(found, causes, state):
            needed.add(name)
        if any(seen.status == 403 for seen in cluster.requests[before:]):
            said = {(gap.verb, gap.resource, gap.namespace) for gap in forbidden(found)}
            assert said == {(permission.verb, permission.resources[0], NAMESPACE if permission.namespaced else "")}
    assert needed == set(NEEDED[fault].split())


@pytest.mark.parametrize("fault", ["none", "dns-failing"])
def test_who_may_see_nothing_says_nothing(fault: str, cluster: SimulatedCluster, service: TriageService) -> None:
    causes, state = expected(cluster, fault)
    cluster.deny("*", "*")
    found = diagnose(service)
    assert_not_wrong(found, causes, state)
    assert found.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("fault", ["none", "api-not-listening"])
def test_a_failing_read_never_makes_a_verdict_wrong(
    fault: str, cluster: SimulatedCluster, service: TriageService
) -> None:
    causes, state = expected(cluster, fault)
    for name, permission in PERMISSIONS.items():
        cluster.behave()
        cluster.fail(permission.path, 500)
        found = diagnose(service)
        assert_not_wrong(found, causes, state)
        assert is_whole(found, causes, state) == (name not in NEEDED[fault].split()), name


@pytest.mark.parametrize("name", ["pods", "pods/log", "pods/proxy", "services/proxy"])
@pytest.mark.parametrize("fault", ["none", "api-not-listening", "api-scaled-to-zero"])
def test_a_hanging_read_never_makes_a_verdict_wrong(
    fault: str, name: str, cluster: SimulatedCluster, playbooks: PlaybookSet, tmp_path: Path
) -> None:
    causes, state = expected(cluster, fault)
    cluster.hang(PERMISSIONS[name].path)
    try:
        with triage(cluster.write_kubeconfig(tmp_path / "kubeconfig"), playbooks, read_timeout_seconds=0.3) as service:
            assert_not_wrong(diagnose(service), causes, state)
    finally:
        cluster.behave()


def test_a_way_that_is_cut_between_api_server_and_pods_is_not_blamed_on_the_application(
    cluster: SimulatedCluster, playbooks: PlaybookSet, tmp_path: Path
) -> None:
    """As behind a firewall: every proxied request is silent, and the application has no probes that say more."""
    causes, state = expected(cluster, "none")
    bare = {"containers": [{"name": cluster.names.api_container, "readinessProbe": None, "livenessProbe": None}]}
    change = {"spec": {"template": {"spec": bare}}}
    path = f"{APPS}/deployments/{cluster.names.api}"
    assert Api(cluster, tmp_path)("PATCH", path, change, content=STRATEGIC_PATCH).status == 200
    cluster.advance(120)
    cluster.hang("/proxy/")
    try:
        with triage(cluster.write_kubeconfig(tmp_path / "kubeconfig"), playbooks, read_timeout_seconds=0.3) as service:
            found = diagnose(service)
            assert_not_wrong(found, causes, state)
            assert found.verdict is Verdict.INCONCLUSIVE
    finally:
        cluster.behave()
        cluster.inject("none")


# --- the roles that are printed -----------------------------------------------------------------------------------


def grant(cluster: SimulatedCluster, manifests: str) -> None:
    """`kubectl apply` of what was printed."""
    for item in yaml.safe_load_all(manifests):
        cluster.apply(item)


def account_without(cluster: SimulatedCluster, folder: Path, name: str) -> Path:
    """A kubeconfig of an account with every permission of the table but one."""
    left = [
        {"apiGroups": ["*"], "resources": list(item.resources), "verbs": [item.verb]}
        for other, item in PERMISSIONS.items()
        if other != name
    ]
    rbac, account = "rbac.authorization.k8s.io", f"without-{name.replace('/', '-')}"
    role = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": account}, "rules": left}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "triage"}
    reference = {"apiGroup": rbac, "kind": "ClusterRole", "name": account}
    binding = {"apiVersion": f"{rbac}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": account}}
    cluster.apply(role)
    cluster.apply({**binding, "roleRef": reference, "subjects": [subject]})
    return cluster.write_kubeconfig(folder / "kubeconfig", f"system:serviceaccount:triage:{account}")


@pytest.mark.parametrize("name", PERMISSIONS)
def test_the_role_that_is_printed_makes_the_verdict_whole_again(
    name: str, cluster: SimulatedCluster, playbooks: PlaybookSet, tmp_path: Path
) -> None:
    causes, state = expected(cluster, "none")
    with triage(account_without(cluster, tmp_path, name), playbooks) as service:
        before = diagnose(service)
        printed = missing_rules(before.gaps)
        assert PERMISSIONS[name].resources[0] in printed
        grant(cluster, printed)
        after = diagnose(service)
        assert is_whole(after, causes, state)
        assert forbidden(after) == []


@pytest.mark.parametrize("fault", ["none", "api-crash-looping", "two-faults"])
def test_one_application_of_what_is_printed_is_enough_for_an_account_without_rights(
    fault: str, cluster: SimulatedCluster, playbooks: PlaybookSet, tmp_path: Path
) -> None:
    causes, state = expected(cluster, fault)
    with triage(cluster.write_kubeconfig(tmp_path / "kubeconfig", f"stranger-{fault}"), playbooks) as service:
        assert faults_in(diagnose(service)) == frozenset()
        grant(cluster, missing_rules(diagnose(service).gaps))
        after = diagnose(service)
        assert is_whole(after, causes, state)
        assert forbidden(after) == []
