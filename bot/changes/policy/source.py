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
from bot.yamlfile.files import OneFile, SourceFile
from bot.yamlfile.reloading import Reload, Reloaded

HOW_TO_MAKE_ONE = (
    "Copy deploy/policy/policy.yaml, fill in who may act, check it with `triage policy check FILE`, "
    "and name it with TRIAGE_POLICY."
)


class PolicyReloadResult(StrEnum):
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

    result: PolicyReloadResult
    problems: tuple[str, ...] = ()


class PolicySource:
    """The policy of one file. `current` may be called from any thread, `refresh` from one at a time. Never raises."""

    def __init__(self, path: Path | None) -> None:
        """Load the file. `path` None: no policy is configured, so nobody may act."""
        self._file = None if path is None else Reloaded(OneFile(path), _parsed)

    def current(self) -> Policy | Closed:
        """The policy in force, or why there is none."""
        return _not_configured() if self._file is None else self._file.current()

    def refresh(self) -> PolicyReload:
        """Look whether the file changed (its size and times, then its contents) and load it if it did."""
        if self._file is None or self._file.refresh().result is Reload.UNCHANGED:
            return PolicyReload(PolicyReloadResult.UNCHANGED)
        now = self._file.current()
        return (
            PolicyReload(PolicyReloadResult.CLOSED, now.problems)
            if isinstance(now, Closed)
            else PolicyReload(PolicyReloadResult.LOADED)
        )


def _parsed(sources: tuple[SourceFile, ...]) -> Policy | Closed:
    """The policy of the file. Mistakes close instead of being refused, so there is no last good one to fall back on."""
    (source,) = sources
    if source.absent:
        return Closed(
            f"There is no policy: the file {source.path} is not there, so nobody may change anything.",
            HOW_TO_MAKE_ONE,
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
