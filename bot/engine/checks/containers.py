"""Reads container statuses: is it stable, how did it end, what is it waiting for. Shared by several checks; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.kubernetes import ContainerStateTerminated, ContainerStatus, Event, Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.values.clocks import Clocks

IMAGE_REASONS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
    }
)
CONFIG_REASONS = frozenset({"CreateContainerConfigError"})
START_REASONS = frozenset({"CrashLoopBackOff", "RunContainerError", "CreateContainerError", "StartError"})


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """One container of one pod, with how it ended last."""

    pod: Pod
    status: ContainerStatus
    init: bool

    @property
    def sidecar(self) -> bool:
        """Whether it is an init container that runs as long as the pod ("native sidecar")."""
        return self.init and any(item.name == self.status.name for item in self.pod.spec.sidecars)

    @property
    def waiting(self) -> str:
        """The reason it waits, e.g. `CrashLoopBackOff`; empty if it does not."""
        return self.status.state.waiting.reason if self.status.state.waiting else ""

    @property
    def waiting_message(self) -> str:
        return self.status.state.waiting.message if self.status.state.waiting else ""

    @property
    def started_at(self) -> datetime | None:
        """When the current run started; None if it does not run."""
        return self.status.state.running.started_at if self.status.state.running else None

    @property
    def last_end(self) -> ContainerStateTerminated | None:
        """How it ended last: now, or before its current run."""
        ended = self.status.state.terminated
        if ended is not None and not (self.init and not self.sidecar and ended.exit_code == 0):
            return ended
        return self.status.last_state.terminated

    @property
    def out_of_memory(self) -> bool:
        return self.last_end is not None and self.last_end.reason == "OOMKilled"


def runs(pods: tuple[Pod, ...]) -> Iterator[ContainerRun]:
    """Every container of these pods, init containers first."""
    for pod in pods:
        for status in pod.status.init_container_statuses:
            yield ContainerRun(pod, status, True)
        for status in pod.status.container_statuses:
            yield ContainerRun(pod, status, False)


_LONG_RUN = 3600.0
"""Seconds: what ran that long and runs again has ended once; only a steady pace of such ends is "keeps ending"."""
_LONGEST_PACE = 6 * 3600.0
_WELL_OVER = 1.5
"""So many times as long as the runs before: until then the next end is to be expected."""
_NODE_WENT_DOWN = "Unknown"
"""The reason a kubelet gives to a run that ended while the kubelet did not look: the node was restarted."""


def is_unstable(run: ContainerRun, clocks: Clocks) -> bool:
    """Whether the container keeps ending.

    It waits in a crash loop, or it has just ended, or its current run is not yet clearly longer than the one before:
    between two crashes a container looks `Running`, and for a moment even ready. One end after a long run is over.
    """
    if run.waiting in START_REASONS:
        return True
    ended = run.status.state.terminated
    if ended is not None:
        return (not run.init or run.sidecar) and (ended.exit_code != 0 or run.status.restart_count > 0)
    previous = run.status.last_state.terminated
    if run.started_at is None or previous is None or run.status.restart_count == 0:
        return False
    if previous.reason == _NODE_WENT_DOWN:
        return False
    uptime = (_clock_of_its_node(run.pod, clocks) - run.started_at).total_seconds()
    lasted = 0.0
    if previous.started_at and previous.finished_at:
        lasted = (previous.finished_at - previous.started_at).total_seconds()
    if previous.exit_code and _at_a_pace(run, lasted) and uptime <= _WELL_OVER * lasted:
        return True
    if lasted >= _LONG_RUN:
        return False
    if run.status.restart_count == 1:
        return uptime <= max(20.0, 1.2 * min(lasted, 120.0))
    return uptime <= max(30.0, 1.5 * min(lasted, 400.0))


def _at_a_pace(run: ContainerRun, lasted: float) -> bool:
    """Whether its long runs have all been about as long: a leak that is killed every two hours, say."""
    begun, count = run.pod.status.start_time, run.status.restart_count
    if begun is None or run.started_at is None or count < 3 or lasted > _LONGEST_PACE:
        return False
    average = (run.started_at - begun).total_seconds() / count
    return average <= 2 * lasted


def _clock_of_its_node(pod: Pod, clocks: Clocks) -> datetime:
    """The time by the clock of the pod's node, at least: where it is ahead of ours, its own records show it."""
    status, now = pod.status, clocks.at(pod.metadata.name)
    moments = [item.state.running.started_at for item in status.container_statuses if item.state.running]
    moments += [item.last_transition_time for item in status.conditions]
    latest = max((moment for moment in moments if moment is not None), default=now)
    return max(now, latest)


