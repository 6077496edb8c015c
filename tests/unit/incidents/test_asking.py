"""Two hundred sentences and what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents.asking.meaning import Meaning, Understood, Vocabulary, understand

SENTENCES = Path(__file__).parents[2] / "corpus" / "sentences.txt"
KNOWN = Vocabulary(
    (("onyx", "Onyx"), ("shop", "Web shop")),
    frozenset({"prod", "staging"}),
    frozenset({"deployment/api-server"}),
)


def table() -> list[tuple[str, str]]:
    lines = [line for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [(meant, said) for meant, _, said in (line.partition("\t") for line in lines)]


def spelled(found: Understood) -> str:
    parts = [found.meaning.value, found.act or ",".join(found.apps), found.namespace or ""]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("meant", "said"), table())
def test_a_sentence_is_understood(meant: str, said: str) -> None:
    assert spelled(understand(said, KNOWN)) == meant


def test_the_table_is_large_and_every_meaning_is_in_it() -> None:
    assert len(table()) >= 200
    assert {meant.split()[0] for meant, _ in table()} == {meaning.value for meaning in Meaning}


def test_a_long_story_and_an_endless_word_are_not_understood_and_cost_nothing() -> None:
    assert understand("onyx " * 500, KNOWN).meaning is Meaning.UNKNOWN
    assert understand("x" * 100_000, KNOWN).meaning is Meaning.UNKNOWN
    assert understand("\u202e\u200b", KNOWN).meaning in (Meaning.HELP, Meaning.NOTHING)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("> is onyx down?\n\nyes but we know, thanks", Meaning.NOTHING),
        ("> it was OOM killed\n\nis that still the case?", Meaning.STATUS),
        ("> please check onyx\n> asap\ndone already, thx", Meaning.NOTHING),
        ("&gt; restart it\nwhy?", Meaning.WHY),
    ],
)
def test_what_is_said_below_a_quote_counts_and_the_quote_does_not(said: str, meant: Meaning) -> None:
    assert understand(said, KNOWN).meaning is meant
