"""The second look against a stub: logs, health through the API server's proxy, Services in other namespaces."""

from pathlib import Path

import pytest

from bot.domain.facts import GapReason
from bot.domain.view import DetailRequest, HealthAnswer, HealthRequest, LogRequest, View
from tests.contract.kube.cluster_objects import NAMESPACE, PASSWORD, broken_onyx
from tests.contract.kube.cluster_reading import SHORT_SECONDS, Reading, reading
from tests.contract.kube.cluster_stub import Canned, Fault, StubCluster, always, as_json, drop, forbidden, hang, status

POD = "api-server-1-a"
NO_LOG = (POD, "api-server", False)
PROXY_ERROR = "error trying to reach service: "


def _after(world: Reading, **wanted: object) -> View:
    return world.reader.fetch_details(world.look(), DetailRequest.model_validate(wanted))


# --- logs -----------------------------------------------------------------------------------------------------------


def _log(world: Reading, previous: bool = False) -> tuple[str | None, GapReason | None]:
    (found,) = _after(world, logs=(LogRequest(pod=POD, container="api-server", previous=previous),)).logs
    assert (found.pod, found.container, found.previous) == (POD, "api-server", previous)
    return found.text, found.gap.reason if found.gap else None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"Uvicorn running\n", "Uvicorn running\n"),
        ("Zugriff verweigert: ungültig ✓\n".encode(), "Zugriff verweigert: ungültig ✓\n"),
        ("ungültig\n".encode("latin-1"), "ung�ltig\n"),
        ("hi\n".encode("utf-16"), "��h\0i\0\n\0"),
        (b"\x00\xf0\x9f", "\x00�"),
    ],
)
def test_a_log_in_any_encoding_is_text(tmp_path: Path, raw: bytes, text: str) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), logs={NO_LOG: raw})) as world:
        assert _log(world) == (text, None)


LOG_PATH = b'"/var/log/pods/lab_crash_caa4f70f-5d2d-4fee-96f7-340bad80ac6a/crash/1.log"'


@pytest.mark.parametrize(
    "gone",
    [
        b"unable to retrieve container logs for containerd://e9d29f028c4302a7ce829b6208d64064db2cd33e66add1f9b96e0917",
        b"Unable to retrieve container logs for docker://e9d29f028c4302a7ce829b6208d64064db2cd33e66add1f9b96e0917\n",
        b"failed to try resolving symlinks in path " + LOG_PATH + b": lstat /var/log/pods/lab_crash_caa4f70f-5d2d-4fee-"
        b"96f7-340bad80ac6a: no such file or directory",
        b"failed to open log file " + LOG_PATH + b": open /var/log/pods/1.log: no such file or directory",
        b"failed to tail 200 lines of log file " + LOG_PATH + b": read /var/log/pods/1.log: input/output error",
    ],
)
def test_the_kubelets_word_that_a_log_is_gone_is_not_taken_for_the_log(tmp_path: Path, gone: bytes) -> None:
    logs = {(POD, "api-server", True): gone, (POD, "api-server", False): gone}
    with reading(tmp_path, StubCluster(broken_onyx(), logs=logs)) as world:
        assert _log(world, previous=True) == (None, GapReason.FAILED)
        assert len([seen for seen in world.stub.seen if seen.path.endswith("/log")]) == 3, "asked twice more"


def test_of_a_run_that_is_gone_the_next_one_has_ended_and_is_read(tmp_path: Path) -> None:
    """As seen on a node, each of 70 times: the next run has ended, which the status does not say yet."""
    gone, words = b"unable to retrieve container logs for containerd://e9d29f028c", b"FATAL: no database\n"
    logs = {(POD, "api-server", True): gone, (POD, "api-server", False): words}
    with reading(tmp_path, StubCluster(broken_onyx(), logs=logs)) as world:
        assert _log(world, previous=True) == (words.decode(), None)
        asked = [seen.query.get("previous", "") for seen in world.stub.seen if seen.path.endswith("/log")]
        assert asked == ["true", "true", ""]


