"""What the called component's own log says about the calls that it answers: does it fail them?

A health endpoint answers for its process. Calls that need a database which is down are answered with 5xx beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.observed.answered import ServedCall, served_calls

_WITHIN_SECONDS = 120.0
_FEW = 2
"""One failed call may be anybody's mistake, and one that succeeds after it may need nothing that is down."""


def served_errors(binding: Binding, route: BoundRoute) -> str:
    """The last line in which the called component fails a call, where most of its calls fail now; else empty.

    A path that succeeded since is over. Refusals (4xx) count neither way: they may come before anything is needed.
    """
    pods = {pod.metadata.name for pod in route.called.pods}
    for log in binding.view.logs:
        if log.pod in pods and not log.previous and log.text is not None:
            calls = [call for call in served_calls(log) if _lately(binding, call.time, log.pod)]
            line = fails_now(calls)
            if line:
                return line
    return ""


def _lately(binding: Binding, moment: datetime | None, pod: str) -> bool:
    return moment is not None and binding.within(moment, _WITHIN_SECONDS, pod)


def fails_now(calls: Sequence[ServedCall]) -> str:
    """The last line of a call that is failed, where most of them are, and not only until a moment ago; else empty."""
    last = {_path(call): call for call in calls}
    failed = [call for call in calls if call.failed]
    lasting = [call for call in failed if last[_path(call)].failed]
    if len(lasting) < _FEW or 2 * len(failed) < len(calls):
        return ""
    since = calls[calls.index(failed[-1]) + 1 :]
    return "" if len(since) >= _FEW else lasting[-1].line


def _path(call: ServedCall) -> str:
    return urlsplit(call.url).path
