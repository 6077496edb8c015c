"""Secrets and look-alikes by people who had not read the rules. See `tests/corpus/secrets-outsiders.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.redaction import Redactor
from tests.corpus.secret_cases import measure
from tests.corpus.secrets_stranger import strangers

SETS = yaml.safe_load((Path(__file__).parents[2] / "corpus" / "secrets-outsiders.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("seed", [3, 7])
def test_nearly_all_of_their_secrets_are_hidden(name: str, seed: int) -> None:
    rows = [(form, text) for form, text in SETS[name]["secrets"]]
    found = measure(strangers(rows, seed), lambda text: Redactor().text(text))
    assert found.share >= 0.98, [case.text for _, case, _ in found.missed]


@pytest.mark.parametrize("name", SETS)
def test_none_of_their_look_alikes_is_spoiled(name: str) -> None:
    assert [text for text in SETS[name]["alike"] if Redactor().text(text) != text] == []
