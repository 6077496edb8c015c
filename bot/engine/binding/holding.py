"""What holds a workload as it is: an autoscaler, a GitOps tool, an operator. Pure.

Whoever changes what is held is overruled at once, so a cause says who holds it, and its remedies say so too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.kubernetes import HorizontalPodAutoscaler, Workload
from bot.domain.view import View

_GITOPS = (
    ("argocd.argoproj.io/instance", "Argo CD application"),
    ("argocd.argoproj.io/tracking-id", "Argo CD application"),
    ("kustomize.toolkit.fluxcd.io/name", "Flux Kustomization"),
    ("helm.toolkit.fluxcd.io/name", "Flux HelmRelease"),
    ("fleet.cattle.io/bundle-id", "Fleet bundle"),
)
_SCALERS = (
    ("scaledobject.keda.sh/name", "KEDA ScaledObject"),
    ("autoscaling.keda.sh/paused-replicas", "KEDA (paused at)"),
    ("autoscaling.keda.sh/paused", "KEDA (paused)"),
    ("serving.knative.dev/revision", "Knative revision"),
    ("downscaler/original-replicas", "kube-downscaler (replicas before:"),
    ("downscaler/downtime-replicas", "kube-downscaler (replicas in its down time:"),
    ("kube-green.dev/last-update", "kube-green, since"),
    ("sleepcycles.rekuberate.io/sleepcycle", "sleep cycle"),
)


@dataclass(frozen=True, slots=True)
class WorkloadHolder:
    """Who holds the workload. `replicas`: it decides how many pods there are; else it restores what is declared."""

    name: str
    replicas: bool


def holders_of(workload: Workload | None, view: View) -> tuple[WorkloadHolder, ...]:
    """Everything known to hold the workload, those that decide about its replicas first."""
    if workload is None:
        return ()
    marks = {**workload.metadata.annotations, **workload.metadata.labels}
    found = [WorkloadHolder(_called(title, marks[key]), True) for key, title in _SCALERS if marks.get(key)]
    found += _autoscalers(workload, view)
    owner = workload.metadata.controller
    if owner is not None:
        found.append(WorkloadHolder(f"{owner.kind} {owner.name}", True))
    found += [WorkloadHolder(_called(title, marks[key]), False) for key, title in _GITOPS if marks.get(key)]
    return tuple(dict.fromkeys(found))


_KEDA = "keda-hpa-"


def _leaves_alone(autoscaler: HorizontalPodAutoscaler) -> bool:
    """Whether it says itself that it does nothing for a target that is at zero: somebody else took it there.

    One of KEDA's says so as well, and KEDA took it there.
    """
    if autoscaler.metadata.name.startswith(_KEDA):
        return False
    return any(
        item.type == "ScalingActive" and item.reason == "ScalingDisabled" for item in autoscaler.status.conditions
    )


def _called(title: str, value: str) -> str:
    """`KEDA ScaledObject api`; a tracking id is cut to the application's name."""
    return f"{title} {value.split(':', maxsplit=1)[0]}" + (")" if title.count("(") > title.count(")") else "")


def _autoscalers(workload: Workload, view: View) -> Iterable[WorkloadHolder]:
    """Those that name it; where they are not read, one of the same name gives itself away by its events."""
    for item in view.horizontalpodautoscalers:
        target = item.spec.scale_target_ref
        if (target.kind, target.name) == (workload.kind, workload.metadata.name) and not _leaves_alone(item):
            yield WorkloadHolder(f"HorizontalPodAutoscaler {item.metadata.name}", True)
    names = (workload.metadata.name, f"{_KEDA}{workload.metadata.name}")
    for event in view.events:
        about = event.involved_object
        if about.kind == "HorizontalPodAutoscaler" and about.name in names:
            yield WorkloadHolder(f"HorizontalPodAutoscaler {about.name}", True)
