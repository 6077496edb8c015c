"""Whether somebody suffers from what a serving component's log says: do the calls that it answers fail, or succeed?

A line alone accuses nobody: users paste errors into their questions, connectors have databases of their own, and a
pool gets over a call that failed. Called by `symptoms`. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.checks.observed.along import is_along
from bot.engine.checks.observed.answered import answered_calls, caller_logs, served_calls
from bot.engine.checks.observed.check import fails_or_errs
from bot.engine.checks.observed.failed import lasting_failures
from bot.engine.values.levels import is_mild

BESIDE = timedelta(seconds=90)
"""Calls this long before the line, and all that follow it, were answered while what it says was so."""
_OFTEN = 2
_READS = re.compile(r"\b(?:GET|HEAD|OPTIONS)\s")


@dataclass(frozen=True, slots=True)
class CallTimes:
    """When calls to a component, or to the app where nobody calls it, were answered well, and when not.

    `fails`: most of them fail now.
    """

    answered: tuple[datetime, ...]
    failed: tuple[datetime, ...]
    fails: bool
    written: tuple[datetime, ...] = ()
    """Those of `answered` that do more than read (POST, PUT, PATCH, DELETE)."""

    def of_writes(self) -> CallTimes:
        """The same without the calls that read: what only keeps others from writing is not refuted by them."""
        return replace(self, answered=self.written)

    def gets_over(self, moment: datetime) -> bool:
        """Whether calls after this moment were answered, and none fails."""
        return not self.fails and max(self.answered, default=moment - BESIDE) >= moment and not self._failed_at(moment)

    def suffers(self, moment: datetime, count: int, line: str) -> bool:
        """Whether a line of this moment, which stands there so often, tells of more than itself."""
        if self.fails:
            return True
        if any(one >= moment - BESIDE for one in self.answered) or is_mild(line):
            return False
        return count >= _OFTEN or self._failed_at(moment)

    def _failed_at(self, moment: datetime) -> bool:
        return any(one >= moment - BESIDE for one in self.failed)


def traffic_of(binding: Binding, component: BoundComponent) -> CallTimes:
    """What its own log and those of its callers tell of calls that were answered."""
    pods = {pod.metadata.name for pod in component.pods}
    routes = [item for item in binding.routes.values() if item.called.name == component.name]
    if not routes:
        routes = list(binding.routes.values())
        pods |= {pod.metadata.name for item in routes for pod in item.called.pods}
    logs = [log for log in binding.view.logs if log.pod in pods and not log.previous and log.text is not None]
    own = [(call.time, call.failed, call.line) for log in logs for call in served_calls(log)]
    told = [one for route in routes for one in _told(binding, route)]
    times = [(time, failed, line) for time, failed, line in (*own, *told) if time is not None]
    return CallTimes(
        answered=tuple(time for time, failed, _ in times if not failed),
        failed=tuple(time for time, failed, _ in times if failed),
        fails=any(fails_or_errs(binding, route) for route in routes),
        written=tuple(time for time, failed, line in times if not failed and not _READS.search(line)),
    )


def _told(binding: Binding, route: BoundRoute) -> list[tuple[datetime | None, bool, str]]:
    found = [
        (call.time, call.failed, call.line)
        for log in caller_logs(binding, route)
        for call in answered_calls(log, route)
    ]
    lasting = [call for call in lasting_failures(binding, route) if is_along(binding, route, call)]
    return found + [(call.time, True, "") for call in lasting]
