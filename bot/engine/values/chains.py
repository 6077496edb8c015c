"""What the chain of a root cause is cut to, and what may stand at its end. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.diagnosis import Cause
from bot.domain.facts import Check

MOST = 8
"""Names that a chain has; of a longer one the middle is left out."""


def cut(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a chain; of a long one the middle is left out."""
    return names if len(names) <= MOST else (*names[:3], "…", *names[3 - MOST + 1 :])


def claim_of(cause: Cause, checks: Sequence[Check]) -> tuple[str, ...]:
    """The claim that a cause is about, as the last link of its chain; empty if it is about none."""
    facts = {name: value for check in checks if check.id in cause.because for name, value in check.facts.items()}
    claim = facts.get(f"{cause.component}.claims.name")
    return (f"claim {claim}",) if isinstance(claim, str) and claim else ()
