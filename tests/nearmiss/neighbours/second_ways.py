"""A second round: ways, settings, neighbours and logs that read like a fault, or like none."""

from tests.nearmiss.neighbours.others import EXITING, PG_DOWN, part_of, silent, using
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import SERVED, WELL, crash_log, down
from tests.nearmiss.variants.network import API, KUBE_SYSTEM, REFUSED, TIMED_OUT, TO_API, WEB, oom, quiet
from tests.nearmiss.variants.unread import unread
from tests.nearmiss.variants.urls import NOT_FOUND, SERVES_8080
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import World

HERE = "172.30.234.137:8080"
OWN = {"kubernetes.io/metadata.name": "onyx-healthy"}
DNS = {"to": [KUBE_SYSTEM], "ports": [{"port": 53, "protocol": "UDP"}]}


def paused_with_old_url(world: World) -> World:
    """The template has the right URL, and is paused; the pods still have the wrong one."""
    made = world.workload("web-server")
    made["spec"]["paused"] = True
    for spec in (world.pod("web-server")["spec"], world.view["replicasets"][1]["spec"]["template"]["spec"]):
        spec["containers"][0].pop("envFrom", None)
        spec["containers"][0]["env"] = [{"name": "INTERNAL_URL", "value": "http://backend-old:8080"}]
    template = made["spec"]["template"]["spec"]["containers"][0]
    template.pop("envFrom", None)
    template["env"] = [{"name": "INTERNAL_URL", "value": "http://api-server:8080"}]
    return failing(world, NOT_FOUND.format("backend-old"))


def no_key(world: World) -> World:
    """The variable is of a key that may be missing, and is; so the program calls its own pod."""
    world.env("web-server", {"name": "INTERNAL_URL", "valueFrom": {"configMapKeyRef": {
        "name": "web-server-config", "key": "API_URL", "optional": True}}})  # fmt: skip
    return failing(world, REFUSED.format("127.0.0.1:8080"))


def two_ports(world: World, url: str) -> World:
    world.service()["spec"]["ports"] = [{"name": "web", "port": 80, "targetPort": 8080}, SERVES_8080]
    world.view["endpoints"][0]["ports"].append({"name": "web", "port": 8080})
    return world.url(url)


def alias_of_cache(world: World) -> World:
    """The settings name an alias of a cache outside; a Redis in the namespace crashes."""
    part_of(using(world, REDIS_HOST="cache"), "redis", 6379, "redis:7")
    world.add_service("cache", None, type="ExternalName", clusterIP="", externalName="prod.abc.cache.amazonaws.com")
    return world.crashing(world.pod("redis"))


def index_waits(world: World) -> World:
    """The index that is used waits for its volume, and the API ends of it."""
    part_of(using(world, VESPA_HOST="vespa"), "vespa", 19071, "vespaengine/vespa:8", ready=False)
    pod = world.pod("vespa-abc")
    pod["status"]["phase"] = "Pending"
    pod["status"]["containerStatuses"] = []
    pod["status"]["conditions"] = [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
            "lastTransitionTime": world.ago(900),
        }
    ]
    world.event(pod, "Pod", "FailedScheduling", "0/3 nodes are available: pod has unbound immediate "
                                                "PersistentVolumeClaims.", 20)  # fmt: skip
    return crash_log(world, (62, "Could not connect to Vespa within the specified timeout."), EXITING)


def failing_over(world: World) -> World:
    """The database's primary changes: for six seconds its Service has no endpoint, both pods are ready."""
    part_of(using(world, POSTGRES_HOST="pg-rw"), "pg", 5432, "postgres:16", replicas=2)
    world.add_service("pg-rw", {"app": "pg", "role": "primary"}, {"port": 5432})
    world.view["endpoints"].append({"service": "pg-rw", "addresses": [], "ports": []})
    return world.log("api-server", (5, "OSError: " + PG_DOWN.format("pg-rw", 5432)), SERVED)


def restarted_database(world: World) -> World:
    """The database began again twenty seconds ago; a few calls failed, and users are served again."""
    part_of(using(world, POSTGRES_HOST="postgres"), "postgres", 5432, "postgres:16")
    world.restarted(world.pod("postgres-abc"), ended=22, lasted=500_000)
    return world.log("api-server", (21, PG_DOWN.format("postgres", 5432)), SERVED)


