"""The caller's current log as a witness: what its calls meet now refutes causes that cannot make such a failure.

Pure. Only calls of the last minutes count, after which none succeeded, and only those that are about the route.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.diagnosis import CauseVerdict, Fit
from bot.engine.binding import Binding, BoundRoute
from bot.engine.calls.fitting import fitting_of
from bot.engine.calls.logs import calls_in_log
from bot.engine.checks.observed.along import calls_succeed, is_along
from bot.engine.checks.observed.answered import caller_logs, last_success
from bot.engine.checks.observed.failed import ERRORS, lasting_failures
from bot.engine.judge.conditions import Facts
from bot.engine.judge.verdicts import Judged, fill

_CUT = (CallFailure.RESET, CallFailure.CLOSED_EARLY)
_FEW = 5
_RACE_WITHIN = timedelta(minutes=15)


def after_the_callers_word(judged: Sequence[Judged], binding: Binding, facts: Facts) -> tuple[Judged, ...]:
    """The verdicts, with every likely cause ruled out that cannot make what its caller sees now."""
    return tuple(_heard(item, binding, facts) if item.verdict is CauseVerdict.LIKELY else item for item in judged)


def _heard(item: Judged, binding: Binding, facts: Facts) -> Judged:
    if item.spec.state or item.spec.benign or facts.get(f"symptoms.{item.hypothesis.symptom}.in_log") is True:
        return item  # what the app's own log tells of itself was so, whatever its callers met besides
    for name, route in binding.routes.items():
        if item.hypothesis.component not in (name, route.spec.to):
            continue
        calls = _calls_now(binding, route)
        fitting = fitting_of(item.spec, fill(item.spec.title, facts), calls, binding, name, facts)
        if fitting is not None and fitting.fit is Fit.CONTRADICTS:
            return replace(item, verdict=CauseVerdict.RULED_OUT, because=(), against=(f"{name}.observed",))
    return item


def _calls_now(binding: Binding, route: BoundRoute) -> list[FailedCall]:
    """The route's calls that fail now, as the reader knows them."""
    now = {(one.host, one.port, one.error) for one in lasting_failures(binding, route) if is_along(binding, route, one)}
    return [
        call
        for log in caller_logs(binding, route)
        for call in calls_in_log(log)
        if (call.host, call.port or 0, ERRORS.get(call.kind)) in now
    ]


def race_notes(binding: Binding) -> tuple[str, ...]:
    """A note for each route whose calls are cut now and then, while most succeed: the race for idle connections."""
    notes: list[str] = []
    for route in binding.routes.values():
        for log in caller_logs(binding, route):
            cut = sum(call.count for call in calls_in_log(log) if call.kind in _CUT and not call.is_vague)
            success = last_success(binding, route, log, _RACE_WITHIN.total_seconds())
            if 0 < cut <= _FEW and success is not None and calls_succeed(binding, route):
                notes.append(_race(route, cut))
                break
    return tuple(notes)


def _race(route: BoundRoute, cut: int) -> str:
    times = "once" if cut == 1 else f"{cut} times"
    return (
        f"The log of {route.caller.named} tells {times} of a connection that was cut, beside calls that "
        f"succeed: {route.called.named} may close idle connections just when they are used again. That is no "
        "outage. Let the server keep them longer than its clients do (uvicorn: timeout_keep_alive, Node: "
        "keepAliveTimeout)."
    )
