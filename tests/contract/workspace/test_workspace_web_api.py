"""The Web API through the official client: Slack's answers to right and wrong calls, injected failures, rates."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.workspace import (
    BASE_SCOPES,
    BOT,
    BOT_USER,
    EXTERNAL,
    GENERAL,
    GUEST,
    INCIDENTS,
    ONCALL,
    ONCALL_GROUP,
    OPTIONAL_SCOPES,
    SECOND,
    TEAM,
    Channel,
    Workspace,
    WorkspaceConfig,
)
from tests.contract.workspace.workspace_bot import button, client_of, modal, refusal, section

Json = dict[str, Any]
PRIVATE = "G0PRIVATE0"


def config(scopes: tuple[str, ...] = BASE_SCOPES + OPTIONAL_SCOPES[:-1]) -> WorkspaceConfig:
    """The seed with a private channel the bot is not in, and every scope but posting uninvited."""
    seed = WorkspaceConfig()
    private = Channel(PRIVATE, "war-room", [ONCALL], kind="group")
    return WorkspaceConfig(channels=(*seed.channels, private), scopes=scopes)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace(config=config()) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> WebClient:
    return client_of(workspace)


def test_auth_test_names_the_bot_and_shows_the_scopes(client: WebClient) -> None:
    answer = client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (TEAM, BOT_USER, BOT)
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param("xoxb-guessed", "invalid_auth", id="wrong-token"),
        pytest.param("", "not_authed", id="no-token"),
    ],
)
def test_a_bad_token_is_refused(workspace: Workspace, token: str, error: str) -> None:
    client = WebClient(token=token, base_url=workspace.api_url)

    assert refusal(client.auth_test)["error"] == error


def test_an_app_token_cannot_post(workspace: Workspace) -> None:
    client = client_of(workspace, workspace.app_token)

    assert refusal(lambda: client.chat_postMessage(channel=INCIDENTS, text="x"))["error"] == "not_allowed_token_type"


CALLS: dict[str, tuple[Callable[[WebClient], object], str]] = {
    "unknown method": (lambda c: c.api_call("chat.shout"), "unknown_method"),
    "unknown channel": (lambda c: c.chat_postMessage(channel="C0NOWHERE0", text="x"), "channel_not_found"),
    "not in the channel": (lambda c: c.chat_postMessage(channel=GENERAL, text="x"), "not_in_channel"),
    "private channel": (lambda c: c.chat_postMessage(channel=PRIVATE, text="x"), "channel_not_found"),
    "nothing to say": (lambda c: c.chat_postMessage(channel=INCIDENTS, text=" "), "no_text"),
    "no such thread": (
        lambda c: c.chat_postMessage(channel=INCIDENTS, text="x", thread_ts="1.000001"),
        "thread_not_found",
    ),
    "update of nothing": (lambda c: c.chat_update(channel=INCIDENTS, ts="1.000001", text="x"), "message_not_found"),
    "delete of nothing": (lambda c: c.chat_delete(channel=INCIDENTS, ts="1.000001"), "message_not_found"),
    "ephemeral to an absent person": (
        lambda c: c.chat_postEphemeral(channel=INCIDENTS, user=EXTERNAL, text="x"),
        "user_not_in_channel",
    ),
    "history elsewhere": (lambda c: c.conversations_history(channel=GENERAL), "not_in_channel"),
    "no such thread to read": (lambda c: c.conversations_replies(channel=INCIDENTS, ts="1.000001"), "thread_not_found"),
    "unknown person": (lambda c: c.users_info(user="U0NOBODY00"), "user_not_found"),
    "unknown group": (lambda c: c.usergroups_users_list(usergroup="S0NOGROUP0"), "no_such_subteam"),
    "unknown file": (lambda c: c.files_info(file="F000000000"), "file_not_found"),
    "bad limit": (lambda c: c.conversations_list(limit=1001), "invalid_limit"),
    "bad cursor": (lambda c: c.conversations_list(cursor="?"), "invalid_cursor"),
    "bad types": (lambda c: c.conversations_list(types="secret"), "invalid_types"),
    "broken blocks": (
        lambda c: c.chat_postMessage(channel=INCIDENTS, text="x", blocks="[{"),
        "invalid_blocks_format",
    ),
    "wrong blocks": (
        lambda c: c.chat_postMessage(channel=INCIDENTS, text="x", blocks=[button("a", "x" * 76)]),
        "invalid_blocks",
    ),
    "long update": (lambda c: c.chat_update(channel=INCIDENTS, ts="1.000001", text="x" * 4001), "message_not_found"),
    "home tab for nobody": (
        lambda c: c.views_publish(user_id="U0NOBODY00", view={"type": "home", "blocks": []}),
        "user_not_found",
    ),
    "update of a closed view": (lambda c: c.views_update(view_id="V0", view=modal(section("x"))), "not_found"),
    "two kinds of text": (
        lambda c: c.api_call("chat.postMessage", json={"channel": INCIDENTS, "text": "x", "markdown_text": "y"}),
        "markdown_text_conflict",
    ),
    "reaction to nothing": (
        lambda c: c.reactions_add(channel=INCIDENTS, timestamp="1.000001", name="eyes"),
        "message_not_found",
    ),
}


@pytest.mark.parametrize(("call", "error"), CALLS.values(), ids=CALLS.keys())
def test_a_wrong_call_gets_slacks_error_code(
    client: WebClient, call: Callable[[WebClient], object], error: str
) -> None:
    assert refusal(lambda: call(client))["error"] == error


def test_a_missing_argument_is_named(client: WebClient) -> None:
    body = refusal(lambda: client.api_call("chat.update", params={"channel": INCIDENTS}))

    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]


def test_invalid_blocks_come_with_pointers(client: WebClient) -> None:
    blocks = [section("x" * 3001), {"type": "marquee"}]

    body = refusal(lambda: client.chat_postMessage(channel=INCIDENTS, text="x", blocks=blocks))

    assert body["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        "[ERROR] unsupported type: marquee [json-pointer:/blocks/1/type]",
    ]


def test_a_missing_scope_names_what_is_needed() -> None:
    with Workspace(config=config(("chat:write",))) as workspace:
        client = client_of(workspace)
        needed = {
            "users:read": lambda: client.users_info(user=ONCALL),
            "channels:read": lambda: client.conversations_info(channel=INCIDENTS),
            "channels:history": lambda: client.conversations_history(channel=INCIDENTS),
            "im:write": lambda: client.conversations_open(users=ONCALL),
        }

        for scope, call in needed.items():
            body = refusal(call)
            assert (body["error"], body["needed"], body["provided"]) == ("missing_scope", scope, "chat:write")


def test_only_the_bots_own_messages_can_be_changed(workspace: Workspace, client: WebClient) -> None:
    ts = workspace.post_message(INCIDENTS, "mine")

    assert refusal(lambda: client.chat_update(channel=INCIDENTS, ts=ts, text="x"))["error"] == "cant_update_message"
    assert refusal(lambda: client.chat_delete(channel=INCIDENTS, ts=ts))["error"] == "cant_delete_message"


def test_an_update_without_blocks_removes_them_and_shows_as_edited(workspace: Workspace, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=INCIDENTS, text="card", blocks=[section("card")])["ts"]

    client.chat_update(channel=INCIDENTS, ts=ts, text="plain")

    message = workspace.message(INCIDENTS, ts)
    assert "blocks" not in message
    assert message["edited"]["user"] == BOT_USER


def test_a_reply_needs_the_parents_ts(client: WebClient) -> None:
    parent = client.chat_postMessage(channel=INCIDENTS, text="parent")["ts"]
    reply = client.chat_postMessage(channel=INCIDENTS, text="reply", thread_ts=parent)["ts"]

    body = refusal(lambda: client.chat_postMessage(channel=INCIDENTS, text="x", thread_ts=reply))

    assert body["error"] == "cannot_reply_to_message"


def test_form_and_json_bodies_mean_the_same(workspace: Workspace, client: WebClient) -> None:
    blocks = [section("same")]
    as_json = client.api_call("chat.postMessage", json={"channel": INCIDENTS, "text": "x", "blocks": blocks})
    as_form = client.api_call(
        "chat.postMessage", data={"channel": INCIDENTS, "text": "x", "blocks": json.dumps(blocks)}
    )

    shown = [workspace.message(INCIDENTS, answer["ts"])["blocks"][0]["text"] for answer in (as_json, as_form)]
    assert shown[0] == shown[1] == blocks[0]["text"]


def test_history_is_newest_first_without_replies_and_in_pages(workspace: Workspace, client: WebClient) -> None:
    channel = client.conversations_open(users=SECOND)["channel"]["id"]
    first, *_, last = [client.chat_postMessage(channel=channel, text=str(number))["ts"] for number in range(5)]
    client.chat_postMessage(channel=channel, text="reply", thread_ts=first)

    page = client.conversations_history(channel=channel, limit=3)
    rest = client.conversations_history(channel=channel, limit=3, cursor=page["response_metadata"]["next_cursor"])

    assert [message["text"] for message in page["messages"] + rest["messages"]] == ["4", "3", "2", "1", "0"]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert [m["text"] for m in client.conversations_history(channel=channel, oldest=last)["messages"]] == []
    assert [m["text"] for m in client.conversations_replies(channel=channel, ts=first)["messages"]] == ["0", "reply"]


def test_people_are_described_as_an_authorisation_needs_it(client: WebClient) -> None:
    member, guest, stranger = (client.users_info(user=user)["user"] for user in (ONCALL, GUEST, EXTERNAL))

    assert (member["team_id"], member["is_restricted"], member["is_bot"]) == (TEAM, False, False)
    assert member["profile"]["email"] == "robin@meridian.example"
    assert guest["is_restricted"] is True
    assert stranger["team_id"] != TEAM
    assert "is_restricted" not in stranger
    assert "email" not in stranger["profile"]
    assert client.usergroups_users_list(usergroup=ONCALL_GROUP)["users"] == [ONCALL]


def test_channels_tell_whether_others_can_see_them(client: WebClient) -> None:
    listed = {c["name"]: c for c in client.conversations_list(types="public_channel,private_channel")["channels"]}

    assert set(listed) == {"incidents", "general", "shared-northwind"}, "a private channel without the bot is hidden"
    assert {name for name, channel in listed.items() if channel["is_ext_shared"]} == {"shared-northwind"}
    assert {name for name, channel in listed.items() if channel["is_member"]} == {"incidents", "shared-northwind"}
    assert [c["id"] for c in client.users_conversations()["channels"]] != []
    assert BOT_USER in client.conversations_members(channel=INCIDENTS)["members"]


def test_permalinks_lead_to_the_page(workspace: Workspace, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=INCIDENTS, text="x")["ts"]

    link = client.chat_getPermalink(channel=INCIDENTS, message_ts=ts)["permalink"]

    assert link == f"{workspace.address}/archives/{INCIDENTS}/p{ts.replace('.', '')}"
    with urllib.request.urlopen(link) as page:
        assert page.headers.get_content_type() == "text/html"
