"""What one message tells about failed calls.

A stack of errors that caused each other is one call, told by its innermost cause.

Called by the reader with the places in the message where a rule was found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.calls import CallFailure
from bot.engine.calls.destination import Destination, joined
from bot.engine.calls.patterns import CallPatterns
from bot.playbook.failed_calls.rules import CallRule

SURE = 85
"""From this weight on, words tell of a failure by themselves: two of them about two destinations are two calls."""


_GROUPED = re.compile(rb"^[ \t|]*\+(?P<deeper>-\+)?-{3,20} (?:\d+|\.\.\.) -{3,20}", re.MULTILINE)
"""Above each exception of Python's ExceptionGroup; `deeper` above the first one of a group."""


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule found in a message. `status` is the HTTP status that it names."""

    start: int
    end: int
    rule: CallRule
    status: int | None = None

    @property
    def kinds(self) -> tuple[CallFailure, ...]:
        return (self.rule.kind, *self.rule.also)


@dataclass(frozen=True, slots=True)
class ReportedCall:
    """One failed call, as one message tells it. `at` is the offset of its words, which says nothing of the call.

    `is_counted_only`: its destination was not looked at, since very many messages of its kind were read before.
    """

    at: int = field(compare=False)
    kind: CallFailure
    also: tuple[CallFailure, ...]
    weight: int
    host: str | None = None
    address: str | None = None
    port: int | None = None
    status: int | None = None
    client: str = ""
    is_counted_only: bool = False

    @property
    def kinds(self) -> tuple[CallFailure, ...]:
        return (self.kind, *self.also)


def told_by(
    patterns: CallPatterns, text: bytes, words: Sequence[FoundRule], places: Sequence[Destination]
) -> tuple[ReportedCall, ...]:
    """The failed calls of one message; `words` and `places` in order of where they stand in `text`."""
    client = next(
        (patterns.clients[number] for number in patterns.speaking.candidates(text) if _found(patterns, number, text)),
        "",
    )
    parts = [part for grouped in _grouped(text, words, places) for part in _parts(text, *grouped)]
    calls = [replace(_one(text, group, around), client=client) for group, around in parts]
    return tuple(dict.fromkeys(calls))


def _grouped(
    text: bytes, words: Sequence[FoundRule], places: Sequence[Destination]
) -> list[tuple[Sequence[FoundRule], Sequence[Destination]]]:
    """The words and places of each exception of a group, which did not cause each other; all, if there is no group."""
    marks = list(_GROUPED.finditer(text)) if b"+-" in text else []
    found: list[tuple[Sequence[FoundRule], Sequence[Destination]]] = []
    for number, mark in enumerate(marks):
        low, high = mark.end(), marks[number + 1].start() if number + 1 < len(marks) else len(text)
        if number + 1 < len(marks) and marks[number + 1]["deeper"]:
            continue  # The head of a group within the group.
        own = [one for one in words if low <= one.start < high]
        if own:
            found.append((own, [one for one in places if low <= one.start < high]))
    return found or [(words, places)]


def _found(patterns: CallPatterns, number: int, text: bytes) -> bool:
    return patterns.speaking.regexes[number].search(text) is not None


def _one(text: bytes, words: Sequence[FoundRule], places: Sequence[Destination]) -> ReportedCall:
    best = _innermost(text, words)
    kind, also = best.rule.kind, best.rule.also
    if also and best.rule.weight < SURE:
        exact = [one for one in words if not one.rule.also and one.rule.kind in best.kinds]
        if exact:
            kind, also = max(exact, key=lambda one: one.rule.weight).rule.kind, ()
        else:
            kind, also = _narrowed(kind, also, words)
    status = next((one.status for one in (best, *words) if one.status is not None), None)
    if kind is CallFailure.HTTP_STATUS:
        also = _also_by_status(status, also)
    host, address, port = joined(places)
    at = _telling_line(text, [one for one in words if one.rule.kind is kind] or [best], places)
    return ReportedCall(at, kind, also, best.rule.weight, host, address, port, status)


def _telling_line(text: bytes, words: Sequence[FoundRule], places: Sequence[Destination]) -> int:
    """Where the line is that people are shown: one that names the destination, else the first one."""
    for one in words:
        end = text.find(b"\n", one.end)
        low, high = text.rfind(b"\n", 0, one.start) + 1, end if end >= 0 else len(text)
        if any(low <= place.start < high for place in places):
            return one.start
    return words[0].start


def _innermost(text: bytes, words: Sequence[FoundRule]) -> FoundRule:
    """The heaviest words; of equals the first, or the last where causes are printed last (Java, Node)."""
    heaviest = max(one.rule.weight for one in words)
    equals = [one for one in words if one.rule.weight == heaviest]
    return equals[-1] if b"Caused by:" in text or b"cause]:" in text else equals[0]


def _narrowed(
    kind: CallFailure, also: tuple[CallFailure, ...], words: Sequence[FoundRule]
) -> tuple[CallFailure, tuple[CallFailure, ...]]:
    """What all words leave open together."""
    for other in words:
        both = [one for one in (kind, *also) if one in other.kinds]
        if both:
            kind, also = both[0], tuple(both[1:])
    return kind, also


def _also_by_status(status: int | None, also: tuple[CallFailure, ...]) -> tuple[CallFailure, ...]:
    if status in (401, 403):
        return (*also, CallFailure.LOGIN_REFUSED)
    return (*also, CallFailure.LIMIT) if status == 429 else also


def _parts(
    text: bytes, words: Sequence[FoundRule], places: Sequence[Destination]
) -> list[tuple[Sequence[FoundRule], Sequence[Destination]]]:
    """The message in as many parts as it has calls: two failures on one line, each with a destination of its own."""
    sure = [one for one in words if one.rule.weight >= SURE]
    if len(sure) < 2 or len(places) < 2:
        return [(words, places)]
    own: list[tuple[FoundRule, Destination | None]] = []
    before = 0
    for number, one in enumerate(sure):
        after = sure[number + 1].start if number + 1 < len(sure) else len(text)
        own.append((one, _own(text, places, one, before, after)))
        before = one.end
    groups: list[tuple[list[FoundRule], list[Destination]]] = []
    for one, place in own:
        if place is None:
            continue
        group = next((group for group in groups if not _apart(group, one, place)), None)
        if group is None:
            groups.append(([one], [place]))
        else:
            group[0].append(one)
            group[1].append(place)
    if len(groups) < 2 or not _on_one_line(text, groups):
        return [(words, places)]
    return [(found, around) for found, around in groups]


def _own(text: bytes, places: Sequence[Destination], words: FoundRule, before: int, after: int) -> Destination | None:
    """The destination beside these words, on their line: between the words before and those after."""
    low = max(before, text.rfind(b"\n", 0, words.start))
    end = text.find(b"\n", words.end)
    high = min(after, end if end >= 0 else len(text))
    near = [one for one in places if low <= one.start and one.end <= high + 200 and one.start < high]
    if not near:
        return None
    return min(near, key=lambda one: max(0, one.start - words.end, words.start - one.end))


def _apart(group: tuple[list[FoundRule], list[Destination]], words: FoundRule, place: Destination) -> bool:
    if any(place.differs(other) for other in group[1]):
        return True
    kinds = {kind for one in group[0] for kind in one.kinds}
    if kinds & set(words.kinds):
        return False
    return all(_is_other_address(place, other) for other in group[1])


def _is_other_address(one: Destination, other: Destination) -> bool:
    """Two addresses of one family. Of two families they are the same destination, tried in both ways."""
    if one.host or other.host or not one.address or not other.address or one.address == other.address:
        return False
    return (":" in one.address) == (":" in other.address)


def _on_one_line(text: bytes, groups: Sequence[tuple[list[FoundRule], list[Destination]]]) -> bool:
    first, last = groups[0][0][0], groups[-1][0][0]
    return b"\n" not in text[min(first.start, last.start) : max(first.start, last.start)]
