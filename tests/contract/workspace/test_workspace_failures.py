"""Failures a test asks for, rates that are counted, and what the workspace refuses its owner and its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.workspace import (
    BASE_SCOPES,
    BOT,
    EXTERNAL,
    INCIDENTS,
    ONCALL,
    OPTIONAL_SCOPES,
    SHARED,
    Workspace,
    WorkspaceConfig,
    WorkspaceError,
)
from tests.contract.workspace.workspace_bot import client_of, refusal


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace(config=WorkspaceConfig(scopes=BASE_SCOPES + OPTIONAL_SCOPES)) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> WebClient:
    return client_of(workspace)


def test_a_rate_limit_can_be_injected(workspace: Workspace, client: WebClient) -> None:
    workspace.fail_next("chat.postMessage", status=429, retry_after=7)

    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=INCIDENTS, text="x")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert client.chat_postMessage(channel=INCIDENTS, text="x")["ok"], "one failure was asked for"
    assert [call.status for call in workspace.calls[-2:]] == [429, 200]


def test_a_server_failure_and_a_slack_error_can_be_injected(workspace: Workspace, client: WebClient) -> None:
    workspace.fail_next("users.info", status=503)
    with pytest.raises(SlackApiError) as caught:
        client.users_info(user=ONCALL)
    assert caught.value.response.status_code == 503

    workspace.fail_next("*", error="fatal_error")
    assert refusal(lambda: client.users_info(user=ONCALL))["error"] == "fatal_error"


def test_a_dropped_connection_makes_the_client_send_twice(workspace: Workspace, client: WebClient) -> None:
    workspace.fail_next("bots.info", drop=True)

    assert client.bots_info(bot=BOT)["ok"]

    assert [call.status for call in workspace.calls[-2:]] == [0, 200]


def test_calls_are_counted_per_minute_and_refused_only_when_asked() -> None:
    now = [1_790_000_000.0]
    with Workspace(clock=lambda: now[0]) as workspace:
        client = client_of(workspace)
        for _ in range(21):
            client.usergroups_list()
        now[0] += 60
        client.usergroups_list()
        assert workspace.rate_limit_excess() == {"usergroups.list": 21}

    with Workspace(clock=lambda: now[0], config=WorkspaceConfig(enforce_rate_limits=True)) as workspace:
        client = client_of(workspace)
        for _ in range(20):
            client.usergroups_list()
        with pytest.raises(SlackApiError) as caught:
            client.usergroups_list()
        assert 0 < int(caught.value.response.headers["Retry-After"]) <= 61
        now[0] += 61
        assert client.usergroups_list()["ok"]


def test_every_call_is_recorded_without_the_token(workspace: Workspace, client: WebClient) -> None:
    client.chat_postMessage(channel=INCIDENTS, text="for the record")

    call = workspace.calls[-1]

    assert (call.method, call.error, call.arguments["text"]) == ("chat.postMessage", None, "for the record")
    assert workspace.bot_token not in str(call.arguments)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::", "example.com"])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(WorkspaceError, match="use 127"):
        Workspace().start(host)


def test_a_taken_port_is_said_and_the_content_survives_a_restart() -> None:
    with Workspace() as workspace:
        port = int(workspace.address.rsplit(":", 1)[1])
        with pytest.raises(WorkspaceError, match="Choose a free port"):
            Workspace().start(port=port)
        ts = workspace.post_message(INCIDENTS, "before")
    workspace.start(port=port)
    assert client_of(workspace).conversations_history(channel=INCIDENTS)["messages"][0]["ts"] == ts
    workspace.stop()


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda w: w.post_message("C0NOWHERE0", "x"), id="unknown-channel"),
        pytest.param(lambda w: w.post_message(INCIDENTS, "x", user=EXTERNAL), id="not-a-member"),
        pytest.param(lambda w: w.post_message(INCIDENTS, "  "), id="empty"),
        pytest.param(lambda w: w.post_message(INCIDENTS, "x" * 40_001), id="too-long"),
        pytest.param(lambda w: w.post_message(INCIDENTS, "x", thread_ts="1.0"), id="no-such-thread"),
        pytest.param(lambda w: w.click(INCIDENTS, "1.0", "a"), id="no-such-message"),
        pytest.param(lambda w: w.submit_view(ONCALL), id="no-modal"),
    ],
)
def test_a_person_cannot_do_what_slacks_client_does_not_offer(
    workspace: Workspace, act: Callable[[Workspace], object]
) -> None:
    with pytest.raises(WorkspaceError):
        act(workspace)


def test_http_requests_are_signed_the_way_the_official_verifier_expects(workspace: Workspace) -> None:
    headers = workspace.signed_headers("payload=1")

    assert SignatureVerifier(workspace.signing_secret).is_valid_request("payload=1", headers)
    assert not SignatureVerifier(workspace.signing_secret).is_valid_request("payload=2", headers)


def test_posts_are_limited_per_channel_as_well() -> None:
    with Workspace(config=WorkspaceConfig(enforce_rate_limits=True)) as workspace:
        client = client_of(workspace)
        for _ in range(70):
            client.chat_postMessage(channel=INCIDENTS, text="x")
        with pytest.raises(SlackApiError, match="ratelimited"):
            client.chat_postMessage(channel=INCIDENTS, text="one too many")
        client.chat_postMessage(channel=SHARED, text="another channel goes on")