def test_a_program_that_prints_the_same_is_read(tmp_path: Path) -> None:
    said = b"2026-11-29T10:00:00.123456789Z failed to open log file " + LOG_PATH + b": permission denied\n"
    with reading(tmp_path, StubCluster(broken_onyx(), logs={(POD, "api-server", True): said})) as world:
        assert _log(world, previous=True) == (said.decode(), None)


def test_a_log_is_asked_for_within_its_bounds(tmp_path: Path) -> None:
    lines = b"".join(b"line %d\n" % number for number in range(500))
    stub = StubCluster(broken_onyx(), logs={(POD, "api-server", True): lines})
    with reading(tmp_path, stub, log_tail_lines=3, log_limit_bytes=1000) as world:
        assert _log(world, previous=True) == ("line 497\nline 498\nline 499\n", None)
        bounds = {"tailLines": "3", "limitBytes": "1000", "timestamps": "true"}
        assert world.stub.seen[-1].query == {**bounds, "container": "api-server", "previous": "true"}


def stamped(seconds: int, text: str) -> bytes:
    return f"2026-11-29T10:00:{seconds:02}.123456789Z {text}\n".encode()


DUMP = stamped(30, "panic: nil map") + b"".join(stamped(31, f"goroutine {number} [select]:") for number in range(8))


@pytest.mark.parametrize(
    ("before", "after", "kept", "asked"),
    [
        (b"", b"", DUMP, 2),  # the whole dump, and what stands above it
        (stamped(5, "started"), b"", DUMP, 2),  # what is older is no part of it
        (b"", stamped(55, "a line a while later"), DUMP[-2 * len(stamped(31, "goroutine 1 [select]:")) :], 1),
        (
            b"line without a time\n" * 3,
            b"end without a time\n",
            DUMP[-2 * len(stamped(31, "goroutine 1 [select]:")) :],
            1,
        ),
    ],
)
def test_of_what_was_said_at_once_all_is_read(
    tmp_path: Path, before: bytes, after: bytes, kept: bytes, asked: int
) -> None:
    """Three lines are read; where they were said within seconds, ten times as many."""
    stub = StubCluster(broken_onyx(), logs={(POD, "api-server", True): before + DUMP + after})
    with reading(tmp_path, stub, log_tail_lines=3) as world:
        assert _log(world, previous=True) == ((kept + after).decode(), None)
        assert len([seen for seen in world.stub.seen if seen.path.endswith("/log")]) == asked


def chatty(*parts: tuple[int, str]) -> bytes:
    """Lines that were said one after the other, so many of each, four in a second."""
    texts = [text for count, text in parts for _ in range(count)]
    stamps = (f"2026-11-29T10:{at // 240:02}:{at // 4 % 60:02}.{at % 4}Z" for at in range(len(texts)))
    return "".join(f"{stamp} {text}\n" for stamp, text in zip(stamps, texts, strict=True)).encode()


