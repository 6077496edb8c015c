"""An app that turns over: new revisions, pods that come and wait, what was refused and is there; and what stays so."""

from __future__ import annotations

from tests.nearmiss.shops.making import HOUR, MINUTE, born, pending, refused_pod, second_set, waits
from tests.nearmiss.variants import Variant
from tests.support.near_miss_world import DAY, World

CPU = "0/3 nodes are available: 3 Insufficient cpu."
QUOTA = 'pods "api-server-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=20, limited: pods=20'
WELL = 'INFO:     10.85.0.1:41822 - "GET /api/me HTTP/1.1" 200 OK'
SCAN = 'INFO:     10.85.0.9:5122 - "GET {} HTTP/1.1" 404 Not Found'


def slow_start(world: World, age: float, *, alone: bool) -> World:
    """Its startup probe has ten minutes, and it is so old; another pod serves, or none."""
    probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 10, "failureThreshold": 60}
    world.with_main("api-server", startupProbe=probe)
    pod = born(world, world.pod("api-server"), age).pod("api-server") if alone else second_set(world, "api-server", age)
    world.not_ready(pod, age)
    pod["status"]["containerStatuses"][0]["started"] = False
    world.event(
        pod, "Pod", "Unhealthy", "Startup probe failed: dial tcp 10.85.0.77:8080: connect: connection refused", 4
    )
    return world.answers("refused") if alone else world


