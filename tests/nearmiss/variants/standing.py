"""What works stands against what reads wrong; what fails stands against what reads well."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import green
from tests.nearmiss.variants.network import API, OOM, REFUSED, TIMED_OUT, oom, quiet
from tests.nearmiss.variants.pods import OUTAGE, PASTE
from tests.nearmiss.variants.urls import NOT_FOUND
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

HERE = "172.30.234.137:8080"
WELL = (4, "GET /api/me 200 in 9ms")
ELSEWHERE = "[cause]: Error: getaddrinfo ENOTFOUND api-server.shop.svc.cluster.local"


def unprobed_green(world: World, *, serves: bool) -> World:
    """Green has no readiness probe, so it is called ready whatever it does; blue is scaled to zero."""
    green(world)
    for spec in world.specs("api-server-green"):
        for container in spec["containers"]:
            container.pop("readinessProbe", None)
    pod = world.pod("api-server-green")
    for condition in pod["status"]["conditions"]:
        condition["status"] = "True"
    pod["status"]["containerStatuses"][0]["ready"] = True
    world.view["endpoints"][0]["addresses"][0]["ready"] = True
    world.view["events"] = []
    if serves:
        return world.answers("ok", 200).log("web-server", WELL)
    return failing(world.answers("refused"), REFUSED.format(HERE))


def older_object(world: World) -> World:
    """Events about a pod of the same name that is gone."""
    pod = world.pod("api-server")
    return world.event(pod, "Pod", "BackOff", "Back-off restarting failed container", 30, uid="gone")


def silent(world: World) -> World:
    """The node stopped reporting a minute ago; the pods still answer."""
    for condition in world.view["nodes"][0]["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(60)}
    return world


def init_retried(world: World) -> World:
    world.container("api-server", init=True, name="migrate")
    status = world.pod("api-server")["status"]["initContainerStatuses"][0]
    end = {"exitCode": 0, "reason": "Completed", "startedAt": world.ago(3 * DAY), "finishedAt": world.ago(3 * DAY - 9)}
    status |= {"restartCount": 3, "state": {"terminated": end}}
    return world


def outside_database(world: World) -> World:
    world.env("api-server", {"name": "POSTGRES_HOST", "value": "pg.corp.example"})
    pod = world.pod("api-server")
    line = 'could not connect to server: connection to server at "pg.corp.example" (10.9.9.9), port 5432 failed: '
    world.crashing(pod).answers("no_endpoints").log("api-server", (62, line + "Connection refused"), previous=True)
    return failing(world, REFUSED.format(HERE))


def other_pods_too(world: World) -> World:
    """The Service also selects pods of another program, which answers 404."""
    world.beside("docs", {"app": "api-server", "part": "docs"}, ports=[{"containerPort": 8080}])
    world.view["endpoints"][0]["addresses"].append({"ip": "10.85.7.7", "pod": "docs-abc-0"})
    lines = ((age, f"GET /api/me {200 if age % 20 else 404} in 3ms") for age in range(90, 0, -10))
    return world.log("web-server", *lines)


def k3s(world: World) -> World:
    """Brings kube-router along, which does what policies say."""
    for node in world.view["nodes"]:
        node["status"]["nodeInfo"] = {"kubeletVersion": "v1.31.4+k3s1"}
    return world


def unnamed_port(world: World) -> World:
    world.service()["spec"]["ports"][0]["targetPort"] = "http"
    return world.log("web-server", (30, "GET /api/me 200 in 9ms"), WELL)


def drained(world: World) -> World:
    """Two were evicted from a node that is drained, and wait for a place."""
    world.replicas("api-server", 3)
    for pod in world.pods("api-server")[1:]:
        pod["spec"] = {**deepcopy(pod["spec"]), "nodeName": ""}
        pod["status"] = {
            "phase": "Pending",
            "conditions": [{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/1 nodes are available: 1 node(s) were unschedulable.",
                "lastTransitionTime": world.ago(90),
            }],
        }  # fmt: skip
    names = {pod["metadata"]["name"] for pod in world.pods("api-server")[1:]}
    for group in world.view["endpoints"]:
        group["addresses"] = [item for item in group["addresses"] if item.get("pod") not in names]
    return world


STANDING = (
    Variant("green without a probe does not listen", "fault", lambda w: unprobed_green(w, serves=False),
            ("api-not-listening", "api-not-responding")),
    Variant("green without a probe serves", "ok", lambda w: unprobed_green(w, serves=True)),
    Variant("a port by a name that no container has, and calls succeed", "open", unnamed_port),
    Variant(
        "a second Service for the API that selects nothing", "ok",
        lambda w: w.add_service("api-old", {"app": "api"}, {"port": 8080}),
    ),
    Variant(
        "two ports of the Service, and the URL names the other", "ok",
        lambda w: w.service()["spec"]["ports"].append({"name": "web", "port": 80, "targetPort": 8080})
        or w.url("http://api-server:80"),
    ),
    Variant(
        "a probe failed once, and the pod is ready", "ok",
        lambda w: w.event(
            w.pod("api-server"), "Pod", "Unhealthy", "Readiness probe failed: context deadline exceeded", 5
        ),
    ),
    Variant(
        "an escaped variable in the URL, and calls fail", "fault",
        lambda w: failing(
            w.env("web-server", {"name": "INTERNAL_URL", "value": "http://$$(API_HOST):8080"}),
            "Error fetching user: TypeError: Failed to parse URL from http://$(API_HOST):8080/me",
        ),
        ("internal-url-wrong", "internal-url-malformed"),
    ),
    Variant(
        "an alias for the API by ExternalName", "ok",
        lambda w: w.add_service(
            "backend", None, type="ExternalName", externalName="api-server.onyx-healthy.svc.cluster.local", clusterIP=""
        ).url("http://backend:8080"),
    ),
    Variant("an init container that was retried days ago", "ok", init_retried),
    Variant("events about a pod of the same name that is gone", "ok", older_object),
    Variant(
        "killed for memory seven times in a fortnight, last two days ago", "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=2 * DAY, lasted=2 * DAY, count=7, **OOM),
    ),
    Variant(
        "killed for memory every few minutes", "fault",
        lambda w: w.restarted(w.pod("api-server"), ended=50, lasted=240, count=12, **OOM), ("api-oom-killed",),
    ),
    Variant("a database outside refuses, and the API crashes of it", "fault", outside_database, ("dependency-down",),
            ("pg.corp.example",)),
    Variant(
        "a host for errors is not known, and users are served", "ok",
        lambda w: w.log("web-server", *((age, NOT_FOUND.format("o1.ingest.sentry.io")) for age in (90, 60, 30)), WELL),
    ),
    Variant(
        "the API cannot reach its own worker, and serves", "open",
        lambda w: w.log(
            "api-server", (60, REFUSED.format("127.0.0.1:8081")), (30, REFUSED.format("127.0.0.1:8081")),
            (3, 'INFO:     10.85.0.78:40000 - "GET /me HTTP/1.1" 200 OK'),
        ),
    ),
    Variant("a name in another namespace is pasted, and ours is killed for memory", "part", oom, paste=(
        f"[TypeError: fetch failed] {{\n  {ELSEWHERE} {{ code: 'ENOTFOUND' }}\n}}"
    )),
    Variant("an outage is pasted, and all is well", "ok", lambda w: w, paste=OUTAGE),
    Variant("a foreign address is pasted, and one of three crashes", "part",
            lambda w: w.replicas("api-server", 3).crashing(w.pods("api-server")[-1]), paste=PASTE.format("10.1.2.3")),
    Variant(
        "half of the calls are answered by 500", "open",
        lambda w: w.log("web-server", *(
            (age, f"GET /api/chat/{age} {500 if age % 20 else 200} in 30ms") for age in range(110, 0, -10)
        )),
        not_healthy=True,
    ),
    Variant(
        "the mesh answers 503 for the API", "open",
        lambda w: failing(w, "GET /api/me 503 upstream connect error or disconnect/reset before headers"),
        not_healthy=True,
    ),
    Variant("the Service also selects what answers 404", "open", other_pods_too, not_healthy=True),
    Variant("the node stopped reporting a minute ago, and pods answer", "open", silent, not_healthy=True),
    Variant(
        "a policy denies, nobody calls, and the network is known to enforce it", "fault",
        lambda w: k3s(quiet(w).policy("in", API, "Ingress")), ("network-policy-blocks",),
    ),
    Variant(
        "a policy denies, calls time out, and the network leaves no sign", "fault",
        lambda w: failing(w.policy("in", API, "Ingress"), TIMED_OUT), ("network-policy-blocks",),
    ),
    Variant(
        "a policy denies, and calls succeed", "open",
        lambda w: w.policy("in", API, "Ingress").log("web-server", (40, "GET /api/me 200 in 9ms"), WELL),
    ),
    Variant(
        "two of three are on a node that is drained, one serves", "part",
        drained, paste=OUTAGE,
    ),
)  # fmt: skip
