"""Nodes, volumes, quotas and who may refuse a pod: what is short, what is held back, and what is over."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    DAY,
    HOUR,
    MINUTE,
    born,
    extra,
    job,
    leftover,
    named,
    ordinals,
    pending,
    refused_pod,
    second_set,
    told,
    unread,
    waits,
)  # fmt: skip
from tests.support.near_miss_world import Json, World

ONE = "0/1 nodes are available: 1 {}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
CPU = ONE.format("Insufficient cpu")


def one_of_four(world: World, message: str, age: float) -> World:
    world.replicas("labels", 4)
    return pending(world, world.pods("labels")[3], message, age)


def room_is_made(world: World) -> World:
    """The cluster's autoscaler makes a node for it."""
    pod = second_set(world, "labels", 90)
    pending(world, pod, CPU, 90)
    return world.event(pod, "Pod", "TriggeredScaleUp", "pod triggered scale-up: [{pool-a 3->4 (max: 9)}]", 80)


def no_room_is_made(world: World) -> World:
    pod = second_set(world, "labels", 1_500)
    pending(world, pod, CPU, 1_500)
    return world.event(
        pod, "Pod", "NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached", 60
    )


def refused_until(world: World, message: str, seconds: float) -> World:
    """Its ReplicaSet could not make a pod until then; the pod is there since."""
    owner = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("labels"))
    world.event(owner, "ReplicaSet", "FailedCreate", message, seconds)
    born(world, world.pod("labels"), seconds - 20)
    return world


def surge(world: World, message: str) -> World:
    """A new revision may not make its pod; the old one serves."""
    pod = second_set(world, "labels", 20 * MINUTE)
    world.view["pods"].remove(pod)
    name = pod["metadata"]["name"]
    for item in world.view["endpoints"]:
        item["addresses"] = [one for one in item["addresses"] if one.get("pod") != name]
    made = world.workload("labels")
    made["status"] |= {"replicas": 1, "updatedReplicas": 0, "unavailableReplicas": 1}
    made["status"]["conditions"] = [
        *made["status"].get("conditions", []),
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
         "lastTransitionTime": world.ago(20 * MINUTE)},
    ]  # fmt: skip
    owner = named(world, "replicasets", "labels-new")
    return world.event(owner, "ReplicaSet", "FailedCreate", message, 20)


def condition(world: World, **changes: str) -> World:
    """A node's condition of this name has this status."""
    for name, status in changes.items():
        for item in world.view["nodes"][0]["status"]["conditions"]:
            if item["type"] == name:
                item |= {"status": status, "lastTransitionTime": world.ago(600)}
    return world


def old_claim(world: World) -> World:
    """An earlier revision, which has no pods, named a claim that is gone."""
    old = copy.deepcopy(next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("labels")))
    old["metadata"] |= {"name": "labels-old", "uid": "rs-old", "creationTimestamp": world.ago(9 * DAY)}
    old["spec"]["replicas"] = 0
    old["spec"]["template"]["spec"]["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": "labels-v1"}}]
    world.view["replicasets"].append(old)
    return world


def claim(
    world: World, name: str, phase: str, *, klass: str = "shelf", mode: str = "Immediate", age: float = HOUR
) -> Json:
    extra(world, "storageclasses", klass, provisioner="csi.example", volumeBindingMode=mode)
    extra(world, "persistentvolumeclaims", name, spec={"storageClassName": klass, "accessModes": ["ReadWriteOnce"]},
          status={"phase": phase})  # fmt: skip
    made = named(world, "persistentvolumeclaims", name)
    made["metadata"]["creationTimestamp"] = world.ago(age)
    return made


def lost_claim(world: World) -> World:
    """The volume behind the claim was deleted."""
    made = claim(world, "labels", "Lost", age=9 * DAY)
    made["spec"]["volumeName"] = "pv-gone"
    world.with_spec("labels", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "labels"}}])
    world.event(made, "PersistentVolumeClaim", "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the "
        "volume "
                "is lost!", 900)  # fmt: skip
    return pending(world, world.pod("labels"), ONE.format('persistentvolumeclaim "labels" bound to non-existent '
                   'persistentvolume "pv-gone"'), 900)  # fmt: skip


