"""Admission of new objects: the ServiceAccount's token volume, LimitRange defaults, and the namespace's quotas.

Called by the registry before an object is stored, dry run or not. It only judges and completes; counting what is used
is shared with the quota controller through `quota_usage`.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.cluster.state.kinds import (
    CLAIMS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    LIMIT_RANGES,
    PODS,
    QUOTAS,
    SECRETS,
    SERVICES,
    Kind,
)
from bot.sandbox.cluster.state.status import admission_forbidden
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object, format_quantity, quantity, safe_hash

_COUNTED = {
    "pods": PODS,
    "count/pods": PODS,
    "services": SERVICES,
    "configmaps": CONFIG_MAPS,
    "secrets": SECRETS,
    "persistentvolumeclaims": CLAIMS,
    "count/deployments.apps": DEPLOYMENTS,
}


def admit_pod(store: ObjectStore, pod: Object) -> None:
    """Complete the pod in place; raise a 403 StatusError when a quota or limit forbids it."""
    namespace = pod["metadata"]["namespace"]
    for limits in store.list(LIMIT_RANGES, namespace):
        for entry in limits["spec"].get("limits") or []:
            if entry.get("type") == "Container":
                _apply_limit_range(pod, entry)
    _mount_token(pod)
    for quota in store.list(QUOTAS, namespace):
        _check_quota(store, pod, quota)


def admit_counted(store: ObjectStore, kind: Kind, item: Object) -> None:
    """Raise a 403 StatusError when a quota allows no further object of this kind; pods are `admit_pod`'s."""
    names = {name for name, counted in _COUNTED.items() if counted == kind}
    if not names or kind == PODS:
        return
    for quota in store.list(QUOTAS, item["metadata"]["namespace"]):
        hard: dict[str, str] = quota["spec"].get("hard") or {}
        used = quota_usage(store, item["metadata"]["namespace"], names & hard.keys())
        over = [name for name in sorted(used) if used[name] + 1 > quantity(hard[name])]
        if over:
            raise admission_forbidden(
                kind, item["metadata"]["name"], _exceeded(quota, over, dict.fromkeys(over, 1.0), used)
            )


def _apply_limit_range(pod: Object, entry: Object) -> None:
    for container in pod["spec"]["containers"]:
        resources = container.setdefault("resources", {})
        for name, value in (entry.get("default") or {}).items():
            resources.setdefault("limits", {}).setdefault(name, value)
        for name, value in (entry.get("defaultRequest") or entry.get("default") or {}).items():
            resources.setdefault("requests", {}).setdefault(name, value)
        for name, most in (entry.get("max") or {}).items():
            given = (resources.get("limits") or {}).get(name)
            if given is not None and quantity(given) > quantity(most):
                why = f"maximum {name} usage per Container is {most}, but limit is {given}"
                raise admission_forbidden(PODS, pod["metadata"]["name"], why)


def _mount_token(pod: Object) -> None:
    spec = pod["spec"]
    if spec.get("automountServiceAccountToken") is False:
        return
    volume = f"kube-api-access-{safe_hash(pod['metadata']['name'], 5)}"
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    spec.setdefault("volumes", []).append({"name": volume, "projected": {"sources": sources, "defaultMode": 420}})
    mount = {"name": volume, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    for container in spec["containers"]:
        container.setdefault("volumeMounts", []).append(dict(mount))


def pod_usage(pod: Object) -> dict[str, float]:
    """What one pod counts for in a quota: requests.*, limits.*, and itself."""
    usage: dict[str, float] = {"pods": 1, "count/pods": 1}
    for container in pod["spec"].get("containers") or []:
        for side in ("requests", "limits"):
            for name, value in ((container.get("resources") or {}).get(side) or {}).items():
                usage[f"{side}.{name}"] = usage.get(f"{side}.{name}", 0) + quantity(value)
    for name in ("cpu", "memory"):
        if f"requests.{name}" in usage:
            usage[name] = usage[f"requests.{name}"]
    return usage


def quota_usage(store: ObjectStore, namespace: str, resources: Iterable[str]) -> dict[str, float]:
    """What the namespace uses of the given quota resources."""
    wanted = set(resources)
    used = {name: float(len(store.list(_COUNTED[name], namespace))) for name in wanted if name in _COUNTED}
    live = [pod for pod in store.list(PODS, namespace) if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    usages = [pod_usage(pod) for pod in live]
    for name in wanted:
        if name not in used or name in ("pods", "count/pods"):
            used[name] = sum(usage.get(name, 0) for usage in usages)
    return used


def _check_quota(store: ObjectStore, pod: Object, quota: Object) -> None:
    hard: dict[str, str] = quota["spec"].get("hard") or {}
    asked = pod_usage(pod)
    name = quota["metadata"]["name"]
    missing = [item for item in sorted(hard) if item.startswith(("limits.", "requests.")) and item not in asked]
    if missing:
        why = f"failed quota: {name}: must specify " + "; ".join(
            f"{item} for: {','.join(container['name'] for container in pod['spec']['containers'])}" for item in missing
        )
        raise admission_forbidden(PODS, pod["metadata"]["name"], why)
    used = quota_usage(store, pod["metadata"]["namespace"], hard)
    over = [item for item in sorted(hard) if item in asked and used[item] + asked[item] > quantity(hard[item])]
    if over:
        raise admission_forbidden(PODS, pod["metadata"]["name"], _exceeded(quota, over, asked, used))


def _exceeded(quota: Object, over: list[str], asked: dict[str, float], used: dict[str, float]) -> str:
    """The API server's words for what goes beyond a quota."""
    hard = quota["spec"]["hard"]
    requested = ",".join(f"{name}={format_quantity(asked[name], name)}" for name in over)
    in_use = ",".join(f"{name}={format_quantity(used[name], name)}" for name in over)
    limited = ",".join(f"{name}={hard[name]}" for name in over)
    name = quota["metadata"]["name"]
    return f"exceeded quota: {name}, requested: {requested}, used: {in_use}, limited: {limited}"
