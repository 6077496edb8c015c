"""What is heard of other places and times, and names that lead elsewhere: lines, variables, DNS, policies."""

from __future__ import annotations

from tests.nearmiss.said.telling import among
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.calling import LABELS, outside_db
from tests.nearmiss.shops.making import REFUSED, TIMED_OUT, UNKNOWN, WELL, group, named, says, told, zero
from tests.support.near_miss_world import World

LOOKUP = "E, ERROR -- : rpc error: code = Unavailable desc = dial tcp: lookup {} on 172.30.0.10:53: {}"
RAILS_TIMED_OUT = f"E, ERROR -- : rpc error: code = Unavailable desc = dial tcp {LABELS}: i/o timeout"
LABELLED = {"matchLabels": {"app": "labels"}}


def engine(world: World, reason: str) -> World:
    said = {"type": "NetworkUnavailable", "status": "False", "reason": reason, "lastTransitionTime": world.ago(86_400)}
    world.view["nodes"][0]["status"]["conditions"].append(said)
    return world


def excepted(world: World, *, caller: bool) -> World:
    ip = world.pod("track-view")["status"]["podIP"]
    cut = f"{ip}/32" if caller else "10.85.99.0/24"
    rule = {"from": [{"ipBlock": {"cidr": "10.85.0.0/16", "except": [cut]}}]}
    world.policy("in", LABELLED, "Ingress", ingress=[rule])
    return says(world, "track-view", RAILS_TIMED_OUT) if caller else world


def by_udp(world: World) -> World:
    world.policy("in", LABELLED, "Ingress", ingress=[{"ports": [{"port": 9090, "protocol": "UDP"}]}])
    return says(world, "track-view", RAILS_TIMED_OUT)


def named_by_sidecar(world: World) -> World:
    world.container("labels", init=True, name="front", restartPolicy="Always",
                    ports=[{"name": "grpc", "containerPort": 9090}])  # fmt: skip
    return world.policy("in", LABELLED, "Ingress", ingress=[{"ports": [{"port": "grpc"}]}])


def six_only(world: World) -> World:
    """The Service wants addresses of IPv6, and its pods have none."""
    world.service("labels")["spec"] |= {"ipFamilies": ["IPv6"], "clusterIP": "fd00:10::9", "clusterIPs": ["fd00:10::9"],
                                        "ipFamilyPolicy": "SingleStack"}  # fmt: skip
    group(world, "labels")["addresses"] = []
    line = "E, ERROR -- : rpc error: code = Unavailable desc = dial tcp [fd00:10::9]:9090: connect: connection refused"
    return says(world, "track-view", line)


def misspelt_outside(world: World) -> World:
    """The database is outside by an external name, which has a letter too many."""
    outside_db(world, manual=False).service("db")["spec"]["externalName"] = "pgg.aws.example"
    return says(world, "orders", UNKNOWN.format("db"))


def aliased(world: World) -> World:
    """An alias leads to a database outside; the bundled one is at zero."""
    world.with_spec("track-view", hostAliases=[{"ip": "192.0.2.10", "hostnames": ["ledger"]}])
    world.with_spec("sorter", hostAliases=[{"ip": "192.0.2.10", "hostnames": ["ledger"]}])
    return zero(world, "ledger")


def chain(world: World, host: str, *, value: str = "broker", failing: bool = False) -> World:
    for container in world.main("sorter"):
        container["env"] = [item for item in container.get("env", []) if item["name"] != "BROKER"]
        container["env"] += [{"name": "QUEUE_HOST", "value": value},
                             {"name": "QUEUE", "value": f"{host}:5672"},
                             {"name": "BROKER", "value": "amqp://$(QUEUE)//"}]  # fmt: skip
    line = f"[2026-11-29 17:38:00,118: ERROR/MainProcess] consumer: Cannot connect to amqp://{host}:5672//: {{}}"
    said = "[Errno -2] Name or service not known."
    return says(world, "sorter", line.format(said)) if failing else world


