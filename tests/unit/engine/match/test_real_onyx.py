"""What the real Onyx prints gets the right word: excerpts and whole logs of things that were broken on purpose."""

import random

import pytest

from tests.support.onyx_real import MOST_SYMPTOMS, excerpts, logs, own_excerpts, own_logs
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


def test_what_runs_of_our_own_printed_says_what_was_broken():
    found = {one.id: one.verdict(matcher().match(one.text), 2) for one in own_excerpts()}
    assert {name for name, verdict in found.items() if verdict != "right"} == set()


@pytest.mark.slow
def test_whole_logs_of_runs_of_our_own_name_what_was_broken_first():
    found = {one.id: one.verdict(matcher().match(one.text), MOST_SYMPTOMS) for one in own_logs()}
    assert {name for name, verdict in found.items() if verdict != "right"} == set()


GENERAL = {
    "api_startup_failed",
    "alembic_migration_failed",
    "document_index_unreachable",
    "postgres_writes_fail",
    "postgres_slow",  # whose statement it was stands at the end only
    "api_unreachable",  # the page lines of the web server never say how its calls failed
}
"""What is left of a log whose telling line was cut off: true, and says that it leaves the reason open."""


@pytest.mark.slow
def test_pieces_of_a_log_and_logs_that_repeat_give_no_wrong_cause():
    """Each log cut at random places, its middle, and one pod's log twice."""
    for sample in own_logs():
        chance = random.Random(sample.id)
        lines = sample.text.splitlines(keepends=True)
        whole = {symptom.id for symptom in matcher().match(sample.text)}
        for _ in range(CUTS if len(lines) < 400 else 2):
            at = chance.randint(0, len(lines))
            for part in (lines[:at], lines[at:], lines[max(0, at - 15) : at]):
                said = {symptom.id for symptom in matcher().match("".join(part))}
                assert said <= whole | set(sample.accepted) | GENERAL, f"{sample.id} cut at line {at}"
        assert {symptom.id for symptom in matcher().match(sample.text * 2)} == whole, sample.id


@pytest.mark.slow
def test_two_faults_in_one_log_are_both_said():
    """Another program's fault is not lost behind the first, and no third one is made of the two."""
    shown = [one for one in own_logs() if one.accepted and len(one.text) < 60_000]
    for one, other in zip(shown, shown[7:], strict=False):
        alone = {symptom.id for text in (one.text, other.text) for symptom in matcher().match(text)}
        both = {symptom.id for symptom in matcher().match(one.text + other.text)}
        assert both <= alone, f"{one.id} and {other.id}"
        assert both & set(one.accepted) or both & set(other.accepted), f"{one.id} and {other.id}"


@pytest.mark.parametrize("sample", logs()[::4], ids=lambda sample: sample.id)
@pytest.mark.slow
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
