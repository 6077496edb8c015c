"""Parts that must occur together: which hits make one occurrence of a signature. Called by the matcher."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from bot.engine.match.hits import Hit
from bot.engine.match.times import LogTime, apart
from bot.playbook.schema import Within

_TRIED = 12
"""How many free hits on either side of a part are tried as its partner: keeps dense logs linear."""

Stamps = Callable[[Hit], LogTime | None]


def combine(parts: Sequence[Sequence[Hit]], within: Within, stamps: Stamps) -> Iterator[tuple[Hit, ...]]:
    """Groups with one hit of every part, each hit used once, the nearest first. Each part's hits are in order."""
    if not all(parts):
        return
    rarest = min(range(len(parts)), key=lambda part: len(parts[part]))
    free = {part: _Free(hits) for part, hits in enumerate(parts) if part != rarest}
    for hit in parts[rarest]:
        group = [hit]
        taken: list[tuple[int, int]] = []
        for part, others in free.items():
            index = next(
                (near for near in others.near(hit, within) if _fits(parts[part][near], group, within, stamps)), None
            )
            if index is None:
                break
            group.append(parts[part][index])
            taken.append((part, index))
        else:
            for part, index in taken:
                free[part].take(index)
            yield tuple(sorted(group))


class _Free:
    """The hits of one part that no group has used yet."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._lines = [hit.line for hit in hits]
        self._left = list(range(-1, len(hits) - 1))
        self._right = list(range(1, len(hits) + 1))
        self._used = bytearray(len(hits))

    def near(self, hit: Hit, within: Within) -> Iterator[int]:
        """The free hits within so many lines, the nearest first; at most _TRIED on either side."""
        middle = bisect_left(self._lines, hit.line)
        right, left = self._next(middle), self._previous(middle - 1)
        for _ in range(2 * _TRIED):
            ahead = self._lines[right] - hit.line if right < len(self._lines) else within.lines + 1
            behind = hit.line - self._lines[left] if left >= 0 else within.lines + 1
            if min(ahead, behind) > within.lines:
                return
            if ahead <= behind:
                yield right
                right = self._next(right + 1)
            else:
                yield left
                left = self._previous(left - 1)

    def take(self, index: int) -> None:
        """This hit is used."""
        self._used[index] = 1

    def _next(self, index: int) -> int:
        """The first free hit from here on, or the number of hits. Remembers what it has skipped."""
        passed: list[int] = []
        while index < len(self._used) and self._used[index]:
            passed.append(index)
            index = self._right[index]
        for step in passed:
            self._right[step] = index
        return index

    def _previous(self, index: int) -> int:
        """The last free hit up to here, or -1."""
        passed: list[int] = []
        while index >= 0 and self._used[index]:
            passed.append(index)
            index = self._left[index]
        for step in passed:
            self._left[step] = index
        return index


def _fits(hit: Hit, group: Sequence[Hit], within: Within, stamps: Stamps) -> bool:
    return all(_together(hit, member, within, stamps) for member in group)


def _together(one: Hit, other: Hit, within: Within, stamps: Stamps) -> bool:
    if abs(one.line - other.line) > within.lines or (within.block and one.head != other.head):
        return False
    if within.same:
        mine, theirs = dict(one.fields).get(within.same), dict(other.fields).get(within.same)
        if mine and theirs and mine != theirs:
            return False
    if within.seconds is None:
        return True
    seconds = apart(stamps(one), stamps(other))
    return seconds is None or seconds <= within.seconds
