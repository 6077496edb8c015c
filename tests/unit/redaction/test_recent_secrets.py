"""Formats of 2025 and 2026, secrets told by their place, personal data for models; and what must stay as it is."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from bot.redaction import Boundary
from bot.redaction.personal import without_personal_data
from bot.redaction.rules.formats_recent import FRESH_FOR, RECENT, WRITTEN, is_stale
from tests.corpus.ordinary_logs import ordinary_lines

HEX = "9f86d081884c7d659a2feaa0c55ad015"
CONTINUE = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIzNDU2LCJzdGFydCI6InBvZC0wMDFcdTAwMDAifQ"


def letters(number: int, seed: str = "x") -> str:
    return "".join(Random(seed).choices("ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz23456789", k=number))


def hexes(number: int) -> str:
    return "".join(Random("h").choices("0123456789abcdef", k=number))


SECRETS = [
    ("supabase: using {} for writes", "sb_secret_" + letters(22)),
    ("deploying with {}", "vcp_" + letters(40)),
    ("cf: verified {}", "cfut_" + letters(40)),
    ("neon {} ok", "napi_" + letters(56).lower()),
    ("render: {}", "rnd_" + letters(30)),
    ("pulumi login {}", "pul-" + hexes(40)),
    ("figma: {}", "figd_" + letters(40)),
    ("airtable {}", "pat" + letters(14) + "." + hexes(64)),
    ("resend: 401 for {}", "re_" + letters(8) + "_" + letters(24)),
    ("langsmith: {}", "lsv2_pt_" + hexes(32) + "_" + hexes(10)),
    ("embedding with {}", "jina_" + letters(44)),
    ("nim: {}", "nvapi-" + letters(64)),
    ('Client("AC' + hexes(32) + '", "{}")', HEX),
    ("Client(AC" + hexes(32) + ", {})", HEX),
    ("jdbc:oracle:thin:scott/{}@//db.example:1521/XE", "Tiger12xQ"),
    ("connecting as scott/{}@//db.example:1521/XE", "Tiger12xQ"),
    ("db.example.com:5432:onyx:postgres:{}", "Zx81abcD9"),
    ("secret used for signing: {}", "8fK2lmQ9vT3xZw71"),
    ("key to sign cookies: {}", "8fK2lmQ9vT3xZw71aa"),
    ("{{'user': 'x', 'pw': '{}'}}", "Zx81abcD9"),
    ("app password: {}", "abcd efgh ijkl mnop"),
    ("smtp login with password '{}'", "abcd efgh ijkl mnop"),
    ("application password is {}", "Ab3d eF6h Ij9l mN2p Qr5t uV8x"),
]
HARMLESS = [
    f'{{"metadata":{{"continue":"{CONTINUE}","resourceVersion":"123456"}}}}',
    f"GET /api/v1/pods?limit=250&continue={CONTINUE} 200",
    f"continue token: {CONTINUE}",
    "retry with password rules that your team sets",
    "the key used for sorting: created_at",
    "key for lookup: namespace/name",
    "10.0.0.1:5432 accepted",
    "postgres/postgres@sha256:abc",
    "image registry.example/team/app@sha256:0123",
    "git clone git@github.com:acme/app.git",
    "see docs/password-rules/with words",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_hidden(text: str, secret: str) -> None:
    shown = Boundary().redactor().text(text.format(secret))
    assert secret not in shown
    assert not any(secret[start : start + 8] in shown for start in range(max(1, len(secret) - 7)))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Boundary().redactor().text(text) == text


def test_every_format_names_its_source_and_the_day_it_was_read() -> None:
    assert all(source for _, _, source in RECENT)
    assert not is_stale(WRITTEN + FRESH_FOR)
    assert is_stale(WRITTEN + FRESH_FOR + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail jane.doe+x@mail.example.com now", "mail ‹email:1› now"),
        ("call +49 170 1234567.", "call ‹phone:1›."),
        ("card 4111 1111 1111 1111", "card ‹card:1›"),
        ("card 4111 1111 1111 1112", "card 4111 1111 1111 1112"),
        ("to DE89 3704 0044 0532 0130 00", "to ‹iban:1›"),
        ("to DE88 3704 0044 0532 0130 00", "to DE88 3704 0044 0532 0130 00"),
        ("a@b.example, c@d.example, a@b.example", "‹email:1›, ‹email:2›, ‹email:1›"),
    ],
)
def test_personal_data_is_told_by_its_check_digits(text: str, shown: str) -> None:
    assert without_personal_data(text) == shown


def test_ordinary_lines_hold_no_personal_data() -> None:
    lines = ordinary_lines(2_000, seed=7)
    assert [one for one in lines if without_personal_data(one) != one and "@" not in one] == []
