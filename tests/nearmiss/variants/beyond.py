"""Objects that are seen only by what they do (disruption budgets, VPA), and further ways of each rule."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, down
from tests.nearmiss.variants.network import OOM, REFUSED, TIMED_OUT, database, oom, quiet
from tests.nearmiss.variants.pods import OUTAGE, PASTE, one_of, scaled_to_zero
from tests.support.near_miss_world import DAY, World

VPA = "Pod was evicted by VPA Updater to apply resource recommendation."
BUDGET = "Cannot evict pod as it would violate the pod's disruption budget."


def drained(world: World) -> World:
    """A drain of its node waits for a budget that allows no disruption; all serve."""
    world.view["nodes"][0].setdefault("spec", {})["unschedulable"] = True
    return world.event(world.pod("api-server"), "Pod", "FailedEviction", BUDGET, 40)


def resized(world: World, *, memory: str = "768Mi") -> World:
    """VPA evicted the pod of before; that of today has requests that the template has not."""
    pod = world.pod("api-server")
    pod["metadata"].setdefault("annotations", {})["vpaUpdates"] = (
        "Pod resources updated by api-server: container 0: memory request, memory limit"
    )
    pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": memory}, "limits": {"memory": memory}}
    gone = {"metadata": {"name": "api-server-97df48b64-gone", "uid": "gone"}}
    return world.event(gone, "Pod", "EvictedByVPA", VPA, 1200)


def in_place(world: World) -> World:
    """Resized where it runs: its container started again once, with 143, and is ready."""
    resized(world)
    return world.restarted(world.pod("api-server"), ended=200, lasted=3 * DAY, code=143)


def stuck_init(world: World, *, others: bool) -> World:
    """An init container ends with 1, again and again."""
    if others:
        world.replicas("api-server", 3)
    world.container("api-server", init=True, name="migrate")
    for item in world.pods("api-server"):
        item["status"]["initContainerStatuses"][0]["state"] = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    pod = world.pods("api-server")[-1]
    world.not_ready(pod)
    pod["status"]["phase"] = "Pending"
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    pod["status"]["initContainerStatuses"][0] |= {
        "ready": False,
        "restartCount": 5,
        "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
    }
    pod["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "PodInitializing"}}
    world.unasked(pod)
    return world if others else down(world)


def ingress_denied(world: World) -> World:
    return world.policy("closed", {"matchLabels": {"app": "api-server"}}, "Ingress")


def timing_out(world: World) -> World:
    world.answers("timed_out", pod=False)
    return world.log("web-server", (40, TIMED_OUT), (20, TIMED_OUT), (4, TIMED_OUT))


def another_pod_of_the_service(world: World) -> World:
    """The Service also selects a ready program that answers 404 to what it does not know; calls alternate."""
    world.beside("docs", {"app": "api-server", "part": "docs"}, ports=[{"containerPort": 8080}])
    world.view["endpoints"][0]["addresses"].append({"ip": "10.85.7.7", "pod": "docs-abc-0"})
    lines = [(60 - 4 * i, f"GET /api/me {200 if i % 2 else 404} in 4ms") for i in range(14)]
    return world.log("web-server", *lines)


def five_hundreds(world: World, status: int) -> World:
    return world.log("web-server", *((60 - 4 * i, f"GET /api/me {status} in 14ms") for i in range(14)))


def alias(world: World, ip: str) -> World:
    return world.with_spec("web-server", hostAliases=[{"ip": ip, "hostnames": ["backend"]}]).url("http://backend:8080")


def old_object(world: World) -> World:
    """A Deployment of the same name was scaled to zero and deleted a day ago."""
    gone = {"metadata": {"name": "api-server", "uid": "older"}}
    return world.event(gone, "Deployment", "ScalingReplicaSet", "Scaled down replica set api-server-1 to 0", 900)


def six_and_four(world: World) -> World:
    """Dual stack: a second slice, of IPv6, with the same pod."""
    group = deepcopy(world.view["endpoints"][0])
    for address in group["addresses"]:
        address["ip"] = "fd00::77"
    world.view["endpoints"].append(group)
    world.service()["spec"] |= {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "PreferDualStack"}
    return world


BEYOND = (
    Variant("a budget holds the drain of its node", "ok", drained),
    Variant("a budget holds a drain, beside an API that is killed for memory", "fault", lambda w: oom(drained(w)),
            ("api-oom-killed",)),
    Variant("VPA evicted it to resize it, twenty minutes ago", "ok", resized),
    Variant("VPA resized it where it runs", "ok", in_place),
    Variant("an init container that crashes, of one of three", "part", lambda w: stuck_init(w, others=True), (),
            ("migrate",), OUTAGE),
    Variant("an init container that crashes, of all", "fault", lambda w: stuck_init(w, others=False), (),
            ("migrate",)),
    Variant("a policy that closes the API, by name only, and calls succeed", "open", ingress_denied),
    Variant("a policy that closes the API, and calls time out", "fault", lambda w: timing_out(ingress_denied(w)),
            ("network-policy-blocks",)),
    Variant("another program answers half of the calls", "open", another_pod_of_the_service, not_healthy=True),
    Variant("every call is answered by 503", "open", lambda w: five_hundreds(w, 503), not_healthy=True),
    Variant("every call is answered by 304", "ok", lambda w: five_hundreds(w, 304)),
    Variant("a host alias of IPv6 for the outside", "open", lambda w: alias(w, "fd12::9")),
    Variant("a host alias for the pod's own address", "ok", lambda w: alias(w, w.pod("api-server")["status"]["podIP"])),
    Variant("an event of a Deployment that was here before", "ok", old_object),
    Variant("both families, both ready", "ok", six_and_four),
    Variant("a URL by the name of two labels of its namespace", "ok",
            lambda w: w.url("http://api-server.onyx-healthy:8080")),
    Variant("a URL from a file", "open", lambda w: w.env("web-server", {"name": "INTERNAL_URL_FILE",
            "value": "/run/secrets/url"})),
    Variant("a URL from a field of the pod", "open", lambda w: w.env("web-server", {"name": "INTERNAL_URL",
            "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['url']"}}})),
    Variant("a URL of a key that may be missing", "open", lambda w: w.env("web-server", {"name": "INTERNAL_URL",
            "valueFrom": {"configMapKeyRef": {"name": "nowhere", "key": "url", "optional": True}}})),
    Variant("a Rollout that crashes, all of it", "fault",
            lambda w: down(w.owned_by("api-server", "Rollout", keep_sets=True).crashing(w.pod("api-server"))),
            ("api-crash-looping",)),
    Variant("a DaemonSet, one of three nodes crashes", "part",
            lambda w: (w.replicas("api-server", 3), w.owned_by("api-server", "DaemonSet"),
                       w.crashing(w.pods("api-server")[-1])), ("api-crash-looping",), ("1 of 3",), OUTAGE),
    Variant("a DeploymentConfig is killed for memory", "fault",
            lambda w: oom(w.owned_by("api-server", "ReplicationController", labels={"deploymentconfig": "api"})),
            ("api-oom-killed",)),
    Variant("exit 139 once, after nine days", "ok",
            lambda w: w.restarted(w.pod("api-server"), ended=1800, lasted=9 * DAY, code=139)),
    Variant("exit 139 again and again", "fault", lambda w: down(w.crashing(w.pod("api-server"), code=139)),
            ("api-crash-looping",), ("139",)),
    Variant("at zero, and a ScaledObject's label says whose", "names",
            lambda w: (scaled_to_zero(w), w.workload("api-server")["metadata"].setdefault("labels", {}).update(
                {"scaledobject.keda.sh/name": "api"})), ("api-scaled-to-zero",), ("KEDA",)),
    Variant("a sealed-secrets controller is down, the app serves", "ok",
            lambda w: w.beside("sealed-secrets-controller", {"app": "sealed"}, ready=False)),
    Variant("a Redis of the release that nobody's settings name is at zero", "ok",
            lambda w: (w.env("api-server", {"name": "REDIS_HOST", "value": "cache.abc.euw1.cache.amazonaws.com"}),
                       w.beside("redis", {"app": "redis"}, replicas=0, ports=[{"containerPort": 6379}]))),
    Variant("the database is gone, and the API serves", "open",
            lambda w: w.env("api-server", {"name": "POSTGRES_HOST", "value": "postgresql"})),
    Variant("the database is down beside an API that is killed for memory", "fault",
            lambda w: oom(database(w, "postgresql", ready=False, host="db.x.rds.amazonaws.com")),
            ("api-oom-killed",)),
    Variant("a telemetry collector is refused again and again", "ok",
            lambda w: w.log("web-server", *((50 - 9 * i, REFUSED.format("10.9.9.9:4318")) for i in range(5)),
                            (2, "GET /api/me 200 in 9ms"))),
    Variant("the paste names a node's port", "part", oom, ("api-oom-killed",), (), PASTE.format("192.0.2.7")),
    Variant("the paste names the pod that is killed", "fault", oom, ("api-oom-killed",), (),
            PASTE.format("10.85.0.77")),
    Variant("one of two is killed for memory, and the paste is of another name", "part",
            lambda w: w.crashing(one_of(w, 2), **OOM), ("api-oom-killed",), (),
            "[cause]: Error: getaddrinfo ENOTFOUND api-server.prod.svc"),
    Variant("nobody calls, and the API serves", "ok", quiet),
    Variant("refused now, by the right address, and nothing shows why", "open",
            lambda w: w.log("web-server", *((40 - 9 * i, REFUSED.format(HERE)) for i in range(4))), not_healthy=True),
)  # fmt: skip
