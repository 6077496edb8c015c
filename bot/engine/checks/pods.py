"""Checks on a workload and its pods: is it there, how many are ready, do containers keep ending, with which limits."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Pod, Workload
from bot.domain.kubernetes.kinds import list_of
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.holding import holders_of
from bot.engine.binding.inferred import desired_replicas, is_judged_by_its_pods, is_unread
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import ContainerRun, ending_words, is_starting, plural, runs, unstable_runs
from bot.engine.checks.culprits import is_injected, is_main, is_unattributed, memory_limit, who
from bot.engine.checks.needed import is_needed, is_replaced, run_by_another
from bot.engine.checks.observed.along import calls_succeed
from bot.engine.checks.observed.answered import caller_logs
from bot.engine.checks.probes import kills_by_probe, unready_for_a_moment
from bot.engine.checks.sized import memory_autoscaler, set_by_autoscaler
from bot.playbook.catalogue import ScopeKind


def check_workload(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is the workload there, and how many replicas does it ask for?"""
    workload = component.workload
    noun = workload.kind.lower() if workload else "deployment"
    name = workload.metadata.name if workload else ""
    question = CheckBuilder(
        kind, component.name, "workload", binding.kubectl(f"get {noun} {name} -o wide".replace("  ", " "))
    )
    facts: dict[str, FactValue | Gap] = {"label": component.spec.label}
    if workload is None:
        if component.gap is not None:
            return question.open(component.gap, facts)
        facts |= {"found": False, "target": component.spec.label}
        if kind == "dependency":
            what = f"a workload of {component.spec.label}"
            return question.open(Gap(GapReason.ABSENT, what, "it may run outside this namespace"), facts)
        return question.answered(False, f"No workload of {component.named} was found.", facts)
    facts |= {"found": True, "target": workload.target, **_held(binding, workload)}
    facts |= {"needed": is_needed(binding, component), "replaced": is_replaced(binding, component)}
    facts["called.answered"] = _answered(binding, component)
    container = component.container
    if container is not None:
        facts |= {"image": container.image, "image.tag": image_tag(container.image)}
    desired = desired_replicas(workload)
    by_nodes = workload.kind == "DaemonSet" and desired == 0
    facts["by_nodes"] = by_nodes
    if desired is not None:
        facts["desired"] = desired
    if is_judged_by_its_pods(workload) and component.pods:
        words = f"{workload.target} is not judged itself, only by its {plural(len(component.pods), 'pod')}"
        return question.answered(True, f"{words}.", facts)
    if desired is None or is_unread(workload):
        unread = binding.gap(list_of(workload.kind))
        return question.open(unread or Gap(GapReason.ABSENT, f"the controller of {name}"), facts)
    another = run_by_another(binding, component)
    if another:
        return question.answered(True, f"{workload.target} is at zero, and {another} runs its pods.", facts)
    if by_nodes and not facts["needed"]:
        return question.answered(True, f"No node is for {workload.target} now, by its selector and tolerations.", facts)
    summary = f"{workload.target} asks for {plural(desired, 'replica')}"
    return question.answered(desired > 0, summary + ("." if desired else ": it is scaled to zero."), facts)


def _held(binding: Binding, workload: Workload) -> dict[str, FactValue | Gap]:
    names = [holder.name for holder in holders_of(workload, binding.view) if holder.replicas]
    text = (
        f" {names[0]} decides about its replicas, so look there first: what is scaled by hand is undone."
        if names
        else ""
    )
    return {"held_by": ", ".join(names), "held_text": text}


def image_tag(image: str) -> str:
    """The tag of an image reference; empty when it has none (a digest is not a tag)."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2]


def check_pods(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """How many pods are ready?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "pods", binding.kubectl(f"get pods{selector} -o wide"))
    gap = binding.gap("pods") or component.gap
    if gap is not None:
        return question.open(gap)
    pods = component.pods
    ready = sum(pod.ready for pod in pods)
    desired = desired_replicas(component.workload)
    desired = len(pods) if desired is None else desired
    text = f"{ready} of {plural(max(desired, len(pods)), 'pod')} ready"
    facts: dict[str, FactValue | Gap] = {
        "pods.total": len(pods),
        "pods.ready": ready,
        "pods.serving": ready > 0,
        "pods.starting": bool(pods) and all(is_starting(pod, binding.clocks) for pod in pods),
        "called.heard": _heard(binding, component),
        "called.succeeding": any(
            calls_succeed(binding, route) for route in binding.routes.values() if route.called is component
        ),
        "pods.text": text,
    }
    workload = component.workload
    if not pods and workload and workload.kind == "DaemonSet" and not desired and not is_needed(binding, component):
        return question.idle("No node is for it, so it has no pod.", facts)
    if not pods and run_by_another(binding, component):
        return question.idle("Another workload runs its pods.", facts)
    waiting = [pod for pod in pods if not pod.ready]
    begins = all(is_starting(pod, binding.clocks) for pod in waiting)
    blinks = all(is_starting(pod, binding.clocks) or unready_for_a_moment(binding, pod) for pod in waiting)
    if ready and waiting and len(pods) >= desired and (begins or blinks):
        words = "more have just begun" if begins else "not ready since a moment"
        return question.answered(True, f"{text}; {len(waiting)} {words}.", facts)
    return question.answered(ready > 0 and ready >= desired, text + why_not_ready(pods) + ".", facts)


