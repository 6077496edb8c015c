"""Times in logs: every format that the pods, their runtime and their proxies write."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.match.times import apart, first_and_last, stamp_of

AT = datetime(2025, 11, 12, 7, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carrier", "message", "expected", "zone_known"),
    [
        ("2025-11-12T07:14:03Z", "", AT, True),
        ("2025-11-12T07:14:03.118000001Z", "", AT + timedelta(milliseconds=118), True),
        ("2025-11-12T08:14:03+01:00", "", AT, True),
        ("2025-11-12T07:14:03+0000", "", AT, True),
        ("1762931643", "", AT, True),
        ("1762931643118", "", AT + timedelta(milliseconds=118), True),
        ("1762931643000000000", "", AT, True),
        ("", "ERROR:    11/12/2025 07:14:03 AM   main.py  319: x", AT, False),
        ("", "ERROR:    11/12/2025 07:14:03 PM   main.py  319: x", AT + timedelta(hours=12), False),
        ("", "ERROR:    11/12/2025 12:14:03 AM   main.py  319: x", AT - timedelta(hours=7), False),
        ("", "[Nest] 7  - 11/12/2025, 7:14:03 AM    WARN [Microservices:X] x", AT, False),
        ("", "2025/11/12 07:14:03 [error] 31#31: x", AT, False),
        ("", '10.0.0.1 - - [12/Nov/2025:08:14:03 +0100] "GET /"', AT, True),
        ("", "2025-11-12 07:14:03,118 ERROR x", AT + timedelta(milliseconds=118), False),
        ("2025-11-12T07:14:03Z", "ERROR:    11/12/2025 09:00:00 AM   main.py  319: x", AT, True),
    ],
)
def test_a_time_is_read(carrier, message, expected, zone_known):
    stamp = stamp_of(carrier, message)
    assert stamp is not None
    assert stamp.time == expected
    assert stamp.zone_known is zone_known
    assert stamp.dated


@pytest.mark.parametrize(
    ("carrier", "message"),
    [("Nov 12 07:14:03", ""), ("E1112 07:14:03.118", ""), ("", "07:14:03 x")],
)
def test_a_time_without_a_year_is_no_date_but_can_be_compared(carrier, message):
    stamp = stamp_of(carrier, message)
    assert stamp is not None
    assert not stamp.dated
    assert apart(stamp, stamp) == 0
    assert apart(stamp, stamp_of("2025-11-12T07:14:03Z", "")) is None
    assert first_and_last([stamp]) == (None, None, True)


@pytest.mark.parametrize(
    "message",
    ["no time at all", "2025-13-45T99:99:99Z x", "13/40/2025 07:14:03 AM", "[99/Foo/2025:08:14:03 +0100]", ""],
)
def test_what_is_no_time_is_none(message):
    assert stamp_of("", message) is None


def test_first_and_last_are_in_order_and_say_whether_the_zone_is_known():
    stamps = [stamp_of("2025-11-12T07:14:03Z", ""), None, stamp_of("", "11/12/2025 07:14:01 AM")]
    assert first_and_last(stamps) == (AT - timedelta(seconds=2), AT, False)
