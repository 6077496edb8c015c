"""Messages that differ only in numbers that tell nothing (their time, an id, a counter): read once, then counted.

A log of nothing but failed calls has tens of thousands of messages and a handful of forms. A form is what stands
between the numbers; of a form that was read, only the numbers that its reading rested on are looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.calls.telling import ReportedCall

# With what is joined to it: a time, an address with its port, an id in hexadecimal digits.
_NUMBER = re.compile(rb"([0-9a-f]{0,8}\d[0-9a-f]*(?:[-:.,/T][0-9a-f]{0,8}\d[0-9a-f]*)*)")
_LONGEST = 8 * 1024
"""Longer messages are read one by one."""

_FORMS = 2000
_READINGS = 2000
"""How many readings of one form are kept: one for each destination."""


@dataclass(slots=True)
class _Form:
    """One form: the places of the numbers that its readings rested on, and the readings by what stood there."""

    needed: frozenset[int] = frozenset()
    order: tuple[int, ...] = ()
    readings: dict[tuple[bytes | None, ...], tuple[ReportedCall, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Split:
    """A message taken apart."""

    form: tuple[bytes, ...]
    numbers: tuple[bytes, ...]


class Templates:
    """The forms of one text. Not shared between threads.

    `telling`: the numbers that tell something wherever they stand, each by itself (`CallPatterns.telling`).
    """

    def __init__(self, telling: Mapping[bytes, bytes]) -> None:
        self._telling = telling
        self._forms: dict[tuple[bytes, ...], _Form] = {}

    def split(self, message: bytes) -> Split | None:
        """The message taken apart; None for one that is too long."""
        if len(message) > _LONGEST:
            return None
        parts = _NUMBER.split(message)
        return Split(tuple(parts[::2]), tuple(parts[1::2]))

    def known(self, split: Split) -> tuple[ReportedCall, ...] | None:
        """What a message of this form with the same numbers told; None if none was read."""
        form = self._forms.get(split.form)
        return None if form is None else form.readings.get(self._key(form, split.numbers))

    def learn(self, split: Split, spans: Sequence[tuple[int, int]], told: tuple[ReportedCall, ...]) -> None:
        """Keep what a message told; `spans` are the stretches of it on which that rests."""
        form = self._forms.get(split.form)
        if form is None:
            if len(self._forms) >= _FORMS:
                return
            form = self._forms[split.form] = _Form()
        needed = form.needed | _touched(split, spans)
        if needed != form.needed:
            form.needed, form.order = needed, tuple(sorted(needed))
            form.readings.clear()
        if len(form.readings) < _READINGS:
            form.readings[self._key(form, split.numbers)] = told

    def _key(self, form: _Form, numbers: Sequence[bytes]) -> tuple[bytes | None, ...]:
        return (*map(self._telling.get, numbers), *[numbers[place] for place in form.order])


def _touched(split: Split, spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Which numbers of a message lie in one of the spans, or at its edge."""
    found: set[int] = set()
    at = 0
    for place, number in enumerate(split.numbers):
        at += len(split.form[place])
        end = at + len(number)
        if any(start <= end and at <= stop for start, stop in spans):
            found.add(place)
        at = end
    return frozenset(found)
