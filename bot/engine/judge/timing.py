"""Compares the times in a paste with the times in the cluster, so that an old paste is not blamed on today's state.

A paste states its times as its program wrote them. Where it names no zone, only a difference of more than a day counts:
containers mostly run in UTC, people's laptops do not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.symptoms import Symptom
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import pod_events, runs

MARGIN = timedelta(minutes=3)
"""Clocks of nodes, of the API server and of log collectors disagree by seconds, rarely by more."""
UNKNOWN_ZONE_MARGIN = timedelta(hours=26)


def margin_of(symptom: Symptom) -> timedelta:
    """How far apart times must be before they count as different."""
    return MARGIN if symptom.zone_known else UNKNOWN_ZONE_MARGIN


def began_at_the_earliest(binding: Binding, scope: str) -> datetime | None:
    """The earliest moment at which a fault of this component or route can have begun; None if nothing tells.

    Containers that restart may have failed ever since their pod started, whatever their last transition says.
    """
    route = binding.routes.get(scope)
    if route is not None:
        return None
    component = binding.components.get(scope)
    if component is None or component.workload is None:
        return None
    starts = [_of_pod(component, index) for index in range(len(component.pods))]
    if component.pods:
        return None if None in starts else min(moment for moment in starts if moment is not None)
    available = component.workload.condition("Available")
    return available.last_transition_time if available and available.status == "False" else None


_SIGNS_OF_FAILURE = ("BackOff", "Unhealthy", "Killing", "Failed", "FailedScheduling", "FailedMount", "FailedCreate")


def failing_since(binding: Binding, scope: str) -> datetime | None:
    """The first recorded sign that the component (or what the route leads to) fails; None while it serves."""
    route = binding.routes.get(scope)
    component = route.called if route else binding.components.get(scope)
    if component is None or component.workload is None or any(pod.ready for pod in component.pods):
        return None
    available = component.workload.condition("Available")
    signs = [available.last_transition_time] if available and available.status == "False" else []
    signs += [event.first_seen for event in pod_events(binding, component.pods, *_SIGNS_OF_FAILURE)]
    ends = [run.status.last_state.terminated for run in runs(component.pods)]
    signs += [end.finished_at for end in ends if end is not None]
    return min((moment for moment in signs if moment is not None), default=None)


def _of_pod(component: BoundComponent, index: int) -> datetime | None:
    pod = component.pods[index]
    restarted = any(status.restart_count > 0 for status in pod.status.container_statuses)
    ready = pod.condition("Ready")
    if restarted or ready is None:
        return pod.status.start_time or pod.metadata.creation_timestamp
    return ready.last_transition_time


def is_older_than(symptom: Symptom, moment: datetime | None) -> bool:
    """Whether the paste's last such line was written clearly before the moment."""
    return moment is not None and symptom.last_seen is not None and symptom.last_seen < moment - margin_of(symptom)


def is_within(symptom: Symptom, start: datetime, end: datetime) -> bool | None:
    """Whether the paste is from this time; None if it states no time."""
    if symptom.last_seen is None or symptom.first_seen is None:
        return None
    margin = margin_of(symptom)
    return symptom.first_seen <= end + margin and symptom.last_seen >= start - margin


def spoken(moment: datetime) -> str:
    """`2026-11-23 10:02 UTC`."""
    return moment.strftime("%Y-%m-%d %H:%M %Z").strip()
