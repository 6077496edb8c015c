"""What a terminal shows is the card, told at length: neither says what the other does not know."""

from __future__ import annotations

import pytest

from bot.domain.diagnosis import Cost
from bot.incidents.card_model import CardModel, CardStatus, Section
from bot.incidents.cards import card
from bot.incidents.depth import IN_A_TERMINAL
from bot.incidents.terminal import diagnosis_text, terminal_text
from tests.scenario.test_near_misses import CASES
from tests.scenario.test_near_misses import diagnosed as near_miss
from tests.scenario.test_recorded_views import NAMES, recorded_diagnosis
from tests.support.sampling import sampled

DIAGNOSES = dict.fromkeys(NAMES, recorded_diagnosis) | dict.fromkeys(CASES, near_miss)
LEFT_OUT = "(see the details)"


def flat(text: str) -> str:
    """Without the line ends and the bullets of a layout."""
    return " ".join(text.replace("•", " ").split())


@pytest.mark.parametrize("name", sampled(DIAGNOSES, 4))
def test_all_that_a_card_says_stands_in_the_terminal(name: str) -> None:
    found = DIAGNOSES[name](name)
    on_a_card, text = card(found), flat(diagnosis_text(found, Cost(), width=90))
    assert text.startswith("[")
    assert flat(on_a_card.headline) in text
    for section in on_a_card.sections:
        if section.label in ("Or", "And more"):
            continue  # titles on a card, whole fixes in a terminal; how many more there are
        assert section.label in text
        parts = [flat(part) for item in section.items if LEFT_OUT not in item for part in item.split("…")]
        missing = [part for part in parts if part.lstrip(". ") not in text]
        assert missing == [], section.label
        assert flat(section.command) in text


@pytest.mark.parametrize("name", NAMES[::7])
def test_a_terminal_has_the_sections_of_the_card_in_their_order(name: str) -> None:
    found = recorded_diagnosis(name)
    short = [section.label for section in card(found).sections]
    long = [section.label for section in card(found, depth=IN_A_TERMINAL).sections]
    left = iter(long)
    assert all(label in left for label in short), (short, long)


def test_no_row_is_wider_than_asked_and_nothing_steers_the_terminal() -> None:
    model = CardModel(
        CardStatus.FAULT,
        "it is \x1b[31mbroken",
        ("shop", "namespace shop"),
        (
            Section("Because", ("one " * 40, "two\x1b]0;title\x07"), bulleted=True),
            Section("Fix", ("do it",), command="ls"),
        ),
    )
    text = terminal_text(model, 60)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 60
    assert text.splitlines()[-1].endswith("$ ls")


def test_every_kind_of_message_can_be_shown() -> None:
    assert [terminal_text(CardModel(status, "a headline")).splitlines()[0] for status in CardStatus][-1] == (
        "[NOTED] a headline"
    )
