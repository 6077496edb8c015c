"""The same signs twice: once as what passes by itself, or is nobody's trouble, and once as a fault."""

from __future__ import annotations

import copy

from tests.nearmiss.said.telling import among
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.ending import init, init_says
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    TIMED_OUT,
    WELL,
    born,
    ended,
    job,
    leftover,
    named,
    ordinals,
    says,
    scaler,
    second_node,
    second_set,
    told,
    unread,
    waits,
    zero,
)  # fmt: skip
from tests.support.near_miss_world import DAY, Json, World

LABELS = "172.30.117.217:9090"
LIMITED = "toomanyrequests: You have reached your pull rate limit"
EXTERNAL = "unable to get external metric anyns-p-well/queue: no metrics returned from external metrics API"
FAILOVER = "ERROR cannot save: server closed the connection unexpectedly"


def probed(world: World, age: float) -> World:
    """A new revision answers its readiness probe with 503."""
    world.with_main("labels", readinessProbe={"httpGet": {"path": "/ready", "port": 9090}, "periodSeconds": 10})
    pod = second_set(world, "labels", age)
    world.not_ready(pod, age)
    return world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 4)


def pulling(world: World, age: float, reason: str) -> World:
    pod = second_set(world, "labels", age)
    return waits(world, pod, reason, f'failed to pull image "lab.local/app:7": {LIMITED}', since=age)


def crashed(world: World, *, times: int, age: float) -> World:
    """The new revision has ended so often; the old one serves."""
    pod = second_set(world, "labels", age)
    if times == 1:
        return world.not_ready(pod, age).restarted(pod, ended=9, lasted=4, count=1, code=1).not_ready(pod, age)
    return world.crashing(pod, code=1, count=times)


def on_one_node(world: World, age: float) -> World:
    """The pod of the DaemonSet on the second node is not ready."""
    pod = second_node(world)["pod"]
    born(world, pod, age)
    return world.not_ready(pod, age)


def parallel(world: World, *, failed: int) -> World:
    """Five at once; so many have failed, and the others work."""
    pod = job(world, "reindex", active=5 - failed, failed=failed, age=10 * MINUTE)
    world.view["jobs"][-1]["spec"] |= {"completions": 5, "parallelism": 5, "backoffLimit": 6}
    for number in range(1, 5):
        made = copy.deepcopy(pod)
        made["metadata"] |= {"name": f"reindex-{number}", "uid": f"p-reindex-{number}"}
        world.view["pods"].append(made)
        if number <= failed:
            ended(world, made, 2, ago=120)
    return world


def last_run(world: World, code: int | None) -> World:
    """The run of this hour ended with this code, or is at work."""
    made = named(world, "cronjobs", "purge")
    made["spec"]["schedule"] = "20 * * * *"
    made["status"] = {"lastScheduleTime": world.ago(18 * MINUTE + 9), "lastSuccessfulTime": world.ago(78 * MINUTE)}
    if code is None:
        job(world, "purge-1", owner="purge", age=18 * MINUTE + 9, active=1)
        return world.log("purge-1", *((age, f"purged {500 - age} parcels") for age in (200, 100, 40, 3)))
    how = {"condition": "Failed", "reason": "BackoffLimitExceeded", "failed": 1}
    return ended(world, job(world, "purge-1", owner="purge", age=18 * MINUTE + 9, **how), code, ago=900)


def migrating(world: World, age: float, *lines: str) -> World:
    """Its init container says these lines, the last one a few seconds ago."""
    pod = init(world, "labels", {"running": {"startedAt": world.ago(age)}}, age=age + 5)
    return init_says(world, "labels", pod, *((50 - 6 * number, line) for number, line in enumerate(lines)))


def replaced(world: World) -> World:
    """Started anew a minute ago: the new pod serves, the old one leaves."""
    pod = second_set(world, "labels", 60)
    old = next(item for item in world.pods("labels") if item is not pod)
    old["metadata"] |= {"deletionTimestamp": world.ago(-10), "deletionGracePeriodSeconds": 30}
    made = world.workload("labels")["status"]
    made |= {"replicas": 1, "updatedReplicas": 1}
    return world.not_ready(old, 20)


def drained(world: World) -> World:
    """Its node was emptied; the pod that takes its place is being made for twelve seconds."""
    return waits(world, world.pod("labels"), "ContainerCreating", since=12)