def own_address(world: World) -> World:
    field = {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    for container in world.main("sorter"):
        container.setdefault("env", []).extend([field, {"name": "ADVERTISE", "value": "http://$(POD_IP):5555"}])
    return world


def outside_used(world: World) -> World:
    """The database that came with it crashes; the one that is used is outside."""
    told(world, "orders", "DATABASE_URL", "shop.abc.eu-west-1.rds.amazonaws.com:5432")
    for container in world.main("orders"):
        container["env"] = [item for item in container["env"] if item["name"] != "DB_PASSWORD"]
    for item in world.view["configmaps"]:
        places = item.get("endpoints", {})
        item["endpoints"] = {key: [x for x in names if not x.startswith("db")] for key, names in places.items()}
    return world.crashing(world.pod("db"))


def ahead(world: World) -> World:
    """The clock of the controllers is two hours ahead of the view's."""
    for item in world.view["cronjobs"]:
        item["status"] |= {"lastScheduleTime": world.ago(-7_200), "lastSuccessfulTime": world.ago(-7_203)}
    return world


def readiness_of_grpc(world: World) -> World:
    """The probe asks by gRPC, and it is not implemented."""
    pod = world.pod("labels")
    said = 'Readiness probe failed: service "" is not implemented: rpc error: code = Unimplemented'
    world.with_main("labels", readinessProbe={"grpc": {"port": 9090}})
    group(world, "labels")["addresses"] = [{"ip": "10.85.0.18", "pod": pod["metadata"]["name"], "ready": False}]
    return world.not_ready(pod, 900).event(pod, "Pod", "Unhealthy", said, 4)


def unready_ordinal(world: World) -> World:
    world.service("broker")["spec"] |= {"clusterIP": "None", "publishNotReadyAddresses": True}
    pod = world.pod("broker")
    world.not_ready(pod, 10)
    group(world, "broker")["addresses"][0]["ready"] = True
    return world


HEARING = (
    ShopCase("calls time out to what is ready, under Cilium", "fault",
             lambda w: says(engine(w, "CiliumIsUp"), "track-view", RAILS_TIMED_OUT), about=("track-view",)),
    ShopCase("the DNS does not answer one program", "fault",
             lambda w: says(w, "track-view", LOOKUP.format("labels", "read udp 10.85.0.19:41234->172.30.0.10:53: "
                                                                     "i/o timeout")), about=("track-view",)),
    ShopCase("a name outside with a wrong end", "fault",
             lambda w: says(w, "track-view", LOOKUP.format("labels.anyns-p-well.svc.cluster.lcoal", "no such host")),
             words=("lcoal",), about=("track-view",)),
    ShopCase("the DNS misbehaved for twenty seconds, three minutes ago", "ok",
             lambda w: w.log("track-view", (200, LOOKUP.format("labels", "server misbehaving")),
                             (185, LOOKUP.format("labels", "server misbehaving")),
                             *((age, WELL["track-view"]) for age in (150, 90, 40, 3)))),
    # Every call is answered so: whose fault it is stays open, and that it is one does not.
    ShopCase("the proxy beside the gate says that it cannot connect", "fault",
             lambda w: says(w.container("gate", template=False, name="istio-proxy"), "gate",
                            '[error] "GET /track/RR1 HTTP/1.1" 503 UF '
                            'upstream_reset_before_response_started{connection_failure}'), words=("gate",)),
    ShopCase("a policy excepts the caller's address, and calls time out", "fault",
             lambda w: excepted(w, caller=True), words=("policy",), about=("track-view", "labels")),
    ShopCase("a policy excepts the addresses of others", "open", lambda w: excepted(w, caller=False)),
    ShopCase("a policy opens the port by UDP alone, and calls time out", "fault", by_udp, words=("policy",),
             about=("track-view", "labels")),
    ShopCase("a policy names the port as a native sidecar does", "open", named_by_sidecar),
    ShopCase("a Service of IPv6 alone before pods of IPv4", "fault", six_only, words=("labels",),
             about=("track-view", "labels")),
    ShopCase("an external name with a letter too many", "fault", misspelt_outside, "shop", ("db",), ("orders", "db")),
    ShopCase("an alias leads to a database outside, the bundled one is at zero", "open", aliased,
             asks=("namespace", "deployment/track-view")),
    ShopCase("a chain of variables that leads to the broker", "ok", lambda w: chain(w, "$(QUEUE_HOST)")),
    ShopCase("a chain of variables that ends in a name that is not set", "fault",
             lambda w: chain(w, "$(QUEUE_HSOT)", failing=True), words=("QUEUE_HSOT",), about=("sorter",)),
    ShopCase("it tells others its own address", "ok", own_address),
    ShopCase("the database that came with it crashes, one outside is used, and the program is asked about", "open",
             outside_used, "shop", asks=("deployment/orders",)),
    ShopCase("the database that came with it crashes, and nobody uses it", "fault", outside_used, "shop", ("db",),
             ("db",)),
    ShopCase("the controllers' clock is two hours ahead", "ok", ahead),
    ShopCase("a probe by gRPC that is not implemented", "fault", readiness_of_grpc, words=("labels",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("an ordinal that is not ready for ten seconds, and is called all the same", "open", unready_ordinal),
    ShopCase("a worker of another place misses its beats", "ok",
             lambda w: among(w, "sorter", "[2026-11-29 17:38:00,118: INFO/MainProcess] missed heartbeat from "
                                          "celery@sorter.madrid")),
    ShopCase("lines of other programs that a shipper prints", "open",
             lambda w: says(w, "node-scan", '[0] kube.var.log.containers.billing-7f_shop-prod_billing.log: '
                                            '[1764435600.1, {"log"=>"ERROR connect ECONNREFUSED 10.1.1.1:5432"}]')),
    ShopCase("lines of another host that came by syslog", "open",
             lambda w: among(w, "mail", "<11>Nov 29 13:20:11 mx2.paris.example postfix[11]: fatal: connect to "
                                        "10.9.9.9:5432: Connection refused"), "shop"),
    ShopCase("errors of visitors' browsers", "open",
             lambda w: among(w, "front", '{"level":"error","source":"browser","message":"TypeError: x is undefined",'
                                         '"url":"https://shop.example/cart"}'), "shop"),
    ShopCase("lines of last month that were given back", "open",
             lambda w: w.log("gate", *sorted([(age, WELL["gate"]) for age in (280, 120, 60, 20, 4)] + [
                 (100.0 - n, WELL["gate"].replace("29/Nov", "02/Oct").replace(" 200 ", " 502 ")) for n in range(6)],
                 reverse=True))),
    ShopCase("a partner answered 500, and it was put off", "open",
             lambda w: among(w, "mail", "WARN partner.example answered 500, stored, will be sent again in 10m"),
             "shop"),
    ShopCase("calls to a port of the laptop of a developer", "ok",
             lambda w: w.log("orders", (5_000, REFUSED.format("192.168.1.20:9229")),
                             *((age, WELL["orders"]) for age in (200, 100, 30, 4))), "shop"),
    ShopCase("a time out to the outside a minute ago, and well since", "ok",
             lambda w: w.log("orders", *((age, WELL["orders"]) for age in (300, 200, 100)),
                             (70, TIMED_OUT.format("198.51.100.7:443")),
                             *((age, WELL["orders"]) for age in (60, 30, 12, 3))), "shop"),
    ShopCase("a map of another program that nobody mounts was changed", "ok",
             lambda w: named(w, "configmaps", "kube-root-ca.crt").update(changedAt=w.ago(60)), "shop"),
)  # fmt: skip
