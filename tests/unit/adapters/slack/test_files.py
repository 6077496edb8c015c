"""Attached files: read within bounds, from hosts that may see the token, and never silently skipped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.adapters.slack.events.intake.files import FileReader
from bot.adapters.slack.render.limits import FILE_BYTES, FILES_PER_POST
from bot.adapters.slack.send.trust import may_see_token
from bot.domain.errors import SlackError

SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api_url", "may"),
    [
        ("https://files.slack.com/files-pri/T1-F1/x.log", SLACK, True),
        ("https://slack.com/x", SLACK, True),
        ("http://files.slack.com/x", SLACK, False),
        ("https://files.slack.com.evil.example/x", SLACK, False),
        ("https://evilslack.com/x", SLACK, False),
        ("https://slack.com@evil.example/x", SLACK, False),
        ("https://user@files.slack.com/x", SLACK, False),
        ("file:///etc/passwd", SLACK, False),
        ("", SLACK, False),
        ("http://127.0.0.1:8099/files/x", "http://127.0.0.1:8099/api/", True),
        ("http://127.0.0.1:8100/files/x", "http://127.0.0.1:8099/api/", False),
        ("https://files.slack.com/x", "http://127.0.0.1:8099/api/", False),
    ],
)
def test_the_token_is_sent_to_slack_or_to_the_configured_server_only(url: str, api_url: str, may: bool) -> None:
    assert may_see_token(url, api_url) is may


class Server:
    """Serves files; knows which requests carried a token."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.authorized: list[tuple[str, str | None]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.authorized.append((self.path, self.headers.get("Authorization")))
                status, headers, body = server.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    made = Server(), Server()
    yield made
    for server in made:
        server.http.shutdown()
        server.http.server_close()


def no_lookup(file: str) -> dict[str, Any]:
    raise SlackError(f"Slack knows no {file}.", "Upload it again.")


def reader(server: Server, lookup: Any = no_lookup) -> FileReader:
    return FileReader("xoxb-secret", f"{server.address}/api/", lookup)


def file(server: Server, path: str, **fields: Any) -> dict[str, Any]:
    base = {"id": "F1", "name": "web.log", "mode": "snippet", "mimetype": "text/plain"}
    return {**base, "url_private": f"{server.address}{path}", **fields}


def test_a_text_file_is_read_with_the_token(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/ok"] = (200, {"Content-Type": "text/plain"}, "\ufeffgrün\n".encode())
    read = reader(own).read([file(own, "/ok")])
    assert (read.texts, read.unread) == (("grün\n",), ())
    assert own.authorized[-1] == ("/ok", "Bearer xoxb-secret")


def test_utf_16_and_broken_utf_8_are_read(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/16"] = (200, {}, "error".encode("utf-16"))
    own.pages["/bad"] = (200, {}, b"error \xff")
    assert reader(own).read([file(own, "/16"), file(own, "/bad")]).texts == ("error", "error \ufffd")


@pytest.mark.parametrize(
    ("fields", "page", "said"),
    [
        ({}, (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>Sign in"), "files:read"),
        ({}, (200, {"Content-Type": "text/plain"}, b"\n<html>Sign in"), "files:read"),
        ({}, (403, {}, b""), "HTTP 403"),
        ({}, (200, {}, b"\x7fELF\x00\x00"), "is not text"),
        ({"mode": "tombstone"}, None, "deleted"),
        ({"mode": "external"}, None, "not stored in Slack"),
        ({"mode": "hosted", "mimetype": "image/png", "filetype": "png"}, None, "not a text file"),
        ({"url_private": "https://evil.example/x"}, None, "not one of Slack's"),
        ({"url_private": "", "id": "F9"}, None, "Slack knows no F9"),
    ],
)
def test_what_cannot_be_read_is_said(
    servers: tuple[Server, Server], fields: dict[str, Any], page: Any, said: str
) -> None:
    own, _ = servers
    own.pages["/page"] = page or (500, {}, b"")
    read = reader(own).read([file(own, "/page", **fields)])
    assert read.texts == ()
    assert len(read.unread) == 1
    assert read.unread[0].startswith("web.log: ")
    assert said in read.unread[0]


def test_a_redirect_to_another_host_is_not_followed(servers: tuple[Server, Server]) -> None:
    own, other = servers
    other.pages["/steal"] = (200, {}, b"stolen")
    own.pages["/away"] = (302, {"Location": f"{other.address}/steal"}, b"")
    own.pages["/near"] = (302, {"Location": f"{own.address}/there"}, b"")
    own.pages["/there"] = (200, {}, b"found")
    read = reader(own).read([file(own, "/away"), file(own, "/near")])
    assert read.texts == ("found",)
    assert "HTTP 302" in read.unread[0]
    assert other.authorized == []


def test_a_huge_file_is_cut_and_too_many_files_are_counted(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/huge"] = (200, {}, b"x" * (FILE_BYTES + 100))
    own.pages["/small"] = (200, {}, b"x")
    read = reader(own).read([file(own, "/huge"), *[file(own, "/small")] * (FILES_PER_POST + 1)])
    assert FILE_BYTES <= len(read.texts[0]) <= FILE_BYTES + 1
    assert "only its first 1.0 MB and its last 9.0 MB were read" in read.unread[0]
    assert read.unread[1:] == ("web.log: only the first 5 files are read",) * 2


def test_a_file_that_is_only_announced_is_looked_up(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/later"] = (200, {}, b"late")
    announced = {"id": "F7", "mode": "file_access", "file_access": "check_file_info"}
    assert reader(own, lambda _: file(own, "/later")).read([announced]).texts == ("late",)
