"""Pods and containers: which one it was, whether it "keeps" ending, who controls it, how many others serve."""

from tests.nearmiss.variants import Variant
from tests.support.near_miss_world import DAY, World

REFUSED = "[cause]: Error: connect ECONNREFUSED {}:8080"
PASTE = (
    "[TypeError: fetch failed] {{\n"
    "  [cause]: [Error: connect ECONNREFUSED {0}:8080] {{ code: 'ECONNREFUSED', port: 8080 }}\n}}"
)
OUTAGE = PASTE.format("172.30.234.137")
PROBE_503 = "Readiness probe failed: HTTP probe failed with statuscode: 503"


def one_of(world: World, count: int) -> dict:
    return world.replicas("api-server", count).pods("api-server")[-1]


def rolling(world: World) -> World:
    """A new revision comes up beside the old one, whose pods serve."""
    world.workload("api-server")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    old = world.view["replicasets"][0]
    new = {
        **old,
        "metadata": {
            **old["metadata"],
            "name": "api-server-new",
            "uid": "rs-new",
            "annotations": {"deployment.kubernetes.io/revision": "2"},
            "creationTimestamp": world.ago(12),
        },
    }
    world.view["replicasets"].append(new)
    world.replicas("api-server", 2)
    pod = world.pods("api-server")[-1]
    pod["metadata"] |= {
        "creationTimestamp": world.ago(11),
        "ownerReferences": [{"kind": "ReplicaSet", "name": "api-server-new", "uid": "rs-new", "controller": True}],
    }
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(9)}}
    world.workload("api-server")["spec"]["replicas"] = 1
    return world.not_ready(pod, 11)


def crash_sidecar(world: World, *, init: bool, template: bool, reason: str = "OOMKilled", code: int = 137) -> World:
    more = {"restartPolicy": "Always"} if init else {}
    world.container(
        "api-server", init=init, template=template, name="agent", resources={"limits": {"memory": "64Mi"}}, **more
    )
    pod = world.pod("api-server")
    key = "initContainerStatuses" if init else "containerStatuses"
    status = pod["status"][key][-1]
    end = {"exitCode": code, "reason": reason, "startedAt": world.ago(90), "finishedAt": world.ago(80)}
    status |= {
        "ready": False,
        "restartCount": 6,
        "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
    }
    world.not_ready(pod)
    pod["status"]["containerStatuses"][0]["ready"] = True
    return world.answers("no_endpoints", pod=False)


def node_rebooted(world: World) -> World:
    for name in ("api-server", "web-server"):
        world.restarted(world.pod(name), ended=240, lasted=40, count=2, code=255, reason="Unknown")
    return world


