"""Who holds it, and whose it is: other controllers, what is done on purpose, other apps and teams beside it."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    DAY,
    HOUR,
    MINUTE,
    REFUSED,
    born,
    ended,
    extra,
    job,
    named,
    ordinals,
    says,
    scaler,
    second_set,
    waits,
    zero,
)  # fmt: skip
from tests.support.near_miss_world import Json, World

DISABLED = ("ScalingActive", "False", "ScalingDisabled",
            "scaling is disabled since the replica count of the target is zero")  # fmt: skip


def keda_idle(world: World) -> World:
    """A consumer that KEDA took to zero, as nothing is queued."""
    scaler(zero(world, "sorter"), "sorter", DISABLED, now=0)
    found = world.view["horizontalpodautoscalers"][0]
    found["metadata"] |= {"name": "keda-hpa-sorter", "labels": {"app.kubernetes.io/managed-by": "keda-operator"}}
    return world


def revision(world: World, *, idle: bool) -> World:
    """Owned by a Revision of Knative, which keeps its number."""
    made = world.workload("labels")["metadata"]
    made["ownerReferences"] = [{"kind": "Revision", "name": "labels-00003", "uid": "rev", "controller": True}]
    made.setdefault("labels", {})["serving.knative.dev/service"] = "labels"
    return zero(world, "labels") if idle else world


def by_rollout(world: World, *, crashes: bool) -> World:
    world.owned_by("labels", "Rollout", keep_sets=True)
    return world.crashing(world.pod("labels"), code=2) if crashes else world


def referred(world: World) -> World:
    """An Argo Rollout refers to the Deployment: that is at zero, and the Rollout has the pods."""
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("labels"))
    made = copy.deepcopy(old)
    owner = {"kind": "Rollout", "name": "labels", "uid": "ro-1", "controller": True}
    made["metadata"] |= {"name": "labels-roll", "uid": "rs-roll", "ownerReferences": [owner]}
    world.view["replicasets"].append(made)
    old["spec"]["replicas"] = 0
    world.workload("labels")["spec"]["replicas"] = 0
    world.workload("labels")["status"] = {"observedGeneration": 1}
    reference = {"kind": "ReplicaSet", "name": "labels-roll", "uid": "rs-roll", "controller": True}
    world.pod("labels")["metadata"]["ownerReferences"] = [reference]
    return world


def partition(world: World, *, crashes: bool) -> World:
    """The third of three has the new revision; the others are held on purpose."""
    ordinals(world, "broker", 3)
    made = world.workload("broker")
    made["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    made["status"] |= {"updateRevision": "broker-new", "updatedReplicas": 1}
    for pod in world.pods("broker"):
        pod["metadata"]["labels"]["controller-revision-hash"] = made["status"]["currentRevision"]
    world.pods("broker")[2]["metadata"]["labels"]["controller-revision-hash"] = "broker-new"
    return world.crashing(world.pods("broker")[2], code=3) if crashes else born(world, world.pods("broker")[2], HOUR)


def taking_over(world: World, *, ready: bool, image: str = "") -> World:
    """The old revision crashes; a new one that mends it starts, or cannot."""
    new = second_set(world, "labels", 40 if not image else 900)
    world.crashing(world.pods("labels")[0], code=1, count=9)
    if image:
        return waits(world, new, "ImagePullBackOff", f'Back-off pulling image "{image}"', since=900)
    return world if ready else world.not_ready(new, 40)


def waits_its_turn(world: World) -> World:
    """A queue of Jobs holds the pod back until there is room for it."""
    pod = job(world, "train", active=1, age=HOUR)
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "nodeName": ""}
    gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
             "message": "Scheduling is blocked due to non-empty scheduling gates",
             "lastTransitionTime": world.ago(HOUR)}  # fmt: skip
    pod["status"] = {"phase": "Pending", "conditions": [gated]}
    return world


def suspended_job(world: World) -> World:
    pod = job(world, "reindex", age=2 * HOUR, condition="Suspended", reason="JobSuspended")
    world.view["pods"].remove(pod)
    world.view["jobs"][-1]["spec"]["suspend"] = True
    return world


def second_try(world: World) -> World:
    """The first pod failed, and there are tries left: the second one runs."""
    pod = job(world, "reindex", active=1, failed=1, age=10 * MINUTE)
    first = copy.deepcopy(pod)
    first["metadata"] |= {"name": "reindex-first", "uid": "p-first"}
    world.view["pods"].append(first)
    ended(world, first, 1, ago=500)
    return world


def long_job(world: World) -> World:
    """It has run for six hours, has no deadline, and tells how far it is."""
    job(world, "reindex", active=1, age=6 * HOUR)
    return world.log("reindex", *((age, f"indexed {9000 - age} of 12000") for age in (280, 200, 120, 60, 5)))


def by_policy(world: World) -> World:
    """The Job ends for good at an exit code that no further try would mend."""
    pod = job(world, "reindex", age=HOUR, condition="Failed", reason="PodFailurePolicy", failed=1)
    said = "Container run for pod anyns-p-well/reindex-abcde failed with exit code 42 matching FailJob rule at index 0"
    world.view["jobs"][-1]["status"]["conditions"][0]["message"] = said
    return ended(world, pod, 42)


def slower_than_due(world: World) -> World:
    """Due every minute, none beside another; this run has taken ninety seconds."""
    made = named(world, "cronjobs", "purge")
    made["spec"] |= {"schedule": "* * * * *", "concurrencyPolicy": "Forbid"}
    made["status"] = {"lastScheduleTime": world.ago(90), "lastSuccessfulTime": world.ago(95)}
    job(world, "purge-1", owner="purge", age=90, active=1)
    return world


def cron(world: World, schedule: str, last: float | None, **spec: object) -> World:
    made = named(world, "cronjobs", "purge")
    made["spec"] |= {"schedule": schedule, **spec}
    made["status"] = (
        {} if last is None else {"lastScheduleTime": world.ago(last), "lastSuccessfulTime": world.ago(last - 4)}
    )
    return world


def other_team(world: World) -> World:
    """A program of somebody else in this namespace crashes."""
    labels = {"app": "atlas", "app.kubernetes.io/part-of": "maps"}
    world.beside("atlas", labels, image="maps/atlas:2")
    return world.crashing(world.pod("atlas"), code=1)


def away(world: World) -> World:
    """Half of the nodes belong to others, and one of those does not report."""
    node: Json = copy.deepcopy(world.view["nodes"][0])
    node["metadata"] |= {"name": "maps-1", "uid": "maps-1"}
    for condition in node["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(HOUR)}
    world.view["nodes"].append(node)
    return world


HOLDING = (
    ShopCase("a consumer that KEDA took to zero", "open", keda_idle, asks=("namespace", "deployment/sorter")),
    ShopCase("a Revision of Knative that serves", "ok", lambda w: revision(w, idle=False)),
    ShopCase("a Revision of Knative that sleeps, and nothing is refused", "open",
             lambda w: w.log("track-view", (7200, "I, INFO -- : idle")) and revision(w, idle=True)),
    ShopCase("Argo rolls it out", "ok", lambda w: by_rollout(w, crashes=False), asks=("namespace",
             "deployment/track-view")),
    ShopCase("Argo rolls it out, and it crashes", "fault", lambda w: by_rollout(w, crashes=True), words=("labels",),
             about=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("an Argo Rollout that refers to a Deployment at zero", "ok", referred,
             asks=("namespace", "deployment/track-view")),
    ShopCase("a CloneSet whose pods serve", "ok", lambda w: w.owned_by("labels", "CloneSet")),
    ShopCase("a partition, and the ordinal of the new revision crashes", "fault", lambda w: partition(w, crashes=True),
             words=("1 of 3",), about=("broker",), asks=("namespace", "statefulset/broker")),
    ShopCase("the old revision crashes, the new one has started for forty seconds", "fault",
             lambda w: taking_over(w, ready=False), words=("labels",), about=("labels",), never=("roll-back",),
             asks=("namespace", "deployment/labels")),
    ShopCase("the old revision crashes, the image of the new one is not there", "fault",
             lambda w: taking_over(w, ready=False, image="lab.local/app:9"), words=("image",), about=("labels",),
             never=("roll-back",), asks=("namespace", "deployment/labels")),
    ShopCase("a queue of Jobs holds a pod back", "open", waits_its_turn, asks=("namespace", "job/train")),
    ShopCase("a Job that is suspended", "names", suspended_job, words=("suspended",), about=("reindex",),
             asks=("namespace", "job/reindex")),
    ShopCase("a Job's second try runs", "open", second_try, asks=("namespace", "job/reindex")),
    ShopCase("a Job of six hours that tells how far it is", "open", long_job, asks=("namespace", "job/reindex")),
    ShopCase("a Job ended at a code that no try would mend", "fault", by_policy, words=("42",), about=("reindex",),
             asks=("namespace", "job/reindex")),
    ShopCase("a run takes a little longer than until the next is due", "open", slower_than_due,
             asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob of each hour by its macro", "ok", lambda w: cron(w, "@hourly", 38 * MINUTE + 9),
             asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob that has never been due", "ok", lambda w: cron(w, "0 0 1 1 *", None),
             asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob for a day that there is not", "open", lambda w: cron(w, "0 0 31 2 *", None),
             asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob with its zone in the schedule", "open", lambda w: cron(w, "CRON_TZ=Asia/Tokyo 0 3 * * *",
             DAY - 22 * MINUTE + 9),
             asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob has not started for a day", "fault", lambda w: cron(w, "*/5 * * * *", DAY), words=("purge",),
             about=("purge",), asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob is suspended, and another program is asked about", "ok",
             lambda w: cron(w, "*/5 * * * *", DAY, suspend=True), asks=("deployment/gate",)),
    ShopCase("a program of others crashes in this namespace", "ok", other_team, asks=("deployment/gate",
             "deployment/labels")),
    ShopCase("a node of others does not report", "ok", away),
    ShopCase("an autoscaler of an Argo Rollout", "ok",
             lambda w: scaler(by_rollout(w, crashes=False), "labels", ("ScalingActive", "True", "ValidMetricFound", ""),
                              kind="Rollout")),
    ShopCase("an autoscaler of what is not there", "fault",
             lambda w: scaler(w, "checkout", ("AbleToScale", "False", "FailedGetScale",
                              'deployments.apps "checkout" not found')), words=("checkout",)),
    ShopCase("an autoscaler that is pinned to one number", "open",
             lambda w: scaler(w, "labels", ("ScalingLimited", "True", "TooManyReplicas",
                              "the desired replica count is more than the maximum replica count"), least=1, most=1)),
    ShopCase("two autoscalers of two kinds with one name", "ok",
             lambda w: extra(scaler(w, "labels", ("ScalingActive", "True", "ValidMetricFound", "")),
                             "horizontalpodautoscalers", "broker-labels",
                             spec={"scaleTargetRef": {"kind": "StatefulSet", "name": "broker"}, "minReplicas": 1,
                                   "maxReplicas": 3}, status={"currentReplicas": 1, "desiredReplicas": 1})),
    ShopCase("two autoscalers of one program", "fault",
             lambda w: extra(scaler(w, "labels", ("ScalingActive", "True", "ValidMetricFound", "")),
                             "horizontalpodautoscalers", "keda-hpa-labels",
                             spec={"scaleTargetRef": {"kind": "Deployment", "name": "labels"}, "minReplicas": 1,
                                   "maxReplicas": 9}, status={"currentReplicas": 1, "desiredReplicas": 1}),
             words=("labels", "two")),
    ShopCase("at its most for a day, and callers are told to wait", "fault",
             lambda w: says(scaler(w, "labels", ("ScalingLimited", "True", "TooManyReplicas",
                            "the desired replica count is more than the maximum replica count"), most=2, now=2),
                            "track-view", "ERROR labels answered 503 Service Unavailable: too busy"),
             words=("labels",)),
    ShopCase("at its most for a day, and nobody suffers", "open",
             lambda w: scaler(w, "labels", ("ScalingLimited", "True", "TooManyReplicas",
                              "the desired replica count is more than the maximum replica count"), most=2, now=2)),
    ShopCase("at its most for a day, and its callers wait in vain", "fault",
             lambda w: says(scaler(w, "labels", ("ScalingLimited", "True", "TooManyReplicas",
                            "the desired replica count is more than the maximum replica count"), most=2, now=2),
                            "track-view", "ERROR POST http://labels:9090/print: i/o timeout awaiting response headers"),
             words=("labels",)),
    ShopCase("a caller at zero names a Service that there is not", "open",
             lambda w: [item.setdefault("env", []).append({"name": "SCALES", "endpoints": ["http://scales:80"]})
                        for item in w.main("sorter")] and zero(w, "sorter"), asks=("namespace",)),
    ShopCase("paused for a change, and the old revision is refused", "fault",
             lambda w: (says(w, "track-view",
                 REFUSED.format("172.30.117.217:9090")) and w.workload("labels")["spec"].update(
                 paused=True)) or w.crashing(w.pod("labels"), code=1), words=("labels",), about=("labels",)),
)  # fmt: skip
