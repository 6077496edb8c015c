"""What an author of playbooks who means harm can do: thousands of signatures, evil patterns, texts that ping."""

from __future__ import annotations

import pytest

from bot.engine.match.matcher import Matcher
from bot.incidents.card_facts import CardFacts
from tests.support.drawn import card
from tests.unit import slack_samples as samples
from tests.unit.adapters.slack.test_card import TOKENS
from tests.unit.adapters.slack.test_card_hostile import assert_fits, poisoned
from tests.unit.playbook_files import good_files, parse_files, problems_of

NAME = next(name for name in good_files() if name.endswith("shop/order_failed.yaml"))
SIGNATURES = 5_000
EVIL = (
    r"lost (x+x+)+y",
    r"lost ((x|xx)+)+y",
    r"lost (.*x){20}y",
    r"lost (\w|x)*\W{3}y",
)
"""A program that tries one way after another never ends with these."""


def with_signatures(*patterns: str) -> dict[str, str]:
    files = good_files()
    added = "".join(f"  - id: more{number}\n    pattern: '{pattern}'\n" for number, pattern in enumerate(patterns))
    files[NAME] = files[NAME].replace("caused_by:\n", f"{added}caused_by:\n", 1)
    return files


def matcher(*patterns: str) -> Matcher:
    found = parse_files(with_signatures(*patterns))
    return Matcher(found.apps, found.symptoms_of("shop"))


@pytest.mark.slow
def test_thousands_of_signatures_are_read_and_one_of_them_is_found() -> None:
    many = matcher(*(rf"payment {number} was (?P<how{number}>lost|late)" for number in range(SIGNATURES)))
    (found,) = many.match("2026-11-29T10:00:00Z payment 4711 was late\n" + "x" * 100_000)
    assert found.fields == {"how4711": "late"}


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_that_others_never_finish_is_finished(pattern: str) -> None:
    assert matcher(pattern).match("lost " + "x" * 20_000 + "!") == ()


@pytest.mark.parametrize("pattern", [r"p[\pL]{1,400}y", r"(?:[\pL]{30}){30}", r"[\pL\pN]{1,300}q"])
def test_a_pattern_that_takes_long_to_compile_is_refused_with_its_place(pattern: str) -> None:
    (problem,) = problems_of(with_signatures(pattern))
    assert "order_failed.yaml:" in problem
    assert "too large" in problem


def test_texts_of_a_playbook_ping_nobody() -> None:
    ping = "<!channel> <@U0ROBIN000> <!subteam^S0ONCALL00> <https://evil.example|Approve>"
    files = good_files()
    files[NAME] = files[NAME].replace("title: An order failed", f'title: "{ping}"')
    (symptom,) = parse_files(files).symptoms_of("shop")
    assert symptom.title == ping
    assert_fits(card(poisoned(samples.oom(), symptom.title), CardFacts(), TOKENS))
