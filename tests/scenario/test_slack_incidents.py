"""One card per cause: counted, linked to, taken over by another process, brought up to date whatever happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.slack.bot import SlackBot
from bot.adapters.store.store import open_store
from bot.domain.errors import ClusterUnreachable
from bot.domain.incidents import IncidentState, PendingRequest
from bot.incidents.questions.upkeep import Upkeep
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from tests.scenario.slack_bench import NOW, PASTE, Bench, CannedTriage, bench, make_bot, valid
from tests.support.workspaces import patient_workspace
from tests.unit.slack_samples import OOM, healthy, inconclusive, oom, two_faults


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with a triage as good as new and nothing open."""
    return running.fresh()


def test_a_second_paste_of_the_same_cause_updates_the_card_and_is_pointed_to_it(shared: Bench) -> None:
    first = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(first, "Fault found")
    second = shared.workspace.post_message(INCIDENTS, f"again! {PASTE}", user=SECOND)
    reply = valid(shared.answer(second, "Same cause"))
    assert reply["blocks"][-1]["elements"][0]["url"].endswith(
        f"/p{card['ts'].replace('.', '')}?thread_ts={first}&cid={INCIDENTS}"
    )
    shared.settled()
    updated = valid(shared.workspace.message(INCIDENTS, card["ts"]))
    assert "last asked by sam" in updated["text"]
    assert "asked 2 times, in 2 places" in updated["text"]
    assert len(shared.thread(first)) == len(shared.thread(second)) == 1


def test_other_wording_and_other_pods_are_the_same_cause_and_another_cause_is_not(shared: Bench) -> None:
    first = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(first, "Fault found")
    shared.triage.outcome = replace(
        oom(), headline="Other words.", root_causes=(replace(OOM, sentence="pod api-7c9 died"),)
    )
    second = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(second, "Same cause")
    for other in (two_faults(), replace(oom(), namespace="staging"), replace(oom(), cluster="prod-us"), inconclusive()):
        shared.triage.outcome = other
        ts = shared.workspace.post_message(INCIDENTS, PASTE)
        assert "Check again" in str(shared.answer(ts, other.headline)["blocks"])
    assert len(shared.store.incidents.open_incidents()) == 5


def test_an_all_clear_is_no_incident_and_has_a_card_of_its_own(shared: Bench) -> None:
    shared.triage.outcome = healthy()
    for _ in range(2):
        ts = shared.workspace.post_message(INCIDENTS, PASTE)
        assert "Check again" in str(shared.answer(ts, "Healthy")["blocks"])
    assert shared.store.incidents.open_incidents() == []


