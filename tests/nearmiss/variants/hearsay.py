"""What is only heard of: names, variables, lines of other places and times, dependencies outside, pastes."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, SERVED, WELL, down
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import REFUSED, database, oom
from tests.nearmiss.variants.pods import PASTE, PROBE_503
from tests.nearmiss.variants.urls import NOT_FOUND, SERVES_8080, env
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, World

TWO_HOURS = 7_200


def chained(world: World) -> World:
    """Three steps; the name of the host comes from a ConfigMap."""
    settings = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "web-server-config")
    settings["data"] = {"BACKEND": "api-server"}
    settings["keys"] = ["BACKEND"]
    host = {"name": "HOST", "valueFrom": {"configMapKeyRef": {"name": "web-server-config", "key": "BACKEND"}}}
    place = {"name": "PLACE", "value": "$(HOST):8080"}
    return world.env("web-server", host, place, {"name": "INTERNAL_URL", "value": "http://$(PLACE)"})


def from_host(world: World) -> World:
    world.view["pods"][0]["status"]["hostIP"] = "10.86.0.1"
    place = {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}
    return world.env("web-server", place, {"name": "INTERNAL_URL", "value": "http://$(NODE):8080"})


def overridden(world: World) -> World:
    """The map's value leads nowhere; a Secret that is read after it may say another."""
    world.url("http://old-api:8080")
    for container in world.main("web-server"):
        container["envFrom"] = [{"configMapRef": {"name": "web-server-config"}}, {"secretRef": {"name": "web"}}]
    return world


def aliased_to_itself(world: World) -> World:
    aliases = [{"ip": "127.0.0.1", "hostnames": ["api-server"]}]
    return failing(world.with_spec("web-server", hostAliases=aliases), REFUSED.format("127.0.0.1:8080"))


def node_dns(world: World) -> World:
    return failing(world.with_spec("web-server", dnsPolicy="Default"), NOT_FOUND.format("api-server"))


def own_dns(world: World) -> World:
    settings = {"nameservers": ["172.30.0.10"], "searches": ["onyx-healthy.svc.cluster.local", "svc.cluster.local"]}
    return world.with_spec("web-server", dnsPolicy="None", dnsConfig=settings)


def four_only(world: World) -> World:
    """Both families; the program listens on the addresses of the older one, and is called by the other."""
    world.service()["spec"] |= {"clusterIP": "fd00:10::7", "clusterIPs": ["fd00:10::7", "172.30.234.137"],
                                "ipFamilies": ["IPv6", "IPv4"], "ipFamilyPolicy": "RequireDualStack"}  # fmt: skip
    world.endpoints("api-server", "fd00::77")
    world.view["endpoints"][-1]["addresses"][0]["pod"] = world.pod("api-server")["metadata"]["name"]
    line = "[cause]: Error: connect ECONNREFUSED fd00:10::7:8080"
    return failing(world.answers("refused", pod=False), line)


def alias_with_dot(world: World) -> World:
    name = "api-server.onyx-healthy.svc.cluster.local."
    return world.add_service("backend", None, type="ExternalName", externalName=name, clusterIP="").url(
        "http://backend:8080"
    )


def mixed_by_hand(world: World) -> World:
    """By hand: our pod, and a machine outside."""
    world.add_service("backend", None, SERVES_8080).endpoints("backend", "10.85.0.77", "192.0.2.44")
    return world.url("http://backend:8080")


def pooler(world: World) -> World:
    """The pooler beside the API crashes, and the API is not ready of it."""
    world.container("api-server", name="pgbouncer", image="pgbouncer:1", ports=[{"containerPort": 6432}])
    pod = world.pod("api-server")
    world.crashing(pod, container=1).answers("http_error", 503)
    line = 'connection to server at "127.0.0.1", port 6432 failed: Connection refused'
    world.event(pod, "Pod", "Unhealthy", PROBE_503, 4).log("api-server", (40, line), (20, line), (5, line))
    return down(world)


