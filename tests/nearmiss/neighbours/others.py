"""Pastes, dependencies, logs and what may not be read: whose it is, and who suffers of it."""

from typing import Any

from tests.nearmiss.shops.making import born
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, SERVED, WELL, crash_log, down, image, refused
from tests.nearmiss.variants.more import recreated
from tests.nearmiss.variants.network import REFUSED, database, oom
from tests.nearmiss.variants.pods import OUTAGE, PASTE, PROBE_503
from tests.nearmiss.variants.unread import unread
from tests.nearmiss.variants.urls import NOT_FOUND
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

EXITING = (61, "Application startup failed. Exiting.")
REDIS_DOWN = "redis.exceptions.ConnectionError: Error 111 connecting to {}:6379. Connection refused."
PG_DOWN = 'connection to server at "{}" (10.3.2.1), port {} failed: Connection refused'


def using(world: World, **variables: str) -> World:
    return world.env("api-server", *({"name": name, "value": value} for name, value in variables.items()))


def part_of(world: World, name: str, port: int, what: str, **how: Any) -> World:
    """Something that the app may use, with a Service of its name."""
    world.beside(name, {"app": name}, ports=[{"containerPort": port}], image=what, **how)
    return world.add_service(name, {"app": name}, {"port": port})


def cache_at_zero(world: World) -> World:
    """Redis is at zero, the settings name it, and the API's log has refused calls to it until now."""
    part_of(using(world, REDIS_HOST="redis"), "redis", 6379, "redis:7", replicas=0)
    world.view["endpoints"].append({"service": "redis", "addresses": [], "ports": []})
    line = REDIS_DOWN.format("redis")
    return world.log("api-server", *((age, line) for age in (200, 120, 60, 20, 4)))


def no_master(world: World) -> World:
    """Sentinel has no master; the API is not ready of it."""
    part_of(using(world, REDIS_HOST="redis"), "redis", 6379, "redis:7", ready=False)
    pod = world.pod("api-server")
    world.not_ready(pod, 400).event(pod, "Pod", "Unhealthy", PROBE_503, 4).answers("http_error", 503)
    line = "redis.sentinel.MasterNotFoundError: No master found for 'mymaster'"
    return down(world.log("api-server", *((age, line) for age in (200, 120, 60, 20, 4))))


def postgres_lacks_secret(world: World) -> World:
    database(world, "postgres", ready=False, host="postgres")
    pod = world.pod("postgres-abc")
    message = 'secret "postgres-auth" not found'
    pod["status"]["phase"] = "Pending"
    pod["status"]["containerStatuses"][0] |= {
        "started": False,
        "state": {"waiting": {"reason": "CreateContainerConfigError", "message": message}},
    }
    world.event(pod, "Pod", "Failed", f"Error: {message}", 9)
    return crash_log(world, (62, PG_DOWN.format("postgres", 5432)), EXITING)


def pooled(world: World, *, pooler: bool, server: bool) -> World:
    """The settings name a pooler, and Postgres stands behind it."""
    part_of(
        using(world, POSTGRES_HOST="pgbouncer", POSTGRES_PORT="6432"), "pgbouncer", 6432, "pgbouncer:1", ready=pooler
    )
    return part_of(world, "postgresql", 5432, "postgres:16", ready=server)


def instance(world: World, name: str, *, crash: bool, primary: bool) -> World:
    """A pod of a database that an operator keeps (CloudNativePG): it has no workload."""
    world.beside(name, {"cnpg.io/cluster": "onyx-pg", "cnpg.io/podRole": "instance",
                        "cnpg.io/instanceRole": "primary" if primary else "replica"},
                 ports=[{"containerPort": 5432}], image="ghcr.io/cloudnative-pg/postgresql:16")  # fmt: skip
    for kind in ("deployments", "replicasets"):
        world.view[kind] = [x for x in world.view[kind] if not x["metadata"]["name"].startswith(name)]
    pod = world.pod(name)
    pod["metadata"] |= {"name": name, "ownerReferences": [
        {"kind": "Cluster", "name": "onyx-pg", "uid": "cl", "controller": True}]}  # fmt: skip
    pod["status"]["podIP"] = f"10.85.3.{len(world.view['pods'])}"
    return world.crashing(pod) if crash else world


