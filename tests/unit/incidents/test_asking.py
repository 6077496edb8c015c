"""Two hundred sentences and what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents.asking.meaning import understand
from bot.incidents.asking.meanings import Intent, KnownNames, Understood

SENTENCES = Path(__file__).parents[2] / "corpus" / "sentences.txt"
KNOWN = KnownNames(
    (("onyx", "Onyx"), ("shop", "Web shop")),
    frozenset({"prod", "staging"}),
    frozenset({"deployment/api-server"}),
)


CARD = {Intent.WHO, Intent.CHANGES, Intent.SINCE, Intent.LOGS}
"""What is asked under a card: in the other table."""


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
    assert {meant.split()[0] for meant, _ in table()} >= {meaning.value for meaning in Intent} - CARD


def test_a_long_story_and_an_endless_word_are_not_understood_and_cost_nothing() -> None:
    assert understand("onyx " * 500, KNOWN).meaning is Intent.UNKNOWN
    assert understand("x" * 100_000, KNOWN).meaning is Intent.UNKNOWN
    assert understand("\u202e\u200b", KNOWN).meaning in (Intent.HELP, Intent.NOTHING)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("> is onyx down?\n\nyes but we know, thanks", Intent.NOTHING),
        ("> it was OOM killed\n\nis that still the case?", Intent.STATUS),
        ("> please check onyx\n> asap\ndone already, thx", Intent.NOTHING),
        ("&gt; restart it\nwhy?", Intent.WHY),
    ],
)
def test_what_is_said_below_a_quote_counts_and_the_quote_does_not(said: str, meant: Intent) -> None:
    assert understand(said, KNOWN).meaning is meant


IN_INCIDENTS = SENTENCES.with_name("sentences_in_incidents.txt")
WORKLOADS = ("api-server", "web-server", "checkout", "celery-worker")
THERE = KnownNames(
    KNOWN.apps,
    frozenset({"prod", "staging", "payments"}),
    frozenset({*(f"deployment/{name}" for name in WORKLOADS), "statefulset/redis-master"}),
)
SAME = {"nothing": "quiet", "act approve": "act fix", "status payments": "triage payments"}
"""What is answered alike: silence; whatever is offered; a namespace that has an open card."""


def test_what_is_said_in_an_incident_is_understood() -> None:
    """Sentences that were written before the grammar had seen them."""
    lines = [line for line in IN_INCIDENTS.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    wrong = []
    for place, meant, said in (line.split("\t") for line in lines):
        found = spelled(understand(said.replace("\\n", "\n"), THERE, among_people=place in "tm"))
        if SAME.get(found, found) != meant:
            wrong.append((place, meant, found, said))
    assert not wrong, (len(wrong), len(lines), wrong)
    assert len(lines) > 300


@pytest.mark.parametrize("said", ["do not restart it", "never delete that", "we restarted it", "did the restart work?"])
def test_what_is_forbidden_or_only_told_of_is_no_order(said: str) -> None:
    assert understand(said, THERE).meaning is not Intent.ACT


def test_what_is_told_to_people_is_answered_only_where_the_bot_is_alone_with_somebody() -> None:
    said = "the new guy pushed to main again"
    assert understand(said, THERE, among_people=True).meaning is Intent.NOTHING
    assert understand(said, THERE).meaning is Intent.UNKNOWN
