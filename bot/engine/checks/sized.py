"""Who sized a container: a VerticalPodAutoscaler writes requests and limits into each pod, over those of the template.

It is known by what its admission controller notes on the pod; the autoscaler itself is not read. In its mode `Off` it
notes nothing. Pure.
"""

from __future__ import annotations

import re

from bot.domain.kubernetes import Container, Pod
from bot.engine.binding import BoundComponent
from bot.engine.binding.inferred import is_unread
from bot.engine.checks.containers import ContainerRun
from bot.engine.values.quantities import memory_bytes

_NOTE = re.compile(r"^Pod resources updated by (?P<name>[^:\s]+):(?P<parts>.*)$", re.DOTALL)
_PART = re.compile(r"container (?P<number>\d+):(?P<what>[^;]*)")
_AT_MOST = re.compile(r"memory capped to maxAllowed")


def memory_autoscaler(component: BoundComponent, run: ContainerRun) -> str:
    """The name of the VerticalPodAutoscaler that set the memory limit with which the container runs; empty if none did.

    None did where the limit is that of the template from which the pod was made.
    """
    found = _NOTE.match(run.pod.metadata.annotations.get("vpaUpdates", ""))
    if found is None or "memory limit" not in _what(found["parts"], run):
        return ""
    limit, made = _limit(run.pod.spec.containers, run), _limit(_template(component, run.pod), run)
    known = component.workload is not None and not is_unread(component.workload)
    return "" if limit == 0 or (known and limit == made) else found["name"]


def set_by_autoscaler(component: BoundComponent, run: ContainerRun) -> str:
    """The same as the end of a sentence about the limit."""
    name = memory_autoscaler(component, run)
    if not name:
        return ""
    capped = _AT_MOST.search(run.pod.metadata.annotations["vpaUpdates"])
    own = ", as much as its maxAllowed lets it" if capped else ""
    return f" The VerticalPodAutoscaler {name} set this limit{own}, and sets it again in every new pod."


def _what(parts: str, run: ContainerRun) -> str:
    """What it changed of this container. It counts containers as they were when it saw the pod."""
    order = [name.strip() for name in run.pod.metadata.annotations.get("vpaObservedContainers", "").split(",")]
    names = order if order != [""] else [item.name for item in run.pod.spec.containers]
    if run.init or run.status.name not in names:
        return ""
    number = names.index(run.status.name)
    return next((item["what"] for item in _PART.finditer(parts) if int(item["number"]) == number), "")


def _template(component: BoundComponent, pod: Pod) -> tuple[Container, ...]:
    """The containers of the revision that made the pod."""
    owner = pod.metadata.controller
    made = next((item for item in component.replica_sets if owner and item.metadata.uid == owner.uid), None)
    workload = made or component.workload
    return workload.spec.template.spec.containers if workload else ()


def _limit(containers: tuple[Container, ...], run: ContainerRun) -> int:
    """The memory limit of the container in bytes; 0 without one."""
    found = next((item for item in containers if item.name == run.status.name), None)
    return (memory_bytes(found.resources.limits.get("memory", "")) or 0) if found else 0
