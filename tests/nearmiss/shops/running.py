"""Pods that run, end, are killed, are few or many; Jobs and CronJobs; and what only looks like trouble."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    born,
    ended,
    extra,
    job,
    named,
    ordinals,
    scaler,
    second_node,
    second_set,
    unread,
    zero,
)  # fmt: skip
from tests.support.near_miss_world import DAY, World

NO_REQUEST = ("the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu "
              "in container labels of Pod labels-6859749c7b-mhf9h")  # fmt: skip


def exporter_killed(world: World) -> World:
    """The container beside the database, again and again; the database serves."""
    pod = world.pod("ledger")
    world.restarted(pod, ended=60, lasted=100, count=31, code=137, reason="OOMKilled", container=1)
    for spec in world.specs("ledger"):
        spec["containers"][1]["resources"] = {"limits": {"memory": "32Mi"}}
    return world


def daemon_crash(world: World) -> World:
    """On one node of two."""
    return world.crashing(second_node(world)["pod"], code=1)


def cron(world: World, name: str = "purge", **spec: object) -> dict:
    made = named(world, "cronjobs", name)
    made["spec"].update(spec)
    return made


def other_zone(world: World) -> World:
    """At three o'clock in Tokyo, which is six in the evening."""
    made = cron(world, schedule="0 3 * * *", timeZone="Asia/Tokyo")
    last = world.now.replace(hour=18, minute=0, second=0)
    seconds = (world.now - last).total_seconds()
    when = world.ago(seconds if seconds > 0 else seconds + DAY)
    made["metadata"]["creationTimestamp"] = world.ago(9 * DAY)
    made["status"] = {"lastScheduleTime": when, "lastSuccessfulTime": when}
    return world


def blocked(world: World) -> World:
    """A run of nine hours ago still runs, and no other may run beside it."""
    made = cron(world, schedule="0 * * * *", concurrencyPolicy="Forbid")
    made["status"] = {"lastScheduleTime": world.ago(9 * HOUR)}
    job(world, "purge-1", owner="purge", age=9 * HOUR, active=1)
    return world


def just_made(world: World) -> World:
    made = cron(world, schedule="0 * * * *")
    made["metadata"]["creationTimestamp"] = world.ago(3 * MINUTE)
    made["status"] = {}
    return world


def killed_run(world: World) -> World:
    made = cron(world, schedule="*/10 * * * *")
    made["status"] = {"lastScheduleTime": world.ago(300)}
    for number, age in enumerate((1_500, 900, 300)):
        name = f"purge-{number}"
        pod = job(world, name, owner="purge", age=age, condition="Failed", reason="BackoffLimitExceeded", failed=1)
        ended(world, pod, 137, reason="OOMKilled", ago=age - 40)
        pod["spec"]["containers"][0]["resources"] = {"limits": {"memory": "64Mi"}}
    return world


def one_bad_run(world: World) -> World:
    made = cron(world, schedule="*/10 * * * *")
    made["status"] = {"lastScheduleTime": world.ago(300), "lastSuccessfulTime": world.ago(290)}
    for number, age, code in ((0, 1_500, 1), (1, 900, 0), (2, 300, 0)):
        how = {"condition": "Failed", "reason": "BackoffLimitExceeded", "failed": 1} if code else {
            "condition": "Complete", "succeeded": 1}  # fmt: skip
        ended(world, job(world, f"purge-{number}", owner="purge", age=age, **how), code, ago=age - 40)
        named(world, "jobs", f"purge-{number}")["status"]["conditions"][0]["lastTransitionTime"] = world.ago(age - 42)
    return world


def held_by_proxy(world: World) -> World:
    """What it was for is done for two hours; the proxy beside it runs on."""
    pod = job(world, "export-ledger", age=3 * HOUR, active=1)
    proxy = {"name": "cloud-sql-proxy", "image": "proxy:2"}
    pod["spec"]["containers"].append(proxy)
    world.view["jobs"][-1]["spec"]["template"]["spec"]["containers"].append(proxy)
    running = {"running": {"startedAt": world.ago(3 * HOUR)}}
    pod["status"]["containerStatuses"].append({"name": proxy["name"], "ready": True, "image": "x", "state": running})
    return ended(world, pod, 0, ago=2 * HOUR)


