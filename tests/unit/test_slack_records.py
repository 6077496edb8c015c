"""Button tokens: opaque, claimed once, bounded, and gone in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.adapters.slack.records import Place, Record, Records
from bot.triage.ports import TriageRequest


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def record(card: str = "card") -> Record:
    return Record(Place("T1", "C1"), TriageRequest("onyx"), card)


def test_a_token_finds_its_record_and_an_invented_one_finds_nothing() -> None:
    records = Records(Clock())
    token = records.issue(record())
    assert records.find(token) == record()
    assert records.find(token[:-1]) is None
    assert len(token) == 22  # 128 bits


def test_a_claim_takes_all_buttons_of_the_card_and_of_no_other() -> None:
    records = Records(Clock())
    first, second, other = records.issue(record()), records.issue(record()), records.issue(record("other"))
    assert records.claim(first) is not None
    assert records.claim(first) is None
    assert records.claim(second) is None
    assert records.find(other) is not None


def test_a_restored_claim_works_again() -> None:
    records = Records(Clock())
    first, second = records.issue(record()), records.issue(record())
    claim = records.claim(first)
    assert claim is not None
    records.restore(claim)
    assert records.find(second) is not None
    assert records.claim(first) is not None


def test_records_expire_and_the_oldest_make_room() -> None:
    clock = Clock()
    records = Records(clock, ttl_seconds=60, max_entries=2)
    tokens = [records.issue(record(str(number))) for number in range(3)]
    assert [records.find(token) is not None for token in tokens] == [False, True, True]
    clock.now += timedelta(seconds=60)
    assert [records.find(token) for token in tokens] == [None, None, None]
