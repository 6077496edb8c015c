"""What the calling component's own log says about its calls: to which host, with which error, how long ago.

The one reader of failed calls reads them, in any client's words; the error names are libc's. A call that succeeded
after one that failed shows that it was a passing trouble.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from functools import lru_cache

from bot.domain.calls import CallFailure
from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundRoute, service_at
from bot.engine.calls.reading import read_failed_calls
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import serves_since, shortened
from bot.engine.checks.network.opened import opened_since
from bot.engine.checks.observed.answered import answered_calls, caller_logs, last_success, mixed_answers
from bot.engine.checks.observed.kept import kept_address
from bot.engine.checks.observed.served import served_errors
from bot.engine.values.address import parse_address
from bot.playbook.catalogue import ScopeKind

ERRORS = {
    CallFailure.NAME_UNKNOWN: "ENOTFOUND",
    CallFailure.NAME_NO_ANSWER: "EAI_AGAIN",
    CallFailure.CONNECT_TIMEOUT: "ETIMEDOUT",
    CallFailure.UNREACHABLE: "EHOSTUNREACH",
    CallFailure.REFUSED: "ECONNREFUSED",
}
"""The errno names by which the checks speak of failures."""
UNTOLD = "a failure without a reason"
_LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0")
_WELL_KNOWN = (0, 80, 443)
_MOST = 200
"""Failed calls of one log that are looked at: the newest say what happens now."""
LATELY_SECONDS = 120.0
SETTLING = timedelta(seconds=8)
"""Calls that were under way when the called component became ready, or the way open, may still fail; times have whole
seconds."""
_USUAL_TIMEOUT = timedelta(seconds=10)
_STATED_TIMEOUT = re.compile(r"timeout: ?(\d{1,6}) ?ms")


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
    logs = caller_logs(binding, route)
    return [call for log in logs for call in _failed_in(log)] if logs else None


def lasting_failures(binding: Binding, route: BoundRoute) -> list[FailedCall]:
    """Failed calls of the last minutes after which none succeeded, and no NetworkPolicy opened the way."""
    found: list[FailedCall] = []
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        calls = (call for call in _failed_in(log) if binding.within(call.time, LATELY_SECONDS, log.pod))
        found += [call for call in calls if success is None or call.time is None or call.time > success]
    opened = opened_since(binding, route) if found else None
    return [call for call in found if not _is_before(call, opened)]


def _is_before(call: FailedCall, since: datetime | None) -> bool:
    """Whether the call was made before that moment, or was under way then: one that waits in vain is told of late."""
    return since is not None and call.time is not None and call.time - _waited(call) <= since + SETTLING


def _waited(call: FailedCall) -> timedelta:
    if call.error not in ("ETIMEDOUT", "EAI_AGAIN"):
        return timedelta()
    stated = _STATED_TIMEOUT.search(call.line)
    return timedelta(milliseconds=min(int(stated[1]), 60_000)) if stated else _USUAL_TIMEOUT


def calls_succeed(binding: Binding, route: BoundRoute) -> bool:
    """Whether a call along the route succeeded in the last minutes, and none of the same program failed since."""
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        calls = [call for call in _failed_in(log) if success and call.time and call.time > success]
        if success is not None and not any(is_along(binding, route, call) for call in calls):
            return True
    return False


def _failed_in(log: ContainerLog) -> tuple[FailedCall, ...]:
    return failed_in_text(log.text or "")


@lru_cache(maxsize=16)
def failed_in_text(text: str) -> tuple[FailedCall, ...]:
    """The newest failed calls that a log tells of, in any client's words: every check of a route asks for them.

    Only those that fell before they reached a program: one that was accepted and then cut may be a passing trouble.
    Where the text says that a call to a host failed, but not how (`fetch failed`), its error is UNTOLD.
    """
    found = [
        FailedCall(
            UNTOLD if call.is_vague else ERRORS[call.kind],
            call.host,
            call.port or 0,
            call.at if call.zone_known else None,
            call.line,
        )
        for call in read_failed_calls(text)
        if call.host and (call.is_vague or call.kind in ERRORS)
    ]
    found.sort(key=lambda call: call.time.timestamp() if call.time else 0.0)
    return tuple(FailedCall(one.error, one.host, one.port, one.time, shortened(one.line)) for one in found[-_MOST:])


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


def is_along(binding: Binding, route: BoundRoute, call: FailedCall) -> bool | None:
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


def check_observed(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the caller's own log say that its calls fail now, or that they succeed; does the called one fail them?"""
    check, served = _calls_seen(binding, route, kind), served_errors(binding, route)
    facts = {
        **check.facts,
        f"{route.name}.observed.served_errors": bool(served),
        f"{route.name}.observed.served_text": served or "it fails no call",
    }
    if not served:
        return replace(check, facts=facts)
    words = f"The log of the {route.called.spec.label} says that it answers with errors: {served}"
    seen = f"{check.summary} {words}" if check.status is CheckStatus.FAIL else words
    return replace(check, status=CheckStatus.FAIL, summary=seen, gap=None, facts=facts)


