"""Socket Mode as a bot must survive it: lost acknowledgements, retries, several connections, refreshes, outages."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.sandbox.workspace import INCIDENTS, ONCALL, Workspace, WorkspaceConfig
from bot.sandbox.workspace.delivery.socket_mode import DeliveryAttempt
from tests.contract.workspace.workspace_bot import Connected, app_of, button, client_of

SECONDS = 120.0


def counting_app(workspace: Workspace) -> tuple[App, list[str]]:
    """An app that keeps the event ids it got."""
    app, seen = app_of(workspace), []

    @app.event("message")
    def messaged(body):
        seen.append(body["event_id"])

    return app, seen


def of_events(workspace: Workspace) -> list[DeliveryAttempt]:
    return [delivery for delivery in workspace.deliveries if delivery.kind == "events_api"]


def test_an_unacknowledged_event_is_retried_with_the_same_event_id() -> None:
    with Workspace(ack_timeout_seconds=0.05, retry_delays_seconds=(0.0, 0.0, 0.0)) as workspace:
        app = app_of(workspace)

        @app.event("reaction_added")
        def unrelated():
            """Nothing listens to messages: bolt answers 404, which is no acknowledgement."""

        with Connected(workspace, app):
            workspace.post_message(INCIDENTS, "anyone?")
            assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)

        attempts = of_events(workspace)

    assert [each.attempt for each in attempts] == [0, 1, 2, 3]
    assert [each.reason for each in attempts] == ["", "timeout", "timeout", "timeout"]
    assert len({each.payload["event_id"] for each in attempts}) == 1
    assert len({each.envelope_id for each in attempts}) == 4
    assert {each.outcome for each in attempts} == {"timeout"}


def test_an_event_written_while_the_bot_is_away_is_delivered_when_it_connects() -> None:
    with Workspace(retry_delays_seconds=(60.0,)) as workspace:
        app, seen = counting_app(workspace)
        workspace.post_message(INCIDENTS, "early")
        assert workspace.wait_for(lambda: [d for d in of_events(workspace) if d.outcome == "no_connection"], SECONDS)

        with Connected(workspace, app):
            assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)

    assert len(seen) == 1
    assert of_events(workspace)[-1].reason == "connection_failed"


def test_slack_may_deliver_an_event_twice() -> None:
    with Workspace() as workspace:
        app, seen = counting_app(workspace)
        with Connected(workspace, app):
            workspace.post_message(INCIDENTS, "once")
            assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)
            workspace.redeliver(seen[0])
            assert workspace.wait_for(lambda: len(of_events(workspace)) == 2 and workspace.in_flight == 0, SECONDS)

    assert seen == [seen[0], seen[0]]


def test_each_payload_goes_to_one_of_several_connections() -> None:
    with Workspace() as workspace:
        first, seen_by_first = counting_app(workspace)
        second, seen_by_second = counting_app(workspace)
        with Connected(workspace, first), Connected(workspace, second):
            assert workspace.connections == 2
            for number in range(6):
                workspace.post_message(INCIDENTS, f"message {number}")
            assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)

    assert len(seen_by_first) == len(seen_by_second) == 3
    assert not set(seen_by_first) & set(seen_by_second)


def test_after_a_disconnect_frame_the_bot_reconnects_and_hears_again() -> None:
    with Workspace() as workspace:
        app, seen = counting_app(workspace)
        with Connected(workspace, app):
            workspace.disconnect()
            assert workspace.wait_for(lambda: workspace.connections_opened == 2 and workspace.connections == 1, SECONDS)
            workspace.post_message(INCIDENTS, "still there?")
            assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)

    assert len(seen) == 1
    assert of_events(workspace)[-1].outcome == "acked"


Act = Callable[[Workspace], None]
COMMAND: Act = lambda workspace: workspace.slash_command("/triage", "", channel=INCIDENTS)  # noqa: E731


@pytest.mark.parametrize(
    ("connected", "error"),
    [
        pytest.param(True, "operation_timeout", id="the-bot-does-not-acknowledge"),
        pytest.param(False, "dispatch_failed", id="the-bot-is-not-connected"),
    ],
)
def test_the_person_is_told_when_a_command_fails(connected: bool, error: str) -> None:
    with Workspace(ack_timeout_seconds=0.05) as workspace:
        app = app_of(workspace)
        release = threading.Event()

        @app.command("/triage")
        def slow(ack):
            release.wait(SECONDS)
            ack()

        if connected:
            with Connected(workspace, app):
                COMMAND(workspace)
                assert workspace.wait_for(lambda: workspace.notices(ONCALL), SECONDS)
                release.set()
        else:
            COMMAND(workspace)
            assert workspace.wait_for(lambda: workspace.notices(ONCALL), SECONDS)

    assert workspace.notices(ONCALL)[0]["error"] == error
    assert workspace.notices(ONCALL)[0]["text"] == f'/triage failed with the error "{error}"'
    assert len(workspace.deliveries) == 1, "commands are never retried"


def test_the_person_is_told_when_a_click_is_not_acknowledged() -> None:
    with Workspace(ack_timeout_seconds=0.05) as workspace:
        app = app_of(workspace)
        ts = client_of(workspace).chat_postMessage(channel=INCIDENTS, text="card", blocks=[button("lost")])["ts"]
        with Connected(workspace, app):
            workspace.click(INCIDENTS, ts, "lost")
            assert workspace.wait_for(lambda: workspace.notices(ONCALL), SECONDS)

    notice = workspace.notices(ONCALL)[0]
    assert (notice["error"], notice["message_ts"]) == ("operation_timeout", ts)


def test_connections_are_opened_with_the_app_token_only() -> None:
    with Workspace() as workspace:
        client = client_of(workspace)

        with pytest.raises(SlackApiError, match="not_allowed_token_type"):
            client.apps_connections_open(app_token=workspace.bot_token)
        url = client.apps_connections_open(app_token=workspace.app_token)["url"]

    assert url.startswith(workspace.address.replace("http://", "ws://") + "/link/?ticket=")


async def first_frames(urls: list[str]) -> list[dict[str, Any]]:
    """Connect to every address in turn, keep all connections open, and answer the first frame of each."""
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(session.ws_connect(url)) for url in urls]
        return [await socket.receive_json() for socket in sockets]


def test_an_eleventh_connection_is_refused() -> None:
    with Workspace() as workspace:
        client = client_of(workspace)
        urls = [client.apps_connections_open(app_token=workspace.app_token)["url"] for _ in range(11)]

        frames = asyncio.run(first_frames(urls))

    assert [frame["num_connections"] for frame in frames[:10]] == list(range(1, 11))
    assert frames[10] == {"type": "disconnect", "reason": "too_many_websockets"}


def test_a_connection_ticket_works_once() -> None:
    with Workspace() as workspace:
        url = client_of(workspace).apps_connections_open(app_token=workspace.app_token)["url"]

        assert asyncio.run(first_frames([url]))[0]["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            asyncio.run(first_frames([url]))


@pytest.mark.parametrize(
    ("bound", "attempts"),
    [pytest.param(False, ["acked"], id="accepted"), pytest.param(True, ["timeout", "acked"], id="delivered-again")],
)
def test_an_acknowledgement_on_another_connection(bound: bool, attempts: list[str]) -> None:
    """Slack does not say whether it counts, so a bot must bear both."""
    config = WorkspaceConfig(acks_bound_to_connection=bound)
    with Workspace(ack_timeout_seconds=0.2, retry_delays_seconds=(0.0,), config=config) as workspace:
        client = client_of(workspace)
        urls = [client.apps_connections_open(app_token=workspace.app_token)["url"] for _ in range(2)]
        asyncio.run(_acknowledge_crosswise(urls, workspace))

        assert workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)
        assert [delivery.outcome for delivery in of_events(workspace)] == attempts


async def _acknowledge_crosswise(urls: list[str], workspace: Workspace) -> None:
    """Acknowledge the first delivery on the other connection, and a second one where it came."""
    async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(session.ws_connect(url)) for url in urls]
        for socket in sockets:
            await socket.receive_json()
        workspace.post_message(INCIDENTS, "hello")
        waiting = {asyncio.ensure_future(socket.receive_json()): socket for socket in sockets}
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        first = done.pop()
        other = next(socket for socket in sockets if socket is not waiting[first])
        # The socket that waits for its first envelope still does: only its send side is used here.
        await other.send_json({"envelope_id": first.result()["envelope_id"]})
        del waiting[first]
        rest = next(iter(waiting))
        loop = asyncio.get_running_loop()
        settled = loop.run_in_executor(None, workspace.wait_for, lambda: workspace.in_flight == 0, SECONDS)
        await asyncio.wait({rest, settled}, return_when=asyncio.FIRST_COMPLETED)
        if rest.done():
            await other.send_json({"envelope_id": rest.result()["envelope_id"]})
            assert await settled
        rest.cancel()
