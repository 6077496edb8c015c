"""A third round: faults beside a caller's log that was read a moment before them, and states that pass for others."""

from copy import deepcopy

from tests.nearmiss.neighbours.lives import hpa, no_pod, several
from tests.nearmiss.neighbours.others import EXITING, PG_DOWN, REDIS_DOWN, using
from tests.nearmiss.neighbours.ways import elsewhere
from tests.nearmiss.shops.making import born, pending
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import SERVED, WELL, image, waiting
from tests.nearmiss.variants.meshes import injected
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import API, TIMED_OUT, WEB, database
from tests.nearmiss.variants.pods import OUTAGE, PASTE, PROBE_503, rolling, scaled_to_zero
from tests.nearmiss.variants.urls import NOT_FOUND, SERVES_8080
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

HERE = "172.30.234.137:8080"


def unanswered(world: World) -> World:
    """Its Service has no endpoint that is ready; the caller's log is of a few seconds before."""
    world.view["health"] = [x for x in world.view["health"] if x["target"].startswith("service/")]
    return world.answers("no_endpoints")


def probed(world: World) -> World:
    pod = world.pod("api-server")
    world.not_ready(pod, 300).event(pod, "Pod", "Unhealthy", PROBE_503, 4)
    return world.answers("http_error", 503, service=False).answers("no_endpoints", pod=False)


def unplaced(world: World) -> World:
    pod = world.pod("api-server")
    pending(world, pod, "0/3 nodes are available: 3 Insufficient memory.")
    world.view["endpoints"][0]["addresses"] = []
    return unanswered(world.event(pod, "Pod", "FailedScheduling", "0/3 nodes are available: 3 Insufficient memory.", 9))


def crashed(world: World, *words: str) -> World:
    world.crashing(world.pod("api-server"))
    rows = [(61.0 + place, line) for place, line in enumerate(reversed(words))]
    if words:
        world.log("api-server", *reversed(rows), previous=True)
    return unanswered(world)


def lost(world: World) -> World:
    node = deepcopy(world.view["nodes"][0])
    node["metadata"] = {**node["metadata"], "name": "node-b", "uid": "nb"}
    for item in node["status"]["conditions"]:
        if item["type"] == "Ready":
            item |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(300)}
    world.view["nodes"].append(node)
    pod = world.pod("api-server")
    pod["spec"]["nodeName"] = "node-b"
    return unanswered(world.not_ready(pod, 260))


def job_in_service(world: World) -> World:
    """A Job's pod with the API's label runs; the Service selects it, it has no such port, and it is ready."""
    pod = deepcopy(world.pod("api-server"))
    pod["metadata"] |= {"name": "api-reindex-x", "uid": "job-pod", "ownerReferences": [
        {"kind": "Job", "name": "api-reindex", "uid": "job", "controller": True}]}  # fmt: skip
    pod["spec"]["containers"][0] |= {"ports": [], "readinessProbe": None, "livenessProbe": None}
    pod["status"]["podIP"] = "10.85.0.90"
    world.view["pods"].append(pod)
    world.view["endpoints"][0]["addresses"].append({"ip": "10.85.0.90", "pod": "api-reindex-x"})
    line = "[cause]: Error: connect ECONNREFUSED 172.30.234.137:8080"
    return world.log("web-server", *((float(age), line if number % 2 else WELL[1])
                                     for number, age in enumerate(range(100, 0, -8))))  # fmt: skip


def shut_down(world: World) -> World:
    """The node was shut down last night; what ran on it then is left over, and another one serves."""
    pod = deepcopy(world.pod("api-server"))
    pod["metadata"] |= {"name": "api-server-97df48b64-night", "uid": "night"}
    pod["status"] = {"phase": "Failed", "reason": "Terminated", "startTime": world.ago(3 * DAY),
                     "message": "Pod was terminated in response to imminent node shutdown."}  # fmt: skip
    world.view["pods"].append(pod)
    return world


def child_killed(world: World) -> World:
    """A child of its was killed for memory, so its end is 1 and no OOMKilled; its last word is `Killed`."""
    return crashed(world, "INFO:     Started server process [1]", "/entrypoint.sh: line 9:    31 Killed   uvicorn")


def made_again(world: World) -> World:
    """A StatefulSet of the same name was deleted and made again four minutes ago."""
    stateful(world)
    pod = born(world, world.pod("api-server"), 240).pod("api-server")
    world.workload("api-server")["metadata"] |= {"creationTimestamp": world.ago(245)}
    gone = {"metadata": {"name": pod["metadata"]["name"], "uid": "before"}}
    world.event(gone, "Pod", "Killing", "Stopping container api-server", 270)
    return world.event(gone, "Pod", "Unhealthy", PROBE_503, 280)


