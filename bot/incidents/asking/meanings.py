"""What a sentence may mean, and the names that it may hold. Used by `meaning` and by whoever answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What somebody wants."""

    TRIAGE = "triage"
    """Look at an app, a workload or a namespace."""
    CHOOSE = "choose"
    """The same, but two are named."""
    STATUS = "status"
    """How are things here; look again."""
    WHY = "why"
    ACT = "act"
    """Do something."""
    WHO = "who"
    """Who may do something about it."""
    CHANGES = "changes"
    """What was changed."""
    SINCE = "since"
    LOGS = "logs"
    """Show the log."""
    HELP = "help"
    NOTHING = "nothing"
    """Thanks, and the like: no answer is wanted."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class KnownNames:
    """The names there are: apps as (id, title); namespaces and workloads (`deployment/api-server`) known now."""

    apps: Sequence[tuple[str, str]] = ()
    namespaces: frozenset[str] = frozenset()
    workloads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Understood:
    """What it means. `apps` are ids (or one workload) to look at, `act` a kind of `lexicon.ACTS`, `about` the words
    after it: what it is to be done to."""

    meaning: Intent
    apps: tuple[str, ...] = ()
    namespace: str | None = None
    act: str = ""
    about: str = ""
