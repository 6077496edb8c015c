"""The monitors in force, kept up to date with their files. Made by the wiring; see `bot.yamlfile.reloading`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.monitors.loader import NO_MONITORS, MonitorSet, parse_monitors
from bot.playbook.loaded import PlaybookSet
from bot.yamlfile.files import Directory, SourceFile, stamps
from bot.yamlfile.reloading import Reloaded


class MonitorSource(Reloaded[MonitorSet]):
    """The monitors of one directory. An empty one holds none; one that is not there is a mistake."""

    def __init__(self, directory: Path, playbooks: Callable[[], PlaybookSet], clusters: frozenset[str] | None) -> None:
        """Load the directory. Raises `MonitorsRejected`: without a good set there is nothing to fall back on."""

        def parse(sources: tuple[SourceFile, ...]) -> MonitorSet:
            if directory.is_dir() and not stamps(directory):
                return NO_MONITORS
            return parse_monitors(sources, playbooks(), clusters)

        super().__init__(Directory(directory), parse)
