"""Pods that are not made, not placed or taken away; and what only looks like it."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
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
    second_node,
    second_set,
    unread,
    waits,
)  # fmt: skip
from tests.support.near_miss_world import World

NO_CPU = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims."
SPREAD = ("0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints. preemption: 0/3 nodes are "
          "available: 3 Preemption is not helpful for scheduling.")  # fmt: skip


def claim_pending(world: World) -> World:
    """Of the third ordinal: a class that is not there."""
    ordinals(world, "ledger", 3)
    claim = named(world, "persistentvolumeclaims", "data-ledger-2")
    claim["spec"] |= {"storageClassName": "fast-ssd", "volumeName": ""}
    claim["status"] = {"phase": "Pending"}
    claim["metadata"]["creationTimestamp"] = world.ago(1_200)
    extra(world, "storageclasses", "shelf", provisioner="x", volumeBindingMode="Immediate")
    message = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    pending(world, world.pods("ledger")[2], message)
    said = 'storageclass.storage.k8s.io "fast-ssd" not found'
    return world.event(claim, "PersistentVolumeClaim", "ProvisioningFailed", said, 20)


def claim_waits(world: World) -> World:
    """The volume of a new ordinal is being made for six seconds."""
    ordinals(world, "ledger", 2)
    claim = named(world, "persistentvolumeclaims", "data-ledger-1")
    claim["spec"]["volumeName"] = ""
    claim["status"] = {"phase": "Pending"}
    claim["metadata"]["creationTimestamp"] = world.ago(6)
    extra(world, "storageclasses", "shelf", provisioner="csi.example", volumeBindingMode="WaitForFirstConsumer")
    pod = world.pods("ledger")[1]
    pending(world, pod, "", since=6)
    pod["status"]["conditions"] = []
    world.view["events"] = []
    return world


def multi_attach(world: World, age: float) -> World:
    """The new pod's volume is held by the old one on another node."""
    pod = second_set(world, "labels", age)
    world.with_spec("labels", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "labels"}}])
    extra(world, "persistentvolumeclaims", "labels", spec={"accessModes": ["ReadWriteOnce"], "volumeName": "pv-l"},
          status={"phase": "Bound"})  # fmt: skip
    old = world.pods("labels")[0]["metadata"]["name"]
    waits(world, pod, "ContainerCreating", since=age)
    message = f'Multi-Attach error for volume "pv-l" Volume is already used by pod(s) {old}'
    return world.event(pod, "Pod", "FailedAttachVolume", message, min(age - 5, 60))