def upgrading(world: World) -> World:
    """Its init container changes the schema for seventy seconds."""
    world.container("api-server", init=True, name="migrate", image="onyx:1")
    pod = world.pod("api-server")
    born(world, pod, 75)
    world.not_ready(pod, 75).unasked(pod)
    pod["status"]["phase"] = "Pending"
    running = {"running": {"startedAt": world.ago(70)}}
    pod["status"]["initContainerStatuses"][0] |= {"ready": False, "started": True, "state": running}
    pod["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "PodInitializing"}}
    steps = (
        "4f2c -> 91ab, add index",
        "91ab -> 77de, move files",
        "77de -> 0c41, drop table",
        "0c41 -> 5aa9, add column",
    )
    text = "".join(f"{world.ago(50 - 12 * n)} INFO  [alembic] Running upgrade {step}\n" for n, step in enumerate(steps))
    world.view["logs"].append({"pod": pod["metadata"]["name"], "container": "migrate", "text": text})
    return world


def second_waits(world: World, reason: str, age: float) -> World:
    """The second of two waits for a node: which is being made, or for room, or for its turn."""
    world.replicas("api-server", 2)
    pod = world.pods("api-server")[-1]
    pending(world, pod, CPU, age)
    if reason == "SchedulingGated":
        pod["status"]["conditions"][0] |= {"reason": reason, "message": "Scheduling is blocked due to scheduling gates"}
        world.view["events"] = []
    elif reason:
        world.event(pod, "Pod", reason, "pod triggered scale-up: [{pool-a 3->4 (max: 9)}]", 40)
    return world


def gate(world: World, age: float) -> World:
    """Its containers are ready, and the gate that a load balancer keeps is closed."""
    pod = world.pod("api-server")
    born(world, pod, age)
    for condition in pod["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "False", "reason": "ReadinessGatesNotReady", "lastTransitionTime": world.ago(age),
                          "message": 'corresponding condition of pod readiness gate "lb.example/ready" does not '
                          'exist'}  # fmt: skip
    return world._endpoint(pod["metadata"]["name"], ready=False)


def revision(world: World, age: float, reason: str, said: str) -> World:
    """A container of the new revision waits; the old one serves."""
    return waits(world, second_set(world, "api-server", age), reason, said, since=age)


def ended_once(world: World) -> World:
    pod = second_set(world, "api-server", 15)
    world.not_ready(pod, 15).restarted(pod, ended=9, lasted=4, count=1, code=1)
    return world.not_ready(pod, 15)


def ends(world: World) -> World:
    return world.crashing(second_set(world, "api-server", 600), code=1)


def was_refused(world: World) -> World:
    refused_pod(world, "api-server", QUOTA, left=True)
    world.view["events"][-1] |= {"lastTimestamp": world.ago(40 * MINUTE), "firstTimestamp": world.ago(HOUR)}
    return born(world, world.pod("api-server"), 39 * MINUTE)


def long_goodbye(world: World) -> World:
    """Replaced ten minutes ago; the old pod has an hour for what it does."""
    world.replicas("api-server", 2)
    pod = world.pods("api-server")[-1]
    world.workload("api-server")["spec"]["replicas"] = 1
    pod["metadata"] |= {"deletionTimestamp": world.ago(-50 * MINUTE), "deletionGracePeriodSeconds": 3_600}
    return world.not_ready(pod, 600)


def on_its_node(world: World) -> World:
    world.with_spec("api-server", hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
    world.pod("api-server")["status"] |= {"podIP": "192.168.1.5", "hostIP": "192.168.1.5"}
    group = next(item for item in world.view["endpoints"] if item["service"] == "api-server")
    group["addresses"][0]["ip"] = "192.168.1.5"
    return world


TURNING = (
    Variant("the new revision has eight minutes to start", "open", lambda w: slow_start(w, 110, alone=False)),
    Variant("the only pod has eight minutes to start", "open", lambda w: slow_start(w, 110, alone=True)),
    Variant("the schema is changed for seventy seconds", "open", upgrading),
    Variant("a node is made for the second of two", "open", lambda w: second_waits(w, "TriggeredScaleUp", 80)),
    Variant("the second of two waits for its turn", "open", lambda w: second_waits(w, "SchedulingGated", 900)),
    Variant("no room for the second of two", "part", lambda w: second_waits(w, "", 900), ("api-unschedulable",),
            ("1 of 2",)),
    Variant("a load balancer's gate is closed for twenty seconds", "open", lambda w: gate(w, 20)),
    Variant("a load balancer's gate is closed for ten minutes", "fault", lambda w: gate(w, 600), ("api-not-ready",)),
    Variant("the new image is pulled at the second try", "open",
            lambda w: revision(w, 12, "ErrImagePull", "failed to pull image: toomanyrequests")),
    Variant("the new image is not there", "fault",
            lambda w: revision(w, 700, "ImagePullBackOff", 'Back-off pulling image "onyx:9"'),
            ("api-rollout-stuck", "api-image-pull-failing")),
    Variant("the new revision's Secret comes a few seconds later", "open",
            lambda w: revision(w, 6, "CreateContainerConfigError", 'secret "onyx-new" not found')),
    Variant("the new revision's Secret is not there", "fault",
            lambda w: revision(w, 700, "CreateContainerConfigError", 'secret "onyx-new" not found'),
            ("api-rollout-stuck", "api-config-missing"), ("onyx-new",)),
    Variant("the new revision has ended once", "open", ended_once),
    Variant("the new revision keeps ending", "fault", ends, ("api-rollout-stuck", "api-crash-looping")),
    Variant("the quota refused its pod, which is there", "ok", was_refused),
    Variant("an old pod has an hour to end", "ok", long_goodbye),
    Variant("the API is on the network of its node", "ok", on_its_node),
    Variant("killed for memory every hour for three days", "fault",
            lambda w: w.restarted(w.pod("api-server"), ended=20 * MINUTE, lasted=HOUR, count=70, code=137,
                                  reason="OOMKilled"), ("api-oom-killed",)),
    Variant("ended by itself with 0 every hour, as it should", "open",
            lambda w: w.restarted(w.pod("api-server"), ended=20 * MINUTE, lasted=HOUR, count=70, code=0,
                                  reason="Completed")),
    Variant("strangers ask for pages that there are not", "ok",
            lambda w: w.log("api-server", *((age + n, line) for age in (280, 160, 60, 9) for n, line in enumerate(
                (SCAN.format("/.env"), SCAN.format("/wp-login.php"), WELL))))),
    Variant("a debug container has ended beside the API", "ok",
            lambda w: w.pod("api-server")["status"].update(ephemeralContainerStatuses=[
                {"name": "debugger", "image": "busybox", "state": {"terminated": {"exitCode": 137}}}])),
    Variant("its command was not there two days ago", "ok",
            lambda w: w.restarted(w.pod("api-server"), ended=2 * DAY, lasted=1, count=3, code=128,
                reason="StartError")),
)  # fmt: skip
