"""Malformed payloads are refused at the door: whatever is put where an id belongs, no listener dies of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.slack.events.intake.incoming import read_deletion, read_edit, read_post, read_shortcut, words
from bot.adapters.slack.events.payloads import (
    BlockActions,
    HomeEnvelope,
    MessageEnvelope,
    MessageShortcut,
    SlashCommand,
    ViewSubmission,
    is_well_formed,
)
from bot.adapters.slack.events.presses import read_click, read_submission

MESSAGE = {
    "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "text": "hello <@U9>", "ts": "1.0",
    "thread_ts": "1.0", "team": "T1", "user_profile": {"team": "T1"},
    "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "hello "}, {"type": "user", "user_id": "U9"}, {"type": "colour", "value": 5}]}]},
        {"type": "of_the_future", "elements": 7}],
    "files": [{"id": "F1", "name": "a.log"}],
    "attachments": [{"text": "x", "fields": [{"title": "t", "value": "v"}], "message_blocks": [{"message": {}}]}],
}  # fmt: skip
CLICK = {
    "type": "block_actions", "user": {"id": "U1", "team_id": "T1", "username": "robin"}, "team": {"id": "T1"},
    "container": {"type": "message", "channel_id": "C1", "message_ts": "1.0", "is_app_unfurl": False},
    "channel": {"id": "C1"}, "trigger_id": "t", "response_url": "https://hooks.slack.com/x",
    "actions": [{"type": "button", "action_id": "card_details", "block_id": "b", "value": "token"}],
}  # fmt: skip
PAYLOADS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "message": (MessageEnvelope, {"team_id": "T1", "event_id": "E1", "event": MESSAGE}),
    "edit": (
        MessageEnvelope,
        {"team_id": "T1", "event": {"type": "message", "subtype": "message_changed", "channel": "C1",
         "message": {**MESSAGE, "edited": {"ts": "2.0", "user": "U1"}}, "previous_message": {**MESSAGE, "text": "o"}}},
    ),
    "deletion": (
        MessageEnvelope,
        {"team_id": "T1", "event": {"type": "message", "subtype": "message_deleted", "channel": "C1",
         "deleted_ts": "1.0", "previous_message": MESSAGE}},
    ),
    "shortcut": (
        MessageShortcut,
        {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}, "channel": {"id": "C1"}, "message": MESSAGE,
         "message_ts": "1.0", "trigger_id": "t", "response_url": "u"},
    ),
    "click": (BlockActions, CLICK),
    "menu": (BlockActions, {**CLICK, "actions": [{"action_id": "m", "selected_option": {"value": "token"}}]}),
    "form": (
        ViewSubmission,
        {"type": "view_submission", "user": {"id": "U1"}, "team": {"id": "T1"}, "view": {"id": "V1",
         "callback_id": "mute_form", "private_metadata": "token", "state": {"values": {
             "a": {"a": {"type": "plain_text_input", "value": None}},
             "b": {"b": {"type": "radio_buttons", "selected_option": {"value": "4"}}},
             "c": {"c": {"type": "checkboxes", "selected_options": [{"value": "x"}]}}}}}},
    ),
    "command": (SlashCommand, {"user_id": "U1", "channel_id": "C1", "team_id": "T1", "text": "onyx", "command": "/t"}),
    "home": (HomeEnvelope, {"team_id": "T1", "event": {"type": "app_home_opened", "user": "U1", "tab": "home"}}),
}  # fmt: skip
WRONG: tuple[Any, ...] = (0, 1, -7, True, False, None, 1.5, [], {}, "", [None], {"id": 5}, [[]], {"": {}}, "x" * 5_000)


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from paths(item, (*here, key))


def with_(payload: dict[str, Any], path: tuple[Any, ...], wrong: Any) -> Any:
    made = copy.deepcopy(payload)
    if not path:
        return wrong
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return made


def read(name: str, body: Any) -> None:
    """Everything that the bot reads of an admitted payload; what it takes for ids is text."""
    if name in ("message", "edit", "deletion"):
        for post in (read_post(body, "U9"), read_edit(body, "U9")):
            if post is not None:
                assert all(isinstance(one, str) for one in (post.user, post.team, post.channel, post.ts, post.paste))
                assert isinstance(post.thread, str)
        read_deletion(body)
    elif name == "shortcut":
        read_shortcut(body)
    elif name in ("click", "menu"):
        click = read_click(body)
        if click is not None:
            assert all(isinstance(one, str) for one in (click.user, click.team, click.channel, click.token))
            assert click.thread_ts is None or isinstance(click.thread_ts, str)
    elif name == "form":
        submission = read_submission(body)
        if submission is not None:
            json.dumps(dict(submission.values))
    elif name == "command":
        words(body.get("text") or "")


@pytest.mark.parametrize("name", PAYLOADS)
def test_slacks_own_shapes_are_admitted(name: str) -> None:
    shape, payload = PAYLOADS[name]
    assert is_well_formed(shape, payload)
    read(name, payload)


@pytest.mark.parametrize("name", PAYLOADS)
def test_whatever_stands_anywhere_in_a_payload_nothing_dies_of_it(name: str) -> None:
    shape, payload = PAYLOADS[name]
    for path in paths(payload):
        for wrong in WRONG:
            body = with_(payload, path, wrong)
            if is_well_formed(shape, body):
                read(name, body)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("click", ("user", "id")), ("click", ("team", "id")), ("click", ("container", "channel_id")),
        ("click", ("actions", 0, "value")), ("click", ("user",)), ("click", ("actions",)), ("click", ("container",)),
        ("form", ("view", "id")), ("form", ("user", "id")), ("form", ("view", "private_metadata")),
        ("message", ("event", "user")), ("message", ("event", "channel")), ("command", ("user_id",)),
        ("shortcut", ("channel", "id")), ("home", ("event", "user")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrong", [5, True, ["x"], {"x": 1}])
def test_a_number_where_an_id_belongs_is_refused(name: str, path: tuple[Any, ...], wrong: Any) -> None:
    shape, payload = PAYLOADS[name]
    if not (path in (("user",), ("container",), ("actions",)) and isinstance(wrong, list)):
        assert not is_well_formed(shape, with_(payload, path, wrong))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_payloads_with_several_mistakes(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PAYLOADS)))
    shape, body = PAYLOADS[name]
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(list(paths(body))[1:]))
        body = with_(body, path, data.draw(st.one_of(st.sampled_from(WRONG), st.text(max_size=5), st.integers())))
    if is_well_formed(shape, body):
        read(name, body)
