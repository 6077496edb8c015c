"""What the bot did to the Web API, what it is allowed per minute, and the failures a test asked for.

Called by the Web API front for every request. Times are the clock's seconds.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

WINDOW_SECONDS = 60.0
# Calls per minute for a method's tier; Slack promises at least these. "special" methods have limits of their own.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
POSTS_PER_MINUTE = 300
POSTS_IN_CHANNEL = 70
"""In a minute, in one channel: one a second, and a short burst."""


Listener = Callable[[str, object], None]

LISTENERS: list[Listener] = []
"""Told of everything that bots send to the workspaces of this process: what it is, and its content. Tests look here for
what must never be said."""


def heard(what: str, content: object) -> None:
    """Something came from a bot."""
    for listener in LISTENERS:
        listener(what, content)


@dataclass(frozen=True)
class MeteredCall:
    """One Web API request as it was answered.

    error:  Slack's error code; None when it succeeded; `http_<status>` for an injected HTTP failure
    status: the HTTP status of the answer; 0 when the connection was dropped
    """

    method: str
    arguments: Mapping[str, Any]
    response: Mapping[str, Any]
    error: str | None
    status: int
    at: float


@dataclass
class MeteredFault:
    """An answer to give instead of doing the work, `times` times. With `lost` the work is done, and its answer is not
    given: the connection is closed, as with `drop`."""

    method: str
    status: int
    retry_after: int | None
    error: str | None
    drop: bool
    times: int
    lost: bool = False


ANY_FAULT = (
    MeteredFault("*", 429, 1, None, drop=False, times=1),
    MeteredFault("*", 500, None, None, drop=False, times=1),
    MeteredFault("*", 0, None, None, drop=True, times=1),
    MeteredFault("*", 0, None, None, drop=True, times=1, lost=True),
)
"""The ways in which a call fails on a bad day: too often, an error of the server, cut, done without an answer."""
RESPONSE_URL, DOWNLOAD = "response_url", "download"
"""Names under which posts to a response URL and downloads of files fail, beside the methods' own."""


@dataclass
class Faults:
    """The failures still to be given. `chance` adds more of them, by the name of the call."""

    pending: list[MeteredFault] = field(default_factory=list)
    chance: Callable[[str], MeteredFault | None] = lambda _: None
    given: Counter[str] = field(default_factory=Counter)

    def take(self, method: str) -> MeteredFault | None:
        """The failure for this call, if one is due. `*` stands for every method."""
        found = self._next(method)
        if found is not None:
            self.given["lost" if found.lost else "cut" if found.drop else str(found.error or found.status)] += 1
        return found

    def _next(self, method: str) -> MeteredFault | None:
        for fault in self.pending:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return self.chance(method)


class RateMeter:
    """Counts calls per method over a sliding minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._recent: dict[str, deque[float]] = {}
        self.peaks: dict[str, int] = {}
        self.limits: dict[str, int] = {}

    def count(self, method: str, limit: int) -> int | None:
        """Count one call; the seconds to wait when it exceeds the limit, None otherwise."""
        now = self._clock()
        recent = self._recent.setdefault(method, deque())
        while recent and now - recent[0] >= WINDOW_SECONDS:
            recent.popleft()
        recent.append(now)
        self.limits[method] = limit
        self.peaks[method] = max(self.peaks.get(method, 0), len(recent))
        return max(1, int(WINDOW_SECONDS - (now - recent[0])) + 1) if len(recent) > limit else None

    def forget_last(self, method: str) -> None:
        """A refused call does not use up the allowance."""
        self._recent[method].pop()

    def exceeded(self) -> dict[str, int]:
        """Methods that were called more often in some minute than their tier allows, with the highest count."""
        return {method: peak for method, peak in self.peaks.items() if peak > self.limits[method]}