@pytest.mark.parametrize(
    ("log", "kept", "short", "asked"),
    [
        # the trouble above the tail is read, not what was said around it
        (chatty((40, "GET / 200"), (1, "ERROR disk full"), (80, "GET / 200")), ["ERROR disk full"], False, 2),
        (chatty((40, "GET / 200"), (1, "resource alarm set"), (80, "GET / 200")), ["resource alarm set"], False, 2),
        (chatty((40, "GET / 200"), (1, "ERROR disk full"), (700, "GET / 200")), [], True, 2),
        # five minutes are 1,200 lines: what is older is not of now
        (chatty((1, "ERROR disk full"), (1_300, "GET / 200")), [], True, 2),
        (chatty((30, "GET / 200")), [], False, 1),
        # a stack trace stays whole
        (
            chatty((1, "java.lang.IllegalStateException: no"), (2, "\tat com.x.Y(Y.java:1)"), (90, "GET / 200")),
            ["java.lang.IllegalStateException: no", "\tat com.x.Y(Y.java:1)", "\tat com.x.Y(Y.java:1)"],
            False,
            2,
        ),
        # and what went well after it: else it would be told as a failure of now
        (
            chatty((1, "ERROR GET http://orders: ECONNREFUSED"), (2, "GET http://orders 200"), (90, "tick")),
            ["ERROR GET http://orders: ECONNREFUSED", "GET http://orders 200", "GET http://orders 200"],
            False,
            2,
        ),
    ],
    ids=["above", "no word of trouble", "too far above", "older", "all of it", "with its stack", "well again"],
)
def test_trouble_above_the_tail_of_a_chatty_log_is_read_or_said_to_be_out_of_reach(
    tmp_path: Path, log: bytes, kept: list[str], short: bool, asked: int
) -> None:
    """Sixty-one lines are read, which are of a quarter of a minute; then ten times as many."""
    stub = StubCluster(broken_onyx(), logs={NO_LOG: log})
    with reading(tmp_path, stub, log_tail_lines=61) as world:
        (found,) = _after(world, logs=(LogRequest(pod=POD, container="api-server"),)).logs
        lines = (found.text or "").splitlines()
        assert [line.partition(" ")[2] for line in lines if not line.endswith(("GET / 200", "tick"))] == kept
        assert lines == log.decode().splitlines()[-len(lines) :] or len(lines) == 61 + len(kept)
        assert found.short is short
        assert len([seen for seen in world.stub.seen if seen.path.endswith("/log")]) == asked


def test_of_a_burst_that_is_longer_than_the_tail_the_newest_lines_are_read(tmp_path: Path) -> None:
    """Ten times as many lines are more bytes than the first read may have; none of them is missing."""
    burst = b"".join(stamped(31, f"request {number} {'x' * 40}") for number in range(60))
    burst += stamped(31, "ERROR heap full")
    stub = StubCluster(broken_onyx(), logs={NO_LOG: burst})
    with reading(tmp_path, stub, log_tail_lines=10, log_limit_bytes=2_000) as world:
        (found,) = _after(world, logs=(LogRequest(pod=POD, container="api-server"),)).logs
    assert found.gap is None
    assert len(found.text or "") > 2_000
    assert (found.text or "").endswith("ERROR heap full\n")


def test_what_is_said_over_and_over_does_not_push_out_what_is_said_once(tmp_path: Path) -> None:
    parts = (*((1, f"GET /x{number} 404") for number in range(230)), (1, "tick"), (80, "GET / 200"))
    stub = StubCluster(broken_onyx(), logs={NO_LOG: chatty((1, "ERROR disk full"), *parts)})
    with reading(tmp_path, stub, log_tail_lines=61) as world:
        (found,) = _after(world, logs=(LogRequest(pod=POD, container="api-server"),)).logs
    said = (found.text or "").splitlines()
    assert [line for line in said if "disk full" in line] != []
    assert 0 < sum(" 404" in line for line in said) < 100


def test_of_chatty_logs_for_which_no_request_is_left_it_is_said_that_they_were_not_read_further_back(
    tmp_path: Path,
) -> None:
    log = chatty((1, "ERROR disk full"), (80, "GET / 200"))
    stub = StubCluster(broken_onyx(), logs={NO_LOG: log})
    with reading(tmp_path, stub, log_tail_lines=61) as world:
        found = _after(world, logs=(LogRequest(pod=POD, container="api-server"),) * 8).logs
    assert [item.short for item in found].count(True) == 8 - (12 - 8), "twelve requests are spent in all"
    assert all((item.text or "").count("disk full") == (not item.short) for item in found)


