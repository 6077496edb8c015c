"""A write is sent once; if its outcome is not known, the writer says so. On the simulated cluster and on a rude one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from bot.adapters.kube import KubernetesWriter, connect, connect_for_writing
from bot.changes.ports import Impersonation
from bot.domain.changes import Person, Write
from bot.domain.errors import (
    ClusterError,
    ClusterUnauthorized,
    ClusterUnreachable,
    ObjectChanged,
    OutcomeUnknown,
    WriteRefused,
)
from bot.domain.remedies import Step, StepKind
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.writer_objects import deployment
from tests.contract.kube.writer_worlds import World, sandbox_world, wait_until

OPERATOR = Impersonation("operator", Person(user="U1", team="T1"))
PATCHES = "/deployments/trouble-"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sandbox_world(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


@pytest.fixture
def cluster(world: World) -> Iterator[SimulatedCluster]:
    assert world.simulated is not None
    yield world.simulated
    world.simulated.behave()


@pytest.fixture
def writer(world: World, cluster: SimulatedCluster) -> Iterator[KubernetesWriter]:
    """Waits long: on a busy machine every answer is late."""
    with world.writing(timeout_seconds=30) as made:
        yield made


@pytest.fixture
def hasty(world: World, cluster: SimulatedCluster) -> Iterator[KubernetesWriter]:
    """For calls that are never answered."""
    with world.writing(timeout_seconds=0.6) as made:
        yield made


@pytest.fixture
def write(world: World, writer: KubernetesWriter) -> Write:
    name = world.name("trouble")
    name = f"trouble-{name.rpartition('-')[2]}"
    world.create(deployment(name, world.namespace))
    return writer.prepare(Step(StepKind.PATCH, f"deployment/{name}", {"spec": {"replicas": 1}}), world.namespace, "")


def sent(cluster: SimulatedCluster, write: Write) -> int:
    """How often the write itself reached the API server."""
    return sum(seen.asked is not None and seen.asked.name == write.name for seen in cluster.writes)


def test_a_lost_answer_is_unknown_and_the_cluster_knows_the_truth(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write
) -> None:
    cluster.lose_answer(PATCHES, method="PATCH")
    with pytest.raises(OutcomeUnknown, match="not known whether it took effect"):
        writer.apply(OPERATOR, write, "c-1")
    assert writer.was_applied(write, "c-1") is True
    assert sent(cluster, write) == 1


def test_a_request_that_was_cut_off_is_unknown_and_was_not_applied(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write
) -> None:
    cluster.drop(PATCHES, method="PATCH")
    with pytest.raises(OutcomeUnknown):
        writer.apply(OPERATOR, write, "c-1")
    assert writer.was_applied(write, "c-1") is False
    assert sent(cluster, write) == 1


def test_a_silent_server_gets_the_write_once(
    writer: KubernetesWriter, hasty: KubernetesWriter, cluster: SimulatedCluster, write: Write, world: World
) -> None:
    cluster.hang(PATCHES, method="PATCH")
    with pytest.raises(OutcomeUnknown, match="no answer in time"):
        hasty.apply(OPERATOR, write, "c-1")
    wait_until(lambda: sent(cluster, write) == 1, "the server has given the request up")
    cluster.behave()
    assert writer.was_applied(write, "c-1") is False
    assert world.get(write.target)["spec"]["replicas"] == 0
    assert sent(cluster, write) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_the_server_leaves_the_outcome_open(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write, status: int
) -> None:
    cluster.fail(PATCHES, status, retry_after=1, method="PATCH")
    with pytest.raises(OutcomeUnknown, match=f"HTTP {status}"):
        writer.apply(OPERATOR, write, "c-1")
    assert sent(cluster, write) == 1
    with pytest.raises(ClusterUnreachable, match="could not be tried"):
        writer.preview(OPERATOR, write)


WEBHOOK = 'admission webhook "limits.example.com" denied the request: no limits above 1Gi'
DEAD_WEBHOOK = 'Internal error occurred: failed calling webhook "limits.example.com": Post "https://x": timeout'
SECURITY = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'


REFUSALS: list[tuple[int, str, type[ClusterError], str]] = [
    (429, "too many requests", ClusterUnreachable, "nothing was changed"),
    (403, WEBHOOK, WriteRefused, "The admission webhook limits.example.com does not allow it"),
    (400, WEBHOOK, WriteRefused, "The admission webhook limits.example.com does not allow it"),
    (500, DEAD_WEBHOOK, WriteRefused, "does not answer, so the cluster accepts no change"),
    (403, SECURITY, WriteRefused, "security rules do not allow such pods"),
    (401, "Unauthorized", ClusterUnauthorized, "does not accept the credentials"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal[0]}-{refusal[1][:20]}")
def test_a_refusal_is_final_and_says_why(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write, refusal: tuple[int, str, type[ClusterError], str]
) -> None:
    status, message, error, words = refusal
    cluster.fail(PATCHES, status, method="PATCH", message=message)
    for attempt in (lambda: writer.preview(OPERATOR, write), lambda: writer.apply(OPERATOR, write, "c-1")):
        with pytest.raises(error, match=words) as caught:
            attempt()
        assert status == 401 or message in str(caught.value)
        assert caught.value.remedy
    assert sent(cluster, write) == 1


def test_a_conflict_by_a_mere_status_is_sent_anew_and_a_lasting_one_is_not(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write
) -> None:
    cluster.fail(PATCHES, 409, method="PATCH")
    with pytest.raises(ObjectChanged):
        writer.apply(OPERATOR, write, "c-1")
    assert sent(cluster, write) == 3
    cluster.behave()
    cluster.fail(PATCHES, 409, method="PATCH", times=1)
    writer.apply(OPERATOR, write, "c-1")
    assert writer.was_applied(write, "c-1") is True
    assert sent(cluster, write) == 5


def test_a_question_without_an_answer_is_no_permission(
    writer: KubernetesWriter, hasty: KubernetesWriter, cluster: SimulatedCluster, write: Write
) -> None:
    cluster.hang("/selfsubjectaccessreviews")
    permission = hasty.may(OPERATOR, write)
    assert (permission.allowed, permission.known) == (False, False)
    cluster.behave()
    cluster.fail("/selfsubjectaccessreviews", 500, times=1)
    assert not writer.may(OPERATOR, write).known
    assert writer.may(OPERATOR, write).allowed


def test_surroundings_that_cannot_be_read_are_said(
    writer: KubernetesWriter, cluster: SimulatedCluster, write: Write
) -> None:
    cluster.deny("list", "horizontalpodautoscalers")
    warnings = writer.preview(OPERATOR, write).warnings
    assert [text for text in warnings if text.startswith("Could not look at horizontalpodautoscalers (")]
    assert not [text for text in warnings if "poddisruptionbudgets" in text]


# what answers is not an API server


@dataclass
class Rude:
    """A server that answers everything the same way. `seen` are the methods and paths it was asked for."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    missing_bytes: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(rude: Rude) -> Iterator[str]:
    """The address of the rude server."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            rude.seen.append((self.command, self.path.partition("?")[0]))
            self.send_response_only(rude.status)
            for name, value in rude.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(rude.body) + rude.missing_bytes))
            self.end_headers()
            self.wfile.write(rude.body)
            self.close_connection = True

        do_PATCH = do_POST = do_GET = do_DELETE = _answer  # noqa: N815 -- the base class' names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class' name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _pointing_to(address: str, world: World, folder: Path) -> KubernetesWriter:
    """A writer that reads the simulated cluster, and whose writes go to this address."""
    document = yaml.safe_load(Path(world.kubeconfig).read_text(encoding="utf-8"))
    for entry in document["clusters"]:
        entry["cluster"] = {"server": address}
    path = folder / "elsewhere"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    reads = connect(kubeconfig=world.kubeconfig, context=None, in_cluster=False)
    writes = connect_for_writing(kubeconfig=str(path), context=None, in_cluster=False)
    return KubernetesWriter(reads, writes, timeout_seconds=30)


GOOD = b'{"kind":"Deployment","apiVersion":"apps/v1"}'


@pytest.mark.parametrize(
    "rude",
    [
        Rude(200, b"<html>Please log in</html>"),
        Rude(200, b'{"answer": 42}'),
        Rude(200, GOOD[:20], missing_bytes=30),
        Rude(502, b"<html>Bad gateway</html>"),
        Rude(403, b"<html>Forbidden by the proxy</html>"),
        Rude(307, b"", {"Location": "/elsewhere"}),
    ],
    ids=["a login page", "other JSON", "half an answer", "a bad gateway", "a proxy's 403", "a redirect"],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_open(
    world: World, write: Write, tmp_path: Path, rude: Rude
) -> None:
    with serving(rude) as address:
        writer = _pointing_to(address, world, tmp_path)
        with pytest.raises(OutcomeUnknown):
            writer.apply(OPERATOR, write, "c-1")
        assert [method for method, _ in rude.seen] == ["PATCH"]
        with pytest.raises(ClusterUnreachable, match="could not be tried"):
            writer.preview(OPERATOR, write)
        writer.close()


def test_what_certainly_was_not_sent_is_said_so(world: World, write: Write, tmp_path: Path) -> None:
    with serving(Rude(200, GOOD)) as address:
        pass
    writer = _pointing_to(address, world, tmp_path)
    with pytest.raises(ClusterUnreachable, match="Nothing was changed: no connection"):
        writer.apply(OPERATOR, write, "c-1")
    writer.close()


def test_reads_never_go_over_the_connection_for_writes(world: World, write: Write, tmp_path: Path) -> None:
    rude = Rude(200, GOOD)
    calls: list[Callable[[KubernetesWriter], object]] = [
        lambda writer: writer.unchanged(write),
        lambda writer: writer.was_applied(write, "c-1"),
        lambda writer: writer.rollout(write),
        lambda writer: writer.prepare(Step(StepKind.RESTART, write.target), world.namespace, "now"),
    ]
    with serving(rude) as address:
        writer = _pointing_to(address, world, tmp_path)
        for call in calls:
            call(writer)
        writer.close()
    assert rude.seen == []