def tainted_node(world: World) -> World:
    """A node that the DaemonSet does not tolerate; it wants none there."""
    node = copy.deepcopy(world.view["nodes"][0])
    node["metadata"] |= {"name": "gpu-1", "uid": "gpu-1"}
    node["spec"] = {"taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]}
    world.view["nodes"].append(node)
    return world


def nowhere(world: World) -> World:
    """A Job for a node with a disk of a kind that no node has."""
    pod = job(world, "reindex", active=1, age=20 * MINUTE)
    for spec in (pod["spec"], world.view["jobs"][-1]["spec"]["template"]["spec"]):
        spec["nodeSelector"] = {"disktype": "nvme"}
    return pending(world, pod, "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")


def guard(world: World, namespace: str, policy: str) -> World:
    """A webhook whose backend has no endpoints."""
    client = {"service": {"namespace": namespace, "name": "guard"}}
    world.add_service("guard", {"app": "guard"}, {"port": 443})
    world.endpoints("guard")
    return extra(world, "webhooks", "guard",
                 webhooks=[{"name": "guard.example", "clientConfig": client, "failurePolicy": policy}])  # fmt: skip


def leaving(world: World, since: float, *finalizers: str) -> World:
    """A pod that is deleted, beside one that serves."""
    world.replicas("labels", 2)
    pod = world.pods("labels")[-1]
    world.workload("labels")["spec"]["replicas"] = 1
    pod["metadata"] |= {"deletionTimestamp": world.ago(since), "deletionGracePeriodSeconds": 30}
    if finalizers:
        pod["metadata"]["finalizers"] = list(finalizers)
        pod["status"] |= {"phase": "Succeeded"}
        for status in pod["status"]["containerStatuses"]:
            done = {"exitCode": 0, "reason": "Completed", "finishedAt": world.ago(since - 2)}
            status |= {"ready": False, "state": {"terminated": done}}
    return world.not_ready(pod, since)


def evicted_again(world: World) -> World:
    """Over the limit of its emptyDir, again and again; none is left."""
    world.with_spec("labels", volumes=[{"name": "cache", "emptyDir": {"sizeLimit": "64Mi"}}])
    pod = world.pod("labels")
    said = 'Usage of EmptyDir volume "cache" exceeds the limit "64Mi". '
    for number in range(3):
        other = copy.deepcopy(pod)
        other["metadata"] |= {"name": f"labels-6859749c7b-ev{number}", "uid": f"ev{number}"}
        other["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "startTime": world.ago(600)}
        world.view["pods"].append(other)
        world.event(other, "Pod", "Evicted", said, 200 + 100 * number)
    return waits(world, pod, "ContainerCreating", since=3)


def over_quota_job(world: World) -> World:
    pod = job(world, "reindex", age=20 * MINUTE)
    world.view["pods"].remove(pod)
    made = world.view["jobs"][-1]
    extra(world, "resourcequotas", "compute", status={"hard": {"pods": "10"}, "used": {"pods": "10"}})
    message = ('Error creating: pods "reindex-x" is forbidden: exceeded quota: compute, requested: pods=1, used: '
               "pods=10, limited: pods=10")  # fmt: skip
    return world.event(made, "Job", "FailedCreate", message, 20)


def old_refusal(world: World) -> World:
    """A revision that was refused two hours ago; the next one serves."""
    second_set(world, "labels", HOUR)
    world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] != "labels-new-abcde"]
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("labels-6"))
    new = next(item for item in world.view["replicasets"] if item["metadata"]["name"] == "labels-new")
    old["metadata"], new["metadata"]["name"] = {**old["metadata"]}, "labels-refused"
    new["spec"]["replicas"] = 0
    marks = world.workload("labels")["metadata"]["annotations"]
    old["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "3"}
    marks["deployment.kubernetes.io/revision"] = "3"
    world.workload("labels")["status"] = {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1,
                                          "updatedReplicas": 1, "availableReplicas": 1}  # fmt: skip
    for item in world.view["endpoints"]:
        item["addresses"] = [one for one in item["addresses"] if one.get("pod") != "labels-new-abcde"]
    said = 'Error creating: pods "labels-refused-x" is forbidden: violates PodSecurity "restricted:latest"'
    return world.event(new, "ReplicaSet", "FailedCreate", said, 55 * MINUTE)


def sysctl(world: World) -> World:
    """The kubelet refuses each pod."""
    pod = world.pod("labels")
    said = 'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowlisted'
    world.not_ready(pod, 100)
    for number in range(3):
        other = copy.deepcopy(pod)
        other["metadata"] |= {"name": f"labels-6859749c7b-sy{number}", "uid": f"sy{number}"}
        other["status"] = {"phase": "Failed", "reason": "SysctlForbidden", "message": said, "startTime": world.ago(90)}
        world.view["pods"].append(other)
        world.event(other, "Pod", "SysctlForbidden", said, 30 + number)
    world.view["pods"].remove(pod)
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != pod["metadata"]["name"]]
    return world