def too_late(world: World) -> World:
    pod = job(world, "reindex", age=HOUR, condition="Failed", reason="DeadlineExceeded", failed=1)
    world.view["jobs"][-1]["spec"]["activeDeadlineSeconds"] = 600
    world.view["pods"].remove(pod)
    said = "Job was active longer than specified deadline"
    world.view["jobs"][-1]["status"]["conditions"][0]["message"] = said
    return world.event(world.view["jobs"][-1], "Job", "DeadlineExceeded", said, 30)


def retried(world: World) -> World:
    """The first pod failed, the second one did it."""
    pod = job(world, "reindex", condition="Complete", failed=1, succeeded=1, completionTime=world.ago(30))
    first = copy.deepcopy(pod)
    first["metadata"] |= {"name": "reindex-first", "uid": "p-first"}
    world.view["pods"].append(first)
    ended(world, first, 1, ago=900)
    return ended(world, pod, 0)


def bare_failed(world: World) -> World:
    world.beside("seed", {"app": "seed"}).owned_by("seed", "Pod")
    pod = world.pod("seed")
    pod["spec"]["restartPolicy"] = "Never"
    world.log("seed", (32, "Error: relation seeds does not exist"))
    return ended(world.not_ready(pod, 30), pod, 3)


def skewed(world: World) -> World:
    """The nodes' clocks are two hours ahead."""
    return world.node_behind(-2 * HOUR)


def replaced(world: World) -> World:
    """Events of a pod that is gone."""
    gone = {"metadata": {"name": "labels-6859749c7b-gone", "uid": "gone"}}
    return world.event(gone, "Pod", "BackOff", "Back-off restarting failed container labels", 50 * MINUTE)


def unready(world: World) -> World:
    """Two of a new revision answer 500; the two of the old one serve."""
    pod = second_set(world, "front", 20 * MINUTE)
    world.not_ready(pod, 19 * MINUTE)
    said = "Readiness probe failed: HTTP probe failed with statuscode: 500"
    world.event(pod, "Pod", "Unhealthy", said, 4)
    made = world.workload("front")
    conditions = [item for item in made["status"].get("conditions", []) if item["type"] != "Progressing"]
    conditions.append({
        "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": 'ReplicaSet "front-new" has timed out progressing.', "lastTransitionTime": world.ago(500),
    })  # fmt: skip
    made["status"]["conditions"] = conditions
    return world


def scaled_down(world: World) -> World:
    world.replicas("labels", 4)
    world.workload("labels")["spec"]["replicas"] = 1
    for pod in world.pods("labels")[1:]:
        pod["metadata"] |= {"deletionTimestamp": world.ago(-18), "deletionGracePeriodSeconds": 30}
        world.not_ready(pod, 8)
    scaler(world, "labels", ("AbleToScale", "True", "SucceededRescale", "the HPA controller was able to update"), now=1)
    return world.event(world.view["horizontalpodautoscalers"][0], "HorizontalPodAutoscaler", "SuccessfulRescale",
                       "New size: 1; reason: All metrics below target", 12)  # fmt: skip


