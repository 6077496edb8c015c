"""Nobody is told about an error that is not the app's; what could be its is asked; what a paste names is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.attribution import Owner
from bot.sandbox.workspace.state.seed import BOT_USER, INCIDENTS, ONCALL, SECOND
from tests.scenario.slack_bench import Bench, bench, valid
from tests.unit.onyx_matcher import matcher

MENTION = f"<@{BOT_USER}>"
COULD_BE = "FATAL:  sorry, too many clients already"
FOREIGN = "superset_app  | FATAL:  sorry, too many clients already"
OURS = f"[pod/onyx-api-server-8dd784d9b-mbk94/api-server] {COULD_BE}"
PODS = """NAME                         READY   STATUS             RESTARTS   AGE
librechat-79c455998f-s2tgx   0/1     CrashLoopBackOff   6          5m
mongodb-0                    1/1     Running            0          5m"""


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench(settings={"channels": (f"{INCIDENTS}=shop/shop-prod",)}) as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    fresh = running.fresh()
    fresh.triage.reads = lambda text, bound: matcher().read(text, None, [app for app in bound if app != "shop"])
    return fresh


@pytest.fixture
def unasked() -> Iterator[Bench]:
    """A bot that has asked nobody yet."""
    with bench(settings={"channels": (f"{INCIDENTS}=shop/shop-prod",)}) as made:
        made.triage.reads = lambda text, bound: matcher().read(text, None, [app for app in bound if app != "shop"])
        yield made


def test_another_programs_error_gets_no_answer_where_nobody_asked(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, FOREIGN)
    shared.settled()
    assert shared.thread(ts) == []
    assert shared.triage.requests == []
    assert shared.triage.bound == ("shop",)


def test_what_could_be_ours_is_asked_once_and_never_answered_with_a_card(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, COULD_BE)
    question = valid(shared.answer(ts, "This could be Onyx's error"))
    again = shared.workspace.post_message(INCIDENTS, f"again: {COULD_BE}")
    shared.settled()
    assert shared.thread(again) == []
    assert shared.triage.requests == []
    shared.workspace.click(INCIDENTS, question["ts"], "this_one_0", user=ONCALL)
    shared.answer(ts, "Fault found")
    (request,) = shared.triage.requests
    assert request.app == "onyx"
    assert request.symptoms[0].attribution.owner is Owner.OURS
    assert "somebody here says" in request.symptoms[0].attribution.evidence[0]


def test_somebody_else_with_the_same_is_told_once_where_the_question_stands(unasked: Bench) -> None:
    first = unasked.workspace.post_message(INCIDENTS, COULD_BE, user=ONCALL)
    unasked.answer(first, "This could be Onyx's error")
    second = unasked.workspace.post_message(INCIDENTS, COULD_BE, user=SECOND)
    told = valid(unasked.answer(second, "I have asked in that thread whose error it is"))
    assert "press its button there" in str(told["blocks"])
    assert first.replace(".", "") in str(told["blocks"]), "a link leads to that thread"
    for user in (ONCALL, SECOND):
        again = unasked.workspace.post_message(INCIDENTS, f"again: {COULD_BE}", user=user)
        unasked.settled()
        assert unasked.thread(again) == []
    assert unasked.triage.requests == []


def test_in_the_thread_of_the_question_nobody_is_told_that_it_stands_there(unasked: Bench) -> None:
    first = unasked.workspace.post_message(INCIDENTS, COULD_BE, user=ONCALL)
    unasked.answer(first, "This could be Onyx's error")
    unasked.workspace.post_message(INCIDENTS, COULD_BE, user=SECOND, thread_ts=first)
    unasked.settled()
    assert len([item for item in unasked.thread(first) if item.get("user") == BOT_USER]) == 1


def test_another_programs_error_stays_without_an_answer_for_the_second_person_too(shared: Bench) -> None:
    for user in (ONCALL, SECOND):
        ts = shared.workspace.post_message(INCIDENTS, FOREIGN, user=user)
        shared.settled()
        assert shared.thread(ts) == []


def test_who_names_the_app_has_said_whose_it_is(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} onyx\n{COULD_BE}")
    shared.answer(ts, "Fault found")
    assert [one.id for one in shared.triage.requests[0].symptoms] == ["postgres_exhausted"]


def test_what_is_ours_is_answered_as_before(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, OURS)
    shared.answer(ts, "Fault found")
    assert shared.triage.requests[0].app == "onyx"


def test_a_paste_of_an_unknown_program_is_followed_to_what_it_names(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} what is this?\n{PODS}")
    shared.answer(ts, "Fault found")
    assert shared.triage.requests == [TriageRequest("pod/librechat-79c455998f-s2tgx", None)]
    offered = valid(shared.answer(ts, "I know no error in this message by name"))
    assert "CrashLoopBackOff" in offered["text"]
    assert "pod/mongodb-0" in str(offered["blocks"])


def test_a_paste_that_names_nothing_is_told_what_its_lines_mean(shared: Bench) -> None:
    line = "OperationalError: (2003, \"Can't connect to MySQL server on 'dbapi' (111 'Connection refused')\")"
    ts = shared.workspace.post_message(INCIDENTS, f"{MENTION} help with\n{line}")
    answer = valid(shared.answer(ts, "I know no error in this message by name"))
    assert "dbapi" in answer["text"]
    assert "not known" in answer["text"].lower()
    assert shared.triage.requests == []
