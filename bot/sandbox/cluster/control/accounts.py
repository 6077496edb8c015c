"""Small status controllers: quotas, disruption budgets, autoscalers' numbers, and binding of claims.

Called by `control.loop` for a namespace that changed. Each only reports; the autoscaler does not scale.
"""

from __future__ import annotations

from bot.sandbox.cluster.control.world import World
from bot.sandbox.cluster.state.admission import quota_usage
from bot.sandbox.cluster.state.kinds import (
    CLAIMS,
    DISRUPTION_BUDGETS,
    PERSISTENT_VOLUMES,
    PODS,
    QUOTAS,
    STORAGE_CLASSES,
)
from bot.sandbox.cluster.state.selectors import selects
from bot.sandbox.cluster.state.values import Object, format_quantity, pod_is_ready, resolve_percentage


def report_quotas(world: World, namespace: str) -> None:
    """status.hard and status.used of every ResourceQuota."""
    for quota in world.store.list(QUOTAS, namespace):
        hard: dict[str, str] = quota["spec"].get("hard") or {}
        used = quota_usage(world.store, namespace, hard)
        shown = {name: format_quantity(used[name], name) for name in sorted(hard)}
        world.registry.write_status(QUOTAS, quota, {"hard": dict(hard), "used": shown})


def report_disruption_budgets(world: World, namespace: str) -> None:
    """How many pods of every PodDisruptionBudget may be evicted now."""
    for budget in world.store.list(DISRUPTION_BUDGETS, namespace):
        pods = [
            pod for pod in world.store.list(PODS, namespace)
            if selects(budget["spec"].get("selector"), pod["metadata"].get("labels") or {})
        ]  # fmt: skip
        healthy = sum(pod_is_ready(pod) for pod in pods)
        if "minAvailable" in budget["spec"]:
            desired = resolve_percentage(budget["spec"]["minAvailable"], len(pods), round_up=True)
        else:
            desired = len(pods) - resolve_percentage(budget["spec"].get("maxUnavailable", 0), len(pods), round_up=True)
        fields: Object = {"currentHealthy": healthy, "desiredHealthy": max(0, desired), "expectedPods": len(pods),
                          "disruptionsAllowed": max(0, healthy - max(0, desired)),
                          "observedGeneration": budget["metadata"]["generation"]}  # fmt: skip
        world.registry.write_status(DISRUPTION_BUDGETS, budget, fields)


def bind_claims(world: World, namespace: str) -> None:
    """Provision a volume for every claim whose storage class exists; say so when it does not."""
    for claim in world.store.list(CLAIMS, namespace):
        if claim["status"].get("phase") != "Pending":
            continue
        wanted = claim["spec"]["storageClassName"]
        if world.store.get(STORAGE_CLASSES, "", wanted) is None:
            message = f'storageclass.storage.k8s.io "{wanted}" not found'
            if world.retry_at.get(claim["metadata"]["uid"]) is None:
                world.retry_at[claim["metadata"]["uid"]] = world.now()
                world.record(claim, "Warning", "ProvisioningFailed", message, "persistentvolume-controller")
            continue
        _bind(world, claim)


def _bind(world: World, claim: Object) -> None:
    meta, spec = claim["metadata"], claim["spec"]
    volume = f"pvc-{meta['uid']}"
    capacity = {"storage": spec["resources"]["requests"]["storage"]}
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": meta["namespace"],
                 "name": meta["name"], "uid": meta["uid"]}  # fmt: skip
    body: Object = {
        "metadata": {"name": volume, "annotations": {"pv.kubernetes.io/provisioned-by": "sandbox.local/disk"}},
        "spec": {"capacity": capacity, "accessModes": spec.get("accessModes", ["ReadWriteOnce"]), "claimRef": reference,
                 "persistentVolumeReclaimPolicy": "Delete", "storageClassName": spec["storageClassName"],
                 "volumeMode": "Filesystem", "csi": {"driver": "sandbox.local/disk", "volumeHandle": volume}},
    }  # fmt: skip
    created = world.registry.create(PERSISTENT_VOLUMES, "", body)
    world.registry.write_status(PERSISTENT_VOLUMES, created, {"phase": "Bound"})
    live = world.store.put(CLAIMS, {**claim, "metadata": dict(meta), "spec": {**spec, "volumeName": volume}})
    fields = {"phase": "Bound", "accessModes": spec.get("accessModes", ["ReadWriteOnce"]), "capacity": capacity}
    world.registry.write_status(CLAIMS, live, fields)
    message = f"Successfully provisioned volume {volume}"
    world.record(live, "Normal", "ProvisioningSucceeded", message, "sandbox.local/disk")
