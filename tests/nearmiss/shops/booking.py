"""Faults of a clinic's booking, as met on a real cluster, and what is beside them in health: told in our shops."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.calling import elsewhere
from tests.nearmiss.shops.making import HOUR, REFUSED, UNKNOWN, group, named, says, state, told, waits
from tests.nearmiss.shops.objects import address, closed, refused_behind
from tests.nearmiss.shops.running import retried
from tests.nearmiss.shops.suites import MAIL
from tests.support.near_miss_world import World

USAGE = ("BusyBox v1.35.0 (Debian 1:1.35.0-4+b7) multi-call binary.", "Usage: nc [OPTIONS] HOST PORT  - connect",
         "-w SEC\tConnect timeout", "-i SEC\tDelay interval for lines sent")  # fmt: skip


def no_such_node(world: World) -> World:
    """Its pods are for a node by name, and there is none of that name."""
    world.with_spec("orders", nodeName="worker-7")
    pod = world.pod("orders")
    pod["spec"]["nodeName"] = "worker-7"
    pod["status"] = {"phase": "Pending", "qosClass": "BestEffort"}
    pod["metadata"]["creationTimestamp"] = world.ago(HOUR)
    world.view["logs"] = [log for log in world.view["logs"] if log["pod"] != pod["metadata"]["name"]]
    return world


def usage(world: World, *more: str) -> World:
    """It prints how it is called, over and over."""
    lines = [*more, *USAGE]
    return world.log("mail", *((age - at * 0.01, line) for age in (240, 120, 60, 9) for at, line in enumerate(lines)))


def unlabelled(world: World, **selector: str) -> World:
    """The Service of orders wants other labels than anything has; callers are refused."""
    world.service("orders")["spec"]["selector"] = selector
    group(world, "orders")["addresses"] = []
    return says(world, "front", f"ERROR cannot call orders: connect ECONNREFUSED {address(world)}")


def gone(world: World, name: str, *, called: bool = True) -> World:
    """A Service is left of a program that was taken away, whose labels were like those of another one."""
    world.view["services"].append(made := copy.deepcopy(world.service("orders")))
    made["metadata"]["name"] = name
    made["spec"] |= {"clusterIP": "172.30.9.9", "clusterIPs": ["172.30.9.9"], "selector": {"app": name}}
    world.view["endpoints"].append({"service": name, "ports": [], "addresses": []})
    line = "ERROR cannot call: connect ECONNREFUSED 172.30.9.9:8080"
    return says(world, "front", line) if called else world


def service_of_mail(
    world: World, name: str = "mail", *, kind: str = "ClusterIP", bears: bool = False, **selector: str
) -> World:
    """A Service that selects no pod; `bears`: its own labels say that it is for mail. Nobody calls it."""
    world.add_service(name, selector, {"port": 8025}, type=kind).endpoints(name)
    if bears:
        world.service(name)["metadata"]["labels"] = {"app": "mail"}
    return world


def looks_at_a_file(world: World, message: str, line: str = "ERROR: backend unreachable") -> World:
    """The image of orders cannot be pulled; the front's probe is a command, and its log tells of something it calls."""
    waits(world, world.pod("orders"), "ImagePullBackOff", 'Back-off pulling image "shop/orders:7.77"', since=900)
    group(world, "orders")["addresses"] = []
    world.with_main("front", readinessProbe={"exec": {"command": ["cat", "/tmp/backend-ok"]}, "periodSeconds": 5})
    pod = world.pod("front")
    world.not_ready(pod, 600)
    says(world, "front", line)
    return world.event(pod, "Pod", "Unhealthy", f"Readiness probe failed: {message}", 4)


_NO_SUCH = (
    '2026/11/30 16:13:18 [error] 29#29: *1 open() "/usr/share/nginx/html/ready" failed (2: No such file or directory), '
    'client: 10.85.0.1, server: localhost, request: "GET /ready HTTP/1.1", host: "10.85.32.47:80"'
)


def asked_for_what_is_not_there(world: World) -> World:
    """The front's probe asks for a path that its server has not, which writes that down as its error."""
    world.with_main("front", readinessProbe={"httpGet": {"path": "/ready", "port": 3000}, "periodSeconds": 3})
    pod = world.pod("front")
    world.not_ready(pod, 600)
    world.log("front", *((age, _NO_SUCH) for age in range(297, 0, -3)))
    return world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404", 2)


