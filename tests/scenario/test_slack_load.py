"""Fifty at once, Slack down, sockets that drop: nothing is lost, nothing is said twice, every card ends right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.adapters.slack.options import SLACKS_PACE
from bot.adapters.store.store import open_store
from bot.diagnosis.worker import Worker
from bot.sandbox.workspace.api.meter import ANY_FAULT
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND, WorkspaceConfig
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import PASTE, CannedTriage, bench, make_bot, now, services_of, valid
from tests.support.workspaces import PATIENCE_SECONDS, hasty_workspace, patient_workspace
from tests.unit.slack_samples import healthy, oom

pytestmark = pytest.mark.slow


def answers(place: Workspace, ts: str, channel: str = INCIDENTS) -> list[dict]:
    return [one for one in place.messages(channel, ts) if one.get("bot_id") == place.bot_id]


def test_no_listener_waits_for_a_worker_and_every_question_is_answered_once() -> None:
    """The workers are all busy; fifty pastes are acknowledged and kept all the same."""
    with bench(worker=Worker(2, 100)) as made:
        made.triage.outcome = healthy()
        made.triage.go.clear()
        threads = [made.workspace.post_message(INCIDENTS, PASTE) for _ in range(50)]
        assert made.workspace.wait_for(lambda: made.workspace.in_flight == 0)
        assert {delivery.outcome for delivery in made.workspace.deliveries} == {"acked"}
        assert all(delivery.attempt == 0 for delivery in made.workspace.deliveries)
        assert len(made.triage.requests) <= 2
        made.triage.go.set()
        place = made.workspace
        assert place.wait_for(lambda: all("Healthy" in str(answers(place, ts)) for ts in threads))
        made.settled()
        assert [len(answers(place, ts)) for ts in threads] == [1] * 50


def test_fifty_pastes_of_one_cause_in_one_channel_stay_within_slacks_tiers() -> None:
    """With Slack's limits in force: posts one a second after a burst, and one card that counts."""
    config = WorkspaceConfig(enforce_rate_limits=True)
    pace = replace(SLACKS_PACE, posts_at_once=20, posts_per_second=40.0)
    triage, store = CannedTriage(), open_store("sqlite://", now)
    with patient_workspace(config=config) as place:
        bot = make_bot(place, triage, store, worker=Worker(8, 100), pace=pace)
        bot.connect()
        try:
            threads = [place.post_message(INCIDENTS, PASTE, user=user) for user in (ONCALL, SECOND) for _ in range(25)]

            def settled() -> bool:
                found = [answers(place, ts) for ts in threads]
                return all(len(one) == 1 and "Working" not in one[0]["text"] for one in found) and any(
                    "asked 50 times" in one[0]["text"] for one in found
                )

            # An edit may have to wait for the next minute's share, a whole minute.
            assert place.wait_for(settled, PATIENCE_SECONDS)
            assert place.rate_limit_excess() == {}
            assert not [call for call in place.calls if call.status == 429]
            # Far fewer than one for each paste and each count of the card, however long it took.
            assert len([call for call in place.calls if call.method == "chat.update"]) <= 60
        finally:
            bot.close(4)
            store.close()


def test_slack_is_down_for_long_and_every_card_is_right_afterwards() -> None:
    """Every call of the bot fails in turn: refused, with 5xx, without an answer."""
    with bench() as made:
        place = made.workspace
        ts = place.post_message(INCIDENTS, PASTE)
        card = made.answer(ts, "Fault found")
        made.settled()
        made.triage.outcome = healthy()
        for method in ("chat.update", "chat.postMessage"):
            place.fail_next(method, status=503, times=2)
            place.fail_next(method, drop=True, times=1)
            place.fail_next(method, status=429, retry_after=1)
        place.click(INCIDENTS, card["ts"], "card_check_again")
        other = place.post_message(INCIDENTS, PASTE, user=SECOND)
        assert place.wait_for(lambda: "Healthy" in str(answers(place, ts)))
        assert place.wait_for(lambda: "Healthy" in str(answers(place, other)))
        made.settled()
        assert [len(answers(place, ts)), len(answers(place, other))] == [1, 1]
        assert made.store.incidents.unshown() == []
        assert made.store.questions.take_over("x", now(), now()) == []


