"""How the worlds of the newer tables are made: one function for each kind of trap or fault."""

from copy import deepcopy

from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import REFUSED
from tests.nearmiss.variants.pods import PROBE_503, one_of, scaled_to_zero
from tests.nearmiss.variants.urls import NOT_FOUND
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

HERE = "172.30.234.137:8080"

LOGIN = 'FATAL:  password authentication failed for user "onyx"'

SERVED = (3, 'INFO:     10.85.0.78:40000 - "GET /me HTTP/1.1" 200 OK')

WELL = (4, "GET /api/me 200 in 9ms")

PROBE = {"httpGet": {"path": "/health", "port": 8080}}

RELEASE = {"app.kubernetes.io/instance": "prod"}


def waiting(world: World, pod: dict, reason: str, message: str, *, container: int = 0, init: bool = False) -> World:
    """A container of the pod waits, and never ran."""
    world.not_ready(pod)
    key = "initContainerStatuses" if init else "containerStatuses"
    pod["status"][key][container] |= {
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"waiting": {"reason": reason, "message": message}},
    }
    pod["status"][key][container].pop("lastState", None)
    pod["status"]["phase"] = "Pending"
    return world.unasked(pod)


def refused(world: World) -> World:
    line = REFUSED.format(HERE)
    return world.log("web-server", (40, line), (20, line), (4, line))


def down(world: World) -> World:
    return refused(world.answers("no_endpoints", pod=False))


def leaving(world: World, *, since: float, others: bool) -> World:
    """A pod that is being deleted."""
    pod = one_of(world, 3) if others else world.pod("api-server")
    world.not_ready(pod, since)
    pod["metadata"] |= {"deletionTimestamp": world.ago(since - 30), "deletionGracePeriodSeconds": 30}
    if others:
        world.workload("api-server")["spec"]["replicas"] = 2
    return world


def knative(world: World) -> World:
    """Idle: scaled to zero by Knative, whose activator answers for it."""
    made = world.workload("api-server")
    made["metadata"]["ownerReferences"] = [
        {"kind": "Revision", "name": "api-server-00001", "uid": "rev", "controller": True}
    ]
    made["metadata"].setdefault("labels", {})["serving.knative.dev/service"] = "api-server"
    scaled_to_zero(world)
    world.view["endpoints"][0]["addresses"] = [{"ip": "10.85.200.1"}]
    return world.answers("ok", 200, pod=False).log("web-server", (30, "GET /api/me 200 in 900ms"))


def gone_node(world: World, *, others: bool) -> World:
    """The pod's node is gone; its phase is unknown, and nobody can say how it is."""
    pod = one_of(world, 2) if others else world.pod("api-server")
    pod["spec"]["nodeName"] = "gone-node"
    world.not_ready(pod, 400)
    pod["status"] |= {"phase": "Unknown", "reason": "NodeLost"}
    return world.unasked(pod)


def lost_node(world: World) -> World:
    """The node of the API does not report; the web server has another."""
    node = deepcopy(world.view["nodes"][0])
    node["metadata"] = {**node["metadata"], "name": "other-node", "uid": "n2"}
    for condition in node["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(400)}
    world.view["nodes"].append(node)
    pod = world.pod("api-server")
    pod["spec"]["nodeName"] = "other-node"
    return down(world.not_ready(pod, 380).unasked(pod))


def autoscaler(world: World, *, current: int, desired: int, least: int = 1) -> World:
    world.view["horizontalpodautoscalers"] = [{
        "metadata": {"name": "api-server"},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "api-server"}, "minReplicas": least, "maxReplicas": 5,
        },
        "status": {"currentReplicas": current, "desiredReplicas": desired},
    }]  # fmt: skip
    return world


def init_failed(world: World, *, crash: bool) -> World:
    world.container("api-server", init=True, name="wait-for-db")
    pod = world.pod("api-server")
    if crash:
        end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
        waiting(world, pod, "PodInitializing", "")
        pod["status"]["initContainerStatuses"][0] |= {
            "ready": False,
            "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
            "lastState": {"terminated": end},
        }
        return down(world)
    waiting(world, pod, "PodInitializing", "")
    for condition in pod["status"]["conditions"]:
        condition["lastTransitionTime"] = world.ago(20)
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(20)
    pod["status"]["initContainerStatuses"][0] |= {"ready": False, "state": {"running": {"startedAt": world.ago(18)}}}
    return down(world)


