"""HTTP mode: the same answers as over Socket Mode, and nothing for whoever cannot sign."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from bot.adapters.slack.events.http_server import BODY_BYTES, HttpServer
from bot.domain.errors import ConfigurationError
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL
from tests.scenario.slack_bench import PASTE, Bench, bench, make_bot, valid, valid_modal
from tests.support.workspaces import patient_workspace

PAYLOAD = json.dumps({"type": "event_callback", "event": {"type": "reaction_added"}})


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    place = patient_workspace()
    settings = {"mode": "http", "signing_secret": place.signing_secret, "http_host": "127.0.0.1", "http_port": 0}
    with bench(workspace=place, settings=settings) as made:
        place.deliver_to(url(made, "/slack/events"))
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with nothing open."""
    return running.fresh()


def url(made: Bench, path: str) -> str:
    server = made.bot._delivery
    assert isinstance(server, HttpServer)
    return f"http://127.0.0.1:{server.port}{path}"


def test_a_paste_a_command_a_click_and_a_form_are_answered(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = valid(shared.answer(ts, "Fault found"))
    shared.workspace.click(INCIDENTS, card["ts"], "card_details")
    valid_modal(shared.modal(ONCALL, "api.last-exit"))
    shared.workspace.slash_command("/triage", "help", channel=INCIDENTS)
    valid(shared.whispered(ONCALL, "Which app shall I look at?"))
    menu = next(one for one in card["blocks"][-1]["elements"] if one["type"] == "overflow")
    mute = next(one["value"] for one in menu["options"] if one["text"]["text"] == "Mute…")
    shared.workspace.click(INCIDENTS, card["ts"], "card_more", value=mute)
    shared.modal(ONCALL, "How long?")
    shared.workspace.submit_view(ONCALL, {"how_long": "1"})
    shared.whispered(ONCALL, "Muted")
    shared.settled()
    assert {delivery.outcome for delivery in shared.workspace.deliveries} == {"acked"}
    assert shared.bot.is_connected()


def status(made: Bench, body: bytes, headers: dict[str, str], path: str = "/slack/events") -> tuple[int, bytes]:
    request = urllib.request.Request(url(made, path), data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def signed(made: Bench, body: str, kind: str = "application/json", **changed: str) -> dict[str, str]:
    return {"Content-Type": kind, **made.workspace.signed_headers(body), **changed}


def test_only_what_is_signed_now_is_let_in(shared: Bench) -> None:
    right = signed(shared, PAYLOAD)
    at = "X-Slack-Request-Timestamp"
    old = str(int(right[at]) - 301)
    refused = [
        {"Content-Type": "application/json"},
        {**right, "X-Slack-Signature": "v0=" + "0" * 64},
        {**right, at: old},
        {**right, at: "now"},
        {**right, at: "-1"},
        {**right, at: "²"},
        signed(shared, PAYLOAD + " "),
    ]
    assert status(shared, PAYLOAD.encode(), right)[0] == 200
    for headers in refused:
        sent = {name: value.encode("latin-1", "replace").decode("latin-1") for name, value in headers.items()}
        assert status(shared, PAYLOAD.encode(), sent) == (401, b"")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("[" * 50_000, "application/json"),
        ("", "application/json"),
        (urlencode({"payload": "{"}), "application/x-www-form-urlencoded"),
        (urlencode({"payload": "[]"}), "application/x-www-form-urlencoded"),
        ("no form", "application/x-www-form-urlencoded"),
    ],
)
def test_a_bad_body_is_answered_without_a_word(shared: Bench, body: str, kind: str) -> None:
    assert status(shared, body.encode(), signed(shared, body, kind)) == (400, b"")


def test_other_paths_large_bodies_and_health(shared: Bench) -> None:
    assert status(shared, b"{}", signed(shared, "{}"), "/other")[0] == 404
    with urllib.request.urlopen(url(shared, "/healthz"), timeout=5) as answer:
        assert answer.status == 200
    address = ("127.0.0.1", int(url(shared, "").rsplit(":", 1)[1]))
    for headers, said in ((f"Content-Length: {BODY_BYTES + 1}", b" 413 "), ("Content-Length: x", b" 411 ")):
        with socket.create_connection(address, timeout=5) as raw:
            raw.sendall(f"POST /slack/events HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())
            assert said in raw.recv(200)


def test_http_mode_needs_the_secret() -> None:
    with bench() as made:
        bot = make_bot(made.workspace, made.triage, made.store, mode="http")
        with pytest.raises(ConfigurationError, match="signing secret"):
            bot.connect()
        bot.close(0.4)
