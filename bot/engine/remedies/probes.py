"""Remedies of probes: ask the right path and port, or wait longer. A probe that is right is left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Container, Probe
from bot.domain.remedies import Parameter
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.probes import probe_port
from bot.engine.remedies.proposal import Proposal, container_patch, patching

Facts = Mapping[str, FactValue | Gap]

_NOT_OFFERED = re.compile(r"statuscode: 4\d\d")
"""The application answers that it has no such path; a 5xx is its own verdict on itself, and the probe is right."""
_ANSWERS_WITHIN = 5
_STARTS_WITHIN = 120


def fix_probe(component: BoundComponent, _binding: Binding, facts: Facts) -> Proposal | None:
    """The failing probes to the health path and port that the playbook knows; None if they ask for that already."""
    workload, container = component.workload, component.container
    if workload is None or container is None:
        return None
    wrong = [probe for _, probe, kind in _probes(container) if probe and _is_wrong(component, probe, kind, facts)]
    change: dict[str, Any] = {}
    for field, probe, _ in _probes(container):
        if probe is not None and any(_same_question(probe, other) for other in wrong):
            change[field] = _right_question(component, container, probe)
    if not change:
        return None
    parameters = _asked(container, change, wrong[0])
    return Proposal((patching(workload.target, container_patch(container.name, change)),), parameters)


def _probes(container: Container) -> tuple[tuple[str, Probe | None, str], ...]:
    return (
        ("readinessProbe", container.readiness_probe, "readiness"),
        ("livenessProbe", container.liveness_probe, "liveness"),
        ("startupProbe", container.startup_probe, "liveness"),
    )


def _is_wrong(component: BoundComponent, probe: Probe, kind: str, facts: Facts) -> bool:
    """Whether this probe fails because of what it asks: another port, or a path that the application says it lacks."""
    failing = facts.get(f"{component.name}.{'readiness.failing' if kind == 'readiness' else 'liveness.killing'}")
    beside = facts.get(f"{component.name}.{kind}.beside") is True  # it is another container's probe that fails
    if failing is not True or beside or (probe.http_get is None and probe.tcp_socket is None):
        return False
    if facts.get(f"{component.name}.{kind}.on_service_port") is False and _right_port(component) is not None:
        return True
    path, message = component.spec.health, facts.get(f"{component.name}.{kind}.message")
    refused = isinstance(message, str) and _NOT_OFFERED.search(message) is not None
    return path is not None and probe.http_get is not None and probe.http_get.path != path and refused


def _same_question(probe: Probe, other: Probe) -> bool:
    return (probe.http_get, probe.tcp_socket) == (other.http_get, other.tcp_socket)


def _right_question(component: BoundComponent, container: Container, probe: Probe) -> dict[str, Any]:
    port = _right_port(component) or probe_port(probe, container)
    if probe.http_get is None:
        return {"tcpSocket": {"port": port}}
    return {"httpGet": {"path": component.spec.health or probe.http_get.path, "port": port}}


def _right_port(component: BoundComponent) -> int | None:
    """The port that the playbook knows, if the container may have it; else the first that it declares."""
    declared = [item.container_port for item in component.container.ports] if component.container else []
    port = component.spec.port
    return port if port in declared or not declared else declared[0]


def _asked(container: Container, change: Mapping[str, Any], wrong: Probe) -> tuple[Parameter, ...]:
    """The values of the patch that may be edited, with what the wrong probe asks now."""
    action: Mapping[str, Any] = next(value for probe in change.values() for value in probe.values())
    now = {"path": wrong.http_get.path if wrong.http_get else "", "port": str(probe_port(wrong, container))}
    labels = {"path": "Path of the probe", "port": "Port of the probe"}
    return tuple(Parameter(name, labels[name], str(value), now[name]) for name, value in action.items())


def relax_probe(component: BoundComponent, _binding: Binding, facts: Facts) -> Proposal | None:
    """Give the probe that kills more time: to answer where it timed out, to start where the port was still closed."""
    workload, container = component.workload, component.container
    message = facts.get(f"{component.name}.liveness.message")
    if workload is None or container is None or not isinstance(message, str):
        return None
    if facts.get(f"{component.name}.liveness.beside") is True:
        return None
    startup = container.startup_probe is not None and message.startswith("Startup")
    probe = container.startup_probe if startup else container.liveness_probe
    if probe is None:
        return None
    field, label, current, wanted = _more_time(probe, facts.get(f"{component.name}.liveness.failure"), startup)
    patch = container_patch(container.name, {"startupProbe" if startup else "livenessProbe": {field: wanted}})
    return Proposal((patching(workload.target, patch),), (Parameter("seconds", label, str(wanted), str(current)),))


def _more_time(probe: Probe, failure: object, startup: bool) -> tuple[str, str, int, int]:
    """(field, label, value now, value proposed)."""
    if failure == "timed_out":
        now = probe.timeout_seconds
        return "timeoutSeconds", "Seconds to wait for an answer", now, max(_ANSWERS_WITHIN, 2 * now)
    granted = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
    if startup:
        return "initialDelaySeconds", "Seconds before the startup probe", probe.initial_delay_seconds, granted
    return (
        "initialDelaySeconds",
        "Seconds before the liveness probe",
        probe.initial_delay_seconds,
        max(_STARTS_WITHIN, 2 * granted),
    )
