"""What running for a long time needs from the database besides its rows: its state, and an end to old rows.

Implemented by `bot.adapters.store`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """Whether the database can be worked with, for readiness and `triage doctor`.

    backend:  `sqlite` or `postgresql`; place: file, or host and database, without user and password
    version:  of its tables; empty when it has none or cannot be asked. expected: what this program needs
    problem:  why it cannot be used, as a sentence; audit_problem: why nothing can be audited, so that nobody may act
    """

    backend: str
    place: str
    reachable: bool
    version: str
    expected: str
    problem: str = ""
    audit_problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether diagnoses can be answered. Without audit they can; only acting stops."""
        return self.reachable and not self.problem
