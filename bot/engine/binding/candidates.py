"""What in a view can be a component, and whether one of a playbook's ways to find it fits. Pure.

Called by `bot.engine.binding` and `bot.engine.binding.releases`. It chooses nothing: several workloads may fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.domain.kubernetes import Container, Service, Workload
from bot.domain.view import View
from bot.engine.binding.inferred import inferred_workloads, other_controllers
from bot.playbook.app_schema import Finder


def candidates(view: View) -> tuple[Workload, ...]:
    """Workloads that can be a component; where they could not be read, what they own stands for them."""
    workloads = [*view.deployments, *view.statefulsets]
    if "deployments" in view.gaps or "statefulsets" in view.gaps or not workloads:
        workloads += inferred_workloads(view, workloads)
    return (*workloads, *other_controllers(view, workloads))


def fitting(finder: Finder, workloads: Iterable[Workload], view: View) -> list[Workload]:
    """The workloads for which everything holds that this way to find a component names. `route` is not judged here."""
    glob = finder.service
    services = [item for item in view.services if fnmatchcase(item.metadata.name, glob)] if glob is not None else []
    if glob is not None and not services:
        return []
    found = list(workloads)
    if finder.labels is not None:
        labels = finder.labels.items()
        found = [item for item in found if labels <= item.spec.template.metadata.labels.items()]
    if finder.name is not None:
        found = [item for item in found if fnmatchcase(item.metadata.name, finder.name)]
    if finder.container is not None:
        found = [item for item in found if _any_fits((one.name for one in _containers(item)), finder.container)]
    if finder.image is not None:
        found = [item for item in found if _any_fits((one.image for one in _containers(item)), finder.image)]
    if finder.command is not None:
        found = [item for item in found if _any_fits(_words(item), finder.command)]
    if glob is not None:
        found = [item for item in found if any(selects(one, item.spec.template.metadata.labels) for one in services)]
    return found


def _containers(workload: Workload) -> tuple[Container, ...]:
    return workload.spec.template.spec.containers


def _words(workload: Workload) -> Iterable[str]:
    return (word for item in _containers(workload) for word in (*item.command, *item.args))


def _any_fits(texts: Iterable[str], glob: str) -> bool:
    return any(fnmatchcase(text, glob) for text in texts)


def selects(service: Service, labels: Mapping[str, str]) -> bool:
    """Whether the Service's selector picks pods with these labels. A Service without selector picks none."""
    wanted = service.spec.selector
    return bool(wanted) and wanted.items() <= labels.items()


class Selectors:
    """Which of many Services pick pods with some labels, without a look at each."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._by_first: dict[tuple[str, str], list[tuple[int, Service]]] = {}
        for place, service in enumerate(services):
            first = next(iter(service.spec.selector.items()), None)
            if first is not None:
                self._by_first.setdefault(first, []).append((place, service))

    def of(self, labels: Mapping[str, str]) -> tuple[Service, ...]:
        """Those that pick them, in their order."""
        near = [item for pair in labels.items() for item in self._by_first.get(pair, ())]
        return tuple(service for _, service in sorted(near, key=lambda item: item[0]) if selects(service, labels))
