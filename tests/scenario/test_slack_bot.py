"""The bot answers: pastes, mentions, direct messages, files, the slash command; and keeps quiet where it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.diagnosis.ports import NamespaceChoice, TriageRequest
from bot.domain.errors import ClusterUnreachable
from bot.sandbox.workspace.state.files import Upload
from bot.sandbox.workspace.state.seed import BOT_USER, EXTERNAL, GENERAL, GUEST, INCIDENTS, ONCALL, SECOND, SHARED, TEAM
from tests.scenario.slack_bench import ERROR, PASTE, Bench, bench, valid
from tests.unit.slack_samples import healthy, oom

MENTION = f"<@{BOT_USER}>"


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with a triage as good as new and nothing open."""
    return running.fresh()


def test_a_paste_in_a_watched_channel_gets_a_card_in_its_thread(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = valid(shared.answer(ts, "Fault found"))
    assert card["thread_ts"] == ts
    assert "killed for memory 5 times" in card["text"]
    assert "asked by robin" in card["text"]
    assert shared.triage.requests[-1].app == "onyx"
    assert [symptom.id for symptom in shared.triage.requests[-1].symptoms] == ["api_unreachable"]


def test_progress_is_shown_first_and_becomes_the_card(shared: Bench) -> None:
    shared.triage.go.clear()
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    progress = valid(shared.answer(ts, "Working"))
    shared.triage.go.set()
    card = shared.answer(ts, "Fault found")
    assert card["ts"] == progress["ts"]
    assert len(shared.thread(ts)) == 1


def test_a_paste_in_a_thread_is_answered_in_that_thread(shared: Bench) -> None:
    parent = shared.workspace.post_message(INCIDENTS, "the chat is slow today")
    shared.workspace.post_message(INCIDENTS, PASTE, thread_ts=parent)
    assert shared.answer(parent, "Fault found")["thread_ts"] == parent


def test_a_mention_in_a_thread_reads_what_was_said_there_before(shared: Bench) -> None:
    parent = shared.workspace.post_message(INCIDENTS, "the chat is slow today", user=SECOND)
    shared.workspace.post_message(INCIDENTS, f"quiet\n{ERROR.replace('connect', 'CONNECT')}", thread_ts=parent)
    shared.settled()
    assert shared.thread(parent) == []
    config = shared.triage
    config.known = "CONNECT ECONNREFUSED 172.30.154.48:8080"
    upload = Upload("web.log", b"from a file")
    shared.workspace.post_message(INCIDENTS, "see the file", thread_ts=parent, files=[upload])
    shared.workspace.post_message(INCIDENTS, f"{MENTION} what is this?", user=SECOND, thread_ts=parent)
    card = valid(shared.answer(parent, "Fault found"))
    assert "asked by sam" in card["text"]
    read = shared.triage.pastes[-1]
    assert "the chat is slow today" in read
    assert "from a file" in read
    assert "what is this?" not in read


def test_a_mention_of_an_app_in_a_thread_asks_for_it_with_what_was_said(shared: Bench) -> None:
    parent = shared.workspace.post_message(INCIDENTS, "the chat is slow today", user=SECOND)
    shared.workspace.post_message(INCIDENTS, f"{MENTION} onyx staging", thread_ts=parent)
    shared.answer(parent, "Fault found")
    assert shared.triage.requests == [TriageRequest("onyx", "staging")]


def test_live_credentials_in_a_paste_are_told_to_its_author_alone(shared: Bench) -> None:
    key = "AKIA" + "Q3EGRIFH7LTZWYXB"
    ts = shared.workspace.post_message(INCIDENTS, f"{PASTE}\nAWS_ACCESS_KEY_ID={key}")
    shown = valid(shared.whispered(ONCALL, "an AWS access key"))
    assert "revoke it now" in shown["text"]
    shared.answer(ts, "Fault found")
    shared.settled()
    assert not any(key in str(call.arguments) for call in shared.workspace.calls)
    with shared.store.database.read() as connection:
        for table in ("questions", "incidents", "buttons"):
            assert key not in str(connection.exec_driver_sql(f"select * from {table}").all())


def test_the_command_without_a_word_says_what_is_open(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    shared.workspace.slash_command("/triage", "", channel=INCIDENTS, user=SECOND)
    shown = valid(shared.whispered(SECOND, "1 open here"))
    assert card["ts"].replace(".", "") in shown["blocks"][-1]["elements"][0]["url"]
    assert "onyx (Onyx)" in shown["text"]


def test_code_reaches_the_matcher_raw(shared: Bench) -> None:
    line = f'{ERROR} <html> & "quotes" *stars* http://api:8080/x'
    ts = shared.workspace.post_message(INCIDENTS, f"```{line}```")
    shared.answer(ts, "Fault found")
    assert line in shared.triage.pastes


def test_chatter_in_a_watched_channel_gets_no_answer(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "good morning, coffee anyone?")
    shared.settled()
    assert shared.thread(ts) == []
    assert shared.triage.requests == []


def test_a_mention_without_an_error_says_how_to_ask(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} what is wrong with the login?")
    answer = valid(shared.answer(ts, "I did not understand that"))
    assert "is onyx healthy?" in answer["text"]
    assert "an error, pasted as it is" in answer["text"]


@pytest.mark.parametrize("said", [MENTION, f"{MENTION} help"])
def test_a_bare_mention_lists_the_apps(shared: Bench, said: str) -> None:
    ts = shared.workspace.post_message(INCIDENTS, said)
    assert "onyx (Onyx)" in valid(shared.answer(ts, "How to ask"))["text"]


def test_a_mention_with_an_app_asks_for_it_because_commands_do_not_work_in_threads(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} onyx prod")
    shared.answer(ts, "Fault found")
    assert shared.triage.requests == [TriageRequest("onyx", "prod")]


def test_a_mention_with_an_error_is_answered_once_though_it_arrives_twice(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} {PASTE}")
    shared.answer(ts, "Fault found")
    shared.settled()
    kinds = [
        delivery.payload["event"]["type"]
        for delivery in shared.workspace.deliveries
        if delivery.payload.get("event", {}).get("ts") == ts
    ]
    assert sorted(kinds) == ["app_mention", "message"]
    assert len(shared.thread(ts)) == 1
    assert len(shared.triage.requests) == 1


def test_an_event_delivered_twice_is_answered_once(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    delivered = [one for one in shared.workspace.deliveries if one.payload.get("event", {}).get("ts") == ts]
    before = len(shared.workspace.deliveries)
    shared.workspace.redeliver(delivered[0].payload["event_id"])
    assert shared.workspace.wait_for(lambda: len(shared.workspace.deliveries) > before)
    shared.settled()
    assert len(shared.thread(ts)) == 1
    assert len(shared.triage.requests) == 1


def test_a_corrected_paste_corrects_its_answer(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.triage.outcome = healthy()
    shared.workspace.edit_message(INCIDENTS, ts, f"{PASTE} and once more {ERROR}")
    again = valid(shared.answer(ts, "Healthy"))
    assert again["ts"] == card["ts"]
    shared.settled()
    assert len(shared.thread(ts)) == 1
    assert [request.symptoms[0].count for request in shared.triage.requests] == [1, 2]


def test_an_error_that_an_edit_adds_is_answered(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "nothing here")
    shared.settled()
    shared.workspace.edit_message(INCIDENTS, ts, PASTE)
    valid(shared.answer(ts, "Fault found"))


def test_an_edit_that_changes_nothing_and_the_bots_own_edits_are_ignored(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.workspace.edit_message(INCIDENTS, ts, PASTE)
    shared.settled()
    assert len(shared.triage.requests) == 1
    assert {delivery.outcome for delivery in shared.workspace.deliveries} == {"acked"}


def test_a_message_that_is_deleted_meanwhile_is_told_to_its_author(shared: Bench) -> None:
    shared.triage.go.clear()
    with shared.holding_posts():
        ts = shared.workspace.post_message(INCIDENTS, PASTE)
        assert shared.workspace.wait_for(lambda: bool(shared.triage.requests)), "else the deletion may be heard first"
        shared.workspace.delete_message(INCIDENTS, ts)
    shared.triage.go.set()
    shared.whispered(ONCALL, "The message was deleted meanwhile")
    shared.settled()
    assert shared.thread(ts) == []


def test_a_direct_message_is_answered(shared: Bench) -> None:
    channel = shared.workspace.direct_message(ONCALL)
    ts = shared.workspace.post_message(channel, PASTE)
    valid(shared.answer(ts, "Fault found", channel))


def test_a_direct_message_without_an_error_says_how_to_ask(shared: Bench) -> None:
    channel = shared.workspace.direct_message(ONCALL)
    ts = shared.workspace.post_message(channel, "hello?")
    valid(shared.answer(ts, "How to ask", channel))


def test_a_snippet_is_read(shared: Bench) -> None:
    upload = Upload("web.log", f"line\n{ERROR}\n".encode())
    ts = shared.workspace.post_message(INCIDENTS, "what is this?", files=[upload])
    valid(shared.answer(ts, "Fault found"))
    assert ERROR in shared.triage.pastes[-1]
    assert "what is this?" in shared.triage.pastes[-1]


def test_a_file_that_cannot_be_read_is_said_aloud(shared: Bench) -> None:
    uploads = [Upload("core.bin", b"\x00\x01" * 50, "application/octet-stream"), Upload("bad.log", b"a\x00b")]
    ts = shared.workspace.post_message(INCIDENTS, PASTE, files=uploads)
    card = valid(shared.answer(ts, "Fault found"))
    assert "core.bin: it is not a text file" in card["text"]
    assert "bad.log: it is not text" in card["text"]


def test_the_command_posts_the_card_in_the_channel(shared: Bench) -> None:
    shared.workspace.slash_command("/triage", "onyx prod", channel=INCIDENTS)
    valid(shared.posted("Fault found"))
    assert shared.triage.requests == [TriageRequest("onyx", "prod")]


@pytest.mark.parametrize(
    ("said", "request_made"),
    [
        ("store", TriageRequest("namespace/store", None)),
        ("deployment/front store", TriageRequest("deployment/front", "store")),
        ("front store", TriageRequest("front", "store")),
        ("job/migrate -n store", TriageRequest("job/migrate", "store")),
        ("job migrate -n store", TriageRequest("job/migrate", "store")),
        ("what is wrong with onyx?", TriageRequest("onyx", None)),
        ("is the web shop healthy in prod", TriageRequest("shop", "prod")),
        ("onyx prod please", TriageRequest("onyx", "prod")),
        ("test", TriageRequest("namespace/test", None)),
    ],
)
def test_the_command_takes_any_namespace_and_object(shared: Bench, said: str, request_made: TriageRequest) -> None:
    shared.workspace.slash_command("/triage", said, channel=INCIDENTS)
    shared.settled()
    assert shared.triage.requests == [request_made]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("", "Nothing is open here"),
        ("help", "Which app shall I look at?"),
        ("Grafana!", "No playbook describes an app named Grafana!"),
        ("status", "Nothing is open here"),
        ("why", "mention me in its thread"),
        ("please restart the api server", "mention me in its thread"),
        ("onyx or shop?", "Which of them: onyx or shop? Name one."),
        ("who are you and what is this", "No playbook describes an app named who"),
        ("<!channel>", "No playbook describes an app named"),
    ],
)
def test_a_command_that_names_no_app_lists_them_privately(shared: Bench, said: str, answer: str) -> None:
    shared.workspace.slash_command("/triage", said, channel=INCIDENTS, user=SECOND)
    shown = valid(shared.whispered(SECOND, answer))
    assert "onyx (Onyx)" in shown["text"]
    assert shared.triage.requests == []


def test_the_command_answers_privately_where_the_bot_is_not_a_member(shared: Bench) -> None:
    shared.workspace.slash_command("/triage", "onyx", channel=GENERAL)
    card = valid(shared.whispered(ONCALL, "Fault found"))
    assert [element["action_id"] for element in card["blocks"][-1]["elements"]] == ["card_details"]
    shared.workspace.click(GENERAL, card["ts"], "card_details")
    shared.modal(ONCALL, "api.pods")
    shared.workspace.close_view(ONCALL)


def test_the_shortcut_triages_somebody_elses_message(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE, user=GUEST)
    shared.whispered(GUEST, "Guests may not ask")
    shared.workspace.message_shortcut("triage_message", INCIDENTS, ts, user=SECOND)
    card = valid(shared.answer(ts, "Fault found"))
    assert "asked by sam" in card["text"]


def test_the_shortcut_is_answered_privately_where_the_bot_may_not_post(shared: Bench) -> None:
    ts = shared.workspace.post_message(GENERAL, PASTE)
    shared.workspace.message_shortcut("triage_message", GENERAL, ts)
    valid(shared.whispered(ONCALL, "Fault found"))


def test_several_namespaces_are_a_question_with_buttons(shared: Bench) -> None:
    def outcome(request: TriageRequest) -> object:
        return oom() if request.namespace else NamespaceChoice("onyx", ("prod", "staging"))

    shared.triage.outcome = outcome
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    question = valid(shared.answer(ts, "Which one do you mean?"))
    assert [element["text"]["text"] for element in question["blocks"][-1]["elements"]] == ["prod", "staging"]
    shared.workspace.click(INCIDENTS, question["ts"], "choose_namespace_1", user=SECOND)
    card = shared.answer(ts, "Fault found")
    assert card["ts"] == question["ts"]
    assert shared.triage.requests[-1].namespace == "staging"
    assert shared.triage.requests[-1].symptoms == shared.triage.requests[0].symptoms
    assert "asked by sam" in card["text"]


def test_an_error_says_what_to_do_and_can_be_tried_again(shared: Bench) -> None:
    shared.triage.outcome = ClusterUnreachable("The API server does not answer.", "Check the VPN.")
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = valid(shared.answer(ts, "Could not triage"))
    assert "The API server does not answer." in card["text"]
    assert "Check the VPN." in card["text"]
    shared.triage.outcome = oom()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    assert shared.answer(ts, "Fault found")["ts"] == card["ts"]


def test_an_unexpected_failure_is_told_with_an_incident_id_that_is_in_the_log(
    shared: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    shared.triage.outcome = RuntimeError("a stack full of internals")
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = valid(shared.answer(ts, "Could not triage"))
    incident = card["text"].split("incident ")[1].split()[0]
    assert "internals" not in str(card)
    assert any(incident in record.getMessage() for record in caplog.records)


def test_a_guest_is_refused_privately_and_told_who_can_help(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE, user=GUEST)
    shown = valid(shared.whispered(GUEST, "Guests may not ask"))
    assert "Ask a full member of Meridian" in shown["text"]
    shared.settled()
    assert shared.thread(ts) == []
    assert shared.triage.requests == []


def test_a_guest_who_only_chats_is_left_alone(shared: Bench) -> None:
    before = len(shared.workspace.ephemerals(GUEST))
    shared.workspace.post_message(INCIDENTS, "good morning", user=GUEST)
    shared.settled()
    assert len(shared.workspace.ephemerals(GUEST)) == before


def test_the_command_of_a_guest_is_refused(shared: Bench) -> None:
    shared.workspace.slash_command("/triage", "onyx", channel=INCIDENTS, user=GUEST)
    valid(shared.whispered(GUEST, "Guests may not ask"))
    assert shared.triage.requests == []


@pytest.mark.parametrize(("user", "reason"), [(EXTERNAL, "Only members"), (ONCALL, "shared with another organisation")])
def test_a_shared_channel_gets_no_internals(shared: Bench, user: str, reason: str) -> None:
    ts = shared.workspace.post_message(SHARED, PASTE, user=user)
    valid(shared.whispered(user, reason))
    shared.settled()
    assert shared.thread(ts, SHARED) == []
    assert shared.triage.requests == []


def test_the_command_is_refused_in_a_shared_channel(shared: Bench) -> None:
    shared.workspace.slash_command("/triage", "onyx", channel=SHARED, user=SECOND)
    shared.whispered(SECOND, "shared with another organisation")
    assert shared.triage.requests == []


def alert(bot_id: str, thread_ts: str) -> dict:
    attachment = {"title": "KubePodCrashLooping", "text": ERROR}
    event = {"type": "message", "subtype": "bot_message", "channel": INCIDENTS, "channel_type": "channel"}
    event |= {"ts": f"17.{len(bot_id)}", "bot_id": bot_id, "text": "", "attachments": [attachment]}
    return {"type": "event_callback", "team_id": TEAM, "event": {**event, "thread_ts": thread_ts}}


def test_messages_of_other_bots_are_ignored_unless_allowed(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "alerts go here")
    assert shared.dispatch(alert("B0UNKNOWN", ts)) == 200
    shared.settled()
    assert shared.thread(ts) == []
    assert shared.dispatch(alert("B0ALERTS", ts)) == 200
    shared.answer(ts, "Fault found")
    assert "KubePodCrashLooping" in shared.triage.pastes[-1]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "reaction_added", "user": ONCALL}},
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "channel_shared", "channel": INCIDENTS}},
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "tokens_revoked", "tokens": {}}},
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "message", "subtype": "channel_join"}},
        {"type": "block_actions", "user": {"id": ONCALL}, "actions": [{"action_id": "old", "block_id": "b"}]},
        {"type": "block_actions", "user": {"id": ONCALL}, "actions": [{"action_id": "card_details", "block_id": "b"}]},
        {"type": "view_closed", "user": {"id": ONCALL}, "view": {"callback_id": "x"}},
        {"type": "shortcut", "user": {"id": ONCALL}, "callback_id": "unknown"},
    ],
)
def test_whatever_else_is_delivered_is_acknowledged(shared: Bench, body: dict) -> None:
    assert shared.dispatch(body) == 200


def test_everything_was_acknowledged_and_nothing_unfurls(shared: Bench) -> None:
    shared.workspace.open_home(ONCALL)
    shared.settled()
    assert {delivery.outcome for delivery in shared.workspace.deliveries} == {"acked"}
    posts = [call for call in shared.workspace.calls if call.method == "chat.postMessage"]
    assert posts
    for call in posts:
        assert "link_names" not in call.arguments
        assert not call.arguments.get("unfurl_links") or str(call.arguments["unfurl_links"]) in {"0", "False", "false"}
