"""What the card says holds for every paste on it, and the answer to a paste is about that paste."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.adapters.store.store import open_store
from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.worker import Worker
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, ExplainedSymptom
from bot.domain.remedies import Remedy
from bot.incidents.card_state import state_of
from bot.incidents.pasted.ledger import key_of
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import NOW, PASTE, Bench, CannedTriage, bench, make_bot, valid
from tests.unit.slack_samples import HISTORY, MCP, OOM, WRONG_URL, oom

MCP_PASTE = "No MCP servers configured"
HISTORY_PASTE = "Error loading chat history: fetch failed"
HARMLESS = Cause(
    "mcp-not-configured",
    CauseVerdict.CONFIRMED,
    "No MCP server is set up",
    "The page asks for MCP servers that nobody has set up; nothing is broken.",
    benign=True,
    remedies=(Remedy("set-up-mcp", "by_hand", "Set an MCP server up", "", "operator", "kubectl -n onyx get cm"),),
)


def judging(**explained_by: str | None) -> object:
    """A triage that explains what was asked, by symptom id: the API is killed for memory all the time."""

    def outcome(request: TriageRequest) -> Diagnosis:
        items = tuple(
            ExplainedSymptom(one, explained_by.get(one.id, OOM.id if one.id == "api_unreachable" else None))
            for one in request.symptoms
        )
        benign = (HARMLESS,) if HARMLESS.id in explained_by.values() else ()
        made = oom()
        return replace(made, symptoms=items, root_causes=(*made.root_causes, *benign), causes=(*made.causes, *benign))

    return outcome


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    fresh = running.fresh()
    fresh.triage.others = {MCP_PASTE: MCP, HISTORY_PASTE: HISTORY}
    fresh.triage.outcome = judging()
    return fresh


def opened(shared: Bench) -> tuple[str, dict]:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    return ts, valid(shared.answer(ts, "Fault found"))


def card(shared: Bench, message: dict) -> str:
    shared.settled()
    text: str = valid(shared.workspace.message(INCIDENTS, message["ts"]))["text"]
    return text


# ---------------------------------------------------------------------- the answer is about the paste


def test_a_paste_that_the_open_cause_does_not_explain_is_told_so_and_what_was_looked_at(shared: Bench) -> None:
    _, first = opened(shared)
    second = shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    reply = valid(shared.answer(second, "Not explained"))["text"]
    assert "Same cause" not in reply
    assert "MCP server not configured ×1" in reply
    assert "I looked at: 5 checks of onyx in onyx" in reply
    assert "What is wrong now" in reply
    assert "Not explained" in card(shared, first)


def test_a_paste_that_the_open_cause_explains_says_how(shared: Bench) -> None:
    opened(shared)
    second = shared.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    reply = valid(shared.answer(second, "Same cause"))["text"]
    assert "Explained: The web server cannot reach the API server" in reply
    assert "killed for memory 5 times" in reply


def test_a_harmless_paste_beside_a_fault_is_called_harmless_with_its_fix(shared: Bench) -> None:
    _, first = opened(shared)
    shared.triage.outcome = judging(mcp_not_configured=HARMLESS.id)
    second = shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    reply = valid(shared.answer(second, "Harmless"))["text"]
    assert "nothing is broken" in reply
    assert "If you want it gone: Set an MCP server up" in reply
    assert "Not explained" not in reply
    assert "Not explained" not in card(shared, first)
    assert len(shared.store.incidents.open_incidents()) == 1


def test_a_paste_of_both_is_told_both(shared: Bench) -> None:
    opened(shared)
    second = shared.workspace.post_message(INCIDENTS, f"{PASTE}\n{MCP_PASTE}", user=SECOND)
    reply = valid(shared.answer(second, "Not explained"))["text"]
    assert "Part of this is not explained" in reply
    assert "Explained: The web server" in reply


def test_a_second_fault_gets_a_card_of_its_own(shared: Bench) -> None:
    opened(shared)
    fault = replace(WRONG_URL, verdict=CauseVerdict.CONFIRMED, sentence="INTERNAL_URL is wrong.")
    made = oom()
    shared.triage.outcome = replace(made, root_causes=(OOM, fault), causes=(*made.causes, fault), headline="Two.")
    second = shared.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    assert "Check again" in str(valid(shared.answer(second, "Two."))["blocks"])
    assert len(shared.store.incidents.open_incidents()) == 2


def test_a_question_without_an_error_is_told_that_nothing_has_changed(shared: Bench) -> None:
    ts, _ = opened(shared)
    shared.workspace.post_message(INCIDENTS, f"<@{shared.workspace.bot_user_id}> onyx", thread_ts=ts)
    reply = valid(shared.answer(ts, "No change"))["text"]
    assert "nothing has changed for under a minute" in reply
    assert not [one for one in shared.thread(ts) if "Same cause" in one["text"]]


# ---------------------------------------------------------------------- the card is a union


def test_a_second_question_leaves_the_first_ones_symptoms_on_the_card(shared: Bench) -> None:
    _, first = opened(shared)
    shared.workspace.post_message(INCIDENTS, f"{MCP_PASTE}\n{MCP_PASTE}", user=SECOND)
    shared.settled()
    again = shared.workspace.post_message(INCIDENTS, PASTE, user=SECOND)
    shared.answer(again, "Same cause")
    text = card(shared, first)
    assert "The web server cannot reach the API server (address 172.30.154.48:8080) ×2 by robin, sam" in text
    assert "MCP server not configured ×2 by sam" in text


def test_check_again_judges_all_symptoms_anew(shared: Bench) -> None:
    _, first = opened(shared)
    shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    assert "Not explained: MCP server not configured" in card(shared, first)
    shared.triage.outcome = judging(mcp_not_configured=OOM.id)
    shared.workspace.click(INCIDENTS, first["ts"], "card_check_again")
    text = card(shared, first)
    assert {one.id for one in shared.triage.requests[-1].symptoms} == {"api_unreachable", "mcp_not_configured"}
    assert "Not explained" not in text
    assert "MCP server not configured ×1" in text


def test_a_paste_is_withdrawn_by_deleting_it_and_by_editing_it(shared: Bench) -> None:
    _, first = opened(shared)
    second = shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    third = shared.workspace.post_message(INCIDENTS, f"{HISTORY_PASTE} {PASTE}", user=SECOND)
    shared.settled()
    assert "MCP server not configured" in card(shared, first)
    shared.workspace.delete_message(INCIDENTS, second, user=SECOND)
    assert "MCP server" not in card(shared, first)
    shared.workspace.edit_message(INCIDENTS, third, "never mind", user=SECOND)
    shared.caught_up()
    assert "Chat history" not in card(shared, first)
    assert "×1" in card(shared, first)
    assert "The web server cannot reach" in card(shared, first)


def test_a_paste_that_is_edited_twenty_times_counts_once(shared: Bench) -> None:
    _, first = opened(shared)
    second = shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    shared.settled()
    for number in range(20):
        shared.workspace.edit_message(
            INCIDENTS, second, f"{MCP_PASTE} {'x' * number} " + f"{MCP_PASTE} " * 2, user=SECOND
        )
    shared.caught_up()
    assert "MCP server not configured ×3" in card(shared, first)
    incident = shared.store.incidents.open_incidents()[0]
    assert len(state_of(incident).ledger.pastes) == 2


def test_a_paste_that_is_deleted_while_it_is_being_answered_is_on_no_card(shared: Bench) -> None:
    _, first = opened(shared)
    shared.triage.go.clear()
    second = shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    shared.settled_desk()
    shared.workspace.delete_message(INCIDENTS, second, user=SECOND)
    shared.settled_desk()
    shared.triage.go.set()
    assert "MCP server" not in card(shared, first)


def test_an_incident_of_an_older_version_keeps_its_symptoms(shared: Bench) -> None:
    _, first = opened(shared)
    shared.settled()
    incident = shared.store.incidents.open_incidents()[0]
    old = {name: value for name, value in incident.card.items() if name not in ("ledger", "said_at", "source")}
    shared.store.incidents.update(incident, card=old)
    shared.workspace.post_message(INCIDENTS, MCP_PASTE, user=SECOND)
    shared.settled()
    text = card(shared, first)
    assert "The web server cannot reach the API server" in text
    assert "MCP server not configured" in text


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("restarts", [True, False])
def test_fifty_pastes_in_a_minute_over_two_replicas_and_restarts_lose_nothing(restarts: bool) -> None:
    triage, store = CannedTriage(), open_store("sqlite://", lambda: NOW)
    kinds = [replace(MCP, id=f"kind_{number}", title=f"Kind {number}") for number in range(5)]
    triage.others = {f"error of kind {number}!": one for number, one in enumerate(kinds)}
    triage.outcome = judging()
    with Workspace() as place:
        bots = [make_bot(place, triage, store, worker=Worker(4, 200)) for _ in range(2)]
        for bot in bots:
            bot.connect()
        first = place.post_message(INCIDENTS, PASTE)
        assert place.wait_for(lambda: len(store.incidents.open_incidents()) == 1)
        for number in range(50):
            place.post_message(INCIDENTS, f"error of kind {number % 5}!", user=(ONCALL, SECOND)[number % 2])
            if restarts and number in (10, 25, 40):
                bots[0].close(1)
                bots[0] = make_bot(place, triage, store, worker=Worker(4, 200))
                bots[0].connect()

        def totals() -> dict[str, int]:
            return state_of(store.incidents.open_incidents()[0]).ledger.totals()

        try:
            patience = threading.Event()
            for _ in range(600):
                if sum(totals().values()) == 51 or patience.wait(0.2):
                    break
            assert sum(totals().values()) == 51, totals()
            incident = store.incidents.open_incidents()[0]
            found = {key_of(one.symptom): one.symptom.count for one in decode(dict(incident.diagnosis)).symptoms}
            assert sorted(found.values()) == [1, 10, 10, 10, 10, 10]
            ledger = state_of(incident).ledger
            assert len(ledger.pastes) + ledger.folded == 51
            assert first
        finally:
            for bot in bots:
                bot.close(4)
            store.close()
