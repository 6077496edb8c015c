"""What the calling component's own log says about its calls: to which host, with which error, how long ago.

The error names are Node's and libc's; they are the same in every program that uses these platforms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.engine.binding import Binding, BoundRoute, service_at
from bot.engine.checks.answer import Question
from bot.engine.checks.containers import serves_since, shortened
from bot.engine.checks.logs import log_lines
from bot.playbook.catalogue import ScopeKind

_CONNECT = re.compile(r"connect (ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH) (\[?[0-9a-fA-F:.]+?\]?):(\d+)")
_RESOLVE = re.compile(r"getaddrinfo (ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9._-]+)")
# undici names what it was asked for: a name, if it never got as far as an address.
_TIMEOUT = re.compile(r"(?:attempted address(?:es)?: )(\[?[0-9a-fA-F:.]+?\]?|[A-Za-z0-9._-]+):(\d+)")
LATELY_SECONDS = 120.0
SETTLING = timedelta(seconds=8)
"""Calls that were under way when the called component became ready may still fail; kubelet times have whole seconds."""


@dataclass(frozen=True, slots=True)
class FailedCall:
    """One failed call in a log: `error` is the errno name, `host` what it went to."""

    error: str
    host: str
    port: int
    time: datetime | None
    line: str


def failed_calls(binding: Binding, route: BoundRoute) -> list[FailedCall] | None:
    """Failed calls in the caller's current logs, oldest first; None if no log of it was read."""
    pods = {pod.metadata.name for pod in route.caller.pods}
    logs = [log for log in binding.view.logs if log.pod in pods and not log.previous and log.text is not None]
    if not logs:
        return None
    calls: list[FailedCall] = []
    for log in logs:
        for line in log_lines(log):
            found = _parse(line.text[:2000])
            if found is not None:
                calls.append(FailedCall(*found, line.time, shortened(line.text)))
    return calls


def _parse(text: str) -> tuple[str, str, int] | None:
    if match := _CONNECT.search(text):
        return match[1], match[2].strip("[]"), int(match[3])
    if match := _RESOLVE.search(text):
        return match[1], match[2], 0
    if match := _TIMEOUT.search(text):
        return "ETIMEDOUT", match[1].strip("[]"), int(match[2])
    return None


def calls_elsewhere(binding: Binding, route: BoundRoute) -> bool | None:
    """Whether the caller's last failed call of the last minutes went to another place than today's URL names.

    None if its log holds no such call, or none that must be about this URL: a program may call other hosts too, so only
    plain in-cluster names that belong to no other component, loopback and the Service's own address on another port
    count.
    """
    recent = [call for call in failed_calls(binding, route) or [] if binding.within(call.time, LATELY_SECONDS)]
    if not recent or route.address is None:
        return None
    address, last = route.address, recent[-1]
    service = service_at(address, binding.view)
    own = {address.host, service.spec.cluster_ip if service else ""}
    own |= {a.ip for g in binding.view.endpoints if g.service == address.service for a in g.addresses}
    if last.host in own or last.host.split(".")[0] == address.service:
        return last.port not in (0, address.port)
    if last.host in ("127.0.0.1", "::1", "localhost"):
        return last.port in (0, address.port) or None
    return None if "." in last.host or ":" in last.host or _of_other_component(binding, route, last.host) else True


def _of_other_component(binding: Binding, route: BoundRoute, host: str) -> bool:
    return any(
        fnmatchcase(host, glob)
        for name, component in binding.app.components.items()
        if name != route.spec.to
        for glob in component.services
    )


def check_observed(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the caller's own log say that its calls fail now?"""
    target = route.caller.workload.target if route.caller.workload else route.caller.name
    question = Question(kind, route.name, "observed", binding.kubectl(f"logs {target} --tail=100 --timestamps"))
    calls = failed_calls(binding, route)
    if calls is None:
        return question.open(_unread(binding, route))
    if calls and all(call.time is None for call in calls):
        what = f"when the calls of the {route.caller.spec.label} failed"
        return question.open(Gap(GapReason.NOT_READ, what, "its log lines carry no times"))
    last = calls[-1] if calls else None
    failed = [call for call in calls if _fails_now(binding, route, call)]
    failing = bool(failed)
    last = failed[-1] if failed else last
    facts: dict[str, FactValue | Gap] = {
        "observed.failing": failing,
        "observed.text": last.line if last else "no failed call in the log",
    }
    if failing and last:
        return question.answered(False, f"Its log says: {last.line}", facts)
    return question.answered(True, f"No failed call in the last {LATELY_SECONDS:.0f} seconds of its log.", facts)


def _fails_now(binding: Binding, route: BoundRoute, call: FailedCall) -> bool:
    """Whether this is a call along the route, of the last minutes, made after the called component began to serve."""
    if not binding.within(call.time, LATELY_SECONDS) or not _is_along(binding, route, call):
        return False
    since = serves_since(route.called) if any(pod.ready for pod in route.called.pods) else None
    return since is None or call.time is None or call.time > since + SETTLING


def _is_along(binding: Binding, route: BoundRoute, call: FailedCall) -> bool:
    """Whether a call can be about this route: programs call other hosts too, databases and the internet among them."""
    address = route.address
    service = service_at(address, binding.view) if address else route.service
    own = {address.host if address else "", service.spec.cluster_ip if service else ""}
    own |= {a.ip for g in binding.view.endpoints if service and g.service == service.metadata.name for a in g.addresses}
    if call.host in own or call.host in ("127.0.0.1", "::1", "localhost"):
        return True
    return not ("." in call.host or ":" in call.host or _of_other_component(binding, route, call.host))


def check_dns(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does name resolution fail for a Service that exists?"""
    question = Question(
        kind, route.name, "dns", binding.kubectl_anywhere("-n kube-system get pods -l k8s-app=kube-dns")
    )
    calls = failed_calls(binding, route)
    if calls is None:
        return question.open(_unread(binding, route))
    gap = binding.gap("services")
    if gap is not None:
        return question.open(gap)
    address = route.address
    exists = address is not None and service_at(address, binding.view) is not None
    failed = [
        call
        for call in calls
        if call.error in ("EAI_AGAIN", "ENOTFOUND")
        and binding.within(call.time, LATELY_SECONDS)
        and address is not None
        and call.host == address.host
    ]
    failing = exists and bool(failed)
    text = failed[-1].line if failed else "names are resolved"
    facts: dict[str, FactValue | Gap] = {"dns.failing": failing, "dns.text": text}
    return question.answered(not failing, text if failing else "No name resolution fails.", facts)


def _unread(binding: Binding, route: BoundRoute) -> Gap:
    pods = {pod.metadata.name for pod in route.caller.pods}
    gap = next((log.gap for log in binding.view.logs if log.pod in pods and log.gap is not None), None)
    return gap or Gap(GapReason.NOT_READ, f"log of the {route.caller.spec.label}")