def operated(world: World, *, first: bool, second: bool) -> World:
    """A Cluster of two; the first is the primary, to which the settings lead."""
    using(world, POSTGRES_HOST="onyx-pg-rw")
    instance(world, "onyx-pg-1", crash=not first, primary=True)
    instance(world, "onyx-pg-2", crash=not second, primary=False)
    for name, role in (("onyx-pg-rw", "primary"), ("onyx-pg-ro", "replica")):
        world.add_service(name, {"cnpg.io/cluster": "onyx-pg", "cnpg.io/instanceRole": role}, {"port": 5432})
    for name, number, well in (("onyx-pg-rw", 1, first), ("onyx-pg-ro", 2, second)):
        pod = world.pod(f"onyx-pg-{number}")
        world.view["endpoints"].append({"service": name, "ports": [{"port": 5432}], "addresses": [
            {"ip": pod["status"]["podIP"], "pod": pod["metadata"]["name"], "ready": well}]})  # fmt: skip
    return world


def silent(world: World, *pods: str) -> World:
    """Their logs may not be read."""
    gap = {"reason": "forbidden", "what": "the log", "verb": "get", "resource": "pods/log", "namespace": "onyx-healthy"}
    for item in world.view["logs"]:
        if any(item["pod"].startswith(name) for name in pods):
            item |= {"text": None, "gap": gap}
    return world


def cut_short(world: World) -> World:
    """There are more pods than are read; the API's pods are among those that were not."""
    world.unasked(world.pod("api-server"))
    world.view["pods"] = [x for x in world.view["pods"] if not x["metadata"]["name"].startswith("api-")]
    world.view["logs"] = [x for x in world.view["logs"] if x["container"] != "api-server"]
    world.view.setdefault("gaps", {})["pods"] = {"reason": "cut_off", "what": "pods beyond the first 500"}
    return world


def remade(world: World) -> World:
    """The Deployment was deleted and made again twenty seconds ago."""
    pod = world.pod("api-server")
    born(world, pod, 18)
    world.not_ready(pod, 18).answers("refused", service=False).answers("no_endpoints", pod=False)
    made = world.workload("api-server")
    made["metadata"] |= {"uid": "new-deployment", "creationTimestamp": world.ago(20)}
    owner = next(x for x in world.view["replicasets"] if x["metadata"]["name"].startswith("api-server"))
    owner["metadata"] |= {"creationTimestamp": world.ago(19)}
    owner["metadata"]["ownerReferences"][0]["uid"] = "new-deployment"
    world.event(
        {"metadata": {"name": "api-server", "uid": "old"}},
        "Deployment",
        "ScalingReplicaSet",
        "Scaled down replica set api-server-5d9c from 1 to 0",
        25,
    )
    return world.log("web-server", (60, WELL[1]), (16, REFUSED.format(HERE)), (3, REFUSED.format(HERE)))


def back_from_zero(world: World, age: float) -> World:
    """It was scaled to zero four minutes ago, and to one again this long ago."""
    pod = world.pod("api-server")
    made = world.workload("api-server")
    for message, ago in (
        ("Scaled down replica set api-server-97df48b64 from 1 to 0", 240),
        ("Scaled up replica set api-server-97df48b64 from 0 to 1", age),
    ):
        world.event(made, "Deployment", "ScalingReplicaSet", message, ago)
    born(world, pod, age)
    if age > 60:
        return world.log(
            "web-server", (230, REFUSED.format(HERE)), (age + 9, REFUSED.format(HERE)), (age - 20, WELL[1]), WELL
        )
    world.not_ready(pod, age).answers("refused", service=False).answers("no_endpoints", pod=False)
    return refused(world)


def replaced_at_once(world: World) -> World:
    """As a rollout that may take all away: refused for half a minute ten minutes ago, and served since."""
    recreated(world)
    return world.log(
        "web-server",
        (700, WELL[1]),
        (635, REFUSED.format(HERE)),
        (610, REFUSED.format(HERE)),
        (590, WELL[1]),
        (100, WELL[1]),
        WELL,
    )


