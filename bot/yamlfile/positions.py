"""Where things stand in a playbook file, and what is wrong there.

Used by the reader, the loader and the lint to point every message at a line and a column. Knows nothing of playbooks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and indexes that lead from the top of a document to a value: `("causes", 0, "confirm")`."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text. `line` and `column` count from 1, in characters."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(slots=True)
class Positions:
    """Where a value begins, where its key stands, and the same for everything inside it."""

    value: Position = START
    key: Position | None = None
    children: dict[str | int, Positions] = field(default_factory=dict)

    def find(self, path: Iterable[str | int]) -> Positions:
        """What is at the path, or the nearest thing around it that the document has."""
        here = self
        for step in path:
            inner = here.children.get(step)
            if inner is None:
                return here
            here = inner
        return here

    def of(self, path: Iterable[str | int]) -> Position:
        """Where the value at the path begins."""
        return self.find(path).value

    def of_key(self, path: Iterable[str | int]) -> Position:
        """Where the key that holds the path's value stands; for an item of a list, where the item begins."""
        found = self.find(path)
        return found.key or found.value


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file. `file` is its name as a person would type it."""

    file: str
    position: Position
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.position.line}:{self.position.column}: {self.message}"
