"""Check on a dependency: is it down, does somebody's log say so, and does that hurt a component that needs it?"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Service
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.dependencies import used_service
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import is_starting, shortened, unstable_runs
from bot.engine.checks.dependency.answered import answered, is_of_another
from bot.engine.checks.dependency.state import Outside, configured_outside, is_passing, needing, resolves, state_of
from bot.engine.checks.logs import LogLine, first_match, log_lines, logs_of
from bot.engine.checks.observed.check import fails_or_errs
from bot.engine.values.address import parse_address
from bot.engine.values.environment import variable_of
from bot.playbook.catalogue import ScopeKind


def check_dependency(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is the dependency up, judged by its own pods and endpoints and by the logs of those that need it?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "reachable", binding.kubectl(f"get pods,endpoints{selector}"))
    hurts = _hurts(binding, component)
    line, host = _logged(binding, component)
    external = configured_outside(binding, component)
    reached = answered(binding, component, needing(binding, component))
    state = state_of(binding, component, host)
    facts: dict[str, FactValue | Gap] = {
        "dependency.logged": line is not None if _logs_read(binding, component) else _log_gap(binding, component),
        "dependency.log_line": shortened(line.text) if line else "",
        "dependency.log_text": f" A log says: {shortened(line.text)}" if line else "",
        "dependency.external": external,
        "dependency.hurts": hurts,
        "dependency.passing": is_passing(binding, component),
        "dependency.reached": reached is not None,
        "dependency.resolves": resolves(binding, component),
        "dependency.used": isinstance(used_service(component.spec, binding.components, binding.view), Service),
    }
    witness = _proving(binding, component) if isinstance(state, Outside) else None
    if witness is not None:
        words = f"{witness.spec.health} of {witness.named} answers, which asks {component.named} too"
        facts |= {"dependency.external": True, "dependency.down": False, "dependency.reason": words}
        return question.answered(True, f"{words}.", facts)
    if isinstance(state, Outside):
        facts["dependency.external"] = True
        if line is None and not isinstance(facts["dependency.logged"], Gap) and hurts is False:
            return _not_asked(binding, component, question, state, facts)
        state = Gap(GapReason.ABSENT, component.named, state.where)
    if isinstance(state, Gap):
        facts["dependency.reason"] = f"{component.spec.label} cannot be reached, and it is not in this namespace"
        return question.open(state, facts)
    down, reason = state
    facts |= {"dependency.down": down, "dependency.reason": reason}
    return question.answered(not down, f"{component.spec.label}: {reason}.", facts)


def _proving(binding: Binding, component: BoundComponent) -> BoundComponent | None:
    """Who needs it, and whose health endpoint answers and cannot without it."""
    answering = {item.target for item in binding.view.health if item.outcome == "ok"}
    for item in binding.components.values():
        if component.name in item.spec.proves and any(f"pod/{pod.metadata.name}" in answering for pod in item.pods):
            return item
    return None


def _not_asked(
    binding: Binding,
    component: BoundComponent,
    question: CheckBuilder,
    outside: Outside,
    facts: dict[str, FactValue | Gap],
) -> Check:
    """What is outside, and nobody complains of: neither up nor down was seen, and whoever needs it serves."""
    users = needing(binding, component)
    callers = " and ".join(item.spec.label for item in users) or "app"
    read = any(log.text is not None for item in users for log in logs_of(binding, item))
    known = "no log that was read says that it fails" if read else "none of its logs was read"
    detail = f"{outside.where}, so it cannot be asked from here; the {callers} serves, and {known}"
    named = outside.place or component.named
    sign = f"If it fails, the log of the {callers} names {named} with “refused”, “timed out” or “not known”"
    gap = Gap(GapReason.NOT_READ, component.named, detail)
    facts["dependency.reason"] = outside.where
    words = f"{component.spec.label}: {detail}. {sign}."
    return replace(question.open(gap, facts), summary=words)


def _hurts(binding: Binding, component: BoundComponent) -> bool | Gap:
    gap = binding.gap("pods")
    if gap is not None:
        return gap
    return any(_is_troubled(binding, item) for item in needing(binding, component))


def _is_troubled(binding: Binding, item: BoundComponent) -> bool:
    """Whether it does not serve, keeps ending, or answers with errors. What is killed for memory has its own cause."""
    unstable = unstable_runs(binding, item)
    if unstable:
        return not all(run.out_of_memory for run in unstable)
    if item.workload is not None and not any(pod.ready for pod in item.pods):
        # Who has just begun, or begun again, serves nobody yet, whatever is up beside it.
        return not item.pods or not all(is_starting(pod, binding.clocks) for pod in item.pods)
    return any(fails_or_errs(binding, route) for route in binding.routes.values() if route.called is item)


def _logs_read(binding: Binding, component: BoundComponent) -> bool:
    """Whether the logs that could speak of it were read. Stable components' logs are not asked: nothing to explain."""
    troubled = [item for item in needing(binding, component) if _is_troubled(binding, item)]
    return all(any(log.text is not None for log in logs_of(binding, item)) for item in troubled if item.pods)


