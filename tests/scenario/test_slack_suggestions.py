"""An error that no rule knows: what a model takes it for, as a suggestion, and a playbook drafted by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.errors import ModelUnavailable
from bot.sandbox.workspace.state.seed import BOT_USER, GUEST, INCIDENTS, ONCALL, SECOND
from tests.scenario.slack_bench import Bench, valid, valid_modal
from tests.scenario.worded import (
    ASKED,
    UNKNOWN,
    ScriptedModel,
    asked_about,
    assert_harmless,
    drafted,
    labels,
    resembles,
    settled,
    with_model,
)
from tests.unit.slack_samples import healthy


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Bench, ScriptedModel]]:
    with with_model("files:write") as made:
        yield made


@pytest.fixture
def shared(running: tuple[Bench, ScriptedModel]) -> Bench:
    """The one running bot, with everything as new."""
    settled(running)
    running[1].reset()
    return running[0].fresh()


@pytest.fixture
def model(running: tuple[Bench, ScriptedModel], shared: Bench) -> ScriptedModel:
    return running[1]


def test_an_unknown_error_gets_its_answer_first_and_a_suggestion_then(shared: Bench, model: ScriptedModel) -> None:
    model.go.clear()
    ts = shared.workspace.post_message(INCIDENTS, ASKED)
    before = valid(shared.answer(ts, "I found no error that I know"))
    assert labels(before) == []
    model.go.set()
    after = valid(shared.answer(ts, "A guess of small-1"))
    assert after["ts"] == before["ts"]
    assert "It may be: " in after["text"]
    assert (
        "A guess of small-1, no diagnosis: nothing was looked at yet. · Both say that the boiler overheated."
        in after["text"]
    )
    assert labels(after) == ["Triage as this", "Draft a playbook…", "Sent to the model"]
    assert "boiler 7 overheated" in after["text"], "the line that it goes by"
    assert shared.triage.requests == [], "nothing is done until somebody says so"
    assert "Zx81abcD9" not in str(after) + model.asked[0].user


def test_triage_as_this_runs_an_ordinary_triage_for_whoever_pressed(shared: Bench, model: ScriptedModel) -> None:
    ts, answer = asked_about(shared)
    shared.workspace.click(INCIDENTS, answer["ts"], "model_triage_as", user=SECOND)
    card = valid(shared.answer(ts, "Fault found"))
    assert card["ts"] != answer["ts"], "the suggestion stays, so that everybody sees whose guess it was"
    (request,) = shared.triage.requests
    assert (request.app, [symptom.id for symptom in request.symptoms]) == ("onyx", ["api_unreachable"])
    assert request.symptoms[0].signature == "chosen by a person"
    assert "asked by" in card["text"]
    shared.settled()
    shared.workspace.click(INCIDENTS, answer["ts"], "model_triage_as")
    shared.whispered(ONCALL, "This button was used already")
    assert len(shared.triage.requests) == 1
    assert model.purposes()[0] == "resemble"


def test_a_guest_cannot_triage_as_this(shared: Bench, model: ScriptedModel) -> None:
    _, answer = asked_about(shared)
    shared.workspace.click(INCIDENTS, answer["ts"], "model_triage_as", user=GUEST)
    shared.whispered(GUEST, "Guests may not ask")
    assert shared.triage.requests == []


@pytest.mark.parametrize("symptom", ["none", "onyx/made_up", "<!channel>"])
def test_what_is_no_known_error_is_not_suggested(shared: Bench, model: ScriptedModel, symptom: str) -> None:
    model.answers = {"resemble": resembles(symptom=symptom)}
    _, answer = asked_about(shared, says="small-1 was asked too")
    assert labels(answer) == ["Draft a playbook…", "Sent to the model"]
    assert_harmless(answer)


def test_what_was_sent_about_an_unknown_error_is_shown_without_its_secrets(shared: Bench, model: ScriptedModel) -> None:
    _, answer = asked_about(shared)
    shared.workspace.click(INCIDENTS, answer["ts"], "model_sent")
    view = valid_modal(shared.modal(ONCALL, "was sent this text"))
    assert "‹password:1›" in str(view)
    assert "Zx81abcD9" not in str(view)
    assert model.purposes() == ["resemble"]


def test_no_secret_of_the_message_is_kept_with_its_buttons(shared: Bench, model: ScriptedModel) -> None:
    _, answer = asked_about(shared)
    values = [element["value"] for element in answer["blocks"][-1]["elements"]]
    kept = [shared.store.buttons.find(value) for value in values]
    assert [button.kind for button in kept if button] == ["model_triage_as", "model_draft", "model_sent"]
    assert "Zx81abcD9" not in str(kept)
    assert "password=‹password:1›" in str(kept)
    assert model.purposes() == ["resemble"]


@pytest.mark.parametrize("text", ["thanks!", "help", "onyx"])
def test_small_talk_is_not_sent_to_a_model(
    running: tuple[Bench, ScriptedModel], shared: Bench, model: ScriptedModel, text: str
) -> None:
    shared.triage.outcome = healthy()
    shared.workspace.post_message(INCIDENTS, f"<@{BOT_USER}> {text}")
    settled(running)
    assert model.asked == []


def test_chatter_that_asks_nobody_is_not_sent_to_a_model(
    running: tuple[Bench, ScriptedModel], shared: Bench, model: ScriptedModel
) -> None:
    shared.workspace.post_message(INCIDENTS, UNKNOWN)
    settled(running)
    assert model.asked == []


def test_a_model_that_fails_leaves_the_answer_as_it_was(
    running: tuple[Bench, ScriptedModel], shared: Bench, model: ScriptedModel
) -> None:
    model.answers = {"resemble": ModelUnavailable("small-1 did not answer in time.", "Try again.")}
    ts = shared.workspace.post_message(INCIDENTS, ASKED)
    settled(running)
    (answer,) = shared.thread(ts)
    assert labels(answer) == []
    assert "small-1" not in str(answer)


# --- drafting


def draft_for(shared: Bench, app: str = "onyx") -> str:
    ts, answer = asked_about(shared)
    shared.workspace.click(INCIDENTS, answer["ts"], "model_draft", user=SECOND)
    form = shared.modal(SECOND, "For which app?")
    assert "small-1 at http://model/v1" in str(form)
    assert shared.workspace.submit_view(SECOND, {"app": app})
    return ts


def test_a_draft_is_handed_over_as_files_in_the_thread(shared: Bench, model: ScriptedModel) -> None:
    ts = draft_for(shared)
    note = valid(shared.answer(ts, "A playbook was drafted by small-1"))
    assert "onyx/boiler-overheated.yaml" in note["text"]
    shared.whispered(SECOND, "The model is working on it")
    files = [file for message in shared.thread(ts) for file in message.get("files", ())]
    assert [file["name"] for file in files] == ["boiler-overheated.yaml", "boiler-overheated.test.yaml"]
    assert all("Zx81abcD9" not in str(file) for file in files)
    assert "kind: symptom" in files[0]["preview"]
    shared.settled()
    shared.workspace.click(INCIDENTS, note["ts"], "model_sent", user=SECOND)
    assert "The app is called onyx." in str(shared.modal(SECOND, "was sent this text"))
    assert model.purposes() == ["resemble", "draft"]


def test_a_draft_that_does_not_pass_is_shown_to_nobody(shared: Bench, model: ScriptedModel) -> None:
    model.answers = {**model.answers, "draft": drafted(signatures=["(?=x)y"])}
    ts = draft_for(shared)
    said = shared.whispered(SECOND, "did not pass the checks")
    assert "RE2" in said["text"]
    shared.settled()
    assert not [message for message in shared.thread(ts) if message.get("files")]


def test_a_model_that_fails_to_draft_is_said_to_whoever_asked(shared: Bench, model: ScriptedModel) -> None:
    model.answers = {**model.answers, "draft": ModelUnavailable("small-1 did not answer in time.", "Try again.")}
    draft_for(shared)
    shared.whispered(SECOND, "small-1 did not answer in time.")


def test_without_the_scope_for_files_no_draft_is_offered() -> None:
    with with_model() as (made, _):
        _, answer = asked_about(made)
        assert labels(answer) == ["Triage as this", "Sent to the model"]
