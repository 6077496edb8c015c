"""A second table: updates under way, settings, answers and neighbours that a careless rule misreads."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.network import API, REFUSED, TIMED_OUT, TO_API, WEB, database, quiet
from tests.nearmiss.variants.pods import OUTAGE, PASTE, rolling, scaled_to_zero
from tests.nearmiss.variants.urls import NOT_FOUND
from tests.support.near_miss_world import DAY, World


def stateful(world: World) -> World:
    """The API is a StatefulSet."""
    made = world.workload("api-server")
    world.owned_by("api-server", "StatefulSet")
    made["kind"] = "StatefulSet"
    made["metadata"]["uid"] = "StatefulSet-1"
    world.view["statefulsets"] = [made]
    return world


def scaling_up(world: World) -> World:
    """Three more are wanted, and began a moment ago."""
    world.replicas("api-server", 4)
    for pod in world.pods("api-server")[1:]:
        pod["metadata"]["creationTimestamp"] = world.ago(9)
        pod["status"]["startTime"] = world.ago(9)
        pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(7)}}
        world.not_ready(pod, 9)
    return world


def recreated(world: World) -> World:
    """Replaced all at once ten minutes ago: down for half a minute, and up since."""
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = world.ago(630)
    pod["status"]["startTime"] = world.ago(630)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(625)}}
    for condition in pod["status"]["conditions"]:
        condition["lastTransitionTime"] = world.ago(600)
    workload = world.workload("api-server")
    workload["status"]["conditions"][0]["lastTransitionTime"] = world.ago(600)
    return world.event(workload, "Deployment", "ScalingReplicaSet", "Scaled down replica set api-server-5d9c to 0", 640)


def web_elsewhere(world: World) -> World:
    health = world.view["health"]
    world.without("web-server")
    world.view["health"] = health
    return world


def migrating(world: World, *, since: float, failing: bool) -> World:
    """Not ready since it began; its log says that it migrates its database."""
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = world.ago(since)
    pod["status"]["startTime"] = world.ago(since)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(since - 1)}}
    world.not_ready(pod, since).answers("refused", service=False).answers("no_endpoints", pod=False)
    if failing:
        world.event(
            pod, "Pod", "Unhealthy", "Readiness probe failed: dial tcp 10.85.0.77:8080: connect: connection refused", 2
        )
    return world.log("api-server", (since - 2, "INFO  [alembic.runtime.migration] Running upgrade a1 -> b2"))


def changed_map(world: World) -> World:
    """The ConfigMap was changed after the start, to another name of the same Service."""
    settings = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "web-server-config")
    settings["keyTimes"]["INTERNAL_URL"] = world.ago(600)
    return world.url("http://api-server.onyx-healthy.svc:8080")


def stale_map(world: World) -> World:
    settings = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "web-server-config")
    settings["keyTimes"]["INTERNAL_URL"] = world.ago(600)
    line = NOT_FOUND.format("api-server-old")
    return world.log("web-server", (30, line), (3, line))


def other_namespace_selected(world: World) -> World:
    world.view["namespaces"][0]["metadata"]["labels"] = {"team": "a"}
    peers = [
        {"namespaceSelector": {"matchLabels": {"team": "a"}}, "podSelector": {"matchLabels": {"app": "web-server"}}}
    ]
    return world.policy("in", API, "Ingress", ingress=[{"from": peers}])


def image(world: World, api: str, web: str) -> World:
    world.with_main("api-server", image=f"onyxdotapp/onyx-backend:{api}")
    return world.with_main("web-server", image=f"onyxdotapp/onyx-web-server:{web}")


MORE = (
    Variant("a StatefulSet", "ok", stateful),
    Variant(
        "a StatefulSet of three with one that crashes",
        "part",
        lambda w: stateful(w).replicas("api-server", 3).crashing(w.pods("api-server")[-1]),
        ("api-crash-looping",),
        ("1 of 3",),
        OUTAGE,
    ),
    Variant("scaling up", "ok", scaling_up),
    Variant("replaced ten minutes ago", "ok", recreated),
    Variant("migrating for six seconds", "open", lambda w: migrating(w, since=6, failing=True)),
    Variant(
        "not listening for ten minutes",
        "fault",
        lambda w: migrating(w, since=600, failing=True),
        ("api-not-listening",),
    ),
    Variant("the web server runs in another namespace", "open", web_elsewhere),
    Variant(
        "the API and its Service are gone, and calls fail",
        "fault",
        lambda w: w.without("api-server").log(
            "web-server", (30, NOT_FOUND.format("api-server")), (3, NOT_FOUND.format("api-server"))
        ),
        ("api-missing", "service-missing"),
    ),
    Variant("a paused Deployment", "ok", lambda w: w.workload("api-server")["spec"].update(paused=True)),
    Variant(
        "a Deployment that Argo CD keeps, at zero",
        "names",
        lambda w: scaled_to_zero(w).annotate(
            "api-server", **{"argocd.argoproj.io/tracking-id": "onyx:apps/Deployment"}
        ),
        ("api-scaled-to-zero",),
    ),
    Variant(
        "a variable that is set twice",
        "ok",
        lambda w: w.env(
            "web-server",
            {"name": "INTERNAL_URL", "value": "http://old:8080"},
            {"name": "INTERNAL_URL", "value": "http://api-server:8080"},
        ),
    ),
    Variant(
        "a variable of a Secret",
        "open",
        lambda w: w.env(
            "web-server", {"name": "INTERNAL_URL", "valueFrom": {"secretKeyRef": {"name": "s", "key": "url"}}}
        ),
    ),
    Variant("the name with its own namespace", "ok", lambda w: w.url("http://api-server.onyx-healthy:8080")),
    Variant(
        "the whole name with the dot at its end",
        "ok",
        lambda w: w.url("http://api-server.onyx-healthy.svc.cluster.local.:8080"),
    ),
    Variant("a path behind the URL", "ok", lambda w: w.url("http://api-server:8080/")),
    Variant("another cluster domain", "ok", lambda w: w.url("http://api-server.onyx-healthy.svc.corp.example:8080")),
    Variant("a ConfigMap that was changed to another right name", "ok", changed_map),
    Variant("a ConfigMap that was changed, and the old name is called", "fault", stale_map, ("internal-url-stale",)),
    Variant("our namespace by its label", "ok", other_namespace_selected),
    Variant(
        "every namespace, every pod",
        "ok",
        lambda w: w.policy("in", API, "Ingress", ingress=[{"from": [{"namespaceSelector": {}}]}]),
    ),
    Variant(
        "a policy of two that opens DNS alone",
        "ok",
        lambda w: w.policy("a", WEB, "Egress", egress=[TO_API]).policy(
            "b", {}, "Egress", egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}]
        ),
    ),
    Variant(
        "another port is allowed only, and calls time out",
        "fault",
        lambda w: w.policy("in", API, "Ingress", ingress=[{"ports": [{"port": 9000}]}]).log(
            "web-server", (40, TIMED_OUT), (5, TIMED_OUT)
        ),
        ("network-policy-blocks",),
    ),
    Variant(
        "a policy about pods that are not there",
        "ok",
        lambda w: quiet(w).policy("in", {"matchLabels": {"app": "api-server", "tier": "old"}}, "Ingress"),
    ),
    Variant(
        "slow once, and the caller is served",
        "open",
        lambda w: w.with_main("api-server", readinessProbe=None, livenessProbe=None).answers("timed_out"),
    ),
    Variant(
        "hanging, and calls time out",
        "fault",
        lambda w: (
            w.with_main("api-server", readinessProbe=None, livenessProbe=None)
            .answers("timed_out")
            .log("web-server", (40, TIMED_OUT), (5, TIMED_OUT))
        ),
        ("api-not-responding",),
    ),
    Variant(
        "a passing refusal while a pod was replaced",
        "ok",
        lambda w: w.log("web-server", (90, REFUSED.format("172.30.234.137:8080")), (80, "GET /api/me 200 in 9ms")),
    ),
    Variant(
        "a database that flaps, while the API serves", "open", lambda w: database(w, "redis", ready=False, host="")
    ),
    Variant("the same version, built for another processor", "ok", lambda w: image(w, "v4.6.1", "v4.6.1-arm64")),
    Variant("versions apart by a patch", "ok", lambda w: image(w, "v4.5.6", "v4.6.1")),
    Variant(
        "a failed Job of the release",
        "ok",
        lambda w: w.view["pods"].append(
            {
                "metadata": {
                    "name": "migrate-x",
                    "uid": "j",
                    "labels": {"app": "migrate"},
                    "ownerReferences": [{"kind": "Job", "name": "migrate", "uid": "j1", "controller": True}],
                },
                "status": {
                    "phase": "Failed",
                    "containerStatuses": [{"name": "m", "state": {"terminated": {"exitCode": 1}}}],
                },
            }
        ),
    ),
    Variant(
        "a running Job that bears the label of the API",
        "open",
        lambda w: w.view["pods"].append(
            {
                "metadata": {
                    "name": "migrate-y",
                    "uid": "j",
                    "labels": {"app": "api-server"},
                    "ownerReferences": [{"kind": "Job", "name": "migrate", "uid": "j1", "controller": True}],
                },
                "spec": {"containers": [{"name": "m", "image": "m:1"}]},
                "status": {
                    "phase": "Running",
                    "containerStatuses": [
                        {"name": "m", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 4}
                    ],
                },
            }
        ),
    ),
    Variant(
        "ended with 143 by a rollout, once",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=500, lasted=2 * DAY, code=143),
    ),
    Variant(
        "two crashes within five minutes after days of peace, now up for long",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=1500, lasted=100, count=2),
    ),
    Variant(
        "crashed ten seconds ago for the third time",
        "fault",
        lambda w: w.restarted(w.pod("api-server"), ended=12, lasted=20, count=3),
        ("api-crash-looping",),
    ),
    Variant("an update under way, and an old outage pasted", "ok", rolling, paste=PASTE.format("172.30.234.137")),
    Variant(
        "every pod is on a node that is cordoned",
        "ok",
        lambda w: w.view["nodes"][0].setdefault("spec", {}).update(unschedulable=True),
    ),
    Variant("the health endpoint wants a login", "open", lambda w: w.answers("http_error", 401)),
    Variant("the health endpoint redirects", "open", lambda w: w.answers("http_error", 302)),
    Variant(
        "no readiness probe, port closed, calls refused",
        "fault",
        lambda w: (
            w.with_main("api-server", readinessProbe=None, livenessProbe=None)
            .answers("refused")
            .log("web-server", (40, REFUSED.format("172.30.234.137:8080")), (4, REFUSED.format("172.30.234.137:8080")))
        ),
        ("api-not-listening",),
    ),
)
