"""Keeps what was read from files up to date with them.

Used for playbooks, policy and monitors. Whoever wants fresh ones calls `refresh()` now and then; everybody else calls
`current()`, which never touches the disk. Has no thread and no clock of its own. A set with mistakes is refused whole:
the last good set stays in force, and the outcome carries the mistakes once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from bot.domain.errors import FilesRejected
from bot.yamlfile.files import Files, SourceFile, Stamp

Loaded = TypeVar("Loaded")


class Reload(StrEnum):
    """What a refresh came to."""

    UNCHANGED = "unchanged"
    """The files say what they said at the last refresh."""
    RELOADED = "reloaded"
    """New ones are in force."""
    REFUSED = "refused"
    """The files changed and have mistakes now; the last good ones stay in force."""
    RESTORED = "restored"
    """The mistakes are gone and the files say again what is in force."""


@dataclass(frozen=True, slots=True)
class ReloadOutcome:
    """What happened. `problems`: the mistakes of a set that was refused just now, as `file:line:column: message`."""

    result: Reload
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _State(Generic[Loaded]):
    """Everything that changes, replaced as a whole so that a reader on another thread never sees half of it."""

    loaded: Loaded
    good: str
    seen: str
    stamps: tuple[Stamp, ...]
    problems: tuple[str, ...] = ()


class Reloaded(Generic[Loaded]):
    """What `parse` makes of some files. `current` may be called from any thread, `refresh` from one at a time.

    `parse` raises a `FilesRejected` for files with mistakes.
    """

    def __init__(self, files: Files, parse: Callable[[tuple[SourceFile, ...]], Loaded]) -> None:
        """Load the files. Raises `FilesRejected`: without a good set there is nothing to fall back on."""
        self._files = files
        self._parse = parse
        seen_stamps = files.stamps()
        sources = files.read()
        digest = _digest(sources)
        self._state: _State[Loaded] = _State(parse(sources), digest, digest, seen_stamps)

    def current(self) -> Loaded:
        """What is in force."""
        return self._state.loaded

    def problems(self) -> tuple[str, ...]:
        """Mistakes in the files as they are now, for which they are not in force; empty when they are."""
        return self._state.problems

    def refresh(self) -> ReloadOutcome:
        """Look whether files changed (names, sizes and times, then contents) and load them if they did.

        Cheap while nothing changes: a `stat` per file. Never raises for what is in the files.
        """
        state = self._state
        now = self._files.stamps()  # before reading, so that a change meanwhile is seen the next time
        if now == state.stamps:
            return ReloadOutcome(Reload.UNCHANGED)
        sources = self._files.read()
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
            loaded = self._parse(sources)
        except FilesRejected as error:
            self._state = replace(self._state, stamps=now, seen=digest, problems=error.problems)
            return ReloadOutcome(Reload.REFUSED, error.problems)
        self._state = _State(loaded, digest, digest, now)
        return ReloadOutcome(Reload.RELOADED)


def _digest(sources: Iterable[SourceFile]) -> str:
    """Names and contents in one hash, unambiguously."""
    hashed = hashlib.sha256()
    for source in sources:
        for field in (source.name.encode(), source.refusal.encode(), source.content):
            hashed.update(len(field).to_bytes(8, "big"))
            hashed.update(field)
    return hashed.hexdigest()