RUNNING = (
    ShopCase("killed for memory once, five days ago", "ok",
             lambda w: w.restarted(w.pod("labels"), ended=2.5 * DAY, lasted=HOUR, code=137, reason="OOMKilled"),
             asks=("namespace", "deployment/labels")),
    ShopCase("the exporter beside the database is killed for memory", "fault", exporter_killed,
             words=("exporter",), about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("twelve restarts, the last one days ago", "ok",
             lambda w: w.restarted(w.pod("labels"), ended=2 * DAY, lasted=20, count=12, code=1)),
    ShopCase("a DaemonSet crashes on one node of two", "fault", daemon_crash, words=("1 of 2",), about=("node-scan",),
             asks=("namespace", "daemonset/node-scan")),
    ShopCase("a bare pod failed for good", "fault", bare_failed, "shop", ("3",), ("seed",),
             ("namespace", "pod/seed-abc-0")),
    ShopCase("scaled down by its autoscaler", "ok", scaled_down, asks=("namespace", "deployment/labels")),
    ShopCase("a pod is not ready for five seconds after its start", "open",
             lambda w: w.not_ready(born(w, w.pod("labels"), 5).pod("labels"), 5)),
    ShopCase("a probe failed once, and nothing came of it", "ok",
             lambda w: w.event(w.pod("front"), "Pod", "Unhealthy", "Liveness probe failed: context deadline exceeded",
                               300), "shop"),
    ShopCase("a rollout of half a minute", "open",
             lambda w: w.not_ready(second_set(w, "front", 30), 30), "shop",
             asks=("namespace", "deployment/front")),
    ShopCase("a rollout is stuck, the pods before serve", "fault", unready, "shop", ("front",), ("front",),
             ("namespace", "deployment/front")),
    ShopCase("a canary at zero that nobody calls", "open",
             lambda w: zero(w.beside("labels-canary", {"app": "labels-canary"}), "labels-canary")),
    ShopCase("at zero, and its caller's calls are refused", "fault",
             lambda w: zero(w, "labels").log("track-view", *((age, REFUSED.format("172.30.117.217:9090"))
                                                             for age in (200, 100, 50, 9))),
             words=("labels",), about=("labels",), asks=("namespace", "deployment/labels", "deployment/track-view")),
    ShopCase("the nodes' clocks are two hours ahead", "ok", skewed),
    ShopCase("events of a pod that is gone", "ok", replaced),
    ShopCase("a Job's first pod failed, its second one did it", "ok", retried, asks=("namespace", "job/reindex")),
    ShopCase("a Job took too long", "fault", too_late, words=("deadline",), about=("reindex",),
             asks=("namespace", "job/reindex")),
    ShopCase("a Job runs for five minutes", "open", lambda w: job(w, "reindex", age=300, active=1),
             asks=("namespace", "job/reindex")),
    ShopCase("a Job is held by the proxy beside it", "fault", held_by_proxy, words=("cloud-sql-proxy",),
             about=("export-ledger",), asks=("namespace", "job/export-ledger")),
    ShopCase("a CronJob in another time zone", "ok", other_zone, asks=("namespace", "cronjob/purge")),
    ShopCase("a run of nine hours blocks the next ones", "fault", blocked, words=("purge-1",), about=("purge",),
             asks=("namespace", "cronjob/purge")),
    ShopCase("one run failed, and the two after it were done", "ok", one_bad_run, asks=("namespace", "cronjob/purge")),
    ShopCase("a CronJob made three minutes ago", "ok", just_made, asks=("namespace", "cronjob/purge")),
    ShopCase("every run is killed for memory", "fault", killed_run, words=("memory",), about=("purge",),
             asks=("namespace", "cronjob/purge")),
    ShopCase("Jobs are unread", "open", lambda w: unread(w, "jobs")),
    ShopCase("an autoscaler at its least", "ok",
             lambda w: scaler(w, "labels", ("ScalingActive", "True", "ValidMetricFound", ""),
                              ("ScalingLimited", "True", "TooFewReplicas",
                               "the desired replica count is less than the minimum replica count"))),
    ShopCase("an autoscaler has no request to measure by", "fault",
             lambda w: scaler(w, "labels", ("ScalingActive", "False", "FailedGetResourceMetric", NO_REQUEST)),
             words=("cpu",), about=("labels",)),
    ShopCase("an autoscaler at its most for a minute, and all is well", "open",
             lambda w: scaler(w, "labels", ("ScalingLimited", "True", "TooManyReplicas",
                                            "the desired replica count is more than the maximum replica count"),
                              most=1, since=60)),
    ShopCase("an autoscaler has no numbers of a pod of 20 seconds", "open",
             lambda w: scaler(w, "labels", ("ScalingActive", "False", "FailedGetResourceMetric",
                              "did not receive metrics for targeted pods (pods might be unready)"), since=15)
             and born(w, w.pod("labels"), 20)),
    ShopCase("an ordinal of three keeps crashing", "fault",
             lambda w: w.crashing(ordinals(w, "broker", 3).pods("broker")[1], code=1), words=("1 of 3",),
             about=("broker",), asks=("namespace", "statefulset/broker")),
    ShopCase("an ordinal of three was restarted once yesterday", "ok",
             lambda w: w.restarted(ordinals(w, "broker", 3).pods("broker")[1], ended=DAY, lasted=DAY, code=1)),
    ShopCase("a claim of another app is pending for its first user", "open",
             lambda w: extra(extra(w, "storageclasses", "late", volumeBindingMode="WaitForFirstConsumer"),
                             "persistentvolumeclaims", "scratch", spec={"storageClassName": "late"},
                             status={"phase": "Pending"})),
)  # fmt: skip