def by_sidecar(world: World, *, crash: bool) -> World:
    """The database is reached by a proxy in the pod, on its own loopback."""
    using(world, POSTGRES_HOST="127.0.0.1")
    world.container("api-server", name="cloud-sql-proxy", image="gcr.io/cloud-sql-connectors/cloud-sql-proxy:2")
    if not crash:
        return world
    pod = world.pod("api-server")
    world.crashing(pod, container=1)
    pod["status"]["containerStatuses"][0]["ready"] = True
    return down(world)


def each(world: World, *lines: str) -> World:
    """The caller's log holds these lines in turn, until now."""
    return world.log("web-server", *((float(age), lines[number % len(lines)])
                                     for number, age in enumerate(range(110, 0, -9))))  # fmt: skip


def api_says(world: World, *lines: str) -> World:
    rows = [(float(age), lines[number % len(lines)]) for number, age in enumerate(range(110, 0, -9))]
    return world.log("api-server", *rows)


def only_pods(world: World) -> World:
    """An account that may list pods, and nothing else."""
    unread(world, "services", "endpoints", "deployments", "replicasets", "configmaps", "events", "nodes", "namespaces")
    world.view["health"] = []
    return silent(world, "api", "web")


def unasked(world: World) -> World:
    """Neither logs nor the proxies to pods and Services are allowed."""
    gap = {"reason": "forbidden", "what": "the health endpoint", "verb": "get", "resource": "pods/proxy",
           "namespace": "onyx-healthy"}  # fmt: skip
    for item in world.view["health"]:
        item |= {"outcome": None, "status": 0, "gap": gap}
    return silent(world, "api", "web")


