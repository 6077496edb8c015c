"""What the real Onyx prints gets the right word: excerpts and whole logs of things that were broken on purpose."""

import random

import pytest

from tests.support.onyx_real import MOST_SYMPTOMS, excerpts, logs
from tests.unit.onyx_matcher import matcher

BEYOND = {
    # A deactivated user cannot be told from one who is not logged in.
    "api-auth-deactivated-403",
    # Another process had the port as well, and a chat that does not exist was asked for.
    "start-authtype-disabled/api.log",
    "well-requests/api.log",
}
"""What the text does not show, or what shows more than was broken."""

CUTS = 20


@pytest.mark.parametrize("sample", excerpts(), ids=lambda sample: sample.id)
def test_an_excerpt_says_what_was_broken(sample):
    if sample.id not in BEYOND:
        assert sample.verdict(matcher().match(sample.text), 2) == "right"


@pytest.mark.parametrize("sample", logs(), ids=lambda sample: sample.id)
def test_a_whole_log_names_what_was_broken_first(sample):
    if sample.id not in BEYOND:
        assert sample.verdict(matcher().match(sample.text), MOST_SYMPTOMS) == "right"


@pytest.mark.parametrize("sample", logs()[::4], ids=lambda sample: sample.id)
def test_a_log_that_is_cut_anywhere_gives_no_wrong_cause(sample):
    """Where only the common end is left, Redis and the document index cannot be told apart."""
    chance = random.Random(sample.id)
    lines = sample.text.splitlines(keepends=True)
    ends = {"document_index_unreachable", "api_startup_failed", "api_unreachable"}
    others = {
        "request_malformed",
        "chat_session_missing",
        "postgres_unreachable",
    }  # of requests made besides, and later
    for _ in range(CUTS if len(lines) < 400 else 2):
        at = chance.randint(0, len(lines))
        for part in (lines[:at], lines[at:]):
            found = matcher().match("".join(part))
            if sample.id not in BEYOND and found:
                assert found[0].id in {*sample.accepted, *ends, *others}, f"cut at line {at}"


def test_the_same_error_of_logger_and_server_is_counted_once():
    text = next(sample.text for sample in logs() if sample.id == "start-db-not-migrated/api.log")
    (symptom,) = matcher().match(text)
    assert symptom.count <= 4
    assert symptom.lines[0].startswith("WARNING") or "UndefinedTable" in symptom.lines[0]
