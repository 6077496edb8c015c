"""Helpers in pods and namespaces that fail or murmur: whose trouble it is, and whether the work suffers."""

from __future__ import annotations

from tests.nearmiss.said.telling import among
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.beside import bare
from tests.nearmiss.shops.making import HOUR, WELL, group, says, told
from tests.support.near_miss_world import DAY, Json, World

SQL_PROXY = "2026/11/29 13:59:00 couldn't connect to shop:eu:db: dial tcp 203.0.113.9:3307: connect: connection refused"
NGINX = ('[error] 7#7: *9 connect() failed (111: Connection refused) while connecting to upstream, client: 10.85.0.1, '
         'server: , request: "GET /orders HTTP/1.1", upstream: "http://127.0.0.1:8080/orders"')  # fmt: skip
SHIPPED = '[0] kube.var.log.containers.a_b_c-1.log: [1764435600.1, {"log"=>"ERROR disk full"}]'


def beside_says(world: World, component: str, name: str, line: str, *, port: int = 0, quiet: bool = False) -> World:
    """The container beside the program says this until now; the program works, or says nothing."""
    ports = [{"containerPort": port}] if port else []
    world.container(component, name=name, image=f"{name}:1", ports=ports)
    if quiet:
        world.log(component, (3 * DAY, "started"))
    pod = world.pod(component)["metadata"]["name"]
    text = "".join(f"{world.ago(age)} {line}\n" for age in (280, 200, 140, 80, 40, 15, 3))
    world.view["logs"].append({"pod": pod, "container": name, "text": text})
    return world


def fronted(world: World) -> World:
    """The Service leads to an nginx in the pod, which finds nobody behind it."""
    world.service("orders")["spec"]["ports"][0]["targetPort"] = 8000
    group(world, "orders")["ports"] = [{"name": "main", "port": 8000}]
    return beside_says(world, "orders", "nginx", NGINX, port=8000, quiet=True)