def _log_gap(binding: Binding, component: BoundComponent) -> Gap:
    gaps = [log.gap for item in needing(binding, component) for log in logs_of(binding, item) if log.gap is not None]
    return gaps[0] if gaps else Gap(GapReason.NOT_READ, f"logs of what needs {component.named}")


def _logged(binding: Binding, component: BoundComponent) -> tuple[LogLine | None, str]:
    """The last line in which a troubled component says that it cannot reach this one, and the host it names."""
    for item in needing(binding, component):
        if not _is_troubled(binding, item):
            continue
        serves = any(pod.ready for pod in item.pods) and not unstable_runs(binding, item)
        for log in logs_of(binding, item):
            lines = [line for line in log_lines(log) if not serves or _lately(binding, line, log.pod)]
            found = first_match(component.spec.unreachable_when_log_says, lines)
            found = None if found is not None and is_elsewhere(binding, component, item, found[1]) else found
            found = found or _names_configured_host(binding, component, item, lines)
            # A program that starts after it has waited for its database has reached it.
            own = found is not None and _is_of_its_own_pod(item, found[1], log.pod)
            if found is not None and not own and not _started_after(item, lines, found[0]):
                return found
    return None, ""


def is_elsewhere(binding: Binding, component: BoundComponent, item: BoundComponent, host: str) -> bool:
    """Whether the line is about a host by name that is not the one which the settings name: a user's own database."""
    named = parse_address(f"http://{host}", binding.view.namespace) if host else None
    if named is None or named.kind not in ("service", "external"):
        return False
    values = [variable_of(item.container, name, binding.view).value for name in component.spec.host_env]
    told = [parse_address(value if "://" in value else f"http://{value}", binding.view.namespace)
            for value in values if value]  # fmt: skip
    known = [one for one in told if one is not None and one.kind in ("service", "external")]
    return bool(known) and not any(
        one.host == named.host or (one.service and (one.service, one.namespace) == (named.service, named.namespace))
        for one in known
    )


def _is_of_its_own_pod(item: BoundComponent, host: str, pod: str) -> bool:
    """Whether the line is about another container of its pod: a proxy or a pooler on its own address."""
    address = parse_address(f"http://{host}", "") if host else None
    if address is None or address.kind != "loopback":
        return False
    return any(len(one.spec.serving_containers) > 1 for one in item.all_pods if one.metadata.name == pod)


def _lately(binding: Binding, line: LogLine, pod: str) -> bool:
    """A process that runs on and fails calls now may have got over what it wrote long ago."""
    return line.time is not None and binding.within(line.time, 300, pod)


_UNREACHABLE = re.compile(
    r"(?i)refused|timed? ?out|no route to host|unreachable|not known|name resolution|getaddrinfo|reset by peer"
)


def _names_configured_host(
    binding: Binding, component: BoundComponent, item: BoundComponent, lines: list[LogLine]
) -> tuple[LogLine, str] | None:
    """The last line that says that the host which the settings name cannot be reached."""
    values = (variable_of(item.container, name, binding.view).value for name in component.spec.host_env)
    addresses = (parse_address(value if "://" in value else f"http://{value}", "") for value in values if value)
    hosts = {address.host for address in addresses if address is not None and len(address.host) > 3}
    # As a whole name: `prod` is not named by `prod-pg-rw`.
    named = {host: re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])") for host in hosts}
    for line in reversed(lines):
        host = next((host for host in hosts if named[host].search(line.text[:4000].lower())), "")
        if host and _UNREACHABLE.search(line.text[:4000]) and not is_of_another(binding, component, line.text):
            return line, host
    return None


def _started_after(item: BoundComponent, lines: list[LogLine], line: LogLine) -> bool:
    later = lines[lines.index(line) + 1 :]
    return first_match(item.spec.started_when_log_says, later) is not None
