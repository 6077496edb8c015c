"""Whether a failed call in a log is about a route: programs call other hosts too, and write names in many ways."""

from __future__ import annotations

from difflib import SequenceMatcher
from fnmatch import fnmatchcase

from bot.engine.binding import Binding, BoundRoute, service_at
from bot.engine.checks.containers import shortened
from bot.engine.checks.logs import log_lines
from bot.engine.checks.observed.answered import answered_calls, caller_logs, last_success
from bot.engine.checks.observed.failed import LATELY_SECONDS, RouteFailure, failed_in, lasting_failures
from bot.engine.values.address import parse_address

_LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0")
_WELL_KNOWN = (0, 80, 443)


def calls_succeed(binding: Binding, route: BoundRoute) -> bool:
    """Whether a call along the route succeeded in the last minutes, and none of the same program failed since."""
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        calls = [call for call in failed_in(log) if success and call.time and call.time > success]
        if success is not None and not any(is_along(binding, route, call) for call in calls):
            return True
    return False


def mixed_failures(binding: Binding, route: BoundRoute) -> str:
    """The last line of calls along the route that fail again and again between others that succeed; else empty.

    Calls that failed for a while, and succeed since, are over: they must have failed again after a success, twice.
    """
    for log in caller_logs(binding, route):
        # Calls that failed in the same way are read as one: where they stand is in the log itself.
        told = tuple({call.line for call in failed_in(log) if call.time and is_along(binding, route, call)})
        calls = [(line.time, line.text) for line in log_lines(log) if line.time and told and _tells(line.text, told)]
        calls += [(call.time, "") for call in answered_calls(log, route) if call.time and not call.failed]
        lines = [line for at, line in sorted(calls) if binding.within(at, LATELY_SECONDS, log.pod)]
        again = [place for place in range(1, len(lines)) if lines[place] and not lines[place - 1]]
        if len(again) >= _AGAIN and _SHARE * sum(map(bool, lines)) >= len(lines):
            return shortened(next(line for line in reversed(lines) if line))
    return ""


def _tells(line: str, told: tuple[str, ...]) -> bool:
    flat = shortened(line)
    return any(words in flat for words in told)


_AGAIN, _SHARE = 2, 5


def calls_elsewhere(binding: Binding, route: BoundRoute, *, changed: bool) -> bool | None:
    """Whether the caller's last failed call of the last minutes went to another place than today's URL names.

    None if its log holds no such call, or none that must be about this URL: a program may call other hosts too. Only
    the Service's own address on another port, a name that looks like the called component's and, where the URL was
    `changed` after the start, loopback count.
    """
    recent = [call for call in lasting_failures(binding, route) if is_along(binding, route, call) is not False]
    if not recent or route.address is None:
        return None
    address, last = route.address, recent[-1]
    if last.host in _own_addresses(binding, route) or is_its_name(binding, route, last.host):
        return last.port not in (0, address.port)
    if last.host in _LOOPBACK:
        return changed or None
    return True if _resembles(route, last.host) else None


def _own_addresses(binding: Binding, route: BoundRoute) -> set[str]:
    """Every address at which the called component is reached: its Service's, its endpoints', today's URL's."""
    address = route.address
    service = service_at(address, binding.view) if address else route.service
    found = {address.host} if address else set[str]()
    if address is not None:
        wanted = (address.namespace, address.service)
        foreign = (item for item in binding.view.foreign_services if (item.namespace, item.name) == wanted)
        found |= {place for item in foreign if item.service is not None for place in item.service.addresses}
    for item in (service, route.service):
        if item is not None:
            name = item.metadata.name
            found |= item.addresses
            found |= {a.ip for g in binding.view.endpoints if g.service == name for a in g.addresses}
    return found | {pod.status.pod_ip for pod in route.called.pods if pod.status.pod_ip}


def is_its_name(binding: Binding, route: BoundRoute, host: str) -> bool:
    """Whether a host in a log is the name that today's URL has, however long it is written."""
    named = parse_address(f"http://{host}", binding.view.namespace)
    if named is None or route.address is None or not route.address.service:
        return False
    return (named.service, named.namespace) == (route.address.service, route.address.namespace)


def is_along(binding: Binding, route: BoundRoute, call: RouteFailure) -> bool | None:
    """Whether a call is about this route; None if it may be: programs call other hosts too, and the internet."""
    if call.host in _own_addresses(binding, route) or is_its_name(binding, route, call.host):
        return True
    address = route.address
    port = address.port if address else route.called.spec.port
    if call.host in _LOOPBACK:
        if address is None or address.kind == "loopback":
            return True
        return None if call.port in (0, port, route.called.spec.port) else False
    if _is_ip(call.host):
        return None if call.port == port and call.port not in _WELL_KNOWN else False
    if _resembles(route, call.host):
        return True
    return False if "." in call.host or _of_other_component(binding, route, call.host) else None


def _is_ip(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _resembles(route: BoundRoute, host: str) -> bool:
    """Whether a name looks like the called component's: an older name of it, or one that is mistyped."""
    label = host.split(".", maxsplit=1)[0].lower()
    names = {route.service.metadata.name} if route.service else set[str]()
    names |= {route.address.service} if route.address and route.address.service else set()
    globs = (*route.called.spec.services, *route.called.spec.log_names)
    if any(fnmatchcase(label, glob) for glob in globs):
        return True
    return any(name in label or SequenceMatcher(None, name, label).ratio() >= 0.75 for name in names)


def _of_other_component(binding: Binding, route: BoundRoute, host: str) -> bool:
    return any(
        fnmatchcase(host, glob)
        for name, component in binding.app.components.items()
        if name != route.spec.to
        for glob in component.services
    )
