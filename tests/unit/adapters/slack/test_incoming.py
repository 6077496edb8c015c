"""What is pasted is read as it was typed; what is no new message is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.adapters.slack.events.clicks import stands_where_it_was_put
from bot.adapters.slack.events.intake.incoming import paste_of, read_edit, read_post, unescape, words
from bot.adapters.slack.events.presses import read_click
from bot.domain.incidents import Button

BOT = "U0BOT"


def event(**fields: Any) -> dict[str, Any]:
    base = {"type": "message", "channel": "C1", "ts": "1.0", "user": "U1", "text": "hi"}
    return {"team_id": "T1", "event_id": "Ev1", "event": {**base, **fields}}


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(elements)}]


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("<http://172.30.154.48:8080|172.30.154.48:8080> refused", "172.30.154.48:8080 refused"),
        ("see <https://x.y/?a=1&amp;b=2>", "see https://x.y/?a=1&b=2"),
        ("<mailto:a@b.c|a@b.c> <mailto:d@e.f>", "a@b.c d@e.f"),
        ("<#C1|incidents> <!here> <!subteam^S1|@oncall> <@U1>", "#incidents @here @oncall <@U1>"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_text_is_unescaped(raw: str, typed: str) -> None:
    assert unescape(raw) == typed


def test_blocks_are_read_before_text() -> None:
    code = {
        "type": "rich_text_preformatted",
        "elements": [text("a <b> & "), {"type": "link", "url": "http://api:8080"}],
    }
    quote = {"type": "rich_text_quote", "elements": [text("quoted")]}
    items = {"type": "rich_text_list", "elements": [{"type": "rich_text_section", "elements": [text("item")]}]}
    assert paste_of({"text": "ignored", "blocks": rich(code, quote, items)}) == "a <b> & http://api:8080\nquoted\nitem"


def test_posts_of_alerting_bots_are_read_from_their_attachments() -> None:
    message = {
        "text": "",
        "attachments": [
            {"title": "KubePodCrashLooping", "text": "api &lt;onyx&gt;", "fields": [{"title": "ns", "value": "onyx"}]},
            {"fallback": "only this"},
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "&amp; that"}}], "fallback": "not this"},
        ],
    }
    assert paste_of(message) == "KubePodCrashLooping\napi <onyx>\nns: onyx\nonly this\n& that"


@pytest.mark.parametrize("broken", [None, "x", [None, 3, {"type": "rich_text", "elements": "x"}], [{"elements": [[]]}]])
def test_broken_blocks_fall_back_to_the_text(broken: Any) -> None:
    assert paste_of({"text": "said", "blocks": broken}) == "said"


@pytest.mark.parametrize(
    "fields",
    [
        {"subtype": "message_changed", "hidden": True},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"channel": ""},
        {"ts": None},
    ],
)
def test_what_is_no_new_message_is_no_post(fields: dict[str, Any]) -> None:
    assert read_post(event(**fields), BOT) is None


@pytest.mark.parametrize(
    ("fields", "addressed"),
    [
        ({}, False),
        ({"type": "app_mention"}, True),
        ({"text": f"<@{BOT}> hi"}, True),
        ({"blocks": rich({"type": "rich_text_section", "elements": [{"type": "user", "user_id": BOT}]})}, True),
        ({"text": "<@U0OTHER> hi"}, False),
        ({"channel": "D1", "channel_type": "im"}, True),
    ],
)
def test_the_bot_knows_when_it_is_spoken_to(fields: dict[str, Any], addressed: bool) -> None:
    post = read_post(event(**fields), BOT)
    assert post is not None
    assert post.addressed is addressed


def test_a_post_names_every_team_its_author_may_belong_to() -> None:
    post = read_post(event(team="T1", user_team="T2", source_team="T3", user_profile={"team": "T4"}), BOT)
    assert post is not None
    assert post.teams == {"T1", "T2", "T3", "T4"}


def test_words_of_a_command_are_unescaped() -> None:
    assert words("  onyx   &lt;prod&gt; ") == ("onyx", "<prod>")


def click_body(**container: Any) -> dict[str, Any]:
    return {
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.0", **container},
        "actions": [{"action_id": "card_details", "value": "token"}],
    }


def a_button(**fields: Any) -> Button:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    place = {"team": "T1", "channel": "C1", "ts": "1.0", **fields}
    return Button(kind="card_details", card="card", issued_at=at, expires_at=at, **place)


@pytest.mark.parametrize(
    ("button", "container", "stands"),
    [
        (a_button(), {}, True),
        (a_button(), {"message_ts": "2.0"}, False),
        (a_button(), {"channel_id": "C2"}, False),
        (a_button(), {"is_app_unfurl": True}, False),
        (a_button(), {"type": "view", "view_id": "V1"}, False),
        (a_button(team="T2"), {}, False),
        (a_button(ts="", private_to="U1"), {"message_ts": "9.9"}, True),
        (a_button(ts="", private_to="U2"), {}, False),
        (a_button(ts="", private_to="U1"), {"type": "view", "view_id": "V1"}, True),
        (a_button(ts="", private_to="U2"), {"type": "view", "view_id": "V1"}, False),
    ],
)
def test_a_button_works_only_where_it_was_put(button: Button, container: dict[str, Any], stands: bool) -> None:
    click = read_click(click_body(**container))
    assert click is not None
    assert stands_where_it_was_put(button, click) is stands


@pytest.mark.parametrize("body", [{}, click_body(type="app"), {**click_body(), "actions": []}])
def test_what_is_no_click_on_a_message_is_ignored(body: dict[str, Any]) -> None:
    assert read_click(body) is None


def edit_body(text: str, before: str, **message: Any) -> dict[str, Any]:
    whole = {
        "type": "message",
        "user": "U1",
        "ts": "1.0",
        "text": text,
        "edited": {"user": "U1", "ts": "2.0"},
        **message,
    }
    return event(subtype="message_changed", hidden=True, message=whole, previous_message={**whole, "text": before})


def test_an_edit_is_read_as_the_post_it_is_now() -> None:
    post = read_edit(edit_body("now", "then"), BOT)
    assert post is not None
    assert (post.paste, post.ts, post.edited_ts, post.user) == ("now", "1.0", "2.0", "U1")


@pytest.mark.parametrize(
    "body",
    [
        edit_body("same", "same"),
        edit_body("now", "then", edited=None),
        edit_body("now", "then", subtype="tombstone"),
        event(text="no edit"),
        event(subtype="message_deleted", hidden=True, previous_message={"text": "gone"}),
    ],
)
def test_what_changes_nothing_a_person_said_is_no_edit(body: dict[str, Any]) -> None:
    assert read_edit(body, BOT) is None


ALERTS = {
    "alertmanager": {
        "attachments": [
            {
                "color": "danger",
                "fallback": "[FIRING:1] KubePodCrashLooping",
                "title": "[FIRING:1] KubePodCrashLooping onyx",
                "title_link": "https://alertmanager.example/#/alerts",
                "text": "*Description:* connect ECONNREFUSED &lt;172.30.154.48&gt;",
                "fields": [{"title": "Severity", "value": "critical", "short": True}],
                "mrkdwn_in": ["text"],
            }
        ]
    },
    "grafana": {
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "KubePodCrashLooping"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "connect ECONNREFUSED &lt;172.30.154.48&gt;"}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "Severity: critical"}]},
        ]
    },
    "datadog": {
        "attachments": [
            {
                "fallback": "Triggered",
                "pretext": "KubePodCrashLooping",
                "blocks": [
                    {
                        "type": "section",
                        "fields": [
                            {"type": "mrkdwn", "text": "connect ECONNREFUSED &lt;172.30.154.48&gt;"},
                            {"type": "plain_text", "text": "Severity: critical"},
                        ],
                    }
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("shape", ALERTS)
def test_alerts_of_other_bots_are_read_as_text(shape: str) -> None:
    post = read_post(event(subtype="bot_message", bot_id="B1", text="", **ALERTS[shape]), BOT)
    assert post is not None
    for said in ("KubePodCrashLooping", "connect ECONNREFUSED <172.30.154.48>", "Severity: critical"):
        assert said in post.paste
