"""A second round: what is over, what begins, what is rolled back, and containers that do not come to run."""

from copy import deepcopy

from tests.nearmiss.neighbours.lives import hpa, several
from tests.nearmiss.shops.making import born, pending
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import WELL, down, refused, waiting
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.pods import OUTAGE, PROBE_503, rolling
from tests.support.near_miss_world import DAY, World

STARTUP = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 5, "failureThreshold": 6}


def rolled_back(world: World) -> World:
    """A new revision crashed ten minutes ago and was rolled back; the pod of before serves all the time."""
    made = world.workload("api-server")
    made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    old = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("api-server"))
    old["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    bad = deepcopy(old)
    bad["metadata"] |= {"name": "api-server-7fd", "uid": "rs-bad", "creationTimestamp": world.ago(900),
                        "annotations": {"deployment.kubernetes.io/revision": "2"}}  # fmt: skip
    bad["spec"]["replicas"], bad["status"] = 0, {"observedGeneration": 2}
    world.view["replicasets"].append(bad)
    world.event(made, "Deployment", "DeploymentRollback", 'Rolled back deployment "api-server" to revision 1', 600)
    world.event(made, "Deployment", "ScalingReplicaSet", "Scaled down replica set api-server-7fd from 1 to 0", 600)
    gone = {"metadata": {"name": "api-server-7fd-x2", "uid": "bad-pod"}}
    return world.event(gone, "Pod", "BackOff", "Back-off restarting failed container api-server in pod", 620)


def evicted_by_vpa(world: World) -> World:
    """A VerticalPodAutoscaler put it out to size it anew; the next one is eight seconds old."""
    pod = world.pod("api-server")
    born(world, pod, 8)
    world.not_ready(pod, 8).answers("refused", service=False).answers("no_endpoints", pod=False)
    note = "Pod resources updated by api: container 0: memory request, memory limit"
    pod["metadata"].setdefault("annotations", {})["vpaUpdates"] = note
    pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "200Mi"}, "limits": {"memory": "800Mi"}}
    gone = {"metadata": {"name": "api-server-97df48b64-old", "uid": "gone"}}
    world.event(gone, "Pod", "EvictedByVPA", "Pod was evicted by VPA Updater to apply resource recommendation.", 40)
    return refused(world)


def ordered(world: World) -> World:
    """A StatefulSet of two: the second is not made before the first is ready, which it is not."""
    stateful(world)
    world.workload("api-server")["spec"]["replicas"] = 2
    world.workload("api-server")["status"] |= {"replicas": 1, "readyReplicas": 0}
    pod = world.pod("api-server")
    world.not_ready(pod, 900).answers("http_error", 503).event(pod, "Pod", "Unhealthy", PROBE_503, 4)
    return down(world)


def never_made(world: World, reason: str, message: str, *, event: tuple[str, str, float] | None = None,
               age: float = 600) -> World:  # fmt: skip
    """Its container waits so since it was made this long ago."""
    pod = world.pod("api-server")
    born(world, pod, age)
    waiting(world, pod, reason, message)
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(age)
    world.view["logs"] = [x for x in world.view["logs"] if x["pod"] != pod["metadata"]["name"]]
    if event is not None:
        world.event(pod, "Pod", event[0], event[1], event[2])
    return down(world)


def waits_for_its_database(world: World, age: float) -> World:
    """Its init container asks for the database again and again, and does not end."""
    world.container("api-server", init=True, name="wait-for-db", image="postgres:16")
    never_made(world, "PodInitializing", "", age=age)
    pod = world.pod("api-server")
    pod["status"]["initContainerStatuses"][0] |= {
        "ready": False, "started": True, "state": {"running": {"startedAt": world.ago(age - 3)}}}  # fmt: skip
    for item in pod["status"]["conditions"]:
        if item["type"] == "Initialized":
            item |= {"status": "False", "reason": "ContainersNotInitialized"}
    text = "".join(f"{world.ago(9 * n)} onyx-pg:5432 - no response\n" for n in range(12, 0, -1))
    world.view["logs"].append({"pod": pod["metadata"]["name"], "container": "wait-for-db", "text": text})
    return world


def ended_at_start(world: World) -> World:
    """Its startup probe ends it again and again; at this moment it runs for half a minute."""
    world.with_main("api-server", startupProbe=STARTUP)
    pod = world.pod("api-server")
    world.not_ready(pod, 900).restarted(pod, ended=28, lasted=32, count=11, code=137)
    pod["status"]["containerStatuses"][0]["started"] = False
    probe = (
        "Startup probe failed: Get http://10.85.0.77:8080/health: dial tcp 10.85.0.77:8080: connect: connection refused"
    )
    world.event(pod, "Pod", "Unhealthy", probe, 3)
    world.event(pod, "Pod", "Killing", "Container api-server failed startup probe, will be restarted", 29)
    return down(world.answers("refused", service=False))


