"""What a paste says: symptoms, their lines and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.attribution import OURS, Attribution
from bot.domain.calls import FailedCall
from bot.domain.meanings import Meaning
from bot.domain.mentions import MentionedObject


@dataclass(frozen=True, slots=True)
class Symptom:
    """One known error found in a paste.

    `lines` are the cleaned lines that showed it (bounded), `count` how often it occurred, `fields` the named parts of
    its first occurrence (address, port, request id…). `first_seen` and `last_seen` are the times in the paste itself
    (timezone-aware; a log that names no zone is read as UTC and `zone_known` is False; then `own_clock` says whether
    the program itself wrote them, in the zone of its container), or None; `yearless` the same of a log that names day
    and month and no year (syslog, klog): their year means nothing. `calls` are the failed calls that its messages tell
    of. `attribution` says whether it is this app's error at all. `over`: the line further down, of the same process,
    which shows that it is over, and `over_line` that line's number; empty and 0 where nothing shows it.
    """

    id: str
    title: str
    playbook: str
    app: str
    count: int
    lines: tuple[str, ...]
    line_numbers: tuple[int, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    signature: str = ""
    source: str = ""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    zone_known: bool = True
    own_clock: bool = False
    yearless: tuple[datetime, datetime] | None = None
    calls: tuple[FailedCall, ...] = ()
    attribution: Attribution = OURS
    over: str = ""
    over_line: int = 0


@dataclass(frozen=True, slots=True)
class PasteReading:
    """What a paste says: `symptoms` are of an app, or could be; `foreign` ones look so, and are another program's.

    `calls` are all failed calls that it tells of, in the order of the text; `mentions` the objects of Kubernetes that
    it names, those in trouble first; `meanings` what its lines mean in any program's log.
    """

    symptoms: tuple[Symptom, ...] = ()
    foreign: tuple[Symptom, ...] = ()
    calls: tuple[FailedCall, ...] = ()
    mentions: tuple[MentionedObject, ...] = ()
    meanings: tuple[Meaning, ...] = ()


NOTHING_SAID = PasteReading()
"""Of an empty text."""
