"""Trigger ids and response URLs run out, by the workspace's clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.sandbox.workspace import INCIDENTS, ONCALL, Workspace
from tests.contract.workspace.workspace_bot import button, client_of, modal, section, text_input


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Iterator[Workspace]:
    with Workspace(clock=clock) as workspace:
        yield workspace


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return client_of(workspace)


def clicked(workspace: Workspace, client: WebClient, **ephemeral: Any) -> dict[str, Any]:
    """The payload of a click on a fresh card."""
    blocks = [section("card"), button("go")]
    if ephemeral:
        ts = client.chat_postEphemeral(channel=INCIDENTS, text="card", blocks=blocks, **ephemeral)["message_ts"]
    else:
        ts = client.chat_postMessage(channel=INCIDENTS, text="card", blocks=blocks)["ts"]
    workspace.click(INCIDENTS, ts, "go")

    def clicks() -> list[dict[str, Any]]:
        payloads = [delivery.payload for delivery in workspace.deliveries]
        return [payload for payload in payloads if payload.get("container", {}).get("message_ts") == ts]

    assert workspace.wait_for(clicks, 30.0)
    return clicks()[0]


VIEW = modal(text_input("reason"))


def test_a_trigger_id_works_once(workspace: Workspace, client: WebClient) -> None:
    trigger_id = clicked(workspace, client)["trigger_id"]
    client.views_open(trigger_id=trigger_id, view=VIEW)

    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=trigger_id, view=VIEW)


@pytest.mark.parametrize(
    ("waited", "error"), [pytest.param(2.9, None, id="in-time"), pytest.param(3.1, "expired_trigger_id", id="too-late")]
)
def test_a_trigger_id_lives_three_seconds(
    workspace: Workspace, client: WebClient, clock: Clock, waited: float, error: str | None
) -> None:
    trigger_id = clicked(workspace, client)["trigger_id"]
    clock.now += waited

    if error is None:
        assert client.views_open(trigger_id=trigger_id, view=VIEW)["ok"]
    else:
        with pytest.raises(SlackApiError, match=error):
            client.views_open(trigger_id=trigger_id, view=VIEW)


def test_a_made_up_trigger_id_is_refused(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_open(trigger_id="1.2.abc", view=VIEW)


def test_views_are_updated_against_their_hash_and_pushed_three_high(workspace: Workspace, client: WebClient) -> None:
    view = client.views_open(trigger_id=clicked(workspace, client)["trigger_id"], view=VIEW)["view"]
    updated = client.views_update(view_id=view["id"], hash=view["hash"], view=VIEW)["view"]

    assert updated["id"] == view["id"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        client.views_update(view_id=view["id"], hash=view["hash"], view=VIEW)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        client.views_push(trigger_id=clicked(workspace, client)["trigger_id"], view=VIEW)
    workspace.close_view(ONCALL)
    with pytest.raises(SlackApiError, match="not_found"):
        client.views_update(view_id=view["id"], view=VIEW)


def test_a_response_url_works_five_times(workspace: Workspace, client: WebClient) -> None:
    webhook = WebhookClient(clicked(workspace, client)["response_url"])

    answers = [webhook.send(text=f"answer {number}") for number in range(6)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 404]
    assert "used_url" in answers[-1].body
    assert len(workspace.ephemerals(ONCALL)) == 5


def test_a_response_url_lives_thirty_minutes(workspace: Workspace, client: WebClient, clock: Clock) -> None:
    webhook = WebhookClient(clicked(workspace, client)["response_url"])
    clock.now += 30 * 60 + 1

    answer = webhook.send(text="late")

    assert answer.status_code == 404
    assert "expired_url" in answer.body


def test_a_response_url_replaces_and_deletes_its_original(workspace: Workspace, client: WebClient) -> None:
    payload = clicked(workspace, client)
    webhook, ts = WebhookClient(payload["response_url"]), payload["container"]["message_ts"]

    webhook.send(text="taken", blocks=[section("taken")], replace_original=True)
    assert workspace.message(INCIDENTS, ts)["text"] == "taken"

    webhook.send(delete_original=True)
    assert ts not in [message["ts"] for message in workspace.messages(INCIDENTS)]


def test_a_response_url_reaches_ephemeral_messages_which_chat_update_cannot(
    workspace: Workspace, client: WebClient
) -> None:
    payload = clicked(workspace, client, user=ONCALL)
    ts = payload["container"]["message_ts"]

    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=INCIDENTS, ts=ts, text="x")
    WebhookClient(payload["response_url"]).send(text="changed", replace_original=True)
    assert [m["text"] for m in workspace.ephemerals(ONCALL)] == ["changed"]


def test_a_response_url_checks_what_it_is_given(workspace: Workspace, client: WebClient) -> None:
    answer = WebhookClient(clicked(workspace, client)["response_url"]).send(text="x", blocks=[{"type": "nonsense"}])

    assert answer.status_code == 400
    assert "invalid_blocks" in answer.body


def test_every_kind_of_input_reports_its_state(workspace: Workspace, client: WebClient) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")]
    inputs = {
        "static_select": {"options": options, "initial_option": options[0]},
        "checkboxes": {"options": options, "initial_options": [options[1]]},
        "radio_buttons": {"options": options},
        "datepicker": {},
        "number_input": {"is_decimal_allowed": False, "min_value": "1", "max_value": "8"},
        "users_select": {},
    }
    blocks = [text_input(kind) | {"element": {"type": kind, "action_id": "v", **more}} for kind, more in inputs.items()]
    entered = {"radio_buttons": "two", "datepicker": "2026-11-23", "number_input": "4", "users_select": ONCALL}
    client.views_open(trigger_id=clicked(workspace, client)["trigger_id"], view=modal(*blocks))

    assert workspace.submit_view(ONCALL, entered | {"number_input": "9"}) is False
    assert workspace.views(ONCALL)[-1]["errors"] == {"number_input": "Please enter 8 or less."}
    assert workspace.submit_view(ONCALL, entered)

    submitted = lambda: [d.payload for d in workspace.deliveries if d.payload["type"] == "view_submission"]  # noqa: E731
    assert workspace.wait_for(submitted, 30.0)
    values = {kind: state["v"] for kind, state in submitted()[0]["view"]["state"]["values"].items()}
    assert values == {
        "static_select": {"type": "static_select", "selected_option": options[0]},
        "checkboxes": {"type": "checkboxes", "selected_options": [options[1]]},
        "radio_buttons": {"type": "radio_buttons", "selected_option": options[1]},
        "datepicker": {"type": "datepicker", "selected_date": "2026-11-23"},
        "number_input": {"type": "number_input", "value": "4"},
        "users_select": {"type": "users_select", "selected_user": ONCALL},
    }