OTHERS = (
    # whose paste
    Variant("the paste is of the web server's own address", "part", oom, ("api-oom-killed",), (),
            PASTE.format("10.85.0.76")),
    Variant("the paste says that our own Service's name is not found", "part", oom, ("api-oom-killed",), (),
            NOT_FOUND.format("api-server")),
    Variant("the paste is of a loopback", "part", oom, ("api-oom-killed",), (),
            REFUSED.format("127.0.0.1:5432")),
    Variant("the paste has our cluster IP as an address of IPv6", "fault", oom, ("api-oom-killed",), (),
            PASTE.format("::ffff:172.30.234.137")),
    Variant("the paste is of another program's timeout to an address that is nobody's", "part", oom,
            ("api-oom-killed",), (), "upstream timed out (110: Operation timed out) while connecting to upstream, "
                                     'upstream: "http://10.11.12.13:8080/api/me"'),
    Variant("the paste names our Service in another namespace by its full name", "part", oom, ("api-oom-killed",), (),
            "curl: (7) Failed to connect to api-server.onyx-prod.svc.cluster.local port 8080 after 2 ms"),
    Variant("the paste names our Service by its full name", "fault", oom, ("api-oom-killed",), (),
            "curl: (7) Failed to connect to api-server.onyx-healthy.svc.cluster.local port 8080 after 2 ms: "
            "Connection refused"),
    # dependencies
    Variant("a cache outside refuses, and the API ends of it", "fault",
            lambda w: crash_log(using(w, REDIS_HOST="prod.abc.cache.amazonaws.com"),
                                (62, REDIS_DOWN.format("prod.abc.cache.amazonaws.com")), EXITING),
            ("dependency-down",), ("Redis",)),
    Variant("the cache that is used is at zero, and every call to it is refused", "fault", cache_at_zero,
            ("dependency-down",), ("Redis",)),
    Variant("Sentinel has no master, and the API is not ready of it", "fault", no_master,
            ("dependency-down", "api-not-ready")),
    Variant("Postgres lacks its Secret, and the API ends of it", "fault", postgres_lacks_secret, ("dependency-down",),
            ("Postgres",)),
    Variant("the pooler that is used is down, and the API ends of it", "fault",
            lambda w: crash_log(pooled(w, pooler=False, server=True), (62, PG_DOWN.format("pgbouncer", 6432)), EXITING),
            ("dependency-down",)),
    Variant("the pooler that is used is up, and the API serves; the server is not ready", "open",
            lambda w: pooled(w, pooler=True, server=False)),
    Variant("an index outside does not answer, and the API ends of it", "fault",
            lambda w: crash_log(using(w, OPENSEARCH_HOST="search.corp.example"),
                                (62, ("opensearchpy.exceptions.ConnectionError: ConnectionError(<urllib3.connection."
                                     "HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno "
                                     "111] Connection refused) search.corp.example:9200")), EXITING),
            ("dependency-down",)),
    Variant("the bundled Vespa is down, and the settings name a Vespa outside", "ok",
            lambda w: part_of(using(w, VESPA_HOST="vespa.corp.example"), "vespa", 19071, "vespaengine/vespa:8",
                              ready=False)),
    Variant("the second of an operator's two databases crashes, and the API serves", "ok",
            lambda w: operated(w, first=True, second=False), (), ("onyx-pg-2",)),
    Variant("the first of an operator's two databases crashes, and the API ends of it", "fault",
            lambda w: crash_log(operated(w, first=False, second=True), (62, PG_DOWN.format("onyx-pg-rw", 5432)),
                                EXITING), ("dependency-down",), ("onyx-pg-1",)),
    Variant("an operator's two databases are well", "ok", lambda w: operated(w, first=True, second=True)),
    # versions and images
    Variant("an image by its digest alone", "ok", lambda w: w.with_main(
        "api-server", image="onyxdotapp/onyx-backend@sha256:9f2b5c0d1e3a")),
    Variant("the web server is older than the API by a major version", "open",
            lambda w: image(w, "v4.6.1", "v3.3.14")),
    # time
    Variant("the Deployment was made again twenty seconds ago", "open", remade),
    Variant("back from zero for six seconds", "open", lambda w: back_from_zero(w, 6)),
    Variant("back from zero for three minutes", "ok", lambda w: back_from_zero(w, 180)),
    Variant("all pods were replaced at once ten minutes ago, and calls were refused then", "ok", replaced_at_once),
    Variant("an overload of a minute ago, and calls time out now", "fault",
            lambda w: (w.with_main("api-server", readinessProbe=None, livenessProbe=None).answers("timed_out")
                       .log("api-server", (62, "QueuePool limit of size 40 overflow 10 reached, connection timed out"),
                            (9, "QueuePool limit of size 40 overflow 10 reached, connection timed out"))
                       .log("web-server", *((age, "Error: UND_ERR_HEADERS_TIMEOUT headers timeout " + HERE)
                                            for age in (120, 60, 20, 4)))),
            ("api-overloaded", "api-not-responding")),
    # what is not seen
    Variant("no log may be read, and all answers", "open", lambda w: silent(w, "api", "web")),
    Variant("no log may be read, and it crashes", "fault",
            lambda w: silent(w.crashing(w.pod("api-server")).answers("no_endpoints"), "api", "web"),
            ("api-crash-looping",)),
    Variant("events and logs may not be read, and its probe fails", "fault",
            lambda w: silent(unread(down(w.not_ready(w.pod("api-server"), 600).answers("http_error", 503)), "events"),
                             "api", "web"), ("api-not-ready",)),
    Variant("only a part of the pods was read, without the API's", "open", cut_short),
    Variant("Services may not be read, and all answers", "open",
            lambda w: (unread(w, "services", "endpoints"),
                       w.view.update(health=[x for x in w.view["health"] if x["target"].startswith("pod/")]))),
    Variant("Deployments may not be read, and it is at zero, and calls are refused", "open",
            lambda w: (unread(w, "deployments", "replicasets"), cut_nothing(w)), not_healthy=True),
    # logs
    Variant("users are served, and some lines of the API tell of refused calls to its own worker", "open",
            lambda w: w.log("api-server", (60, "ERROR code interpreter: connect to 127.0.0.1:8899 refused"), SERVED)),
    Variant("one call of three fails with 500, until now", "open",
            lambda w: w.log("web-server", *((age, f"GET /api/me {500 if age % 30 == 0 else 200} in 9ms")
                                            for age in range(120, 0, -10)))),
    Variant("each call was answered by 500 until two hours ago", "ok",
            lambda w: w.log("web-server", *((7_200.0 + age, "GET /api/me 500 in 9ms") for age in range(90, 0, -10)),
                            (60, WELL[1]), WELL)),
    Variant("a webhook that users set up is refused, and all is served", "ok",
            lambda w: w.log("api-server", (40, "WARNING hook 3: POST http://hooks.acme.example/x: Connection refused"),
                            SERVED)),
    Variant("the log has not moved for a day, and it answers", "ok",
            lambda w: w.log("web-server", (DAY, WELL[1])).log("api-server", (DAY, ("INFO: Application startup "
                                                                                  "complete.")))),
    Variant("it is killed for memory, and its web server's log has not moved for a day", "fault",
            lambda w: oom(w).log("web-server", (DAY, WELL[1])), ("api-oom-killed",), (), OUTAGE),
    Variant("a mesh answers 503 for all that it is sent", "open",
            lambda w: failing(w, "Error fetching user: 503 no healthy upstream"), not_healthy=True),
)  # fmt: skip


def cut_nothing(world: World) -> World:
    """No pod of the API is there, and calls to it are refused."""
    world.unasked(world.pod("api-server"))
    world.view["pods"] = [x for x in world.view["pods"] if not x["metadata"]["name"].startswith("api-")]
    world.view["logs"] = [x for x in world.view["logs"] if x["container"] != "api-server"]
    world.view["endpoints"][0]["addresses"] = []
    return refused(world.answers("no_endpoints"))
