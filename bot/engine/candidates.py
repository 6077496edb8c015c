"""What in a view can be a component, and whether one of a playbook's ways to find it fits. Pure.

Called by `bot.engine.binding` and `bot.engine.releases`. It chooses nothing: several workloads may fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from bot.domain.kubernetes import Service, Workload
from bot.domain.view import View
from bot.engine.inferred import inferred_workloads
from bot.playbook.schema import Finder


def candidates(view: View) -> tuple[Workload, ...]:
    """Workloads that can be a component; where they could not be read, what they own stands for them."""
    workloads = [*view.deployments, *view.statefulsets]
    if "deployments" in view.gaps or "statefulsets" in view.gaps or not workloads:
        workloads += inferred_workloads(view, workloads)
    return tuple(workloads)


def fitting(finder: Finder, workloads: Iterable[Workload], view: View) -> list[Workload]:
    """The workloads for which everything holds that this way to find a component names. `route` is not judged here."""
    glob = finder.service
    services = [item for item in view.services if fnmatchcase(item.metadata.name, glob)] if glob is not None else []
    if glob is not None and not services:
        return []
    return [item for item in workloads if _finds(finder, item, services)]


def _finds(finder: Finder, workload: Workload, services: Iterable[Service]) -> bool:
    """Whether the finder fits; `services` are those that its own glob names."""
    labels = workload.spec.template.metadata.labels
    containers = workload.spec.template.spec.containers
    if finder.labels is not None and not finder.labels.items() <= labels.items():
        return False
    if finder.container is not None and not any(fnmatchcase(item.name, finder.container) for item in containers):
        return False
    if finder.name is not None and not fnmatchcase(workload.metadata.name, finder.name):
        return False
    if finder.image is not None and not any(fnmatchcase(item.image, finder.image) for item in containers):
        return False
    if finder.command is not None:
        words = (word for item in containers for word in (*item.command, *item.args))
        if not any(fnmatchcase(word, finder.command) for word in words):
            return False
    return finder.service is None or any(selects(item, labels) for item in services)


def selects(service: Service, labels: Mapping[str, str]) -> bool:
    """Whether the Service's selector picks pods with these labels. A Service without selector picks none."""
    wanted = service.spec.selector
    return bool(wanted) and wanted.items() <= labels.items()