def never_began(pods: tuple[Pod, ...]) -> bool:
    """Whether there are pods, and no container of theirs that would serve has begun: they say and answer nothing."""
    statuses = [item for pod in pods for item in pod.status.container_statuses]
    begun = (item.state.running or item.state.terminated or item.last_state.terminated for item in statuses)
    return bool(pods) and not any(begun) and not any(item.restart_count for item in statuses)


def is_starting(pod: Pod, clocks: Clocks) -> bool:
    """Whether its containers have begun so shortly before that nobody can expect them to serve.

    Also again, after one end that is no pattern: what keeps ending is not starting.
    """
    if pod.ready or any(run.status.restart_count and is_unstable(run, clocks) for run in runs((pod,)) if not run.init):
        return False
    starts = [item.state.running.started_at for item in pod.status.container_statuses if item.state.running]
    name = pod.metadata.name
    return bool(starts) and all(moment is not None and not clocks.lasts(moment, STARTING, name) for moment in starts)


def is_being_made(component: BoundComponent, clocks: Clocks) -> bool:
    """Whether all of its pods are so new that their containers are only being created, or have just begun."""
    begins = ("ContainerCreating", "PodInitializing", "")

    def young(pod: Pod) -> bool:
        made = pod.metadata.creation_timestamp
        if pod.ready or made is None or clocks.lasts(made, _MAKING):
            return False
        placed = pod.condition("PodScheduled")
        if placed is None or placed.status != "True":
            return False
        waits = [run.waiting in begins and run.last_end is None for run in runs((pod,)) if run.started_at is None]
        return all(waits) and (bool(waits) or is_starting(pod, clocks))

    return bool(component.all_pods) and all(young(pod) for pod in component.all_pods)


_MAKING = timedelta(seconds=90)
"""So long a kubelet may take to make a container whose image is there."""
RECENTLY = timedelta(hours=1)
STARTING = timedelta(seconds=20)
"""Every program is granted this long before a closed port or a failing probe means anything."""


def unstable_runs(binding: Binding, component: BoundComponent) -> list[ContainerRun]:
    """Containers of the serving revision that keep ending."""
    return [run for run in runs(component.pods) if is_unstable(run, binding.clocks)]


def pod_events(binding: Binding, pods: tuple[Pod, ...], *reasons: str) -> list[Event]:
    """Events about these pods with one of these reasons, newest first."""
    uids = {pod.metadata.uid for pod in pods}
    names = {pod.metadata.name for pod in pods}
    found = [
        event
        for event in binding.view.events
        if event.reason in reasons
        and event.involved_object.kind == "Pod"
        and (event.involved_object.uid in uids if event.involved_object.uid else event.involved_object.name in names)
    ]
    return newest_first(found)


def newest_first(events: list[Event]) -> list[Event]:
    """Events by the time they happened last; those without a time come last."""
    return sorted(events, key=lambda event: event.last_seen.timestamp() if event.last_seen else 0.0, reverse=True)


def ending_words(end: ContainerStateTerminated | None) -> str:
    """`out of memory` or `exit code 1`, with the time."""
    if end is None:
        return "unknown reason"
    words = "killed for memory (OOMKilled)" if end.reason == "OOMKilled" else f"exit code {end.exit_code}"
    if end.reason not in ("", "Error", "OOMKilled"):
        words += f", {end.reason}"
    return words + (f" at {clock_time(end.finished_at)}" if end.finished_at else "")


def clock_time(moment: datetime) -> str:
    """`10:02:31 UTC`: times are shown as the cluster records them."""
    return moment.strftime("%H:%M:%S UTC")


def plural(count: int, noun: str) -> str:
    """`1 pod`, `2 pods`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shortened(text: str, limit: int = 240) -> str:
    """One line, at most `limit` characters; a brace that opens what the line does not show is left out."""
    flat = " ".join(text.split()).removesuffix(" {")
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def serves_since(component: BoundComponent) -> datetime | None:
    """Since when it serves without a break, as far as conditions tell."""
    available = component.workload.condition("Available") if component.workload else None
    ready = [pod.condition("Ready") for pod in component.pods if pod.ready]
    times = [item.last_transition_time for item in ready if item and item.last_transition_time]
    if available is not None and available.status == "True" and available.last_transition_time:
        # Availability changes at once, also where a pod without readiness probe was not ready for a moment only.
        times.append(available.last_transition_time)
    return (
        max(times, default=None)
        if len(component.pods) == 1
        else (available.last_transition_time if available and available.status == "True" else min(times, default=None))
    )
