"""Personal data in pastes and in what is read from clusters: shown by default, hidden where the setting says so."""

from __future__ import annotations

import pytest

from bot.bootstrap.narration import build_boundary
from bot.redaction import Boundary
from bot.settings import Settings
from tests.corpus.ordinary_logs import ordinary_lines

LINES = (
    "order 7 of anna.b@shop.example failed: card 4111 1111 1111 1111 refused",
    "call +49 30 901820 back, IBAN DE89 3704 0044 0532 0130 00",
)


@pytest.mark.parametrize("line", LINES)
def test_people_see_it_of_their_own_cluster_by_default(line: str) -> None:
    assert Boundary().redactor("c/n/a").text(line) == line


def test_with_the_setting_each_kind_has_marks_that_stay_the_same_for_one_incident() -> None:
    boundary = Boundary(hides_personal_data=True)
    first, second = (boundary.redactor("c/n/a").text(line) for line in LINES)
    assert first == "order 7 of ‹email:1› failed: card ‹card:1› refused"
    assert second == "call ‹phone:1› back, IBAN ‹iban:1›"
    assert boundary.redactor("c/n/a").text("mail to anna.b@shop.example") == "mail to ‹email:1›"


def test_a_password_in_a_url_is_a_password_and_no_address() -> None:
    shown = Boundary(hides_personal_data=True).redactor().text("postgres://shop:Winter_2291@db.shop.example/shop")
    assert "Winter_2291" not in shown
    assert "‹url-password:1›" in shown


def test_what_people_did_is_told_with_their_names() -> None:
    line = "anna.b@shop.example approved the change"
    assert Boundary(hides_personal_data=True).text(line) == line


@pytest.mark.parametrize(
    ("value", "shown"), [("false", LINES[0]), ("true", "order 7 of ‹email:1› failed: card ‹card:1› refused")]
)
def test_the_setting_turns_it_on(value: str, shown: str) -> None:
    settings = Settings.model_validate({"TRIAGE_HIDE_PERSONAL_DATA": value})
    assert build_boundary(settings).redactor().text(LINES[0]) == shown


def test_ordinary_lines_lose_nothing_but_addresses() -> None:
    redactor = Boundary(hides_personal_data=True).redactor()
    lines = list(ordinary_lines(2_000, seed=11))
    assert [one for one in lines if redactor.text(one) != one and "@" not in one] == []
