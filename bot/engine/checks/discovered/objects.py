"""Checks on Ingresses and autoscalers: do the things exist that they name, and can they do their work?"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.kubernetes import Condition, HorizontalPodAutoscaler, Ingress, IngressBackend
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import shortened
from bot.engine.checks.detail.going_on import worst_of
from bot.engine.checks.detail.reported import complained_of, reported_kinds
from bot.engine.checks.discovered.demand import check_demand, is_suffering
from bot.engine.discovery.evidence import component_logs
from bot.engine.discovery.services import backends, closest

_CLASS = "kubernetes.io/ingress.class"
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_SHARED = re.compile(r"/(canary|mergeable-ingress-type|group\.name|router\.priority|service-match)$")
"""Annotations by which a controller lets several Ingresses have one path: a part of the calls, or in an order."""
_MAKING = timedelta(seconds=30)
_A_WHILE = timedelta(minutes=3)
"""Peaks, and pods of which there are no numbers yet, pass within a few rounds of an autoscaler."""
_LASTING = re.compile(r"missing request for|could not find the requested resource|no matches for kind")
"""What no waiting helps against."""


def check_ingress(binding: Binding, scope: str, ingress: Ingress) -> Check:
    """Does it have a controller, and do its backends exist?"""
    name = ingress.metadata.name
    question = CheckBuilder("ingress", scope, "ingress", binding.kubectl(f"describe ingress {name}"))
    ready = any(item.ip or item.hostname for item in ingress.status.load_balancer.ingress)
    facts: dict[str, FactValue | Gap] = {
        "label": name,
        "ingress.class_missing": False,
        "ingress.class_text": "",
        "ingress.backend_missing": False,
        "ingress.backend_text": "",
        "ingress.ready": ready,
    }
    missing_class = _class(binding, ingress, ready=ready)
    named = bool(ingress.spec.ingress_class_name)
    facts["ingress.classless"] = bool(missing_class) and not named
    if isinstance(missing_class, Gap):
        facts |= {"ingress.class_missing": missing_class, "ingress.classless": False if named else missing_class}
    elif missing_class:
        facts |= {"ingress.class_missing": named, "ingress.class_text": missing_class}
    backend = next((text for item in backends(ingress) if (text := _backend(binding, item))), "")
    gap = binding.gap("services")
    if gap is not None:
        facts["ingress.backend_missing"] = gap
    elif backend and _has_just_been_made(binding, ingress):
        facts["ingress.backend_missing"] = Gap(GapReason.ABSENT, "its backend", f"{backend}, and it was just made")
    elif backend:
        facts |= {"ingress.backend_missing": True, "ingress.backend_text": backend}
    shadow = _shadow(binding, ingress)
    facts |= {"ingress.shadowed": bool(shadow), "ingress.shadow_text": shadow}
    said = "; ".join(text for text in (missing_class, backend, shadow) if isinstance(text, str) and text)
    return question.answered(not said, said or f"Ingress {name} names what exists.", facts)


def _class(binding: Binding, ingress: Ingress, *, ready: bool) -> str | Gap:
    """What is wrong with its class; empty if nothing is. An annotation is the controller's own business."""
    wanted = ingress.spec.ingress_class_name
    classes = binding.view.ingressclasses
    if not wanted and _CLASS in ingress.metadata.annotations:
        return ""
    if ready:
        return ""
    gap = binding.gap("ingressclasses")
    if gap is not None:
        return gap
    known = ", ".join(sorted(item.metadata.name for item in classes)) or "none"
    if wanted:
        exists = any(item.metadata.name == wanted for item in classes)
        return "" if exists else f"Ingress class {wanted} does not exist (there are: {known}), so nothing makes it work"
    if not classes or any(item.metadata.annotations.get(_DEFAULT) == "true" for item in classes):
        return ""  # where there are no classes at all, a controller takes those that name none, as of old
    return (
        f"it names no Ingress class, and none is the default (there are: {known}): "
        "unless a controller takes those without a class, nothing makes it work"
    )


def _backend(binding: Binding, backend: IngressBackend) -> str:
    """What is wrong with a backend; empty if nothing is."""
    wanted = backend.service
    if wanted is None or not wanted.name:
        return ""
    service = next((item for item in binding.view.services if item.metadata.name == wanted.name), None)
    if service is None:
        near = closest(wanted.name, (item.metadata.name for item in binding.view.services))
        hint = f"; the nearest is {near}" if near else ""
        return f"its backend Service {wanted.name} does not exist{hint}"
    ports = service.spec.ports
    fits = any(
        (wanted.port.number and port.port == wanted.port.number) or (wanted.port.name and port.name == wanted.port.name)
        for port in ports
    )
    if fits or not ports:
        return ""
    listed = ", ".join(str(port.port) + (f" ({port.name})" if port.name else "") for port in ports)
    return f"its backend Service {wanted.name} has no port {wanted.port.name or wanted.port.number} (it has {listed})"