def nightly_claim(world: World) -> World:
    """Only a CronJob that is not due uses it; the volume is made for its first pod."""
    claim(world, "manifest", "Pending", mode="WaitForFirstConsumer", age=2 * DAY)
    spec = named(world, "cronjobs", "nightly-manifest")["spec"]["template"]["spec"]
    spec["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": "manifest"}}]
    return world


def attached_late(world: World) -> World:
    pod = world.pod("labels")
    born(world, pod, 15 * MINUTE)
    return world.event(pod, "Pod", "FailedAttachVolume", 'Multi-Attach error for volume "pv-l" Volume is already '
                       "exclusively attached to one node", 14 * MINUTE)  # fmt: skip


def two_without_class(world: World) -> World:
    ordinals(world, "ledger", 3)
    extra(world, "storageclasses", "shelf", provisioner="csi.example", volumeBindingMode="Immediate")
    for number in (1, 2):
        made = named(world, "persistentvolumeclaims", f"data-ledger-{number}")
        made |= {"spec": {"storageClassName": "nvme"}, "status": {"phase": "Pending"}}
        said = 'storageclass.storage.k8s.io "nvme" not found'
        world.event(made, "PersistentVolumeClaim", "ProvisioningFailed", said, 20)
        unbound = ONE.format("pod has unbound immediate PersistentVolumeClaims")
        pending(world, world.pods("ledger")[number], unbound)
    return world


def storage_quota(world: World) -> World:
    """The set may not make the claim of its second ordinal."""
    world.workload("ledger")["spec"]["replicas"] = 2
    said = ('create Claim data-ledger-1 for Pod ledger-1 in StatefulSet ledger failed error: persistentvolumeclaims '
            '"data-ledger-1" is forbidden: exceeded quota: disks, requested: requests.storage=20Gi, used: '
            'requests.storage=90Gi, limited: requests.storage=100Gi')  # fmt: skip
    return world.event(world.workload("ledger"), "StatefulSet", "FailedCreate", said, 15)


def quota(world: World, hard: str, used: str) -> World:
    return extra(
        world, "resourcequotas", "team", status={"hard": {"limits.memory": hard}, "used": {"limits.memory": used}}
    )


def runtime_class(world: World) -> World:
    pod = second_set(world, "labels", 900)
    waits(world, pod, "ContainerCreating", since=900)
    said = 'Failed to create pod sandbox: rpc error: code = Unknown desc = RuntimeHandler "gvisor" not supported'
    return world.event(pod, "Pod", "FailedCreatePodSandBox", said, 20)


def moved_off(world: World) -> World:
    """Evicted by its node ten minutes ago, and another one serves since."""
    leftover(world, "labels", "Evicted", "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, "
             "available: 900Mi. Container labels was using 4Gi, request is 0.")  # fmt: skip
    world.pods("labels")[-1]["status"]["startTime"] = world.ago(DAY)
    return born(world, world.pod("labels"), 10 * MINUTE)


REFUSED_QUOTA = ('pods "labels-new-abcde" is forbidden: exceeded quota: team, requested: limits.memory=1Gi, used: '
                 'limits.memory=8Gi, limited: limits.memory=8Gi')  # fmt: skip
NO_LIMITS = (
    'pods "labels-x" is forbidden: failed quota: team: must specify limits.cpu for: labels; limits.memory for: labels'
)
NO_ACCOUNT = ('pods "labels-x" is forbidden: error looking up service account anyns-p-well/labels-sa: serviceaccount '
              '"labels-sa" not found')  # fmt: skip
OLD_CA = ('Internal error occurred: failed calling webhook "inject.mesh.example": failed to call webhook: Post '
          '"https://injector.mesh.svc:443/inject?timeout=10s": tls: failed to verify certificate: x509: certificate '
          'has '
          'expired or is not yet valid')  # fmt: skip
DENIED = 'admission webhook "policy.example" denied the request: image tag "latest" is not allowed'

