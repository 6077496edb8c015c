"""What time it was in the cluster when a view was collected: by the API server, and by each node. Pure.

Three clocks write the times of a view. The API server and its controllers write when objects were made, scheduled and
changed; each kubelet writes its pods' states, conditions and log lines; and who collected the view writes when that
was, by the API server's clock where it told it. Called by the binding; everything that judges an age asks here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.kubernetes import ContainerState, Pod
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.domain.view import View

_ORDINARY = timedelta(seconds=60)
"""So long a kubelet may take to take a pod over: a node that is less off is called right."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """`now` is when the view was collected. `earliest` is the earliest that the cluster's clock can have been then.

    `ahead` has the nodes whose clock differs from the API server's, and by how much; `nodes` the node of each pod.
    """

    now: datetime
    earliest: datetime
    ours: bool = False
    """Whether `now` is surely not the API server's clock, so that its times too may be off."""
    ahead: Mapping[str, timedelta] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)

    def at(self, pod: str) -> datetime:
        """What the clock of this pod's node said."""
        return self.now + self.off(pod)

    def lasts(self, since: datetime, at_least: timedelta, pod: str = "") -> bool:
        """Whether this was surely more than so long ago: by the clock of the pod's node, or the API server's."""
        now = self.earliest if pod or self.ours else self.now
        return now + self.off(pod) - since > at_least

    def off(self, pod: str) -> timedelta:
        """How far the clock of this pod's node is ahead of the API server's; negative where it is behind."""
        return self.ahead.get(self.nodes.get(pod, ""), timedelta())


def clocks_of(view: View) -> Clocks:
    """The clocks of a view.

    Where nobody knows whose clock says when it was collected, the newest time that anything in it bears is the earliest
    that it can have been by the nodes' clocks: what lasts for an hour by ours may have lasted for seconds by theirs.
    """
    now = view.collected_at
    ahead = _nodes_ahead(view)
    nodes = {pod.metadata.name: pod.spec.node_name for pod in view.pods} if ahead else {}
    if view.clock == "server":
        return Clocks(now, now, ahead=ahead, nodes=nodes)
    return Clocks(now, min(now, max(_moments(view), default=now)), view.clock == "ours", ahead, nodes)


def _nodes_ahead(view: View) -> dict[str, timedelta]:
    """By node: how long after a pod was scheduled, by the API server's clock, its kubelet took it over, by its own.

    Of several pods the least counts, because a kubelet may be slow. None of it can be less than nothing.
    """
    found: dict[str, timedelta] = {}
    for pod in view.pods:
        placed = pod.condition("PodScheduled")
        scheduled = placed.last_transition_time if placed is not None and placed.status == "True" else None
        if not pod.spec.node_name or scheduled is None or pod.status.start_time is None:
            continue
        took = pod.status.start_time - scheduled
        found[pod.spec.node_name] = min(took, found.get(pod.spec.node_name, took))
    return {name: took for name, took in found.items() if abs(took) > _ORDINARY}


def _moments(view: View) -> Iterator[datetime]:
    """Times that somebody in the cluster wrote into the view, of each thing the newest."""
    for pod in view.pods:
        yield from (moment for moment in _moments_of(pod) if moment is not None)
    for event in view.events:
        if event.last_seen is not None:
            yield event.last_seen
    for kind in WORKLOAD_KINDS:
        for workload in view.workloads(kind) if kind != "Pod" else ():
            times = [item.last_transition_time for item in workload.status.conditions]
            yield from (moment for moment in (workload.metadata.creation_timestamp, *times) if moment is not None)
    for node in view.nodes:
        yield from (item.last_transition_time for item in node.status.conditions if item.last_transition_time)
    for log in view.logs:
        moment = _last_stamp(log.text or "")
        if moment is not None:
            yield moment


def _moments_of(pod: Pod) -> Iterator[datetime | None]:
    status = pod.status
    yield from (pod.metadata.creation_timestamp, pod.metadata.deletion_timestamp, status.start_time)
    yield from (item.last_transition_time for item in status.conditions)
    for item in (*status.container_statuses, *status.init_container_statuses):
        yield from _ends(item.state)


def _ends(state: ContainerState) -> Iterator[datetime | None]:
    if state.running is not None:
        yield state.running.started_at
    if state.terminated is not None:
        yield state.terminated.finished_at


def _last_stamp(text: str) -> datetime | None:
    """When the last line of a log was written, by the stamp that its node's runtime gave it."""
    last = text.rstrip("\n").rpartition("\n")[2]
    try:
        moment = datetime.fromisoformat(last.partition(" ")[0])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
