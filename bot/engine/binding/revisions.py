"""What the newest revision of a Deployment changed against the one before it. Pure.

Used by the check of rollouts and by the remedy that rolls back. What models do not hold (values of variables, volumes,
node selectors) is seen only as `other`: the templates have different hashes, and nothing known tells why.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.kubernetes import PodTemplate, Workload
from bot.engine.binding.bound import BoundComponent
from bot.engine.binding.inferred import revision

_RESTARTED = "kubectl.kubernetes.io/restartedAt"


def newest_revision(component: BoundComponent) -> Workload | None:
    """The ReplicaSet of the revision that the Deployment wants now."""
    return max(component.replica_sets, key=revision, default=None)


def previous_revision(component: BoundComponent) -> Workload | None:
    """The ReplicaSet that `kubectl rollout undo` would go back to; None if there is none."""
    if component.workload is None or component.workload.kind != "Deployment" or len(component.replica_sets) < 2:
        return None
    return sorted(component.replica_sets, key=revision)[-2]


def changed_parts(component: BoundComponent) -> frozenset[str]:
    """Which parts the newest revision changed: `image`, `command`, `environment`, `resources`, `probes`, `other`.

    Empty without an earlier revision, and when the newest is a mere restart of it.
    """
    newest, previous = newest_revision(component), previous_revision(component)
    if newest is None or previous is None:
        return frozenset()
    now, before = newest.spec.template, previous.spec.template
    parts = {part for part, fields in _PARTS.items() if _of_all(now, fields) != _of_all(before, fields)}
    if not parts and _annotations(now) == _annotations(before) and not _restarted(now, before):
        parts.add("other")
    if _annotations(now) != _annotations(before):
        parts.add("other")  # a checksum of its configuration, mostly
    return frozenset(parts)


def held_back(component: BoundComponent) -> frozenset[str]:
    """Which parts of the template a paused Deployment has not carried out; empty if it is not paused."""
    workload, newest = component.workload, newest_revision(component)
    if workload is None or not workload.spec.paused or newest is None:
        return frozenset()
    wanted, made = workload.spec.template, newest.spec.template
    return frozenset(part for part, fields in _PARTS.items() if _of_all(wanted, fields) != _of_all(made, fields))


def _of_all(template: PodTemplate, fields: Sequence[str]) -> list[tuple[object, ...]]:
    spec = template.spec
    return [
        (item.name, *(getattr(item, field) for field in fields)) for item in (*spec.init_containers, *spec.containers)
    ]


_PARTS: dict[str, Sequence[str]] = {
    "image": ("image",),
    "command": ("command", "args"),
    "environment": ("env", "env_from"),
    "resources": ("resources",),
    "probes": ("readiness_probe", "liveness_probe", "startup_probe"),
}


def _annotations(template: PodTemplate) -> dict[str, str]:
    return {key: value for key, value in template.metadata.annotations.items() if key != _RESTARTED}


def _restarted(now: PodTemplate, before: PodTemplate) -> bool:
    return now.metadata.annotations.get(_RESTARTED) != before.metadata.annotations.get(_RESTARTED)
