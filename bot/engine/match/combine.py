"""Parts that must occur together: which hits of a signature's parts make one occurrence of it. Called by the matcher."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from bot.engine.match.blocks import Blocks
from bot.engine.match.hits import Hit
from bot.engine.match.times import Stamp, apart
from bot.playbook.schema import Within

_TRIED = 64
"""How many hits on either side of a part are tried as its partner: keeps dense logs linear."""

Stamps = Callable[[int], Stamp | None]


def combine(
    parts: Sequence[Sequence[Hit]], within: Within, blocks: Blocks, stamps: Stamps
) -> Iterator[tuple[Hit, ...]]:
    """Groups with one hit of every part, each hit used once, the nearest first. `parts` are in order of their lines."""
    if not all(parts):
        return
    rarest = min(range(len(parts)), key=lambda part: len(parts[part]))
    used: set[tuple[int, int]] = set()
    for hit in parts[rarest]:
        group = [hit]
        taken: list[tuple[int, int]] = []
        for part, others in enumerate(parts):
            if part == rarest:
                continue
            index = _nearest(hit, group, others, part, used, within, blocks, stamps)
            if index is None:
                break
            group.append(others[index])
            taken.append((part, index))
        else:
            used.update(taken)
            yield tuple(sorted(group, key=lambda member: (member.line, member.offset)))


def _nearest(  # noqa: PLR0913 - the bounds of one search
    anchor: Hit,
    group: Sequence[Hit],
    others: Sequence[Hit],
    part: int,
    used: set[tuple[int, int]],
    within: Within,
    blocks: Blocks,
    stamps: Stamps,
) -> int | None:
    """The index of the nearest free hit that may join the group, or None."""
    middle = bisect_left(others, anchor.line, key=lambda other: other.line)
    near = sorted(
        range(max(0, middle - _TRIED), min(len(others), middle + _TRIED)),
        key=lambda index: abs(others[index].line - anchor.line),
    )
    for index in near:
        if abs(others[index].line - anchor.line) > within.lines:
            return None
        if (part, index) not in used and all(
            _together(others[index], member, within, blocks, stamps) for member in group
        ):
            return index
    return None


def _together(one: Hit, other: Hit, within: Within, blocks: Blocks, stamps: Stamps) -> bool:
    if abs(one.line - other.line) > within.lines:
        return False
    if within.same:
        mine, theirs = dict(one.fields).get(within.same), dict(other.fields).get(within.same)
        if mine and theirs and mine != theirs:
            return False
    if within.block and blocks.head(one.line) != blocks.head(other.line):
        return False
    if within.seconds is None:
        return True
    seconds = apart(stamps(one.line), stamps(other.line))
    return seconds is None or seconds <= within.seconds
