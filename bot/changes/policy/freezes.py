"""Whether a freeze is on at a moment. Pure: zones are loaded with the policy.

Daylight saving time never makes a hole: a window is on when the wall clock shows a time inside it, and also between
the first moment at which its beginning is shown and the last at which its end is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from bot.changes.policy.model import Freeze


def is_on(freeze: Freeze, now: datetime) -> bool:
    """Whether the freeze is on. It begins at `from` and is over at `until`."""
    wall = now.astimezone(freeze.zone).replace(tzinfo=None)
    return any(_inside(freeze, begins, ends, wall, now) for begins, ends in _windows(freeze, wall.date()))


def _windows(freeze: Freeze, today: date) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end, on the wall clock, of the windows that could be on: a weekly one lasts a day at most."""
    if freeze.begins is not None and freeze.ends is not None:
        yield freeze.begins, freeze.ends
        return
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        if day.weekday() in freeze.days:
            midnight = datetime.combine(day, time())
            past_midnight = freeze.until_minute <= freeze.from_minute
            begins = midnight + timedelta(minutes=freeze.from_minute)
            yield begins, midnight + timedelta(days=int(past_midnight), minutes=freeze.until_minute)


def _inside(freeze: Freeze, begins: datetime, ends: datetime, wall: datetime, now: datetime) -> bool:
    first = begins.replace(tzinfo=freeze.zone, fold=0).astimezone(UTC)
    last = ends.replace(tzinfo=freeze.zone, fold=1).astimezone(UTC)
    return begins <= wall < ends or first <= now < last
