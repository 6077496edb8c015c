"""Secrets in every carrier an incident's text has, and look-alikes. See `tests/corpus/secrets_carriers.py`."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor
from tests.corpus import secrets_carriers
from tests.corpus.secret_cases import Row, measure
from tests.corpus.secrets_stranger import strangers

ROWS = {"first": secrets_carriers.FIRST, "fresh": secrets_carriers.FRESH}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("seed", [3, 7])
def test_nearly_all_secrets_are_hidden_whatever_carries_them(rows: tuple[Row, ...], seed: int) -> None:
    found = measure(strangers(rows, seed), lambda text: Redactor().text(text))
    assert found.share >= 0.98, [case.text for _, case, _ in found.missed]


@pytest.mark.parametrize("text", [*secrets_carriers.ALIKE, *secrets_carriers.FRESH_ALIKE])
def test_no_look_alike_is_spoiled(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    ("table", "hidden"),
    [
        ("id,user,password,role\n1,bob,Xx77kkoo,admin\n2,al,Hunter22,user\n", ["Xx77kkoo", "Hunter22"]),
        (" name | api_token | ok\n------+-----------+----\n bob | abcdef12 | t\n(1 row)\n", ["abcdef12"]),
        ("INSERT INTO users (email, password) VALUES ('a@b', 'pw''x1'), ('c', 'pw2345')", ["pw''x1", "pw2345"]),
    ],
)
def test_columns_below_a_telling_head_are_hidden(table: str, hidden: list[str]) -> None:
    found = Redactor().text(table)
    assert not [value for value in hidden if value in found]
    assert found.count("‹password:") == len(hidden)
    assert found.count("\n") == table.count("\n")


@pytest.mark.parametrize(
    "table",
    [
        "NAME  TYPE  DATA  AGE\ndb  Opaque  1  3d\n",
        "token, secret or key\nother, thing is here\n",
        "user,password_changed\nbob,2026-11-29\n",
        "id,password\n",
    ],
)
def test_other_tables_stay(table: str) -> None:
    assert Redactor().text(table) == table


def test_the_lines_of_a_putty_key_stay_lines() -> None:
    body = "AAAAgQeLjlgCMuAhMiSBGycxbCo8OD9U"
    key = f"Private-Lines: 2\n{body}\nWePMLEJPhfU9Mp1VZd6lwlgc\nPrivate-MAC: ae3a68f7e96b3f3f\nend"
    found = Redactor().text(key).splitlines()
    assert [line.startswith("‹private-key:") for line in found] == [False, True, True, False, False]
    assert found[3].startswith("Private-MAC: ‹private-key:")
