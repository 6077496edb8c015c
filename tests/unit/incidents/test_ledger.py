"""What was pasted about one incident: each paste counts once, whatever becomes of it and however many follow."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.pasted.ledger import PASTES, Ledger, Paste

START = datetime(2026, 11, 29, 21, 0, tzinfo=UTC)


def paste(number: int, kind: str = "onyx|mcp_404", version: str = "") -> Paste:
    at = START + timedelta(seconds=number)
    return Paste(question=f"q{number}", source=f"C1/{number}", who="U1", at=at, version=version, counts={kind: 1})


def filled(count: int) -> Ledger:
    ledger = Ledger()
    for number in range(count):
        ledger = ledger.with_paste(paste(number))
    return ledger


@pytest.mark.parametrize("pastes", [1, 40, 41, 200, PASTES])
@pytest.mark.parametrize("late", [0, 17])
def test_an_early_paste_may_be_edited_and_taken_back_however_many_followed(pastes: int, late: int) -> None:
    number = min(late, pastes - 1)
    ledger = filled(pastes)
    edited = ledger.with_paste(paste(number, "onyx|oom", version="2"))
    others = {"onyx|mcp_404": pastes - 1} if pastes > 1 else {}
    assert edited.totals() == {**others, "onyx|oom": 1}
    assert edited.with_paste(paste(number, version="1")) == edited  # an answer that an edit overtook
    assert edited.without(f"C1/{number}").totals() == others
    assert sum(ledger.with_paste(paste(number)).totals().values()) == pastes  # answered by two processes


def test_edits_and_withdrawals_at_random_count_what_stands() -> None:
    chance, standing, ledger = random.Random(4), dict[int, str](), Ledger()
    for number in range(PASTES):
        standing[number] = f"kind {number % 7}"
        ledger = ledger.with_paste(paste(number, standing[number]))
        if number % 3 == 0:
            changed = chance.choice(list(standing))
            standing[changed] = f"kind {chance.randrange(7)}"
            ledger = ledger.with_paste(paste(changed, standing[changed], version=f"{number:04}"))
        if number % 11 == 10:
            gone = chance.choice(list(standing))
            del standing[gone]
            ledger = ledger.without(f"C1/{gone}")
    kinds = list(standing.values())
    assert ledger.totals() == {kind: kinds.count(kind) for kind in set(kinds)}


def test_what_is_older_than_all_that_are_kept_stays_in_the_counts() -> None:
    ledger = filled(PASTES + 30)
    assert (len(ledger.pastes), ledger.folded, ledger.totals()) == (PASTES, 30, {"onyx|mcp_404": PASTES + 30})