ROOMS = (
    ShopCase("one of four finds no room for twenty minutes", "fault", lambda w: one_of_four(w, CPU, 1_200),
             words=("1 of 4", "cpu"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("one of four finds no room for twelve seconds", "open", lambda w: one_of_four(w, CPU, 12)),
    ShopCase("a node is made for it", "open", room_is_made, asks=("namespace", "deployment/labels")),
    ShopCase("no node will be made for it", "fault", no_room_is_made, words=("cpu",), about=("labels",)),
    ShopCase("it wants to be near what there is none of", "fault",
             lambda w: pending(w, w.pod("labels"), ONE.format("node(s) didn't match pod affinity rules")),
             words=("affinity",), about=("labels",)),
    ShopCase("its volume is in another zone", "fault",
             lambda w: pending(w, w.pod("labels"), ONE.format("node(s) had volume node affinity conflict")),
             words=("volume",), about=("labels",)),
    ShopCase("no node takes one more volume", "fault",
             lambda w: pending(w, w.pod("labels"), ONE.format("node(s) exceed max volume count")), words=("volume",),
             about=("labels",)),
    ShopCase("a node is cordoned, and its pods serve", "ok",
             lambda w: w.view["nodes"][0].setdefault("spec", {}).update(
                 unschedulable=True, taints=[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}])),
    ShopCase("a node is short of disk, and its pods serve", "open", lambda w: condition(w, DiskPressure="True")),
    ShopCase("evicted ten minutes ago, and another one serves", "ok", moved_off),
    ShopCase("nodes are unread, and pods name theirs", "open", lambda w: unread(w, "nodes")),
    ShopCase("the quota refused a pod forty minutes ago, and it is there", "ok",
             lambda w: refused_until(w, REFUSED_QUOTA, 40 * MINUTE)),
    ShopCase("a quota that is used to nineteen parts of twenty", "ok", lambda w: quota(w, "20Gi", "19Gi")),
    ShopCase("the quota has no room for a new revision", "fault", lambda w: surge(w, REFUSED_QUOTA), words=("quota",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("the quota wants limits that the pods have not", "fault", lambda w: refused_pod(w, "labels", NO_LIMITS),
             words=("limits.cpu",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("the quota of disks has no room for an ordinal", "fault", storage_quota, words=("quota",),
             about=("ledger",),
             asks=("namespace", "statefulset/ledger")),
    ShopCase("its account is not there", "fault", lambda w: refused_pod(w, "labels", NO_ACCOUNT), words=("labels-sa",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a webhook's certificate is over", "fault", lambda w: refused_pod(w, "labels", OLD_CA),
             words=("inject.mesh.example",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a webhook did not answer forty minutes ago, and the pod is there", "ok",
             lambda w: refused_until(w, OLD_CA, 40 * MINUTE)),
    ShopCase("a policy refused a pod, and it was corrected", "ok", lambda w: refused_until(w, DENIED, 30 * MINUTE)),
    ShopCase("a policy refuses a new revision", "fault", lambda w: surge(w, DENIED), words=("policy.example",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a runtime that the node has not", "fault", runtime_class, words=("gvisor",), about=("labels",)),
    ShopCase("an earlier revision named a claim that is gone", "ok", old_claim, asks=("namespace",
             "deployment/labels")),
    ShopCase("the volume behind a claim is gone", "fault", lost_claim, words=("labels",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("a claim of a run that is not due", "open", nightly_claim),
    ShopCase("a volume was attached a minute late", "ok", attached_late),
    ShopCase("two of three ordinals wait for a class that is not there", "fault",
             two_without_class, words=("nvme",), about=("ledger",)),
    ShopCase("a Job's pod waits for twenty seconds for room", "open",
             lambda w: pending(w, job(w, "reindex", active=1, age=20), CPU, 20)),
    ShopCase("a pod is deleted in front, for ten seconds", "ok",
             lambda w: w.replicas("labels", 2).workload("labels")["spec"].update(replicas=1) or w.pods("labels")[-1][
                 "metadata"].update(deletionTimestamp=w.ago(-20), finalizers=["foregroundDeletion"])),
    ShopCase("the name of its node is right, and nodes are unread", "ok",
             lambda w: unread(w.with_spec("labels", nodeName="lab-node"), "nodes"), asks=("deployment/labels",)),
    ShopCase("a place in a file is not there", "fault",
             lambda w: waits(w, second_set(w, "labels", 900), "CreateContainerError",
                             'failed to prepare subPath for volumeMount "fonts" of container "labels"', since=900),
             words=("subpath",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a variable names a size and no place", "ok", lambda w: told(w, "labels", "CACHE", "512Mi")),
)  # fmt: skip
