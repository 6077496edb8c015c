"""The reader's own rules: one call for a stack, retries counted, bounded, and nothing read where nothing failed."""

import json
from collections import Counter
from collections.abc import Iterable

import pytest

from bot.domain.calls import CallFailure, Rung
from bot.engine.calls import read_failed_calls

NODE = """TypeError: fetch failed
    at node:internal/deps/undici/undici:12637:11 {
  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    errno: -111, code: 'ECONNREFUSED', syscall: 'connect',
    address: '172.30.154.48',
    port: 8080
  }
}"""
PYTHON = """2026-11-29 08:25:20,482 ERROR price lookup failed
Traceback (most recent call last):
  File "/app/urllib3/connection.py", line 198, in _new_conn
    sock = connection.create_connection(
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/requests/adapters.py", line 667, in send
    resp = conn.urlopen(
requests.exceptions.ConnectionError: HTTPConnectionPool(host='api', port=8080): Max retries exceeded with url: /v1"""


@pytest.mark.parametrize(("text", "host", "port"), [(NODE, "172.30.154.48", 8080), (PYTHON, "api", 8080)])
def test_a_stack_is_one_call(text: str, host: str, port: int) -> None:
    (call,) = read_failed_calls(text)
    assert (call.kind, call.also, call.host, call.port, call.count) == (CallFailure.REFUSED, (), host, port, 1)


GROUP = """2026-11-30 09:18:50,419 ERROR [shop.start] start failed
  + Exception Group Traceback (most recent call last):
  |   File "/app/start.py", line 14, in main
  |     raise ExceptionGroup("startup", [group, error])
  | ExceptionGroup: startup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/app/start.py", line 9, in warm_up
    |     raise ExceptionGroup("could not warm up: timed out", errors)
    | ExceptionGroup: could not warm up: timed out (2 sub-exceptions)
    +-+---------------- 1 ----------------
      | Traceback (most recent call last):
      |   File "/usr/lib/python3.11/asyncio/selector_events.py", line 674, in _sock_connect_cb
      |     raise OSError(err, f'Connect call failed {address}')
      | ConnectionRefusedError: [Errno 111] Connect call failed ('10.61.0.11', 5432)
      +---------------- 2 ----------------
      | Traceback (most recent call last):
      |   File "/app/search.py", line 7, in ask
      |     await client.get("http://search-api:8080/v3")
      | httpx.ConnectError: [Errno -2] Name or service not known
      +------------------------------------
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/app/cache.py", line 10, in connect
    |     raise ConnectionError("redis at cart-redis:6379: connection reset by peer") from error
    | ConnectionError: redis at cart-redis:6379: connection reset by peer
    +------------------------------------"""
"""Errors that did not cause each other: each is a call with a destination of its own."""


@pytest.mark.parametrize("in_a_record", [False, True])
def test_each_exception_of_a_group_is_a_call(in_a_record: bool) -> None:
    text = json.dumps({"level": "error", "msg": "start failed", "exc_info": GROUP}) if in_a_record else GROUP
    assert [(call.kind, call.host, call.port, call.count) for call in read_failed_calls(text)] == [
        (CallFailure.REFUSED, "10.61.0.11", 5432, 1),
        (CallFailure.NAME_UNKNOWN, "search-api", 8080, 1),
        (CallFailure.RESET, "cart-redis", 6379, 1),
    ]


def test_a_stack_inside_a_json_record() -> None:
    record = json.dumps({"level": "error", "msg": "call failed", "stack": NODE, "time": "2026-11-29T08:25:20Z"})
    (call,) = read_failed_calls(record)
    assert (call.kind, call.host, call.port) == (CallFailure.REFUSED, "172.30.154.48", 8080)
    assert call.at is not None
    assert call.at.isoformat() == "2026-11-29T08:25:20+00:00"


def test_a_cut_traceback_still_tells() -> None:
    (call,) = read_failed_calls(PYTHON[: PYTHON.index("The above")])
    assert (call.kind, call.host) == (CallFailure.REFUSED, None)


def test_retries_are_counted() -> None:
    line = "2026-11-29T08:25:{:02}Z error: connect ETIMEDOUT 10.96.0.9:5432"
    (call,) = read_failed_calls("\n".join(line.format(second) for second in range(40)))
    assert (call.count, call.line_number) == (40, 1)
    assert call.first_at is not None
    assert call.at is not None
    assert (call.at - call.first_at).total_seconds() == 39


@pytest.mark.parametrize(
    "below",
    [
        "Target host: prod-db, port: 3333",
        "Host: prod-db:3333",
        "Endpoint: prod-db:3333",
        "database host: prod-db, port: 3333",
    ],
)
def test_where_a_call_went_may_stand_in_the_line_below(below: str) -> None:
    text = f"java.net.ConnectException: Connection refused\n{below}\nShutting down application\n"
    (call,) = read_failed_calls(text)
    assert (call.host, call.port) == ("prod-db", 3333)


