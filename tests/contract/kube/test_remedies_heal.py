"""The first remedy that the diagnosis of a simulated fault offers removes its cause; where none can, only advice is
offered. Everything goes over HTTP: the ordinary reader diagnoses, the steps are sent as kubectl would send them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Cause, Diagnosis, Verdict
from bot.domain.remedies import Remedy
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.applied_remedies import apply_steps
from tests.contract.kube.simulated_cluster_client import Api, serving
from tests.support.shipped import shipped_playbooks

pytestmark = pytest.mark.slow

HEALED_BY: dict[str, dict[str, tuple[str, ...]]] = {
    "api-oom-killed": {"api-oom-killed": ("raise-memory-api", "roll-back-api")},
    "api-crash-looping": {"user-auth-secret-empty": ("roll-back-api",)},
    "dependency-down": {"dependency-down": ("scale-up-postgres",)},
    "api-scaled-to-zero": {"api-scaled-to-zero": ("scale-up-api",)},
    "api-quota-exceeded": {"api-quota-exceeded": ()},
    "api-unschedulable": {"api-unschedulable": ("roll-back-api",)},
    "api-image-pull-failing": {"api-image-pull-failing": ("roll-back-api",)},
    "api-config-missing": {"api-config-missing": ("roll-back-api",)},
    "api-liveness-killing": {"api-liveness-killing": ("fix-probe-api", "roll-back-api")},
    "api-not-ready": {"api-not-ready": ("fix-probe-api", "roll-back-api")},
    "api-not-listening": {"api-not-listening": ("roll-back-api", "restart-api")},
    "api-not-responding": {"api-not-responding": ("restart-api",)},
    "api-rollout-stuck": {"api-rollout-stuck": ("roll-back-api",)},
    "api-node-lost": {"api-node-lost": ()},
    "redis-down": {"dependency-down": ("scale-up-redis",)},
    "redis-password": {"redis-login-failed": ()},
    "postgres-password": {"postgres-login-failed": ()},
    "database-missing": {"postgres-database-missing": ()},
    "database-not-migrated": {"database-schema-mismatch": ()},
    "database-newer": {"alembic-revision-missing": ("roll-back-api",)},
    "index-password": {"document-index-login-failed": ()},
    "bucket-denied": {"object-store-access-denied": ()},
    "inference-model-missing": {"dependency-down": ("roll-back-model-server", "restart-model-server")},
    "api-port-taken": {"port-in-use": ("roll-back-api",)},
    "postgres-read-only": {"postgres-read-only": ()},
    "postgres-pool-exhausted": {"postgres-exhausted": ()},
    # Both are told to who pastes what people see; the cluster itself has nothing to say against.
    "mail-not-verified": {"recovered": ()},
    "ingress-without-api": {"healthy": ()},
    "llm-key-refused": {"llm-login-failed": ()},
    "recovered": {"recovered": ()},
    "recovered-oom": {"recovered": ()},
    "none": {"healthy": ()},
    "service-missing": {"service-missing": ("create-service-web-to-api",)},
    "service-selector-mismatch": {"service-selector-mismatch": ("fix-selector-web-to-api",)},
    "service-port-mismatch": {"service-port-mismatch": ("fix-port-web-to-api",)},
    "service-port-mismatch-named": {"service-port-mismatch": ("fix-port-web-to-api",)},
    "internal-url-missing": {"internal-url-missing": ("set-url-web-to-api",)},
    "internal-url-wrong": {"internal-url-wrong": ("set-url-web-to-api",)},
    "internal-url-wrong-compose": {"internal-url-wrong": ("set-url-web-to-api",)},
    "internal-url-wrong-port": {"internal-url-wrong": ("set-url-web-to-api",)},
    "internal-url-stale": {"internal-url-stale": ("restart-caller-web-to-api",)},
    "network-policy-blocks": {"network-policy-blocks": ("allow-web-to-api",)},
    "network-policy-blocks-egress": {"network-policy-blocks": ("allow-web-to-api",)},
    "dns-failing": {"dns-failing": ()},
    "two-faults": {
        "dependency-down": ("scale-up-postgres",),
        "service-selector-mismatch": ("fix-selector-web-to-api",),
    },
}
"""For each fault of the simulated cluster: its root causes, and the remedies that change something, in order."""

HEALABLE = [fault for fault, causes in HEALED_BY.items() if any(causes.values())]


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def api(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Api:
    return Api(cluster, tmp_path_factory.mktemp("kube"))


@pytest.fixture(scope="module")
def service(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TriageService]:
    playbooks = shipped_playbooks()
    kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("reader") / "kubeconfig")
    connection = connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False)
    reader = KubernetesReader(connection)
    yield TriageService(lambda: playbooks, lambda: reader)
    reader.close()


def diagnose(service: TriageService) -> Diagnosis:
    found = service.diagnose(TriageRequest("onyx", "onyx"), lambda _: None)
    assert isinstance(found, Diagnosis)
    return found


def changing(cause: Cause) -> list[Remedy]:
    """The remedies of a cause that change something."""
    return [remedy for remedy in cause.remedies if remedy.steps]


def test_the_table_names_every_fault_of_the_simulated_cluster(cluster: SimulatedCluster) -> None:
    assert set(HEALED_BY) == set(cluster.faults)


@pytest.mark.parametrize("fault", HEALED_BY)
def test_the_first_remedy_that_is_offered_removes_the_cause(
    cluster: SimulatedCluster, api: Api, service: TriageService, fault: str
) -> None:
    cluster.inject(fault)
    before = diagnose(service)
    offered = {cause.id: tuple(remedy.id for remedy in changing(cause)) for cause in before.root_causes}
    assert offered == HEALED_BY[fault], before.headline
    if fault not in HEALABLE:
        return
    for cause in before.root_causes:
        apply_steps(api, changing(cause)[0])
    cluster.advance(200)
    after = diagnose(service)
    assert after.verdict in (Verdict.HEALTHY, Verdict.RECOVERED), after.headline
    assert {cause.id for cause in before.root_causes}.isdisjoint({cause.id for cause in after.root_causes})
