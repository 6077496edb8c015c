"""Times of a paste that need the day on which it is looked at: lines without a year, and lines from the future. Pure.

Whoever looks gives the time of looking (`View.collected_at`): nothing here has a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.attribution import Owner
from bot.domain.symptoms import Symptom

_CLOCKS_DIFFER = timedelta(minutes=5)
_WIDEST_ZONE = timedelta(hours=14, minutes=5)
"""A line without a zone may be read as so much later than it was written: UTC+14 is the widest zone."""
_NEXT_DAY = timedelta(days=1)


def dated(symptom: Symptom, now: datetime) -> Symptom:
    """The symptom with the year that lines without one must be from: the last that is not in the future."""
    if symptom.yearless is None or symptom.last_seen is not None:
        return symptom
    first, last = (_in_its_year(moment, now) for moment in symptom.yearless)
    return replace(symptom, first_seen=min(first, last), last_seen=max(first, last), zone_known=False)


def _in_its_year(moment: datetime, now: datetime) -> datetime:
    for year in range(now.year + 1, now.year - 9, -1):
        try:
            found = moment.replace(year=year, tzinfo=UTC)
        except ValueError:  # the 29th of February
            continue
        if found <= now + _NEXT_DAY:
            return found
    return now


def ahead(symptom: Symptom, now: datetime) -> timedelta:
    """How far in the future a paste's last line was written, by its own clock; zero if it was not."""
    if symptom.last_seen is None or symptom.last_seen <= now + _CLOCKS_DIFFER:
        return timedelta(0)
    return symptom.last_seen - now


def is_impossible(symptom: Symptom, now: datetime) -> bool:
    """Is the paste from the future by more than a zone that it does not name can make of it?"""
    return ahead(symptom, now) > (timedelta(0) if symptom.zone_known else _WIDEST_ZONE)


def clock_notes(symptoms: Sequence[Symptom], now: datetime) -> tuple[str, ...]:
    """Sentences about lines that were written in the future."""
    notes: list[str] = []
    for item in symptoms:
        early = ahead(item, now)
        if not early or item.attribution.owner is not Owner.OURS:
            continue
        when = f"“{item.title}” was last seen {_spoken(early)} from now by the paste's own clock"
        if is_impossible(item, now):
            notes.append(
                f"{when}: that clock or its date is wrong, so nothing of today is blamed for it. What time is right?"
            )
        else:
            notes.append(
                f"{when}, which names no time zone: it is in a zone east of UTC, or wrong. "
                "Say which zone the log is in; until then its times are compared with nothing."
            )
    return tuple(dict.fromkeys(notes))


def _spoken(early: timedelta) -> str:
    minutes = round(early.total_seconds() / 60)
    if minutes < 90:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 60 * 48 else f"{round(minutes / 60 / 24)} days"