def test_a_process_killed_while_slack_is_down_leaves_the_right_cards_to_the_next() -> None:
    """Nothing of the first process is closed in an orderly way: its memory is simply gone."""
    triage, store = CannedTriage(), open_store("sqlite://", now)
    with patient_workspace() as place:
        first = make_bot(place, triage, store)
        first.connect()
        ts = place.post_message(INCIDENTS, PASTE)
        assert place.wait_for(lambda: "Fault found" in str(answers(place, ts)))
        place.fail_next("chat.update", status=503, times=50)
        place.fail_next("chat.postMessage", status=503, times=50)
        incident = store.incidents.open_incidents()[0]
        services = services_of(first)
        assert services is not None
        services.cards.change(incident.id, lambda _, state: {"card": state.but(count=7).stored()})
        assert store.incidents.unshown()
        first._stopping.set()
        services.queue._closed = True  # as if it had been killed: the threads end, and nothing is flushed
        first._delivery.close()
        late = lambda: now().replace(hour=12)  # noqa: E731
        second = make_bot(place, triage, store, clock=late)
        place._core.faults.pending.clear()
        second.connect()
        try:
            assert place.wait_for(lambda: "asked 7 times" in str(answers(place, ts)))
            assert place.wait_for(lambda: not store.incidents.unshown())
        finally:
            first.close(0.4)
            second.close(4)
            store.close()


@pytest.mark.parametrize("killed", [False, True])
def test_a_card_whose_post_lost_its_answer_is_found_again_by_whoever_draws_it_next(killed: bool) -> None:
    """It was deleted, and is posted anew; Slack has the post, and nobody heard. Then it has something else to say."""
    triage, store = CannedTriage(), open_store("sqlite://", now)
    with patient_workspace() as place:
        first = make_bot(place, triage, store)
        first.connect()
        ts = place.post_message(INCIDENTS, PASTE)
        assert place.wait_for(lambda: "Fault found" in str(answers(place, ts)))
        services = services_of(first)
        assert services is not None
        assert services.queue.flush(PATIENCE_SECONDS)
        incident = store.incidents.open_incidents()[0]
        with place._core.changes.lock:
            place._core.store.remove_message(INCIDENTS, incident.ts)
        place.lose_answers("chat.postMessage")
        if killed:  # before it could look whether the post had arrived
            place._core.faults.chance = lambda method: (
                replace(ANY_FAULT[1], method=method)
                if method == "conversations.replies" and place._core.faults.given["lost"]
                else None
            )
        services.cards.change(incident.id, lambda _, state: {"card": state.but(count=7).stored()})
        assert place.wait_for(lambda: len(answers(place, ts)) == 1)
        if killed:
            first._stopping.set()
            services.queue._closed = True  # as if it had been killed: the threads end, and nothing is flushed
            first._delivery.close()
            place.fail_by_chance(None)
        bot = make_bot(place, triage, store, clock=lambda: now().replace(hour=12)) if killed else first
        if killed:
            bot.connect()
        services = services_of(bot)
        assert services is not None
        services.cards.change(incident.id, lambda _, state: {"card": state.but(count=8).stored()})
        try:
            assert place.wait_for(lambda: "asked 8 times" in str(answers(place, ts)))
            assert place.wait_for(lambda: not store.incidents.unshown())
            assert len(answers(place, ts)) == 1
        finally:
            first.close(0.4)
            bot.close(4)
            store.close()


def test_sockets_that_drop_in_the_middle_lose_nothing() -> None:
    with bench(workspace=hasty_workspace()) as made:
        place = made.workspace
        made.triage.outcome = lambda request: oom() if request.namespace else healthy()
        threads = []
        for number in range(6):
            threads.append(place.post_message(INCIDENTS, PASTE))
            if number == 2:
                place.disconnect()
            if number == 4:
                place.drop_connections()
        assert place.wait_for(lambda: all("Healthy" in str(answers(place, ts)) for ts in threads))
        made.settled()
        assert [len(answers(place, ts)) for ts in threads] == [1] * 6
        for ts in threads:
            valid(answers(place, ts)[0])
