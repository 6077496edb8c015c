"""A playbook for a workload that no playbook describes, worked out from what the cluster says about it.

Called by `bot.diagnosis.service` for `triage diagnose deployment/NAME`. Only the generic causes of
`playbooks/kubernetes` apply: nobody knows what calls the workload, what it needs, or what its log lines mean. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from bot.domain.errors import UnknownWorkload, UsageError
from bot.domain.kubernetes import Container, Probe, Service, Workload
from bot.domain.view import View
from bot.engine.candidates import candidates, selects
from bot.playbook.schema import AppPlaybook, Component, Finder
from bot.playbook.vocabulary import RESERVED

Kind = Literal["Deployment", "StatefulSet"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("deployment", "deployments", "deploy"), "Deployment"),
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "StatefulSet"),
}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,198}[a-z0-9])?")
_NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class WorkloadName:
    """What a person calls a workload: `deployment/api-server`, `sts/db`, or only `api-server` (`kind` is None then)."""

    said: str
    kind: Kind | None
    name: str


def parse_workload(said: str) -> WorkloadName | None:
    """The workload that a word names; None if it cannot be the name of one.

    Raises `UsageError` for a kind that is not judged, such as `pod/…`.
    """
    kind, slash, name = said.partition("/")
    if not slash:
        return WorkloadName(said, None, said) if _NAME.fullmatch(said) else None
    known = _KINDS.get(kind.lower().partition(".")[0])
    if known is None:
        raise UsageError(
            f"“{said}” names a {kind or 'thing without a kind'}, which cannot be diagnosed.",
            "Name what makes the pods: deployment/NAME or statefulset/NAME.",
        )
    return WorkloadName(said, known, name) if _NAME.fullmatch(name) else None


def find_workload(wanted: WorkloadName, view: View) -> Workload | None:
    """The workload of this name in the view, a Deployment before a StatefulSet; None if none can be seen.

    Where the account may not list workloads, one whose pods or ReplicaSets can be read is inferred from these.
    """
    named = (item for item in candidates(view) if item.metadata.name == wanted.name)
    return next((item for item in named if wanted.kind in (None, item.kind)), None)


def not_found(wanted: WorkloadName, view: View) -> UnknownWorkload:
    """The error that says so, with workloads whose names are alike."""
    kind = f"{wanted.kind} {wanted.name}" if wanted.kind else f"Deployment or StatefulSet {wanted.name}"
    unread = next((view.gaps[resource] for resource in ("deployments", "statefulsets") if resource in view.gaps), None)
    if unread is not None:
        return UnknownWorkload(
            f"No {kind} can be seen in namespace {view.namespace} ({unread.sentence()}).",
            "Let this account list deployments and statefulsets there, or check the name.",
        )
    names = {item.metadata.name: item.target for item in candidates(view)}
    alike = [name for name in names if wanted.name in name or name in wanted.name]
    alike += [name for name in get_close_matches(wanted.name, names, n=3) if name not in alike]
    if alike:
        remedy = f"There is {_listed([names[name] for name in sorted(alike)[:_NAMES_SHOWN]])}. Did you mean that?"
    elif names:
        shown = sorted(names.values())[:_NAMES_SHOWN]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        remedy = f"These are there: {', '.join(shown)}{more}."
    else:
        remedy = "No Deployment and no StatefulSet is there. Check the namespace (-n)."
    return UnknownWorkload(f"There is no {kind} in namespace {view.namespace}.", remedy)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def only(workload: Workload, view: View) -> View:
    """The view without another workload of the same name, so that it cannot be taken for this one."""
    return view.model_copy(
        update={
            "deployments": tuple(item for item in view.deployments if _is_or_differs(item, workload)),
            "statefulsets": tuple(item for item in view.statefulsets if _is_or_differs(item, workload)),
        }
    )


def _is_or_differs(item: Workload, workload: Workload) -> bool:
    return item.metadata.name != workload.metadata.name or item.kind == workload.kind


def playbook_of(workload: Workload, view: View) -> AppPlaybook:
    """A playbook with the workload as its only component: name, port and health path as its own spec states them."""
    container = _main(workload, view)
    name = component_name(workload.metadata.name)
    named = Finder(name=workload.metadata.name)
    port = _port(workload, container, view)
    component = Component(
        label=workload.metadata.name[:150],
        find=(Finder(name=workload.metadata.name, container=container.name) if container else named,),
        port=port,
        health=_health_path(container, port),
    )
    return AppPlaybook(
        schema="triage/playbook/v1",
        kind="app",
        id=name,
        title=workload.target[:150],
        description=f"{workload.target}, which no playbook describes.",
        components={name: component},
    )


def limits_of(app: AppPlaybook) -> str:
    """What this diagnosis did not look at, for a note beside it."""
    (component,) = app.components.values()
    unasked = (
        ""
        if component.health
        else " Whether it answers was not asked: no HTTP probe on the port that it serves names a path to ask for."
    )
    return f"No playbook describes {app.title}: what calls it and what it needs were not looked at.{unasked}"


def component_name(name: str) -> str:
    """The workload's name as a component may be called: `2048.game` becomes `w-2048-game`, `app` `app-workload`."""
    plain = name.replace(".", "-")[:70]
    if not plain[0].isalpha():
        plain = f"w-{plain}"
    return f"{plain}-workload" if plain in (*RESERVED, "paste") else plain


