"""Faults of the simulated Onyx that its own log tells of, each with its near miss: the same thing, harmless.

Whole stack: the simulated cluster over HTTP, the reader, the engine, the shipped playbooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.apps.build import container
from bot.sandbox.cluster.faults import running, start
from bot.sandbox.cluster.faults.model import Deed, Operator
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, INGRESSES, STATEFUL_SETS
from tests.contract.kube.simulated_cluster_client import pods_of, serving
from tests.support.shipped import shipped_playbooks

pytestmark = pytest.mark.slow

WELL = (Verdict.HEALTHY, Verdict.RECOVERED)
NOT_PROXIED = (
    'GET https://onyx.example.com/api/me 404 {"message":"This API is only available in development mode. '
    'In production, something else (e.g. nginx) should handle this."}'
)


class Onyx:
    """A simulated Onyx and whoever diagnoses it."""

    def __init__(self, cluster: SimulatedCluster, service: TriageService) -> None:
        self.cluster, self._service = cluster, service

    def diagnose(self, paste: str = "") -> Diagnosis:
        symptoms = self._service.match(paste, "onyx") if paste else ()
        found = self._service.diagnose(TriageRequest("onyx", "onyx", symptoms), lambda _: None)
        assert isinstance(found, Diagnosis)
        return found

    def well_but(self, *deeds: Deed, seconds: float = 120.0) -> None:
        """A healthy Onyx to which this is done, and then some time passes."""
        self.cluster.inject("none")
        operator = Operator(self.cluster.world, self.cluster.names)
        for deed in deeds:
            deed(operator)
            self.cluster.advance(40)
        self.cluster.advance(seconds)

    def log(self) -> str:
        pod = pods_of(self.cluster, self.cluster.names.api)[0]
        return self.cluster.logs(pod["metadata"]["name"], container=self.cluster.names.api_container)


@pytest.fixture(scope="module")
def onyx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onyx]:
    with serving() as cluster:
        kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("reader") / "kubeconfig")
        reader = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))
        yield Onyx(cluster, TriageService(shipped_playbooks, lambda: reader))
        reader.close()


CONFIRMED = {
    "index-password": "AuthenticationException(401",
    "bucket-denied": "access is forbidden",
    "api-port-taken": "Errno 98",
    "postgres-read-only": "in a read-only transaction",
    "postgres-pool-exhausted": "503",
    "llm-key-refused": "litellm",
}
"""Faults whose cause is confirmed, and what its sentence quotes."""


@pytest.mark.parametrize("fault", CONFIRMED)
def test_its_log_confirms_the_cause(onyx: Onyx, fault: str) -> None:
    onyx.cluster.inject(fault)
    found = onyx.diagnose()
    (cause,) = found.root_causes
    assert cause.id in onyx.cluster.faults[fault].expected_causes
    assert CONFIRMED[fault] in cause.sentence
    assert cause.remedies


def test_writes_that_succeed_again_end_the_fault(onyx: Onyx) -> None:
    def writable(operator: Operator) -> None:
        operator.put_in_mood(STATEFUL_SETS, operator.names.database, "")

    onyx.well_but(running.database(running.READ_ONLY), writable, seconds=60)
    assert "Invalid Persona provided" in onyx.log()
    assert onyx.diagnose().verdict in WELL


def test_the_first_start_without_a_model_is_the_model_servers_fault(onyx: Onyx) -> None:
    onyx.cluster.inject("inference-model-missing")
    (cause,) = onyx.diagnose().root_causes
    assert "deployment/inference-model-server" in cause.sentence


def test_in_todays_chart_nobody_is_blamed_for_the_model_server_that_has_no_model(tmp_path: Path) -> None:
    """The API server does not reach it because it cannot download: that is no cause of its own."""
    with serving("inference-model-missing", "chart") as cluster:
        kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig")
        reader = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))
        found = Onyx(cluster, TriageService(shipped_playbooks, lambda: reader)).diagnose()
        reader.close()
    assert [cause.id for cause in found.root_causes] == ["huggingface-unreachable"]
    followed = next(cause for cause in found.causes if cause.id == "model-server-unreachable")
    assert followed.explained_by == "huggingface-unreachable"


def test_an_address_that_was_not_verified_is_told_to_who_pastes_the_lines(onyx: Onyx) -> None:
    onyx.cluster.inject("mail-not-verified")
    calls = [line for line in onyx.log().splitlines() if "/health" not in line][-5:]
    found = onyx.diagnose("\n".join(calls))
    assert [entry.symptom.id for entry in found.symptoms] == ["email_not_verified"]
    assert found.verdict in WELL  # nothing of the cluster is blamed


def test_an_ingress_without_api_is_the_cause_of_a_404_that_somebody_saw(onyx: Onyx) -> None:
    onyx.cluster.inject("ingress-without-api")
    (cause,) = onyx.diagnose(NOT_PROXIED).root_causes
    assert cause.id == "ingress-without-api"
    assert "to add: path /api to Service api-server, port 8080" in cause.sentence


def test_a_paste_that_shows_by_itself_that_a_fault_is_over_asks_nobody_to_mend_it(onyx: Onyx) -> None:
    onyx.cluster.inject("none")
    refused = (
        "Could not read Redis INFO for server diagnostics: Error 111 connecting to cache:6379. Connection refused."
    )
    failed = f"WARNING:  03/02/2026 09:01:19 AM                  redis_pool.py  489: {refused}"
    serves = "INFO: Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)"
    told = "\n".join(onyx.diagnose(f"{failed}\nINFO:     Started server process [471]\n{serves}").notes)
    assert f"is over, says the paste itself: its line 3 is “{serves}”." in told
    assert "Look at the Redis pod" not in told
    assert "Nothing in the cluster explains this now" not in told
    assert "Look at the Redis pod" in "\n".join(onyx.diagnose(failed).notes)


def _mood(mood: str, kind: str = "database") -> Deed:
    def deed(operator: Operator) -> None:
        name = operator.names.database if kind == "database" else operator.names.index
        operator.put_in_mood(STATEFUL_SETS, name, mood)
        operator.replace_pods(operator.names.api)

    return deed


def _people(operator: Operator) -> None:
    operator.let_people_chat()


def _old_index_has_a_mood(operator: Operator) -> None:
    # Vespa asks for no password: that somebody changed one changes nothing.
    _mood("wrong-but-unasked", "index")(operator)


def _beside_the_port(operator: Operator) -> None:
    sidecar = container("metrics", "node:22-alpine", ports=[{"containerPort": 9090}])
    operator.patch(DEPLOYMENTS, operator.names.api, {"spec": {"template": {"spec": {"containers": [sidecar]}}}})


def _verification_off(operator: Operator) -> None:
    operator.set_data(operator.names.api_settings, REQUIRE_EMAIL_VERIFICATION="false")
    operator.restart(operator.names.api)


def _models_elsewhere(operator: Operator) -> None:
    # The database has documents already: its API server asks nobody for a GPU.
    start.lose_models(operator)
    operator.put_in_mood(STATEFUL_SETS, operator.names.database, "")


HARMLESS: dict[str, tuple[Deed, ...]] = {
    "people who chat with a well Onyx": (_people,),
    "an index that knows no passwords": (_old_index_has_a_mood,),
    "an object store that lets it in": (start.use_bucket,),
    "OpenSearch with the right password": (start.use_opensearch,),
    "a first start with a model": (_mood("empty"),),
    "a second container with a port of its own": (_beside_the_port,),
    "verification that is switched off": (_verification_off, _people),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_the_same_thing_harmless_accuses_nobody(onyx: Onyx, what: str) -> None:
    onyx.well_but(*HARMLESS[what])
    found = onyx.diagnose()
    assert found.verdict in WELL, found.headline
    assert "Uvicorn running on http://0.0.0.0:8080" in onyx.log()


def test_an_index_that_forbids_reads_as_one_that_refuses(onyx: Onyx) -> None:
    onyx.well_but(start.use_opensearch, _mood("forbids", "index"), seconds=60)
    assert [cause.id for cause in onyx.diagnose().root_causes] == ["document-index-login-failed"]


def test_an_ingress_with_api_is_not_blamed_for_the_same_words(onyx: Onyx) -> None:
    def with_api(operator: Operator) -> None:
        running.expose_the_page_only(operator)
        own = running.ingress_to(operator.names.api_service, 8080, "/api", name="onyx-api")
        operator.create(INGRESSES, own)

    onyx.well_but(with_api, seconds=10)
    assert "ingress-without-api" not in {cause.id for cause in onyx.diagnose(NOT_PROXIED).root_causes}


def test_a_refused_key_of_an_hour_ago_is_not_todays_cause(onyx: Onyx) -> None:
    def chat_again(operator: Operator) -> None:
        operator.put_in_mood(STATEFUL_SETS, operator.names.database, "")

    onyx.well_but(running.database(running.KEY_REFUSED), chat_again, seconds=3600)
    assert "litellm" in onyx.log()
    assert onyx.diagnose().verdict in WELL
