"""The playbooks in force, kept up to date with their files. Made by the wiring; see `bot.diagnosis.reloading`."""

from __future__ import annotations

from pathlib import Path

from bot.diagnosis.reloading import Reload, Reloaded, ReloadOutcome
from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse

__all__ = ["PlaybookSource", "Reload", "ReloadOutcome"]


class PlaybookSource(Reloaded[PlaybookSet]):
    """The playbooks of one directory."""

    def __init__(self, directory: Path) -> None:
        """Load the directory. Raises `PlaybooksRejected`: without a good set there is nothing to fall back on."""
        super().__init__(directory, parse)
