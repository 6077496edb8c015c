"""Buttons that are out of date: harmless ones work from any rendering, dangerous ones show the fix as it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.changes import ChangeState
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND, TEAM
from tests.scenario.slack_bench import PASTE, Bench, bench, valid
from tests.scenario.slack_changing import Scene, scene
from tests.unit.slack_samples import oom


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    return running.fresh()


def pressed(made: Bench, token: str, message: dict, user: str = ONCALL, action: str = "old") -> None:
    """A press of a button of an older rendering, which the workspace itself shows no more."""
    core = made.workspace._core
    answers = core.response_urls.issue(user, INCIDENTS, message["ts"])
    body = {
        "type": "block_actions",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "channel_id": INCIDENTS, "message_ts": message["ts"]},
        "trigger_id": core.triggers.issue(user),
        "response_url": f"{core.address}/actions/{TEAM}/{answers}",
        "actions": [{"action_id": action, "block_id": "b", "value": token}],
    }
    assert made.dispatch(body) == 200


def token_of(message: dict, action: str) -> str:
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    value: str = next(one["value"] for row in rows for one in row if one.get("action_id") == action)
    return value


def menu_token(message: dict, label: str) -> str:
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    options = [one for row in rows for menu in row if menu["type"] == "overflow" for one in menu["options"]]
    value: str = next(one["value"] for one in options if one["text"]["text"] == label)
    return value


def test_after_check_again_the_older_buttons_still_work(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    shared.settled()
    assert len(shared.triage.requests) == 2
    pressed(shared, token_of(card, "card_details"), card)
    assert "Details" in str(shared.modal(ONCALL, "pods are ready"))
    pressed(shared, token_of(card, "card_check_again"), card)
    shared.settled()
    assert len(shared.triage.requests) == 3
    pressed(shared, menu_token(card, "Resolve"), card, SECOND)
    assert "by sam after" in shared.answer(ts, "Resolved")["text"]


def test_two_people_who_check_again_at_once_start_one_check(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    shared.triage.go.clear()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    shared.settled_desk()
    pressed(shared, token_of(card, "card_check_again"), card, SECOND)
    shared.whispered(SECOND, "Somebody else pressed a moment earlier")
    shared.triage.go.set()
    shared.settled()
    assert len(shared.triage.requests) == 2


def test_a_button_that_means_nothing_names_its_own_card(shared: Bench) -> None:
    shared.triage.outcome = replace(oom(), app="shop", namespace="market")
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    pressed(shared, "no-token-of-ours", card)
    shared.whispered(ONCALL, "/triage shop market")
    pressed(shared, token_of(card, "card_details"), {"ts": "1.000001"}, SECOND)
    shared.whispered(SECOND, "/triage shop market")
    pressed(shared, "no-token-of-ours", {"ts": "1.000001"}, SECOND)
    shared.whispered(SECOND, "Ask again with /triage.")


def test_a_doubted_cause_steps_down(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    assert "Root cause (confirmed)" in card["text"]
    pressed(shared, menu_token(card, "Not this cause"), card, SECOND)
    text = valid(shared.answer(ts, "Doubted:"))["text"]
    assert "sam says it is not: The API server is killed for memory" in text
    assert "Doubted cause (confirmed)" in text
    assert "Root cause (confirmed)" not in text
    assert text.index("Next candidate") < text.index("Doubted cause")


# ---------------------------------------------------------------------- with fixes


@pytest.fixture(scope="module")
def fixing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("api-oom-killed", Path(tmp_path_factory.mktemp("old"))) as made:
        yield made


def test_an_older_fix_button_shows_the_fix_as_it_stands_now(fixing: Scene) -> None:
    made = fixing.fresh()
    _, card = made.pasted()
    made.quiet()
    old = made.button(card, "change_look_0")["value"]
    incident = made.incident()
    first = made.store.changes.of_incident(incident.id)
    for change in first:
        made.store.changes.move(change, ChangeState.SUPERSEDED, "a test")
    kept = made.incident()
    made.store.incidents.update(kept, card={**kept.card, "changes": {}})
    made.workspace.click(INCIDENTS, card["ts"], "card_check_again", user=SECOND)
    made.quiet()
    pressed(made, old, card, SECOND, "change_look_0")
    assert "of an older card" in str(made.modal(SECOND, "What will be changed"))
