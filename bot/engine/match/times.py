"""When a log line was written, by what the line itself says.

Knows ISO 8601, Docker and CRI, Onyx and NestJS, uvicorn, nginx, klog, syslog and Unix times. Has no clock: a line
without a year (klog, syslog) yields a time that can be compared with its like, but not a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_NO_YEAR = 1904
"""A leap year that no log is from: stands for "no year given"."""

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?\d\d)?")
_ONYX = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}),? (\d\d?):(\d\d):(\d\d) ([AP])M")
"""Month first, as Python's `%m/%d/%Y %I:%M:%S %p` and JavaScript's `toLocaleString` write it (Onyx, NestJS)."""
_NGINX = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)")
_KIBANA = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) @ (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_ACCESS = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]")
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)")
_KLOG = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_CLOCK = re.compile(r"\[?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?\]?[ \t]")
_UNIX = re.compile(r"(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})")
_SCANNED = 200
"""Characters at the start of a line in which its time is looked for."""


@dataclass(frozen=True, slots=True)
class LogTime:
    """A time in a log. `dated` is False if its line gave no year, `zone_known` if it gave no zone: UTC is assumed.

    `day_known` is False where it gave no day either. `carried`: what packed the line up wrote it, not its program.
    """

    time: datetime
    zone_known: bool = True
    dated: bool = True
    day_known: bool = True
    carried: bool = False


def stamp_of(carrier: str, message: str) -> LogTime | None:
    """The time of a line, from its carrier's time (`Origin.time`) or else from the start of its message."""
    if carrier:
        found = _parse(carrier, anchored=True)
        if found:
            return replace(found, carried=True)
    return _parse(message[:_SCANNED], anchored=False)


def apart(one: LogTime | None, other: LogTime | None) -> float | None:
    """Seconds between two stamps, or None if they cannot be compared."""
    if one is None or other is None or one.dated != other.dated or one.day_known != other.day_known:
        return None
    return abs((one.time - other.time).total_seconds())


def _parse(text: str, *, anchored: bool) -> LogTime | None:
    try:
        return _unix(text) if anchored and _UNIX.fullmatch(text) else _written(text)
    except (ValueError, OverflowError):  # the 31st of February, the year 99999
        return None


def _unix(text: str) -> LogTime:
    """Unix time in seconds, milliseconds, microseconds or nanoseconds, by its number of digits."""
    digits = len(text.partition(".")[0])
    return LogTime(datetime.fromtimestamp(float(text) / 10 ** (digits - 10), tz=UTC))


def _written(text: str) -> LogTime | None:
    if found := _ISO.search(text):
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        return _stamp((year, month, day, hour, minute, second), found[7], found[8])
    if found := _ONYX.search(text):
        month, day, year, hour, minute, second = (int(part) for part in found.groups()[:6])
        return _stamp((year, month, day, hour % 12 + (12 if found[7] == "P" else 0), minute, second))
    if found := _ACCESS.search(text):
        day, year, hour, minute, second = (int(found[index]) for index in (1, 3, 4, 5, 6))
        return (
            _stamp((year, _MONTHS[found[2]], day, hour, minute, second), zone=found[7]) if found[2] in _MONTHS else None
        )
    if (found := _KIBANA.search(text)) and found[1] in _MONTHS:
        day, year, hour, minute, second = (int(found[index]) for index in (2, 3, 4, 5, 6))
        return _stamp((year, _MONTHS[found[1]], day, hour, minute, second), found[7])
    if found := _NGINX.search(text):
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        return _stamp((year, month, day, hour, minute, second))
    return _without_year(text)


def _without_year(text: str) -> LogTime | None:
    if (found := _SYSLOG.match(text)) and found[1] in _MONTHS:
        day, hour, minute, second = (int(part) for part in found.groups()[1:])
        return _stamp((_NO_YEAR, _MONTHS[found[1]], day, hour, minute, second))
    if found := _KLOG.match(text):
        month, day, hour, minute, second = (int(part) for part in found.groups()[:5])
        return _stamp((_NO_YEAR, month, day, hour, minute, second), found[6])
    if found := _CLOCK.match(text):
        hour, minute, second = (int(part) for part in found.groups()[:3])
        stamp = _stamp((_NO_YEAR, 1, 1, hour, minute, second), found[4])
        return LogTime(stamp.time, stamp.zone_known, stamp.dated, day_known=False)
    return None


def _stamp(parts: tuple[int, int, int, int, int, int], fraction: str | None = None, zone: str | None = None) -> LogTime:
    moment = datetime(*parts, tzinfo=_zone(zone))
    if fraction:
        moment += timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    return LogTime(moment, zone_known=bool(zone), dated=parts[0] != _NO_YEAR)


def _zone(text: str | None) -> timezone:
    if not text or text in ("Z", "UTC"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def first_and_last(stamps: Iterable[LogTime | None]) -> tuple[datetime | None, datetime | None, bool]:
    """The earliest and the latest dated stamp in UTC, and whether every one of them names its zone."""
    dated = [stamp for stamp in stamps if stamp is not None and stamp.dated]
    if not dated:
        return None, None, True
    times = [stamp.time.astimezone(UTC) for stamp in dated]
    return min(times), max(times), all(stamp.zone_known for stamp in dated)


def of_its_own_clock(stamps: Iterable[LogTime | None]) -> bool:
    """Whether every dated stamp that names no zone was written by the program itself, in the zone of its container."""
    return all(not stamp.carried for stamp in stamps if stamp is not None and stamp.dated and not stamp.zone_known)


def without_year(stamps: Iterable[LogTime | None]) -> tuple[datetime, datetime] | None:
    """The earliest and the latest stamp that has a day and no year, in a year that stands for none."""
    times = [stamp.time for stamp in stamps if stamp is not None and stamp.day_known and not stamp.dated]
    return (min(times), max(times)) if times else None