def test_a_run_that_never_was_has_no_log(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        assert _log(world, previous=True) == (None, GapReason.ABSENT)
        assert _log(world) == (None, GapReason.ABSENT)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            always(
                status(400, 'container "api-server" in pod "x" is waiting to start: ContainerCreating', "BadRequest")
            ),
            GapReason.ABSENT,
        ),
        (always(forbidden("pods/log", "get")), GapReason.FORBIDDEN),
        (always(status(500, "Get https://node-1:10250/containerLogs: dial tcp: i/o timeout")), GapReason.FAILED),
        (hang, GapReason.TIMED_OUT),
        (drop, GapReason.FAILED),
    ],
    ids=["waiting", "forbidden", "kubelet", "hang", "drop"],
)
def test_a_log_that_cannot_be_read_says_why(tmp_path: Path, fault: Fault, reason: GapReason) -> None:
    stub = StubCluster(broken_onyx(), faults={"pods/log": fault}, logs={NO_LOG: b"x"})
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS) as world:
        assert _log(world) == (None, reason)


def test_the_newest_lines_are_asked_for_again_when_long_ones_push_them_out(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), logs={NO_LOG: b"x" * 1_000_000 + b"\n" + b"y\n" * 18 + b"FATAL: no memory\n"})
    with reading(tmp_path, stub, log_tail_lines=100, log_limit_bytes=1000) as world:
        text, reason = _log(world)
        assert reason is None
        assert text is not None
        assert text.endswith("y\nFATAL: no memory\n")


def test_a_megabyte_line_is_cut_and_the_cut_is_told(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), logs={NO_LOG: b"x" * 1_000_000 + b"\n"})
    with reading(tmp_path, stub, log_limit_bytes=1000) as world:
        assert _log(world) == ("x" * 1000, GapReason.CUT_OFF)


def test_a_server_that_ignores_the_byte_limit_is_cut_off(tmp_path: Path) -> None:
    endless = always(Canned(200, b"x\n" * 2_000_000, ()))
    with reading(tmp_path, StubCluster(broken_onyx(), faults={"pods/log": endless}), log_limit_bytes=1000) as world:
        assert _log(world) == ("x\n" * 500, GapReason.CUT_OFF)


# --- health ---------------------------------------------------------------------------------------------------------


def _health(world: Reading, target: str = f"pod/{POD}", port: str = "8080", path: str = "/health") -> HealthAnswer:
    (found,) = _after(world, health=(HealthRequest(target=target, port=port, path=path),)).health
    assert (found.target, found.port, found.path) == (target, port, path)
    return found


def _asked(answer: Fault) -> StubCluster:
    return StubCluster(broken_onyx(), health={f"pods/{POD}:8080/health": answer})


@pytest.mark.parametrize(
    ("answer", "outcome", "http_status"),
    [
        (as_json({"success": True}), "ok", 200),
        (Canned(204), "ok", 204),
        (Canned(302, b"", (("Location", "/login"),)), "ok", 302),
        (Canned(401, b'{"detail":"who are you"}'), "http_error", 401),
        (Canned(403, b"Forbidden", ()), "http_error", 403),
        (Canned(404, b'{"detail":"Not Found"}'), "http_error", 404),
        (Canned(429, b"slow down"), "http_error", 429),
        (Canned(503, b'{"kind":"maintenance"}'), "http_error", 503),
        (Canned(500, b"\xff\xfe"), "http_error", 500),
        (Canned(500, b"error trying to reach service: our own words"), "http_error", 500),
        (status(500, PROXY_ERROR + "dial tcp 10.1.2.3:8080: connect: connection refused"), "refused", 0),
        (status(503, PROXY_ERROR + "dial tcp 10.1.2.3:8080: connect: connection refused"), "refused", 0),
        (Canned(503, b"Error trying to reach service: 'dial tcp: connect: connection refused'", ()), "refused", 0),
        (status(500, PROXY_ERROR + "dial tcp 10.1.2.3:8080: connect: no route to host"), "unreachable", 0),
        (status(500, PROXY_ERROR + "http: server closed idle connection"), "unreachable", 0),
        (status(500, PROXY_ERROR + "EOF"), "unreachable", 0),
        (status(503, 'no endpoints available for service "api-server"', "ServiceUnavailable"), "no_endpoints", 0),
    ],
)
def test_the_applications_answers_are_told_from_the_servers(
    tmp_path: Path, answer: Canned, outcome: str, http_status: int
) -> None:
    with reading(tmp_path, _asked(always(answer))) as world:
        found = _health(world)
        assert (found.outcome, found.status, found.gap) == (outcome, http_status, None)
        assert len([path for path in world.stub.paths() if "/proxy/" in path]) == 1, "neither repeated nor redirected"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (forbidden("pods/proxy", "get"), GapReason.FORBIDDEN),
        (status(404, 'pods "x" not found', "NotFound"), GapReason.ABSENT),
        (status(400, "address not allowed", "BadRequest"), GapReason.ABSENT),
        (status(503, 'no service port "x" found for service "y"', "ServiceUnavailable"), GapReason.ABSENT),
        (status(500, PROXY_ERROR + "No agent available"), GapReason.FAILED),
        (status(429, "too many requests", "TooManyRequests"), GapReason.FAILED),
    ],
)
def test_a_question_the_server_does_not_pass_on_is_a_gap(tmp_path: Path, answer: Canned, reason: GapReason) -> None:
    with reading(tmp_path, _asked(always(answer))) as world:
        found = _health(world)
        assert (found.outcome, found.gap.reason if found.gap else None) == (None, reason)


