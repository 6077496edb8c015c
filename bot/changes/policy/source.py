"""Keeps the policy in force up to date with its file, and closes everything while there is none.

`refresh()` is called now and then (by whoever refreshes the playbooks); everybody else calls `current()`, which never
touches the disk. Unlike playbooks, the last good policy does not stay in force: a file that cannot be understood may
have been meant to take somebody's rights away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.changes.policy.loader import parse
from bot.changes.policy.model import Closed, Policy
from bot.domain.errors import PolicyRejected
from bot.playbook.source import SourceFile, Stamp, read_file, stamp

HOW_TO_MAKE_ONE = (
    "Copy deploy/policy/policy.yaml, fill in who may act, check it with `triage policy check FILE`, "
    "and name it with TRIAGE_POLICY."
)


class Reload(StrEnum):
    """What a refresh came to."""

    UNCHANGED = "unchanged"
    """The file says what it said at the last refresh."""
    LOADED = "loaded"
    """Another policy is in force, or one again."""
    CLOSED = "closed"
    """The file changed and is missing or has mistakes now: nobody may act."""


@dataclass(frozen=True, slots=True)
class PolicyReload:
    """What happened. `problems`: the mistakes of a file that was refused just now, as `file:line:column: message`."""

    result: Reload
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _State:
    """Everything that changes, replaced as a whole so that a reader on another thread never sees half of it."""

    policy: Policy | Closed
    stamp: Stamp | None = None
    source: SourceFile | None = None


class PolicySource:
    """The policy of one file. `current` may be called from any thread, `refresh` from one at a time. Never raises."""

    def __init__(self, path: Path | None) -> None:
        """Load the file. `path` None: no policy is configured, so nobody may act."""
        self._path = path
        self._state = _State(_not_configured()) if path is None else _read(path)

    def current(self) -> Policy | Closed:
        """The policy in force, or why there is none."""
        return self._state.policy

    def refresh(self) -> PolicyReload:
        """Look whether the file changed (its size and times, then its contents) and load it if it did."""
        if self._path is None:
            return PolicyReload(Reload.UNCHANGED)
        before = self._state
        if before.stamp is not None and stamp(self._path) == before.stamp:
            return PolicyReload(Reload.UNCHANGED)
        now = _read(self._path)
        self._state = now
        if now.source == before.source:
            return PolicyReload(Reload.UNCHANGED)
        if isinstance(now.policy, Closed):
            return PolicyReload(Reload.CLOSED, now.policy.problems)
        return PolicyReload(Reload.LOADED)


def _read(path: Path) -> _State:
    seen = stamp(path)  # before reading, so that a change meanwhile is seen the next time
    source = read_file(path, path.name)
    return _State(_parsed(path, source, seen), seen, source)


def _parsed(path: Path, source: SourceFile, seen: Stamp | None) -> Policy | Closed:
    if seen is None and source.refusal:
        return Closed(
            f"There is no policy: the file {path} is not there, so nobody may change anything.", HOW_TO_MAKE_ONE
        )
    try:
        return parse(source)
    except PolicyRejected as error:
        first, more = error.problems[0], len(error.problems) - 1
        others = "" if not more else " (and 1 more mistake)" if more == 1 else f" (and {more} more mistakes)"
        return Closed(
            f"The policy is broken, so nobody may change anything: {first}{others}.",
            "Correct the file; `triage policy check` lists all mistakes. It is read again by itself.",
            error.problems,
        )


def _not_configured() -> Closed:
    return Closed("There is no policy, so nobody may change anything.", HOW_TO_MAKE_ONE)
