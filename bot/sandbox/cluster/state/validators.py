"""Validating admission policies of the simulated API server, as functions. Used by the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object


@dataclass(frozen=True)
class Admission:
    """A person's write on its way, as a policy sees it. `old` or `new` is None for what is created or deleted."""

    kind: Kind
    operation: str
    old: Object | None
    new: Object | None
    user: str
    groups: tuple[str, ...]
    subresource: str = ""

    @property
    def name(self) -> str:
        """The object's name."""
        return str((self.new or self.old or {})["metadata"]["name"])


Validator = Callable[[Admission], str]
"""What a policy says against a write, as the API server words it; empty lets it pass."""
