"""The reader of failed calls against what real clients printed when they were provoked (tests/pastes)."""

from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from bot.domain.calls import FailedCall
from bot.engine.calls import read_failed_calls
from tests.support.shipped import pastes

PASTES = Path(__file__).parents[3] / "pastes"
ONCE_READ_WRONGLY = ("client-", "infra-", "apps-", "more-apps-", "langs-")
FILES = (
    "failed-calls.yaml",
    "failed-calls-more.yaml",
    "failed-calls-clients.yaml",
    "failed-calls-provoked.yaml",
    "failed-calls-further.yaml",
    "failed-calls-infrastructure.yaml",
    "failed-calls-java.yaml",
    "failed-calls-libraries.yaml",
    "failed-calls-drivers.yaml",
    "failed-calls-apps.yaml",
    "failed-calls-apps-more.yaml",
    "failed-calls-languages.yaml",
    "failed-calls-shapes.yaml",
)
VARIANTS = "failed-calls-variants.yaml"


Read = Sequence[tuple[dict[str, Any], tuple[FailedCall, ...]]]


@pytest.fixture(scope="module", params=[4, pytest.param(1, marks=pytest.mark.slow)], ids=["a quarter", "all"])
def read(request: pytest.FixtureRequest) -> Read:
    """What is read in one of so many texts."""
    texts = [record for name in FILES for record in pastes(name)]
    return [(record, read_failed_calls(record["text"])) for record in texts[:: request.param]]


def test_real_clients_are_read(read: Read) -> None:
    wrong, elsewhere, impossible, missed = [], [], [], []
    for record, calls in read:
        possible = {record["kind"], *record.get("also", ())}
        if not calls or not possible & set(calls[0].kinds):
            missed.append(record["id"])
        if calls and not any((call.host, call.port) == (record["host"], record["port"]) for call in calls):
            elsewhere.append(record["id"])
        told = calls[:1] if record.get("several") else calls
        if any(call.kind not in possible for call in told) and "any" not in possible:
            impossible.append(record["id"])
        if record["status"] is not None and not any(call.status == record["status"] for call in calls):
            wrong.append(record["id"])
    assert len(impossible) <= len(read) * 0.01, impossible
    assert len(missed) <= len(read) * 0.01, missed
    assert len(elsewhere) <= len(read) * 0.01, elsewhere
    assert len(wrong) <= len(read) * 0.02, wrong


@pytest.mark.parametrize("record", pastes(VARIANTS), ids=itemgetter("id"))
def test_further_clients_are_read_in_each_part(record: dict[str, Any]) -> None:
    read = [
        (call.kind, set(call.also), call.host, call.port, call.status) for call in read_failed_calls(record["text"])
    ]
    assert read == [(record["kind"], set(record["also"]), record["host"], record["port"], record["status"])]


def test_most_texts_name_the_first_kind(read: Read) -> None:
    """The others are words that several causes share ("fetch failed", curl's 7): no reader can tell those apart.

    Without the lines that were kept because they were read wrongly once.
    """
    kept = [(record, calls) for record, calls in read if not record["id"].startswith(ONCE_READ_WRONGLY)]
    first = [record["id"] for record, calls in kept if calls and calls[0].kind == record["kind"]]
    assert len(first) >= len(kept) * 0.94


def test_one_failure_is_one_call(read: Read) -> None:
    several = [record["id"] for record, calls in read if len(calls) > 1 and not record.get("several")]
    assert not several


def test_the_innermost_cause_tells_how_a_call_failed() -> None:
    wrong = []
    for record in pastes("failed-calls-chains.yaml"):
        calls = read_failed_calls(record["text"])
        right = bool(calls) and calls[0].kind in {record["kind"], *record["also"]}
        right = right and (calls[0].host, calls[0].port) == (record["host"], record["port"])
        if not right or (len(calls) > 1) != record["several"]:
            wrong.append((record["id"], calls))
    assert not wrong


def test_lines_that_only_name_a_failure_report_none() -> None:
    assert [line for line in pastes("no-failed-calls.yaml") if read_failed_calls(line)] == []


def test_a_failure_beside_such_words_is_read() -> None:
    assert [line for line in pastes("near-no-failed-calls.yaml") if not read_failed_calls(line)] == []
