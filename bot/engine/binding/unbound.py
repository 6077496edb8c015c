"""Workloads of a release that the playbook does not bind: workers, bots, proxies, operators. Pure.

Called by the binding. Only those that may be in trouble become components: they are judged by the generic causes, named
by what they are for, and nobody says "healthy" while one of them fails. One that is well needs no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Protocol

from bot.domain.kubernetes import Pod, Workload
from bot.domain.view import View
from bot.engine.binding.inferred import desired_replicas
from bot.engine.binding.ownership import PodsByOwner, owned_by
from bot.playbook.app_schema import AppPlaybook, Component, Finder

INSTANCE = "app.kubernetes.io/instance"
_MOST = 30
"""More than any release has; a namespace may hold thousands of others."""
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class BoundPart(Protocol):
    """A component that the playbook has bound, as far as it is looked at."""

    @property
    def workload(self) -> Workload | None: ...

    @property
    def spec(self) -> Component: ...


def unbound_components(
    app: AppPlaybook, view: View, bound: Mapping[str, BoundPart], every: Iterable[Workload], pods_by_owner: PodsByOwner
) -> dict[str, tuple[Component, Workload]]:
    """Further components by name: workloads of the release that may be in trouble."""
    taken = {item.workload.metadata.uid for item in bound.values() if item.workload}
    releases = {_instance(x.workload) for x in bound.values() if x.workload and x.spec.role == "service"} - {""}
    found: dict[str, tuple[Component, Workload]] = {}
    for workload in every if app.others else ():
        known = _known_as(app, workload)
        ours = known is not None or _instance(workload) in releases
        if workload.metadata.uid in taken or workload.kind == "Pod" or not ours or len(found) >= _MOST:
            continue
        component = _component(app, known, workload)
        if _may_be_in_trouble(workload, component, view, pods_by_owner):
            name = known or _NOT_A_LETTER.sub("-", workload.metadata.name.lower()).strip("-")
            free = name if name not in app.components and name not in found else f"{name}-{len(found)}"
            found[free if free[0].isalpha() else f"w-{free}"] = (component, workload)
    return found


def _known_as(app: AppPlaybook, workload: Workload) -> str | None:
    """Which of the playbook's others it is, by its name or the label `app`."""
    labels = workload.spec.template.metadata.labels
    names = [workload.metadata.name, labels.get("app", "")]
    for known, other in app.others.items():
        if any(fnmatchcase(name, glob) for name in names if name for glob in other.names):
            return known
    return None


def _component(app: AppPlaybook, known: str | None, workload: Workload) -> Component:
    finder = (Finder(name=workload.metadata.name),)
    if known is None:
        return Component(label=workload.metadata.name[:150], find=finder, importance="degrades")
    other = app.others[known]
    return Component(label=other.label, find=finder, importance=other.importance, without=other.without)


def _instance(workload: Workload) -> str:
    labels = {**workload.metadata.labels, **workload.spec.template.metadata.labels}
    return labels.get(INSTANCE, "")


def _may_be_in_trouble(workload: Workload, component: Component, view: View, pods_by_owner: PodsByOwner) -> bool:
    if "pods" in view.gaps:
        return False
    sets = tuple(item for item in view.replicasets if owned_by(item, workload))
    pods = [pod for pod in pods_by_owner.of(workload, sets) if pod.status.phase not in ("Failed", "Succeeded")]
    desired = desired_replicas(workload)
    if desired == 0:
        return component.importance != "degrades"  # a bot or a proxy that is switched off is no trouble
    return sum(_is_well(pod) for pod in pods) < max(desired or 0, 1)


def _is_well(pod: Pod) -> bool:
    statuses = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    return pod.ready and not any(item.restart_count for item in statuses)
