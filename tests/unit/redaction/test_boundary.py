"""The one boundary: documents, payloads, labels, logs; what stays stable, and what is never kept."""

import gc
import io
import logging
from random import Random
from typing import Any

import pytest

from bot.redaction import Boundary
from bot.redaction.logs import RedactingFormatter
from bot.redaction.tokens import MOST_REMEMBERED, TokenBook
from tests.corpus.secret_values import GENERATORS


def test_a_document_is_hidden_by_what_its_texts_and_its_keys_say() -> None:
    document = {
        "password": "hunter2",
        "note": "set DB_PASSWORD=hunter2",
        "parameters": [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "DB_PASSWORD", "value": "hunter3"}],
        "count": 3,
        "none": None,
    }
    assert Boundary().json(document) == {
        "password": "‹password:1›",
        "note": "set DB_PASSWORD=‹password:1›",
        "parameters": [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "DB_PASSWORD", "value": "‹password:2›"}],
        "count": 3,
        "none": None,
    }


def test_a_document_without_secrets_says_the_same() -> None:
    document = {"state": "offered", "remedy": "restart-api", "steps": [{"target": "deployment/api-server"}], "at": 1.5}
    assert Boundary().json(document) == document


def test_a_slack_payload_loses_secrets_and_keeps_its_ids() -> None:
    secret = GENERATORS["github"](Random(1))
    payload = {
        "channel": "C1",
        "text": f"pushed with {secret}",
        "blocks": [
            {"type": "section", "block_id": secret, "text": {"type": "mrkdwn", "text": f"`{secret}`"}},
            {"type": "actions", "elements": [{"type": "button", "action_id": "go", "value": secret}]},
        ],
    }
    found = Boundary().slack(payload)
    assert found["text"] == "pushed with ‹github-token:1›"
    assert found["blocks"][0]["text"]["text"] == "`‹github-token:1›`"
    assert found["blocks"][0]["block_id"] == found["blocks"][1]["elements"][0]["value"] == secret
    assert found["channel"] == "C1"


def test_no_text_of_a_payload_grows() -> None:
    text = "pass=a1!b2c3 "
    found = Boundary().slack({"text": text, "blocks": [{"text": {"text": text * 40}}]})
    assert "a1!b2c3" not in str(found)
    assert len(found["text"]) <= len(text)
    assert len(found["blocks"][0]["text"]["text"]) <= len(text) * 40


@pytest.mark.parametrize("payload", [{}, {"blocks": []}, {"text": "", "x": [None, 1, True, {"y": ()}]}, "text", None])
def test_any_payload_survives(payload: Any) -> None:
    assert Boundary().slack(payload) is not None or payload is None


def test_a_label_has_the_kind_but_no_number() -> None:
    boundary = Boundary()
    assert boundary.label("postgres://u:Zx81abcD9@db\nsecond line") == "postgres://u:‹url-password›@db second line"
    assert len(boundary.label("x" * 500)) <= 120


def test_equal_secrets_keep_their_token_within_an_incident_and_not_beyond() -> None:
    boundary = Boundary()
    first = boundary.redactor("lab/onyx/onyx").text("password=hunter2 password=hunter3")
    again = boundary.redactor("lab/onyx/onyx").text("password=hunter3")
    other = boundary.redactor("lab/shop/shop").text("password=hunter3")
    assert (first, again, other) == (
        "password=‹password:1› password=‹password:2›",
        "password=‹password:2›",
        "password=‹password:1›",
    )


def test_the_counts_of_a_triage_are_its_own() -> None:
    boundary = Boundary()
    boundary.redactor("place").text("password=hunter2 password=hunter3")
    second = boundary.redactor("place")
    second.text("password=hunter3")
    assert second.present == {"password": 1}


def test_a_book_remembers_no_secret_and_forgets_what_is_old() -> None:
    secret = "Zx81" + "abcDEF" * 3
    boundary = Boundary()
    boundary.text(f"password={secret}")
    gc.collect()
    assert [one for book in (boundary._process,) for one in book._tokens if secret.encode() in one] == []
    book = TokenBook()
    tokens = {book.token(str(number).encode(), "x") for number in range(MOST_REMEMBERED + 10)}
    assert len(tokens) == MOST_REMEMBERED + 10
    assert len(book._tokens) == MOST_REMEMBERED
    assert book.token(b"0", "x") == f"‹x:{MOST_REMEMBERED + 11}›"


def logged(boundary: Boundary) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    logger = logging.Logger("test")  # noqa: LOG001 - not one of the process: nobody else hears it
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter(logging.Formatter("%(levelname)s %(message)s"), boundary))
    logger.addHandler(handler)
    return logger, stream


def test_log_messages_arguments_and_tracebacks_are_redacted() -> None:
    logger, stream = logged(Boundary())
    logger.warning("connecting to %s", "postgres://onyx:Zx81abcD9@db/onyx")
    try:
        raise ValueError("bad token=Zx81abcD9")
    except ValueError:
        logger.exception("failed")
    said = stream.getvalue()
    assert "Zx81abcD9" not in said
    assert "connecting to postgres://onyx:‹url-password:1›@db/onyx" in said
    assert "ValueError: bad token=‹url-password:1›" in said
    assert said.count("WARNING") == 1
