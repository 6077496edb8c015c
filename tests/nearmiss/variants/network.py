"""Policies, Services, logs, dependencies and pastes."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.pods import OUTAGE, PASTE
from tests.support.near_miss_world import DAY, World

API, WEB = {"matchLabels": {"app": "api-server"}}, {"matchLabels": {"app": "web-server"}}
TO_API = {"to": [{"podSelector": API}], "ports": [{"port": 8080}]}
KUBE_SYSTEM = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
TIMED_OUT = "[cause]: Error: connect ETIMEDOUT 172.30.234.137:8080"
REFUSED = "[cause]: Error: connect ECONNREFUSED {}"
AGAIN = "[cause]: Error: getaddrinfo EAI_AGAIN api-server"
OOM = {"code": 137, "reason": "OOMKilled"}


def egress(world: World, *rules: dict) -> World:
    return world.policy("web-out", WEB, "Egress", egress=[TO_API, *rules])


def quiet(world: World) -> World:
    """The caller's log holds no call at all."""
    return world.log("web-server", (3 * DAY, " ✓ Ready in 412ms"))


def too_wide(world: World) -> World:
    """The Service also selects another program's pod, which has no such port, and some calls are refused."""
    world.beside("report", {"app": "api-server", "component": "report"}, ports=[{"containerPort": 9999}])
    world.view["endpoints"][0]["addresses"].append({"ip": "10.85.7.7", "pod": "report-abc-0"})
    return world


def database(world: World, name: str, *, ready: bool, host: str = "", service: bool = True) -> World:
    world.beside(name, {"app": name}, ready=ready, ports=[{"containerPort": 5432}], image="postgres:16")
    if service:
        world.add_service(name, {"app": name}, {"port": 5432})
    if host:
        world.env("api-server", {"name": "POSTGRES_HOST", "value": host})
    return world


def oom(world: World) -> World:
    return world.crashing(world.pod("api-server"), **OOM).answers("no_endpoints")


NETWORK = (
    Variant(
        "DNS by a named port",
        "ok",
        lambda w: egress(w, {"to": [KUBE_SYSTEM], "ports": [{"port": "dns", "protocol": "UDP"}]}),
    ),
    Variant("DNS by its address", "ok", lambda w: egress(w, {"to": [{"ipBlock": {"cidr": "172.30.0.10/32"}}]})),
    Variant(
        "everything but the metadata service",
        "ok",
        lambda w: w.policy(
            "web-out",
            WEB,
            "Egress",
            egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}],
        ),
    ),
    Variant(
        "the pod's address is excepted, and calls fail",
        "fault",
        lambda w: w.policy(
            "web-out", WEB, "Egress", egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.85.0.0/16"]}}]}]
        ).log("web-server", (40, TIMED_OUT), (5, TIMED_OUT)),
        ("network-policy-blocks",),
    ),
    Variant(
        "the port by its name in the pod",
        "ok",
        lambda w: w.with_main("api-server", ports=[{"name": "http", "containerPort": 8080}]).policy(
            "in", API, "Ingress", ingress=[{"ports": [{"port": "http"}]}]
        ),
    ),
    Variant(
        "a policy that denies, and nobody calls",
        "fault",
        lambda w: quiet(w).policy("in", API, "Ingress"),
        ("network-policy-blocks",),
    ),
    Variant("a policy that denies, while calls succeed", "open", lambda w: w.policy("in", API, "Ingress")),
    Variant(
        "a policy that denies, and calls time out",
        "fault",
        lambda w: w.policy("in", API, "Ingress").log("web-server", (40, TIMED_OUT), (5, TIMED_OUT)),
        ("network-policy-blocks",),
    ),
    Variant(
        "a policy for pods on the host's network",
        "open",
        lambda w: (
            quiet(w)
            .with_spec("web-server", hostNetwork=True)
            .policy("in", API, "Ingress", ingress=[{"from": [{"podSelector": WEB}]}])
        ),
    ),
    Variant(
        "a policy for another namespace's label that we cannot see",
        "open",
        lambda w: (
            w.view.update(namespaces=[], gaps={"namespaces": {"reason": "forbidden", "what": "the namespace itself"}}),
            w.policy("in", API, "Ingress", ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}]}]),
        ),
    ),
    Variant(
        "no DNS, and names are not resolved",
        "fault",
        lambda w: egress(w).log("web-server", (40, AGAIN), (5, AGAIN)),
        ("network-policy-blocks",),
    ),
    Variant("a mesh that answers 403", "open", lambda w: w.answers("http_error", 403), not_healthy=True),
    Variant(
        "a mesh that denies the caller",
        "open",
        lambda w: w.log(
            "web-server", (30, "Error fetching user: 403 RBAC: access denied"), (4, "403 RBAC: access denied")
        ),
        not_healthy=True,
    ),
    Variant("a Service that is too wide", "open", too_wide, not_healthy=True),
    Variant(
        "an undeclared port that answers",
        "ok",
        lambda w: (w.service()["spec"]["ports"][0].update(targetPort=9090), w.with_main("api-server", ports=[])),
    ),
    Variant(
        "a named port of a sidecar",
        "ok",
        lambda w: (
            w.container("api-server", name="proxy", ports=[{"name": "web", "containerPort": 4180}]),
            w.service()["spec"]["ports"][0].update(targetPort="web"),
        ),
    ),
    Variant(
        "a second Service that leads nowhere", "ok", lambda w: w.add_service("old-api", {"app": "old"}, {"port": 8080})
    ),
    Variant(
        "every call is answered by 502",
        "open",
        lambda w: w.log("web-server", (40, "GET /api/me 502 in 3ms"), (5, "GET /api/me 502 in 2ms")),
        not_healthy=True,
    ),
    Variant(
        "one 500 among many that succeed",
        "ok",
        lambda w: w.log("web-server", (40, "GET /api/chat 500 in 3ms"), (5, "GET /api/me 200 in 2ms")),
    ),
    Variant(
        "refused calls of a worker in the same pod",
        "ok",
        lambda w: w.log("web-server", (40, REFUSED.format("127.0.0.1:9229")), (5, REFUSED.format("127.0.0.1:9229"))),
    ),
    Variant(
        "a telemetry host that is not found",
        "ok",
        lambda w: w.log(
            "web-server", (40, "[cause]: Error: getaddrinfo ENOTFOUND eu.i.posthog.com"), (5, "GET /api/me 200 in 9ms")
        ),
    ),
    Variant(
        "refused calls of an hour ago",
        "ok",
        lambda w: w.log("web-server", (3700, REFUSED.format("172.30.234.137:8080")), (5, "GET /api/me 200 in 9ms")),
    ),
    Variant(
        "the cache is refused",
        "ok",
        lambda w: w.log("web-server", (40, REFUSED.format("10.85.3.3:6379")), (5, "GET /api/me 200 in 9ms")),
    ),
    Variant(
        "calls fail and nothing shows why",
        "open",
        lambda w: w.log(
            "web-server", (40, REFUSED.format("172.30.234.137:8080")), (5, REFUSED.format("172.30.234.137:8080"))
        ),
        not_healthy=True,
    ),
    Variant(
        "saturated last week",
        "ok",
        lambda w: w.log(
            "api-server", (6 * DAY, "QueuePool limit of size 40 overflow 10 reached"), (5, "INFO: GET /health 200")
        ),
    ),
    Variant(
        "saturated now and hanging",
        "fault",
        lambda w: (
            w.with_main("api-server", readinessProbe=None, livenessProbe=None)
            .log("api-server", (20, "QueuePool limit of size 40 overflow 10 reached"))
            .answers("timed_out")
            .log("web-server", (40, TIMED_OUT), (5, TIMED_OUT))
        ),
        ("api-overloaded",),
    ),
)