def leaves_word(world: World, message: str, *said: str) -> World:
    """Mail keeps ending; it writes why into the file that the kubelet reads, and this into its log."""
    pod = world.pod("mail")
    world.crashing(pod)
    pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = message
    return world.log("mail", *((61, line) for line in said), previous=True)


def asks_the_internet(world: World, *servers: str, **spec: object) -> World:
    """The front asks these nameservers only, though with the cluster's search list."""
    config = {"nameservers": list(servers), "searches": ["shop.svc.cluster.local"]}
    return world.with_spec("front", dnsPolicy="None", dnsConfig=config, **spec)


def of_no_service(world: World, *, called: bool) -> World:
    """The set of ledger names a Service that is not there; the sorter calls its first pod by that name."""
    named(world, "statefulsets", "ledger")["spec"]["serviceName"] = "ledger-pods"
    if not called:
        return world
    told(world, "sorter", "LEDGER", "ledger-0.ledger-pods:5432")
    return says(world, "sorter", UNKNOWN.format("ledger-0.ledger-pods"))


def served_by_hand(world: World) -> World:
    """Who leads mail is written down as the address of a Service without selector; there is no replica just now."""
    service_of_mail(world, "mail-replicas", bears=True, app="mail", role="replica")
    return world.add_service("mail", None, {"port": 8025}).endpoints(
        "mail", world.pod("mail")["status"]["podIP"], port=8025
    )


def named_in_vain(world: World, name: str) -> World:
    """The settings of the front name a Service that selects nothing."""
    for box in world.main("front"):
        box.setdefault("env", []).append({"name": "LEDGER_URL", "endpoints": [f"http://{name}:8080"]})
    return gone(world, name, called=False)


def begun(world: World, age: float, *said: float) -> World:
    """Mail runs since then, and said so long ago that what it calls refuses; of whom, it does not say."""
    state(world, world.pod("mail"), running={"startedAt": world.ago(age)})
    line = "WARNING [mail] database not ready, retrying: could not connect to server: Connection refused"
    return world.log("mail", *((at, line) for at in said))


def keeps_ending(world: World) -> World:
    """Mail ends each time, a few seconds after it was refused."""
    world.crashing(world.pod("mail"))
    line = "could not connect to server: Connection refused"
    return world.log("mail", *((at, line) for at in (97, 96, 95, 94)), previous=True)


def away(world: World, ready: int | None, line: str = "") -> World:
    """Billing is in another namespace, with so many ready addresses; None: these may not be read."""
    elsewhere(world, there=True, line=line)
    found = world.view["foreignServices"][-1]
    found.pop("ready_addresses")
    found["readyAddresses"] = ready
    if ready is None:
        found["gap"] = {"reason": "forbidden", "what": "addresses of billing", "detail": "cannot"}
    return world


def came_through(world: World, *, last: str) -> World:
    """A Job that calls a Service ended with an error at its first try; its second one ended like this."""
    retried(world)
    box = named(world, "jobs", "reindex")["spec"]["template"]["spec"]["containers"][0]
    box["env"] = [{"name": "LABELS_URL", "endpoints": ["http://labels:9090"]}]
    tries = {
        pod["metadata"]["name"]: pod for pod in world.view["pods"] if pod["metadata"]["name"].startswith("reindex")
    }
    tries["reindex-abcde"]["metadata"]["creationTimestamp"] = world.ago(600)
    tries["reindex-abcde"]["status"]["phase"] = last
    return world


def refused_while_it_began(world: World, ready: float) -> World:
    """Labels serve since so long ago; a caller whose logger writes JSON was refused until 24 seconds ago."""
    world.pod("labels")["status"]["conditions"] = [
        {"type": "Ready", "status": "True", "lastTransitionTime": world.ago(ready)}
    ]
    went = '{"level":30,"pid":1,"msg":"request completed","url":"http://labels:9090/print","status":200}'
    return world.log(
        "track-view", *((n, FAILED_RECORD) for n in range(90, 22, -3)), *((n, went) for n in range(20, 0, -3))
    )


