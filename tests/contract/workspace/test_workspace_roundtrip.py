"""The real bolt App, connected by Socket Mode, and people in the workspace: what each sends reaches the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App

from bot.sandbox.workspace import BOT_USER, EXTERNAL, EXTERNAL_TEAM, GENERAL, INCIDENTS, ONCALL, SHARED, TEAM, Workspace
from tests.contract.workspace.workspace_bot import Connected, app_of, button, modal, section, text_input

SECONDS = 120.0


class EchoBot:
    """Answers everything and keeps the payloads it got."""

    def __init__(self, workspace: Workspace) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        app = app_of(workspace)
        self._listen(app)
        self.app = app

    def _keep(self, body: dict[str, Any]) -> None:
        with self.lock:
            self.bodies.append(body)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of one event or interaction type."""
        with self.lock:
            return [body for body in self.bodies if body.get("event", body).get("type", body.get("command")) == kind]

    def _listen(self, app: App) -> None:
        @app.event("app_mention")
        def mentioned(body, event, client):
            self._keep(body)
            thread = event.get("thread_ts") or event["ts"]
            posted = client.chat_postMessage(channel=event["channel"], text="looking", thread_ts=thread)
            client.chat_update(
                channel=event["channel"], ts=posted["ts"], text="found", blocks=[section("found"), button("fix")]
            )

        @app.event("message")
        def messaged(body):
            self._keep(body)

        @app.event("app_home_opened")
        def home(body, event, client):
            self._keep(body)
            client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("at home")]})

        @app.command("/triage")
        def command(ack, body, respond):
            self._keep(body)
            ack(text=f"working on {body['text']}")
            respond(text="done", response_type="in_channel")

        @app.action("fix")
        def fix(ack, body, client):
            ack()
            self._keep(body)
            view = modal(text_input("reason"), callback_id="why", private_metadata="opaque")
            client.views_open(trigger_id=body["trigger_id"], view=view)

        @app.view("why")
        def why(ack, body, view):
            self._keep(body)
            if view["state"]["values"]["reason"]["value"]["value"] == "because":
                ack(response_action="errors", errors={"reason": "That is no reason."})
            else:
                ack()

        @app.shortcut("triage_message")
        def shortcut(ack, body, respond):
            ack()
            self._keep(body)
            respond(text="read it")


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(scope="module")
def bot(workspace: Workspace) -> Iterator[EchoBot]:
    bot = EchoBot(workspace)
    with Connected(workspace, bot.app):
        yield bot


def settled(workspace: Workspace) -> bool:
    return workspace.wait_for(lambda: workspace.in_flight == 0, SECONDS)


