"""People are understood: what is said to the bot in words gets a useful sentence, a triage, or silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.sandbox.workspace.state.seed import INCIDENTS, SECOND
from tests.scenario.slack_bench import PASTE, Bench, bench, valid
from tests.scenario.slack_changing import ADMIN, VISITOR, Scene, scene

MENTION = "<@U0TRIAGE00>"


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    return running.fresh()


def told(shared: Bench, said: str, thread: str = "") -> str:
    return shared.workspace.post_message(INCIDENTS, f"{MENTION} {said}", thread_ts=thread or None)


@pytest.mark.parametrize("said", ["thanks!", "I am on it", "ok", "👍", ":tada:", "great, it works again"])
def test_thanks_get_no_message(shared: Bench, said: str) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, said, card)
    shared.settled()
    assert len(shared.thread(card)) == 1
    assert len(shared.triage.requests) == 1


@pytest.mark.parametrize(
    "said", ["check onyx please", "is onyx healthy?", "what is wrong with onyx", "triage onyx", "chek onxy"]
)
def test_a_sentence_with_an_app_is_the_slash_command(shared: Bench, said: str) -> None:
    ts = told(shared, said)
    shared.answer(ts, "Fault found")
    assert shared.triage.requests == [TriageRequest("onyx", None)]


def test_two_apps_are_asked_back_with_buttons(shared: Bench) -> None:
    ts = told(shared, "are onyx and the web shop ok in prod?")
    question = valid(shared.answer(ts, "Which one shall I look at?"))
    shared.settled()
    shared.workspace.click(INCIDENTS, question["ts"], "choose_app_1")
    shared.answer(ts, "Fault found")
    assert shared.triage.requests == [TriageRequest("shop", "prod")]


@pytest.mark.parametrize("said", ["help", "hi", "what can you do?"])
def test_help_says_who_i_am_and_three_examples(shared: Bench, said: str) -> None:
    text = valid(shared.answer(told(shared, said), "How to ask"))["text"]
    assert "I am triage, a bot that finds the root cause" in text
    assert text.count(" · ") >= 3
    assert "shop (Web shop)" in text


def test_why_is_answered_from_the_card(shared: Bench) -> None:
    assert "Nothing is open here" in shared.answer(told(shared, "why?"), "that I could explain")["text"]
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, "why?", card)
    text = valid(shared.answer(card, "Why ·"))["text"]
    assert "The last run ended OOMKilled" in text
    assert "kubectl -n onyx describe pods" in text


@pytest.mark.parametrize(
    ("said", "word", "says"),
    [
        ("since when?", "Since when ·", "I was first asked at"),
        ("what changed?", "What changed ·", "kubectl -n onyx get replicasets"),
        ("show me the logs", "Log ·", "Details on the card has the lines"),
        ("who can approve this?", "Who may ·", "No fix waits for anybody here"),
        ("could it be redis?", "Why ·", "I have not looked at anything of that name"),
        ("tell me a joke", "How to ask ·", "I did not understand that"),
    ],
)
def test_what_is_asked_about_the_card_is_answered_from_it(shared: Bench, said: str, word: str, says: str) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, said, card)
    assert says in valid(shared.answer(card, word))["text"]
    assert len(shared.triage.requests) == 1


@pytest.mark.parametrize("said", ["@bob can you restart the api server please?", "we restarted it", "oh no"])
def test_what_is_told_to_people_gets_no_message(shared: Bench, said: str) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, said, card)
    shared.settled()
    assert len(shared.thread(card)) == 1


def test_a_follow_up_under_the_card_looks_again_and_says_that_nothing_has_changed(shared: Bench) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, "still down?", card)
    shared.answer(card, "No change")
    assert [len(one.symptoms) for one in shared.triage.requests] == [1, 0]
    assert not [one for one in shared.thread(card) if "Same cause" in one["text"]]


def test_a_status_question_elsewhere_lists_what_is_open(shared: Bench) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    ts = told(shared, "what is open?")
    assert "1 open here" in valid(shared.answer(ts, "open here"))["text"]


def test_what_is_asked_for_has_no_button_without_a_policy(shared: Bench) -> None:
    card = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(card, "Fault found")
    told(shared, "delete the namespace onyx", card)
    assert "there never is one" in valid(shared.answer(card, "I change nothing because of a message"))["text"]


# ---------------------------------------------------------------------- with fixes


@pytest.fixture(scope="module")
def fixing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("api-oom-killed", Path(tmp_path_factory.mktemp("words"))) as made:
        yield made


def test_who_may_press_is_said_with_the_buttons_names(fixing: Scene) -> None:
    made = fixing.fresh()
    ts, _ = made.pasted()
    made.workspace.post_message(INCIDENTS, f"{MENTION} who can approve?", user=VISITOR, thread_ts=ts)
    text = valid(made.shows(ts, "Who may press it"))["text"]
    assert "Raise memory" in text
    assert "the user group oncall" in text


@pytest.mark.parametrize(
    ("user", "says", "buttons"), [(SECOND, "you may", 1), (ADMIN, "you may", 1), (VISITOR, "the user group oncall", 0)]
)
def test_a_wish_is_answered_by_its_button_if_the_asker_may(fixing: Scene, user: str, says: str, buttons: int) -> None:
    made = fixing.fresh()
    ts, _ = made.pasted()
    made.workspace.post_message(INCIDENTS, f"{MENTION} please raise the memory", user=user, thread_ts=ts)
    answer = valid(made.shows(ts, "I change nothing because of a message"))
    assert f"Who may press it: {says}" in answer["text"] or says in answer["text"]
    found = [one for block in answer["blocks"] if block["type"] == "actions" for one in block["elements"]]
    assert len(found) == buttons
    if buttons and user == SECOND:
        made.quiet()
        made.workspace.click(INCIDENTS, answer["ts"], found[0]["action_id"], user=user)
        made.modal(user, "What will be changed")