_SAID = "request to http://labels:9090/print failed, reason: connect ECONNREFUSED 172.30.117.217:9090"
FAILED_RECORD = f'{{"level":50,"pid":1,"msg":"fetch failed: labels","err":{{"type":"FetchError","message":"{_SAID}"}}}}'
AWAY = REFUSED.format("billing.shop-prod:8080")
ASKED = ("deployment/orders", "service/orders")
BOOKING = (
    ShopCase("booking: refused as a record of a logger until what it calls began", "ok",
             lambda w: refused_while_it_began(w, 22), asks=("namespace", "deployment/track-view")),
    ShopCase("booking: refused as a record of a logger, and it served all the time", "fault",
             lambda w: says(refused_while_it_began(w, HOUR), "track-view", FAILED_RECORD), words=("labels", "refuse"),
             asks=("namespace", "deployment/track-view")),
    ShopCase("booking: a Job that calls a Service came through at its second try", "ok",
             lambda w: came_through(w, last="Succeeded"), asks=("namespace", "job/reindex", "deployment/labels")),
    ShopCase("booking: nothing serves behind a Service of another namespace", "fault", lambda w: away(w, 0, AWAY),
             "shop", ("billing of namespace shop-prod has no ready pods",), (), ("namespace", "deployment/mail")),
    ShopCase("booking: nothing serves in another namespace, and nobody calls", "ok", lambda w: away(w, 0), "shop"),
    ShopCase("booking: calls to another namespace are refused, and it has ready pods", "fault",
             lambda w: away(w, 2, AWAY), "shop", ("refuse",), (), never=("elsewhere-down",)),
    ShopCase("booking: calls to another namespace are refused, which may not be looked at", "fault",
             lambda w: away(w, None, AWAY), "shop", ("refuse",), (), never=("elsewhere-down",)),
    ShopCase("booking: refused in its first seconds, and silent for two minutes", "ok",
             lambda w: begun(w, 122, 121, 120.9, 120.8, 120.7), "shop", asks=("namespace", "deployment/mail")),
    ShopCase("booking: refused since its start, with pauses three times as long each", "fault",
             lambda w: begun(w, 66, 65, 62, 53, 26), "shop", ("mail", "refuse"), ("mail",)),
    ShopCase("booking: refused in its first seconds each time, and ends", "fault", keeps_ending, "shop",
             ("mail", "refused"), ("mail",)),
    ShopCase("booking: what a policy shuts callers out of is asked about", "fault", closed, "shop",
             ("deny-orders", "front"), ("orders",), ASKED),
    ShopCase("booking: a policy shuts out nobody who is heard, and what is behind it is asked about", "open",
             lambda w: w.policy("deny-orders", {"matchLabels": {"app": "orders"}}, "Ingress", ingress=[]), "shop",
             asks=ASKED, never=("shut-by-policy",)),
    ShopCase("booking: callers are refused, and what is behind a policy is asked about", "fault", refused_behind,
             "shop", ("nothing listens",), ("orders",), ASKED, never=("shut-by-policy",)),
    ShopCase("booking: calls time out, and what is behind no policy is asked about", "open",
             lambda w: says(w, "front", "ERROR cannot call orders: connect ETIMEDOUT " + address(w)), "shop",
             asks=ASKED, not_healthy=True, never=("shut-by-policy",)),
    ShopCase("booking: a Service wants a label with a slip", "fault", lambda w: unlabelled(w, app="order"), "shop",
             ("Service orders selects no pod",), ("orders",), ("namespace", "service/orders", "deployment/front")),
    ShopCase("booking: a Service wants labels that nothing has", "fault",
             lambda w: gone(w, "ledger-b"), "shop", ("Service ledger-b selects no pod",), ("ledger-b",),
             ("namespace", "service/ledger-b", "deployment/front")),
    ShopCase("booking: the other half of a program is gone, and its Service is not", "fault",
             lambda w: gone(w, "orders-b"), "shop", ("Service orders-b selects no pod",), ("orders-b",)),
    ShopCase("booking: a Service is named whose labels nothing has, and nobody is heard to miss it", "open",
             lambda w: named_in_vain(w, "ledger-b"), "shop", asks=("namespace", "service/ledger-b", "deployment/front"),
             not_healthy=True),
    ShopCase("booking: a command that probes looks at what a program makes of its calls", "fault",
             lambda w: looks_at_a_file(w, "cat: can't open '/tmp/backend-ok': No such file or directory"), "shop",
             ("7.77",), ("orders",), ("namespace", "deployment/front"), never=("front-not-ready",)),
    ShopCase("booking: a probe asks for what is not there, and a callee has a fault of its own", "fault",
             lambda w: looks_at_a_file(w, "HTTP probe failed with statuscode: 404"), "shop", ("7.77",),
             ("orders", "front"), ("namespace", "deployment/front")),
    ShopCase("booking: a probe asks for what is not there, and the log holds it against the program", "fault",
             asked_for_what_is_not_there, "shop", ("404",), ("front",), ("namespace", "deployment/front"),
             never=("log-errors",)),
    ShopCase("booking: a container leaves word why it ended, and logs nothing", "fault",
             lambda w: leaves_word(w, "License of tenant 4711 expired on 2026-11-01\n"), "shop",
             ("License of tenant 4711 expired",), ("mail",), MAIL),
    ShopCase("booking: a container leaves word, and its log says the error", "fault",
             lambda w: leaves_word(w, "ended", "mail 2.1 starting", "FATAL: template welcome.txt is not valid"), "shop",
             ("welcome.txt",), ("mail",), MAIL),
    ShopCase("booking: its pods ask the nameservers of the internet for Services", "open",
             lambda w: asks_the_internet(w, "8.8.8.8", "1.1.1.1"), "shop", not_healthy=True,
             asks=("namespace", "deployment/front")),
    ShopCase("booking: its pods ask a nameserver of the company that knows the cluster", "ok",
             lambda w: asks_the_internet(w, "10.0.0.53", "8.8.8.8"), "shop", asks=("namespace", "deployment/front")),
    ShopCase("booking: its pods ask the internet, and their hosts file has what they call", "ok",
             lambda w: asks_the_internet(w, "8.8.8.8", hostAliases=[
                 {"ip": w.service(one)["spec"]["clusterIP"], "hostnames": [one]} for one in ("orders", "cache", "db")]),
             "shop", asks=("namespace", "deployment/front")),
    ShopCase("booking: the Service that gives the pods of a set their names is not there", "fault",
             lambda w: of_no_service(w, called=True), words=("there is no Service ledger-pods",),
             asks=("namespace", "statefulset/ledger", "deployment/sorter")),
    ShopCase("booking: that Service is not there, and nobody calls these pods by name", "ok",
             lambda w: of_no_service(w, called=False), asks=("namespace", "statefulset/ledger")),
    ShopCase("booking: an entrance for a program selects none of its pods", "fault",
             lambda w: service_of_mail(w, kind="NodePort", app="mailer"), "shop", ("Service mail selects no pod",),
             asks=("namespace", "service/mail", "deployment/mail")),
    ShopCase("booking: a Service of a program's name selects none of its pods, and nobody calls it", "open",
             lambda w: service_of_mail(w, app="mailer"), "shop", asks=("namespace", "deployment/mail"),
             not_healthy=True),
    ShopCase("booking: a Service bears a program's labels, selects none of its pods, and is asked about", "fault",
             lambda w: service_of_mail(w, "post", bears=True, context="front"), "shop",
             ("Service post selects no pod",), asks=("service/post",)),
    ShopCase("booking: a Service for replicas, of which there are none, beside that for all", "ok",
             lambda w: service_of_mail(service_of_mail(w, app="mail"), "copies", bears=True, app="mail", role="copy"),
             "shop", asks=("namespace", "deployment/mail")),
    ShopCase("booking: a Service for replicas, of which there are none, beside one whose addresses are kept by hand",
             "ok", served_by_hand, "shop", asks=("namespace", "deployment/mail")),
    ShopCase("booking: a Service is left over, and is asked about", "open",
             lambda w: gone(w, "ledger-b", called=False), "shop", asks=("service/ledger-b",), not_healthy=True),
    ShopCase("booking: a Service is left over, and nobody calls it", "open",
             lambda w: gone(w, "ledger-b", called=False), "shop", never=("ledger-b",)),
    ShopCase("booking: the node that its pods name does not exist", "fault", no_such_node, "shop", ("worker-7",),
             ("orders",), ("namespace", "deployment/orders", "deployment/front"), never=("node-lost",)),
    ShopCase("booking: the usage of a program tells of timeouts", "open", usage, "shop", never=("log-errors",)),
    ShopCase("booking: a program does not know its option, and prints its usage", "fault",
             lambda w: usage(w, "nc: invalid option -- 'z'"), "shop", ("mail", "invalid option"), ("mail",)),
    ShopCase("booking: a customer's choice is no option of a program", "open",
             lambda w: says(w, "mail", "WARN order 7: invalid option: gift_wrap"), "shop", never=("log-errors",)),
)  # fmt: skip
