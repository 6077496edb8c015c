"""Faults in rarer shapes, and what comes near them: gates, sandboxes, ports of nodes, retries, zones, parts."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    WELL,
    born,
    ended,
    entrance,
    extra,
    job,
    leftover,
    named,
    ordinals,
    pending,
    says,
    scaler,
    second_set,
    waits,
)
from tests.support.near_miss_world import DAY, World

ACCESS = '10.85.0.1 - - [29/Nov/2026:17:38:00 +0000] "GET /track/RR{} HTTP/1.1" {} 157 "-" "Scanner/4.2"'


def gated(world: World) -> World:
    """Its containers are ready; a condition that a load balancer sets is not."""
    pod = world.pod("labels")
    for condition in pod["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {
                "status": "False",
                "reason": "ReadinessGatesNotReady",
                "message": 'the status of pod readiness gate "target-health.elbv2.k8s.aws/x" is not "True", but False',
                "lastTransitionTime": world.ago(900),
            }
    return world._endpoint(pod["metadata"]["name"], ready=False)


def second_node(world: World, name: str, *, lost: bool = False) -> World:
    node = copy.deepcopy(world.view["nodes"][0])
    node["metadata"] |= {"name": name, "uid": name}
    for condition in node["status"]["conditions"]:
        if lost and condition["type"] == "Ready":
            since = world.ago(900)
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": since}
    world.view["nodes"].append(node)
    return world


def half_lost(world: World) -> World:
    """One of two replicas is on a node that does not report."""
    second_node(world.replicas("labels", 2), "dock-2", lost=True)
    pod = world.pods("labels")[-1]
    pod["spec"] = {**copy.deepcopy(pod["spec"]), "nodeName": "dock-2"}
    return world.not_ready(pod, 850)


def sandbox(world: World, since: float) -> World:
    pod = second_set(world, "labels", since)
    waits(world, pod, "ContainerCreating", since=since)
    said = ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "9f": '
            'plugin type="aws-cni" failed (add): add cmd: failed to assign an IP address to container')  # fmt: skip
    return world.event(pod, "Pod", "FailedCreatePodSandBox", said, min(since - 3, 20))


def daemon_pull(world: World) -> World:
    """On one node of two its image cannot be pulled."""
    second_node(world, "dock-2")
    pod = copy.deepcopy(world.pod("node-scan"))
    pod["metadata"] |= {"name": "node-scan-dock2", "uid": "ns2"}
    pod["spec"]["nodeName"] = "dock-2"
    world.view["pods"].append(pod)
    world.view["daemonsets"][0]["status"] |= {"replicas": 2, "readyReplicas": 1}
    waits(world, pod, "ImagePullBackOff", 'Back-off pulling image "lab.local/app:1"', since=900)
    return world.event(pod, "Pod", "Failed", 'Failed to pull image "lab.local/app:1": no basic auth credentials', 20)


def done_again(world: World) -> World:
    """The main container ends with 0 as soon as it has begun, again and again."""
    return world.crashing(world.pod("sorter"), code=0, reason="Completed", count=14).log(
        "sorter", (61, "usage: celery [OPTIONS] COMMAND"), previous=True
    )


def probed_sidecar(world: World) -> World:
    """The kubelet ends the container beside the main one, which serves."""
    world.container("track-view", name="metrics", ports=[{"containerPort": 9102}],
                    livenessProbe={"httpGet": {"path": "/", "port": 9102}})  # fmt: skip
    pod = world.pod("track-view")
    world.restarted(pod, ended=50, lasted=40, count=22, code=137, container=1)
    said = "Liveness probe failed: Get http://10.85.0.19:9102/: connection refused"
    world.event(pod, "Pod", "Unhealthy", said, 8)
    world.view["events"][-1]["involvedObject"]["fieldPath"] = "spec.containers{metrics}"
    world.event(pod, "Pod", "Killing", "Container metrics failed liveness probe, will be restarted", 51)
    world.view["events"][-1]["involvedObject"]["fieldPath"] = "spec.containers{metrics}"
    return world


def first_only(world: World) -> World:
    """The first ordinal of three does not become ready, so the others are not made."""
    made = world.workload("broker")
    made["spec"]["replicas"] = 3
    made["status"] |= {"replicas": 1, "readyReplicas": 0}
    pod = world.pod("broker")
    probe = {"exec": {}, "periodSeconds": 10}
    world.with_main("broker", readinessProbe=probe)
    world.not_ready(pod, 1_500)
    said = "Readiness probe failed: Error: unable to perform an operation on node 'rabbit@broker-0'"
    return world.event(pod, "Pod", "Unhealthy", said, 5)


def no_zone(world: World) -> World:
    made = named(world, "cronjobs", "purge")
    made["spec"] |= {"schedule": "0 3 * * *", "timeZone": "Europe/Kyjiw"}
    made["status"] = {}
    return world.event(made, "CronJob", "UnknownTimeZone", "invalid timeZone: Europe/Kyjiw: unknown time zone", 40)


def retried_after_eviction(world: World) -> World:
    pod = job(world, "reindex", condition="Complete", failed=1, succeeded=1, completionTime=world.ago(30))
    first = copy.deepcopy(pod)
    first["metadata"] |= {"name": "reindex-first", "uid": "p-first"}
    first["status"] = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    world.view["pods"].append(first)
    return ended(world, pod, 0)


def part_done(world: World) -> World:
    """A Job of five, three of which are done, and two run."""
    pod = job(world, "reindex", active=2, succeeded=3)
    world.view["jobs"][-1]["spec"] |= {"completions": 5, "parallelism": 2}
    for number in range(3):
        other = copy.deepcopy(pod)
        other["metadata"] |= {"name": f"reindex-{number}", "uid": f"p{number}"}
        world.view["pods"].append(other)
        ended(world, other, 0, ago=300 + number)
    return world


def old_crashes(world: World) -> World:
    """The pod of the revision before crashes, that of the new one is ready: the rollout takes it away."""
    pod = second_set(world, "labels", 15)
    old = world.pods("labels")[0]
    assert old is not pod
    world.workload("labels")["status"] |= {"readyReplicas": 1, "updatedReplicas": 1}
    return world.crashing(old)


def create_error(world: World, since: float) -> World:
    pod = second_set(world, "labels", since)
    return waits(world, pod, "CreateContainerError", "context deadline exceeded", since=since)


def mounted(world: World) -> World:
    pod = second_set(world, "labels", 900)
    for spec in (pod["spec"], world.workload("labels")["spec"]["template"]["spec"]):
        spec["volumes"] = [{"name": "certs", "secret": {"secretName": "labels-tls-2027"}}]
    waits(world, pod, "ContainerCreating", since=900)
    said = 'MountVolume.SetUp failed for volume "certs" : secret "labels-tls-2027" not found'
    return world.event(pod, "Pod", "FailedMount", said, 30)


def mixed(world: World, *failing: int) -> World:
    """Every so many seconds a call is answered; these of the last minutes with 503."""
    rows = ((age, ACCESS.format(7_000 + age, 503 if age in failing else 200)) for age in range(290, 0, -5))
    return world.log("gate", *rows)


NO_PORTS = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
RETRYING = (
    "WARNING urllib3.connectionpool: Retrying (Retry(total=2)) after connection broken by "
    "'NewConnectionError(: Connection refused)': /assign"
)
THROWN = (
    "2026-11-29 17:36:00.240  WARN 1 --- [nio-8080-exec-2] com.zaxxer.hikari.pool.PoolBase : HikariPool-1 - Failed to "
    "validate connection (This connection has been closed.)"
)
NO_GPU = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."

SHAPES = (
    ShopCase("a readiness gate that nobody sets", "fault", gated, words=("labels",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("one of two replicas is on a node that is gone", "fault", half_lost, words=("dock-2",),
             asks=("namespace", "deployment/labels")),
    ShopCase("no address is left for a pod's sandbox", "fault", lambda w: sandbox(w, 900), words=("ip address",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a pod is created for a quarter of an hour, and nobody says why", "open",
             lambda w: waits(w, second_set(w, "labels", 900), "ContainerCreating", since=900), not_healthy=True),
    ShopCase("a sandbox failed once for a pod of ten seconds", "open", lambda w: sandbox(w, 10)),
    ShopCase("a DaemonSet cannot be pulled on one node", "fault", daemon_pull, words=("1 of 2",),
             about=("node-scan",), asks=("namespace", "daemonset/node-scan")),
    ShopCase("a program ends with 0 again and again", "fault", done_again, words=("sorter", "exit code 0"),
             about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("the kubelet ends the container beside the main one", "fault", probed_sidecar, words=("metrics",),
             about=("track-view",), asks=("namespace", "deployment/track-view")),
    ShopCase("the first ordinal keeps the others from being made", "fault", first_only, words=("broker",),
             about=("broker",), asks=("namespace", "statefulset/broker")),
    ShopCase("a CronJob in a zone that there is not", "fault", no_zone, words=("Europe/Kyjiw",), about=("purge",),
             asks=("namespace", "cronjob/purge")),
    ShopCase("a Job's pod was evicted, and the next one did it", "ok", retried_after_eviction,
             asks=("namespace", "job/reindex")),
    ShopCase("a Job is three fifths done", "open", part_done, asks=("namespace", "job/reindex")),
    ShopCase("the old revision crashes while the new one takes over", "part", old_crashes),
    ShopCase("the runtime does not make a container for a quarter of an hour", "fault",
             lambda w: create_error(w, 900), words=("labels",), about=("labels",)),
    ShopCase("a Secret of the new revision is not there", "fault", mounted, words=("labels-tls-2027",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("no node has the port free", "fault", lambda w: pending(w, w.pod("labels"), NO_PORTS),
             words=("port",), about=("labels",)),
    ShopCase("no node has a GPU", "fault", lambda w: pending(w, w.pod("labels"), NO_GPU),
             words=("nvidia.com/gpu",), about=("labels",)),
    ShopCase("no node has a GPU, for eight seconds", "open", lambda w: pending(w, w.pod("labels"), NO_GPU, 8)),
    ShopCase("scaled up a moment ago", "open",
             lambda w: waits(w.replicas("labels", 2), w.pods("labels")[-1], "ContainerCreating", since=9)),
    ShopCase("a volume is being resized", "ok",
             lambda w: named(w, "persistentvolumeclaims", "data-ledger-0")["status"].update(conditions=[
                 {"type": "FileSystemResizePending", "status": "True", "lastTransitionTime": w.ago(60)}])),
    ShopCase("an Ingress names its port by name", "ok",
             lambda w: entrance(w, "second", "gate", path="/x", port={"name": "main"})),
    ShopCase("a policy with a span of ports", "open",
             lambda w: w.policy("span", {"matchLabels": {"app": "labels"}}, "Ingress", ingress=[
                 {"ports": [{"port": 9000, "endPort": 9100}]}])),
    ShopCase("an autoscaler of a StatefulSet", "ok",
             lambda w: scaler(w, "broker", ("ScalingActive", "True", "ValidMetricFound", ""), kind="StatefulSet")),
    ShopCase("a call was retried, and went well", "ok",
             lambda w: w.log("sorter", (200, RETRYING),
                             *((age, WELL["sorter"]) for age in (199, 120, 60, 3)))),
    ShopCase("a pool threw a connection away", "ok",
             lambda w: w.log("scan-intake", (150, THROWN),
                             *((age, WELL["scan-intake"]) for age in (149, 90, 30, 2)))),
    ShopCase("a connection was lost and is back", "ok",
             lambda w: w.log("mail", (160, "Error: read ECONNRESET cache:6379"), (159, "reconnected to cache"),
                             *((age, WELL["mail"]) for age in (150, 80, 20, 2))), "shop"),
    ShopCase("clients that hang up", "ok",
             lambda w: w.log("gate", *((age, ACCESS.format(age, 499 if age % 3 else 200))
                                     for age in range(200, 0, -7)))),
    ShopCase("one call in twenty fails", "open", lambda w: mixed(w, 250, 150, 50)),
    ShopCase("calls failed for a few seconds, three minutes ago", "ok", lambda w: mixed(w, 190, 185, 180)),
    ShopCase("all calls fail since a minute", "fault", lambda w: mixed(w, *range(60, 0, -5), *range(290, 60, -10)),
             words=("gate",), asks=("namespace", "deployment/gate")),
    ShopCase("a pod was preempted yesterday", "ok",
             lambda w: leftover(w, "labels", "Preempting", "Preempted in order to admit critical pod")),
    ShopCase("everything was started ten minutes ago", "ok",
             lambda w: [born(w, pod, 10 * MINUTE) for pod in w.view["pods"] if pod["status"]["phase"] == "Running"]),
    ShopCase("a load balancer without an address yet", "open",
             lambda w: w.add_service("edge", {"app": "gate"}, {"port": 80, "targetPort": 8000}, type="LoadBalancer")
             .endpoints("edge", "10.85.0.23", port=8000)),
    ShopCase("the broker's second ordinal restarted once an hour ago", "ok",
             lambda w: w.restarted(ordinals(w, "broker", 2).pods("broker")[1], ended=HOUR, lasted=DAY, code=137)),
    ShopCase("a class of volumes that nobody uses is gone", "ok",
             lambda w: extra(w, "storageclasses", "other", provisioner="x")),
    ShopCase("calls of an hour ago were refused", "ok",
             lambda w: w.log("track-view", *((HOUR + age, REFUSED.format("172.30.117.217:9090"))
                                           for age in (90, 50, 9)),
                             *((age, WELL["track-view"]) for age in (900, 300, 9)))),
    ShopCase("calls of now are refused by what is ready", "fault",
             lambda w: says(w, "track-view", REFUSED.format("172.30.117.217:9090")), words=("labels",),
             asks=("namespace", "deployment/track-view")),
)  # fmt: skip
