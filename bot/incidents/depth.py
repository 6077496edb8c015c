"""How much of a diagnosis is told: a card is one screen on a phone, a terminal scrolls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Depth:
    """At most so many of each; what is left out is counted, with `elsewhere` saying where it stands.

    fixes: how many are told in full, the others by their titles
    calls: failed calls in logs, told only where `whole`
    whole: nothing is cut that a terminal can show: ids of causes, notes of fixes, how far each pasted call got
    """

    root_causes: int = 3
    facts: int = 4
    explained: int = 5
    unexplained: int = 4
    open_causes: int = 3
    ruled_out: int = 3
    gaps: int = 6
    notes: int = 2
    fixes: int = 1
    calls: int = 6
    elsewhere: str = " (see the details)"
    whole: bool = False


ON_A_CARD = Depth()
IN_A_TERMINAL = Depth(20, 8, 12, 40, 6, 40, 100, 40, 20, 20, elsewhere=" (--output json has all)", whole=True)
