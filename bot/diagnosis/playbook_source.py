"""The playbooks in force, kept up to date with their files. Made by the wiring; see `bot.yamlfile.reloading`."""

from __future__ import annotations

from pathlib import Path

from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse
from bot.yamlfile.files import Directory, Files
from bot.yamlfile.reloading import Reload, Reloaded, ReloadOutcome

__all__ = ["PlaybookSource", "Reload", "ReloadOutcome"]


class PlaybookSource(Reloaded[PlaybookSet]):
    """The playbooks of one directory, or of several places together."""

    def __init__(self, files: Path | Files) -> None:
        """Load them. Raises `PlaybooksRejected`: without a good set there is nothing to fall back on."""
        super().__init__(Directory(files) if isinstance(files, Path) else files, parse)