def unready_with(world: World) -> World:
    """The program waits for the proxy of its database, which cannot reach that: it is not ready for ten minutes."""
    world.with_main("orders", readinessProbe={"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 5})
    says(world, "orders", "ERROR connect ECONNREFUSED 127.0.0.1:5432")
    beside_says(world, "orders", "cloud-sql-proxy", SQL_PROXY)
    pod = world.pod("orders")
    world.not_ready(pod, 600)
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    group(world, "orders")["addresses"] = [{"ip": "10.85.4.128", "pod": pod["metadata"]["name"], "ready": False}]
    return world.event(pod, "Pod", "Unhealthy", message, 4)


def owned(world: World, kind: str, code: int, *, age: float = HOUR) -> Json:
    pod = bare(world, f"{kind.lower()}-step-1", code, age=age)
    pod["metadata"]["ownerReferences"] = [{"kind": kind, "name": "nightly", "uid": f"u-{kind}", "controller": True}]
    return pod


def restarting_bare(world: World) -> World:
    """A bare pod that is started again whenever it ends, and it ends again and again."""
    pod = bare(world, "importer", 0, age=HOUR)
    pod["spec"]["restartPolicy"] = "OnFailure"
    pod["status"] |= {"phase": "Running", "conditions": [
        {"type": "Ready", "status": "False", "lastTransitionTime": world.ago(60)}]}  # fmt: skip
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    pod["status"]["containerStatuses"][0] |= {
        "ready": False, "restartCount": 9, "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}  # fmt: skip
    return world


def aliased_to_nobody(world: World) -> World:
    """The caller's hosts file sends the name to an address where nobody is, and calls time out."""
    world.with_spec("track-view", hostAliases=[{"ip": "192.0.2.10", "hostnames": ["labels"]}])
    line = "E, ERROR -- : rpc error: code = Unavailable desc = dial tcp 192.0.2.10:9090: i/o timeout"
    return says(world, "track-view", line)


HELPING = (
    # What calls it serves all the while, so this may be over with the next line.
    ShopCase("the Service leads to a proxy in the pod that finds nobody behind it", "open", fronted, "shop",
             not_healthy=True),
    ShopCase("a proxy of the database tells of a try that failed, and orders are taken", "open",
             lambda w: beside_says(w, "orders", "cloud-sql-proxy", SQL_PROXY), "shop", never=("restart",)),
    ShopCase("a proxy of the database reaches nothing, and orders are not ready of it", "fault", unready_with, "shop",
             about=("orders",), asks=("namespace", "deployment/orders")),
    ShopCase("a step of an Argo Workflow failed an hour ago", "open", lambda w: owned(w, "Workflow", 2)),
    ShopCase("a task of Tekton was done", "ok", lambda w: owned(w, "TaskRun", 0)),
    ShopCase("a bare pod is started again and again", "fault", restarting_bare, words=("importer",),
             about=("importer",)),
    ShopCase("a bare pod failed ten minutes ago, with 1", "fault", lambda w: bare(w, "import", 1, age=600),
             words=("import",), about=("import",)),
    ShopCase("an alias leads to nobody, and calls time out", "fault", aliased_to_nobody, about=("track-view",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("an alias for the Service's own address", "ok",
             lambda w: w.with_spec("track-view", hostAliases=[{"ip": "172.30.117.217", "hostnames": ["labels"]}])),
    ShopCase("lines with a priority that the program writes itself, and all is refused", "fault",
             lambda w: says(w, "track-view", "<11>Nov 29 17:38:00 track-view[7]: labels: connect ECONNREFUSED "
                                             "172.30.117.217:9090"), about=("track-view", "labels"),
             asks=("namespace", "deployment/track-view")),
    ShopCase("a metric's host outside is refused", "open",
             lambda w: among(told(w, "orders", "DD_URL", "https://trace.agent.datadoghq.eu"), "orders",
                             "ERROR cannot send traces: dial tcp: lookup trace.agent.datadoghq.eu: no such host"),
             "shop"),
    ShopCase("its payment partner outside is not known now", "fault",
             lambda w: says(w, "orders", "ERROR payment: dial tcp: lookup api.pay.example: no such host"), "shop",
             ("pay.example",), ("orders",)),
    ShopCase("a mail is put off again and again, and none is sent", "open",
             lambda w: says(w, "mail", "WARN relay busy (451), message deferred, will be retried in 5m"), "shop",
             not_healthy=True),
    ShopCase("a mail was put off twice, and mails are sent", "ok",
             lambda w: w.log("mail", (400, "WARN relay busy (451), message deferred, will be retried in 5m"),
                             (300, "WARN relay busy (451), message deferred, will be retried in 5m"),
                             *((age, WELL["mail"]) for age in (280, 200, 100, 40, 3))), "shop"),
    ShopCase("a partner's webhook is tried again now and then, and mails are sent", "open",
             lambda w: among(w, "mail", "WARN webhook 17 not accepted, retrying in 30s"), "shop"),
    ShopCase("a visitor whose clock is ahead signs in again and again", "open",
             lambda w: among(w, "orders", "WARN login of visitor 71 refused: token used before issued"), "shop"),
    ShopCase("errors of the program, with the word browser in them", "fault",
             lambda w: says(w, "orders", '{"level":"error","message":"cannot render for browser","err":"template '
                                         'missing"}'), "shop", ("template",), ("orders",)),
    ShopCase("an agent of the nodes prints what it ships", "open",
             lambda w: w.log("node-scan", *((age, SHIPPED) for age in (200, 100, 50, 10)))),
    ShopCase("the gate answers well, and one visitor sends what is too large", "ok",
             lambda w: w.log("gate", (90, "[error] 7#7: *9 client intended to send too large body: 9000000 bytes"),
                             *((age, WELL["gate"]) for age in (60, 30, 4)))),
)  # fmt: skip
