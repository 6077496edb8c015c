"""Secrets and look-alikes that no rule was written for. See `tests/corpus/secrets_unseen.py`."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor
from tests.corpus import secrets_unseen
from tests.corpus.secret_cases import Row, measure
from tests.corpus.secrets_stranger import strangers

SETS = {"first": secrets_unseen.FIRST, "second": secrets_unseen.SECOND, "third": secrets_unseen.THIRD}


@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
@pytest.mark.parametrize("seed", [3, 7])
def test_nearly_all_unseen_secrets_are_hidden(rows: tuple[Row, ...], seed: int) -> None:
    found = measure(strangers(rows, seed), lambda text: Redactor().text(text))
    assert found.share >= 0.98, [case.text for _, case, _ in found.missed]


@pytest.mark.parametrize(
    "texts", [secrets_unseen.ALIKE, secrets_unseen.SECOND_ALIKE, secrets_unseen.THIRD_ALIKE], ids=SETS
)
def test_no_look_alike_is_spoiled(texts: tuple[str, ...]) -> None:
    assert [text for text in texts if Redactor().text(text) != text] == []


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("Authorization: Bearer $API_TOKEN", True),
        ("Authorization: Bearer ${api_token}", True),
        ("Authorization: Bearer $aPi7tok3nZ", False),
        ("postgres://DB_USER:DB_PASSWORD@HOST/db", True),
        ("postgres://app:PASSWORD1@pg/db", False),
        ("mysql_native: rejected token gzfzZxlxRbTVGjUD", False),
        ("rejected token ExpiredJwtException", True),
    ],
)
def test_what_stands_in_for_a_secret_is_none(text: str, *, stays: bool) -> None:
    assert (Redactor().text(text) == text) is stays


@pytest.mark.parametrize("sign", ["=", ": ", "%3D", "\\u003d", "&#61;", "=\x1b[31m", "\t=\t"])
def test_a_sign_between_name_and_value_may_be_encoded(sign: str) -> None:
    found = Redactor().text(f"body user=app&db_password{sign}hunter22x")
    assert "hunter22x" not in found
    assert f"db_password{sign}" in found


def test_a_flag_and_its_value_may_stand_on_two_lines() -> None:
    text = "    Args:\n      --db-password\n      hunter22x\n      --verbose\n      --token\n      --port\n      8080\n"
    assert Redactor().text(text) == text.replace("hunter22x", "‹password:1›")