DEPENDENCIES = (
    Variant(
        "an operator of Postgres that is down",
        "ok",
        lambda w: w.beside(
            "postgres-operator", {"app": "postgres-operator"}, ready=False, ports=[{"containerPort": 8443}]
        ),
    ),
    Variant(
        "a metrics exporter with a Service that is down",
        "ok",
        lambda w: w.beside(
            "redis-exporter", {"app": "redis-exporter"}, ready=False, ports=[{"containerPort": 9121}]
        ).add_service("redis-exporter", {"app": "redis-exporter"}, {"port": 9121}),
    ),
    Variant(
        "a bundled Postgres that is not used",
        "ok",
        lambda w: database(w, "postgresql", ready=False, host="db.abc.eu-west-1.rds.amazonaws.com"),
    ),
    Variant(
        "a Postgres of another namespace is used",
        "ok",
        lambda w: database(w, "postgresql", ready=False, host="pg-rw.databases.svc"),
    ),
    Variant(
        "the Postgres that is used is not ready, while the API serves",
        "open",
        lambda w: database(w, "postgresql", ready=False, host="postgresql"),
    ),
    Variant(
        "the Postgres that is used is down, and the API crashes of it",
        "fault",
        lambda w: (
            database(w, "postgresql", ready=False, host="postgresql")
            .crashing(w.pod("api-server"))
            .answers("no_endpoints")
            .log(
                "api-server",
                (62, 'connection to server at "postgresql" (172.30.1.1), port 5432 failed: Connection refused'),
                previous=True,
            )
        ),
        ("dependency-down",),
        ("Postgres",),
    ),
    Variant(
        "an external Postgres refuses, and the API crashes of it",
        "fault",
        lambda w: (
            w.env("api-server", {"name": "POSTGRES_HOST", "value": "db.abc.rds.amazonaws.com"})
            .crashing(w.pod("api-server"))
            .answers("no_endpoints")
            .log(
                "api-server",
                (62, "OSError: Multiple exceptions: connect to db.abc.rds.amazonaws.com:6432 refused"),
                previous=True,
            )
        ),
        ("dependency-down",),
        ("Postgres",),
    ),
    Variant(
        "the cache was refused once at the start",
        "ok",
        lambda w: w.log(
            "api-server",
            (3 * DAY, "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379"),
            (3 * DAY - 5, "INFO: Application startup complete."),
        ),
    ),
    Variant(
        "a crash loop whose database was only slow at the start",
        "fault",
        lambda w: (
            w.crashing(w.pod("api-server"), **OOM)
            .answers("no_endpoints")
            .log(
                "api-server",
                (66, 'connection to server at "pg", port 5432 failed: Connection refused'),
                (64, "INFO: Application startup complete."),
                previous=True,
            )
        ),
        ("api-oom-killed",),
    ),
    Variant(
        "a failing neighbour that nobody needs", "ok", lambda w: w.beside("report", {"app": "report"}, ready=False)
    ),
)

PASTES = (
    Variant("this outage is ours", "fault", oom, ("api-oom-killed",), (), OUTAGE),
    Variant("an address of another cluster", "part", oom, ("api-oom-killed",), (), PASTE.format("10.200.3.4")),
    Variant("an address of IPv6 that is nobody's", "part", oom, ("api-oom-killed",), (), PASTE.format("[fd12::9]")),
    Variant(
        "a name of another namespace",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        "[cause]: Error: getaddrinfo ENOTFOUND api-server.staging.svc.cluster.local",
    ),
    Variant(
        "an outage pasted while two of three serve",
        "part",
        lambda w: w.crashing(w.replicas("api-server", 3).pods("api-server")[-1]),
        ("api-crash-looping",),
        ("1 of 3",),
        OUTAGE,
    ),
)
