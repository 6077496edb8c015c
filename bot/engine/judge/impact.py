"""How much of a component a fault takes away: all of it, some of its replicas, or nothing that serves. Pure.

Called by `diagnose` for each confirmed cause, and by `explain.symptoms`: where others serve, a fault explains an
outage only if what was pasted is about the part that is hit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.diagnosis import Impact
from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.inferred import desired_replicas
from bot.engine.checks.containers import plural, unstable_runs
from bot.engine.judge.verdicts import Judged

Facts = Mapping[str, FactValue | Gap]
_SILENT = ("refused", "timed_out", "unreachable")


@dataclass(frozen=True, slots=True)
class Loss:
    """What a fault takes away: `serving` of `total` pods go on; `addresses` are those of the pods that do not."""

    impact: Impact
    serving: int = 0
    total: int = 0
    addresses: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """`1 of 4 pods; 3 serve`; empty where not a part is hit."""
        if self.impact is not Impact.DEGRADED or self.serving == self.total:
            return ""
        return f"{self.total - self.serving} of {plural(self.total, 'pod')}; {self.serving} serve"


def loss_of(cause: Judged, facts: Facts, binding: Binding) -> Loss:
    """What this cause takes away."""
    if cause.spec.state or cause.spec.benign:
        return Loss(Impact.NONE)
    if cause.spec.breaks is None:
        about = binding.components.get(cause.hypothesis.component)
        serves = about is not None and bool(serving_pods(binding, about, facts))
        return Loss(Impact.NONE if serves else Impact.UNKNOWN)
    component = binding.components.get(cause.spec.breaks)
    if component is None:
        return Loss(Impact.DOWN if cause.spec.breaks in binding.routes else Impact.UNKNOWN)
    if component.spec.role == "dependency":
        needing = [binding.components[name] for name in component.spec.needed_by if name in binding.components]
        losses = [_of_component(binding, item, facts) for item in needing]
        least = min(losses, key=lambda loss: loss.serving, default=Loss(Impact.UNKNOWN))
        # Who needs it still answers, but not all that it does can go well.
        return replace(least, impact=Impact.DEGRADED) if least.impact is Impact.NONE else least
    return _of_component(binding, component, facts)


def _of_component(binding: Binding, component: BoundComponent, facts: Facts) -> Loss:
    if binding.gap("pods") is not None:
        return Loss(Impact.UNKNOWN)
    serving = serving_pods(binding, component, facts)
    names = {pod.metadata.name for pod in serving}
    total = max(desired_replicas(component.workload) or 0, len(component.all_pods))
    lost = frozenset(pod.status.pod_ip for pod in component.all_pods if pod.metadata.name not in names) - {""}
    if _fails_calls(binding, component, facts) and len(serving) == total:
        # Not every pod's log is read: of several, others may serve.
        return Loss(Impact.DOWN, 0, total) if total == 1 else Loss(Impact.UNKNOWN, len(serving), total)
    impact = Impact.DOWN if not serving else Impact.DEGRADED if len(serving) < total else Impact.NONE
    return Loss(impact, len(serving), total, lost)


def _fails_calls(binding: Binding, component: BoundComponent, facts: Facts) -> bool:
    """Whether its log says that a pod that is ready answers with errors, whoever calls."""
    routes = [name for name, route in binding.routes.items() if route.called is component]
    return any(facts.get(f"{name}.observed.served_errors") is True for name in routes)


def serving_pods(binding: Binding, component: BoundComponent, facts: Facts) -> list[Pod]:
    """Its pods that receive traffic and, as far as anybody asked, answer."""
    outcomes = {item.target: item.outcome for item in binding.view.health}
    silent = facts.get(f"{component.name}.health.outcome") in _SILENT
    unstable = {run.pod.metadata.name for run in unstable_runs(binding, component)}

    def serves(pod: Pod) -> bool:
        answered = outcomes.get(f"pod/{pod.metadata.name}") in ("ok", "http_error")
        receives = pod.ready or (answered and _published_unready(binding, component))
        return receives and pod.metadata.name not in unstable and (answered or not silent)

    return [pod for pod in component.all_pods if serves(pod)]


def _published_unready(binding: Binding, component: BoundComponent) -> bool:
    """Whether its Service also leads to pods that are not ready (`publishNotReadyAddresses`)."""
    services = [route.service for route in binding.routes.values() if route.called is component and route.service]
    return any(item.spec.publish_not_ready_addresses for item in services)


_WORST = (Impact.DOWN, Impact.UNKNOWN, Impact.DEGRADED, Impact.NONE)


def worst(impacts: list[Impact]) -> Impact:
    """The impact of several faults together."""
    return next((item for item in _WORST if item in impacts), Impact.NONE)