def _main(workload: Workload, view: View) -> Container | None:
    """The container that does the work: the one a Service leads to, else one with an HTTP probe, else the first."""
    containers = workload.spec.template.spec.containers
    for service in _services(workload, view):
        for port in service.spec.ports:
            target = port.target_port or port.port
            for container in containers:
                if _declares(container, target):
                    return container
    return next((item for item in containers if _http_probe(item)), containers[0] if containers else None)


def _declares(container: Container, target: int | str) -> bool:
    return any(str(target) in (str(port.container_port), port.name or "-") for port in container.ports)


def _services(workload: Workload, view: View) -> list[Service]:
    labels = workload.spec.template.metadata.labels
    return [item for item in view.services if selects(item, labels)]


def _http_probe(container: Container | None) -> Probe | None:
    """Its readiness probe if that asks over HTTP or HTTPS, else another of its probes that does."""
    if container is None:
        return None
    probes = (container.readiness_probe, container.liveness_probe, container.startup_probe)
    return next((item for item in probes if item and item.http_get), None)


def _health_path(container: Container | None, port: int | None) -> str | None:
    """The path that its probe asks on the port it serves; a probe on another port says nothing about this one."""
    probe = _http_probe(container)
    if container is None or probe is None or probe.http_get is None or _number(probe.http_get.port, container) != port:
        return None
    path = probe.http_get.path or "/"
    return path if path.startswith("/") else f"/{path}"


def _port(workload: Workload, container: Container | None, view: View) -> int | None:
    """What it listens on: where a Service leads, else what its probe asks, else the first port it declares."""
    if container is None:
        return None
    targets: list[int | str] = [
        port.target_port or port.port for service in _services(workload, view) for port in service.spec.ports
    ]
    targets = [item for item in targets if _declares(container, item)]
    probe = _http_probe(container) or container.readiness_probe or container.liveness_probe
    action = (probe.http_get or probe.tcp_socket) if probe else None
    targets += [action.port] if action else []
    targets += [item.container_port for item in container.ports[:1]]
    numbers = (_number(item, container) for item in targets)
    return next((item for item in numbers if item is not None), None)


def _number(target: int | str, container: Container) -> int | None:
    """The port number behind a number or a port's name; None if it is neither."""
    text = str(target)
    if text.isdecimal():
        return int(text) if 0 < int(text) <= 65535 else None
    return next((port.container_port for port in container.ports if port.name == text and port.container_port), None)
