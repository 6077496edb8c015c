"""What the logs of a component say about its calls: which fail now, and to whom they go. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.view import LOG_WINDOW, ContainerLog, View
from bot.engine.binding import Binding, BoundComponent
from bot.engine.calls.logs import calls_at
from bot.engine.calls.speaker import own_text
from bot.engine.checks.containers import is_unstable, runs, serves_since, unstable_runs
from bot.engine.checks.logs import log_lines
from bot.engine.checks.observed.failed import SETTLING
from bot.engine.discovery.graph import BoundService
from bot.engine.discovery.unnamed import unnamed_calls
from bot.engine.values.clocks import Clocks, clocks_of

LATELY = LOG_WINDOW
"""Failed calls of the last minutes are failures now."""

LAST_WITHIN = timedelta(seconds=150)
"""What was not reported for so long has stopped."""
_STEADY, _AT_LEAST, _AT_ONCE = 2, timedelta(seconds=30), timedelta(seconds=0.5)
STARTING = timedelta(seconds=10)
"""What a program says in so short a time after it was started, it says while it and its neighbours begin."""
_UNASKED = timedelta(seconds=30)
"""How long a program may take before it listens, where no probe says when it does."""

TRANSPORT = frozenset(
    {
        CallFailure.NAME_UNKNOWN,
        CallFailure.NAME_NO_ANSWER,
        CallFailure.CONNECT_TIMEOUT,
        CallFailure.UNREACHABLE,
        CallFailure.REFUSED,
        CallFailure.RESET,
        CallFailure.CLOSED_EARLY,
        CallFailure.RESPONSE_TIMEOUT,
    }
)
"""Failures by which something else can be down; the others are about what was asked for."""
_UNANSWERED = TRANSPORT - {CallFailure.REFUSED}


def component_logs(view: View, component: BoundComponent) -> list[ContainerLog]:
    """The logs of a component's pods that were read, ended pods included."""
    pods = {pod.metadata.name for pod in (*component.all_pods, *component.leaving, *component.finished)}
    return [log for log in view.logs if log.pod in pods and log.text is not None]


@dataclass(frozen=True, slots=True)
class LoggedCalls:
    """The failed calls of the last minutes in each component's logs; one without a log that was read is left out.

    `early` failed only while a container began, or before the last minutes, and count as no failure: they show whom it
    calls.
    """

    failing: Mapping[str, tuple[FailedCall, ...]]
    early: Mapping[str, tuple[FailedCall, ...]]


def logged_calls(view: View, components: Mapping[str, BoundComponent]) -> LoggedCalls:
    """The failed calls that the logs tell of.

    Of a container that keeps ending everything counts: its last run may have been a while ago.
    """
    failing: dict[str, tuple[FailedCall, ...]] = {}
    early: dict[str, tuple[FailedCall, ...]] = {}
    if not view.logs:
        return LoggedCalls(failing, early)
    clocks = clocks_of(view)
    for name, component in components.items():
        logs = component_logs(view, component)
        if logs:
            calls = [item for log in logs for item in _calls_in(clocks, component, log)]
            older = [call for log in logs for call in calls_at(_older_text(clocks, log), f"{log.pod}/{log.container}")]
            failing[name] = tuple(call for call, began in calls if not began)
            early[name] = (*(call for call, began in calls if began), *older)
    return LoggedCalls(failing, early)


def _calls_in(clocks: Clocks, component: BoundComponent, log: ContainerLog) -> Iterable[tuple[FailedCall, bool]]:
    """The failed calls in one log, and whether they failed only while its container began."""
    ending = log.previous or _keeps_ending(clocks, component, log)
    text = log.text or "" if ending else recent_text(clocks, log)
    calls = [_to_the_second(call) for call in calls_at(text, f"{log.pod}/{log.container}")] if text else []
    return ((call, not ending and _was_at_start(clocks, component, log, call)) for call in calls)


def _to_the_second(call: FailedCall) -> FailedCall:
    """The same with times as `log_lines` gives them, with which they are compared."""
    return replace(
        call,
        at=call.at and call.at.replace(microsecond=0),
        first_at=call.first_at and call.first_at.replace(microsecond=0),
    )


def _was_at_start(clocks: Clocks, component: BoundComponent, log: ContainerLog, call: FailedCall) -> bool:
    """Whether such calls failed only while the container began, which runs since without another word of it.

    What it calls may have begun beside it, and the network learns the way to that a while later.
    """
    pods = tuple(pod for pod in component.all_pods if pod.metadata.name == log.pod)
    begun = next((run.started_at for run in runs(pods) if run.status.name == log.container), None)
    if begun is None or call.at is None:
        return False
    return call.at < begun + 2 * STARTING and clocks.at(log.pod) - call.at >= _AT_LEAST


