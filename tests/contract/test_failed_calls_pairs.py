"""A fault explains only the errors that it can make: further pairs of a fault and a pasted error, by hand.

The web server's errors against faults of what the API server depends on, and the API server's own errors about its
dependencies against every one of these.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import RedactedView, TriageService
from bot.domain.diagnosis import Diagnosis
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import serving
from tests.contract.test_failed_calls_table import KINDS, failures
from tests.scenario.partial_sight import triage
from tests.support.shipped import shipped_playbooks

pytestmark = pytest.mark.slow

DOWN = "refused reset closed-early / connect-timeout unreachable"
WAITS = "refused / reset closed-early connect-timeout unreachable"
WEB = {
    "redis-down": DOWN,
    "redis-password": DOWN,
    "postgres-password": DOWN,
    "database-missing": DOWN,
    "database-not-migrated": DOWN,
    "database-newer": DOWN,
    "index-password": DOWN,
    "bucket-denied": DOWN,
    "inference-model-missing": WAITS,
    "api-port-taken": DOWN,
    "postgres-read-only": "/",
    "postgres-pool-exhausted": "response-timeout / connect-timeout reset closed-early",
    "mail-not-verified": "/",
    "ingress-without-api": "/",
    "llm-key-refused": "/",
    "api-rollout-stuck": "/",
    "none": "/",
}
"""Which failures of the web server's calls a fault explains; behind the slash, those of which either is right."""

_HEAD = 'ERROR:    Application startup failed. Exiting.\n  File "/app/onyx/main.py", line 300, in lifespan\n'
_POSTGRES = "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) "
_SERVER = _POSTGRES + 'connection to server at "relational-db" (172.30.61.10), port 5432 failed: '
_NAME = _POSTGRES + 'could not translate host name "relational-db" to address: '
_MODEL = "requests.exceptions.ConnectionError: HTTPConnectionPool(host='inference-model-server', port=9000): Max "
_MODEL += "retries exceeded with url: /encoder/bi-encoder-embed (Caused by "
_NO_NAME = 'NameResolutionError("<urllib3.connection.HTTPConnection object at 0x7f1>: Failed to resolve '
_NO_NAME += "'inference-model-server' ([Errno -2] Name or service not known)\"))"
PASTES = {
    "postgres-refused": _SERVER + "Connection refused\n\tIs the server running on that host and accepting connections?",
    "postgres-timeout": _SERVER + "Connection timed out",
    "postgres-login": _SERVER + 'FATAL:  password authentication failed for user "postgres"',
    "postgres-database": _SERVER + 'FATAL:  database "postgres" does not exist',
    "postgres-name": _NAME + "Name or service not known",
    "postgres-dns": _NAME + "Temporary failure in name resolution",
    "postgres-pool": (
        "sqlalchemy.exc.TimeoutError: QueuePool limit of size 40 overflow 10 reached, connection timed out, timeout 30"
    ),
    "postgres-read-only": (
        "sqlalchemy.exc.InternalError: (psycopg2.errors.ReadOnlySqlTransaction) cannot execute INSERT in a read-only "
        "transaction"
    ),
    "redis-refused": "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
    "redis-name": "redis.exceptions.ConnectionError: Error -2 connecting to redis:6379. Name or service not known.",
    "redis-dns": (
        "redis.exceptions.ConnectionError: Error -3 connecting to redis:6379. Temporary failure in name resolution."
    ),
    "redis-login": "redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.",
    "model-refused": (
        _MODEL + "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f1>: Failed to establish a new "
        "connection: [Errno 111] Connection refused'))"
    ),
    "model-name": _MODEL + _NO_NAME,
}
EXPLAINED = {
    "dependency-down": "postgres-refused / postgres-timeout",
    "redis-down": "redis-refused",
    "redis-password": "redis-login",
    "postgres-password": "postgres-login",
    "database-missing": "postgres-database",
    "postgres-read-only": "postgres-read-only",
    "postgres-pool-exhausted": "postgres-pool",
    "inference-model-missing": "model-refused",
    "dns-failing": "postgres-dns redis-dns / postgres-name redis-name model-name",
    "network-policy-blocks": "",
    "api-oom-killed": "",
    "none": "",
}
"""Which of the API server's errors a fault explains; behind the slash, those of which either is right."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def service(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TriageService]:
    kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("reader") / "kubeconfig")
    with triage(kubeconfig, shipped_playbooks()) as found:
        yield found


def explaining(diagnosis: Diagnosis) -> set[str]:
    """The causes that explain what was pasted; that it is over says that it was, and nothing of why."""
    states = {cause.id for cause in diagnosis.causes if cause.state}
    found = {entry.explained_by for entry in diagnosis.symptoms if entry.explained_by is not None}
    return found - states


@pytest.mark.parametrize("fault", sorted({*WEB, *EXPLAINED}))
def test_a_fault_explains_only_what_it_can_make(cluster: SimulatedCluster, service: TriageService, fault: str) -> None:
    cluster.inject(fault)
    look = service.look(TriageRequest("onyx", "onyx"), lambda _: None)
    assert isinstance(look, RedactedView)
    pairs: list[tuple[str, str, str]] = []
    for table, pastes in ((WEB, failures(cluster.names.api_service)), (EXPLAINED, PASTES)):
        if fault in table:
            pairs += [(table[fault], name, paste) for name, paste in pastes.items()]
    wrong = []
    for answers, name, paste in pairs:
        right, _, either = (set(part.split()) for part in answers.partition("/"))
        if name in either:
            continue
        symptoms = service.match(paste if paste.startswith(" ") else _HEAD + paste, "onyx")
        assert symptoms, name
        found = explaining(service.replay(look.view, TriageRequest("onyx", "onyx", symptoms)))
        if bool(found) != (name in right):
            wrong.append(f"{name}: explained by {sorted(found) or 'nothing'}")
    assert not wrong, "\n".join(wrong)


def test_the_answers_are_about_what_is_pasted() -> None:
    assert {name for answers in WEB.values() for name in answers.replace("/", " ").split()} <= set(KINDS)
    assert {name for answers in EXPLAINED.values() for name in answers.replace("/", " ").split()} <= set(PASTES)
