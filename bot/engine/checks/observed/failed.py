"""What the calling component's own log says about its calls: to which host, with which error, how long ago.

The one reader of failed calls reads them, in any client's words; the error names are libc's. A call that succeeded
after one that failed shows that it was a passing trouble.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from bot.domain.calls import CallFailure
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundRoute
from bot.engine.calls.logs import calls_in_text
from bot.engine.calls.speaker import own_text
from bot.engine.checks.containers import shortened
from bot.engine.checks.network.opened import opened_since
from bot.engine.checks.observed.answered import caller_logs, last_success

ERRORS = {
    CallFailure.NAME_UNKNOWN: "ENOTFOUND",
    CallFailure.NAME_NO_ANSWER: "EAI_AGAIN",
    CallFailure.CONNECT_TIMEOUT: "ETIMEDOUT",
    CallFailure.UNREACHABLE: "EHOSTUNREACH",
    CallFailure.REFUSED: "ECONNREFUSED",
}
"""The errno names by which the checks speak of failures."""
UNTOLD = "a failure without a reason"
_MOST = 200
"""Failed calls of one log that are looked at: the newest say what happens now."""
LATELY_SECONDS = 120.0
SETTLING = timedelta(seconds=8)
"""Calls that were under way when the called component became ready, or the way open, may still fail; times have whole
seconds."""
_USUAL_TIMEOUT = timedelta(seconds=10)
_STATED_TIMEOUT = re.compile(r"timeout: ?(\d{1,6}) ?ms")


@dataclass(frozen=True, slots=True)
class RouteFailure:
    """One failed call in a log: `error` is the errno name, `host` what it went to."""

    error: str
    host: str
    port: int
    time: datetime | None
    line: str


def failed_calls(binding: Binding, route: BoundRoute) -> list[RouteFailure] | None:
    """Failed calls in the caller's current logs, oldest first; None if no log of it was read."""
    logs = caller_logs(binding, route)
    return [call for log in logs for call in failed_in(log)] if logs else None


def lasting_failures(binding: Binding, route: BoundRoute) -> list[RouteFailure]:
    """Failed calls of the last minutes after which none succeeded, and no NetworkPolicy opened the way."""
    found: list[RouteFailure] = []
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        calls = (call for call in failed_in(log) if binding.within(call.time, LATELY_SECONDS, log.pod))
        found += [call for call in calls if success is None or call.time is None or call.time > success]
    opened = opened_since(binding, route) if found else None
    return [call for call in found if not is_before(call, opened)]


def is_before(call: RouteFailure, since: datetime | None) -> bool:
    """Whether the call was made before that moment, or was under way then: one that waits in vain is told of late."""
    return since is not None and call.time is not None and call.time - _waited(call) <= since + SETTLING


def _waited(call: RouteFailure) -> timedelta:
    if call.error not in ("ETIMEDOUT", "EAI_AGAIN"):
        return timedelta()
    stated = _STATED_TIMEOUT.search(call.line)
    return timedelta(milliseconds=min(int(stated[1]), 60_000)) if stated else _USUAL_TIMEOUT


def failed_in(log: ContainerLog) -> tuple[RouteFailure, ...]:
    """The newest failed calls of one log, oldest first."""
    return failed_in_text(own_text(log))


@lru_cache(maxsize=16)
def failed_in_text(text: str) -> tuple[RouteFailure, ...]:
    """The newest failed calls that a log tells of, in any client's words: every check of a route asks for them.

    Only those that fell before they reached a program: one that was accepted and then cut may be a passing trouble.
    Where the text says that a call to a host failed, but not how (`fetch failed`), its error is UNTOLD.
    """
    found = [
        RouteFailure(
            UNTOLD if call.is_vague else ERRORS[call.kind],
            call.host,
            call.port or 0,
            call.at if call.zone_known else None,
            call.line,
        )
        for call in calls_in_text(text)
        if call.host and (call.is_vague or call.kind in ERRORS)
    ]
    found.sort(key=lambda call: call.time.timestamp() if call.time else 0.0)
    return tuple(RouteFailure(one.error, one.host, one.port, one.time, shortened(one.line)) for one in found[-_MOST:])
