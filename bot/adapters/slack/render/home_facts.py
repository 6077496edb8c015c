"""What the Home tab shows and this adapter does not know by itself: approvals, rights, monitors, the bot's health.

Implemented by whoever wires the bot; the default knows nothing, and the tab says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.adapters.slack.render.blocks import Json


@dataclass(frozen=True)
class HomeItem:
    """One line, with the buttons that belong to it (see `blocks.button`, `blocks.link_button`)."""

    sentence: str
    buttons: tuple[Json, ...] = ()


class HomeFacts(Protocol):
    """Asked each time a person opens the tab, from a worker thread. May raise `TriageError`: the tab then says so."""

    def approvals(self, team: str, user: str) -> Sequence[HomeItem]:
        """Changes that wait for this person's approval."""

    def rights(self, team: str, user: str) -> Sequence[str]:
        """What this person may do, and where, as sentences."""

    def monitors(self) -> Sequence[str]:
        """Each monitor with its state, as a sentence."""

    def health(self) -> Sequence[str]:
        """How the bot itself is; the first sentence sums it up."""


class NoFacts:
    """Knows nothing."""

    def approvals(self, team: str, user: str) -> Sequence[HomeItem]:  # noqa: ARG002  the protocol has them
        """See `HomeFacts`."""
        return ()

    def rights(self, team: str, user: str) -> Sequence[str]:  # noqa: ARG002
        """See `HomeFacts`."""
        return ()

    def monitors(self) -> Sequence[str]:
        """See `HomeFacts`."""
        return ()

    def health(self) -> Sequence[str]:
        """See `HomeFacts`."""
        return ()
