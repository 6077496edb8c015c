"""The shape of one row of the fault tables, and the steps a row may take after the app has been applied."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tests.cluster.app import App
from tests.cluster.conditions import Condition
from tests.cluster.kubectl import Object

Verdict = Literal["fault_found", "recovered", "healthy", "inconclusive"]
EXIT_CODES: dict[Verdict, int] = {"healthy": 0, "recovered": 0, "fault_found": 1, "inconclusive": 2}


class Paste(Enum):
    """What a person pastes, when it is not a fixed text."""

    WEB_LOG = "the last lines of the web server's own log"


@dataclass(frozen=True)
class Step:
    """Something done to the standing app once a condition holds: a kubectl command, or objects to apply."""

    when: Condition
    command: tuple[str, ...] = ()
    objects: tuple[Object, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One way to break the app, and what an honest diagnosis of it says.

    `mentions` are words that the titles of the root causes must contain together (the name of a dependency, say);
    `seconds` is how long the fault may take to develop.
    """

    id: str
    app: Callable[[], App]
    developed: Condition
    causes: frozenset[str]
    steps: tuple[Step, ...] = ()
    paste: str | Paste | None = None
    verdict: Verdict = "fault_found"
    mentions: tuple[str, ...] = ()
    seconds: float = 240

    @property
    def namespace(self) -> str:
        return f"onyx-{self.id}"


def fault(
    id: str,  # noqa: A002
    app: Callable[[], App],
    developed: Condition,
    *causes: str,
    steps: tuple[Step, ...] = (),
    paste: str | Paste | None = None,
    verdict: Verdict = "fault_found",
    mentions: tuple[str, ...] = (),
) -> Fault:
    """A row: what to apply, how to know that the fault is there, its root causes, and what else is particular."""
    return Fault(id, app, developed, frozenset(causes), steps, paste, verdict, mentions)