def scaled_in(world: World) -> World:
    """One of three is left, with the claims of all."""
    ordinals(world, "ledger", 3)
    world.workload("ledger")["spec"]["replicas"] = 1
    world.workload("ledger")["status"] |= {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}
    gone = {"ledger-1", "ledger-2"}
    world.view["pods"] = [item for item in world.view["pods"] if item["metadata"]["name"] not in gone]
    for item in world.view["endpoints"]:
        item["addresses"] = [one for one in item["addresses"] if one.get("pod") not in gone]
    return world


def failover(world: World, *, over: bool) -> World:
    """The database changed its place two minutes ago, and calls failed for twenty seconds, or do since."""
    early = [(age, WELL["orders"]) for age in (290, 220, 150)]
    failed = [(age, FAILOVER) for age in ((130, 125, 118, 112) if over else range(130, 0, -8))]
    later = [(age, WELL["orders"]) for age in (100, 80, 60, 40, 20, 4)] if over else []
    return world.log("orders", *early, *failed, *later)


def shut(world: World, age: float) -> World:
    """A policy of so many seconds ago shuts its callers out, whose calls time out since."""
    world.policy("shut", {"matchLabels": {"app": "labels"}}, "Ingress")
    world.view["networkpolicies"][-1]["metadata"]["creationTimestamp"] = world.ago(age)
    well = [(n, WELL["track-view"]) for n in (280, 220, 170)]
    return world.log("track-view", *well, *((n, TIMED_OUT.format(LABELS)) for n in range(int(age) - 10, 0, -15)))


def two_at_once(world: World) -> World:
    """Two faults that have nothing to do with each other."""
    world.crashing(world.pod("labels"), code=137, reason="OOMKilled")
    return waits(world, second_set(world, "scan-intake", 900), "CreateContainerConfigError",
                 'secret "intake-key" not found', since=900)  # fmt: skip


def deep(world: World) -> World:
    """What the front sees begins two calls away."""
    world.crashing(world.pod("db"), code=1)
    says(world, "orders", REFUSED.format("172.30.237.51:5432"))
    return says(world, "front", "ERROR cannot show orders: 503 Service Unavailable from http://orders:8080/orders")


def emptied_again(world: World) -> World:
    """The node is short of memory and ends one pod after the other; the last one cannot be placed."""
    for number in range(3):
        leftover(world, "labels", "Evicted", "The node was low on resource: memory. Container labels was using 900Mi.")
        world.pods("labels")[-1]["metadata"] |= {"name": f"labels-gone-{number}", "uid": f"gone-{number}"}
        world.pods("labels")[-1]["status"]["startTime"] = world.ago(600 - 150 * number)
    taint: Json = {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}
    world.view["nodes"][0].setdefault("spec", {})["taints"] = [taint]
    pod = world.pod("labels")
    born(world, pod, 400)
    world.not_ready(pod, 400)
    said = "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }."
    waiting = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said,
               "lastTransitionTime": world.ago(400)}  # fmt: skip
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "nodeName": ""}
    pod["status"] = {"phase": "Pending", "conditions": [waiting]}
    return world


