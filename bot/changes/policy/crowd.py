"""Whether enough people are there to carry something through: one who asks, and as many others as must agree.

Used before a button is drawn and before a request is taken, so that nobody waits for an approval that nobody can give.
Pure: who is in a user group is told by whoever knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.changes.policy.model import Holder, HolderKind

Members = Callable[[Holder], frozenset[str] | None]
"""The people behind a holder that is no single person; None where that cannot be told."""


def nobody_knows(_holder: Holder) -> frozenset[str] | None:
    """For callers that cannot ask: a group may hold anybody."""
    return None


def people_of(holders: Iterable[Holder], members: Members) -> frozenset[str] | None:
    """Everybody who holds something by these holders; None where that cannot be told, which may be enough people."""
    found: set[str] = set()
    for holder in holders:
        behind = frozenset({holder.id}) if holder.kind is HolderKind.USER else members(holder)
        if behind is None:
            return None
        found |= behind
    return frozenset(found)


def too_few(holders: Iterable[Holder], members: Members, needed: int, without: frozenset[str] = frozenset()) -> bool:
    """Whether certainly fewer than `needed` people hold it, `without` those who do not count."""
    if needed <= 0:
        return False
    people = people_of(holders, members)
    return people is not None and len(people - without) < needed
