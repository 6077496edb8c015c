"""Details and Check again: they work, once, for those who may, where they were put."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.adapters.store.schema.tables import feedback
from bot.incidents.card_facts import kinds_of
from bot.sandbox.workspace.state.seed import GUEST, INCIDENTS, ONCALL, SECOND, TEAM
from tests.scenario.slack_bench import NOW, PASTE, Bench, bench, make_bot, valid, valid_modal
from tests.store_samples import an_incident
from tests.unit.slack_samples import PODS, healthy, oom


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with a triage as good as new and nothing open."""
    return running.fresh()


def a_card(shared: Bench) -> tuple[str, dict]:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    return ts, shared.answer(ts, "Fault found")


def test_details_list_every_check_with_its_command_and_the_raw_lines(shared: Bench) -> None:
    _, card = a_card(shared)
    shared.workspace.click(INCIDENTS, card["ts"], "card_details")
    view = valid_modal(shared.modal(ONCALL, "api.last-exit"))
    said = str(view)
    for check in oom().checks:
        assert check.summary in said
        assert check.command in said
    assert "connect ECONNREFUSED 172.30.154.48:8080" in said
    assert "INTERNAL_URL is wrong" in said
    assert "grey_question" in said


def tokens(card: dict) -> list[str]:
    """The values of all buttons and menu entries of a card."""
    found = []
    for element in card["blocks"][-1]["elements"]:
        found += [element["value"]] if "value" in element else [one["value"] for one in element["options"]]
    return found


def press(token: str, ts: str, user: str) -> dict:
    """What Slack sends for a button, whether or not the person can see it."""
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "channel_id": INCIDENTS, "message_ts": ts},
        "actions": [{"action_id": "card_details", "block_id": "b", "value": token}],
    }


def choose(shared: Bench, card: dict, label: str, user: str = ONCALL) -> None:
    """Choose an entry of the card's menu."""
    menu = next(one for one in card["blocks"][-1]["elements"] if one["type"] == "overflow")
    value = next(one["value"] for one in menu["options"] if one["text"]["text"] == label)
    shared.workspace.click(INCIDENTS, card["ts"], "card_more", user=user, value=value)


def test_the_value_of_a_button_is_a_token_and_nothing_else(shared: Bench) -> None:
    _, card = a_card(shared)
    values = tokens(card)
    assert len(set(values)) == len(values) == len(kinds_of(an_incident(), oom()))
    sealed = re.compile(r"[\w-]{32}\.[0-9a-f]{32}")  # a token of chance, and its seal
    assert [value for value in values if not sealed.fullmatch(value)] == []


def test_every_button_that_a_card_has_is_answered_when_it_is_pressed(shared: Bench) -> None:
    assert shared.bot._parts is not None
    assert set(kinds_of(an_incident(), oom())) - set(shared.bot._parts.receivers.clicks._kinds) == set()


def test_check_again_replaces_the_card_in_place(shared: Bench) -> None:
    ts, card = a_card(shared)
    shared.triage.outcome = healthy()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again", user=SECOND)
    again = valid(shared.answer(ts, "Healthy"))
    assert again["ts"] == card["ts"]
    assert "asked by sam" in again["text"]
    assert shared.triage.requests[-1] == replace(shared.triage.requests[0], namespace="onyx")


def test_two_presses_of_check_again_run_one_triage(shared: Bench) -> None:
    ts, card = a_card(shared)
    shared.triage.go.clear()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    shared.answer(ts, "Checking again: Reading")
    assert shared.dispatch(press(tokens(card)[1], card["ts"], SECOND)) == 200
    shared.whispered(SECOND, "Somebody else pressed a moment earlier")
    requests = len(shared.triage.requests)
    shared.triage.go.set()
    shared.settled()
    assert len(shared.triage.requests) == requests
    again = shared.answer(ts, "Fault found")
    assert "Checking again" not in again["text"]
    assert len(tokens(again)) == len(kinds_of(an_incident(), oom()))


def test_a_guest_may_not_press(shared: Bench) -> None:
    _, card = a_card(shared)
    requests = len(shared.triage.requests)
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again", user=GUEST)
    valid(shared.whispered(GUEST, "Guests may not ask"))
    shared.workspace.click(INCIDENTS, card["ts"], "card_details", user=GUEST)
    assert "kubectl" not in str(shared.modal(GUEST, "Guests may not ask"))
    assert len(shared.triage.requests) == requests


def test_the_buttons_of_a_card_work_after_a_restart() -> None:
    with bench() as before:
        ts, card = a_card(before)
        before.settled()
        before.bot.close(4)
        after = make_bot(before.workspace, before.triage, before.store)
        after.connect()
        try:
            before.workspace.click(INCIDENTS, card["ts"], "card_details")
            valid_modal(before.modal(ONCALL, "api.last-exit"))
            before.triage.outcome = healthy()
            before.workspace.click(INCIDENTS, card["ts"], "card_check_again")
            assert before.answer(ts, "Healthy")["ts"] == card["ts"]
        finally:
            after.close(4)