def test_a_forbidden_proxy_names_the_permission(tmp_path: Path) -> None:
    with reading(tmp_path, _asked(always(forbidden("pods/proxy", "get")))) as world:
        gap = _health(world).gap
        assert gap is not None
        assert (gap.verb, gap.resource, gap.namespace) == ("get", "pods/proxy", NAMESPACE)


def test_an_application_that_hangs_has_timed_out(tmp_path: Path) -> None:
    with reading(tmp_path, _asked(hang), read_timeout_seconds=SHORT_SECONDS) as world:
        assert _health(world).outcome == "timed_out"


@pytest.mark.parametrize("words", ["dial tcp 10.1.2.3:8080: i/o timeout", "context deadline exceeded"])
def test_silence_is_the_applications_where_a_closed_port_of_the_pod_refuses(tmp_path: Path, words: str) -> None:
    with reading(tmp_path, _asked(always(status(503, PROXY_ERROR + words)))) as world:
        assert _health(world).outcome == "timed_out"
        assert [path for path in world.stub.paths() if f"{POD}:1/proxy/" in path]


def test_silence_says_nothing_where_a_closed_port_is_silent_too(tmp_path: Path) -> None:
    silent = always(status(503, PROXY_ERROR + "dial tcp 10.1.2.3: i/o timeout"))
    health = {f"pods/{POD}:8080/health": silent, f"pods/{POD}:1/": silent}
    with reading(tmp_path, StubCluster(broken_onyx(), health=health)) as world:
        found = _health(world)
        assert found.outcome is None
        assert found.gap is not None
        assert (found.gap.reason, found.gap.resource) == (GapReason.TIMED_OUT, "pods/proxy")
        assert "may be cut" in found.gap.sentence()


def test_a_broken_connection_to_the_api_server_says_nothing_about_the_application(tmp_path: Path) -> None:
    with reading(tmp_path, _asked(drop)) as world:
        found = _health(world)
        assert found.outcome is None
        assert found.gap is not None
        assert found.gap.reason is GapReason.FAILED


def test_an_endless_health_body_is_not_read_to_its_end(tmp_path: Path) -> None:
    with reading(tmp_path, _asked(always(Canned(200, b"x" * 3_000_000)))) as world:
        assert _health(world).outcome == "ok"


def test_what_an_application_says_about_its_error_is_kept_short_and_without_passwords(tmp_path: Path) -> None:
    words = f"cannot reach postgres://onyx:{PASSWORD}@db:5432\n".encode() * 50
    with reading(tmp_path, _asked(always(Canned(500, words)))) as world:
        detail = _health(world).detail
        assert detail.startswith("cannot reach postgres://onyx:***@db:5432 cannot")
        assert PASSWORD not in detail
        assert len(detail) <= 200