def _shadow(binding: Binding, ingress: Ingress) -> str:
    """Another Ingress of the same class for the same host and path."""
    own = _paths(ingress)
    for other in binding.view.ingresses:
        if other.metadata.name == ingress.metadata.name:
            continue
        if other.spec.ingress_class_name != ingress.spec.ingress_class_name:
            continue
        if _is_shared(ingress) or _is_shared(other):
            continue
        both = sorted(own & _paths(other))
        if both:
            host, path, _ = both[0]
            return f"Ingress {other.metadata.name} claims {host or 'every host'}{path} too"
    return ""


def _has_just_been_made(binding: Binding, ingress: Ingress) -> bool:
    """Whether who made it may not have come to its Service yet."""
    made = ingress.metadata.creation_timestamp
    return made is not None and not binding.lasts(made, _MAKING)


def _is_shared(ingress: Ingress) -> bool:
    return any(_SHARED.search(key) and value != "false" for key, value in ingress.metadata.annotations.items())


def _paths(ingress: Ingress) -> set[tuple[str, str, str]]:
    """Host, path and how the path is compared: one exactly wins over the same as the head of paths."""
    return {(rule.host, item.path or "/", item.path_type) for rule in ingress.spec.rules for item in rule.http.paths}


def check_autoscaler(binding: Binding, scope: str, scaler: HorizontalPodAutoscaler) -> Check:
    """Can it measure, does its target exist, is its maximum enough?"""
    name, target = scaler.metadata.name, scaler.spec.scale_target_ref
    question = CheckBuilder("autoscaler", scope, "autoscaler", binding.kubectl(f"describe hpa {name}"))
    conditions = {item.type: item for item in scaler.status.conditions}
    active, able, limited = (conditions.get(kind) for kind in ("ScalingActive", "AbleToScale", "ScalingLimited"))
    components = [
        item
        for item in binding.components.values()
        if item.workload and (item.workload.kind, item.workload.metadata.name) == (target.kind, target.name)
    ]
    gone = able is not None and able.status == "False" and able.reason in ("FailedGetScale", "FailedUpdateScale")
    hurts = any(is_suffering(binding, item) for item in components)
    blind = active is not None and active.status == "False" and active.reason != "ScalingDisabled"
    blind = blind and (hurts or _lasts(binding, active))
    full = limited is not None and limited.status == "True" and limited.reason == "TooManyReplicas"
    pinned = scaler.spec.min_replicas == scaler.spec.max_replicas  # somebody wants just so many
    full = full and (hurts or (_lasts(binding, limited) and not pinned))
    missed = full and (hurts or any(_is_too_slow(binding, item) for item in components))
    told = able if gone else active if blind else limited if full else None
    rivals = [
        item.metadata.name
        for item in binding.view.horizontalpodautoscalers
        if item.metadata.name != name and item.spec.scale_target_ref == target
    ]
    status = scaler.status
    text = shortened(told.message, 300) if told is not None else "it can measure and scale"
    facts: dict[str, FactValue | Gap] = {
        "label": name,
        "autoscaler.target_missing": gone,
        "autoscaler.blind": blind and not gone,
        "autoscaler.at_limit": full,
        "autoscaler.rivals": bool(rivals),
        "autoscaler.text": f"Autoscaler {', '.join(rivals)} scales it too" if rivals and told is None else text,
        "autoscaler.target": f"{target.kind.lower()}/{target.name}",
        "autoscaler.numbers": (
            f"{status.current_replicas} now, {status.desired_replicas} wanted, "
            f"{scaler.spec.min_replicas} to {scaler.spec.max_replicas}"
        ),
        "autoscaler.hurts": hurts,
        "autoscaler.missed": missed,
    }
    bad = gone or blind or full or bool(rivals)
    return question.answered(not bad, f"Autoscaler {name}: {facts['autoscaler.text']}.", facts)


def _is_too_slow(binding: Binding, component: BoundComponent) -> bool:
    """Whether its own log, or that of somebody who calls it, tells of trouble: more pods may be what is missing."""
    graph = binding.graph
    if graph is None:
        return False
    logs = component_logs(binding.view, component)
    if worst_of(binding, reported_kinds(binding, component, logs, ())) or complained_of(binding, component):
        return True
    called = [item for item in graph.services.values() if component.name in item.picked]
    return any(check_demand(binding, item).status is CheckStatus.FAIL for item in called)


def _lasts(binding: Binding, condition: Condition | None) -> bool:
    """Whether a condition has been so for a while, or will be; one without a time counts as old."""
    if condition is None:
        return False
    since = condition.last_transition_time
    if _LASTING.search(condition.message):
        return True
    return since is None or binding.lasts(since, _A_WHILE)