def killed_between(world: World) -> World:
    """Its liveness probe ended it half a minute ago, for the eighth time; at this moment it is ready."""
    pod = world.pod("api-server")
    world.restarted(pod, ended=30, lasted=190, count=8, code=137)
    world.event(pod, "Pod", "Killing", "Container api-server failed liveness probe, will be restarted", 32)
    message = "Liveness probe failed: Get http://10.85.0.77:8080/health: context deadline exceeded"
    world.event(pod, "Pod", "Unhealthy", message, 33)
    return world.log("web-server", (200, WELL[1]), (31, "[cause]: Error: connect ECONNREFUSED 172.30.234.137:8080"),
                     WELL)  # fmt: skip


def put_out_often(world: World) -> World:
    """Three pods in twenty minutes were put out for the disk that they filled; the one of now is ready."""
    for number in range(3):
        pod = deepcopy(world.pod("api-server"))
        pod["metadata"] |= {"name": f"api-server-97df48b64-e{number}", "uid": f"ev{number}",
                            "creationTimestamp": world.ago(1_300 - 300 * number)}  # fmt: skip
        message = 'Container api-server exceeded its local ephemeral storage limit "1Gi". '
        pod["status"] = {"phase": "Failed", "reason": "Evicted", "message": message,
                         "startTime": world.ago(1_300 - 300 * number)}  # fmt: skip
        world.view["pods"].append(pod)
        world.event(pod, "Pod", "Evicted", message, 1_000 - 300 * number)
    return born(world, world.pod("api-server"), 380)


def surge_refused(world: World) -> World:
    """The quota refuses the one pod more of a rolling update; the old one serves."""
    rolling(world)
    new = world.pods("api-server")[-1]["metadata"]["name"]
    world.view["pods"] = [x for x in world.view["pods"] if x["metadata"]["name"] != new]
    world.view["endpoints"][0]["addresses"] = world.view["endpoints"][0]["addresses"][:1]
    owner = next(x for x in world.view["replicasets"] if x["metadata"]["name"] == "api-server-new")
    owner["metadata"]["creationTimestamp"] = world.ago(1_200)
    owner["spec"] = {**owner["spec"], "replicas": 1}
    message = ('Error creating: pods "api-server-new-x" is forbidden: exceeded quota: compute, requested: pods=1, '
               "used: pods=10, limited: pods=10")  # fmt: skip
    return world.event(owner, "ReplicaSet", "FailedCreate", message, 25)


def quota_of_two(world: World) -> World:
    """Its autoscaler wants four, the quota allows two, which serve."""
    world.replicas("api-server", 2)
    world.workload("api-server")["spec"]["replicas"] = 4
    hpa(world, 2, 4)
    owner = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("api-server"))
    message = ('Error creating: pods "api-server-z" is forbidden: exceeded quota: compute, requested: '
               "limits.memory=256Mi, used: limits.memory=512Mi, limited: limits.memory=512Mi")  # fmt: skip
    return world.event(owner, "ReplicaSet", "FailedCreate", message, 15)


def scaled_in(world: World) -> World:
    """Its autoscaler took it from three to one twenty seconds ago; two pods end."""
    world.replicas("api-server", 3)
    for pod in world.pods("api-server")[1:]:
        pod["metadata"] |= {"deletionTimestamp": world.ago(-10), "deletionGracePeriodSeconds": 30}
        world.not_ready(pod, 18)
    world.workload("api-server")["spec"]["replicas"] = 1
    return hpa(world, 3, 1)


def node_speaks(world: World, status: str, *, ours: bool) -> World:
    """Another node is not ready, with the API's pod on it or with nothing of the app."""
    node = deepcopy(world.view["nodes"][0])
    node["metadata"] = {**node["metadata"], "name": "node-c", "uid": "nc"}
    for item in node["status"]["conditions"]:
        if item["type"] == "Ready":
            item |= {"status": status, "reason": "KubeletNotReady", "lastTransitionTime": world.ago(600),
                     "message": "container runtime is down"}  # fmt: skip
    world.view["nodes"].append(node)
    if not ours:
        return world
    pod = world.pod("api-server")
    pod["spec"]["nodeName"] = "node-c"
    return down(world.not_ready(pod, 580).unasked(pod))


def bare_of_times(world: World) -> World:
    """A view that somebody cut: no conditions' times, no start times."""
    for pod in world.view["pods"]:
        pod["status"].pop("startTime", None)
        for item in pod["status"]["conditions"]:
            item.pop("lastTransitionTime", None)
    return world


def other_release(world: World) -> World:
    """A second release in the namespace, of which the API crashes; ours is well."""
    labels = {"app": "api-server", "app.kubernetes.io/instance": "staging"}
    world.beside("staging-api-server", labels, ports=[{"containerPort": 8080}], image="onyxdotapp/onyx-backend:v4.6.1")
    world.add_service("staging-api-server", labels, {"port": 8080})
    world.service()["spec"]["selector"] = {"app": "api-server", "app.kubernetes.io/instance": "prod"}
    for name in ("api-server", "web-server"):
        for item in (world.workload(name), *world.pods(name)):
            item["metadata"]["labels"]["app.kubernetes.io/instance"] = "prod"
        for kind in ("deployments", "replicasets"):
            for item in world.view[kind]:
                if item["metadata"]["name"].startswith(name):
                    item["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/instance"] = "prod"
    return world.crashing(world.pod("staging-api-server"))


