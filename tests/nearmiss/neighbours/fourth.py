"""A fourth round: more of a whole release, of the web server, and of pastes."""

from copy import deepcopy

from tests.nearmiss.neighbours.lives import just_back
from tests.nearmiss.neighbours.others import using
from tests.nearmiss.neighbours.release import at_zero, crashes, released, unready
from tests.nearmiss.neighbours.ways import probe_503
from tests.nearmiss.shops.making import born, pending
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import SERVED, WELL, waiting
from tests.nearmiss.variants.network import REFUSED, oom
from tests.nearmiss.variants.pods import OUTAGE, PASTE, PROBE_503
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

QUOTED = "INFO indexed 'redis.exceptions.AuthenticationError: invalid username-password pair' (runbook.md)"
UNKNOWN_SOURCE = 'WARNING source 9: could not translate host name "mysql.corp" to address'
HERE = "172.30.234.137:8080"


def setting(world: World, name: str, value: str) -> World:
    data = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "env-configmap")["data"]
    data[name] = value
    return world


def loading(world: World, age: float) -> World:
    """The model server began so long ago, and loads its models."""
    pod = released(world).pod("onyx-inference-model")
    born(world, pod, age)
    for kind in ("deployments", "replicasets"):
        for item in world.view[kind]:
            if item["metadata"]["name"].startswith("onyx-inference-model"):
                item["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {
                    "httpGet": {"path": "/api/health", "port": 9000}, "failureThreshold": 30}  # fmt: skip
    pod["spec"]["containers"][0]["readinessProbe"] = {
        "httpGet": {"path": "/api/health", "port": 9000}, "failureThreshold": 30}  # fmt: skip
    return world.not_ready(pod, age)


def pulled(world: World, name: str, age: float, reason: str) -> World:
    pod = released(world).pod(f"onyx-{name}")
    born(world, pod, age)
    waiting(world, pod, reason, 'failed to pull image "onyxdotapp/x:v4.6.1": 503 Service Unavailable')
    for item in pod["status"]["conditions"]:
        item["lastTransitionTime"] = world.ago(age)
    return world


def began_again(world: World, name: str, ago: float) -> World:
    """It was replaced this long ago, and is not ready yet."""
    pod = released(world).pod(name)
    born(world, pod, ago)
    return world.not_ready(pod, ago)


def without_map(world: World) -> World:
    """The map of the release was deleted after the start; everything runs with what it read then."""
    released(world)
    world.view["configmaps"] = [x for x in world.view["configmaps"] if x["metadata"]["name"] != "env-configmap"]
    return world


def left_over(world: World) -> World:
    """Pods of a worker that were put out last night are left over."""
    released(world)
    for number in range(3):
        pod = deepcopy(world.pod("onyx-celery-worker-heavy"))
        pod["metadata"] |= {"name": f"onyx-celery-worker-heavy-abc-e{number}", "uid": f"he{number}"}
        pod["status"] = {"phase": "Failed", "reason": "Evicted", "startTime": world.ago(40_000),
                         "message": "The node was low on resource: memory."}  # fmt: skip
        world.view["pods"].append(pod)
    return world


def pair_of_workers(world: World, age: float) -> World:
    """A second pod of a worker was made this long ago."""
    released(world)
    pod = deepcopy(world.pod("onyx-celery-worker-light"))
    pod["metadata"] |= {"name": "onyx-celery-worker-light-abc-9", "uid": "light-9"}
    pod["status"]["podIP"] = "10.85.9.99"
    world.view["pods"].append(pod)
    world.workload("onyx-celery-worker-light")["spec"]["replicas"] = 2
    return born(world, pod, age).not_ready(pod, age)