def test_a_copied_card_does_nothing_and_says_so(shared: Bench) -> None:
    _, card = a_card(shared)
    assert shared.dispatch(press(tokens(card)[4], "99.9", ONCALL)) == 200
    valid(shared.whispered(ONCALL, "too old, or a copy"))
    assert len(shared.store.incidents.open_incidents()) == 1


def test_details_that_are_long_have_pages(shared: Bench) -> None:
    checks = [replace(PODS, id=f"api.check-{number}", summary=f"check {number} " + "x" * 250) for number in range(150)]
    shared.triage.outcome = replace(oom(), checks=tuple(checks))
    _, card = a_card(shared)
    shared.workspace.click(INCIDENTS, card["ts"], "card_details")
    first = valid_modal(shared.modal(ONCALL, "Page 1 of"))
    shared.workspace.click_view(first["id"], "details_page_1")
    second = valid_modal(shared.modal(ONCALL, "Page 2 of"))
    assert first["id"] == second["id"]
    assert "Previous page" in str(second)
    shared.workspace.click_view(second["id"], "details_page_0", user=ONCALL)
    shared.modal(ONCALL, "Page 1 of")


def test_not_this_shows_the_next_cause_and_keeps_the_case(shared: Bench) -> None:
    ts, card = a_card(shared)
    choose(shared, card, "Not this cause", SECOND)
    doubted = valid(shared.answer(ts, "Doubted"))
    assert doubted["ts"] == card["ts"]
    assert "sam says it is not: The API server is killed for memory" in doubted["text"]
    assert "Next candidate: No API server pod is ready (confirmed)" in doubted["text"]
    valid(shared.whispered(SECOND, "Noted that it is not"))
    kept = opinions(shared)[-1]
    assert kept["verdict"] == "not_this"
    assert kept["by"] == f"{TEAM}/{SECOND}"
    assert kept["snapshot"] == b"the view"
    assert json.loads(kept["detail"])["doubted"] == "api-oom-killed"


@pytest.mark.parametrize(("label", "verdict"), [("Helpful", "helpful"), ("Not helpful", "not_helpful")])
def test_an_opinion_is_kept_with_the_view(shared: Bench, label: str, verdict: str) -> None:
    _, card = a_card(shared)
    choose(shared, card, label)
    valid(shared.whispered(ONCALL, "Thank you"))
    assert (opinions(shared)[-1]["verdict"], opinions(shared)[-1]["snapshot"]) == (verdict, b"the view")


def test_resolve_closes_the_card_and_says_who(shared: Bench) -> None:
    ts, card = a_card(shared)
    choose(shared, card, "Resolve", SECOND)
    closed = valid(shared.answer(ts, "Resolved"))
    assert closed["ts"] == card["ts"]
    assert "by sam after" in closed["text"]
    assert shared.store.incidents.open_incidents() == []
    later = shared.workspace.post_message(INCIDENTS, PASTE)
    assert shared.answer(later, "Fault found")["ts"] != card["ts"]


def test_mute_asks_how_long_and_holds_until_then(shared: Bench) -> None:
    _, card = a_card(shared)
    choose(shared, card, "Mute…")
    view = shared.modal(ONCALL, "until it is resolved")
    assert shared.workspace.submit_view(ONCALL, {"how_long": "4"})
    valid(shared.whispered(ONCALL, "until 2026-11-23 14:09 UTC"))
    incident = shared.store.incidents.open_incidents()[0]
    assert shared.store.incidents.muted(NOW)[incident.key] == (ONCALL, NOW + timedelta(hours=4))
    assert "onyx" not in view["private_metadata"]


def test_a_mute_until_resolved_ends_with_the_incident(shared: Bench) -> None:
    ts, card = a_card(shared)
    choose(shared, card, "Mute…")
    shared.modal(ONCALL, "How long?")
    shared.workspace.submit_view(ONCALL, {"how_long": "resolved"})
    shared.whispered(ONCALL, "until it is resolved")
    incident = shared.store.incidents.open_incidents()[0]
    assert incident.key in shared.store.incidents.muted(NOW)
    choose(shared, card, "Resolve")
    shared.answer(ts, "Resolved")
    shared.settled()
    assert incident.key not in shared.store.incidents.muted(NOW)


def opinions(shared: Bench) -> list[dict]:
    shared.settled()
    with shared.store.database.read() as connection:
        return [dict(row) for row in connection.execute(select(feedback)).mappings()]
