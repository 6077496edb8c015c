"""One call fails, in each of four ways: what was to be said is said, and what must not be said twice is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.workspace.api.meter import DOWNLOAD, RESPONSE_URL
from bot.sandbox.workspace.state.files import Upload
from bot.sandbox.workspace.state.seed import GENERAL, GUEST, INCIDENTS, ONCALL
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import ERROR, PASTE, Bench, bench

pytestmark = pytest.mark.slow

WAYS = ("often", "server", "cut", "lost")


def fail(place: Workspace, method: str, way: str) -> None:
    """Let the next call of this method fail in this way."""
    if way == "often":
        place.fail_next(method, status=429, retry_after=1)
    elif way == "server":
        place.fail_next(method, status=500)
    elif way == "cut":
        place.fail_next(method, drop=True)
    else:
        place.lose_answers(method)


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    return running.fresh()


@pytest.mark.parametrize("way", WAYS)
def test_a_post_stands_there_once(shared: Bench, way: str) -> None:
    fail(shared.workspace, "chat.postMessage", way)
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.settled()
    assert len(shared.thread(ts)) == 1


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
def test_an_error_of_slacks_own_keeps_no_answer_back(shared: Bench, code: str) -> None:
    shared.workspace.fail_next("chat.postMessage", status=200, error=code)
    shared.workspace.fail_next("chat.update", status=200, error=code)
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    shared.settled()
    assert len(shared.thread(ts)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_window_opens_and_shows_what_was_asked_for(shared: Bench, way: str) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    shared.settled()
    fail(shared.workspace, "views.open", way)
    shared.workspace.click(INCIDENTS, card["ts"], "card_details")
    shared.modal(ONCALL, "One by one")
    assert len(shared.workspace.views(ONCALL)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_private_note_beside_a_card_is_seen(shared: Bench, way: str) -> None:
    fail(shared.workspace, "chat.postEphemeral", way)
    shared.workspace.post_message(INCIDENTS, PASTE, user=GUEST)
    shared.whispered(GUEST, "Guests may not ask")


@pytest.mark.parametrize("way", WAYS)
def test_a_private_answer_through_a_response_url_is_seen(shared: Bench, way: str) -> None:
    fail(shared.workspace, RESPONSE_URL, way)
    shared.workspace.slash_command("/triage", "onyx", channel=GENERAL)
    shared.whispered(ONCALL, "Fault found")


@pytest.mark.parametrize("way", WAYS[:3])
def test_a_file_is_read_at_the_second_attempt(shared: Bench, way: str) -> None:
    fail(shared.workspace, DOWNLOAD, way)
    ts = shared.workspace.post_message(INCIDENTS, "see the log", files=[Upload("web.log", ERROR.encode())])
    assert "web.log" not in shared.answer(ts, "Fault found")["text"]
    assert shared.triage.requests[0].symptoms[0].id == "api_unreachable"


def test_an_edit_whose_first_answer_cannot_be_looked_for_waits_and_is_not_answered_beside_it(shared: Bench) -> None:
    """Slack does not let the thread be read at that moment: what was said there would be said a second time."""
    shared.answer(shared.workspace.post_message(INCIDENTS, PASTE), "Fault found")
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Same cause")
    shared.settled()
    shared.workspace.fail_next("conversations.replies", status=500, times=3)
    shared.workspace.edit_message(INCIDENTS, ts, f"{PASTE} {ERROR}", user=ONCALL)
    shared.settled()
    shared.caught_up()
    assert shared.triage.requests[-1].symptoms[0].count == 2
    assert len(shared.thread(ts)) == 1