def ended_probe(world: World, *, every: float, count: int, ended: float, still: bool) -> World:
    """Killed by its liveness probe."""
    pod = world.pod("api-server")
    when = ended + 1
    world.event(pod, "Pod", "Killing", "Container api-server failed liveness probe, will be restarted", when)
    world.event(pod, "Pod", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404", when)
    world.restarted(pod, ended=ended, lasted=every, count=count, code=137)
    return (
        world.event(pod, "Pod", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404", 5)
        if still
        else world
    )


def rejected(world: World, *, serving: bool) -> World:
    """The quota refuses one more pod."""
    made = world.workload("api-server")
    if serving:
        made["spec"]["replicas"] = 3
        world.replicas("api-server", 2)
        made["spec"]["replicas"] = 3
    else:
        pod = world.pod("api-server")["metadata"]["name"]
        world.unasked(world.pod("api-server"))
        world.view["pods"] = [x for x in world.view["pods"] if x["metadata"]["name"] != pod]
        world.view["endpoints"][0]["addresses"] = []
        down(world)
    owner = world.view["replicasets"][0]
    asked = "requested: limits.memory=256Mi, used: limits.memory=1Gi, limited: limits.memory=1Gi"
    message = f'Error creating: pods "api-server-x" is forbidden: exceeded quota: compute, {asked}'
    return world.event(owner, "ReplicaSet", "FailedCreate", message, 20)


def partition(world: World) -> World:
    stateful(world).replicas("api-server", 3)
    made = world.view["statefulsets"][0]
    made["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    made["status"] |= {
        "currentRevision": "api-server-1",
        "updateRevision": "api-server-2",
        "replicas": 3,
        "readyReplicas": 3,
    }
    return world


def bare_set(world: World, *, kept: bool) -> World:
    world.view["deployments"] = [x for x in world.view["deployments"] if x["metadata"]["name"] != "api-server"]
    for item in world.view["replicasets"]:
        if item["metadata"]["name"].startswith("api-server") and not kept:
            item["metadata"].pop("ownerReferences")
    return world


def web_sidecar(world: World) -> World:
    world.container("web-server", name="agent", resources={"limits": {"memory": "64Mi"}})
    pod = world.pod("web-server")
    world.restarted(pod, ended=60, lasted=100, count=8, code=137, reason="OOMKilled", container=1)
    return world


def ended_sidecar(world: World, *, init: bool) -> World:
    more = {"restartPolicy": "Always"} if init else {}
    world.container("api-server", init=init, name="agent", **more)
    status = world.pod("api-server")["status"]["initContainerStatuses" if init else "containerStatuses"][-1]
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(DAY), "finishedAt": world.ago(60)}
    status |= {"restartCount": 1, "lastState": {"terminated": end}, "state": {"running": {"startedAt": world.ago(58)}}}
    return world


def fresh(world: World, seconds: float) -> World:
    """Everything of the API was made this long ago."""
    pod = world.pod("api-server")
    for item in (pod, world.workload("api-server"), world.view["replicasets"][0]):
        item["metadata"]["creationTimestamp"] = world.ago(seconds)
    pod["status"]["startTime"] = world.ago(seconds)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(seconds - 2)}}
    return refused(world.not_ready(pod, seconds).answers("refused", service=False).answers("no_endpoints", pod=False))


def probe_fails(world: World) -> World:
    pod = one_of(world, 3)
    return world.not_ready(pod, 60).event(pod, "Pod", "Unhealthy", PROBE_503, 3)


def leftovers(world: World) -> World:
    for number in range(2):
        pod = deepcopy(world.pod("api-server"))
        pod["metadata"] |= {"name": f"api-server-e{number}", "uid": f"e{number}"}
        pod["status"] = {
            "phase": "Failed",
            "reason": "Evicted",
            "message": "The node was low on resource: ephemeral-storage.",
        }
        world.view["pods"].append(pod)
    return world


