"""An old paste is not blamed on today's state, and a paste from the time of an outage is said to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.symptoms import Symptom
from bot.engine.judge.timing import is_older_than, is_within

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def seen(first: datetime | None, last: datetime | None = None, *, zone_known: bool = True) -> Symptom:
    return Symptom(
        id="api_unreachable",
        title="Web cannot reach API",
        playbook="api-unreachable.yaml",
        app="onyx",
        count=1,
        lines=(),
        first_seen=first,
        last_seen=last or first,
        zone_known=zone_known,
    )


@pytest.mark.parametrize(
    ("symptom", "expected"),
    [
        pytest.param(seen(TEN - timedelta(minutes=10)), True, id="ten minutes before is before"),
        pytest.param(seen(TEN - timedelta(minutes=2)), False, id="clocks may disagree by two minutes"),
        pytest.param(seen(TEN + timedelta(minutes=1)), False, id="after is not before"),
        pytest.param(seen(None), False, id="a paste without times is never too old"),
        pytest.param(seen(TEN - timedelta(hours=5), zone_known=False), False, id="five hours may be the time zone"),
        pytest.param(seen(TEN - timedelta(hours=30), zone_known=False), True, id="more than a day is no time zone"),
    ],
)
def test_a_paste_is_older_than_a_fault_only_when_no_clock_can_explain_it(symptom: Symptom, expected: bool) -> None:
    assert is_older_than(symptom, TEN) is expected


def test_nothing_is_older_than_an_unknown_beginning() -> None:
    assert not is_older_than(seen(TEN - timedelta(days=9)), None)


@pytest.mark.parametrize(
    ("symptom", "expected"),
    [
        pytest.param(seen(TEN + timedelta(minutes=1)), True, id="inside"),
        pytest.param(
            seen(TEN - timedelta(minutes=30), TEN + timedelta(minutes=1)), True, id="it began before and reached in"
        ),
        pytest.param(seen(TEN - timedelta(minutes=30)), False, id="over before the outage"),
        pytest.param(seen(TEN + timedelta(minutes=30)), False, id="long after the outage"),
        pytest.param(seen(None), None, id="no times, no answer"),
    ],
)
def test_a_paste_is_from_the_time_of_an_outage_when_they_overlap(symptom: Symptom, expected: bool | None) -> None:
    assert is_within(symptom, TEN, TEN + timedelta(minutes=4)) is expected