def _keeps_ending(clocks: Clocks, component: BoundComponent, log: ContainerLog) -> bool:
    pods = tuple(pod for pod in (*component.all_pods, *component.finished) if pod.metadata.name == log.pod)
    return any(
        run.status.name == log.container and (is_unstable(run, clocks) or run.status.state.terminated)
        for run in runs(pods)
    )


def recent_text(clocks: Clocks, log: ContainerLog) -> str:
    """The lines of the last minutes; all of them where the log was read without times."""
    since = clocks.at(log.pod) - LATELY
    lines = list(log_lines(log))
    if all(line.time is None for line in lines) or all(line.time is not None and line.time >= since for line in lines):
        return own_text(log)
    return "\n".join(
        f"{line.time.isoformat()} {line.text}" for line in lines if line.time is not None and line.time >= since
    )


def _older_text(clocks: Clocks, log: ContainerLog) -> str:
    """The lines from before the last minutes; none where the log was read without times."""
    since = clocks.at(log.pod) - LATELY
    return "\n".join(line.text for line in log_lines(log) if line.time is not None and line.time < since)


def patience(first: datetime | None, last: datetime | None, count: int) -> timedelta:
    """How long after the last failed call such calls count as going on.

    What failed every two seconds and has not failed for a minute gets through again: nobody logs that.
    """
    if first is None or last is None or count < _STEADY:
        return LAST_WITHIN
    pace = (last - first) / (count - 1)
    if pace < _AT_ONCE:
        return LAST_WITHIN  # one burst tells no pace
    return min(LAST_WITHIN, max(_AT_LEAST, 6 * pace))


def failed_calls_of(binding: Binding, component: BoundComponent) -> tuple[FailedCall, ...] | None:
    """The failed calls of the last minutes; None if no log of the component was read."""
    return binding.graph.calls.get(component.name) if binding.graph else None


def goes_unanswered(along: Iterable[FailedCall], of_caller: Iterable[FailedCall]) -> bool:
    """Whether calls got no answer, as where a network drops them: along a way, or of its caller with no place named."""
    nameless = [call for call in of_caller if not call.host and not call.address]
    return any(kind in _UNANSWERED for call in (*along, *nameless) for kind in call.kinds)


def calls_to(binding: Binding, component: BoundComponent, bound: BoundService) -> list[FailedCall] | None:
    """The failed calls that went to this Service, by its name, its address or one of its pods' addresses.

    Those that have stopped are none: it serves by now.
    """
    calls = failed_calls_of(binding, component)
    if calls is None:
        return None
    names = hosts_of(binding, bound)
    since = serving_since(binding, bound)
    meant = unnamed_calls(binding, component, bound, calls)
    found = [
        call
        for call in calls
        if not call.is_vague
        and call.kind in TRANSPORT
        and ((call.host or "") in names or (call.address or "") in names or call in meant)
        and (since is None or call.at is None or call.at > since + _settling(binding, bound))
    ]
    return found if goes_on(binding, component, found) else []


def _settling(binding: Binding, bound: BoundService) -> timedelta:
    """How long after it became ready calls may still fail: without a readiness probe "ready" means that it runs."""
    called = binding.components.get(bound.target)
    box = called.container if called else None
    return SETTLING if box is None or box.readiness_probe is not None else _UNASKED


def goes_on(binding: Binding, component: BoundComponent, calls: Sequence[FailedCall]) -> bool:
    """Whether such calls fail until now; of a container that keeps ending everything counts."""
    last = max((call.at for call in calls if call.at is not None), default=None)
    if last is None or any(call.at is None for call in calls) or unstable_runs(binding, component):
        return True
    first = min(call.first_at or call.at or last for call in calls)
    pod = next((call.where.partition("/")[0] for call in calls if call.at == last), "")
    return binding.now_at(pod) - last <= patience(first, last, sum(call.count for call in calls))


def serving_since(binding: Binding, bound: BoundService) -> datetime | None:
    """Since when what stands behind a Service serves: calls that failed before say nothing about now."""
    component = binding.components.get(bound.target)
    if component is None or not bound.picked or not any(pod.ready for pod in component.pods):
        return None
    return serves_since(component)


def hosts_of(binding: Binding, bound: BoundService) -> frozenset[str]:
    """Everything by which a log may name a Service."""
    where = binding.view.namespace
    names = {
        bound.name,
        f"{bound.name}.{where}",
        f"{bound.name}.{where}.svc",
        f"{bound.name}.{where}.svc.cluster.local",
    }
    names |= {item.endpoint.host for item in bound.references}
    if bound.service is not None:
        names |= {bound.service.spec.cluster_ip} - {"", "None"}
        groups = (group for group in binding.view.endpoints if group.service == bound.name)
        names |= {address.ip for group in groups for address in group.addresses}
    return frozenset(names)
