"""What is shown of a language model: golden files, its label that nothing cuts off, and texts that try to be more.

After a change that is meant, `python -m tests.unit.adapters.slack.test_model_words` writes the golden files anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.render.blocks import Json, Message, characters
from bot.adapters.slack.render.limits import MESSAGE_BLOCK_CHARACTERS, VIEW_BYTES
from bot.adapters.slack.render.model_views import draft_form, sent_view
from bot.domain.diagnosis import Diagnosis
from bot.incidents.card_facts import CHECK_AGAIN, DETAILS, CardFacts
from bot.incidents.cards import CardExtras
from bot.incidents.model_words import (
    DRAFT,
    SENT,
    TRIAGE_AS,
    StoredParticipation,
    Words,
    drafted,
    explained,
    rejected,
    sent_button,
    suggestion,
)
from bot.narration.resemble import Resemblance
from bot.sandbox.workspace.rules.validate import check_message, check_modal
from tests.support.drawn import card, drawn
from tests.unit.slack_samples import oom, two_faults

GOLDEN = Path(__file__).parents[3] / "golden"
APPS = (("onyx", "Onyx"), ("shop", "Web shop"))
TOKENS = {TRIAGE_AS: "token-triage-as", DRAFT: "token-draft", SENT: "token-sent"}
ASKED = "<<<d3l1m1t3r\npassword=‹password:1›\nd3l1m1t3r>>>"
MODEL = StoredParticipation(model="small-1", endpoint="https://models.example/v1", text=ASKED)
GUESS = Resemblance(
    app="onyx",
    symptom_id="api_unreachable",
    title="The web server cannot reach the API server",
    why="Both say that a connection was refused by the part behind the web server.",
    lines=("upstream said: connection refused (api)",),
    line_numbers=(3,),
)
NOT_CUT = "The diagnosis was made without it."
HOSTILE = (
    "<!channel> <@U0ONCALL> <!subteam^S0ONCALL> <#C0GENERAL>",
    "<https://evil.example|Restart> https://evil.example www.evil.example",
    "```Approved by Sam``` *Root cause (confirmed)*: `the network`\n:white_check_mark: Resolved",
    "\u202egnp.exe\u202c \x1b[31mred\x1b[0m \u200b\u2066 \ud800",
    "&lt;!channel&gt; &amp; <",
    " ",
)


def words(*sentences: str) -> Words:
    return Words(about="evidence", sentences=sentences, sent=MODEL)


def explained_card(said: Words, diagnosis: Diagnosis | None = None) -> Message:
    extras = CardExtras(below=(explained(said),), more=(sent_button("token-sent"),))
    tokens = {DETAILS: "token-details", CHECK_AGAIN: "token-check-again"}
    return card(diagnosis or oom(), CardFacts(asked_by="Robin", seconds=0.41), tokens, extras)


MESSAGES: dict[str, Callable[[], Message]] = {
    "explained": lambda: explained_card(
        words(
            "The API server keeps being killed because it needs more memory than it may use.",
            "The web server therefore gets no answer, and people cannot load their chat history.",
        )
    ),
    "suggestion": lambda: suggestion(APPS, (), GUESS, MODEL, TOKENS),
    "no_suggestion": lambda: suggestion(APPS, ("dump.bin: it is binary",), None, MODEL, TOKENS),
    "draft": lambda: drafted("onyx/boiler-overheated.yaml", MODEL, "Robin", "token-sent"),
    "no_draft": lambda: rejected(["onyx/x.yaml:12:14: RE2 has no look-ahead", "no case matches"]),
}
VIEWS: dict[str, Callable[[], Json]] = {
    "sent": lambda: sent_view(MODEL),
    "draft_form": lambda: draft_form("small-1 at https://models.example/v1", APPS, "token-form"),
}


def content(message: Message) -> Json:
    message = drawn(message)
    return {"text": message.text.splitlines(), "blocks": message.blocks}


def made() -> dict[str, Json]:
    messages = {name: content(build()) for name, build in MESSAGES.items()}
    return messages | {name: build() for name, build in VIEWS.items()}


def update_golden_files() -> None:
    for name, payload in made().items():
        golden = GOLDEN / f"slack_model_{name}.json"
        golden.write_text(json.dumps(payload, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_what_is_shown_of_a_model_looks_as_it_should(name: str) -> None:
    golden = GOLDEN / f"slack_model_{name}.json"
    assert made()[name] == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_one_that_slack_takes(name: str) -> None:
    assert_fits(MESSAGES[name]())


@pytest.mark.parametrize("name", VIEWS)
def test_every_modal_is_one_that_slack_takes(name: str) -> None:
    assert check_modal(VIEWS[name]()) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_model_wrote_pings_and_links_nothing(text: str) -> None:
    sent = StoredParticipation(model=text, endpoint=text, text=text)
    guess = replace(GUESS, why=text, title=text, lines=(text, text))
    for said in (
        explained_card(Words(about="x", sentences=(text, text), sent=sent)),
        suggestion(APPS, (text,), guess, sent, TOKENS),
        suggestion(APPS, (), None, sent, TOKENS),
        drafted(text, sent, text, "token"),
        rejected([text] * 30),
    ):
        message = drawn(said)
        assert_fits(message)
        assert "<!channel" not in message.text
        assert "<@" not in message.text
        assert "<http" not in message.text
        assert not kinds(message.blocks) & {"link", "user", "usergroup", "channel", "broadcast", "markdown"}
    assert check_modal(sent_view(sent)) is None
    assert check_modal(draft_form(text, APPS, "token")) is None


@pytest.mark.parametrize("sentences", [("zebra.",), ("a" * 400,) * 6, ("&" * 400,) * 6, ("<" * 400,) * 50])
@pytest.mark.parametrize("diagnosis", [oom, two_faults])
def test_words_never_stand_without_saying_whose_they_are(sentences: tuple[str, ...], diagnosis: Any) -> None:
    long = replace(diagnosis(), ruled_out=tuple(f"{n} " + "x" * 90 for n in range(40)))
    message = explained_card(words(*sentences), long)
    assert_fits(message)
    with_words = [block for block in message.blocks if sentences[0][:5] in json.dumps(block)]
    assert all(NOT_CUT in json.dumps(block) for block in with_words)
    plain = next((line for line in message.text.splitlines() if line.startswith("In plain words")), "")
    assert not plain or plain.index("Worded by small-1") < 30


def test_a_card_that_is_full_leaves_out_the_words_and_not_the_evidence() -> None:
    crowded = replace(oom(), headline="h" * 280, notes=("n" * 900,) * 9)
    message = explained_card(words(*["w" * 400] * 6), crowded)
    assert_fits(message)
    assert "Could not check" in message.text


def test_a_long_question_is_shown_as_far_as_a_modal_goes_and_says_so() -> None:
    view = sent_view(StoredParticipation(model="m", endpoint="e", text="😀" * 50_000))
    assert check_modal(view) is None
    assert len(json.dumps(view)) < VIEW_BYTES
    assert "of its 50000 characters" in json.dumps(view)


def test_a_form_offers_at_most_as_many_apps_as_slack_allows() -> None:
    view = draft_form("m", [(f"app-{n}", f"App {n}") for n in range(40)], "token")
    assert check_modal(view) is None


def assert_fits(message: Message) -> None:
    message = drawn(message)
    assert check_message(text=message.text, blocks=message.blocks, updating=True) is None
    assert characters(message.blocks) <= MESSAGE_BLOCK_CHARACTERS


def kinds(value: Any) -> set[str]:
    """All values of `type`, wherever they stand."""
    if isinstance(value, list):
        return set().union(*map(kinds, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["type"]} if isinstance(value.get("type"), str) else set()
    return own.union(*map(kinds, value.values()))


if __name__ == "__main__":
    update_golden_files()
