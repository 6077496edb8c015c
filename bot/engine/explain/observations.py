"""What was seen that no cause carries: sentences that a person should read beside the verdict. Pure.

Where nothing is confirmed they are the most that can be said; where all is well they keep "healthy" from hiding
something odd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.diagnosis import Verdict
from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.view import LOG_WINDOW
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.checks.containers import RECENTLY, ending_words, is_unstable, runs
from bot.engine.checks.culprits import who
from bot.engine.checks.service import strangers
from bot.engine.checks.startup.unplaced import held_back
from bot.engine.checks.startup.unscheduled import waiting_words
from bot.engine.explain.addresses import with_names

_NAMED = 4
Facts = Mapping[str, FactValue | Gap]


def observations(binding: Binding, facts: Facts, verdict: Verdict, checks: Sequence[Check]) -> tuple[str, ...]:
    """The sentences, each once; where a fault was found it says more than these."""
    if verdict is Verdict.FAULT_FOUND:
        return ()
    found = [] if verdict in (Verdict.HEALTHY, Verdict.RECOVERED) else _waiting(binding)
    for route in binding.routes.values():
        found += _of_route(binding, route, facts)
    for component in binding.components.values():
        found += _over(binding, component)
    found += _suffering(checks) if verdict is Verdict.INCONCLUSIVE else []
    found += _unseen_lines(binding)
    return tuple(with_names(text, binding.view.services) for text in dict.fromkeys(found))


def _waiting(binding: Binding) -> list[str]:
    """Pods that are not ready and of which nobody can tell more yet: what each waits for, one of each component."""
    found: list[str] = []
    for component in binding.components.values():
        pods = [pod for pod in component.all_pods if not pod.ready and pod.metadata.deletion_timestamp is None]
        words = next((text for pod in pods if (text := held_back(binding, pod) or waiting_words(pod))), "")
        if words:
            found.append(f"{component.article.capitalize()}{component.spec.label}: {words}.")
    return found[:_NAMED] + ([f"{len(found) - _NAMED} more have pods that wait."] if len(found) > _NAMED else [])


def _suffering(checks: Sequence[Check]) -> list[str]:
    """Who misses something of a discovered app's Services, in the words of the check."""
    failing = [item for item in checks if item.status is CheckStatus.FAIL and item.id.endswith(".demand")]
    return [item.summary for item in failing[:_NAMED]]


def _of_route(binding: Binding, route: BoundRoute, facts: Facts) -> list[str]:
    name, caller, called = route.name, route.caller.spec.label, route.called.spec.label
    found: list[str] = []
    if facts.get(f"{name}.observed.failing") is True or facts.get(f"{name}.observed.errors") is True:
        found.append(f"The log of the {caller} says: {facts.get(f'{name}.observed.text')}")
        found += _only_local(route)
    if facts.get(f"{name}.observed.served_errors") is True:
        line = facts.get(f"{name}.observed.served_text")
        path = route.called.spec.health
        beside = f", whatever {path} answers" if path else ""
        found.append(f"The log of the {called} says that it answers with errors{beside}: {line}")
    text = facts.get(f"{name}.url.text")
    if facts.get(f"{name}.url.known") is False and isinstance(text, str):
        found.append(f"{text}.")
    address = route.address
    if address is not None and address.kind == "service" and address.namespace != binding.view.namespace:
        here = f", not the {called} of {binding.view.namespace}" if route.called.workload else ""
        found.append(f"{route.variable.name} calls Service {address.service} of namespace {address.namespace}{here}.")
    others = strangers(binding, route)
    if others and route.service is not None:
        names = ", ".join(sorted(others))
        found.append(f"Service {route.service.metadata.name} also selects {names}: part of the calls go there.")
    return found


def _only_local(route: BoundRoute) -> list[str]:
    """A Service that leads to pods of the caller's own node only, where that node has none."""
    if route.service is None or route.service.spec.internal_traffic_policy != "Local":
        return []
    nodes = {pod.spec.node_name for pod in route.called.pods if pod.ready}
    without = sorted({pod.spec.node_name for pod in route.caller.pods if pod.spec.node_name} - nodes)
    if not without:
        return []
    called = route.called.spec.label
    text = (
        f"Service {route.service.metadata.name} has internalTrafficPolicy: Local, and no pod of the {called} that is "
        f"ready is on {', '.join(without)}: calls from there reach nobody."
    )
    return [text]


def _unseen_lines(binding: Binding) -> list[str]:
    """Whose logs say so much that the lines of the last minutes could not all be read."""
    short = {log.pod for log in binding.view.logs if log.short}
    names = [
        item.spec.label for item in binding.components.values() if any(pod.metadata.name in short for pod in item.pods)
    ]
    if not names:
        return []
    whose = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    minutes = int(LOG_WINDOW.total_seconds() // 60)
    text = (
        f"Not all lines of the last {minutes} minutes were read in the log of {whose}, which says more than is read: a "
        "failure that it told only once may stand above."
    )
    return [text]


def _over(binding: Binding, component: BoundComponent) -> list[str]:
    """A container that ended within the last hour and runs since: it is over, with what happened."""
    found: list[str] = []
    for run in runs(component.pods):
        end, started = run.status.last_state.terminated, run.started_at
        if end is None or started is None or is_unstable(run, binding.clocks) or not run.status.restart_count:
            continue
        if binding.within(started, RECENTLY.total_seconds()):
            what = f"{component.article.capitalize()}{who(component, run)}"
            found.append(f"{what} ended once with {ending_words(end)}, and runs since.")
    return found
