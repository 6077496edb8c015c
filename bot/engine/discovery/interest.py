"""Decides what the second look at a discovered app reads: logs and health answers by interest, bounded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.domain.kubernetes import ContainerStatus, Pod
from bot.domain.view import DetailRequest, HealthRequest, LogRequest, Resource
from bot.engine.binding import Binding, BoundComponent, main_container
from bot.engine.checks.containers import is_unstable, runs
from bot.engine.checks.detail.run import is_run, latest_run
from bot.engine.checks.discovered.demand import is_suffering

MAX_LOGS = 40
MAX_HEALTH = 20
MAX_FOREIGN = 6
LOGS_OF_ONE = 3
"""Logs of one troubled component: of so many pods one is like the other."""


def fetch_details(binding: Binding, beside: Iterable[BoundComponent] = ()) -> DetailRequest:
    """Logs of what is in trouble first, then of callers, then of everything else that runs.

    `beside`: what else runs in the namespace of what was asked about. A program may know whom it calls from its code
    alone: only its log tells that it calls, or that what was asked about fails it. Read as far as the bound allows.
    """
    every = binding.components.values()
    troubled = [item for item in every if is_suffering(binding, item) or _has_trouble(binding, item)]
    graph = binding.graph
    calling = {edge.caller for edge in graph.edges.values()} if graph else set()
    others = sorted(
        (item for item in every if item not in troubled),
        key=lambda item: (item.name not in calling, item.name),
    )
    logs = [request for item in troubled for request in _troubled(binding, item)]
    witnesses = graph.witnesses.values() if graph else ()
    logs += [request for item in witnesses for request in _one_of(item)]
    logs += [request for item in others for request in _one_of(item)]
    logs += [request for item in others for request in _beside(item)]
    known = {item.name for item in (*every, *witnesses)}
    strangers = sorted((item for item in beside if item.name not in known), key=lambda item: item.name)
    ailing = [item for item in strangers if _has_trouble(binding, item)]
    logs += [request for item in ailing for request in _troubled(binding, item)]
    logs += [request for item in strangers if item not in ailing for request in _one_of(item)]
    health = [request for item in (*troubled, *others) for request in _health(item)]
    foreign = sorted({edge.foreign for edge in graph.edges.values() if edge.foreign}) if graph else []
    return DetailRequest(
        logs=tuple(dict.fromkeys(logs))[:MAX_LOGS],
        health=tuple(health[:MAX_HEALTH]),
        services=tuple(foreign[:MAX_FOREIGN]),
        lists=_lists(binding),
        wide=True,
    )


def _has_trouble(binding: Binding, component: BoundComponent) -> bool:
    pods = (*component.all_pods, *component.leaving)
    if any(is_unstable(run, binding.clocks) for run in runs(pods)) or any(not pod.ready for pod in component.all_pods):
        return True
    return is_run(component) and any(pod.status.phase == "Failed" for pod in component.finished)


def _troubled(binding: Binding, component: BoundComponent) -> Iterator[LogRequest]:
    """The containers that fail, the run before first; init containers among them. Then one that still serves."""
    pods: tuple[Pod, ...] = (*component.new_pods, *component.pods)
    if is_run(component):
        run = latest_run(component)
        pods = tuple(sorted(run.pods, key=lambda pod: pod.status.phase == "Succeeded"))
    count = 0
    for pod in sorted(pods, key=lambda pod: (pod.ready, pod.status.phase == "Succeeded", pod.metadata.name)):
        for request in _of_pod(binding, pod):
            yield request
            count += 1
        if count >= LOGS_OF_ONE:
            return


def _of_pod(binding: Binding, pod: Pod) -> Iterator[LogRequest]:
    found = list(runs((pod,)))
    failing = [run for run in found if is_unstable(run, binding.clocks) or _failed(run.status)]
    working = [run for run in found if run not in failing and run.status.state.running]
    for run in (*failing, *working):
        name = run.status.name
        if run.status.restart_count > 0 and run in failing:
            yield LogRequest(pod=pod.metadata.name, container=name, previous=True)
        if run.status.state.running is not None or run.status.state.terminated is not None:
            yield LogRequest(pod=pod.metadata.name, container=name)


def _failed(status: ContainerStatus) -> bool:
    ended = status.state.terminated
    return ended is not None and ended.exit_code != 0


def _one_of(component: BoundComponent) -> Iterator[LogRequest]:
    """The log of the container that does the work, of one running pod."""
    for pod in sorted(component.pods, key=lambda pod: (not pod.ready, pod.metadata.name)):
        main = main_container(pod.spec.containers, component.spec)
        running = [item.name for item in pod.status.container_statuses if item.state.running is not None]
        if main is not None and main.name in running:
            yield LogRequest(pod=pod.metadata.name, container=main.name)
            return


def _beside(component: BoundComponent) -> Iterator[LogRequest]:
    """The logs of the other containers of one running pod: what they report is no less true."""
    for pod in sorted(component.pods, key=lambda pod: (not pod.ready, pod.metadata.name))[:1]:
        for run in runs((pod,)):
            if run.started_at is not None and not (run.init and not run.sidecar):
                yield LogRequest(pod=pod.metadata.name, container=run.status.name)


def _health(component: BoundComponent) -> Iterator[HealthRequest]:
    """The health endpoint of one running pod, where the kubelet does not ask it already."""
    path, port = component.spec.health, component.spec.port
    if path is None or port is None:
        return
    for pod in sorted(component.pods, key=lambda pod: (not pod.ready, pod.metadata.name)):
        if any(item.state.running for item in pod.status.container_statuses):
            container = component.container
            probe = (container.readiness_probe or container.liveness_probe) if container else None
            secure = probe is not None and probe.http_get is not None and probe.http_get.scheme == "HTTPS"
            scheme = "https" if secure else "http"
            yield HealthRequest.model_validate(
                {"target": f"pod/{pod.metadata.name}", "port": str(port), "path": path, "scheme": scheme}
            )
            return


def _lists(binding: Binding) -> tuple[Resource, ...]:
    """Further lists that something in the first look asks for."""
    view, wanted = binding.view, list[Resource]()
    if any(item.status.phase == "Pending" for item in view.persistentvolumeclaims):
        wanted.append("storageclasses")
    if view.ingresses:
        wanted.append("ingressclasses")
    refused = [event.message for event in view.events if event.reason in ("FailedCreate", "FailedDeploy")]
    if any("webhook" in message for message in refused):
        wanted.append("webhooks")
    if any("LimitRange" in message or "limit range" in message for message in refused):
        wanted.append("limitranges")
    return tuple(wanted)
