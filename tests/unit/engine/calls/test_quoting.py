"""What a line tells of an error that another program answered with: its words, through how many, and the URL."""

from __future__ import annotations

import pytest

from bot.engine.calls.quoting import depth_of, failed_url, quoted

ERROR = "not authorized on shop-db to execute command"
QUOTES = {
    "go": (f"ERR main.go:87 > nearby failed: rpc error: code = Unknown desc = {ERROR}", 1),
    "go, through two": (f"ERR > rpc error: code = Unknown desc = rpc error: code = Internal desc = {ERROR}", 2),
    "java": (f"io.grpc.StatusRuntimeException: INTERNAL: {ERROR}", 1),
    "node": (f"Error: 13 INTERNAL: {ERROR}", 1),
    "python": (f'  details = "{ERROR}"', 1),
    "net": (f'Grpc.Core.RpcException: Status(StatusCode="Internal", Detail="{ERROR}")', 1),
    "spring": (f'org.x.HttpServerErrorException$InternalServerError: 500 : "{ERROR}"', 1),
    "thrift": (f"TException - service has thrown: ServiceException(errorCode=2, message={ERROR})", 1),
    "words": (f"ERROR upstream orders answered 500 {ERROR}", 1),
}


@pytest.mark.parametrize("name", QUOTES)
def test_the_words_of_another_program_are_taken_out_of_the_clients_own(name: str) -> None:
    line, depth = QUOTES[name]
    assert quoted(line) == (ERROR, depth)
    assert depth_of(line) == depth


@pytest.mark.parametrize(
    "line",
    [
        f"ERR main.go:87 > Failed: {ERROR}",
        'rpc error: code = Unavailable desc = connection error: desc = "transport: dial tcp 10.0.0.7:80: refused"',
        "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        "rpc error: code = Unknown desc = EOF",
        "INFO details of order 17: nothing",
    ],
    ids=["its own", "no connection", "too late", "too few words", "no error"],
)
def test_what_a_program_says_for_itself_is_nobody_elses(line: str) -> None:
    assert quoted(line) is None


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("GET http://orders:8080/orders?x=1 500", ("orders", 8080)),
        ("503 Server Error: Service Unavailable for url: http://orders.shop.svc/x", ("orders.shop.svc", 0)),
        ("GET http://orders:8080/orders 200 500ms", ("", 0)),
        ("GET http://orders:8080/orders 200 in 503 ms", ("", 0)),
        ("502 Bad Gateway", ("", 0)),
    ],
)
def test_a_url_that_was_answered_with_a_servers_error(line: str, where: tuple[str, int]) -> None:
    assert failed_url(line) == where
