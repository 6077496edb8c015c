"""Who else has a say in an object: whoever would undo a change by hand, and the change to make instead.

Pure: from the object's own metadata, and what stands around it. Called by the cluster writer for a preview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.changes.patches.diff import leaves, path_text
from bot.changes.patches.helm import values_path
from bot.domain.changes import Write

Json = Mapping[str, Any]

ARGO_TRACKING, ARGO_INSTANCE = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
FLUX_KUSTOMIZE, FLUX_HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
HELM_RELEASE, HELM_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
MAX_FIELDS = 4
"""Fields named in one warning."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a workload. `unread` says what could not be read, and why."""

    autoscalers: tuple[Json, ...] = ()
    budgets: tuple[Json, ...] = ()
    quotas: tuple[Json, ...] = ()
    unread: tuple[str, ...] = ()


def owner_warnings(write: Write, item: Json, around: Surroundings) -> tuple[str, ...]:
    """Sentences about everybody who would revert the change, or hold it up, most certain first."""
    found = [*_autoscalers(write, around.autoscalers), *_budgets(write, item, around.budgets)]
    if not write.creates:
        found = [*_managers(write, item), *found]
    return (*found, *(f"Could not look at {what}." for what in around.unread))


def _managers(write: Write, item: Json) -> Iterator[str]:
    """Whoever holds another description of the object. A restart changes nothing that one of them describes."""
    fields = _fields(write)
    if not fields:
        return
    metadata = item.get("metadata") or {}
    labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
    flux_release = labels.get(f"{FLUX_HELM}/name", "")
    if flux_release:
        where = labels.get(f"{FLUX_HELM}/namespace", write.namespace)
        values = _values(write, labels, fields)
        yield (
            f"Flux manages {write.target} by the HelmRelease {where}/{flux_release} and sets it back: change {values} "
            f"in its `spec.values` in Git, or `flux suspend helmrelease {flux_release} -n {where}` first."
        )
    elif f"{FLUX_KUSTOMIZE}/name" in labels:
        name, where = labels[f"{FLUX_KUSTOMIZE}/name"], labels.get(f"{FLUX_KUSTOMIZE}/namespace", write.namespace)
        yield (
            f"Flux manages {write.target} by the Kustomization {where}/{name} and sets it back within its interval: "
            f"change {_shown(fields)} in Git, or `flux suspend kustomization {name} -n {where}` first."
        )
    yield from _argo(write, labels, notes, fields)
    if not flux_release and (labels.get("app.kubernetes.io/managed-by") == "Helm" or HELM_RELEASE in notes):
        release = notes.get(HELM_RELEASE) or labels.get("app.kubernetes.io/instance") or "its release"
        where = notes.get(HELM_NAMESPACE, write.namespace)
        yield (
            f"Helm manages {write.target} (release {release}): the next `helm upgrade {release} -n {where}` sets it "
            f"back. Set {_values(write, labels, fields)} in the release's values as well."
        )
    yield from _operators(write, metadata)


def _argo(write: Write, labels: Json, notes: Json, fields: Sequence[tuple[tuple[str, ...], Any]]) -> Iterator[str]:
    app = str(notes.get(ARGO_TRACKING, "")).partition(":")[0] or str(labels.get(ARGO_INSTANCE, ""))
    if app:
        yield (
            f"Argo CD manages {write.target} (application {app}): with automatic sync and self-heal it sets it back at "
            f"once. Change {_values(write, labels, fields)} in Git, or turn automatic sync off for {app} first."
        )


def _operators(write: Write, metadata: Json) -> Iterator[str]:
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            name = f"{owner.get('kind')}/{owner.get('name')}"
            yield f"{name} controls {write.target} and may set it back: change the {owner.get('kind')} instead."


def _autoscalers(write: Write, autoscalers: Sequence[Json]) -> Iterator[str]:
    for item in autoscalers:
        spec = item.get("spec") or {}
        target = spec.get("scaleTargetRef") or {}
        touches = "replicas" in (write.body.get("spec") or {})
        if touches and (target.get("kind"), target.get("name")) == (write.kind, write.name):
            name, bounds = item["metadata"]["name"], f"{spec.get('minReplicas', 1)} to {spec.get('maxReplicas')}"
            yield (
                f"The HorizontalPodAutoscaler {name} sets the replicas of {write.target} ({bounds}) and will change "
                f"them again; it does nothing while they are 0. Change its range instead: `kubectl edit hpa {name} "
                f"-n {write.namespace}`."
            )


def _budgets(write: Write, item: Json, budgets: Sequence[Json]) -> Iterator[str]:
    template = (item.get("spec") or {}).get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if "template" not in (write.body.get("spec") or {}) or not labels:
        return
    for budget in budgets:
        status = budget.get("status") or {}
        selector = (budget.get("spec") or {}).get("selector")
        if not status.get("disruptionsAllowed") and selects(selector, labels):
            yield (
                f"The PodDisruptionBudget {budget['metadata']['name']} allows no disruption now "
                f"({status.get('currentHealthy', 0)} healthy pods, {status.get('desiredHealthy', 0)} wanted). It does "
                "not hold up this change, but says that the app has no pod to spare."
            )


def selects(selector: Json | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects these labels; an empty one selects everything, None nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, labels) for expression in selector.get("matchExpressions") or ()
    )


def _holds(expression: Json, labels: Mapping[str, str]) -> bool:
    key, operator, values = expression.get("key", ""), expression.get("operator"), expression.get("values") or ()
    checks = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return checks.get(str(operator), False)


def _fields(write: Write) -> list[tuple[tuple[str, ...], Any]]:
    """What the write changes of what a manager describes: no metadata, and not the stamp of a restart."""
    return [
        (path, value)
        for path, value in leaves(write.body)
        if path[:1] in (("spec",), ("data",)) and path[-1] != RESTARTED_AT
    ]


def _values(write: Write, labels: Json, fields: Sequence[tuple[tuple[str, ...], Any]]) -> str:
    """The chart's values for these fields, as far as they are known, else the fields themselves."""
    chart = str(labels.get("helm.sh/chart", "")).rpartition("-")[0]
    known = [(values_path(chart, write.kind, write.name, path), path, value) for path, value in fields]
    shown = []
    for values, path, value in known:
        if values is None:
            shown.append(path_text(path))
        elif values.endswith(f".{path[-1]}") or path[-1] == "replicas":
            shown.append(f"`{values}: {value}`" if isinstance(value, (str, int)) else f"`{values}`")
        else:
            shown.append(f"`{values}`")
    return _joined(list(dict.fromkeys(shown)))


def _shown(fields: Sequence[tuple[tuple[str, ...], Any]]) -> str:
    return _joined([path_text(path) for path, _ in fields])


def _joined(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MAX_FIELDS} more" if len(texts) > MAX_FIELDS else ""
    return ", ".join(texts[:MAX_FIELDS]) + more
