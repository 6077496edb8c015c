"""Several copies of one app in one namespace: which workloads and Services belong to which release. Pure.

Called by `bot.engine.binding`, so that components of two releases are never mixed, and by the use case, which asks when
there are several. Helm's instance label decides; where it is missing, the common beginning of the names does. What
carries neither (a Postgres that both use) belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from bot.domain.kubernetes import Pod, Service, Workload
from bot.domain.view import View
from bot.engine.binding.candidates import candidates, fitting
from bot.playbook.app_schema import AppPlaybook

INSTANCE = "app.kubernetes.io/instance"
OLDER_INSTANCE = "release"
"""What charts wrote before; some subcharts still do. Other tools use the name too, so it only says to whom a thing
belongs, never which releases there are."""


@dataclass(frozen=True, slots=True)
class Release:
    """One copy of the app. `members` are its own components as kubectl names them (`deployment/acme-onyx-web-server`),
    `prefixes` the beginnings of its objects' names, `labelled` whether the instance label names it.
    """

    name: str
    members: frozenset[str]
    prefixes: tuple[str, ...]
    labelled: bool


def releases_of(app: AppPlaybook, view: View) -> tuple[Release, ...]:
    """The copies of the app in the namespace, by name; one or none if there is nothing to tell apart."""
    found = {name: _fitting(app, name, view) for name, item in app.components.items() if item.role == "service"}
    found = {name: items for name, items in found.items() if items}
    if all(len(items) == 1 for items in found.values()):
        return _single([items[0] for items in found.values()])
    by_label, unlabelled = _by_label(found)
    groups = [_release(name, items, labelled=True) for name, items in by_label.items() if _evident(app, items)]
    groups += [
        _release(prefix.rstrip("-.") or items[0].metadata.name, items, labelled=False)
        for prefix, items in _by_prefix(unlabelled).items()
        if _evident(app, items)
    ]
    return tuple(sorted(groups, key=lambda item: item.name))


def within_release(app: AppPlaybook, view: View) -> View:
    """The view without workloads, pods and Services of other releases than `view.release` (the first one if it names
    none).
    """
    releases = releases_of(app, view)
    if len(releases) < 2:
        return view
    chosen = next((item for item in releases if item.name == view.release), releases[0])

    def ours(item: Workload | Service | Pod) -> bool:
        return _owner(item, releases) in (None, chosen)

    return view.model_copy(
        update={
            "deployments": tuple(filter(ours, view.deployments)),
            "statefulsets": tuple(filter(ours, view.statefulsets)),
            "replicasets": tuple(filter(ours, view.replicasets)),
            "pods": tuple(filter(ours, view.pods)),
            "services": tuple(filter(ours, view.services)),
        }
    )


def holding_namespaces(app: AppPlaybook, workloads: Iterable[Workload]) -> tuple[str, ...]:
    """Namespaces in which these workloads make up the app: every service of it, named as the app's own somewhere.

    In a namespace that is named like the app, one of its services is enough: the others may be what is missing.
    """
    by_namespace: dict[str, list[Workload]] = {}
    for item in workloads:
        by_namespace.setdefault(item.metadata.namespace, []).append(item)
    return tuple(sorted(name for name, items in by_namespace.items() if _holds(app, name, items)))


def _holds(app: AppPlaybook, namespace: str, items: Sequence[Workload]) -> bool:
    no_time = datetime.min.replace(tzinfo=UTC)
    view = View(cluster="", namespace=namespace, collected_at=no_time, deployments=tuple(items))
    services = [name for name, item in app.components.items() if item.role == "service"]
    found = [items for name in services if (items := _fitting(app, name, view))]
    if any(fnmatchcase(namespace, glob) for glob in (app.id, *app.namespaces)):
        return bool(found)
    return len(found) == len(services) and any(_evident(app, items) for items in found)


def mentions(app: AppPlaybook, workload: Workload) -> bool:
    """Whether something about the workload names the app: its image, a label or its own name."""
    words = {app.id, *(glob.strip("*-") for glob in app.namespaces)} - {""}
    template = workload.spec.template
    texts = [workload.metadata.name, *workload.metadata.labels.values(), *template.metadata.labels.values()]
    texts += [item.image for item in template.spec.containers]
    return any(fnmatchcase(text, f"*{word}*") for text in texts for word in words)


def _fitting(app: AppPlaybook, component: str, view: View) -> list[Workload]:
    """Every workload that some way to find the component fits, in the order of their names."""
    finders = [item for item in app.components[component].find if not item.route]
    every = candidates(view)
    found = {id(item) for finder in finders for item in fitting(finder, every, view)}
    return sorted((item for item in every if id(item) in found), key=lambda item: item.metadata.name)


def _evident(app: AppPlaybook, items: Iterable[Workload]) -> bool:
    return any(mentions(app, item) for item in items)


def _single(items: Sequence[Workload]) -> tuple[Release, ...]:
    """One workload per component: one release, whatever their labels say."""
    if not items:
        return ()
    instances = {_instance(item) for item in items}
    labelled = len(instances) == 1 and instances != {""}
    name = instances.pop() if labelled else _common_prefix(items).rstrip("-.") or items[0].metadata.name
    return (_release(name, items, labelled=labelled),)


def _by_label(found: Mapping[str, list[Workload]]) -> tuple[dict[str, list[Workload]], dict[str, list[Workload]]]:
    """The workloads by instance label; and those without one, still by component."""
    labelled: dict[str, list[Workload]] = {}
    unlabelled: dict[str, list[Workload]] = {}
    for component, items in found.items():
        for item in items:
            instance = _instance(item)
            (labelled.setdefault(instance, []) if instance else unlabelled.setdefault(component, [])).append(item)
    return labelled, unlabelled


def _by_prefix(found: Mapping[str, list[Workload]]) -> dict[str, list[Workload]]:
    """Groups that have a workload of every component whose names begin alike; the longest beginnings first."""
    groups: dict[str, list[Workload]] = {}
    left = {component: list(items) for component, items in found.items()}
    names = [item.metadata.name for items in left.values() for item in items]
    for prefix in sorted({cut for name in names for cut in _beginnings(name)}, key=lambda cut: (-len(cut), cut)):
        group = {c: [item for item in items if item.metadata.name.startswith(prefix)] for c, items in left.items()}
        if group and all(group.values()):
            groups[prefix] = [item for items in group.values() for item in items]
            taken = {id(item) for item in groups[prefix]}
            left = {c: [item for item in items if id(item) not in taken] for c, items in left.items()}
    return groups


def _beginnings(name: str) -> list[str]:
    """`a-b-c` begins with ``, `a-` and `a-b-`."""
    return ["", *(name[: index + 1] for index, letter in enumerate(name) if letter == "-")]


def _common_prefix(items: Sequence[Workload]) -> str:
    shared = set.intersection(*(set(_beginnings(item.metadata.name)) for item in items))
    return max(shared, key=len)


def _release(name: str, items: Sequence[Workload], *, labelled: bool) -> Release:
    prefixes = {_common_prefix(items) if len(items) > 1 else "", f"{name}-" if labelled else ""} - {""}
    return Release(name, frozenset(item.target for item in items), tuple(sorted(prefixes)), labelled)


def _instance(item: Workload | Service | Pod) -> str:
    """The release that made an object, by Helm's label on its pods, its selector or itself."""
    places = [item.metadata.labels]
    if isinstance(item, Workload):
        places.insert(0, item.spec.template.metadata.labels)
    if isinstance(item, Service):
        places.insert(0, item.spec.selector)
    return next((labels[INSTANCE] for labels in places if labels.get(INSTANCE)), "")


def _owner(item: Workload | Service | Pod, releases: Sequence[Release]) -> Release | None:
    """The release that an object belongs to; None if to none of them, and so perhaps to all."""
    if isinstance(item, Workload):
        member = next((release for release in releases if item.target in release.members), None)
        if member is not None:
            return member
    instance = _instance(item)
    if instance:
        return next((release for release in releases if release.labelled and release.name == instance), None)
    older = next((release for release in releases if release.name == item.metadata.labels.get(OLDER_INSTANCE)), None)
    if older is not None:
        return older
    name = item.metadata.name
    fits = [
        (len(prefix), release)
        for release in releases
        for prefix in (*release.prefixes, *([release.name] if release.name == name else ()))
        if name.startswith(prefix)
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None