def test_services_and_named_ports_are_asked_under_the_right_path(tmp_path: Path) -> None:
    ok = always(as_json({}))
    health = {f"pods/{POD}:8080/api/health": ok, "services/api-server:http/health": ok}
    with reading(tmp_path, StubCluster(broken_onyx(), health=health)) as world:
        assert _health(world, port="http", path="/api/health?deep=1").outcome == "ok"
        assert world.stub.seen[-1].query == {"deep": "1"}
        assert _health(world, "service/api-server", "http").outcome == "ok"


@pytest.mark.parametrize(
    ("target", "port", "path"),
    [
        (f"pod/{POD}", "8080", "/../../../secrets/keys"),
        (f"pod/{POD}", "8080", "/%2e%2e/%2e%2e/secrets"),
        (f"pod/{POD}", "8080", "/%252e%252e/secrets"),
        (f"pod/{POD}", "8080", "/a\\..\\b"),
        ("pod/../secrets/keys", "8080", "/health"),
        ("pod/x/../../secrets", "8080", "/health"),
        ("service/a?b", "80", "/"),
        ("secret/keys", "80", "/"),
        (f"pod/{POD}", "80/../..", "/"),
        (f"pod/{POD}", "", "/"),
        ("pod/", "80", "/"),
    ],
)
def test_a_probe_path_that_leads_elsewhere_is_never_sent(tmp_path: Path, target: str, port: str, path: str) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        before = len(world.stub.seen)
        wanted = DetailRequest(health=(HealthRequest(target=target, port=port, path=path),))
        (found,) = world.reader.fetch_details(view, wanted).health
        assert found.gap is not None
        assert found.gap.reason is GapReason.NOT_READ
        assert len(world.stub.seen) == before


@pytest.mark.parametrize("pod", ["../../../api/v1/namespaces/onyx/secrets", "..", "a/../../secrets/x", "x?y"])
def test_a_pod_name_that_leads_elsewhere_never_reaches_a_secret(tmp_path: Path, pod: str) -> None:
    with reading(tmp_path) as world:
        (found,) = _after(world, logs=(LogRequest(pod=pod, container="c"),)).logs
        assert found.text is None
        assert found.gap is not None
        assert [path for path in world.stub.paths() if path.rstrip("/").endswith(("secrets", "secrets/x"))] == []


# --- Services in other namespaces -----------------------------------------------------------------------------------


def _foreign(world: Reading, namespace: str, name: str) -> tuple[bool, int | None, GapReason | None]:
    (found,) = _after(world, services=((namespace, name),)).foreign_services
    assert (found.namespace, found.name) == (namespace, name)
    return found.service is not None, found.ready_addresses, found.gap.reason if found.gap else None