def orphan(world: World) -> World:
    """Its labels were taken away by somebody who wanted to look at it; it crashes."""
    pod = deepcopy(world.pod("api-server"))
    pod["metadata"] |= {
        "name": "api-server-97df48b64-debug",
        "uid": "dbg",
        "ownerReferences": [],
        "labels": {"app": "api-server-debug"},
    }
    world.view["pods"].append(pod)
    pod["status"]["podIP"] = "10.85.0.200"
    return world.crashing(pod)


def job_pod(world: World) -> World:
    pod = deepcopy(world.pod("api-server"))
    owner = {"kind": "Job", "name": "api-server-migrate", "uid": "j1", "controller": True}
    pod["metadata"] |= {
        "name": "api-server-migrate-abc",
        "uid": "j",
        "ownerReferences": [owner],
        "labels": {"app": "api-server", "job-name": "api-server-migrate"},
    }
    pod["status"] = {
        "phase": "Failed",
        "containerStatuses": [{"name": "m", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}],
    }
    world.view["pods"].append(pod)
    return world


def login_line(world: World, line: str, *more: tuple[float, str], at: float = 30) -> World:
    return world.log("api-server", (at, line), *more, SERVED)


def crash_log(world: World, *lines: tuple[float, str]) -> World:
    world.crashing(world.pod("api-server")).answers("no_endpoints")
    return world.log("api-server", *lines, previous=True).log(
        "web-server", (30, REFUSED.format(HERE)), (4, REFUSED.format(HERE))
    )


def other_engine(world: World, reason: str) -> World:
    """A network of which this program cannot read the policies, or that enforces none."""
    said = {"type": "NetworkUnavailable", "status": "False", "reason": reason, "lastTransitionTime": world.ago(DAY)}
    world.view["nodes"][0]["status"]["conditions"].append(said)
    return world


def released(world: World) -> World:
    for item in (*world.view["deployments"], *world.view["replicasets"]):
        item["spec"]["template"]["metadata"]["labels"] |= RELEASE
    return world


def worker(world: World, name: str, **how: object) -> World:
    return released(world).beside(name, {"app": name, **RELEASE}, **how)


def image(world: World, api: str, web: str) -> World:
    world.with_main("api-server", image=f"onyxdotapp/onyx-backend:{api}")
    return world.with_main("web-server", image=f"onyxdotapp/onyx-web-server:{web}")


def green(world: World) -> World:
    """Blue is scaled to zero, the Service selects green, whose pods are not ready."""
    labels = {"app": "api-server", "colour": "green"}
    world.beside("api-server-green", labels, ready=False, ports=[{"containerPort": 8080}], readinessProbe=PROBE)
    world.workload("api-server")["spec"].update(replicas=0)
    blue = next(x for x in world.pods("api-server") if "green" not in x["metadata"]["name"])["metadata"]["name"]
    world.view["pods"] = [x for x in world.view["pods"] if x["metadata"]["name"] != blue]
    world.view["logs"] = [x for x in world.view["logs"] if x["pod"] != blue]
    world.service()["spec"]["selector"] = labels
    world.view["endpoints"][0]["addresses"] = [{"ip": "10.85.7.7", "pod": "api-server-green-abc-0", "ready": False}]
    world.view["health"][0].update(target="pod/api-server-green-abc-0", outcome="http_error", status=503)
    world.answers("no_endpoints", pod=False)
    pod = world.pod("api-server-green")
    world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 4)
    return failing(world, REFUSED.format(HERE))


def pulled(world: World, name: str) -> World:
    pod = world.pod(name)
    world.not_ready(pod)
    pod["status"]["phase"] = "Pending"
    pod["status"]["containerStatuses"][0] |= {
        "started": False,
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x:9"'}},
    }
    return world


def young(world: World, name: str) -> World:
    pod = world.pod(name)
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(6)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(4)}}
    return world.not_ready(pod, 6)


def gone(world: World) -> World:
    world.view["namespaces"][0]["metadata"]["deletionTimestamp"] = world.ago(90)
    world.view["namespaces"][0]["status"] = {"phase": "Terminating"}
    return failing(world.without("api-server"), NOT_FOUND.format("api-server"))