def still_at_zero(world: World) -> World:
    made = world.workload("api-server")
    scaled_to_zero(world)
    return unanswered(world.event(made, "Deployment", "ScalingReplicaSet",
                                  "Scaled down replica set api-server-97df48b64 to 0 from 1", 120))  # fmt: skip


def of_two_images(world: World) -> World:
    """Two pods of one Deployment run images of two digests: the tag was moved between their starts."""
    world.replicas("api-server", 2)
    for number, pod in enumerate(world.pods("api-server")):
        pod["status"]["containerStatuses"][0]["imageID"] = f"docker.io/x@sha256:{number}abc"
    return world


def ringed(world: World) -> World:
    """Its budget allows no disruption, and its node is cordoned."""
    world.view["nodes"][0]["spec"] = {"unschedulable": True}
    pod = world.pod("api-server")
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    return world.event(pod, "Pod", "FailedEviction", message, 30)


def memory_of_init(world: World) -> World:
    """Its init container was killed for memory twice at the start, three days ago, and then it was done."""
    world.container("api-server", init=True, name="migrate")
    end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": world.ago(3 * DAY), "finishedAt": world.ago(3 * DAY)}
    world.pod("api-server")["status"]["initContainerStatuses"][0] |= {
        "restartCount": 2, "lastState": {"terminated": end},
        "state": {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": world.ago(3 * DAY)}}}  # fmt: skip
    return world


def no_named_port(world: World) -> World:
    """targetPort is a name that no container has, so the endpoints have no port."""
    world.service()["spec"]["ports"][0]["targetPort"] = "web"
    world.view["endpoints"][0] |= {"ports": [], "addresses": []}
    return failing(unanswered(world), f"[cause]: Error: connect ECONNREFUSED {HERE}")


def slow_pair(world: World) -> World:
    """One of two pods is slow; the other one, and the Service, answer."""
    world.replicas("api-server", 2)
    second = world.pods("api-server")[-1]["metadata"]["name"]
    world.view["health"].insert(1, {"target": f"pod/{second}", "port": "8080", "path": "/health",
                                    "outcome": "timed_out", "status": 0})  # fmt: skip
    return world


def log_of_both(world: World) -> World:
    """The older of two web pods has the old name, the younger one the right one."""
    world.replicas("web-server", 2)
    return world.log("web-server", *((float(age), NOT_FOUND.format("hooks.example.com")) for age in (80, 50, 20)), WELL)


THIRD = (
    # faults; the caller's log is of a few seconds before
    Variant("at zero for two minutes, the caller's log is of before", "fault", still_at_zero, ("api-scaled-to-zero",)),
    Variant("no node takes it, the caller's log is of before", "fault", unplaced, ("api-unschedulable",)),
    Variant("its image is not there, the caller's log is of before", "fault",
            lambda w: unanswered(waiting(w, w.pod("api-server"), "ImagePullBackOff", 'Back-off pulling image "x:9"')),
            ("api-image-pull-failing",)),
    Variant("it lacks a key of its Secret, the caller's log is of before", "fault",
            lambda w: unanswered(waiting(w, w.pod("api-server"), "CreateContainerConfigError",
                                         "couldn't find key password in Secret onyx-healthy/db")),
            ("api-config-missing",)),
    Variant("its probe fails, the caller's log is of before", "fault", probed, ("api-not-ready",)),
    Variant("its node is lost, the caller's log is of before", "fault", lost, ("api-node-lost", "node-lost")),
    Variant("no pod is allowed, the caller's log is of before", "fault",
            lambda w: no_pod(w, "FailedCreate", 'Error creating: pods "api-server-x" is forbidden: exceeded quota: q, '
                             "requested: pods=1, used: pods=2, limited: pods=2").log("web-server", (60, WELL[1]), WELL),
            ("api-quota-exceeded",)),
    Variant("its service account is not there, so no pod is made", "fault",
            lambda w: no_pod(w, "FailedCreate", 'Error creating: pods "api-server-97df48b64-" is forbidden: error '
                             'looking up service account onyx-healthy/api: serviceaccount "api" not found'), (),
            ("serviceaccount",)),
    Variant("Postgres is down, and it ends of it, the caller's log is of before", "fault",
            lambda w: crashed(database(w, "postgresql", ready=False, host="postgresql"),
                              PG_DOWN.format("postgresql", 5432), EXITING[1]), ("dependency-down",), ("Postgres",)),
    Variant("a cache outside refuses, and it ends of it, the caller's log is of before", "fault",
            lambda w: crashed(using(w, REDIS_HOST="cache.corp.example"), REDIS_DOWN.format("cache.corp.example"),
                              EXITING[1]), ("dependency-down",), ("Redis",)),
    Variant("a child of its is killed for memory, and it ends with 1", "fault", child_killed,
            ("api-crash-looping", "api-oom-killed")),
    Variant("it ends with 139 again and again, and an outage is pasted", "fault",
            lambda w: unanswered(w.crashing(w.pod("api-server"), code=139)), ("api-crash-looping",), (), OUTAGE),
    Variant("one of two crashes, and the paste is of the other one's address", "part",
            lambda w: several(w, 2, "crash"), ("api-crash-looping",), ("1 of 2",), PASTE.format("10.85.0.77")),
    Variant("two of three crash, one serves, and the quota has nothing to do with it", "part",
            lambda w: several(w, 3, "memory", "memory"), ("api-oom-killed",), ("2 of 3",), OUTAGE),
    # states that pass for others
    Variant("a Job's pod among the API's endpoints, and half of the calls are refused", "open", job_in_service,
            not_healthy=True),
    Variant("left over from a node that was shut down last night", "ok", shut_down),
    Variant("a StatefulSet of this name was made again four minutes ago", "ok", made_again),
    Variant("two pods of one tag and two digests", "open", of_two_images),
    Variant("its budget allows no disruption, and its node is cordoned", "ok", ringed),
    Variant("its init container was killed for memory at the start, days ago", "ok", memory_of_init),
    Variant("targetPort is a name that there is not, and calls are refused", "fault", no_named_port,
            ("service-port-mismatch",)),
    Variant("one of two pods is slow once, and the Service answers", "open", slow_pair),
    Variant("a name outside is not found now and then by one of two web pods", "open", log_of_both),
    Variant("the API is of 1.5, the web server of 4.6, and nobody misses a path", "open",
            lambda w: image(w, "v1.5.0", "v4.6.1")),
    Variant("health wants a login, and an overload of this minute in its log", "open",
            lambda w: w.answers("http_error", 401).log("api-server", (20, ("QueuePool limit of size 40 overflow 10 "
                                                                          "reached, connection timed out")), SERVED)),
    Variant("health is of three digits that are no fault: 204", "ok", lambda w: w.answers("ok", 204)),
    Variant("a mark before the URL that nobody sees", "open", lambda w: w.url("\ufeffhttp://api-server:8080")),
    Variant("two labels that are a Service in that namespace, which is not ready, and calls succeed", "open",
            lambda w: elsewhere(w, ready=0)),
    Variant("not ready for two seconds, while the next one begins", "open",
            lambda w: (rolling(w), w.not_ready(w.pods("api-server")[0], 2))),
    Variant("restarts of a rollout that the user asked for, five minutes ago", "ok",
            lambda w: (born(w, w.pod("api-server"), 300),
                       w.annotate("api-server", **{"kubectl.kubernetes.io/restartedAt": w.ago(310)}),
                       w.event(w.workload("api-server"), "Deployment", "ScalingReplicaSet",
                               "Scaled down replica set api-server-5d9c from 1 to 0", 290))),
    Variant("an autoscaler without numbers, and one pod serves", "open",
            lambda w: hpa(w, 1, 1, ("ScalingActive", "False", "FailedGetResourceMetric", "no metrics returned"))),
    Variant("an injected proxy that has ended with 0 once, after a day", "ok",
            lambda w: (injected(w, "istio-proxy"), w.restarted(w.pod("api-server"), ended=4_000, lasted=DAY, code=0,
                                                               reason="Completed", container=1))),
    Variant("a policy lets the web server in by its label, and another one the whole world", "ok",
            lambda w: w.policy("a", API, "Ingress", ingress=[{"from": [{"podSelector": WEB}]}])
            .policy("b", API, "Ingress", ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])),
    Variant("a policy lets in a label that the web server's pods lost, and calls time out", "fault",
            lambda w: (w.pod("web-server")["metadata"]["labels"].pop("app"),
                       failing(w.policy("in", API, "Ingress", ingress=[{"from": [{"podSelector": WEB}]}]), TIMED_OUT)),
            ("network-policy-blocks",)),
    Variant("a policy lets in port 80, the Service's, and calls succeed", "open",
            lambda w: (w.service()["spec"].update(ports=[{**SERVES_8080, "port": 80}]), w.url("http://api-server"),
                       w.policy("in", API, "Ingress", ingress=[{"ports": [{"port": 80}]}]))),
)  # fmt: skip