def backup(world: World) -> World:
    """The nightly backup of the database failed; the database is outside."""
    pod = deepcopy(world.pod("api-server"))
    owner = {"kind": "Job", "name": "postgres-backup-1", "uid": "j1", "controller": True}
    pod["metadata"] |= {"name": "postgres-backup-1-abc", "uid": "jb", "ownerReferences": [owner],
                        "labels": {"app": "postgres-backup", "job-name": "postgres-backup-1"}}  # fmt: skip
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(900), "finishedAt": world.ago(800)}
    pod["status"] = {"phase": "Failed", "containerStatuses": [{"name": "api-server", "state": {"terminated": end}}]}
    world.view["pods"].append(pod)
    world.view.setdefault("jobs", []).append({
        "kind": "Job", "metadata": {"name": "postgres-backup-1", "uid": "j1", "creationTimestamp": world.ago(900)},
        "spec": {"completions": 1, "backoffLimit": 0, "selector": {"matchLabels": {"job-name": "postgres-backup-1"}},
                 "template": {"metadata": {"labels": {"job-name": "postgres-backup-1"}},
                              "spec": {"containers": [{"name": "api-server", "image": "backup:1"}]}}},
        "status": {"failed": 1, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
                                                "lastTransitionTime": world.ago(800)}]},
    })  # fmt: skip
    return world.env("api-server", {"name": "POSTGRES_HOST", "value": "db.abc.eu-west-1.rds.amazonaws.com"})


def outside_by_name(world: World) -> World:
    """The database is outside by an ExternalName; a bundled one is at zero."""
    world.add_service("db", None, type="ExternalName", externalName="pg.abc.rds.amazonaws.com", clusterIP="")
    world.beside("postgresql", {"app": "postgresql"}, replicas=0, ports=[{"containerPort": 5432}])
    world.add_service("postgresql", {"app": "postgresql"}, {"port": 5432})
    return world.env("api-server", {"name": "POSTGRES_HOST", "value": "db"})


def old_events(world: World) -> World:
    """An ordinal bears the name of the pod before it; these events are of that one."""
    stateful(world)
    pod = world.pod("api-server")
    world.event(pod, "Pod", "BackOff", "Back-off restarting failed container api-server", 600, uid="before")
    return world.event(pod, "Pod", "FailedMount", 'MountVolume.SetUp failed: secret "db" not found', 900, uid="before")


def web_node_silent(world: World) -> World:
    node = deepcopy(world.view["nodes"][0])
    node["metadata"] = {**node["metadata"], "name": "other-node", "uid": "n2"}
    for condition in node["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {"status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": world.ago(400)}
    world.view["nodes"].append(node)
    pod = world.pod("web-server")
    pod["spec"]["nodeName"] = "other-node"
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != pod["metadata"]["name"]]
    return world.not_ready(pod, 380)


def another_reason(world: World) -> World:
    """Killed for memory once, last week; now its probe answers 503."""
    pod = world.pod("api-server")
    world.restarted(pod, ended=6 * DAY, lasted=DAY, count=1, code=137, reason="OOMKilled").not_ready(pod, 400)
    world.event(pod, "Pod", "Unhealthy", PROBE_503, 4).answers("http_error", 503)
    return down(world)


