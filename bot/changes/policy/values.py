"""Texts of a policy file that stand for something: durations, clock times, dates, ids of Slack, quantities, patterns.

Called by the schema, for which each function here raises `ValueError` with what to write instead, and by the compiler.
Knows nothing of roles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.remedies import Risk
from bot.engine.values.quantities import is_plainly_written, memory_bytes
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.yamlfile.spelling import short, unknown

CHANGE_KINDS: tuple[str, ...] = tuple(name for name, kind in REMEDY_KINDS.items() if kind.acts_on != "nothing")
"""The kinds of remedies that change something."""
RISKS: tuple[str, ...] = tuple(risk.value for risk in Risk)

AMOUNTS = ("memory_limit", "memory_request", "cpu_limit", "cpu_request", "replicas", "port", "seconds")
"""The parameters that are amounts, each with a bound of its name in the file."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 24 * 60

DURATION = r"^[1-9][0-9]{0,5}[smhd]$"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}( ([01][0-9]|2[0-3]):[0-5][0-9])?$"
USER = r"^[UW][A-Z0-9]{5,}$"
GROUP = r"^S[A-Z0-9]{5,}$"
CHANNEL = r"^[CG][A-Z0-9]{5,}$"
TEAM = r"^[TE][A-Z0-9]{5,}$"
GLOB = r"^[A-Za-z0-9_.:/@*?-]+$"

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_CPU = re.compile(r"([0-9]{1,9})m|([0-9]{1,6}(?:\.[0-9]{1,3})?)")


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `2h` or `1d`."""
    if not re.fullmatch(DURATION, text):
        raise ValueError(f"`{short(text)}` is no duration; write a number and a unit, such as `90s`, `30m` or `2h`")
    return timedelta(seconds=int(text[:-1]) * _SECONDS[text[-1]])


def clock(text: str) -> int:
    """Minutes since midnight of `22:00`; `24:00` is the end of the day."""
    if not re.fullmatch(CLOCK, text):
        raise ValueError(f'`{short(text)}` is no time of day; write it in quotes as "08:30", to "24:00"')
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date and a time, on the clocks of some zone. `whole_day`: no time was given."""

    at: datetime
    whole_day: bool


def moment(text: str) -> Moment:
    """`2026-12-24` or `2026-12-24 18:00`, without a zone."""
    wanted = f'`{short(text)}` is no date; write it in quotes as "2026-12-24" or "2026-12-24 18:00"'
    if not re.fullmatch(MOMENT, text):
        raise ValueError(wanted)
    day, _, of_day = text.partition(" ")
    try:
        return Moment(datetime.combine(date.fromisoformat(day), time.fromisoformat(of_day or "00:00")), not of_day)
    except ValueError as exc:
        raise ValueError(wanted) from exc


def end_of(ends: Moment) -> datetime:
    """When something that lasts until this moment is over: a day without a time counts in full."""
    return ends.at + timedelta(days=1) if ends.whole_day else ends.at


def zone(name: str) -> ZoneInfo:
    """A time zone of the IANA database, such as `Europe/Berlin`. Reads the machine's zone files."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(unknown("time zone", short(name), available_timezones())) from exc


def slack_user(text: str) -> str:
    """A user id, `U…` or `W…`; names and handles are refused, because people can change them."""
    return _slack_id(text, USER, "user id (`U…` or `W…`); copy it from the person's profile: “Copy member ID”")


def slack_group(text: str) -> str:
    """A user group's id, `S…`."""
    return _slack_id(text, GROUP, "user group id (`S…`); it is at the end of the group's address in Slack on the web")


def slack_channel(text: str) -> str:
    """A channel's id, `C…` or `G…`; a direct message is none."""
    return _slack_id(text, CHANNEL, "channel id (`C…` or `G…`); it is at the bottom of the channel's details")


def slack_team(text: str) -> str:
    """A workspace's id, `T…`, or an organisation's, `E…`."""
    return _slack_id(text, TEAM, "workspace id (`T…`, or `E…` for an organisation)")


def _slack_id(text: str, pattern: str, what: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError(f"`{short(text)}` is no Slack {what}")
    return text


def glob(text: str) -> str:
    """A name in which `*` stands for any characters and `?` for one."""
    if not re.fullmatch(GLOB, text):
        raise ValueError(f"`{short(text)}` is no name; besides letters, digits and `_.:/@-` it may have `*` and `?`")
    return text


def fits(name: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the patterns fits the name; nothing fits an empty name, and no pattern fits everything."""
    return bool(name) and any(fnmatchcase(name, pattern) for pattern in globs)


def grantable(text: str) -> str:
    """A kind of remedy, or a risk class, which stands for every kind of that risk."""
    if text not in CHANGE_KINDS and text not in RISKS:
        raise ValueError(unknown("kind of remedy", short(text), (*CHANGE_KINDS, *RISKS), limit=20))
    return text


def remedy_kind(text: str) -> str:
    """A kind of remedy that changes something."""
    if text not in CHANGE_KINDS:
        raise ValueError(unknown("kind of remedy", short(text), CHANGE_KINDS, limit=20))
    return text


def memory(text: str) -> Decimal:
    """Bytes of `512Mi` or `8Gi`."""
    size = memory_bytes(text) if is_plainly_written(text) else None
    if size is None or size <= 0:
        raise ValueError(f"`{short(text)}` is no amount of memory; write it as `512Mi` or `8Gi`")
    return Decimal(size)


def cpu(text: str) -> Decimal:
    """Cores of `500m`, `2` or `0.5`."""
    found = _CPU.fullmatch(text)
    cores = Decimal(0) if found is None else Decimal(found[1]) / 1000 if found[1] else Decimal(found[2])
    if cores <= 0:
        raise ValueError(f"`{short(text)}` is no amount of CPU; write it as `500m` or `2`")
    return cores


def whole(text: str) -> Decimal:
    """A whole number in plain digits."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"`{short(text)}` is no whole number; write it in digits, such as `3`")
    return Decimal(text)


def number(parameter: str, text: str) -> Decimal:
    """The amount that a value of this parameter is: bytes, cores, or pieces. Raises `ValueError` when it is none."""
    if parameter.startswith("memory"):
        return memory(text)
    return cpu(text) if parameter.startswith("cpu") else whole(text)
