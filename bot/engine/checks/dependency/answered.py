"""Has a dependency answered whoever needs it? A login that it refuses shows that name, way and port are well.

Read by `checks.dependency`: the caller's current log is the best witness there is, and its last word counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.calls import CallFailure, FailedCall, Rung
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent, service_at
from bot.engine.calls.logs import calls_in_log
from bot.engine.checks.logs import logs_of
from bot.engine.values.address import parse_address
from bot.engine.values.environment import variable_of

ANSWERS = frozenset({CallFailure.LOGIN_REFUSED, CallFailure.LIMIT, CallFailure.MISSING_OBJECT})
"""What only a server that is up says: one that starts refuses too, and what is out of room may be the caller."""
LATELY_SECONDS = 300.0
_PORT = re.compile(r"(?:\bport[ =]|:)(\d{2,5})\b")


def answered(binding: Binding, component: BoundComponent, needing: Sequence[BoundComponent]) -> FailedCall | None:
    """The last failed call to this dependency in the current logs of those who need it, if it was answered.

    None where a later one was not, where it names another host or port, and where its time is not known.
    """
    calls = [call for item in needing for call in _calls(binding, component, item)]
    last = max(calls, key=lambda call: (_time(call), call.line_number), default=None)
    if last is None or last.kind not in ANSWERS or last.rung is not Rung.MEANING:
        return None
    down = [_since(pod) for pod in component.pods if not pod.ready]
    if component.workload is not None and not any(pod.ready for pod in component.pods):
        # Nobody is ready now: only what came after that speaks of now.
        later = bool(down) and all(since is not None and since < _time(last) for since in down)
        return last if later else None
    return last


def is_of_another(binding: Binding, component: BoundComponent, line: str) -> bool:
    """Whether a line names another dependency's port and not this one's: they may share a host."""
    ports = {int(found) for found in _PORT.findall(line[:4000])}
    others = {item.spec.port for item in binding.components.values() if item.spec.role == "dependency"}
    return component.spec.port is not None and component.spec.port not in ports and bool(ports & others)


def _time(call: FailedCall) -> datetime:
    assert call.at is not None  # _calls leaves those without a time out
    return call.at


def _since(pod: Pod) -> datetime | None:
    ready = pod.condition("Ready")
    return ready.last_transition_time if ready is not None else pod.metadata.creation_timestamp


def _calls(binding: Binding, component: BoundComponent, item: BoundComponent) -> Iterator[FailedCall]:
    places = _places(binding, component, item)
    for log in logs_of(binding, item) if places else ():
        for call in calls_in_log(log) if not log.previous and log.text else ():
            known = call.zone_known and call.at is not None and binding.within(call.at, LATELY_SECONDS, log.pod)
            if known and not call.is_vague and _is_to(component, call, places):
                yield call


def _is_to(component: BoundComponent, call: FailedCall, places: frozenset[str]) -> bool:
    """By host and port: one host may serve two dependencies."""
    if component.spec.port is not None and call.port != component.spec.port:
        return False
    return bool({(call.host or "").lower(), call.address or ""} & places)


def _places(binding: Binding, component: BoundComponent, item: BoundComponent) -> frozenset[str]:
    """The hosts by which this component's settings name the dependency, and the addresses behind them."""
    found: set[str] = set()
    for name in component.spec.host_env:
        value = variable_of(item.container, name, binding.view).value
        address = (
            parse_address(value if "://" in value else f"http://{value}", binding.view.namespace) if value else None
        )
        if address is None:
            continue
        found.add(address.host.lower())
        service = service_at(address, binding.view)
        if service is not None:
            found |= {service.metadata.name, *service.addresses}
    return frozenset(found - {"", "None"})