def _heard(binding: Binding, component: BoundComponent) -> bool:
    """Whether a log of its callers was read, or none of them has one that could be."""
    routes = [route for route in binding.routes.values() if route.called is component]
    unread = any(log.gap for route in routes for log in binding.view.logs if log.pod in _names(route.caller))
    return not unread or any(caller_logs(binding, route) for route in routes)


def _names(component: BoundComponent) -> set[str]:
    return {pod.metadata.name for pod in component.pods}


def _answered(binding: Binding, component: BoundComponent) -> bool:
    """Whether a Service that leads to it answers: what is woken up by a call has no pod until then."""
    names = {
        item.service.metadata.name for item in binding.routes.values() if item.called is component and item.service
    }
    return any(
        item.target in {f"service/{name}" for name in names} and item.outcome == "ok" for item in binding.view.health
    )


def why_not_ready(pods: tuple[Pod, ...]) -> str:
    """Why each pod is not ready, to be put behind a count of them; empty if nothing tells."""
    words: list[str] = []
    for pod in pods:
        if pod.ready:
            continue
        reasons = [run.waiting or ("ended" if run.status.state.terminated else "") for run in runs((pod,))]
        reason = next((item for item in reasons if item), pod.status.reason or pod.status.phase or "unknown")
        if reason not in words:
            words.append(reason)
    return f" ({', '.join(words[:3])})" if words else ""


def _where(component: BoundComponent, unstable: Sequence[ContainerRun]) -> str:
    """The pods whose containers keep ending, where they are a part of several: three of them by name."""
    names = sorted({run.pod.metadata.name for run in unstable})
    if not names or len(names) >= len(component.pods):
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" ({'pod' if len(names) == 1 else 'pods'} {', '.join(names[:3])}{more})"


def check_restarts(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Do containers keep ending, and why did they end last?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "restarts", binding.kubectl(f"describe pods{selector}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    unstable = sorted(unstable_runs(binding, component), key=lambda run: not is_main(component, run))
    killed = [run for run in unstable if run.out_of_memory]
    probed = kills_by_probe(binding, component)
    crashed = [run for run in unstable if not run.out_of_memory and run.pod.metadata.uid not in probed]
    everything = list(runs(component.pods))
    shown = next(iter(killed or unstable), None)
    most = shown.status.restart_count if shown else max((run.status.restart_count for run in everything), default=0)
    reason = (
        ending_words(shown.last_end)
        if shown is not None and shown.last_end
        else (shown.waiting_message if shown is not None else "")
    )
    facts: dict[str, FactValue | Gap] = {
        "restarts.count": most,
        "restarts.unstable": bool(unstable),
        "restarts.crashing": bool(crashed),
        "restarts.reason": reason or "no recorded end",
        "restarts.who": who(component, shown) if shown else component.spec.label,
        "restarts.where": _where(component, unstable),
        "restarts.container": shown.status.name if shown else component.container.name if component.container else "",
        "restarts.injected": shown is not None and is_injected(component, shown),
        "restarts.main": shown is None or is_main(component, shown),
        "restarts.unattributed": any(is_unattributed(binding, run) for run in crashed),
        "oom.killed": bool(killed),
        "oom.count": max((run.status.restart_count for run in killed), default=0),
        "oom.limit": memory_limit(killed[0]) if killed else "none",
        "oom.autoscaler": memory_autoscaler(component, killed[0]) if killed else "",
        "oom.set_text": set_by_autoscaler(component, killed[0]) if killed else "",
    }
    if not unstable:
        return question.answered(True, f"Containers are stable ({plural(most, 'restart')}).", facts)
    names = ", ".join(dict.fromkeys(run.status.name for run in unstable))
    return question.answered(False, f"Container {names} keeps ending: {plural(most, 'restart')}, last {reason}.", facts)


def check_resources(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Which requests and limits does the main container have? Never fails by itself: numbers for other causes."""
    target = component.workload.target if component.workload else "pods"
    command = f"get {target} -o jsonpath='{{.spec.template.spec.containers[*].resources}}'"
    question = CheckBuilder(kind, component.name, "resources", binding.kubectl(command))
    container = component.container
    if container is None:
        return question.open(component.gap or Gap(GapReason.ABSENT, f"resources of {component.named}"))
    limits, requests = container.resources.limits, container.resources.requests
    facts: dict[str, FactValue | Gap] = {
        "memory.limit": limits.get("memory", "none"),
        "memory.request": requests.get("memory", "none"),
        "cpu.limit": limits.get("cpu", "none"),
    }
    summary = (
        f"Memory request {facts['memory.request']}, limit {facts['memory.limit']}; CPU limit {facts['cpu.limit']}."
    )
    return question.answered(True, summary, facts)
