"""Which container of a pod it was: the one that does the work, a sidecar, an init container, one that was injected.

A fault is the container's, not the pod's: its name stands in the sentence, and a fix goes to it. Pure.
"""

from __future__ import annotations

from bot.domain.kubernetes import Container
from bot.engine.binding import Binding, BoundComponent, main_container
from bot.engine.checks.containers import ContainerRun, pod_events

_UNTOLD = (0, 137, 143)
"""Exit codes of signals, and of a program that ends well after one: who sent it is not told by them."""


def is_main(component: BoundComponent, run: ContainerRun) -> bool:
    """Whether it is the container that does the component's work."""
    main = main_container(run.pod.spec.containers, component.spec)
    return not run.init and (main is None or main.name == run.status.name)


def is_injected(component: BoundComponent, run: ContainerRun) -> bool:
    """Whether it is not in the pod template: a webhook put it into the pod, and no patch of the template reaches it."""
    workload = component.workload
    if workload is None:
        return False
    spec = workload.spec.template.spec
    return all(item.name != run.status.name for item in (*spec.containers, *spec.init_containers))


def who(component: BoundComponent, run: ContainerRun) -> str:
    """`API server`, or `sidecar istio-proxy of the API server`."""
    if is_main(component, run):
        return component.spec.label
    kind = "init container" if run.init and not run.sidecar else "sidecar"
    by_webhook = " (injected, not in the pod template)" if is_injected(component, run) else ""
    return f"{kind} {run.status.name}{by_webhook} of {component.named}"


def memory_limit(run: ContainerRun) -> str:
    """The memory limit of the container as it runs; `none` if it has none."""
    return next(
        (item.resources.limits.get("memory", "none") for item in _specs(run) if item.name == run.status.name), "none"
    )


def _specs(run: ContainerRun) -> tuple[Container, ...]:
    return run.pod.spec.containers + run.pod.spec.init_containers


def is_unattributed(binding: Binding, run: ContainerRun) -> bool:
    """Whether a signal may have ended it, not for memory, and no event of this pod tells who sent it.

    Somebody outside (a process killer, the runtime, a person) or a probe whose events are gone: it keeps ending anyhow.
    """
    end = run.last_end
    if end is None or end.exit_code not in _UNTOLD or end.reason == "OOMKilled" or binding.gap("events") is not None:
        return False
    return not pod_events(binding, (run.pod,), "Killing", "Unhealthy", "Pulled", "Created", "Started")
