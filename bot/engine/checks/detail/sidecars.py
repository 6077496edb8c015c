"""A container that keeps ending beside a main one that is fine, and why it ends. Pure."""

from __future__ import annotations

import re

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Event, Pod
from bot.engine.binding import Binding, BoundComponent, main_container
from bot.engine.checks.containers import is_unstable, pod_events, runs, shortened
from bot.engine.checks.logs import last_words
from bot.engine.checks.probes import RECENT_SECONDS
from bot.engine.values.exit_codes import ending_in_words

_PROBE_KILLS = re.compile(r"failed (liveness|startup) probe")


def main_name(pod: Pod, component: BoundComponent) -> str:
    """The container of the pod that does the work; empty where none is known."""
    main = main_container(pod.spec.containers, component.spec)
    return main.name if main else ""


def sidecar_facts(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """The facts about a container that keeps ending beside a main one that is fine; none where there is no such one."""
    for pod in component.pods:
        main = main_name(pod, component)
        native = {item.name for item in pod.spec.init_containers if item.restart_policy == "Always"}
        found = list(runs((pod,)))
        fine = [run for run in found if run.status.name == main and not run.init]
        if not fine or is_unstable(fine[0], binding.clocks) or fine[0].started_at is None:
            continue
        for run in found:
            beside = run.status.name in native if run.init else run.status.name != main
            if beside and is_unstable(run, binding.clocks):
                return {
                    "sidecar.failing": True,
                    "sidecar.container": run.status.name,
                    "sidecar.ending": ending_in_words(run.last_end),
                    "sidecar.words": last_words(binding, pod, run.status.name) or "the log says nothing",
                    "sidecar.why": _ended_by_probe(binding, pod, run.status.name)
                    or f"Its last words: {last_words(binding, pod, run.status.name) or 'the log says nothing'}",
                }
    return {}


def _ended_by_probe(binding: Binding, pod: Pod, name: str) -> str:
    """That the kubelet ends this container because its liveness or startup probe fails, and with what."""
    killed = [
        event
        for event in pod_events(binding, (pod,), "Killing")
        if name in event.message
        and _PROBE_KILLS.search(event.message)
        and binding.within(event.last_seen, RECENT_SECONDS)
    ]
    if not killed:
        return ""
    kind = "startup" if "startup probe" in killed[0].message else "liveness"
    failures = pod_events(binding, (pod,), "Unhealthy")
    said = next((one.message for one in failures if kind in one.message.lower() and name in _where(one)), "")
    return f"The kubelet ends it because its {kind} probe fails" + (f": {shortened(said, 300)}" if said else "")


def _where(event: Event) -> str:
    """The container that an event is about (`spec.containers{sidecar}`); any where it does not say."""
    return event.involved_object.field_path or event.message
