"""Secrets in text become typed, stable tokens; everything a person needs as evidence stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.redaction import Redactor
from bot.redaction.tokens import TOKEN
from tests.support.sampling import sampled
from tests.unit.redact_corpus import AWS, LEAKS, ORDINARY, Leak


@pytest.mark.parametrize("leak", LEAKS, ids=[f"{index}-{leak.kind}" for index, leak in enumerate(LEAKS)])
def test_a_secret_is_hidden_and_what_stands_around_it_stays(leak: Leak) -> None:
    found = Redactor().text(leak.text)
    assert TOKEN.search(found), found
    assert [secret for secret in leak.secrets if secret in found] == [], found
    assert [part for part in leak.kept if part not in found] == [], found
    assert found.count("\n") == leak.text.count("\n"), "line numbers must keep their meaning"


@pytest.mark.parametrize("line", ORDINARY)
def test_an_ordinary_line_stays_as_it_is(line: str) -> None:
    assert Redactor().text(line) is line


def test_the_corpus_is_as_large_as_it_claims() -> None:
    assert len(LEAKS) >= 80
    assert len({leak.kind for leak in LEAKS}) >= 25
    assert len(ORDINARY) >= 60


def test_the_corpus_in_one_text_gives_what_its_lines_give() -> None:
    lines = [line for line in ORDINARY if "BEGIN" not in line]
    assert Redactor().text("\n".join(lines)) == "\n".join(lines)
    leaks = [leak for leak in LEAKS if leak.kind not in ("private-key", "secret-data")]
    found = Redactor().texts([leak.text for leak in leaks])
    assert [leak.text for leak, text in zip(leaks, found, strict=True) if any(s in text for s in leak.secrets)] == []


def test_equal_secrets_stay_equal_and_different_ones_differ() -> None:
    redactor = Redactor()
    first = redactor.text("password=hunter2 and password=hunter3")
    second = redactor.text('{"db_password": "hunter2"} postgres://u:hunter3@db/x')
    assert first == "password=‹password:1› and password=‹password:2›"
    assert second == '{"db_password": "‹password:1›"} postgres://u:‹password:2›@db/x'


def test_what_was_hidden_is_counted_by_kind() -> None:
    redactor = Redactor()
    redactor.text(f"password=hunter2 {AWS.replace('·', '')}")
    redactor.text("password=hunter2 password=other9")
    counts = {kind: (item.secrets, item.places) for kind, item in redactor.hidden.items()}
    assert counts == {"aws-key": (1, 1), "password": (2, 3)}


def test_redacting_twice_changes_nothing_more() -> None:
    once = Redactor().texts([leak.text for leak in LEAKS])
    again = Redactor()
    assert again.texts(once) == once
    assert again.hidden == {}


def test_tokens_of_an_older_redaction_count_and_their_numbers_are_taken() -> None:
    redactor = Redactor()
    redactor.adopt(["a ‹password:3›", "‹password:1› ‹jwt:2›"])
    assert redactor.text("password=hunter2") == "password=‹password:4›"
    assert redactor.present == {"jwt": 1, "password": 3}
    assert {kind: item.secrets for kind, item in redactor.hidden.items()} == {"password": 1}


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("example.com/api-token", "a b c 1", True),
        ("INTERNAL_URL", "http://api:8080", False),
        ("INTERNAL_URL", "http://u:hunter2@api:8080", True),
        ("POSTGRES_PASSWORD", "", False),
        ("TOKEN_FILE", "/run/token", False),
        ("deployment.kubernetes.io/revision", "7", False),
        ("chat_session_id", "abc", False),
    ],
)
def test_a_value_is_judged_by_its_name(name: str, value: str, hidden: bool) -> None:
    assert (Redactor().value(name, value) != value) is hidden


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("server", "--password", "hunter2", "--port", "1"), ("server", "--password", "‹password:1›", "--port", "1")),
        (("mysql", "-uroot", "-phunter2"), ("mysql", "-uroot", "-p‹password:1›")),
        (("sh", "-c", "exec app --token=Zx81abcDEF"), ("sh", "-c", "exec app --token=‹token:1›")),
        (("uvicorn", "--port", "8080", "app:app"), ("uvicorn", "--port", "8080", "app:app")),
    ],
)
def test_words_of_a_command_are_read_together(words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert Redactor().words(words) == expected


def test_many_texts_are_kept_apart() -> None:
    redactor = Redactor()
    texts = ["name: DB_PASSWORD", "value: 7", "", "password=", "hunter2", "a\n\x00\x1e\x00\nb", "password=hunter2"]
    assert redactor.texts(texts)[:-1] == texts[:-1]
    assert redactor.texts(["x", "password=hunter2"]) == ["x", "password=‹password:1›"]


def test_threads_agree_on_the_token_of_a_secret() -> None:
    redactor = Redactor()
    texts = [f"password=secret{number % 50}x" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(redactor.text, texts))
    tokens = dict(zip(texts, found, strict=True))
    assert [tokens[text] for text in texts] == found
    assert len(set(found)) == 50


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30))
def test_any_text_survives_and_its_lines_stay_lines(noise: str, value: str) -> None:
    text = f"{noise}\npassword={value}\n{noise}"
    found = Redactor().text(text)
    assert found.count("\n") == text.count("\n")
    assert found == Redactor().text(text)


@pytest.mark.parametrize(
    "piece",
    sampled(
        [
            "password=",
            'token="',
            "://a:1/",
            "mysql -p1 ",
            "secret: '",
            "Cookie: a=",
            "-----BEGIN PRIVATE KEY-----",
            "Bearer ",
            "kind: Secret\ndata:\n a: b\n",
            '\\"token\\":\\"',
            "--password ",
            "name: TOKEN value",
            "%3A%2F%2Fa%3A",
            "password is ",
            "token to log in: ",
            "secret a b c d e f g:\n\n",
            "api key aaaaaaaaaaaaaaaa",
            "[--password, ",
            "login('a', ",
            "fernet '",
            "‹password:1›",
            "‹api-key:7› ",
        ],
        6,
    ),
)
def test_no_repetition_makes_it_superlinear(piece: str) -> None:
    """Half a megabyte of anything is done at all: quadratic work here would run into the suite's time limit."""
    text = piece * (500_000 // len(piece))
    assert Redactor().text(text + "@") is not None
