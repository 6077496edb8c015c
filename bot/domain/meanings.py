"""What lines of any program's log mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind of line in a paste: `what` it says in a few words, its first line and how many there are.

    `fields` are the named parts (`host`, `port`, `what`) of the first one. `own`: it is trouble of the program itself.
    """

    id: str
    what: str
    line: str
    line_number: int
    count: int = 1
    own: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
