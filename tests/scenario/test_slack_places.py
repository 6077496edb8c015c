"""Every place in which the bot answers is one where its buttons work; what was missed while it was deaf is found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.errors import SlackRefused
from bot.redaction import Boundary
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS, ONCALL, SECOND, Channel, WorkspaceConfig
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import PASTE, bench, services_of, valid
from tests.support.workspaces import hasty_workspace, patient_workspace
from tests.unit.test_deploy import DEPLOY

GROUP_DM, PRIVATE, DIRECT = "G0MPIM0000", "G0PRIVATE0", "D0ONCALL00"
PLACES = {
    "channel": INCIDENTS,
    "group": PRIVATE,
    "mpim": GROUP_DM,
    "im": DIRECT,
}
MANIFEST = yaml.safe_load((DEPLOY / "slack" / "manifest.yaml").read_text(encoding="utf-8"))
SCOPES: dict[str, dict[str, str]] = {
    "conversations.info": {"channel": "channels:read", "group": "groups:read", "mpim": "mpim:read"},
    "conversations.members": {"channel": "channels:read", "group": "groups:read", "mpim": "mpim:read"},
    "conversations.history": {
        "channel": "channels:history", "group": "groups:history", "mpim": "mpim:history", "im": "im:history",
    },
    "conversations.replies": {
        "channel": "channels:history", "group": "groups:history", "mpim": "mpim:history", "im": "im:history",
    },
    "chat.postMessage": dict.fromkeys(PLACES, "chat:write"),
    "chat.update": dict.fromkeys(PLACES, "chat:write"),
    "chat.postEphemeral": dict.fromkeys(PLACES, "chat:write"),
    "chat.getPermalink": dict.fromkeys(PLACES, ""),
    "users.info": dict.fromkeys(PLACES, "users:read"),
    "usergroups.list": dict.fromkeys(PLACES, "usergroups:read"),
}  # fmt: skip
"""Each Web API method that the bot calls with or about a conversation, and the scope that Slack asks for, by the kind
of conversation. Sources: the methods' own pages, https://docs.slack.dev/reference/methods/conversations.info and so on.
The bot never asks conversations.info and conversations.members about a direct message."""


def workspace(**changes: Any) -> Workspace:
    config = WorkspaceConfig()
    more = (
        Channel(GROUP_DM, "mpdm-robin--sam--triage-1", [ONCALL, SECOND, BOT_USER], kind="mpim"),
        Channel(PRIVATE, "war-room", [ONCALL, SECOND, BOT_USER], kind="group"),
        Channel(DIRECT, "dm-robin", [ONCALL, BOT_USER], kind="im"),
    )
    return patient_workspace(config=replace(config, channels=(*config.channels, *more), **changes))


def calls(api: SlackApi, place: Workspace, kind: str) -> dict[str, Callable[[], object]]:
    channel = PLACES[kind]
    ts = place.post_message(channel, "hello")
    return {
        "conversations.info": lambda: api.channel(channel),
        "conversations.members": lambda: api.members(channel),
        "conversations.history": lambda: api.history(channel, 0.0, 10),
        "conversations.replies": lambda: api.thread(channel, ts),
        "chat.postMessage": lambda: api.post_once(channel, Message("x"), None, {"id": "x"}),
        "chat.update": lambda: api.edit_once(
            channel, api.post_once(channel, Message("x"), None, {"id": "y"}), Message("y")
        ),
        "chat.postEphemeral": lambda: api.whisper(channel, ONCALL, Message("x")),
        "chat.getPermalink": lambda: api.permalink(channel, ts),
        "users.info": lambda: api.user(ONCALL),
        "usergroups.list": api.user_groups,
    }


@pytest.mark.parametrize("kind", PLACES)
def test_the_manifest_has_the_scope_of_every_call_in_every_kind_of_conversation(kind: str) -> None:
    scopes = tuple(MANIFEST["oauth_config"]["scopes"]["bot"])
    with workspace(scopes=scopes) as place:
        api = SlackApi(place.bot_token, place.api_url, threading.Event(), Boundary(), lambda _: None)
        for method, call in calls(api, place, kind).items():
            if kind in SCOPES[method]:
                call()


@pytest.mark.parametrize("kind", PLACES)
def test_without_its_scope_a_call_is_refused_and_says_which_one_is_needed(kind: str) -> None:
    scopes = tuple(MANIFEST["oauth_config"]["scopes"]["bot"])
    for method, by_kind in SCOPES.items():
        needed = by_kind.get(kind)
        if not needed:
            continue
        with workspace(scopes=tuple(one for one in scopes if one != needed)) as place:
            api = SlackApi(place.bot_token, place.api_url, threading.Event(), Boundary(), lambda _: None)
            with pytest.raises(SlackRefused, match="missing_scope") as refused:
                calls(api, place, kind)[method]()
            assert refused.value.needed == needed


@pytest.mark.parametrize("kind", PLACES)
def test_where_the_bot_answers_its_buttons_work(kind: str) -> None:
    with bench(workspace=workspace(), settings={"channels": ()}) as made:
        channel = PLACES[kind]
        ts = made.workspace.post_message(channel, f"<@{BOT_USER}> {PASTE}")
        card = valid(made.answer(ts, "Fault found", channel))
        made.settled()
        made.workspace.click(channel, card["ts"], "card_details")
        assert "pods are ready" in str(made.modal(ONCALL, "pods are ready"))


def test_where_the_buttons_would_not_work_it_says_so_and_draws_none() -> None:
    scopes = tuple(one for one in WorkspaceConfig().scopes if one != "mpim:read")
    with bench(workspace=workspace(scopes=scopes), settings={"channels": ()}) as made:
        ts = made.workspace.post_message(GROUP_DM, f"<@{BOT_USER}> {PASTE}")
        made.whispered(ONCALL, "lacks the scope mpim:read")
        made.settled()
        assert made.thread(ts, GROUP_DM) == []


# ---------------------------------------------------------------------- deaf


def test_what_was_posted_while_the_bot_was_deaf_is_found_once() -> None:
    """The workspace sends no events at all: everything is found by looking."""
    with bench(workspace=patient_workspace(config=replace(WorkspaceConfig(), bot_events=())),
               settings={"channels": (INCIDENTS,)}, clock=lambda: datetime.now(UTC)) as made:  # fmt: skip
        assert made.bot._parts is not None
        hearing = made.bot._parts.catching_up
        hearing.stop()
        hears = [False]
        services_of(made.bot)
        hearing._is_open = lambda: hears[0]
        hearing._since = None
        hearing.look()
        first = made.workspace.post_message(INCIDENTS, PASTE)
        made.workspace.post_message(INCIDENTS, "just talk")
        hears[0] = True
        hearing.look()
        made.answer(first, "Fault found")
        made.settled()
        for _ in range(2):
            hears[0] = False
            hearing.look()
            hears[0] = True
            hearing.look()
        made.settled()
        assert len(made.thread(first)) == 1
        assert len(made.triage.requests) == 1


@pytest.mark.slow
def test_a_connection_that_is_cut_again_and_again_loses_no_paste_and_answers_none_twice() -> None:
    with bench(workspace=hasty_workspace(), settings={"channels": (INCIDENTS,)}) as made:
        posted, pause = [], threading.Event()
        for number in range(25):
            if number % 2:
                made.workspace.drop_connections()
            posted.append(made.workspace.post_message(INCIDENTS, f"{number} {PASTE}"))
            pause.wait(0.2)
        for ts in posted:
            made.answer(ts, "")
        made.settled()
        assert [len(made.thread(ts)) for ts in posted] == [1] * len(posted)
        assert len(made.triage.requests) == len(posted)