def web_rolls(world: World, reason: str) -> World:
    """A new revision of the web server waits so; the old one serves."""
    old = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("web-server"))
    new = deepcopy(old)
    new["metadata"] |= {"name": "web-server-new", "uid": "web-new", "creationTimestamp": world.ago(1_000),
                        "annotations": {"deployment.kubernetes.io/revision": "2"}}  # fmt: skip
    world.workload("web-server")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    world.view["replicasets"].append(new)
    pod = deepcopy(world.pod("web-server"))
    pod["metadata"] |= {"name": "web-server-new-x", "uid": "web-x", "ownerReferences": [
        {"kind": "ReplicaSet", "name": "web-server-new", "uid": "web-new", "controller": True}]}  # fmt: skip
    world.view["pods"].append(pod)
    born(world, pod, 990)
    return waiting(world, pod, reason, 'Back-off pulling image "onyxdotapp/onyx-web-server:v4.6.9"')


def booted(world: World, ago: float) -> World:
    """Its node was booted again: its containers began this long ago, and are not ready yet."""
    for name in ("api-server", "web-server"):
        world.restarted(world.pod(name), ended=ago + 60, lasted=3 * DAY, code=255, reason="Unknown")
        for status in world.pod(name)["status"]["containerStatuses"]:
            status["state"] = {"running": {"startedAt": world.ago(ago)}}
    pod = world.pod("api-server")
    return world.not_ready(pod, ago + 50).answers("refused", service=False).answers("no_endpoints", pod=False)


def ended_well(world: World) -> World:
    """A bare pod that is not started again ended with 0: nothing serves."""
    world.owned_by("api-server", "Pod")
    pod = world.pod("api-server")
    pod["spec"]["restartPolicy"] = "Never"
    end = {"exitCode": 0, "reason": "Completed", "startedAt": world.ago(9_000), "finishedAt": world.ago(700)}
    pod["status"] |= {"phase": "Succeeded"}
    pod["status"]["containerStatuses"][0] |= {"ready": False, "state": {"terminated": end}}
    for item in pod["status"]["conditions"]:
        if item["type"] in ("Ready", "ContainersReady"):
            item |= {"status": "False", "reason": "PodCompleted", "lastTransitionTime": world.ago(700)}
    world.view["endpoints"][0]["addresses"] = []
    world.unasked(pod).answers("no_endpoints", pod=False)
    return world.log("web-server", (40, REFUSED.format(HERE)), (20, REFUSED.format(HERE)), (4, REFUSED.format(HERE)))


def web_ends(world: World, count: int, ending: int, **how: int | str) -> World:
    world.replicas("web-server", count)
    for pod in world.pods("web-server")[-ending:]:
        world.crashing(pod, code=int(how.get("code", 1)))
    return world


