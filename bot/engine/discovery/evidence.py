"""What the logs of a component say about its calls: which fail now, and to whom they go. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import serves_since
from bot.engine.checks.observed import SETTLING, failed_in_text
from bot.engine.discovery.graph import BoundService

LATELY_SECONDS = 300.0
"""Failed calls of the last minutes are failures now."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One failed call in a log: how it failed, and the host and port that the line names."""

    kind: str
    host: str
    port: int
    line: str
    at: datetime | None = None


def failed_calls_of(binding: Binding, component: BoundComponent) -> list[LoggedCall] | None:
    """The failed calls of the last minutes in a component's logs, the last one last; None if no log was read."""
    pods = {pod.metadata.name for pod in (*component.all_pods, *component.finished)}
    logs = [log for log in binding.view.logs if log.pod in pods and log.text is not None]
    if not logs:
        return None
    found: list[LoggedCall] = []
    for log in logs:
        found += [
            LoggedCall(call.error, call.host, call.port, call.line, call.time)
            for call in failed_in_text(log.text or "")
            if call.time is None or binding.within(call.time, LATELY_SECONDS)
        ]
    return found


def calls_to(binding: Binding, component: BoundComponent, bound: BoundService) -> list[LoggedCall] | None:
    """The failed calls that went to this Service, by its name, its address or one of its pods' addresses."""
    calls = failed_calls_of(binding, component)
    if calls is None:
        return None
    names = hosts_of(binding, bound)
    since = _serving_since(binding, bound)
    return [
        call
        for call in calls
        if (call.host in names or call.host.split(".")[0] == bound.name)
        and (since is None or call.at is None or call.at > since + SETTLING)
    ]


def _serving_since(binding: Binding, bound: BoundService) -> datetime | None:
    """Since when what stands behind a Service serves: calls that failed before say nothing about now."""
    component = binding.components.get(bound.target)
    if component is None or not bound.picked or not any(pod.ready for pod in component.pods):
        return None
    return serves_since(component)


def hosts_of(binding: Binding, bound: BoundService) -> frozenset[str]:
    """Everything by which a log may name a Service."""
    names = {bound.name, f"{bound.name}.{binding.view.namespace}", f"{bound.name}.{binding.view.namespace}.svc"}
    names.add(f"{bound.name}.{binding.view.namespace}.svc.cluster.local")
    names |= {item.endpoint.host for item in bound.references}
    if bound.service is not None:
        names |= {bound.service.spec.cluster_ip} - {"", "None"}
        groups = (group for group in binding.view.endpoints if group.service == bound.name)
        names |= {address.ip for group in groups for address in group.addresses}
    return frozenset(names)
