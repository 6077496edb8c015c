"""Lines without a year get one; lines from the future are said to be, and explained only where a zone may be why."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.symptoms import Symptom
from bot.engine.explain.paste_times import clock_notes, dated, is_impossible
from bot.engine.match.matcher import Matcher
from bot.playbook.schema import SymptomPlaybook
from tests.unit.engine.attribution.test_attribution import APP, ERROR, SOLD_OUT

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)


def pasted(text: str) -> Symptom:
    (found,) = Matcher({"shop": APP}, [SymptomPlaybook.model_validate(SOLD_OUT)]).match(text, "shop")
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"Nov 27 10:00:00 node-1 shop[812]: {ERROR}", datetime(2026, 11, 27, 10, tzinfo=UTC)),
        (f"Dec  3 10:00:00 node-1 shop[812]: {ERROR}", datetime(2025, 12, 3, 10, tzinfo=UTC)),
        (f"Nov 29 21:00:00 node-1 shop[812]: {ERROR}", datetime(2026, 11, 29, 21, tzinfo=UTC)),
        (f"Feb 29 21:00:00 node-1 shop[812]: {ERROR}", datetime(2024, 2, 29, 21, tzinfo=UTC)),
        (f"E1127 10:00:00.123456    1234 probe.go:123] {ERROR}", datetime(2026, 11, 27, 10, 0, 0, 123456, tzinfo=UTC)),
        (f"10:00:00 {ERROR}", None),
        (f"2024-01-01T10:00:00Z {ERROR}", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        (f"Nov 12, 2025 @ 08:20:44.123\t{ERROR}", datetime(2025, 11, 12, 8, 20, 44, 123000, tzinfo=UTC)),
    ],
)
def test_a_line_without_a_year_is_of_the_last_one_that_fits(line: str, expected: datetime | None) -> None:
    found = dated(pasted(line), NOW)
    assert (found.first_seen, found.last_seen) == (expected, expected)
    assert found.zone_known is (expected is None or line.startswith("2024"))


@pytest.mark.parametrize(
    ("ahead", "zone", "impossible", "words"),
    [
        (timedelta(minutes=2), "Z", False, ""),
        (timedelta(hours=13), "", False, "Say which zone"),
        (timedelta(hours=13), "Z", True, "clock or its date is wrong"),
        (timedelta(days=3), "", True, "3 days from now"),
        (-timedelta(days=3), "Z", False, ""),
    ],
)
def test_a_line_from_the_future_is_another_clock_or_zone(
    ahead: timedelta, zone: str, impossible: bool, words: str
) -> None:
    symptom = pasted(f"{(NOW + ahead).strftime('%Y-%m-%dT%H:%M:%S')}{zone} {ERROR}")
    assert is_impossible(symptom, NOW) is impossible
    notes = clock_notes([symptom], NOW)
    assert len(notes) == bool(words)
    assert words in "".join(notes)
