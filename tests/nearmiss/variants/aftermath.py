"""What is over, what is only half known, and what others of the app do: near misses of state, time and dependencies."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, SERVED, WELL, down
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import REFUSED, TIMED_OUT, oom
from tests.nearmiss.variants.pods import OUTAGE, PROBE_503, one_of
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

OLD_PASTE = "2026-11-20T03:11:02Z [cause]: Error: connect ECONNREFUSED 172.30.234.137:8080"


def condition(world: World, name: str, kind: str, status: str, reason: str, since: float = 1_200) -> World:
    made = world.workload(name)
    made.setdefault("status", {}).setdefault("conditions", [])
    kept = [item for item in made["status"]["conditions"] if item["type"] != kind]
    made["status"]["conditions"] = [*kept, {"type": kind, "status": status, "reason": reason, "message": reason,
                                            "lastTransitionTime": world.ago(since)}]  # fmt: skip
    return world


def no_map(world: World) -> World:
    """The ConfigMap was deleted after the start; the processes have what it said."""
    world.view["configmaps"] = [x for x in world.view["configmaps"] if x["metadata"]["name"] != "web-server-config"]
    return world


def init_killed_once(world: World) -> World:
    """Its init container was killed for memory at the first try, three days ago."""
    world.container("api-server", init=True, name="migrate")
    end = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": world.ago(3 * DAY)}
    done = {"exitCode": 0, "reason": "Completed", "finishedAt": world.ago(3 * DAY - 60)}
    status = world.pod("api-server")["status"]["initContainerStatuses"][0]
    status |= {"restartCount": 1, "lastState": {"terminated": end}, "state": {"terminated": done}}
    return world


def pressed(world: World, kind: str) -> World:
    for item in world.view["nodes"][0]["status"]["conditions"]:
        if item["type"] == kind:
            item |= {"status": "True", "reason": f"KubeletHas{kind}", "lastTransitionTime": world.ago(300)}
    return world


def dead_endpoint(world: World) -> World:
    """The endpoints name an address that no pod has any more; the pod has another one, and calls time out."""
    world.view["endpoints"][0]["addresses"] = [{"ip": "10.85.0.9", "ready": True}]
    return failing(world.answers("timed_out", pod=False), TIMED_OUT)


def local_only(world: World) -> World:
    """Internal traffic stays on the node; the web server's node has no pod of the API, and calls are refused."""
    world.service()["spec"]["internalTrafficPolicy"] = "Local"
    node = deepcopy(world.view["nodes"][0])
    node["metadata"] = {**node["metadata"], "name": "other-node", "uid": "n2"}
    world.view["nodes"].append(node)
    world.pod("web-server")["spec"]["nodeName"] = "other-node"
    return failing(world, REFUSED.format(HERE))


def preempted(world: World) -> World:
    gone = {"metadata": {"name": "api-server-97df48b64-gone", "uid": "gone"}}
    world.event(gone, "Pod", "Preempted", "Preempted by a pod on node lab-node", 600)
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(598)
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(580)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(590)}}
    return world


def being_replaced(world: World) -> World:
    """The template says another URL, a wrong one; the pod that runs has the right one."""
    made = world.workload("web-server")["spec"]["template"]["spec"]["containers"][0]
    made["env"] = [{"name": "INTERNAL_URL", "value": "http://api-sever:8080"}]
    made.pop("envFrom", None)
    return world


def index(world: World, *, used: bool) -> World:
    """The bundled index is down; the settings name it, or one outside."""
    world.beside("vespa", {"app": "vespa"}, ready=False, ports=[{"containerPort": 19071}], image="vespaengine/vespa:8")
    world.add_service("vespa", {"app": "vespa"}, {"port": 19071})
    host = "vespa" if used else "vespa.search.example.com"
    return world.env("api-server", {"name": "VESPA_HOST", "value": host})


def store(world: World) -> World:
    """The bundled object store is down; the settings name one of a cloud."""
    world.beside("minio", {"app": "minio"}, ready=False, ports=[{"containerPort": 9000}], image="minio/minio:1")
    world.add_service("minio", {"app": "minio"}, {"port": 9000})
    return world.env("api-server", {"name": "S3_ENDPOINT_URL", "value": "https://s3.eu-west-1.amazonaws.com"})


def stale_deadline(world: World) -> World:
    return condition(world, "api-server", "Progressing", "False", "ProgressDeadlineExceeded", 2 * DAY)


def young_and_counted(world: World) -> World:
    """Ready for half a minute, of two minutes that are asked for."""
    world.workload("api-server")["spec"]["minReadySeconds"] = 120
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(40)
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(30)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(36)}}
    return condition(world, "api-server", "Available", "False", "MinimumReplicasUnavailable", 40)


def among_calls(world: World, *lines: tuple[float, str]) -> World:
    """These lines among calls that were answered."""
    rows = [(age + 0.0, WELL[1]) for age in range(100, 3, -8)]
    return world.log("web-server", *sorted([*rows, *lines], reverse=True))


def other_shape(world: World) -> World:
    """A StatefulSet whose ordinal was deleted by hand a minute ago, and is up again."""
    stateful(world)
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(70)
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(50)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(66)}}
    gone = {"metadata": {"name": pod["metadata"]["name"], "uid": "before"}}
    return world.event(gone, "Pod", "Killing", "Stopping container api-server", 80)


