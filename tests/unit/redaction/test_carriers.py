"""Secrets in every carrier an incident's text has, and look-alikes. See `tests/corpus/secrets_carriers.py`."""

from __future__ import annotations

import base64

import pytest

from bot.redaction import Redactor
from tests.corpus import secrets_carriers
from tests.corpus.secret_cases import Row, measure
from tests.corpus.secrets_stranger import strangers

ROWS = {
    "first": secrets_carriers.FIRST,
    "fresh": secrets_carriers.FRESH,
    "third": secrets_carriers.THIRD,
    "fourth": secrets_carriers.FOURTH,
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("seed", [3, 7])
def test_nearly_all_secrets_are_hidden_whatever_carries_them(rows: tuple[Row, ...], seed: int) -> None:
    found = measure(strangers(rows, seed), lambda text: Redactor().text(text))
    assert found.share >= 0.95, [case.text for _, case, _ in found.missed]


FOUND_IN_SOURCES = (  # what 50 MB of logs, documentation and sources showed to be spoiled while this was made
    "anyio/abc/_eventloop.py,sha256=cIGGnNT_mDghj3kFKWNb5g6mlImvpxOzLAGU4mU56Xs,11520",
    "anyio-4.16.0.dist-info/WHEEL,sha256=Umi5i2Q7bR-kVOlmLDmEeLpWyWuRMbel4v5TvOueoSA,105",
    "    websock.connect(url, **options)",
    'files += [("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\\n")]',
    'To generate valid datetimes, pass `dtype="datetime64[ns]"`',
    "printf(&quot;Password is correct.&quot;);",
    "xmlsec1 decrypt --privkey key.pem encrypt3-res.xml",
    "        db_session=db_session,",
    "{'code': <ErrorCode.REGISTER_INVALID_PASSWORD: 'REGISTER_INVALID_PASSWORD'>}",
    '_UNLIMITED_COOKIE_KEY: _CookieKey = ("", "", "")',
    "io.jsonwebtoken:jjwt-api:0.12.6",
)


@pytest.mark.parametrize("text", FOUND_IN_SOURCES)
def test_what_sources_and_logs_hold_stays(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *secrets_carriers.ALIKE,
        *secrets_carriers.FRESH_ALIKE,
        *secrets_carriers.THIRD_ALIKE,
        *secrets_carriers.FOURTH_ALIKE,
    ],
)
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


@pytest.mark.parametrize(
    ("text", "is_hidden"),
    [
        (b"AWS_REGION=eu\nDB_PASSWORD=winter!39x\nA=b\n", True),
        (b"AWS_REGION=eu\nLOG_LEVEL=info\nREPLICAS=3\nA=b\n", False),
    ],
)
def test_base64_is_hidden_when_a_secret_is_in_it(text: bytes, *, is_hidden: bool) -> None:
    line = f"config: {base64.b64encode(text).decode()}"
    assert (Redactor().text(line) != line) is is_hidden


def test_the_lines_of_a_putty_key_stay_lines() -> None:
    body = "AAAAgQeLjlgCMuAhMiSBGycxbCo8OD9U"
    key = f"Private-Lines: 2\n{body}\nWePMLEJPhfU9Mp1VZd6lwlgc\nPrivate-MAC: ae3a68f7e96b3f3f\nend"
    found = Redactor().text(key).splitlines()
    assert [line.startswith("‹private-key:") for line in found] == [False, True, True, False, False]
    assert found[3].startswith("Private-MAC: ‹private-key:")