PASSING = (
    ShopCase("a new revision answers 503 for twelve seconds", "open", lambda w: probed(w, 12),
             asks=("namespace", "deployment/labels")),
    ShopCase("a new revision answers 503 for a quarter of an hour", "fault", lambda w: probed(w, 900),
             words=("labels", "503"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a registry asked to wait, twelve seconds ago", "open", lambda w: pulling(w, 12, "ErrImagePull")),
    ShopCase("a registry asks to wait for ten minutes", "fault", lambda w: pulling(w, 600, "ImagePullBackOff"),
             words=("image",), about=("labels",)),
    ShopCase("the new revision ended once, nine seconds ago", "open", lambda w: crashed(w, times=1, age=15)),
    ShopCase("the new revision has ended six times", "fault", lambda w: crashed(w, times=6, age=600), words=("labels",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a DaemonSet comes to a node for fifteen seconds", "open", lambda w: on_one_node(w, 15)),
    ShopCase("one of five at once failed, the others work", "open", lambda w: parallel(w, failed=1),
             asks=("namespace", "job/reindex")),
    ShopCase("three of five at once failed", "fault", lambda w: parallel(w, failed=3), words=("reindex", "2"),
             about=("reindex",), asks=("namespace", "job/reindex")),
    ShopCase("this hour's run is at work", "open", lambda w: last_run(w, None), asks=("namespace", "cronjob/purge")),
    ShopCase("this hour's run has failed", "fault", lambda w: last_run(w, 9), words=("purge", "9"), about=("purge",),
             asks=("namespace", "cronjob/purge")),
    ShopCase("an init container changes tables for seventy seconds", "open",
             lambda w: migrating(w, 70, "ALTER TABLE parcels ADD weight", "CREATE INDEX parcels_weight",
                                 "UPDATE parcels SET weight = 0: 20000 rows", "UPDATE parcels: 40000 rows")),
    ShopCase("an init container waits for what is there", "fault",
             lambda w: migrating(w, 400, *["waiting for ledger:3306"] * 8), words=("prepare", "ledger"),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("started anew a minute ago", "ok", replaced, asks=("namespace", "deployment/labels")),
    ShopCase("its node was emptied twelve seconds ago", "open", drained),
    ShopCase("two of three ordinals were taken away, their claims are left", "ok", scaled_in,
             asks=("namespace", "statefulset/ledger")),
    ShopCase("a database changed its place, and calls failed for twenty seconds", "ok", lambda w: failover(w,
             over=True),
             "shop"),
    ShopCase("a database changed its place, and calls fail since", "fault", lambda w: failover(w, over=False), "shop",
             ("orders",), ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("a policy of two minutes shuts callers out", "fault", lambda w: shut(w, 120), words=("shut",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("killed for memory every hour for three days", "fault",
             lambda w: w.restarted(w.pod("labels"), ended=20 * MINUTE, lasted=HOUR, count=70, code=137,
                                   reason="OOMKilled"), words=("memory",), about=("labels",)),
    ShopCase("killed for memory twice in three days", "ok",
             lambda w: w.restarted(w.pod("labels"), ended=5 * HOUR, lasted=1.2 * DAY, count=2, code=137,
                                   reason="OOMKilled")),
    ShopCase("a metric from outside is missing for half a minute", "open",
             lambda w: scaler(w, "labels", ("ScalingActive", "False", "FailedGetExternalMetric", EXTERNAL), since=30)),
    ShopCase("a metric from outside is missing for four hours", "fault",
             lambda w: scaler(w, "labels", ("ScalingActive", "False", "FailedGetExternalMetric", EXTERNAL),
                              since=4 * HOUR), words=("metric",), about=("labels",)),
    ShopCase("clients break their connections off", "open",
             lambda w: among(w, "gate", "[info] 7#7: *31 recv() failed (104: Connection reset by peer) while reading "
                 "client "
                             "request line, client: 198.51.100.7")),
    ShopCase("somebody begins TLS and goes away", "open",
             lambda w: among(w, "orders", "http: TLS handshake error from 10.0.0.9:33312: EOF"), "shop"),
    ShopCase("a visitor goes away before the answer", "open",
             lambda w: among(w, "gate", "http: proxy error: context canceled")),
    ShopCase("another replica leads", "open",
             lambda w: among(w, "sorter", "leaderelection.go:258] failed to acquire lease anyns-p-well/sorter: lock "
                 "is held "
                             "by sorter-b and has not yet expired")),
    ShopCase("it goes on without what it does not need", "open",
             lambda w: among(w, "front", "WARN recommendations: circuit breaker open, showing best sellers instead"),
                 "shop"),
    ShopCase("a retry that succeeds, again and again", "ok",
             lambda w: among(w, "sorter", "carrier call failed (attempt 1/5): timeout, retrying",
                             "carrier call succeeded (attempt 2/5)")),
    ShopCase("a breaker is open for what is at zero", "fault",
             lambda w: says(zero(w, "labels"), "track-view", "E, ERROR -- : circuit breaker open for labels: "
                            f"connect ECONNREFUSED {LABELS}"), words=("labels",), about=("labels",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("two faults at once", "fault", two_at_once, words=("labels", "intake"), about=("labels", "scan-intake"),
             asks=("namespace",)),
    ShopCase("what the front sees begins two calls away", "fault", deep, "shop", ("db",), ("db",),
             ("namespace", "deployment/front", "deployment/orders")),
    ShopCase("the node ends one pod after the other for memory", "fault", emptied_again, words=("memory",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a crash loop, and logs and events are unread", "fault",
             lambda w: unread(w.crashing(w.pod("labels"), code=2), "events"), words=("labels",), about=("labels",)),
    ShopCase("pods are unread, and callers are answered", "open", lambda w: unread(w, "pods")),
    ShopCase("a whole name with a dot at its end", "ok",
             lambda w: told(w, "mail", "ORDERS", "http://orders.anyns-well.svc.cluster.local.:8080"), "shop"),
    ShopCase("a whole name in another cluster's domain", "open",
             lambda w: told(w, "mail", "ORDERS", "http://orders.anyns-well.svc.corp.example:8080"), "shop"),
)  # fmt: skip