def _calls_seen(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    target = route.caller.workload.target if route.caller.workload else route.caller.name
    question = CheckBuilder(kind, route.name, "observed", binding.kubectl(f"logs {target} --tail=100 --timestamps"))
    calls = failed_calls(binding, route)
    if calls is None:
        return question.open(_unread(binding, route))
    if calls and all(call.time is None for call in calls):
        what = f"when the calls of the {route.caller.spec.label} failed"
        return question.open(Gap(GapReason.NOT_READ, what, "its log lines carry no times"))
    lasting = [call for call in lasting_failures(binding, route) if _after_it_served(route, call)]
    failed = [call for call in lasting if is_along(binding, route, call)]
    errors = _errors(binding, route)
    last = failed[-1].line if failed else errors[-1] if errors else calls[-1].line if calls else ""
    facts: dict[str, FactValue | Gap] = {
        "observed.failing": bool(failed),
        "observed.errors": bool(errors),
        "observed.succeeding": calls_succeed(binding, route),
        "observed.text": last or "no failed call in the log",
        **kept_address(binding, route, ((call.host, call.port, call.line) for call in reversed(lasting))),
    }
    if failed or errors:
        return question.answered(False, f"Its log says: {last}", facts)
    unclear = next((call for call in reversed(lasting) if is_along(binding, route, call) is None), None)
    if unclear is not None:
        gap = Gap(GapReason.ABSENT, f"what a failed call in its log is about: {unclear.line}", "it names another place")
        return question.open(gap, facts | {"observed.failing": gap, "observed.text": unclear.line})
    nameless = _nameless(binding, route)
    if nameless:
        gap = Gap(GapReason.ABSENT, f"what failed calls in its log are about: {nameless}", "they name no place")
        return question.open(gap, facts | {"observed.failing": gap, "observed.text": nameless})
    mixed = mixed_answers(binding, route, LATELY_SECONDS)
    if mixed:
        gap = Gap(GapReason.ABSENT, f"why its calls are answered now so, now so: {mixed}", "some of them succeed")
        return question.open(gap, facts | {"observed.text": mixed})
    return question.answered(True, f"No failed call in the last {LATELY_SECONDS:.0f} seconds of its log.", facts)


def _nameless(binding: Binding, route: BoundRoute) -> str:
    """The last of several failed calls of the last minutes that name no place, and after which none succeeded."""
    found: list[str] = []
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        for call in read_failed_calls(log.text or ""):
            known = call.at if call.zone_known else None
            if call.host or known is None or not binding.within(known, LATELY_SECONDS, log.pod):
                continue
            if success is None or known > success:
                found += [shortened(call.line)] * call.count
    return found[-1] if len(found) > 1 else ""


def _errors(binding: Binding, route: BoundRoute) -> list[str]:
    """Lines of the last minutes in which calls were answered by a server's error, and none with success since."""
    found: list[str] = []
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        lately = [
            call
            for call in answered_calls(log, route)
            if call.failed and binding.within(call.time, LATELY_SECONDS, log.pod)
        ]
        found += [call.line for call in lately if success is None or (call.time is not None and call.time > success)]
    return found if len(found) > 1 else []


def fails_or_errs(binding: Binding, route: BoundRoute) -> bool:
    """Whether calls along the route fail or are answered by a server's error."""
    lasting = (call for call in lasting_failures(binding, route) if _after_it_served(route, call))
    if any(is_along(binding, route, call) for call in lasting):
        return True
    return bool(_errors(binding, route) or served_errors(binding, route))


def _after_it_served(route: BoundRoute, call: FailedCall) -> bool:
    """Whether the call was made after the called component began to serve, where it serves."""
    since = serves_since(route.called) if any(pod.ready for pod in route.called.pods) else None
    return not _is_before(call, since)


def check_dns(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does name resolution fail for a Service that exists?"""
    question = CheckBuilder(
        kind, route.name, "dns", binding.kubectl_anywhere("-n kube-system get pods -l k8s-app=kube-dns")
    )
    if failed_calls(binding, route) is None:
        return question.open(_unread(binding, route))
    gap = binding.gap("services")
    if gap is not None:
        return question.open(gap)
    address = route.address
    exists = address is not None and service_at(address, binding.view) is not None
    failed = [
        call
        for call in lasting_failures(binding, route)
        if call.error in ("EAI_AGAIN", "ENOTFOUND") and address is not None and call.host == address.host
    ]
    failing = exists and bool(failed)
    text = failed[-1].line if failed else "names are resolved"
    facts: dict[str, FactValue | Gap] = {"dns.failing": failing, "dns.text": text}
    return question.answered(not failing, text if failing else "No name resolution fails.", facts)


def _unread(binding: Binding, route: BoundRoute) -> Gap:
    pods = {pod.metadata.name for pod in route.caller.pods}
    gap = next((log.gap for log in binding.view.logs if log.pod in pods and log.gap is not None), None)
    return gap or Gap(GapReason.NOT_READ, f"log of the {route.caller.spec.label}")
