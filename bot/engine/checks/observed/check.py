"""Checks on what logs say of the calls along a route: do they fail now, does the called one fail them, what of DNS?"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.kubernetes import Service
from bot.engine.binding import Binding, BoundRoute, service_at
from bot.engine.calls.logs import calls_in_text
from bot.engine.calls.speaker import own_text
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import serves_since, shortened
from bot.engine.checks.observed.along import calls_succeed, is_along, mixed_failures
from bot.engine.checks.observed.answered import answered_calls, caller_logs, last_success, mixed_answers
from bot.engine.checks.observed.failed import (
    LATELY_SECONDS,
    RouteFailure,
    failed_calls,
    is_before,
    lasting_failures,
)
from bot.engine.checks.observed.kept import kept_address
from bot.engine.checks.observed.served import served_errors
from bot.playbook.catalogue import ScopeKind


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
    words = f"The log of {route.called.named} says that it answers with errors: {served}"
    seen = f"{check.summary} {words}" if check.status is CheckStatus.FAIL else words
    return replace(check, status=CheckStatus.FAIL, summary=seen, gap=None, facts=facts)


def _calls_seen(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    target = route.caller.workload.target if route.caller.workload else route.caller.name
    question = CheckBuilder(kind, route.name, "observed", binding.kubectl(f"logs {target} --tail=100 --timestamps"))
    calls = failed_calls(binding, route)
    if calls is None:
        return question.open(_unread(binding, route))
    if calls and all(call.time is None for call in calls):
        what = f"when the calls of {route.caller.named} failed"
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
    mixed = mixed_answers(binding, route, LATELY_SECONDS) or mixed_failures(binding, route)
    if mixed:
        gap = Gap(GapReason.ABSENT, f"why its calls are answered now so, now so: {mixed}", "some of them succeed")
        return question.open(gap, facts | {"observed.text": mixed})
    return question.answered(True, f"No failed call in the last {LATELY_SECONDS:.0f} seconds of its log.", facts)


def _nameless(binding: Binding, route: BoundRoute) -> str:
    """The last of several failed calls of the last minutes that name no place, and after which none succeeded."""
    found: list[str] = []
    for log in caller_logs(binding, route):
        success = last_success(binding, route, log, LATELY_SECONDS)
        for call in calls_in_text(own_text(log)):
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


def _after_it_served(route: BoundRoute, call: RouteFailure) -> bool:
    """Whether the call was made after the called component began to serve, where it serves."""
    since = serves_since(route.called) if any(pod.ready for pod in route.called.pods) else None
    return not is_before(call, since)


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
    service = service_at(address, binding.view) if address is not None else None
    exists = service is not None and not _has_no_address(binding, service)
    failed = [
        call
        for call in lasting_failures(binding, route)
        if call.error in ("EAI_AGAIN", "ENOTFOUND") and address is not None and call.host == address.host
    ]
    failing = exists and bool(failed)
    text = failed[-1].line if failed else "names are resolved"
    facts: dict[str, FactValue | Gap] = {"dns.failing": failing, "dns.text": text}
    return question.answered(not failing, text if failing else "No name resolution fails.", facts)


def _has_no_address(binding: Binding, service: Service) -> bool:
    """Whether the name of a Service has no address by right: headless, and none of its pods is ready."""
    if not service.headless or service.spec.publish_not_ready_addresses or binding.gap("endpoints") is not None:
        return False
    groups = (group for group in binding.view.endpoints if group.service == service.metadata.name)
    return not any(address.ready for group in groups for address in group.addresses)


def _unread(binding: Binding, route: BoundRoute) -> Gap:
    pods = {pod.metadata.name for pod in route.caller.pods}
    gap = next((log.gap for log in binding.view.logs if log.pod in pods and log.gap is not None), None)
    return gap or Gap(GapReason.NOT_READ, f"log of {route.caller.named}")
