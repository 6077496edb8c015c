"""What somebody made up who had not read the rules: secrets as of 2026, and look-alikes. See `tests/corpus`."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor
from tests.corpus.secret_cases import measure
from tests.corpus.secrets_stranger import ALIKE, MORE_ALIKE, ROWS, SECOND, strangers


@pytest.mark.parametrize("rows", [ROWS, SECOND], ids=["first", "second"])
@pytest.mark.parametrize("seed", [3, 7])
def test_nearly_all_secrets_of_strangers_are_hidden(rows: tuple[tuple[str, str], ...], seed: int) -> None:
    found = measure(strangers(rows, seed), lambda text: Redactor().text(text))
    assert found.share >= 0.97, [case.text for _, case, _ in found.missed]


@pytest.mark.parametrize("text", [*ALIKE, *MORE_ALIKE])
def test_no_look_alike_is_spoiled(text: str) -> None:
    assert Redactor().text(text) == text


def test_there_are_enough_of_them() -> None:
    assert sum(len(case.secrets) for case in strangers(ROWS, 1)) >= 150
    assert len(ALIKE) >= 100