def gone_config(world: World) -> World:
    """A DeploymentConfig at zero: neither it nor its ReplicationController is read, and there is no pod."""
    world.without("api-server", service=False)
    world.view["endpoints"][0]["addresses"] = []
    return down(world)


def without_endpoints(world: World) -> World:
    world.view["endpoints"][0]["addresses"] = []
    return down(world)


SECOND_LIVES = (
    Variant("killed for memory half an hour ago, and up since", "ok",
            lambda w: w.restarted(w.pod("api-server"), ended=1_800, lasted=DAY, count=12, code=137,
                                  reason="OOMKilled")),
    Variant("a revision that crashed was rolled back ten minutes ago", "ok", rolled_back),
    Variant("probes failed forty times until sixteen minutes ago", "ok",
            lambda w: w.event(w.pod("api-server"), "Pod", "Unhealthy", PROBE_503, 960)),
    Variant("its liveness probe ends it every three minutes, and it is ready at this moment", "fault", killed_between,
            ("api-liveness-killing",)),
    Variant("its startup probe ends it again and again", "fault", ended_at_start,
            ("api-liveness-killing", "api-not-listening")),
    Variant("VPA put it out, the next one is eight seconds old", "open", evicted_by_vpa),
    Variant("the first of a StatefulSet of two is not ready, so there is no second", "fault", ordered,
            ("api-not-ready",)),
    Variant("its init container waits for the database for ten minutes", "fault",
            lambda w: waits_for_its_database(w, 600), (), ("wait-for-db",)),
    Variant("its init container waits for the database for fifteen seconds", "open",
            lambda w: waits_for_its_database(w, 15)),
    Variant("its command is not in the image", "fault",
            lambda w: never_made(w, "RunContainerError", 'failed to create containerd task: runc create failed: exec: '
                                 '"uvicorn": executable file not found in $PATH: unknown',
                                 event=("Failed", 'Error: exec: "uvicorn": executable file not found in $PATH', 20)),
            (), ("uvicorn",)),
    Variant("the name of its image is none", "fault",
            lambda w: never_made(w, "InvalidImageName", 'Failed to apply default image tag "onyx/Backend:": couldn\'t '
                                                        "parse image name"), ("api-image-pull-failing",)),
    Variant("its image is pulled for three minutes", "open",
            lambda w: never_made(w, "ContainerCreating", "", age=180,
                                 event=("Pulling", 'Pulling image "onyxdotapp/onyx-backend:v4.6.1"', 175))),
    Variant("a Secret of a volume is not there for ten minutes", "fault",
            lambda w: never_made(w, "ContainerCreating", "", event=(
                "FailedMount", 'MountVolume.SetUp failed for volume "certs" : secret "api-certs" not found', 40)),
            ("api-config-missing",), ("api-certs",)),
    Variant("no sandbox for ten minutes: the network of its node fails", "fault",
            lambda w: never_made(w, "ContainerCreating", "", event=(
                "FailedCreatePodSandBox", ('Failed to create pod sandbox: plugin type="calico" failed (add): error '
                                          "getting ClusterInformation: connection is unauthorized"), 15))),
    Variant("put out three times in twenty minutes for its disk, and ready now", "open", put_out_often),
    Variant("the quota refuses the one pod more of an update", "part", surge_refused, (), (), OUTAGE),
    Variant("the quota allows two of the four that its autoscaler wants", "part", quota_of_two,
            ("api-quota-exceeded",), ("2 of 4",), OUTAGE),
    Variant("two of three pods end after its autoscaler took them away", "ok", scaled_in),
    Variant("its node says itself that it is not ready", "fault", lambda w: node_speaks(w, "False", ours=True),
            ("api-node-lost", "node-lost")),
    Variant("a node without anything of the app says that it is not ready", "ok",
            lambda w: node_speaks(w, "False", ours=False)),
    Variant("a view without times", "open", bare_of_times),
    Variant("the API of a second release crashes, ours is well", "open", other_release),
    Variant("nothing of the API is there, and calls to its Service are refused", "fault", gone_config),
    Variant("a ready pod that the Service selects, and no endpoints, and calls are refused", "open",
            without_endpoints, not_healthy=True),
    Variant("one of three crashes, and ReplicaSets may not be read", "part",
            lambda w: (several(w, 3, "crash"), w.view.update(replicasets=[], gaps={"replicasets": {
                "reason": "forbidden", "what": "replicasets"}})), ("api-crash-looping",), (), OUTAGE),
    Variant("no node has room for it, and events may not be read", "fault",
            lambda w: (pending(w, w.pod("api-server"), "0/3 nodes are available: 3 Insufficient memory."),
                       w.view["endpoints"][0].update(addresses=[]), down(w.unasked(w.pod("api-server"))),
                       w.view.update(events=[], gaps={"events": {"reason": "forbidden", "what": "events"}})),
            ("api-unschedulable",)),
)  # fmt: skip