def test_a_card_that_is_checked_again_and_found_healthy_closes_itself(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.triage.outcome = healthy()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    shared.answer(ts, "Healthy")
    assert shared.store.incidents.open_incidents() == []


def test_a_card_whose_cause_became_another_cards_is_closed_and_says_so(shared: Bench) -> None:
    first = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(first, "Fault found")
    shared.triage.outcome = two_faults()
    second = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(second, "2 faults found")
    shared.triage.outcome = oom()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    valid(shared.answer(second, "another card is about"))
    shared.settled()
    assert "asked 2 times" in shared.thread(first)[0]["text"]
    assert len(shared.store.incidents.open_incidents()) == 1


def test_a_check_that_fails_leaves_the_card_and_says_so(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.triage.outcome = ClusterUnreachable("The API server does not answer.", "Check the VPN.")
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    noted = valid(shared.answer(ts, "Last check: The API server does not answer. Check the VPN."))
    assert noted["text"].startswith("🔴 Fault found")
    shared.triage.outcome = oom()
    shared.workspace.click(INCIDENTS, card["ts"], "card_check_again")
    shared.settled()
    assert "Last check" not in shared.thread(ts)[0]["text"]


# ---------------------------------------------------------------------- processes that die, and others that go on


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def upkeep(bot: SlackBot) -> Upkeep:
    assert bot._parts is not None
    return bot._parts.upkeep


def a_dead_process_left(store, place: dict, request: dict, attempts: int = 1) -> None:
    """As if another process had accepted a question an hour ago and died."""
    long_ago = NOW - timedelta(hours=1)
    store.questions.put(
        PendingRequest(
            id=f"left-behind-{attempts}",
            place=place,
            request=request,
            asked_at=long_ago,
            owner="the dead one",
            owned_until=long_ago,
            attempts=attempts,
        )
    )


def test_a_question_whose_process_died_is_answered_where_its_progress_stands(shared: Bench) -> None:
    shared.triage.go.clear()
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    progress = shared.answer(ts, "Working")
    shared.settled_desk()
    with shared.store.database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from questions").scalar() == 1
    taken = shared.store.questions.take_over("another", NOW + timedelta(hours=1), NOW - timedelta(minutes=1))
    assert [one.place["ts"] for one in taken] == [progress["ts"]]
    upkeep(shared.bot).tick()
    shared.triage.go.set()
    shared.answer(ts, "Fault found")
    shared.settled()
    assert [one["ts"] for one in shared.thread(ts)] == [progress["ts"]]
    assert "asked 2 times" not in shared.thread(ts)[0]["text"]


def test_a_question_that_was_never_posted_is_answered_too_and_one_that_kills_is_given_up(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, "the chat is slow")
    place = {"team": "T0MERIDIAN", "channel": INCIDENTS, "user": ONCALL, "thread_ts": ts}
    a_dead_process_left(shared.store, place, {"app": "onyx"})
    a_dead_process_left(shared.store, place, {"app": "onyx"}, attempts=3)
    upkeep(shared.bot).tick()
    shared.answer(ts, "Fault found")
    shared.answer(ts, "begun several times and never finished")
    shared.settled()
    assert len(shared.thread(ts)) == 2
    assert shared.store.questions.take_over("x", NOW + timedelta(days=1), NOW) == []


def test_a_card_that_a_dead_process_left_behind_is_drawn(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.settled()
    incident = shared.store.incidents.open_incidents()[0]
    state = {**incident.card, "drawing": "the dead one", "drawing_until": (NOW - timedelta(seconds=1)).isoformat()}
    assert shared.store.incidents.update(
        incident,
        state=IncidentState.RESOLVED,
        closed_at=NOW,
        wanted=incident.wanted + 1,
        card={**state, "closed_by": "sam"},
    )
    upkeep(shared.bot).tick()
    shared.answer(ts, "Resolved")
    shared.settled()
    assert shared.store.incidents.unshown() == []


def test_a_card_that_another_process_draws_is_left_to_it(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.settled()
    incident = shared.store.incidents.open_incidents()[0]
    state = {**incident.card, "drawing": "another", "drawing_until": (NOW + timedelta(seconds=30)).isoformat()}
    shared.store.incidents.update(incident, wanted=incident.wanted + 1, card=state)
    edits = len([call for call in shared.workspace.calls if call.method == "chat.update"])
    upkeep(shared.bot).tick()
    shared.settled()
    assert len([call for call in shared.workspace.calls if call.method == "chat.update"]) == edits
    incident = shared.store.incidents.open_incidents()[0]
    shared.store.incidents.update(incident, card={**state, "drawing": ""})
    upkeep(shared.bot).tick()
    shared.settled()
    assert shared.store.incidents.unshown() == []


def test_two_replicas_answer_every_event_once_and_every_card_is_right() -> None:
    triage = CannedTriage()
    store = open_store("sqlite://", lambda: NOW)
    with patient_workspace() as place:
        bots = [make_bot(place, triage, store) for _ in range(2)]
        for bot in bots:
            bot.connect()
        try:
            assert place.wait_for(lambda: place.connections == 2)
            threads = [place.post_message(INCIDENTS, f"<@{place.bot_user_id}> {PASTE}") for _ in range(12)]

            def settled() -> bool:
                answers = [[one for one in place.messages(INCIDENTS, ts) if one.get("bot_id")] for ts in threads]
                whole = all(len(found) == 1 and "Working" not in found[0]["text"] for found in answers)
                return whole and any("asked 12 times" in found[0]["text"] for found in answers)

            assert place.wait_for(settled), [
                [one["text"][:60] for one in place.messages(INCIDENTS, ts) if one.get("bot_id")] for ts in threads
            ]
            assert len(store.incidents.open_incidents()) == 1
            assert {delivery.connection for delivery in place.deliveries} == {1, 2}
        finally:
            for bot in bots:
                bot.close(4)
            store.close()