def partition(world: World) -> World:
    ordinals(world, "ledger", 3)
    world.workload("ledger")["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    return world


def lost_for_one(world: World) -> World:
    """One of the nodes of a DaemonSet is gone."""
    made = second_node(world)
    for condition in made["node"]["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(600)}
    return world.not_ready(made["pod"], 560)


FAILED_PSA = ('Error creating: pods "front-x" is forbidden: violates PodSecurity "restricted:latest": '
              'allowPrivilegeEscalation != false (container "front" must set it to false)')  # fmt: skip
TOO_MUCH = ('Error creating: pods "orders-x" is forbidden: maximum memory usage per Container is 512Mi, but limit is '
            "1Gi")  # fmt: skip

PLACING = (
    ShopCase("the claim of the third ordinal asks for a class that is not there", "fault", claim_pending,
             words=("fast-ssd",), about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("the claim of a new ordinal waits for six seconds", "open", claim_waits,
             asks=("namespace", "statefulset/ledger")),
    ShopCase("it found no node an hour ago, and runs", "ok",
             lambda w: w.event(w.pod("labels"), "Pod", "FailedScheduling", NO_CPU, 50 * MINUTE)),
    ShopCase("one of three finds no node by its spread", "fault",
             lambda w: pending(w.replicas("labels", 3), w.pods("labels")[-1], SPREAD),
             words=("topology",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a node with a taint that a DaemonSet does not tolerate", "ok", tainted_node,
             asks=("namespace", "daemonset/node-scan")),
    ShopCase("a volume is held by the pod before, for a quarter of an hour", "fault",
             lambda w: multi_attach(w, 900), words=("labels",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("a volume is held by the pod before, for half a minute", "open", lambda w: multi_attach(w, 30)),
    ShopCase("a Job for a node that is not there", "fault", nowhere, words=("nvme",), about=("reindex",),
             asks=("namespace", "job/reindex")),
    ShopCase("no node has room, and nodes are unread", "fault",
             lambda w: unread(pending(w, w.pod("labels"), NO_CPU), "nodes"), words=("cpu",), about=("labels",)),
    ShopCase("a webhook that may fail has no backend", "open", lambda w: guard(w, "anyns-p-well", "Ignore")),
    ShopCase("a webhook of another namespace has no backend here", "open", lambda w: guard(w, "security", "Fail")),
    ShopCase("Pod Security refuses all pods", "fault", lambda w: refused_pod(w, "front", FAILED_PSA), "shop",
             ("PodSecurity",), ("front",), ("namespace", "deployment/front")),
    ShopCase("Pod Security refused a revision that was given up", "ok", old_refusal),
    ShopCase("a LimitRange refuses all pods", "fault", lambda w: refused_pod(w, "orders", TOO_MUCH), "shop",
             ("512Mi",), ("orders",), ("namespace", "deployment/orders", "deployment/front")),
    ShopCase("the quota refuses a Job's pod", "fault", over_quota_job, words=("quota",), about=("reindex",),
             asks=("namespace", "job/reindex")),
    ShopCase("a quota that is used up, and all pods are there", "ok",
             lambda w: extra(w, "resourcequotas", "compute", status={"hard": {"pods": "9"}, "used": {"pods": "9"}})),
    ShopCase("a pod leaves for ten seconds", "ok", lambda w: leaving(w, 10)),
    ShopCase("a pod cannot leave for a finalizer", "fault", lambda w: leaving(w, 2 * HOUR, "example.com/guard"),
             words=("example.com/guard",), about=("labels",)),
    ShopCase("evicted by its node two days ago", "ok",
             lambda w: leftover(w, "labels", "Evicted", "The node was low on resource: memory.")),
    ShopCase("ended when its node was shut down", "ok",
             lambda w: leftover(w, "labels", "Terminated", "Pod was terminated in response to node shutdown.")),
    ShopCase("refused by a node that was full, once", "ok",
             lambda w: leftover(w, "labels", "OutOfcpu", "Node didn't have enough resource: cpu")),
    ShopCase("evicted again and again over the limit of its directory", "fault", evicted_again,
             words=("emptydir",), about=("labels",), asks=("namespace", "deployment/labels"),
             never=("show-pressure",)),
    ShopCase("every pod is refused for a sysctl", "fault", sysctl, words=("sysctl",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("a partition, and no update under way", "ok", partition, asks=("namespace", "statefulset/ledger")),
    ShopCase("paused, and nothing to roll out", "open",
             lambda w: w.workload("labels")["spec"].update(paused=True)),
    ShopCase("a drain waits for a disruption budget", "ok",
             lambda w: w.event(w.view["nodes"][0], "Node", "EvictionBlocked",
                               "Cannot evict pod as it would violate the pod's disruption budget.", 20)),
    ShopCase("moved by a vertical autoscaler", "ok",
             lambda w: born(w.event(w.workload("labels"), "Deployment", "EvictedByVPA", "Pod was evicted by VPA", 900),
                            w.pod("labels"), 880)),
    ShopCase("one of the nodes of a DaemonSet is gone", "fault", lost_for_one, words=("dock-2",),
             asks=("namespace", "daemonset/node-scan")),
    ShopCase("a finalizer on what nobody deletes", "ok",
             lambda w: w.workload("labels")["metadata"].update(finalizers=["example.com/guard"])),
)  # fmt: skip
