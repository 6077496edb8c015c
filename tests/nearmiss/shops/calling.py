"""Calls between programs: Services, addresses, policies, Ingresses; and what their logs say of it."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    TIMED_OUT,
    UNKNOWN,
    WELL,
    entrance,
    extra,
    group,
    named,
    ordinals,
    says,
    told,
    unread,
)  # fmt: skip
from tests.support.near_miss_world import World

LABELS = "172.30.117.217:9090"


def outside_db(world: World, *, manual: bool) -> World:
    """The database is outside: its addresses are written by hand, or its name leads there."""
    for kind in ("deployments", "replicasets", "pods", "endpoints"):
        key = "service" if kind == "endpoints" else "name"
        world.view[kind] = [
            x for x in world.view[kind] if not (x.get(key) or x.get("metadata", {}).get("name", "")).startswith("db")
        ]
    world.view["logs"] = [item for item in world.view["logs"] if not item["pod"].startswith("db")]
    spec = world.service("db")["spec"]
    spec.pop("selector")
    if manual:
        world.view["endpoints"].append(
            {"service": "db", "addresses": [{"ip": "192.168.7.4"}], "ports": [{"name": "main", "port": 5432}]}
        )
    else:
        spec |= {"type": "ExternalName", "externalName": "pg.aws.example", "clusterIP": "", "clusterIPs": []}
    return world


def headless(world: World, *, ordinal: int, failing: bool = False) -> World:
    ordinals(world, "ledger", 3)
    spec = world.service("ledger")["spec"]
    spec |= {"clusterIP": "None", "clusterIPs": ["None"], "publishNotReadyAddresses": True}
    world.workload("ledger")["spec"]["serviceName"] = "ledger"
    told(world, "track-view", "PRIMARY", f"mysql://ledger-{ordinal}.ledger:3306")
    return says(world, "track-view", UNKNOWN.format(f"ledger-{ordinal}.ledger")) if failing else world


def dual(world: World) -> World:
    world.service("labels")["spec"]["clusterIPs"] += ["fd00:10:96::9"]
    world.view["endpoints"].append({"service": "labels", "namespace": "anyns-p-well", "addresses": [],
                                    "ports": [{"name": "main", "port": 9090}]})  # fmt: skip
    return world


def renamed_port(world: World) -> World:
    """The Service leads to a port by a name that no container has."""
    world.service("scan-intake")["spec"]["ports"][0]["targetPort"] = "web"
    group(world, "scan-intake")["ports"] = []
    group(world, "scan-intake")["addresses"] = []
    return says(world, "gate", '[error] 7#7: *9 connect() failed (111: Connection refused) while connecting to upstream'
                ', client: 10.85.0.1, server: , request: "POST /scan HTTP/1.1", upstream: '
                '"http://172.30.3.87:8080/scan"')  # fmt: skip


def let_in(world: World) -> World:
    """All is closed, and what is called is opened."""
    world.policy("closed", {}, "Ingress")
    source = {"podSelector": {"matchLabels": {"app": "track-view"}}}
    ports = [{"port": 9090}]
    world.policy("labels", {"matchLabels": {"app": "labels"}}, "Ingress", ingress=[{"from": [source], "ports": ports}])
    for name in ("ledger", "broker", "track-view", "scan-intake", "gate"):
        world.policy(f"open-{name}", {"matchLabels": {"app": name}}, "Ingress", ingress=[{}])
    return world


def no_dns(world: World) -> World:
    """It may only call the database, and not ask for its name."""
    peer = {"podSelector": {"matchLabels": {"app": "ledger"}}}
    world.policy("only-ledger", {"matchLabels": {"app": "sorter"}}, "Egress", egress=[{"to": [peer]}])
    said = "amqp: [Errno -3] Temporary failure in name resolution (EAI_AGAIN) broker"
    return says(world, "sorter", f"[2026-11-29 17:38:00,118: ERROR/MainProcess] consumer: Cannot connect to {said}")


def stranger(world: World) -> World:
    """Pods of another program have the label that the Service selects by, and do not answer to this."""
    world.beside("printer", {"app": "labels", "part": "printer"}, ports=[{"containerPort": 631}])
    group(world, "labels")["addresses"].append({"ip": "10.85.7.7", "pod": "printer-abc-0"})
    return says(world, "track-view", REFUSED.format("10.85.7.7:9090"), (2, WELL["track-view"]))


def canary(world: World) -> World:
    """Two Deployments of one program behind one Service."""
    world.beside("labels-canary", {"app": "labels", "track": "canary"}, ports=[{"containerPort": 9090}],
                 image="lab.local/app:2")  # fmt: skip
    group(world, "labels")["addresses"].append({"ip": "10.85.7.7", "pod": "labels-canary-abc-0"})
    return world


def elsewhere(world: World, *, there: bool | None, line: str = "") -> World:
    """A Service of another namespace."""
    told(world, "mail", "BILLING_URL", "http://billing.shop-prod:8080")
    answer: dict = {"namespace": "shop-prod", "name": "billing"}
    if there:
        answer |= {"ready_addresses": 2, "service": {"metadata": {"name": "billing", "namespace": "shop-prod"},
                   "spec": {"clusterIP": "172.30.9.9", "ports": [{"port": 8080}]}}}  # fmt: skip
    if there is None:
        answer["gap"] = {"reason": "forbidden", "what": "services", "detail": "cannot get services in shop-prod"}
    world.view["foreignServices"] = [answer]
    return says(world, "mail", line) if line else world


def dropped(world: World, component: str, seconds: float) -> World:
    """Calls failed until then, and succeed since."""
    lines = [(seconds + age, REFUSED.format(LABELS)) for age in (300, 200, 100, 0)]
    return world.log(component, *lines, *((age, WELL[component]) for age in (900, 300, 60, 4)))


CALLING = (
    ShopCase("a database outside, its address written by hand", "ok", lambda w: outside_db(w, manual=True), "shop",
             asks=("namespace", "deployment/orders")),
    ShopCase("a database outside by an external name", "ok", lambda w: outside_db(w, manual=False), "shop",
             asks=("namespace", "deployment/orders")),
    ShopCase("one ordinal is called by its name", "ok", lambda w: headless(w, ordinal=0),
             asks=("namespace", "deployment/track-view")),
    ShopCase("an ordinal is called that there is not", "fault", lambda w: headless(w, ordinal=3, failing=True),
             words=("ledger-3",), asks=("namespace", "deployment/track-view")),
    ShopCase("two address families, and endpoints of one", "ok", dual),
    ShopCase("a target port by a name that no container has", "fault", renamed_port, words=("web",),
             about=("scan-intake",), asks=("namespace", "deployment/gate")),
    ShopCase("all is closed, and what is called is opened", "open", let_in),
    ShopCase("a policy closes DNS for one caller", "fault", no_dns, words=("only-ledger",),
             asks=("namespace", "deployment/sorter")),
    ShopCase("a policy for pods that there are none of", "ok",
             lambda w: w.policy("old", {"matchLabels": {"app": "labels-old"}}, "Ingress", "Egress")),
    ShopCase("calls time out, and policies are unread", "fault",
             lambda w: unread(says(w, "track-view", TIMED_OUT.format(LABELS)), "networkpolicies"), words=("reach",)),
    ShopCase("an Ingress with a certificate that is not seen", "open",
             lambda w: w.view["ingresses"][0]["spec"].update(tls=[{"hosts": ["shop.example"], "secretName": "tls"}])),
    ShopCase("an Ingress to a port by a name that the Service has not", "fault",
             lambda w: entrance(w, "second", "gate", path="/x", port={"name": "http"}), words=("http", "gate")),
    ShopCase("an Ingress without a class where one is the default", "open",
             lambda w: w.view["ingressclasses"][0]["metadata"].update(
                 annotations={"ingressclass.kubernetes.io/is-default-class": "true"})
             or w.view["ingresses"][0]["spec"].pop("ingressClassName")),
    ShopCase("an Ingress with a class, and classes are unread", "open", lambda w: unread(w, "ingressclasses")),
    ShopCase("two Ingresses for two paths of one host", "ok",
             lambda w: entrance(w, "scans", "scan-intake", path="/scan", port={"number": 8080})),
    ShopCase("two Ingresses for one path", "fault",
             lambda w: entrance(w, "second", "scan-intake", port={"number": 8080}), words=("shop.example",)),
    ShopCase("a canary's Ingress for the same path", "ok",
             lambda w: entrance(w, "canary", "gate", nginx_ingress_kubernetes_io__canary="true")),
    ShopCase("a Service before two Deployments of one program", "ok", canary,
             asks=("namespace", "deployment/track-view")),
    ShopCase("a Service before pods of another program, too", "fault", stranger, words=("labels",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("an address by a Service's variables", "ok",
             lambda w: told(w, "mail", "ORDERS", "http://$(ORDERS_SERVICE_HOST):$(ORDERS_SERVICE_PORT)"), "shop"),
    ShopCase("a call to the outside timed out once, two hours ago", "ok",
             lambda w: w.log("orders", (2 * HOUR, TIMED_OUT.format("api.stripe.example:443")),
                             *((age, WELL["orders"]) for age in (600, 60, 4))), "shop"),
    ShopCase("calls to the outside time out now", "fault",
             lambda w: says(told(w, "sorter", "CARRIER", "https://api.carrier.example"), "sorter",
                            TIMED_OUT.format("api.carrier.example:443")),
             words=("carrier.example",), asks=("namespace", "deployment/sorter")),
    ShopCase("calls were refused until forty minutes ago", "ok", lambda w: dropped(w, "track-view", 40 * MINUTE)),
    ShopCase("a Service of another namespace that serves", "ok", lambda w: elsewhere(w, there=True), "shop"),
    ShopCase("a Service of another namespace that is not there", "fault",
             lambda w: elsewhere(w, there=False, line=UNKNOWN.format("billing.shop-prod")), "shop", ("billing",),
             asks=("namespace", "deployment/mail")),
    ShopCase("a Service of another namespace that may not be read", "ok", lambda w: elsewhere(w, there=None), "shop"),
    ShopCase("its own nameserver, and all is well", "ok",
             lambda w: w.with_spec("orders", dnsPolicy="None", dnsConfig={"nameservers": ["10.0.0.2"]}), "shop"),
    ShopCase("a setting changed that nobody missed", "open",
             lambda w: named(w, "configmaps", "parcels").update(changedAt=w.ago(600))),
    ShopCase("a Service that is left over and selects nothing", "ok",
             lambda w: w.add_service("labels-old", {"app": "labels-old"}, {"port": 9090})),
    ShopCase("an unused Service of type ExternalName", "ok",
             lambda w: w.add_service("mailer", None, type="ExternalName", externalName="smtp.example")),
    ShopCase("a hostPort DaemonSet called on its node", "open",
             lambda w: told(w, "sorter", "SCANNER", "http://10.86.0.1:7070")),
    ShopCase("a claim's object of another namespace's name", "ok",
             lambda w: extra(w, "persistentvolumeclaims", "old-data", spec={"volumeName": "pv-9"},
                             status={"phase": "Bound"})),
)  # fmt: skip
