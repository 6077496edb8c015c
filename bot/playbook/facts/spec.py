"""How the catalogue states a fact: its type, its meaning, and the check that yields it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.facts import FactType


@dataclass(frozen=True, slots=True)
class FactSpec:
    """Type and meaning of a fact, and the suffix of the check that yields it."""

    type: FactType
    check: str
    description: str


def facts_of_check(check: str, **specs: tuple[FactType, str]) -> dict[str, FactSpec]:
    """Facts of one check; double underscores in the keyword stand for dots."""
    return {name.replace("__", "."): FactSpec(kind, check, text) for name, (kind, text) in specs.items()}