SECOND_WAYS = (
    # settings
    Variant("the template was put right and is paused, the pods have the wrong URL", "fault", paused_with_old_url,
            ("internal-url-wrong", "internal-url-stale")),
    Variant("a key that may be missing is missing, and it calls its own pod", "fault", no_key,
            ("internal-url-missing", "internal-url-wrong")),
    Variant("no port in the URL, of a Service that has 80 as well", "ok",
            lambda w: two_ports(w, "http://api-server")),
    Variant("two slashes at the end of the URL", "ok", lambda w: w.url("http://api-server:8080//")),
    Variant("the name of a port in the URL", "fault",
            lambda w: failing(w.url("http://api-server:http"), "Error fetching user: TypeError: Failed to parse URL "
                                                               "from http://api-server:http/me"),
            ("internal-url-wrong", "internal-url-malformed")),
    Variant("another scheme in the URL", "fault",
            lambda w: failing(w.url("grpc://api-server:8080"), "Error fetching user: TypeError: fetch failed [cause]: "
                                                               "Error: unknown scheme"),
            ("internal-url-wrong", "internal-url-malformed")),
    # policies
    Variant("the namespace by its own name, which its labels do not show", "ok",
            lambda w: w.policy("in", API, "Ingress",
                               ingress=[{"from": [{"namespaceSelector": {"matchLabels": OWN}}]}])),
    Variant("out to the namespace by its own name, and DNS", "ok",
            lambda w: w.policy("out", WEB, "Egress",
                               egress=[{"to": [{"namespaceSelector": {"matchLabels": OWN}}]}, DNS])),
    Variant("DNS of the node's own cache", "open",
            lambda w: w.policy("out", WEB, "Egress",
                               egress=[TO_API, {"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}]}])),
    Variant("out to the cluster IP alone, which is no address of a pod, and calls time out", "fault",
            lambda w: failing(w.policy("out", WEB, "Egress", egress=[
                {"to": [{"ipBlock": {"cidr": "172.30.234.137/32"}}]}, DNS]), TIMED_OUT), ("network-policy-blocks",)),
    Variant("out to the cluster IP alone, and calls succeed", "open",
            lambda w: w.policy("out", WEB, "Egress", egress=[{"to": [{"ipBlock": {"cidr": "172.30.234.137/32"}}]},
                                                             DNS])),
    Variant("the entrance's namespace is let in alone, and calls time out", "fault",
            lambda w: failing(w.policy("in", API, "Ingress", ingress=[{"from": [{"namespaceSelector": {
                "matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]}]), TIMED_OUT),
            ("network-policy-blocks",)),
    Variant("the web server is closed to all, and nobody calls", "open",
            lambda w: quiet(w).policy("in", WEB, "Ingress")),
    # dependencies
    Variant("the settings name an alias of a cache outside, a Redis beside it crashes", "ok", alias_of_cache),
    Variant("the index that is used waits for its volume, and the API ends of it", "fault", index_waits,
            ("dependency-down",)),
    Variant("the database's primary changes for six seconds", "open", failing_over),
    Variant("the database began again twenty seconds ago, and users are served", "open", restarted_database),
    Variant("the database is reached by a proxy in the pod", "ok", lambda w: by_sidecar(w, crash=False)),
    Variant("the proxy to the database crashes in the pod", "names", lambda w: by_sidecar(w, crash=True),
            ("api-crash-looping", "api-sidecar-failing"), ("cloud-sql-proxy",)),
    Variant("the model server is switched off by its setting", "ok", lambda w: using(w, MODEL_SERVER_HOST="disabled")),
    Variant("a page of administration for Postgres is not ready, the database is outside", "ok",
            lambda w: w.beside("postgres-admin", {"app": "pgadmin"}, ready=False, ports=[{"containerPort": 80}])),
    Variant("a bucket outside forbids, and the API serves", "open",
            lambda w: w.log("api-server", (30, ("botocore.exceptions.ClientError: An error occurred (403) when calling "
                                               "the HeadBucket operation: Forbidden")), SERVED)),
    Variant("the model is refused, of which chats live, and the API serves", "fault",
            lambda w: w.log("api-server", (30, ("litellm.APIConnectionError: OllamaException - [Errno 111] Connection "
                                               "refused")), SERVED), ("llm-unreachable",)),
    # logs
    Variant("every call is answered by the page of a proxy", "open",
            lambda w: each(w, "fetchSettingsSS: settings failed status=502 body=<html><head><title>502 Bad Gateway"
                              "</title></head>"), not_healthy=True),
    Variant("axios tells that every call failed with 500", "open",
            lambda w: each(w, "AxiosError: Request failed with status code 500 GET /api/me"), not_healthy=True),
    Variant("records of JSON, and every call is answered", "ok",
            lambda w: each(w, '{"level":"info","msg":"request","method":"GET","path":"/api/me","status":200}')),
    Variant("records of JSON, and every call is answered by 503", "open",
            lambda w: each(w, '{"level":"error","msg":"request","method":"GET","path":"/api/me","status":503}'),
            not_healthy=True),
    Variant("one path fails each time, and all others are answered", "open",
            lambda w: each(w, WELL[1], "GET /api/settings 200 in 4ms", "GET /api/admin/stats 500 in 9ms")),
    Variant("the API answers every call by 500, as its own log says", "open",
            lambda w: api_says(quiet(w), 'INFO:     10.85.0.76:40000 - "GET /me HTTP/1.1" 500 Internal Server Error'),
            not_healthy=True),
    Variant("an exception that was handled, and every call is served", "open",
            lambda w: api_says(w, "WARNING retrying after ConnectionResetError(104, 'Connection reset by peer')",
                               SERVED[1])),
    Variant("too many calls at a time are answered by 429", "open",
            lambda w: each(w, "GET /api/chat 429 in 2ms", WELL[1])),
    # whose paste
    Variant("the paste is an upstream's line of our own address", "fault", oom, ("api-oom-killed",), (),
            "2026/11/23 17:45:01 [error] 29#29: *12 connect() failed (111: Connection refused) while connecting to "
            f'upstream, client: 10.0.0.9, server: _, request: "GET /api/me HTTP/1.1", upstream: "http://{HERE}/me"'),
    Variant("the paste is of another port of the pod", "part", oom, ("api-oom-killed",), (),
            REFUSED.format("10.85.0.77:9464")),
    Variant("the paste is of a cache's name", "part", oom, ("api-oom-killed",), (), NOT_FOUND.format("redis")),
    Variant("the paste is of a database's address outside", "part", oom, ("api-oom-killed",), (),
            'connection to server at "db.corp.example" (10.44.0.9), port 5432 failed: Connection timed out'),
    # rights
    Variant("pods alone may be listed, and are ready", "open", only_pods),
    Variant("pods alone may be listed, and the API crashes", "fault",
            lambda w: only_pods(w.crashing(w.pod("api-server"))), ("api-crash-looping",)),
    Variant("neither logs nor health may be asked, and all is ready", "open", unasked),
    Variant("settings may not be read, and a name is not found that looks like the API's", "open",
            lambda w: unread(failing(w, NOT_FOUND.format("api-sever")), "configmaps"), not_healthy=True),
)  # fmt: skip