FOURTH = (
    # a release
    Variant("the model server loads its models for forty seconds", "open", lambda w: loading(w, 40)),
    Variant("a worker's image could not be pulled at the first try", "open",
            lambda w: pulled(w, "celery-worker-light", 12, "ErrImagePull")),
    Variant("the release's Postgres was replaced twelve seconds ago", "open",
            lambda w: began_again(w, "onyx-pg-1", 12)),
    Variant("the release's Redis was replaced eight seconds ago", "open", lambda w: began_again(w, "onyx-0", 8)),
    Variant("the release's Redis was killed for memory once, two hours ago", "ok",
            lambda w: released(w).restarted(w.pod("onyx-0"), ended=7_200, lasted=2 * DAY, code=137,
                                            reason="OOMKilled")),
    Variant("MinIO is at zero, and the settings name it", "fault", lambda w: at_zero(w, "minio"),
            ("dependency-down",)),
    Variant("MinIO is at zero, and the settings name a cloud's store", "ok",
            lambda w: setting(at_zero(w, "minio"), "S3_ENDPOINT_URL", "https://s3.eu-west-1.amazonaws.com")),
    Variant("MinIO crashes, and the settings name a cloud's store", "names",
            lambda w: setting(crashes(w, "minio"), "S3_ENDPOINT_URL", "https://s3.eu-west-1.amazonaws.com"),
            (), ("minio",)),
    Variant("nginx of the release is at zero", "names", lambda w: at_zero(w, "nginx-controller"), (), ("nginx",)),
    Variant("the code interpreter of the release is at zero", "open", lambda w: at_zero(w, "code-interpreter")),
    Variant("the map of the release was deleted after the start", "open", without_map),
    Variant("pods of a worker that were put out last night", "ok", left_over),
    Variant("a second pod of a worker is fifteen seconds old", "open", lambda w: pair_of_workers(w, 15)),
    Variant("a second pod of a worker is not ready for a quarter of an hour", "names",
            lambda w: pair_of_workers(w, 900).event(w.pods("onyx-celery-worker-light")[-1], "Pod", "Unhealthy",
                                                    "Readiness probe failed: ", 5), (), ("1 of 2",)),
    Variant("the sandbox proxy is not ready", "names",
            lambda w: unready(w, "sandbox-proxy", "HTTP probe failed with statuscode: 500"), (), ("sandbox",)),
    Variant("a release without craft", "ok", lambda w: released(w, "sandbox-proxy", "celery-worker-scheduled-tasks")),
    # the web server
    Variant("one of two web servers crashes", "part", lambda w: web_ends(w, 2, 1), ("web-crash-looping",),
            ("1 of 2",), OUTAGE),
    Variant("both web servers crash, the API is well", "fault", lambda w: web_ends(w, 2, 2), ("web-crash-looping",)),
    Variant("the web server ends with 134 again and again", "fault", lambda w: web_ends(w, 1, 1, code=134),
            ("web-crash-looping",)),
    Variant("the web server was killed for memory two days ago", "ok",
            lambda w: w.restarted(w.pod("web-server"), ended=2 * DAY, lasted=DAY, code=137, reason="OOMKilled")),
    Variant("no node takes the web server", "fault",
            lambda w: pending(w, w.pod("web-server"), "0/3 nodes are available: 3 Insufficient memory."),
            ("web-unschedulable",)),
    Variant("the image of the web server's new revision is not there, the old one serves", "part",
            lambda w: web_rolls(w, "ImagePullBackOff"), ("web-rollout-stuck", "web-image-pull-failing"), (), OUTAGE),
    Variant("the web server has a probe that fails", "names",
            lambda w: (w.with_main("web-server", readinessProbe={"httpGet": {"path": "/", "port": 3000}}),
                       w.not_ready(w.pod("web-server"), 600).event(w.pod("web-server"), "Pod", "Unhealthy",
                                                                   PROBE_503, 5)), ("web-not-ready",)),
    # pastes
    Variant("the paste is of the web server's own port", "part", oom, ("api-oom-killed",), (),
            REFUSED.format("10.85.0.76:3000")),
    Variant("the paste is of our address, and all is well now", "ok", lambda w: w, paste=OUTAGE),
    Variant("the paste is of our address and of a foreign one", "fault", oom, ("api-oom-killed",), (),
            f"{OUTAGE}\n{PASTE.format('10.200.3.4')}"),
    Variant("the paste is of a Service of another namespace, and all is well", "ok", lambda w: w,
            paste="curl: (7) Failed to connect to api-server.onyx-prod.svc.cluster.local port 8080 after 2 ms"),
    # what its log quotes, and what users' own things say
    Variant("calls are refused, and its log quotes a runbook on a password", "open",
            lambda w: failing(w, REFUSED.format(HERE)).log("api-server", (40, QUOTED), SERVED), not_healthy=True),
    Variant("up for twelve seconds after one end, and a user's database is not known", "open",
            lambda w: just_back(w, False).log("api-server", (9, UNKNOWN_SOURCE))),
    Variant("its probe fails, and a user's database is not known", "fault",
            lambda w: probe_503(using(w, POSTGRES_HOST="pg-rw.databases")).log(
                "api-server", (40, UNKNOWN_SOURCE), (9, UNKNOWN_SOURCE)), ("api-not-ready",)),
    # lives
    Variant("its node was booted again, it began ten seconds ago", "open", lambda w: booted(w, 10)),
    Variant("its node was booted again, it serves since two minutes", "ok",
            lambda w: (w.restarted(w.pod("api-server"), ended=200, lasted=3 * DAY, code=255, reason="Unknown"),
                       w.restarted(w.pod("web-server"), ended=200, lasted=3 * DAY, code=255, reason="Unknown"),
                       w.log("web-server", (110, WELL[1]), WELL))),
    Variant("a bare pod that is not started again has ended with 0", "fault", ended_well),
)  # fmt: skip
