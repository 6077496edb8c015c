"""Full queues, rate limits, broken connections, missing rights: told, and never answered twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.render.blocks import Message
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.store import open_store
from bot.diagnosis.worker import Worker
from bot.domain.errors import SlackError
from bot.incidents.ports import Fixed, Target
from bot.sandbox.workspace.api.meter import MeteredCall
from bot.sandbox.workspace.state.files import Upload
from bot.sandbox.workspace.state.seed import BASE_SCOPES, INCIDENTS, SHARED, WorkspaceConfig
from tests.scenario.slack_bench import (
    ERROR,
    NOW,
    PASTE,
    Bench,
    CannedTriage,
    bench,
    make_bot,
    now,
    services_of,
    slack_stores,
    valid,
)
from tests.support.workspaces import patient_workspace
from tests.unit.slack_samples import healthy

pytestmark = pytest.mark.slow


def test_a_full_queue_is_told_at_once_and_a_busy_worker_does_not_delay_the_first_answer() -> None:
    with bench(worker=Worker(1, 1)) as made:
        made.triage.outcome = healthy()
        made.triage.go.clear()
        first, second = (made.workspace.post_message(INCIDENTS, PASTE) for _ in range(2))
        made.answer(first, "Working")
        made.answer(second, "Working")  # the only worker is busy with the first
        third = made.workspace.post_message(INCIDENTS, PASTE)
        valid(made.answer(third, "Too many triages are waiting"))
        card_before = made.thread(first)[0]["ts"]
        made.triage.go.set()
        assert made.answer(first, "Healthy")["ts"] == card_before
        made.answer(second, "Healthy")


@pytest.fixture(scope="module")
def only() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def running(only: Bench) -> Bench:
    """The one running bot, with nothing open, and a triage that shows no progress."""
    only.fresh().triage.steps = ()
    return only


def calls(made: Bench, method: str, said: str) -> list[MeteredCall]:
    return [call for call in made.workspace.calls if call.method == method and said in str(call.arguments)]


def test_the_final_state_arrives_in_spite_of_a_rate_limit_and_a_dropped_connection(running: Bench) -> None:
    running.workspace.fail_next("chat.update", status=429, retry_after=1)
    running.workspace.fail_next("chat.update", drop=True)
    ts = running.workspace.post_message(INCIDENTS, PASTE)
    running.answer(ts, "Fault found")
    assert len(running.thread(ts)) == 1


def test_a_card_whose_progress_message_was_deleted_is_posted_anew(running: Bench) -> None:
    running.triage.go.clear()
    ts = running.workspace.post_message(INCIDENTS, PASTE)
    running.answer(ts, "Working")
    running.workspace.fail_next("chat.update", status=200, error="message_not_found")
    running.triage.go.set()
    running.answer(ts, "Fault found")
    assert len(running.thread(ts)) == 2


def test_a_dropped_post_is_looked_for_before_it_is_repeated(running: Bench) -> None:
    running.workspace.fail_next("chat.postMessage", drop=True)
    ts = running.workspace.post_message(INCIDENTS, PASTE)
    running.answer(ts, "Fault found")
    running.settled()
    assert len(calls(running, "chat.postMessage", ts)) == 2
    assert [call.arguments["ts"] for call in calls(running, "conversations.replies", ts)] == [ts]


def test_a_post_that_arrived_though_its_answer_was_lost_is_not_repeated(running: Bench) -> None:
    services = services_of(running.bot)
    assert services is not None
    target = Target(INCIDENTS, doubtful=True)
    arrived = services.api.post_once(INCIDENTS, Message("as if its answer got lost"), None, target.marker)
    services.queue.show(target, Fixed(Message("said once")), final=True)
    running.settled()
    assert [one["ts"] for one in running.workspace.messages(INCIDENTS) if one["text"] == "said once"] == [arrived]


def test_a_post_that_was_rate_limited_is_repeated(running: Bench) -> None:
    running.workspace.fail_next("chat.postMessage", status=429, retry_after=1)
    ts = running.workspace.post_message(INCIDENTS, PASTE)
    running.answer(ts, "Fault found")
    assert len(running.thread(ts)) == 1


def test_a_renewed_connection_loses_nothing(running: Bench) -> None:
    running.workspace.disconnect()
    assert running.workspace.wait_for(lambda: running.workspace.connections == 1 and running.bot.is_connected())
    ts = running.workspace.post_message(INCIDENTS, PASTE)
    running.answer(ts, "Fault found")


def test_what_is_not_finished_at_the_end_is_handed_over_and_finished_by_the_next_process() -> None:
    with bench() as made:
        made.triage.go.clear()
        ts = made.workspace.post_message(INCIDENTS, PASTE)
        progress = made.answer(ts, "Working")
        made.bot.close(4)
        made.answer(ts, "The bot is restarting")
        assert not made.bot.is_connected()
        other = CannedTriage()
        after = make_bot(made.workspace, other, made.store, clock=lambda: NOW + timedelta(seconds=1))
        after.connect()
        try:
            assert made.answer(ts, "Fault found")["ts"] == progress["ts"]
            assert other.requests[0].symptoms[0].id == "api_unreachable"
        finally:
            after.close(4)


def test_files_without_the_scope_are_a_login_page_and_said_so() -> None:
    config = WorkspaceConfig(scopes=tuple(scope for scope in BASE_SCOPES if scope != "files:read"))
    with bench(workspace=patient_workspace(config=config)) as made:
        ts = made.workspace.post_message(INCIDENTS, PASTE, files=[Upload("web.log", ERROR.encode())])
        assert "files:read" in made.answer(ts, "Fault found")["text"]


def test_a_shared_channel_is_answered_when_that_is_configured() -> None:
    with bench(settings={"answer_in_shared_channels": True}) as made:
        ts = made.workspace.post_message(SHARED, PASTE)
        made.answer(ts, "Fault found", SHARED)


def connect_with(settings: SlackSettings) -> SlackError:
    store = open_store("sqlite://", now)
    bot = SlackBot(settings, CannedTriage(), slack_stores(store), Worker(1, 1), now)
    try:
        with pytest.raises(SlackError) as caught:
            bot.connect()
    finally:
        bot.close(0.4)
        store.close()
    return caught.value


def test_connect_says_what_is_wrong_and_what_to_do() -> None:
    scopes = tuple(scope for scope in BASE_SCOPES if scope != "chat:write")
    with patient_workspace() as place, patient_workspace(config=WorkspaceConfig(scopes=scopes)) as unscoped:
        right = SlackSettings(place.bot_token, place.app_token, place.api_url)
        wrong = [
            (replace(right, bot_token="xoxb-nothing"), "bot token", "SLACK_BOT_TOKEN"),
            (replace(right, app_token="xapp-nothing"), "app-level token", "SLACK_APP_TOKEN"),
            (replace(right, api_url="http://127.0.0.1:9/api/"), "cannot be reached", "network"),
            (SlackSettings(unscoped.bot_token, unscoped.app_token, unscoped.api_url), "chat:write", "manifest"),
        ]
        for settings, message, remedy in wrong:
            error = connect_with(settings)
            assert message in error.message
            assert remedy in error.remedy
            assert "xoxb" not in error.message


def test_a_watched_channel_may_have_an_id_of_any_shape() -> None:
    """Other servers that speak Slack's protocol name channels as they like."""
    channels = tuple(
        replace(channel, id="C1") if channel.id == INCIDENTS else channel for channel in WorkspaceConfig().channels
    )
    with bench(
        workspace=patient_workspace(config=WorkspaceConfig(channels=channels)), settings={"channels": ("C1",)}
    ) as running:
        ts = running.workspace.post_message("C1", PASTE)

        assert running.answer(ts, "Fault found", "C1")["thread_ts"] == ts