@pytest.mark.parametrize(
    "below", ["INFO listening on host: prod-db:3333", "Host: prod-db", "Server: prod-db:3333 is up"]
)
def test_another_line_below_says_nothing_of_a_call(below: str) -> None:
    (call,) = read_failed_calls(f"java.net.ConnectException: Connection refused\n{below}\nfurther\n")
    assert call.host is None


@pytest.mark.parametrize("what", ["cancel", "the server", "Support", "payments"])
def test_what_a_request_was_for_is_no_host(what: str) -> None:
    (call,) = read_failed_calls(f"ERROR Request to {what} timed out after 5000ms")
    assert (call.kind.value, call.host) == ("response-timeout", None)


def test_two_failures_on_one_line() -> None:
    calls = read_failed_calls("connect ECONNREFUSED 10.0.0.1:8080; then connect ETIMEDOUT 10.0.0.2:5432")
    assert [(one.kind.value, one.host, one.port) for one in calls] == [
        ("refused", "10.0.0.1", 8080),
        ("connect-timeout", "10.0.0.2", 5432),
    ]


def test_two_families_of_one_destination_are_one_call() -> None:
    calls = read_failed_calls("AggregateError: connect ECONNREFUSED ::1:8080, connect ECONNREFUSED 127.0.0.1:8080")
    assert [(one.kind.value, one.port) for one in calls] == [("refused", 8080)]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("connect ECONNREFUSED fe80::1%eth0:8080", "fe80::1%eth0", 8080),
        ("dial tcp [fd00:10:96::a]:8080: connect: connection refused", "fd00:10:96::a", 8080),
        ("connect ECONNREFUSED 10.0.0.1:808080", "10.0.0.1", None),
        ("connect ECONNREFUSED 999.1.1.1:8080", None, None),
        ("connect ECONNREFUSED", None, None),
        ("Error: connect ECONNREFUSED /var/run/app.sock", None, None),
    ],
)
def test_odd_addresses(text: str, host: str | None, port: int | None) -> None:
    (call,) = read_failed_calls(text)
    assert (call.kind, call.host, call.port) == (CallFailure.REFUSED, host, port)


def test_thousands_of_hosts_are_bounded_and_counted() -> None:
    text = "\n".join(f"dial tcp 10.{n // 250}.{n % 250}.1:80: connect: connection refused" for n in range(5000))
    calls = read_failed_calls(text)
    assert len(calls) <= 201
    assert sum(call.count for call in calls) == 5000


def test_a_very_long_line() -> None:
    (call,) = read_failed_calls("x" * 1_000_000 + " connect ECONNREFUSED 10.0.0.1:8080 " + "y" * 1_000_000)
    assert (call.host, call.port) == ("10.0.0.1", 8080)
    assert len(call.line) <= 500


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.9 - - [29/Nov/2026:08:42:55 +0000] "GET /api HTTP/1.1" 503 217 "-" "curl/7.88"',
        "08:42:03 [info] 13#13: *9 recv() failed (104: Connection reset by peer) while reading client request",
        "LOG:  could not receive data from client: Connection reset by peer",
        "LOG:  unexpected EOF on client connection with an open transaction",
        "http: TLS handshake error from 10.0.0.9:4312: EOF",
        "Connected to redis://cart:6379 (timeout=5, retries=3)",
        "read timeout = 30, connect timeout = 5",
        "Started server process, timeout 30 s; 503 documents indexed",
        "processed 53300 rows in 25006 ms",
        'INFO:     10.42.0.61:59248 - "POST /login HTTP/1.1" 401 Unauthorized',
        'failed to parse line 404: {"name": "pears"',
        'processed order 502: {"id": 7, "state": "paid"}',
        "worker 5: terminated",
        "job 7 changed its state: TIMEOUT",
        "request handled: status code 404",
        "connected to vespa, got 450 documents",
        "worker received 503 messages from queue",
        "query returned 404 rows",
        "run failed: 500 of 512 tests, error 404 lines",
        'http_requests_total{method="get",status="503"} 17',
    ],
)
def test_nothing_failed_here(line: str) -> None:
    assert read_failed_calls(line) == ()


@pytest.mark.parametrize(
    ("line", "rung"),
    [
        ("getaddrinfo ENOTFOUND api", Rung.NAME),
        ("connect ETIMEDOUT 10.0.0.1:80", Rung.WAY),
        ("connect ECONNREFUSED 10.0.0.1:80", Rung.PORT),
        ("read ECONNRESET", Rung.ANSWER),
        ("Request failed with status code 502", Rung.STATUS),
        ('FATAL:  password authentication failed for user "app"', Rung.MEANING),
    ],
)
def test_the_rung(line: str, rung: Rung) -> None:
    (call,) = read_failed_calls(line)
    assert call.rung is rung


def _dense(lines: Iterable[str]) -> Counter[tuple[str, str | None, int | None, int | None]]:
    counted: Counter[tuple[str, str | None, int | None, int | None]] = Counter()
    for call in read_failed_calls("\n".join(lines)):
        counted[call.kind.value, call.host, call.port, call.status] += call.count
    return counted


