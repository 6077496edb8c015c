"""Pastes of an on-call engineer, written by somebody who had not read the rules. See `tests/corpus/outside`."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor
from tests.corpus.outside import cases
from tests.corpus.secret_cases import measure

LEAST = {"first": 0.96, "second": 0.96, "third": 0.98, "fourth": 0.97, "fifth": 0.97}
NAMES = tuple(LEAST)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [2, 5])
def test_nearly_all_their_secrets_are_hidden(name: str, seed: int) -> None:
    found = measure(cases(name, seed), lambda text: Redactor().text(text))
    assert found.share >= LEAST[name], [(case.form, left) for _, case, left in found.missed]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [2, 5])
def test_what_only_looks_like_a_secret_stays(name: str, seed: int) -> None:
    spoiled = [
        (case.form, left) for case in cases(f"{name}-alike", seed) if (left := Redactor().text(case.text)) != case.text
    ]
    assert spoiled == []


def test_there_are_as_many_as_it_says() -> None:
    assert sum(len(case.secrets) for name in NAMES for case in cases(name, 1)) >= 1_000
    assert sum(len(cases(f"{name}-alike", 1)) for name in NAMES) >= 610
