"""Keeps the playbooks in force up to date with their files.

Whoever wants fresh playbooks calls `refresh()` now and then (the scheduler does, and so may a command); everybody else
calls `current()`, which never touches the disk. Has no thread and no clock of its own. A set with mistakes is refused
whole: the last good set stays in force, and the outcome carries the mistakes once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bot.domain.errors import PlaybooksRejected
from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse
from bot.playbook.source import SourceFile, Stamp, read_directory, stamps


class Reload(StrEnum):
    """What a refresh came to."""

    UNCHANGED = "unchanged"
    """The files say what they said at the last refresh."""
    RELOADED = "reloaded"
    """New playbooks are in force."""
    REFUSED = "refused"
    """The files changed and have mistakes now; the last good playbooks stay in force."""
    RESTORED = "restored"
    """The mistakes are gone and the files say again what is in force."""


@dataclass(frozen=True, slots=True)
class ReloadOutcome:
    """What happened. `problems`: the mistakes of a set that was refused just now, as `file:line:column: message`."""

    result: Reload
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _State:
    """Everything that changes, replaced as a whole so that a reader on another thread never sees half of it."""

    playbooks: PlaybookSet
    good: str
    seen: str
    stamps: tuple[Stamp, ...]
    problems: tuple[str, ...] = ()


class PlaybookSource:
    """The playbooks of one directory. `current` may be called from any thread, `refresh` from one at a time."""

    def __init__(self, directory: Path) -> None:
        """Load the directory. Raises `PlaybooksRejected`: without a good set there is nothing to fall back on."""
        self._directory = directory
        seen_stamps = stamps(directory)
        sources = read_directory(directory)
        digest = _digest(sources)
        self._state = _State(parse(sources), digest, digest, seen_stamps)

    def current(self) -> PlaybookSet:
        """The playbooks in force."""
        return self._state.playbooks

    def problems(self) -> tuple[str, ...]:
        """Mistakes in the files as they are now, for which they are not in force; empty when they are."""
        return self._state.problems

    def refresh(self) -> ReloadOutcome:
        """Look whether files changed (names, sizes and times, then contents) and load them if they did.

        Cheap while nothing changes: a `stat` per file. Never raises for what is in the files.
        """
        state = self._state
        now = stamps(self._directory)  # before reading, so that a change meanwhile is seen the next time
        if now == state.stamps:
            return ReloadOutcome(Reload.UNCHANGED)
        sources = read_directory(self._directory)
        digest = _digest(sources)
        if digest == state.seen:
            self._state = replace(state, stamps=now)
            return ReloadOutcome(Reload.UNCHANGED)
        if digest == state.good:
            self._state = replace(state, stamps=now, seen=digest, problems=())
            return ReloadOutcome(Reload.RESTORED)
        return self._load(sources, digest, now)

    def _load(self, sources: tuple[SourceFile, ...], digest: str, now: tuple[Stamp, ...]) -> ReloadOutcome:
        try:
            playbooks = parse(sources)
        except PlaybooksRejected as error:
            self._state = replace(self._state, stamps=now, seen=digest, problems=error.problems)
            return ReloadOutcome(Reload.REFUSED, error.problems)
        self._state = _State(playbooks, digest, digest, now)
        return ReloadOutcome(Reload.RELOADED)


def _digest(sources: Iterable[SourceFile]) -> str:
    """Names and contents in one hash, unambiguously."""
    hashed = hashlib.sha256()
    for source in sources:
        for field in (source.name.encode(), source.refusal.encode(), source.content):
            hashed.update(len(field).to_bytes(8, "big"))
            hashed.update(field)
    return hashed.hexdigest()