def test_a_mention_reaches_the_bot_and_its_answer_is_edited_in_place(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(INCIDENTS, f"<@{BOT_USER}> help")

    answered = workspace.wait_for(
        lambda: [m for m in workspace.messages(INCIDENTS, ts) if m["text"] == "found"], SECONDS
    )

    assert answered
    parent, reply = workspace.messages(INCIDENTS, ts)
    assert parent["reply_count"] == 1
    assert parent["reply_users"] == [BOT_USER]
    assert (reply["thread_ts"], reply["user"]) == (ts, BOT_USER)
    assert "edited" not in reply, "an update with blocks shows no (edited)"
    assert settled(workspace)
    kinds = {body["event"]["type"] for body in bot.bodies if body.get("event", {}).get("ts") == ts}
    assert kinds == {"app_mention", "message"}, "a mention in a channel arrives as two events"


def test_event_payloads_have_slacks_outer_shape(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(INCIDENTS, "plain words")
    assert workspace.wait_for(lambda: any(b["event"].get("ts") == ts for b in bot.of("message")), SECONDS)

    body = next(b for b in bot.of("message") if b["event"].get("ts") == ts)

    assert body["type"] == "event_callback"
    assert body["team_id"] == TEAM
    assert body["authorizations"][0] == {
        "enterprise_id": None,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    assert body["event_id"].startswith("Ev")
    assert body["is_ext_shared_channel"] is False
    event = body["event"]
    assert (event["channel"], event["channel_type"], event["user"], event["team"]) == (
        INCIDENTS,
        "channel",
        ONCALL,
        TEAM,
    )
    assert event["client_msg_id"]
    assert event["blocks"][0]["type"] == "rich_text"


def test_an_external_members_message_names_the_other_team(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(SHARED, "hello", user=EXTERNAL)
    assert workspace.wait_for(lambda: any(b["event"].get("ts") == ts for b in bot.of("message")), SECONDS)

    body = next(b for b in bot.of("message") if b["event"].get("ts") == ts)

    assert body["is_ext_shared_channel"] is True
    assert (body["team_id"], body["event"]["user_team"], body["event"]["source_team"]) == (
        TEAM,
        EXTERNAL_TEAM,
        EXTERNAL_TEAM,
    )


def test_a_direct_message_is_one_event(workspace: Workspace, bot: EchoBot) -> None:
    channel = workspace.direct_message(ONCALL)
    ts = workspace.post_message(channel, f"<@{BOT_USER}> hi")
    assert workspace.wait_for(lambda: any(b["event"].get("ts") == ts for b in bot.of("message")), SECONDS)
    assert settled(workspace)

    assert [b["event"]["channel_type"] for b in bot.bodies if b.get("event", {}).get("ts") == ts] == ["im"]


def test_channels_without_the_bot_stay_private(workspace: Workspace, bot: EchoBot) -> None:
    before = len(workspace.deliveries)

    workspace.post_message(GENERAL, "@triage are you there?")

    assert len(workspace.deliveries) == before
    assert workspace.notices(ONCALL)[-1]["invite"] is True


def test_a_slash_command_is_acknowledged_and_answered_at_its_response_url(workspace: Workspace, bot: EchoBot) -> None:
    workspace.slash_command("/triage", "onyx <prod>", channel=INCIDENTS)

    assert workspace.wait_for(lambda: any(m["text"] == "done" for m in workspace.messages(INCIDENTS)), SECONDS)
    expected = "working on onyx &lt;prod&gt;"
    assert workspace.wait_for(lambda: any(m["text"] == expected for m in workspace.ephemerals(ONCALL)), SECONDS)
    body = bot.of("/triage")[-1]
    assert (body["channel_id"], body["user_id"], body["is_enterprise_install"]) == (INCIDENTS, ONCALL, "false")


def test_an_unknown_command_never_reaches_the_bot(workspace: Workspace, bot: EchoBot) -> None:
    before = len(workspace.deliveries)

    workspace.slash_command("/deploy", "", channel=INCIDENTS)

    assert len(workspace.deliveries) == before
    assert workspace.notices(ONCALL)[-1]["text"] == "/deploy is not a valid command."


def test_a_click_opens_a_modal_and_its_submission_closes_it(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(INCIDENTS, f"<@{BOT_USER}> again")
    found = lambda: [m for m in workspace.messages(INCIDENTS, ts) if m["text"] == "found"]  # noqa: E731
    assert workspace.wait_for(found, SECONDS)
    card = found()[0]

    workspace.click(INCIDENTS, card["ts"], "fix")

    assert workspace.wait_for(lambda: workspace.views(ONCALL), SECONDS)
    click = bot.of("block_actions")[-1]
    assert click["container"] == {
        "type": "message",
        "message_ts": card["ts"],
        "channel_id": INCIDENTS,
        "is_ephemeral": False,
        "thread_ts": ts,
    }
    assert (click["user"]["id"], click["user"]["team_id"]) == (ONCALL, TEAM)
    assert (click["actions"][0]["action_id"], click["actions"][0]["block_id"]) == ("fix", "acts")

    assert workspace.submit_view(ONCALL, {"reason": ""}) is False, "Slack's own form check stops an empty input"
    assert workspace.views(ONCALL)[-1]["errors"] == {"reason": "Please complete this required field."}

    assert workspace.submit_view(ONCALL, {"reason": "because"})
    complaint = {"reason": "That is no reason."}
    assert workspace.wait_for(lambda: workspace.views(ONCALL)[-1].get("errors") == complaint, SECONDS)

    assert workspace.submit_view(ONCALL, {"reason": "the incident"})
    assert workspace.wait_for(lambda: not workspace.views(ONCALL), SECONDS)
    submission = bot.of("view_submission")[-1]
    assert submission["view"]["private_metadata"] == "opaque"
    assert submission["view"]["state"]["values"]["reason"]["value"] == {
        "type": "plain_text_input",
        "value": "the incident",
    }


def test_a_message_shortcut_carries_the_message_even_where_the_bot_is_not(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(GENERAL, "Error: connect ECONNREFUSED")

    workspace.message_shortcut("triage_message", GENERAL, ts)

    assert workspace.wait_for(lambda: workspace.ephemerals(ONCALL, GENERAL), SECONDS)
    body = bot.of("message_action")[-1]
    assert body["message"]["text"] == "Error: connect ECONNREFUSED"
    assert workspace.ephemerals(ONCALL, GENERAL)[-1]["text"] == "read it"


def test_opening_the_app_home_shows_what_the_bot_publishes(workspace: Workspace, bot: EchoBot) -> None:
    workspace.open_home(ONCALL)

    assert workspace.wait_for(lambda: workspace.home(ONCALL), SECONDS)
    assert bot.of("app_home_opened")[-1]["event"]["tab"] == "home"


def test_editing_and_deleting_a_message_are_events_too(workspace: Workspace, bot: EchoBot) -> None:
    ts = workspace.post_message(INCIDENTS, "first")
    workspace.edit_message(INCIDENTS, ts, "second")
    workspace.delete_message(INCIDENTS, ts)

    def subtypes() -> list[str]:
        about = [b["event"] for b in bot.of("message") if "previous_message" in b["event"]]
        return sorted(e["subtype"] for e in about if e["previous_message"]["ts"] == ts)

    assert workspace.wait_for(lambda: subtypes() == ["message_changed", "message_deleted"], SECONDS)
