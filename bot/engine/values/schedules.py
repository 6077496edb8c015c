"""Cron schedules as Kubernetes reads them: when the next start is due. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NICKNAMES: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Mapping[str, str] = {
    name: str(number)
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_DAYS: Mapping[str, str] = {
    name: str(number) for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))
}
_ZONED = re.compile(r"(?:CRON_)?TZ=(?P<zone>\S+)\s+(?P<fields>.+)")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_FAR = 366 * 4
"""Days looked ahead: 29 February is at most so far away."""


class CronSchedule:
    """A schedule that was understood. Times are of `zone`."""

    def __init__(self, text: str, zone: str = "") -> None:
        """Raises `ValueError` for what no controller can read. A zone in front of the fields is as good as `zone`."""
        named = _ZONED.match(text.strip())
        if named is not None:
            text, zone = named["fields"], zone or named["zone"]
        fields = _NICKNAMES.get(text.strip(), text.strip()).split()
        if len(fields) != 5:
            raise ValueError(f"{text!r} does not have five fields")
        fields[3], fields[4] = _named(fields[3], _MONTHS), _named(fields[4], _DAYS)
        self._sets = [_values(field, low, high) for field, (low, high) in zip(fields, _RANGES, strict=True)]
        self._any_day, self._any_weekday = fields[2].startswith("*"), fields[4].startswith("*")
        self._zone = _zone(zone)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first start after the moment; None if there is none for years."""
        local = moment.astimezone(self._zone)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_FAR):
            if self._on(day):
                first = local.hour if day.date() == local.date() else 0
                for hour in sorted(hour for hour in self._sets[1] if hour >= first):
                    for minute in sorted(self._sets[0]):
                        due = day.replace(hour=hour, minute=minute)
                        if due > local:
                            return due.astimezone(UTC)
            day += timedelta(days=1)
        return None

    def _on(self, day: datetime) -> bool:
        """Cron's rule: where both days are restricted, one of them is enough."""
        if day.month not in self._sets[3]:
            return False
        weekday = day.isoweekday() % 7
        by_weekday = weekday in self._sets[4] or (weekday == 0 and 7 in self._sets[4])
        by_day = day.day in self._sets[2]
        if self._any_day or self._any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def _named(field: str, names: Mapping[str, str]) -> str:
    return re.sub("[A-Za-z]+", lambda match: names.get(match[0].upper(), match[0]), field)


def _values(field: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|\?|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if match is None:
            raise ValueError(f"{part!r} is not part of a schedule")
        step = int(match[4] or 1)
        first = low if match[2] is None else int(match[2])
        last = int(match[3]) if match[3] else (high if match[2] is None or match[4] else first)
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(f"{part!r} is out of range")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _zone(name: str) -> tzinfo:
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(f"{name!r} is not a time zone") from exc