def within_limits(world: World) -> World:
    """A rolling update that may take one of three away: the new one has begun 25 seconds ago."""
    world.replicas("api-server", 3)
    made = world.workload("api-server")
    made["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    old = next(item for item in world.view["replicasets"] if item["metadata"]["name"].startswith("api-server"))
    marks = {"deployment.kubernetes.io/revision": "2"}
    new = deepcopy(old)
    new["metadata"] |= {"name": "api-server-two", "uid": "rs-two", "annotations": marks,
                        "creationTimestamp": world.ago(26)}  # fmt: skip
    old["spec"]["replicas"], new["spec"]["replicas"] = 2, 1
    world.view["replicasets"].append(new)
    pod = world.pods("api-server")[-1]
    pod["metadata"] |= {"creationTimestamp": world.ago(25), "ownerReferences": [
        {"kind": "ReplicaSet", "name": "api-server-two", "uid": "rs-two", "controller": True}]}  # fmt: skip
    pod["status"]["startTime"] = world.ago(25)
    pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": world.ago(20)}}
    return world.not_ready(pod, 25)


def other_host(world: World) -> World:
    """Its log also has lines that a syslog of another machine sent it."""
    line = "<11>Nov 23 17:44:31 web-7.paris.example next[812]: [cause]: Error: connect ECONNREFUSED 10.3.3.3:8080"
    return world.log("web-server", (60, WELL[1]), (40, line), (20, WELL[1]), (12, line), WELL)


def replayed(world: World) -> World:
    """Lines of last month that a spool gave back now, each with its own time."""
    lines = [(50.0 - 3 * n, f"spool: 2026-10-0{n + 1}T08:00:00Z {REFUSED.format(HERE)}") for n in range(3)]
    return world.log("web-server", (60, WELL[1]), *lines, (20, WELL[1]), WELL)


HEARSAY = (
    Variant("a chain of three variables, one of them from a ConfigMap", "ok", chained),
    Variant("a variable's name with two letters changed, and nobody knows that host", "fault",
            lambda w: failing(w.env("web-server", *env("http://$(API_HSOT):8080", ("API_HOST", "api-server"))),
                              NOT_FOUND.format("$(api_hsot)")), ("internal-url-wrong",)),
    Variant("the address of the pod's own node", "open", from_host),
    Variant("a Secret that is read after the map may say another URL", "open", overridden),
    Variant("a host alias leads the API's name to the caller itself, and calls are refused", "fault",
            aliased_to_itself),
    Variant("it asks its node's DNS, which does not know the API", "fault", node_dns),
    Variant("its own settings of DNS, and they are right", "ok", own_dns),
    Variant("the API's name was not found two days ago", "ok",
            lambda w: w.log("web-server", (2 * DAY, NOT_FOUND.format("api-server")), (40, WELL[1]), WELL)),
    Variant("called by IPv6, and it listens on IPv4 alone", "open", four_only, not_healthy=True),
    Variant("an ExternalName with a dot at its end that leads to the API", "ok", alias_with_dot),
    Variant("addresses by hand, ours and one outside", "open", mixed_by_hand),
    Variant("a database outside by name, the bundled one at zero", "ok", outside_by_name),
    Variant("the pooler beside the API crashes, and the API is not ready of it", "names", pooler, (), ("pgbouncer",)),
    Variant("last night's backup failed", "ok", backup),
    Variant("a metrics exporter beside the API ended forty times until two days ago", "ok",
            lambda w: (w.container("api-server", name="exporter"),
                       w.restarted(w.pod("api-server"), ended=2 * DAY, lasted=600, count=40, container=1))),
    Variant("a bundled Postgres crashes, the database outside is used, and the API is killed for memory", "fault",
            lambda w: (database(w, "postgresql", ready=False, host="db.abc.rds.amazonaws.com"),
                       w.crashing(w.pod("postgresql")), oom(w)), ("api-oom-killed",)),
    Variant("events of the ordinal before it", "ok", old_events),
    Variant("the web server's node does not report, the API is well", "names", web_node_silent, (), ("node",)),
    Variant("killed for memory last week, not ready now for another reason", "fault", another_reason,
            ("api-not-ready",)),
    Variant("an update that may take one of three away", "open", within_limits),
    Variant("lines that another machine's syslog sent", "open", other_host),
    Variant("lines of last month that a spool gave back", "open", replayed),
    Variant("nodes two hours ahead, and an old kill for memory", "ok",
            lambda w: w.restarted(w.pod("api-server"), ended=DAY, lasted=2 * DAY, code=137,
                                  reason="OOMKilled").node_behind(-TWO_HOURS)),
    Variant("users are served, and a tool of the API says that its target refuses", "open",
            lambda w: w.log("api-server", (40, "web_search: connect ECONNREFUSED 203.0.113.9:443"), SERVED)),
    Variant("the paste is of a container of Compose", "part", oom, ("api-oom-killed",), (),
            "[cause]: Error: connect ECONNREFUSED onyx-api_server-1:8080"),
    Variant("the paste is of a name of the host of Docker", "part", oom, ("api-oom-killed",), (),
            "[cause]: Error: getaddrinfo ENOTFOUND host.docker.internal"),
    Variant("the paste is of a load balancer of another account", "part", oom, ("api-oom-killed",), (),
            "curl: (7) Failed to connect to k8s-prod-9f8.elb.eu-west-1.amazonaws.com port 443: Connection refused"),
    Variant("the paste is of a port of a laptop", "part", oom, ("api-oom-killed",), (), PASTE.format("192.168.1.20")),
)  # fmt: skip