def silent_node(world: World) -> World:
    for condition in world.view["nodes"][0]["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "lastTransitionTime": world.ago(45)}
    return world


def scaled_to_zero(world: World) -> World:
    world.workload("api-server")["spec"]["replicas"] = 0
    world.unasked(world.pod("api-server")).answers("no_endpoints")
    world.view["pods"] = [item for item in world.view["pods"] if not item["metadata"]["name"].startswith("api-")]
    for group in world.view["endpoints"]:
        group["addresses"] = []
    return world


def leaking(world: World) -> World:
    """Killed for memory every half hour, and up again."""
    return world.restarted(world.pod("api-server"), ended=200, lasted=1700, count=40, code=137, reason="OOMKilled")


def probe_storm(world: World) -> World:
    pod = world.pod("api-server")
    world.event(pod, "Pod", "Killing", "Container api-server failed liveness probe, will be restarted", 800)
    world.event(pod, "Pod", "Unhealthy", "Liveness probe failed: context deadline exceeded", 810)
    return world.restarted(pod, ended=790, lasted=200, count=3, code=137)


def canary(world: World) -> World:
    return world.beside(
        "api-server-canary",
        {"app": "api-server", "track": "canary"},
        ready=False,
        image="lab.local/app:2",
        ports=[{"containerPort": 8080}],
    )


PODS = (
    Variant(
        "a DeploymentConfig of OpenShift",
        "ok",
        lambda w: w.owned_by("api-server", "ReplicationController", labels={"deploymentconfig": "api-server"}),
    ),
    Variant("a custom controller", "ok", lambda w: w.owned_by("api-server", "CloneSet")),
    Variant("a DaemonSet", "ok", lambda w: w.owned_by("api-server", "DaemonSet")),
    Variant(
        "an Argo Rollout that owns the ReplicaSets", "ok", lambda w: w.owned_by("api-server", "Rollout", keep_sets=True)
    ),
    Variant("a bare pod", "ok", lambda w: w.owned_by("api-server", "Pod")),
    Variant(
        "a bare pod that crashes",
        "fault",
        lambda w: w.owned_by("api-server", "Pod").crashing(w.pod("api-server")),
        ("api-crash-looping",),
    ),
    Variant(
        "a custom controller whose pods are killed for memory",
        "fault",
        lambda w: w.owned_by("api-server", "CloneSet").crashing(w.pod("api-server"), code=137, reason="OOMKilled"),
        ("api-oom-killed",),
    ),
    Variant(
        "one of three is killed for memory",
        "part",
        lambda w: w.crashing(one_of(w, 3), code=137, reason="OOMKilled"),
        ("api-oom-killed",),
        ("1 of 3",),
        OUTAGE,
    ),
    Variant(
        "two of three crash",
        "part",
        lambda w: [w.replicas("api-server", 3), *(w.crashing(pod) for pod in w.pods("api-server")[1:])],
        ("api-crash-looping",),
        ("2 of 3",),
        OUTAGE,
    ),
    Variant(
        "all of three crash",
        "fault",
        lambda w: [
            w.replicas("api-server", 3),
            *(w.crashing(pod) for pod in w.pods("api-server")),
            w.answers("no_endpoints"),
        ],
        ("api-crash-looping",),
    ),
    Variant(
        "one of two cannot be placed",
        "part",
        lambda w: (
            pod := one_of(w, 2),
            w.not_ready(pod),
            pod["status"].update(phase="Pending", containerStatuses=[]),
            pod["status"]["conditions"].append(
                {"type": "PodScheduled", "status": "False", "message": "0/3 nodes: cpu"}
            ),
            pod["status"].update(
                conditions=[
                    x for x in pod["status"]["conditions"] if x["type"] != "PodScheduled" or x["status"] == "False"
                ]
            ),
        ),
        ("api-unschedulable",),
        ("1 of 2",),
        OUTAGE,
    ),
    Variant(
        "one of two is not ready, and is what the paste names",
        "fault",
        lambda w: (w.replicas("api-server", 2), w.crashing(w.pods("api-server")[-1])),
        ("api-crash-looping",),
        ("1 of 2",),
        PASTE.format("10.85.0.102"),
    ),
    Variant("a canary beside it is not ready", "ok", canary),
    Variant("a rolling update that is under way", "ok", rolling),
    Variant(
        "a sidecar keeps crashing",
        "names",
        lambda w: crash_sidecar(w, init=False, template=True, reason="Error", code=1),
        ("api-crash-looping", "api-sidecar-failing"),
        ("agent",),
    ),
    Variant(
        "a native sidecar is killed for memory",
        "names",
        lambda w: crash_sidecar(w, init=True, template=True),
        ("api-oom-killed", "api-sidecar-failing"),
        ("agent",),
    ),
    Variant(
        "an injected native sidecar crashes",
        "names",
        lambda w: crash_sidecar(w, init=True, template=False, reason="Error", code=1),
        ("api-crash-looping", "api-sidecar-failing"),
        ("agent",),
    ),
    Variant(
        "an init container that ended as it should",
        "ok",
        lambda w: (
            w.container("api-server", init=True, name="wait"),
            w.pod("api-server")["status"]["initContainerStatuses"][0].update(
                state={"terminated": {"exitCode": 0, "reason": "Completed"}}
            ),
        ),
    ),
    Variant(
        "an init container that needed three tries, days ago",
        "ok",
        lambda w: (
            w.container("api-server", init=True, name="wait"),
            w.pod("api-server")["status"]["initContainerStatuses"][0].update(
                restartCount=3,
                state={"terminated": {"exitCode": 0, "reason": "Completed"}},
                lastState={"terminated": {"exitCode": 1, "reason": "Error"}},
            ),
        ),
    ),
    Variant("the node was restarted", "ok", node_rebooted),
    Variant("the node stopped reporting a moment ago", "open", silent_node, not_healthy=True),
    Variant(
        "killed for memory once, after five days",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=400, lasted=5 * DAY, code=137, reason="OOMKilled"),
    ),
    Variant("killed for memory every half hour", "fault", leaking, ("api-oom-killed",)),
    Variant(
        "restarts of last week", "ok", lambda w: w.restarted(w.pod("api-server"), ended=6 * DAY, lasted=60, count=9)
    ),
    Variant("a storm of probes that is over", "ok", probe_storm),
    Variant(
        "a probe event of an earlier pod of the same name",
        "ok",
        lambda w: w.event(w.pod("api-server"), "Pod", "Unhealthy", PROBE_503, 30, uid="older"),
    ),
    Variant(
        "a failed creation of an earlier ReplicaSet",
        "ok",
        lambda w: w.event(w.view["replicasets"][0], "ReplicaSet", "FailedCreate", "exceeded quota: q", 30, uid="older"),
    ),
    Variant("a clock that is an hour behind", "open", lambda w: w.older(-3600)),
    Variant(
        "held at zero by an autoscaler",
        "names",
        lambda w: (
            scaled_to_zero(w),
            w.annotate("api-server", autoscaling__keda="x"),
            w.event(
                {"metadata": {"name": "api-server", "uid": "h"}},
                "HorizontalPodAutoscaler",
                "SuccessfulRescale",
                "New size: 0",
                90,
            ),
        ),
        ("api-scaled-to-zero",),
        ("HorizontalPodAutoscaler",),
    ),
    Variant(
        "put to sleep by a downscaler",
        "names",
        lambda w: scaled_to_zero(w).annotate("api-server", downscaler__x="1", **{"downscaler__original-replicas": "2"}),
        ("api-scaled-to-zero",),
        ("downscaler",),
    ),
    Variant("scaled to zero by nobody known", "fault", scaled_to_zero, ("api-scaled-to-zero",)),
    Variant(
        "blue is empty, green serves",
        "ok",
        lambda w: (
            w.beside("api-server-green", {"app": "api-server", "colour": "green"}, ports=[{"containerPort": 8080}]),
            w.workload("api-server")["spec"].update(replicas=0),
            w.view.update(
                pods=[x for x in w.view["pods"] if x["metadata"]["name"] != w.pod("api-server-97")["metadata"]["name"]]
            ),
            w.view["endpoints"][0].update(addresses=[{"ip": "10.85.7.7", "pod": "api-server-green-abc-0"}]),
            w.view["health"][0].update(target="pod/api-server-green-abc-0"),
        ),
    ),
)