def test_a_foreign_service_is_counted_by_its_own_ready_addresses(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        assert _foreign(world, "other", "redis") == (True, 1, None)
        assert _foreign(world, "other", "alias") == (True, None, None)
        assert _foreign(world, "other", "absent") == (False, 0, None)
        assert _foreign(world, "nowhere", "redis") == (False, 0, None)


def test_a_foreign_service_on_an_old_cluster_is_counted_by_its_endpoints(tmp_path: Path) -> None:
    objects = broken_onyx()
    objects["endpoints", "other"] = [
        {"metadata": {"name": "redis"}, "subsets": [{"addresses": [{"ip": "10.1.1.1"}, {"ip": "10.1.1.2"}]}]}
    ]
    objects["services", "other"].append(objects["services", NAMESPACE][0])
    with reading(tmp_path, StubCluster(objects, unserved={"endpointslices"})) as world:
        assert _foreign(world, "other", "redis") == (True, 2, None)
        assert _foreign(world, "other", "api-server") == (True, 0, None)


def test_a_forbidden_foreign_service_is_a_gap(tmp_path: Path) -> None:
    faults = {"/api/v1/namespaces/other/services/redis": always(forbidden("services", "get", "other"))}
    with reading(tmp_path, StubCluster(broken_onyx(), faults=faults)) as world:
        assert _foreign(world, "other", "redis") == (False, None, GapReason.FORBIDDEN)


def test_forbidden_addresses_of_a_foreign_service_are_a_gap_and_the_service_stays(tmp_path: Path) -> None:
    path = "/apis/discovery.k8s.io/v1/namespaces/other/endpointslices"
    faults = {path: always(forbidden("endpointslices", "list", "other"))}
    with reading(tmp_path, StubCluster(broken_onyx(), faults=faults)) as world:
        assert _foreign(world, "other", "redis") == (True, None, GapReason.FORBIDDEN)


@pytest.mark.parametrize(
    ("namespace", "name"), [("..", "redis"), ("other", "a/b"), ("other", "..%2f..%2fsecrets"), ("", "")]
)
def test_a_foreign_name_that_cannot_be_is_absent_and_not_sent(tmp_path: Path, namespace: str, name: str) -> None:
    with reading(tmp_path) as world:
        assert _foreign(world, namespace, name) == (False, None, GapReason.ABSENT)
        assert world.reader.cost().api_requests == 14


# --- bounds ---------------------------------------------------------------------------------------------------------


def test_twelve_requests_are_spent_in_turn_and_the_rest_is_told(tmp_path: Path) -> None:
    logs = tuple(LogRequest(pod=POD, container=f"c{number}") for number in range(10))
    health = tuple(HealthRequest(target=f"pod/{POD}", port="8080", path=f"/{number}") for number in range(10))
    with reading(tmp_path) as world:
        view = world.look()
        before = world.reader.cost().api_requests
        after = world.reader.fetch_details(
            view, DetailRequest(logs=logs, health=health, services=(("other", "redis"),))
        )
        assert world.reader.cost().api_requests - before == 12
        assert (len(after.logs), len(after.health), len(after.foreign_services)) == (10, 10, 1)
        left_out = [item.container for item in after.logs if item.gap and item.gap.reason is GapReason.CUT_OFF]
        assert left_out == ["c5", "c6", "c7", "c8", "c9"]
        assert len([item for item in after.health if item.gap and item.gap.reason is GapReason.CUT_OFF]) == 5


def test_findings_are_added_to_those_of_an_earlier_look(tmp_path: Path) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), logs={NO_LOG: b"x"})) as world:
        request = DetailRequest(logs=(LogRequest(pod=POD, container="api-server"),))
        first = world.reader.fetch_details(world.look(), request)
        second = world.reader.fetch_details(first, request)
        assert (len(first.logs), len(second.logs)) == (1, 2)
        assert second.model_copy(update={"logs": ()}) == world.look().model_copy(update={"logs": ()})


def test_a_view_with_findings_is_the_same_when_it_is_saved_and_read_again(tmp_path: Path) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), logs={NO_LOG: b"caf\xe9\n"})) as world:
        after = _after(
            world,
            logs=({"pod": POD, "container": "api-server"}, {"pod": "gone", "container": "c", "previous": True}),
            health=({"target": f"pod/{POD}", "port": "8080", "path": "/health"},),
            services=(("other", "redis"), ("other", "a/b")),
        )
        assert View.model_validate_json(after.model_dump_json(by_alias=True)) == after


def test_nothing_wanted_costs_nothing(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        assert world.reader.fetch_details(view, DetailRequest()) == view
        assert world.reader.cost().api_requests == 14


def test_a_hanging_read_does_not_hold_up_the_others(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), logs={NO_LOG: b"fine"}, health={f"pods/{POD}:8080/health": hang})
    with reading(tmp_path, stub, read_timeout_seconds=SHORT_SECONDS) as world:
        wanted = {"logs": [{"pod": POD, "container": "api-server"}]}
        wanted["health"] = [{"target": f"pod/{POD}", "port": "8080", "path": "/health"}]
        after = _after(world, **wanted)
        assert (after.logs[0].text, after.health[0].outcome) == ("fine", "timed_out")


def test_an_application_that_speaks_tls_is_asked_by_https(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        request = HealthRequest(target=f"pod/{POD}", port="8080", path="/health", scheme="https")
        _after(world, health=(request,))
        assert any(f"/pods/https:{POD}:8080/proxy/health" in path for path in world.stub.paths())