def test_of_messages_that_differ_in_numbers_only_each_destination_is_counted() -> None:
    """What says where a call went, how it failed, and with which status is read in each of thousands of like lines."""
    line = "2026-11-29T08:{:02}:{:02}Z ERROR call {} failed after {} ms: {} (request {:08x})"
    said = [
        "connect ECONNREFUSED 172.30.154.48:8080",
        "connect ECONNREFUSED 172.30.154.49:8080",
        "connect ECONNREFUSED 172.30.154.48:8081",
        "connect ECONNREFUSED db-11:5432",
        "connect ECONNREFUSED db-17:5432",
        "http://api-1:80/v1 answered with status 200",
        "http://api-1:80/v1 answered with status 503",
        "http://api-2:80/v1 answered with status 429",
        "[Errno 17] File exists",
        "[Errno 104] Connection reset by peer",
    ]
    lines = [
        line.format(n // 60 % 60, n % 60, n, n * 7 % 1000, said[n % len(said)], n * 2654435761 % 2**32)
        for n in range(16000)
    ]
    assert _dense(lines) == {
        ("refused", "172.30.154.48", 8080, None): 1600,
        ("refused", "172.30.154.49", 8080, None): 1600,
        ("refused", "172.30.154.48", 8081, None): 1600,
        ("refused", "db-11", 5432, None): 1600,
        ("refused", "db-17", 5432, None): 1600,
        ("http-status", "api-1", 80, 503): 1600,
        ("http-status", "api-2", 80, 429): 1600,
        ("reset", None, None, None): 1600,
    }


def test_a_dense_log_that_changes_is_read_on() -> None:
    """Another error among thousands of one kind, in the middle and at the end."""
    line = "2026-11-29T08:00:{:02}Z ERROR connect ECONNREFUSED 10.0.0.1:80 (attempt {})"
    lines = [line.format(n % 60, n) for n in range(9000)]
    lines[4500] = "2026-11-29T08:00:30Z ERROR getaddrinfo ENOTFOUND api-server"
    lines[-1] = "2026-11-29T08:00:59Z ERROR read ECONNRESET"
    assert _dense(lines) == {
        ("refused", "10.0.0.1", 80, None): 8998,
        ("name-unknown", "api-server", None, None): 1,
        ("reset", None, None, None): 1,
    }


def test_an_address_in_a_record_is_no_host_with_a_port() -> None:
    error = {"message": "connect ECONNREFUSED fd00:88::21:7070", "code": "ECONNREFUSED", "address": "fd00:88::21"}
    (call,) = read_failed_calls(json.dumps({"level": 50, "msg": "load failed", "err": {**error, "port": 7070}}))
    assert (call.kind, call.host, call.port) == (CallFailure.REFUSED, "fd00:88::21", 7070)


def test_where_a_record_says_that_its_call_went() -> None:
    record = {"level": "error", "msg": "upstream", "host": "ledger:7070", "err": "x509: certificate has expired"}
    (call,) = read_failed_calls(json.dumps(record))
    assert (call.kind, call.host, call.port) == (CallFailure.TLS, "ledger", 7070)
    (call,) = read_failed_calls(json.dumps({**record, "host": "web-5d9c7f-x2x9k"}))
    assert (call.kind, call.host) == (CallFailure.TLS, None)


def test_a_code_beside_the_message_of_a_record_tells_how_it_failed() -> None:
    record = {"level": "error", "message": "cart: fetch failed", "code": "ECONNREFUSED", "url": "http://cart:7070/v1"}
    (call,) = read_failed_calls(json.dumps(record))
    assert (call.kind, call.also, call.host, call.port) == (CallFailure.REFUSED, (), "cart", 7070)
    (call,) = read_failed_calls(json.dumps({**record, "code": "not a name of an error"}))
    assert call.is_vague


def test_where_a_record_of_an_error_went_counts_without_a_field_for_the_error() -> None:
    record = {"level": "ERROR", "logger": "kafkajs", "message": "Connection timeout", "broker": "bus-0.bus:9092"}
    (call,) = read_failed_calls(json.dumps(record))
    assert (call.kind, call.host, call.port) == (CallFailure.CONNECT_TIMEOUT, "bus-0.bus", 9092)
    assert read_failed_calls(json.dumps({**record, "message": "rebalanced in time"})) == ()


def test_a_proxy_that_answers_for_the_destination_says_how_it_failed() -> None:
    said = "503 upstream connect error or disconnect/reset before headers. reset reason: "
    (call,) = read_failed_calls(said + "connection timeout")
    assert (call.kind, call.status) == (CallFailure.CONNECT_TIMEOUT, 503)
    (call,) = read_failed_calls(said + "remote connection failure")
    assert CallFailure.REFUSED in call.kinds
    assert CallFailure.NAME_UNKNOWN not in call.kinds
