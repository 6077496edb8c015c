"""Objects that run nothing themselves and are asked about: who uses them, or is subject to them. Pure.

Called by `bot.diagnosis.subjects`: ConfigMaps, Secrets, claims, ServiceAccounts, policies, quotas and nodes.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.kubernetes import PodSpec
from bot.domain.kubernetes.pods import Volume, VolumeSource
from bot.domain.view import Resource, View
from bot.engine.binding import BoundComponent
from bot.engine.discovery.discover import Discovery

_OF_THE_NAMESPACE = frozenset({"ResourceQuota", "LimitRange"})
"""What concerns everything in its namespace."""
_LISTED: Mapping[str, Resource] = {
    "ConfigMap": "configmaps",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "NetworkPolicy": "networkpolicies",
    "ResourceQuota": "resourcequotas",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "Node": "nodes",
}
"""Kinds whose objects every question about a namespace lists."""
_NEVER_READ: Mapping[str, str] = {
    "Secret": "Secrets are never read",
    "ServiceAccount": "ServiceAccounts are not read",
    "LimitRange": "LimitRanges are read only where one refuses something",
}


def users_of(found: Discovery, kind: str, name: str) -> list[str]:
    """The components whose pods use, or are subject to, this object, whether it is there or not."""
    if kind in _OF_THE_NAMESPACE and _is_there(found.view, kind, name) is False:
        return []
    return [component for component, bound in found.components.items() if _uses(found.view, bound, kind, name)]


def is_leaving(view: View, kind: str, name: str) -> bool:
    """Whether the ConfigMap or claim is there and being deleted."""
    match kind:
        case "ConfigMap":
            metas = [item.metadata for item in view.configmaps]
        case "PersistentVolumeClaim":
            metas = [item.metadata for item in view.persistentvolumeclaims]
        case _:
            return False
    return any(meta.name == name and meta.deletion_timestamp is not None for meta in metas)


def why_unused(view: View, kind: str, name: str) -> str:
    """Why nothing can be said of an object that nobody uses and that may be there; empty if it is certainly not."""
    there = _is_there(view, kind, name)
    if there is False:
        return ""
    if kind == "Node":
        nobody = f"No pod of namespace {view.namespace} is on node {name}"
    else:
        nobody = f"No workload of namespace {view.namespace} uses a {kind} {name}"
    if there:
        return f"{nobody}."
    gap = view.gaps.get(_LISTED[kind]) if kind in _LISTED else None
    return f"{nobody}, and whether it is there was not seen: {gap.sentence() if gap else _NEVER_READ[kind]}."


def _is_there(view: View, kind: str, name: str) -> bool | None:
    """Whether the object is in the namespace, or the node in the cluster; None where that was not seen."""
    resource = _LISTED.get(kind)
    if resource is None:
        return None if kind in _NEVER_READ else False
    if any(item.metadata.name == name for item in getattr(view, resource)):
        return True
    return None if resource in view.gaps else False


def _uses(view: View, component: BoundComponent, kind: str, name: str) -> bool:
    template = component.template
    if template is None:
        return False
    match kind:
        case "PersistentVolumeClaim":
            own = [template, *(pod.spec for pod in component.all_pods)]
            claims = (item.persistent_volume_claim for spec in own for item in spec.volumes)
            return any(item is not None and item.claim_name == name for item in claims)
        case "ConfigMap" | "Secret":
            return name in _named_by(template, secret=kind == "Secret")
        case "ServiceAccount":
            return (template.service_account_name or "default") == name
        case "NetworkPolicy":
            policies = (item for item in view.networkpolicies if item.metadata.name == name)
            return any(item.spec.pod_selector.matches(component.template_labels) for item in policies)
        case "Node":
            return any(pod.spec.node_name == name for pod in component.all_pods)
        case _:
            return kind in _OF_THE_NAMESPACE


def _named_by(template: PodSpec, *, secret: bool) -> set[str]:
    """The ConfigMaps or Secrets that a pod template names."""
    boxes = (*template.containers, *template.init_containers)
    sources = [item for box in boxes for item in box.env_from]
    keys = [entry.value_from for box in boxes for entry in box.env if entry.value_from is not None]
    projected = [item for volume in template.volumes if volume.projected for item in volume.projected.sources]
    volumes: list[Volume | VolumeSource] = [*template.volumes, *projected]
    if secret:
        names = {item.secret_ref.name for item in sources if item.secret_ref}
        names |= {item.secret_key_ref.name for item in keys if item.secret_key_ref}
        return names | {item.secret.secret_name or item.secret.name for item in volumes if item.secret}
    names = {item.config_map_ref.name for item in sources if item.config_map_ref}
    names |= {item.config_map_key_ref.name for item in keys if item.config_map_key_ref}
    return names | {item.config_map.name for item in volumes if item.config_map}
