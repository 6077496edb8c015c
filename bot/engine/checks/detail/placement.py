"""Check on where pods may run: the scheduler's message taken apart, and set against what the nodes have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import LabelSelectorRequirement, Node, Pod, PodSpec
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import pod_events, shortened
from bot.engine.checks.startup.unscheduled import is_gated, unscheduled_facts
from bot.engine.values.quantities import cpu_thousandths, memory_bytes
from bot.playbook.catalogue import ScopeKind

_TAINT = re.compile(r"taint \{([^:}]+): ?([^}]*)\}|\{([^:}]+): ?([^}]*)\}")
_INSUFFICIENT = re.compile(r"Insufficient ([\w./-]*[\w-])")
_SHOWN = 4
_OF_NODES = frozenset({"full", "taint", "cordoned"})
"""What keeps every new pod away, whatever that is: one cause for all of them."""


def check_placement(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Why can a pod not be placed: which rule, its value, and what do the nodes have instead?"""
    question = CheckBuilder(kind, component.name, "placement", binding.kubectl_anywhere("get nodes --show-labels"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    facts: dict[str, FactValue | Gap] = {
        "placement.failing": False,
        "placement.gated": False,
        "placement.of_a_run": False,
        "placement.unwatched": False,
        "placement.node_missing": False,
        "placement.rules": frozenset[str](),
        "placement.text": "",
        "placement.shared": component.name,
    }
    nodes = None if "nodes" in binding.view.gaps else binding.view.nodes
    unscheduled = unscheduled_facts(binding, component)
    if unscheduled:
        text = str(unscheduled["placement.text"])
        return question.answered(False, f"{text}.", facts | {"placement.failing": True} | unscheduled)
    for pod in component.all_pods:
        if pod.status.phase not in ("Pending", ""):
            continue
        condition = pod.condition("PodScheduled")
        named = pod.spec.node_name
        if named and nodes is not None and nodes and named not in {node.metadata.name for node in nodes}:
            text = f"its pods name node {named}, which does not exist (there are: {_names(nodes)})"
            facts |= {"placement.failing": True, "placement.node_missing": True, "placement.text": text}
            return question.answered(False, f"{text}.", facts | {"placement.rules": frozenset({"node-name"})})
        if condition is None or condition.status != "False" or is_gated(pod):
            continue
        rules = _rules(condition.message, pod, nodes or (), component)
        rules = [_with_holder(binding, component, pod, name, words) for name, words in rules]
        text = "; ".join(words for _, words in rules) or shortened(condition.message)
        preempted = _preempted(binding, component)
        text += f"; {preempted}" if preempted else ""
        names = frozenset(name for name, _ in rules)
        facts |= {"placement.failing": True, "placement.rules": names, "placement.text": text}
        if names and names <= _OF_NODES:
            facts["placement.shared"] = text
        return question.answered(False, f"{text}.", facts)
    return question.answered(True, "No pod waits for a node.", facts)


def _with_holder(binding: Binding, component: BoundComponent, pod: Pod, rule: str, words: str) -> tuple[str, str]:
    """A rule that other pods have a part in, with which these are."""
    if rule == "anti-affinity":
        return _kept_away(binding, component, pod, words)
    return (rule, _taken(binding, pod, words)) if rule == "host-port" else (rule, words)


def _taken(binding: Binding, pod: Pod, words: str) -> str:
    """Which host port is taken, and by which pods of this namespace; those of others are not seen."""
    wanted = _host_ports(pod)
    holders = {
        other.metadata.name: taken
        for other in binding.view.pods
        if other.spec.node_name and other.status.phase not in ("Succeeded", "Failed")
        if (taken := wanted & _host_ports(other))
    }
    ports = sorted({port for port, _ in (set().union(*holders.values()) or wanted)})
    if not ports:
        return words
    said = f"its host port {', '.join(map(str, ports))} is taken on every node"
    return f"{said}: by {', '.join(f'pod/{name}' for name in sorted(holders)[:_SHOWN])}" if holders else said


def _host_ports(pod: Pod) -> set[tuple[int, str]]:
    return {(port.host_port, port.protocol) for box in pod.spec.containers for port in box.ports if port.host_port}


def _kept_away(binding: Binding, component: BoundComponent, pod: Pod, words: str) -> tuple[str, str]:
    """Whose anti-affinity keeps the pod away: its own against these, or that of pods that are there already."""

    def wants_apart(one: Pod, other: Pod) -> bool:
        affinity = one.spec.affinity.pod_anti_affinity if one.spec.affinity else None
        terms = affinity.required_during_scheduling_ignored_during_execution if affinity else ()
        return any(term.label_selector.matches(other.metadata.labels) for term in terms)

    for other in binding.components.values():
        if other.name == component.name or other.workload is None:
            continue
        placed = [item for item in other.all_pods if item.spec.node_name]
        if any(wants_apart(pod, item) for item in placed):
            return "anti-affinity", f"its anti-affinity keeps it off the nodes of {other.workload.target}"
        if any(wants_apart(item, pod) for item in placed):
            return "anti-affinity", f"the anti-affinity of {other.workload.target} keeps it off every node of that"
    return "anti-affinity", words


def _names(nodes: Sequence[Node]) -> str:
    names = [node.metadata.name for node in nodes]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _rules(message: str, pod: Pod, nodes: Sequence[Node], component: BoundComponent) -> list[tuple[str, str]]:
    """Each thing that the scheduler counts, in words, with what the nodes have."""
    low, spec = message.lower(), pod.spec
    found: list[tuple[str, str]] = []
    if "node selector" in low or "node affinity" in low or "nodeselector" in low:
        found += _selectors(spec, nodes)
    if "taint" in low:
        found.append(("taint", _taints(message, spec, nodes)))
    found += [_insufficient(match, spec, nodes) for match in dict.fromkeys(_INSUFFICIENT.findall(message))]
    if ("unschedulable" in low and "were unschedulable" in low) or "node(s) were unschedulable" in low:
        cordoned = [node for node in nodes if node.spec.unschedulable]
        found.append(("cordoned", f"cordoned: {_names(cordoned) or 'some nodes'}"))
    if "anti-affinity" in low:
        replicas = component.workload.spec.replicas if component.workload else 1
        found.append(("anti-affinity", f"anti-affinity lets one pod on each node: {replicas} pods, {len(nodes)} nodes"))
    elif "pod affinity" in low:
        found.append(("pod-affinity", "no node has the pods that it wants beside it (pod affinity)"))
    found += _full(low, nodes)
    if "topology spread" in low:
        found += _spread(spec, nodes)
    found += [(name, words) for name, said, words in _PLAIN if any(one in low for one in said)]
    return found


def _selectors(spec: PodSpec, nodes: Sequence[Node]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in spec.node_selector.items():
        if not any(node.metadata.labels.get(key) == value for node in nodes):
            found.append(("node-selector", f"node selector {key}={value}: {_has(key, nodes)}"))
    affinity = spec.affinity.node_affinity if spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    terms = required.node_selector_terms if required else ()
    for term in terms:
        for wanted in (*term.match_expressions, *term.match_fields):
            if not any(_fits(wanted, node) for node in nodes):
                words = f"{wanted.key} {wanted.operator} {', '.join(wanted.values)}".strip()
                found.append(("affinity", f"node affinity {words}: {_has(wanted.key, nodes)}"))
    return found or [("node-selector", "no node fits its node selector and affinity together")]


_PLAIN = (
    (
        "volume-zone",
        ("volume node affinity", "no available volume zone"),
        "its volume is in a zone or on a node where it may not run",
    ),
    ("host-port", ("free ports",), "its host port is taken on every node"),
    ("claim", ("persistentvolumeclaim",), "it waits for a volume claim"),
)
"""What the scheduler counts and says whole: the rule, its words, ours."""


def _full(low: str, nodes: Sequence[Node]) -> list[tuple[str, str]]:
    if "too many pods" not in low:
        return []
    most = sorted({node.status.allocatable.get("pods", "") for node in nodes} - {""})
    return [("full", "the nodes run as many pods as they may" + (f" ({', '.join(most)})" if most else ""))]


def _spread(spec: PodSpec, nodes: Sequence[Node]) -> list[tuple[str, str]]:
    """Rules of spreading that no node can obey: those over a label that no node has first."""
    hard = [item for item in spec.topology_spread_constraints if item.when_unsatisfiable != "ScheduleAnyway"]
    bare = [item for item in hard if not any(item.topology_key in node.metadata.labels for node in nodes)]
    return [
        ("spread", f"topology spread over {item.topology_key}: {_has(item.topology_key, nodes)}")
        for item in (bare or hard)
    ]


def _has(key: str, nodes: Sequence[Node]) -> str:
    """`the nodes have zone=a, zone=b`, or that none has such a label."""
    if key == "metadata.name":
        return f"the nodes are {_names(nodes)}"
    values = sorted({node.metadata.labels[key] for node in nodes if key in node.metadata.labels})
    if not nodes:
        return "the nodes could not be read"
    return (
        f"the nodes have {', '.join(f'{key}={value}' for value in values[:_SHOWN])}"
        if values
        else (f"no node has a label {key}")
    )


def _fits(wanted: LabelSelectorRequirement, node: Node) -> bool:
    labels = node.metadata.labels
    value = node.metadata.name if wanted.key == "metadata.name" else labels.get(wanted.key)
    match wanted.operator:
        case "In":
            return value in wanted.values
        case "NotIn":
            return value not in wanted.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return (
                value is not None
                and value.isdigit()
                and bool(wanted.values)
                and (
                    int(value) > int(wanted.values[0])
                    if wanted.operator == "Gt"
                    else int(value) < int(wanted.values[0])
                )
            )
        case _:
            return False


def _taints(message: str, spec: PodSpec, nodes: Sequence[Node]) -> str:
    unmet = [
        f"{node.metadata.name}: {taint.key}{'=' + taint.value if taint.value else ''}:{taint.effect}"
        for node in nodes
        for taint in node.spec.taints
        if taint.effect in ("NoSchedule", "NoExecute")
        and not any(item.tolerates(taint.key, taint.value, taint.effect) for item in spec.tolerations)
    ]
    if unmet:
        more = f" and {len(unmet) - _SHOWN} more" if len(unmet) > _SHOWN else ""
        return f"taints that it does not tolerate: {'; '.join(unmet[:_SHOWN])}{more}"
    match = _TAINT.search(message)
    name = next((part for part in match.groups() if part), "") if match else ""
    return f"a taint that it does not tolerate{': ' + name if name else ''}"


def _insufficient(resource: str, spec: PodSpec, nodes: Sequence[Node]) -> tuple[str, str]:
    """What it asks for beside the most that any node has."""
    of_memory = resource in ("memory", "ephemeral-storage")
    amount: Callable[[str], int | None] = (
        cpu_thousandths if resource == "cpu" else memory_bytes if of_memory else _whole
    )
    boxes = [item.resources for item in spec.containers]
    asked = [item.requests.get(resource) or item.limits.get(resource, "") for item in boxes]
    total = " + ".join(text for text in asked if text) or "?"
    offers = [node.status.allocatable.get(resource, "") for node in nodes]
    best = max((text for text in offers if text), key=lambda text: amount(text) or 0, default="")
    if not best and nodes:
        return resource, f"it asks for {resource} {total}, which no node offers"
    largest = f"; the largest node has {best} in all" if best else ""
    name = resource if resource in ("cpu", "memory") else "resource"
    return name, f"not enough {resource}: it asks for {total}{largest}"


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _preempted(binding: Binding, component: BoundComponent) -> str:
    """Who took its place, if a pod of higher priority did."""
    prefix = component.workload.metadata.name if component.workload else component.name
    events: Iterable[str] = (
        event.message
        for event in binding.view.events
        if event.reason == "Preempted" and event.involved_object.name.startswith(prefix)
    )
    found = next((message for message in events), "")
    own = pod_events(binding, component.all_pods, "Preempted")
    return shortened(found or (own[0].message if own else ""))
