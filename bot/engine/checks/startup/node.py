"""Check on nodes: do pods sit on one that no longer reports?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import (
    pod_events,
)
from bot.playbook.catalogue import ScopeKind


def check_node(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Do its pods sit on a node that no longer reports?"""
    question = CheckBuilder(kind, component.name, "node", binding.kubectl_anywhere("get nodes"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    lost = lost_nodes(binding, component)
    silent = [pod for pod in component.all_pods if not pod.ready and _ready_by_its_containers(pod)]
    if not lost and silent and "nodes" in binding.view.gaps:
        return question.open(binding.view.gaps["nodes"])
    unheard = {pod.spec.node_name for pod in component.all_pods if pod.ready} & _silent_nodes(binding)
    if not lost and unheard:
        what = f"the pods of {component.named}"
        return question.open(Gap(GapReason.ABSENT, what, f"node {', '.join(sorted(unheard))} has stopped reporting"))
    names = ", ".join(sorted(lost))
    called = {route.spec.to for route in binding.routes.values()} - {component.name}
    above = [] if _is_called(binding, component) else [binding.components[name] for name in sorted(called)]
    shared = any(lost & lost_nodes(binding, other) for other in above)
    facts: dict[str, FactValue | Gap] = {"node.lost": bool(lost), "node.names": names, "node.shared": shared}
    return question.answered(not lost, f"Node {names} does not report." if lost else "Its nodes report.", facts)


def _silent_nodes(binding: Binding) -> set[str]:
    """Nodes whose kubelet no longer reports: what is known of their pods is of the time before."""
    return {node.metadata.name for node in binding.view.nodes if not node.ready}


def _is_called(binding: Binding, component: BoundComponent) -> bool:
    return any(route.spec.to == component.name for route in binding.routes.values())


def lost_nodes(binding: Binding, component: BoundComponent) -> set[str]:
    """Nodes under pods of the component that are not ready and whose kubelet no longer reports."""
    suspects = [pod for pod in (*component.all_pods, *component.leaving) if not pod.ready and pod.spec.node_name]
    if not suspects:
        return set()
    unready = {node.metadata.name for node in binding.view.nodes if not node.ready}
    lost = {pod.spec.node_name for pod in suspects if pod.spec.node_name in unready or _is_unheard_of(pod)}
    if "nodes" not in binding.view.gaps:
        known = {node.metadata.name for node in binding.view.nodes}
        gone = {pod.spec.node_name for pod in suspects if known and pod.spec.node_name not in known}
        return lost | gone
    reported = {
        event.involved_object.uid
        for event in pod_events(binding, tuple(suspects), "NodeNotReady", "NodeControllerEviction")
    }
    return lost | {pod.spec.node_name for pod in suspects if pod.metadata.uid in reported}


def _is_unheard_of(pod: Pod) -> bool:
    """Whether the node controller has given the pod up: nobody knows how it is."""
    return pod.status.reason == "NodeLost" or pod.status.phase == "Unknown"


def _ready_by_its_containers(pod: Pod) -> bool:
    statuses = pod.status.container_statuses
    return bool(statuses) and all(status.ready for status in statuses)