AFTERMATH = (
    Variant("the ConfigMap was deleted after the start, and calls succeed", "open", no_map),
    Variant("a Secret was missing forty minutes ago, and the pod runs", "ok",
            lambda w: w.event(w.pod("api-server"), "Pod", "FailedMount",
                              'MountVolume.SetUp failed for volume "db": secret "db" not found', 2_400)),
    Variant("an init container was killed for memory once, and then it was done", "ok", init_killed_once),
    Variant("a deadline of progress that was missed two days ago, and all are ready", "ok", stale_deadline),
    Variant("ready for half a minute, of two minutes that are asked for", "open", young_and_counted),
    Variant("the node is short of memory, and all answers", "open", lambda w: pressed(w, "MemoryPressure")),
    Variant("the node is short of process numbers, and all answers", "open", lambda w: pressed(w, "PIDPressure")),
    Variant("endpoints that name an address that no pod has, and calls time out", "open", dead_endpoint,
            not_healthy=True),
    Variant("internal traffic stays on the node, where there is no pod, and calls are refused", "open", local_only,
            not_healthy=True),
    Variant("preempted ten minutes ago, and another one serves", "ok", preempted),
    Variant("the template says a wrong URL, the pod has the right one, and calls succeed", "open", being_replaced),
    Variant("the bundled index is down, one outside is used", "ok", lambda w: index(w, used=False)),
    Variant("the index that is used is down", "open", lambda w: index(w, used=True), not_healthy=True),
    Variant("the bundled object store is down, a cloud's is used", "ok", store),
    Variant("an ordinal was deleted by hand a minute ago, and is up", "ok", other_shape),
    Variant("a connection is broken off now and then among calls that are answered", "ok",
            lambda w: among_calls(w, (71, "[cause]: Error: socket hang up code: 'ECONNRESET'"),
                                  (29, "[cause]: Error: socket hang up code: 'ECONNRESET'"))),
    Variant("a worker of the web server's pod does not listen by IPv6", "open",
            lambda w: among_calls(w, (71, REFUSED.format("::1:8080")), (29, REFUSED.format("::1:8080")))),
    Variant("answers with 200 that tell of errors", "open",
            lambda w: among_calls(w, (50, 'POST /api/graphql 200 in 9ms {"errors":[{"message":"not found"}]}'))),
    Variant("a call that was given up by the visitor", "ok",
            lambda w: among_calls(w, (50, "Error: aborted code: 'ECONNRESET' (client closed the request)"))),
    Variant("no room was found half an hour ago, and it runs", "ok",
            lambda w: w.event(w.pod("api-server"), "Pod", "FailedScheduling", "0/1 nodes are available: 1 Insufficient "
                                                                              "memory.", 1_800)),
    Variant("its autoscaler has no metrics, and all answers", "open",
            lambda w: w.event({"metadata": {"name": "api-server", "uid": "h"}}, "HorizontalPodAutoscaler",
                              "FailedGetResourceMetric", "failed to get cpu utilization: no metrics returned", 20)),
    Variant("a liveness probe was late five times today, and ended nothing", "ok",
            lambda w: w.event(w.pod("api-server"), "Pod", "Unhealthy",
                              "Liveness probe failed: context deadline exceeded", 1_500)),
    Variant("the Service answers its health with a time out, and calls succeed", "open",
            lambda w: w.answers("timed_out", pod=False)),
    Variant("the pod answers its health with a refusal, and calls succeed", "open",
            lambda w: w.answers("refused", service=False)),
    Variant("the paste is three days old, and it is killed for memory since an hour", "part", oom,
            ("api-oom-killed",), (), OLD_PASTE),
    Variant("one of two has a probe that fails since ten minutes", "part",
            lambda w: (pod := one_of(w, 2), w.not_ready(pod, 600).event(pod, "Pod", "Unhealthy", PROBE_503, 3)),
            ("api-not-ready",), ("1 of 2",), OUTAGE),
    Variant("all of two have a probe that fails since ten minutes", "fault",
            lambda w: [w.replicas("api-server", 2), down(w.answers("http_error", 503)),
                       *(w.not_ready(pod, 600).event(pod, "Pod", "Unhealthy", PROBE_503, 3)
                         for pod in w.pods("api-server"))], ("api-not-ready",)),
    Variant("killed for memory once an hour ago, and not ready now for a probe", "fault",
            lambda w: down(w.restarted(w.pod("api-server"), ended=3_600, lasted=DAY, code=137, reason="OOMKilled")
                           .not_ready(w.pod("api-server"), 500).answers("http_error", 503)
                           .event(w.pod("api-server"), "Pod", "Unhealthy", PROBE_503, 3)), ("api-not-ready",)),
    Variant("connectors of users fail, and the API serves", "open",
            lambda w: w.log("api-server", (60, "ERROR connector 12 (jira): 401 Unauthorized from acme.atlassian.net"),
                            (30, "ERROR connector 12 (jira): 401 Unauthorized from acme.atlassian.net"), SERVED)),
)  # fmt: skip
