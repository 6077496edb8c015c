"""Details and Check again: they work, once, for those who may, where they were put."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.settings import SlackSettings
from bot.sandbox.workspace.seed import GUEST, INCIDENTS, ONCALL, SECOND
from bot.triage.seen import MemorySeenEvents
from bot.triage.worker import Worker
from tests.scenario.slack_bench import NOW, PASTE, Bench, CannedTriage, bench, valid, valid_modal
from tests.unit.slack_samples import healthy, oom


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with a triage as good as new and no modal open."""
    running.triage.__dict__.update(CannedTriage().__dict__)
    for user in (ONCALL, SECOND, GUEST):
        if running.workspace.views(user):
            running.workspace.close_view(user, everything=True)
    return running


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


def test_the_value_of_a_button_is_a_token_and_nothing_else(shared: Bench) -> None:
    _, card = a_card(shared)
    values = [element["value"] for element in card["blocks"][-1]["elements"]]
    assert len(set(values)) == 2
    assert all(len(value) == 22 and "onyx" not in value for value in values)


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
    shared.answer(ts, "Reading")
    requests = len(shared.triage.requests)
    values = [element["value"] for element in card["blocks"][-1]["elements"]]
    assert all(shared.bot._services.records.find(value) is None for value in values)
    shared.triage.go.set()
    shared.answer(ts, "Fault found")
    shared.settled()
    assert len(shared.triage.requests) == requests


def test_a_guest_may_not_press(shared: Bench) -> None:
    _, card = a_card(shared)
    requests = len(shared.triage.requests)
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again", user=GUEST)
    valid(shared.whispered(GUEST, "Guests may not ask"))
    shared.workspace.click(INCIDENTS, card["ts"], "card_details", user=GUEST)
    assert "kubectl" not in str(shared.modal(GUEST, "Guests may not ask"))
    assert len(shared.triage.requests) == requests


def test_a_card_from_before_a_restart_says_so() -> None:
    with bench() as before:
        _, card = a_card(before)
        before.bot.close(4)
        place = before.workspace
        settings = SlackSettings(place.bot_token, place.app_token, place.api_url, channels=(INCIDENTS,))
        after = SlackBot(settings, CannedTriage(), MemorySeenEvents(lambda: NOW), Worker(1, 1), lambda: NOW)
        after.connect()
        try:
            place.click(INCIDENTS, card["ts"], "card_details")
            assert place.wait_for(lambda: "before a restart" in str(place.views(ONCALL)))
            assert "/triage onyx" in str(place.views(ONCALL))
            place.click(INCIDENTS, card["ts"], "card_check_again")
            assert place.wait_for(lambda: "before a restart" in str(place.ephemerals(ONCALL)))
        finally:
            after.close(4)
