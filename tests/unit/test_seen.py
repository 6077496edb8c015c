"""A delivery is handled once, even when it comes under two keys, until it is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bot.triage.seen import MemorySeenEvents


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_one_known_key_is_enough() -> None:
    seen = MemorySeenEvents(Clock())
    assert seen.first_time({"event:1", "post:1"})
    assert not seen.first_time({"event:2", "post:1"})
    assert not seen.first_time({"event:2"})


def test_what_is_forgotten_may_come_again() -> None:
    seen = MemorySeenEvents(Clock())
    assert seen.first_time({"event:1"})
    seen.forget({"event:1", "never:seen"})
    assert seen.first_time({"event:1"})


def test_keys_expire_and_the_oldest_make_room() -> None:
    clock = Clock()
    seen = MemorySeenEvents(clock, ttl_seconds=60, max_entries=2)
    for key in ("a", "b", "c"):
        assert seen.first_time({key})
    assert seen.first_time({"a"})
    assert not seen.first_time({"c"})
    clock.now += timedelta(seconds=60)
    assert seen.first_time({"c"})


def test_of_many_at_once_exactly_one_is_first() -> None:
    seen = MemorySeenEvents(Clock())
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: seen.first_time({"event:1"}), range(500))) == 1
