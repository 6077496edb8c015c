"""A container beside the main one that keeps its pod from serving: unready, or ended by its probe again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.kubernetes import Container, Event, Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import ContainerRun, pod_events, runs, shortened
from bot.engine.checks.culprits import is_main, who

_GRACE = timedelta(seconds=60)
"""How long a container may be unready after its start, and a pod, before that means anything."""
_SOONEST, _TRIES = timedelta(seconds=20), 6
"""A probe that was asked so often, and failed each time, need not be waited for that long."""
_ENDED = re.compile(r"^Container (?P<name>\S+) failed (?:liveness|startup) probe")


@dataclass(frozen=True, slots=True)
class Beside:
    """A container that does not do the component's work, with how its pod's events speak of it."""

    run: ContainerRun
    container: Container
    who: str

    def is_meant(self, event: Event) -> bool:
        """Whether the event is about this container; where it names none, it may be."""
        path = event.involved_object.field_path
        return not path or path.endswith(f"{{{self.run.status.name}}}")


def unready_words(binding: Binding, component: BoundComponent) -> str:
    """That a container beside a main one that is ready keeps its pod from being ready; empty if none does."""
    for pod in component.pods:
        ready = pod.condition("Ready")
        if pod.ready or ready is None or not binding.lasts(ready.last_transition_time, _SOONEST):
            continue
        main = [run for run in runs((pod,)) if is_main(component, run)]
        if not main or not all(run.status.ready and run.started_at for run in main):
            continue
        for item in _beside(component, pod):
            events = pod_events(binding, (pod,), "Unhealthy", "ProbeWarning")
            failed = next((one for one in events if "eadiness" in one.message and item.is_meant(one)), None)
            grace = _grace(item.container, failed)
            run, since = item.run, ready.last_transition_time
            if run.status.ready or not binding.lasts(run.started_at, grace, pod.metadata.name):
                continue
            if binding.lasts(since, grace):
                return f"the {item.who} is not ready" + (f": {shortened(failed.message)}" if failed else "")
    return ""


def _grace(container: Container, failed: Event | None) -> timedelta:
    """How long it may be unready: as long as its probe needs for some tries, where these are seen to have failed."""
    probe = container.readiness_probe
    if probe is None or failed is None or failed.count < _TRIES:
        return _GRACE
    tried = timedelta(seconds=probe.initial_delay_seconds + _TRIES * probe.period_seconds)
    return min(_GRACE, max(_SOONEST, tried))


def ended_by_probe(component: BoundComponent, event: Event, pods: tuple[Pod, ...]) -> Beside | None:
    """The container beside the main one that this event of the kubelet says it ended for its probe."""
    found = _ENDED.match(event.message)
    if found is None:
        return None
    every = (item for pod in pods if pod.metadata.uid == event.involved_object.uid for item in _beside(component, pod))
    return next((item for item in every if item.run.status.name == found["name"]), None)


def _beside(component: BoundComponent, pod: Pod) -> Iterator[Beside]:
    """What runs beside the main container as long as the pod does."""
    specs = {item.name: item for item in (*pod.spec.init_containers, *pod.spec.containers)}
    for run in runs((pod,)):
        if run.status.name in specs and not is_main(component, run) and (run.sidecar or not run.init):
            yield Beside(run, specs[run.status.name], who(component, run))
