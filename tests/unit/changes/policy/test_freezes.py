"""When a freeze is on: by the day it begins on, past midnight, and where clocks are changed."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.changes.policy.freezes import is_on
from tests.unit.changes.policy.test_loading import FREEZE
from tests.unit.policies import policy

NIGHT = 'days: [fri], from: "22:00", until: "06:00", zone: Europe/Berlin'
WEEKEND = 'days: [sat, sun], from: "00:00", until: "24:00", zone: Europe/Berlin'
LATE = 'days: [sun], from: "02:15", until: "02:45", zone: Europe/Berlin'
BEFORE = 'days: [sun], from: "01:00", until: "02:30", zone: Europe/Berlin'
AFTER = 'days: [sun], from: "02:30", until: "05:00", zone: Europe/Berlin'
HOLIDAYS = 'from: "2026-12-23 18:00", until: "2027-01-03", zone: Europe/Berlin'
CAIRO = 'days: [fri], from: "00:00", until: "24:00", zone: Africa/Cairo'
HONOLULU = 'days: [fri], from: "09:00", until: "17:00", zone: Pacific/Honolulu'

MOMENTS = [
    ("a night begins", NIGHT, "2026-06-12T22:00:00+02:00", True),
    ("and not before", NIGHT, "2026-06-12T21:59:59+02:00", False),
    ("it runs past midnight", NIGHT, "2026-06-13T05:59:59+02:00", True),
    ("and is over in the morning", NIGHT, "2026-06-13T06:00:00+02:00", False),
    ("the early hours of its day are not in it", NIGHT, "2026-06-12T03:00:00+02:00", False),
    ("UTC is another day by then", NIGHT, "2026-06-12T20:30:00+00:00", True),
    ("the weekend begins by its own clocks", WEEKEND, "2026-06-12T22:00:00+00:00", True),
    ("the weekend has no gap at midnight", WEEKEND, "2026-06-14T00:00:00+02:00", True),
    ("and ends with Sunday", WEEKEND, "2026-06-14T23:59:59+02:00", True),
    ("not later", WEEKEND, "2026-06-15T00:00:00+02:00", False),
    ("spring: the beginning is skipped", AFTER,
     "2026-03-29T01:00:00+00:00", True),
    ("spring: and not a second earlier", AFTER,
     "2026-03-29T00:59:59+00:00", False),
    ("spring: clocks jump over the window's end", BEFORE, "2026-03-29T00:59:59+00:00", True),
    ("spring: it is over then", BEFORE, "2026-03-29T01:00:00+00:00", False),
    ("autumn: the first 02:20", LATE, "2026-10-25T00:20:00+00:00", True),
    ("autumn: no hole between the two", LATE, "2026-10-25T00:50:00+00:00", True),
    ("autumn: the second 02:20", LATE, "2026-10-25T01:20:00+00:00", True),
    ("autumn: the second 02:45 ends it", LATE, "2026-10-25T01:45:00+00:00", False),
    ("clocks jump at midnight itself", CAIRO, "2026-04-23T22:00:00+00:00", True),
    ("and not a second earlier", CAIRO, "2026-04-23T21:59:59+00:00", False),
    ("on the other side of the world it is still Friday", HONOLULU, "2026-06-13T02:59:00+00:00", True),
    ("dates: begins at its time", HOLIDAYS, "2026-12-23T17:00:00+00:00", True),
    ("dates: not before", HOLIDAYS, "2026-12-23T16:59:59+00:00", False),
    ("dates: the last day counts in full", HOLIDAYS, "2027-01-03T22:59:59+00:00", True),
    ("dates: then it is over", HOLIDAYS, "2027-01-03T23:00:00+00:00", False),
]  # fmt: skip


@pytest.mark.parametrize(("window", "now", "on"), [row[1:] for row in MOMENTS], ids=[row[0] for row in MOMENTS])
def test_a_freeze_is_on(window: str, now: str, on: bool) -> None:
    freeze = policy((FREEZE, f"{{name: x, {window}}}")).freezes[0]

    assert is_on(freeze, datetime.fromisoformat(now)) is on
