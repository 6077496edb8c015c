"""The reader against an API server that refuses, hangs, drips, breaks off, or is none; nothing foreign comes out."""

import itertools
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.kube import KubernetesReader, connect
from bot.adapters.kube.access.session import MAX_MORE_PAGES
from bot.diagnosis.ports import ListRequest
from bot.domain.errors import ClusterError, ClusterUnauthorized, ClusterUnreachable, TriageError
from bot.domain.facts import GapReason
from tests.contract.kube.cluster_objects import NAMESPACE, broken_onyx, pod
from tests.contract.kube.cluster_reading import SHORT_SECONDS, SteppingClock, reading
from tests.contract.kube.cluster_stub import (
    Canned,
    Fault,
    Seen,
    StubCluster,
    always,
    answers,
    as_json,
    drip,
    drop,
    forbidden,
    hang,
    status,
)
from tests.support.sampling import sampled

HTML = Canned(200, b"<html><title>Sign in</title></html>", (("Content-Type", "text/html"),))


class EveryPath(dict[str, Fault]):
    """One fault for every request, whatever it asks for."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Fault:
        return self.fault


def _everything(fault: Fault) -> StubCluster:
    return StubCluster(broken_onyx(), faults=EveryPath(fault))


# --- one resource ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plural", "gap_of"), [("pods", "pods"), ("configmaps", "configmaps"), ("events", "events"), ("nodes", "nodes")]
)
def test_a_forbidden_resource_is_a_gap_that_names_the_permission(tmp_path: Path, plural: str, gap_of: str) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), faults={plural: always(forbidden(plural))})) as world:
        view = world.look()
        ((resource, gap),) = view.gaps.items()
        assert (resource, gap.reason, gap.verb, gap.resource) == (gap_of, GapReason.FORBIDDEN, "list", plural)
        assert gap.namespace == ("" if plural == "nodes" else NAMESPACE)
        assert f"this account may not list {plural}" in gap.sentence()


def test_endpoints_that_are_forbidden_in_both_forms_name_the_newer_one(tmp_path: Path) -> None:
    faults = {plural: always(forbidden(plural)) for plural in ("endpoints", "endpointslices")}
    with reading(tmp_path, StubCluster(broken_onyx(), faults=faults)) as world:
        gap = world.look().gaps["endpoints"]
        assert (gap.reason, gap.resource) == (GapReason.FORBIDDEN, "endpointslices")


def test_a_resource_type_that_is_not_served_is_absent(tmp_path: Path) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), unserved={"networkpolicies"})) as world:
        assert world.look().gaps["networkpolicies"].reason is GapReason.ABSENT


@pytest.mark.parametrize(
    ("fault", "reason", "words"),
    [
        (hang, GapReason.TIMED_OUT, "no answer in time"),
        (drop, GapReason.FAILED, "the connection broke"),
        (always(Canned(200, b'{"items": [', length=4000)), GapReason.FAILED, "the connection broke"),
        (always(Canned(200, b'{"items": [')), GapReason.MALFORMED, ""),
        (always(Canned(200, b"\xff\xfe\x00")), GapReason.MALFORMED, ""),
        (always(Canned(200, b'{"items": 3}')), GapReason.MALFORMED, ""),
        (always(Canned(200, b"[" * 100_000)), GapReason.MALFORMED, ""),
        (always(HTML), GapReason.MALFORMED, ""),
        (always(Canned(302, b"", (("Location", "/elsewhere"),))), GapReason.FAILED, "HTTP 302"),
        (always(Canned(403, b"blocked by the firewall", ())), GapReason.FAILED, "not from a Kubernetes API server"),
        (always(Canned(200, b"junk", (("Content-Encoding", "gzip"),))), GapReason.FAILED, "the connection broke"),
        (always(status(500, "etcdserver: leader changed")), GapReason.FAILED, "etcdserver: leader changed"),
        (always(status(504, "etcdserver: request timed out", "Timeout")), GapReason.TIMED_OUT, "request timed out"),
    ],
    ids=[
        "hang",
        "drop",
        "cut-short",
        "half-json",
        "not-utf8",
        "no-list",
        "deep",
        "html",
        "redirect",
        "waf",
        "bad-gzip",
        "etcd",
        "etcd-timeout",
    ],
)
def test_one_broken_answer_is_one_gap(tmp_path: Path, fault: Fault, reason: GapReason, words: str) -> None:
    stub = StubCluster(broken_onyx(), faults={"pods": fault})
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS) as world:
        view = world.look()
        gap = view.gaps["pods"]
        assert gap.reason is reason
        assert words in gap.detail
        assert list(view.gaps) == ["pods"]
        assert len(view.deployments) == 1
        assert "/elsewhere" not in world.stub.paths()


def test_an_answer_that_drips_for_ever_is_ended_by_the_deadline(tmp_path: Path) -> None:
    # one worker, one thing after the other: the lists before `nodes` take a part of the time, the endless body the rest
    clock = SteppingClock(step=0.05)
    stub = StubCluster(broken_onyx(), faults={"nodes": drip})
    with reading(tmp_path, stub, monotonic=clock, deadline_seconds=20, workers=1) as world:
        view = world.look()
        assert {resource: gap.reason for resource, gap in view.gaps.items()} == {
            "nodes": GapReason.TIMED_OUT,
            "namespaces": GapReason.TIMED_OUT,
        }
        assert world.stub.dripped_off.wait(30), "the reader must close a connection it no longer listens to"


def test_what_was_read_before_a_timeout_is_kept(tmp_path: Path) -> None:
    objects = broken_onyx()
    objects["pods", NAMESPACE] = [pod(f"api-{number}") for number in range(5)]

    def hang_on_the_second_page(handler, seen):
        return hang(handler, seen) if "continue" in seen.query else handler.ordinary(seen)

    stub = StubCluster(objects, faults={"pods": hang_on_the_second_page})
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS, page_size=3) as world:
        view = world.look()
        assert (len(view.pods), view.gaps["pods"].reason) == (3, GapReason.TIMED_OUT)


def test_an_endless_page_is_refused_and_asked_for_in_smaller_ones(tmp_path: Path) -> None:
    huge = Canned(200, b'{"items": [], "pad": "' + b"x" * (33 * 1024 * 1024) + b'"}')
    stub = StubCluster(broken_onyx(), faults={"configmaps": answers(huge)})
    with reading(tmp_path, stub) as world:
        view = world.look()
        assert view.gaps == {}
        limits = [one.query["limit"] for one in world.stub.seen if one.path.endswith("/configmaps")]
        assert limits == ["250", "31"]


# --- asking a second time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "pause"),
    [
        (status(429, "too many requests", "TooManyRequests", Retry_After="1"), 1.0),
        (status(503, "the server is shutting down", Retry_After="Mon, 02 Nov 2026 11:10:00 GMT"), 2.0),
        (status(500, "etcdserver: leader changed"), 0.25),
    ],
)
def test_a_get_is_repeated_once_when_the_server_is_busy(tmp_path: Path, first: Canned, pause: float) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), faults={"pods": answers(first)})) as world:
        assert world.look().gaps == {}
        assert world.pauses == [pause]
        assert len([path for path in world.stub.paths() if path.endswith("/pods")]) == 2
        assert world.reader.cost().api_requests == len(world.stub.seen) == 15


def test_a_get_is_not_repeated_a_second_time(tmp_path: Path) -> None:
    busy = status(429, "too many requests", "TooManyRequests", Retry_After="0")
    with reading(tmp_path, StubCluster(broken_onyx(), faults={"pods": answers(busy, busy)})) as world:
        assert world.look().gaps["pods"].reason is GapReason.FAILED
        assert len([path for path in world.stub.paths() if path.endswith("/pods")]) == 2


def test_a_get_is_not_repeated_when_no_time_is_left_for_the_pause(tmp_path: Path) -> None:
    busy = status(429, "too many requests", "TooManyRequests", Retry_After="2")
    stub = StubCluster(broken_onyx(), faults={"pods": answers(busy)})
    with reading(tmp_path, stub, deadline_seconds=1.5) as world:
        assert world.look().gaps["pods"].reason is GapReason.FAILED
        assert world.pauses == []


def test_who_asks_to_slow_down_for_longer_than_there_is_time_is_left_alone_and_quoted(tmp_path: Path) -> None:
    busy = status(429, "too many requests", "TooManyRequests", Retry_After="3600")
    with reading(tmp_path, _everything(always(busy))) as world:
        view = world.look()
        assert world.pauses == []
        assert len(world.stub.seen) <= 20
    assert "asks to slow down (429) for 3600 s" in view.gaps["pods"].sentence()


def _turned(handler: Any, seen: Seen, token: str) -> Canned:
    """The ordinary answer; a list says that there is more."""
    answer = handler.ordinary(replace(seen, query={k: v for k, v in seen.query.items() if k != "continue"}))
    found = json.loads(answer.body) if answer.body.startswith(b"{") else {}
    return as_json({**found, "metadata": {"continue": token}}) if "items" in found else answer


def test_pages_that_lead_in_a_circle_are_noticed_at_once(tmp_path: Path) -> None:
    def circle(handler: Any, seen: Seen) -> Canned:
        return _turned(handler, seen, "again")

    with reading(tmp_path, _everything(circle)) as world:
        view = world.look()
        assert len(world.stub.seen) <= 45
    assert "lead in a circle" in view.gaps["pods"].sentence()
    names = [pod.metadata.name for pod in view.pods]
    assert len(names) == len(set(names))


def test_a_look_reads_so_many_pages_and_no_more(tmp_path: Path) -> None:
    numbers = itertools.count()

    def endless(handler: Any, seen: Seen) -> Canned:
        return _turned(handler, seen, f"page-{next(numbers)}")

    with reading(tmp_path, _everything(endless)) as world:
        view = world.look()
        assert len(world.stub.seen) <= MAX_MORE_PAGES + 25
    assert any("further pages in all" in gap.sentence() for gap in view.gaps.values())


@pytest.mark.parametrize("fault", [drop, hang])
def test_a_broken_connection_is_not_tried_again(tmp_path: Path, fault: Fault) -> None:
    stub = StubCluster(broken_onyx(), faults={"pods": fault})
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS) as world:
        world.look()
        assert len([path for path in world.stub.paths() if path.endswith("/pods")]) == 1


# --- everything -----------------------------------------------------------------------------------------------------


def test_an_account_without_rights_gets_a_view_of_gaps(tmp_path: Path) -> None:
    def no(handler, seen):
        return forbidden(seen.path.rpartition("/")[2])

    with reading(tmp_path, _everything(no)) as world:
        view = world.look()
        assert len(view.gaps) == 13
        assert {gap.reason for gap in view.gaps.values()} == {GapReason.FORBIDDEN}


@pytest.mark.parametrize("token", ["wrong", "other\n"])
def test_credentials_that_are_not_accepted_are_told_from_missing_rights(tmp_path: Path, token: str) -> None:
    with reading(tmp_path, token=token) as world:
        with pytest.raises(ClusterUnauthorized, match="does not accept the credentials of the context stub") as caught:
            world.look()
        assert "Log in" in caught.value.remedy


def test_an_anonymous_visitor_is_told_that_credentials_are_missing(tmp_path: Path) -> None:
    words = 'pods is forbidden: User "system:anonymous" cannot list resource "pods"'
    with (
        reading(tmp_path, _everything(always(status(403, words, "Forbidden")))) as world,
        pytest.raises(ClusterUnauthorized, match="got no credentials"),
    ):
        world.look()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (hang, "no answer in time"),
        (drop, "the connection broke"),
        (always(HTML), "is not a Kubernetes API server"),
        (always(Canned(404, b"404 page not found\n", ())), "is not a Kubernetes API server"),
        (always(Canned(502, b"Bad Gateway", ())), "is not a Kubernetes API server"),
        (always(as_json({"ok": True})), "is not a Kubernetes API server"),
    ],
    ids=["hang", "drop", "html", "not-found", "bad-gateway", "other-json"],
)
def test_no_usable_answer_at_all_means_unreachable(tmp_path: Path, fault: Fault, words: str) -> None:
    stub = _everything(fault)
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS) as world:
        with pytest.raises(ClusterUnreachable, match=words) as caught:
            world.look()
        assert world.stub.url in str(caught.value)
        assert caught.value.remedy


def test_a_silent_server_is_not_waited_for_again_and_again(tmp_path: Path) -> None:
    with reading(tmp_path, _everything(hang), read_timeout_seconds=SHORT_SECONDS, workers=4) as world:
        with pytest.raises(ClusterUnreachable):
            world.look()
        assert world.reader.cost().api_requests <= 4


def test_a_cluster_whose_database_is_down_gives_gaps_and_not_silence(tmp_path: Path) -> None:
    with reading(tmp_path, _everything(always(status(503, "etcdserver: no leader", Retry_After="0")))) as world:
        view = world.look()
        assert len(view.gaps) == 13
        assert {gap.reason for gap in view.gaps.values()} == {GapReason.FAILED}


def test_a_refused_connection_names_the_address_and_what_to_check(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    reader = _reader_of(tmp_path, f"https://someone:secret@127.0.0.1:{port}")
    with pytest.raises(ClusterUnreachable, match="refused") as caught:
        reader.list_resources(ListRequest(NAMESPACE))
    assert f"https://someone:***@127.0.0.1:{port}" in str(caught.value)
    assert caught.value.__cause__ is not None
    reader.close()


def test_https_to_a_server_that_speaks_http_is_a_tls_problem(tmp_path: Path) -> None:
    with StubCluster(broken_onyx()) as stub:
        reader = _reader_of(tmp_path, stub.url.replace("http://", "https://"))
        with pytest.raises(ClusterUnreachable, match="TLS failed"):
            reader.list_resources(ListRequest(NAMESPACE))
        reader.close()


def test_a_certificate_authority_that_is_none_is_a_tls_problem(tmp_path: Path) -> None:
    kubeconfig = StubCluster().write_kubeconfig(tmp_path / "kubeconfig", server="https://set-below")
    document = json.loads(kubeconfig.read_text())
    (tmp_path / "ca.crt").write_text("not a certificate")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = f"https://127.0.0.1:{listener.getsockname()[1]}"
        document["clusters"][0]["cluster"] = {"server": server, "certificate-authority": "ca.crt"}
        kubeconfig.write_text(json.dumps(document))
        reader = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))
        with pytest.raises(ClusterUnreachable, match="TLS failed"):
            reader.list_resources(ListRequest(NAMESPACE))
        reader.close()


@pytest.mark.parametrize(
    "server", ["http://[::1", "http://", "http://host name:1", "http://" + "a" * 300, "http://h:99999"]
)
def test_a_nonsense_address_is_refused_in_our_words(tmp_path: Path, server: str) -> None:
    with pytest.raises(TriageError):
        _reader_of(tmp_path, server).list_resources(ListRequest(NAMESPACE))


def _reader_of(folder: Path, server: str) -> KubernetesReader:
    kubeconfig = StubCluster().write_kubeconfig(folder / "kubeconfig", server=server)
    return KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({"namespaces": always(status(403, "namespaces is forbidden", "Forbidden"))}, ClusterError),
        ({"namespaces": hang}, ClusterUnreachable),
        ({"namespaces": drop}, ClusterUnreachable),
        ({"namespaces": always(HTML)}, ClusterError),
    ],
    ids=["forbidden", "hang", "drop", "html"],
)
def test_namespaces_that_cannot_be_listed_are_an_error_with_a_remedy(
    tmp_path: Path, faults: dict[str, Fault], expected: type[ClusterError]
) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), faults=faults), read_timeout_seconds=SHORT_SECONDS) as world:
        with pytest.raises(expected) as caught:
            world.reader.namespaces()
        assert caught.value.remedy


CODES = (200, 204, 301, 400, 401, 403, 404, 409, 410, 418, 429, 500, 502, 503, 504)
BODIES = (b"", b"{}", b"null", b"[]", b'"x"', b"\x00\xff", b'{"kind":"Status","apiVersion":"v1"}')


@pytest.mark.parametrize("what", sampled(["pods", "namespaces", "/version", "endpointslices"]))
def test_no_answer_whatsoever_makes_a_foreign_exception(tmp_path: Path, what: str) -> None:
    headers = (("Retry-After", "0"), ("Content-Type", "application/json"))
    with reading(tmp_path) as world:
        for code, body in product(CODES, BODIES):
            world.stub.faults[what] = always(Canned(code, body, headers))
            with suppress(TriageError):
                assert world.look().namespace == NAMESPACE


def test_looks_can_run_side_by_side(tmp_path: Path) -> None:
    with reading(tmp_path, workers=3) as world:
        with ThreadPoolExecutor(6) as pool:
            views = list(pool.map(lambda _: world.look(), range(12)))
        assert {len(view.gaps) for view in views} == {0}
        assert world.reader.cost().api_requests == len(world.stub.seen)
