"""Which fields the kinds of remedy change, as `bot.engine.remedies.registry` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.engine.remedies.fields import Field
from bot.engine.remedies.registry import REGISTRY

FIELDS: Mapping[str, tuple[Field, ...]] = {kind: row.changes for kind, row in REGISTRY.items()}


def fields_of(kinds: Iterable[str]) -> frozenset[Field]:
    """Everything that these kinds change. Raises `ValueError` for a kind that is not in the registry."""
    named = tuple(kinds)
    forgotten = sorted(set(named) - set(FIELDS))
    if forgotten:
        raise ValueError(f"The field guard does not know what {', '.join(forgotten)} changes: add a row to REGISTRY.")
    return frozenset(field for kind in named for field in FIELDS[kind])
