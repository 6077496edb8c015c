"""In which zone an app's containers write their times, by the kubelet's time before each line of a log. Pure.

A program mostly writes its times without a zone. The logs that a diagnosis reads carry the kubelet's own time, which
has one: the difference is the zone of that container. What is pasted from the same app is then read in that zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.attribution import Owner
from bot.domain.symptoms import Symptom
from bot.domain.view import ContainerLog, View
from bot.engine.checks.logs import log_lines
from bot.engine.match.times import stamp_of

_STEP = timedelta(minutes=15)
"""Zones differ from UTC by whole quarters of an hour."""
_LATE = timedelta(seconds=60)
"""How much later than written a line may reach the kubelet."""
_WIDEST = timedelta(hours=14)
_LINES = 200
"""Lines of each log that are looked at, from its end."""
_TWICE = 2
"""Lines that must say the same: one may have waited in a buffer."""


def in_their_zone(symptoms: Sequence[Symptom], view: View) -> list[Symptom]:
    """The symptoms; those whose times name no zone in that of this app's containers, if all write in one."""
    open_ones = [item for item in symptoms if _is_open(item)]
    zone = zone_of(view.logs) if open_ones else None
    return [item if zone is None or not _is_open(item) else _moved(item, zone) for item in symptoms]


def zone_of(logs: Sequence[ContainerLog]) -> timedelta | None:
    """How far ahead of UTC the containers write their times; None if none tells, or they differ."""
    zones: list[timedelta] = []
    for log in logs:
        said = _said_by(log)
        zones += [zone for zone in set(said) if said.count(zone) >= _TWICE]
    return zones[0] if zones and len(set(zones)) == 1 else None


def _said_by(log: ContainerLog) -> list[timedelta]:
    found: list[timedelta] = []
    for line in list(log_lines(log))[-_LINES:]:
        stamp = stamp_of("", line.text) if line.time is not None else None
        if line.time is None or stamp is None or stamp.zone_known or not stamp.dated:
            continue
        # What was written a moment before it was seen: rounded up to the next quarter of an hour.
        ahead = stamp.time - line.time
        zone = -((-ahead) // _STEP) * _STEP
        if abs(zone - ahead) <= _LATE and abs(zone) <= _WIDEST:
            found.append(zone)
    return found


def _is_open(symptom: Symptom) -> bool:
    ours = symptom.attribution.owner is Owner.OURS and symptom.own_clock
    return ours and not symptom.zone_known and symptom.last_seen is not None


def _moved(symptom: Symptom, zone: timedelta) -> Symptom:
    first, last = symptom.first_seen, symptom.last_seen
    return replace(
        symptom,
        first_seen=first - zone if first else None,
        last_seen=last - zone if last else None,
        zone_known=True,
    )
