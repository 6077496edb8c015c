"""Who may act on the schedule. Implemented by the elector; a single replica without rivals leads for ever."""

from __future__ import annotations

from typing import Protocol


class Leadership(Protocol):
    """Whether this process leads."""

    def term(self) -> int | None:
        """The number of its term while it certainly leads; None otherwise. Higher terms are newer. Costs nothing."""
