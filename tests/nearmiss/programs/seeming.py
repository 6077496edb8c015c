"""What looks like a fault in objects and is none: Services of versions to come, DNS settings, policies, words of ends.

The logs of this kind are in `seeming.yaml`.
"""

from __future__ import annotations

import copy
from functools import partial

from tests.nearmiss.programs.serving import along, chat, once, server
from tests.nearmiss.programs.tables import programs
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, TIMED_OUT, UNKNOWN, born, ended, group, job, pending, says, told, zero
from tests.support.near_miss_world import World

MAIL, FRONT, ORDERS = ("namespace", "deployment/mail"), ("namespace", "deployment/front"), (
    "namespace", "deployment/orders", "deployment/front")  # fmt: skip
NO_PORTS = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."


def service(world: World, name: str, selector: dict[str, str] | None, app: str = "", **spec: object) -> World:
    """A Service beside the others; `app`: the program that its own labels name."""
    world.add_service(name, selector, {"port": 8025}, **spec).endpoints(name)
    if app:
        world.service(name)["metadata"]["labels"] = {"app": app}
    return world


def versioned(world: World, name: str, version: str) -> World:
    """The pods of a program bear the version that runs, and its template too."""
    for pod in world.pods(name):
        pod["metadata"]["labels"]["version"] = version
    for kind in ("deployments", "replicasets"):
        for item in world.view[kind]:
            if item["metadata"]["name"].startswith(name):
                item["spec"]["template"]["metadata"]["labels"]["version"] = version
    return world


def blue_green(world: World) -> World:
    """Blue runs, and the Service for green waits for its pods; no Service is for both."""
    versioned(world, "mail", "blue")
    service(world, "mail-blue", {"app": "mail", "version": "blue"}, "mail")
    group(world, "mail-blue")["addresses"] = [
        {"ip": world.pod("mail")["status"]["podIP"], "pod": world.pod("mail")["metadata"]["name"], "ready": True}
    ]
    return service(world, "mail-green", {"app": "mail", "version": "green"}, "mail", type="NodePort")


def resolves(world: World, name: str, *servers: str, policy: str = "None") -> World:
    config = {"nameservers": list(servers), "searches": ["shop.svc.cluster.local", "svc.cluster.local"]}
    return world.with_spec(name, dnsPolicy=policy, dnsConfig=config)


def only_outside(world: World) -> World:
    """Mail knows no name of the cluster, and asks the nameservers of the internet."""
    for container in world.main("mail"):
        container.pop("envFrom", None)
        container["env"] = [{"name": "SMTP", "endpoints": ["smtp.sendgrid.net:587"]}]
    return resolves(world, "mail", "8.8.8.8", "1.1.1.1")


def admits(world: World, *names: str) -> World:
    """Only these may call the cache."""
    sources = [{"podSelector": {"matchLabels": {"app": one}}} for one in names]
    rule = {"from": sources, "ports": [{"port": 6379}]}
    return world.policy("cache", {"matchLabels": {"app": "cache"}}, "Ingress", ingress=[rule])


NAMELESS = "ERROR request timed out after 5000ms"


def spoke_at_its_end(world: World, code: int, message: str, ago: float) -> World:
    world.restarted(world.pod("mail"), ended=ago, lasted=HOUR, code=code, reason="Error" if code else "Completed")
    world.pod("mail")["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = message
    return world


def done(world: World) -> World:
    pod = job(world, "reindex", age=HOUR, condition="Complete", succeeded=1)
    ended(world, pod, 0, ago=600)
    pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"] = "40 rows written, 2 errors skipped"
    return world


def node_port(world: World, name: str, port: int, **more: str) -> World:
    entry = {"containerPort": port, "hostPort": port, "protocol": "TCP", **more}
    world.pod(name)["spec"]["containers"][0]["ports"] = [entry]
    return world


def waits_for_port(world: World, age: float) -> World:
    """The next pod of labels waits for the port that the one before has until it has ended."""
    node_port(world, "labels", 18_431)
    world.replicas("labels", 1)
    new = copy.deepcopy(world.pod("labels"))
    new["metadata"] |= {"name": "labels-6859749c7b-next", "uid": "labels-next"}
    world.pod("labels")["metadata"]["deletionTimestamp"] = world.ago(age - 30)
    world.view["pods"].append(new)
    return pending(world, new, NO_PORTS, age)


def broken_entrance(world: World) -> World:
    """The entrance to the front has a selector with a slip of the pen."""
    world.service("front")["spec"] |= {"selector": {"app": "fornt"}, "type": "LoadBalancer"}
    group(world, "front")["addresses"] = []
    return world


def broken_orders(world: World) -> World:
    world.service("orders")["spec"]["selector"] = {"app": "order"}
    group(world, "orders")["addresses"] = []
    return says(world, "front", "ERROR cannot load orders: connect ECONNREFUSED 172.30.240.96:8080")


def told_by_command(world: World) -> World:
    for container in world.main("orders"):
        container["command"], container["args"] = ["sh", "-c"], ["until nc -z $DB_HOST:5432; do sleep 1; done; run"]
    return world


def coming(world: World, **spec: object) -> World:
    """Blue runs and no Service leads to it; that for green waits for its pods."""
    return service(versioned(world, "mail", "blue"), "mail-green", {"app": "mail", "version": "green"}, "mail", **spec)


def ends_over(world: World, words: str) -> World:
    """Mail keeps ending with these words; a name among its settings is nobody's."""
    told(world, "mail", "PRICES_URL", "http://prices:8080")
    return world.crashing(world.pod("mail"), count=9).log("mail", (61, words), previous=True)


OWN_ENDS = {
    "a module": "Error: Cannot find module '/app/server.js'",
    "its own panic": "panic: runtime error: index out of range [3] with length 3",
    "its full disk": "OSError: [Errno 28] No space left on device: '/var/spool/mail'",
    "its password": 'FATAL:  password authentication failed for user "mail"',
    "a flag": "unknown flag: --smtp-hots",
}
RECORD = '{{"level":30,"req":{{"url":"{}"}},"res":{{"statusCode":{}}},"msg":"request completed"}}'
FULL = "ReplyError: OOM command not allowed when used memory > 'maxmemory'."
STRANGER = (
    "imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<ann>, method=PLAIN, "
    "rip=203.0.113.7, lip=10.0.0.9"
)
RELAY = (
    "postfix/smtp[213]: 4F1C: to=<a@example.org>, relay=smtp.example.com[198.51.100.4]:587, status=deferred (SASL "
    "authentication failed; server smtp.example.com[198.51.100.4] said: 535 5.7.8 Error: authentication failed)"
)
LOCKED = "WARN deadlock detected, retrying transaction (1/3)"
GIVEN_UP = ((90, "ERROR delivery 77 failed (2/3): mailbox full"), (80, "ERROR delivery 77 failed (3/3): giving up"))

SEEMING = (
    *programs("seeming"),
    *(ShopCase(f"seeming: it ends over {what}, and a name in its settings is nobody's", "fault",
               partial(ends_over, words=words), "shop", (words[-14:],), ("mail",), MAIL, never=("missing",))
      for what, words in OWN_ENDS.items()),
    ShopCase("seeming: it ends as a name in its settings is nobody's", "fault",
             lambda w: ends_over(w, "FATAL getaddrinfo ENOTFOUND prices"), "shop", ("prices",), ("mail", "prices"),
             MAIL),
    ShopCase("seeming: an entrance waits for the version to come, and nothing leads to the present one", "open",
             lambda w: coming(w, type="NodePort"), "shop", asks=MAIL),
    ShopCase("seeming: a Service for the version to come is asked about", "open", coming, "shop",
             asks=("service/mail-green",)),
    ShopCase("seeming: a Service for the leader is asked about, and nobody leads just now", "open",
             lambda w: service(w, "mail-leader", {"app": "mail", "role": "leader"}, "mail"), "shop",
             asks=("service/mail-leader", "deployment/mail")),
    ShopCase("seeming: one delivery was given up, and others are made", "ok", lambda w: along(w, "mail", *GIVEN_UP),
             "shop", asks=MAIL),
    ShopCase("seeming: one delivery was given up a while ago, and none has come since", "open",
             lambda w: w.log("mail", (300, "sent 1 mail"), *GIVEN_UP), "shop", asks=MAIL),
    ShopCase("seeming: statements meet each other, and no try is told to go well", "fault",
             lambda w: chat(w, "orders", LOCKED), "shop", (), ("orders",), ORDERS[:2]),
    ShopCase("seeming: statements meet each other to the last try", "fault",
             lambda w: chat(w, "orders", LOCKED, "ERROR transaction failed: deadlock detected"), "shop", (),
             ("orders",), ORDERS[:2]),
    ShopCase("seeming: a server of mailboxes turns strangers away", "ok",
             lambda w: chat(server(w, "imap", "dovecot/dovecot:2.3", 143, caller="mail"), "imap", STRANGER,
                            "imap-login: Info: Login: user=<shop>, method=PLAIN, rip=10.85.0.9"), "shop",
             asks=("namespace", "deployment/imap")),
    ShopCase("seeming: a mail server's relay refuses it", "fault",
             lambda w: chat(server(w, "postfix", "boky/postfix:4.3", 587, caller="mail"), "postfix", RELAY), "shop", (),
             ("postfix",), ("namespace", "deployment/postfix")),
    ShopCase("seeming: a store was full until three minutes ago", "ok",
             lambda w: along(w, "mail", *((age, FULL) for age in range(290, 190, -10))), "shop", asks=MAIL),
    ShopCase("seeming: one page of many is answered with 500", "ok",
             lambda w: once(w, "front", RECORD.format("/", 200), (2, RECORD.format("/wp.php", 500))), "shop",
             asks=FRONT),
    ShopCase("seeming: an event loop tells its lag", "ok",
             lambda w: w.log("mail", *((300 - 30 * n, f"INFO event loop lag {n + 1}ms") for n in range(10))), "shop",
             asks=MAIL),
    ShopCase("seeming: a Service for the version to come, beside that for all", "ok",
             lambda w: service(w, "front-green", {"app": "front", "version": "green"}, "front"), "shop",
             asks=(*FRONT, "service/front")),
    ShopCase("seeming: blue runs, and the entrance to green waits for its pods", "ok", blue_green, "shop", asks=MAIL),
    ShopCase("seeming: a Service for the canary, of which there is no pod", "ok",
             lambda w: service(w, "orders-canary", {"app": "orders", "track": "canary"}, "orders", type="NodePort"),
             "shop", asks=ORDERS),
    ShopCase("seeming: the preview of a rollout has no pod just now", "ok",
             lambda w: service(w, "orders-preview", {"app": "orders", "rollouts-pod-template-hash": "5f7c9"}, "orders"),
             "shop", asks=ORDERS),
    ShopCase("seeming: a canary's Service is asked about itself", "open",
             lambda w: service(w, "orders-canary", {"app": "orders", "track": "canary"}, "orders"), "shop",
             asks=("service/orders-canary",)),
    ShopCase("seeming: replicas of a database of one", "ok",
             lambda w: service(w, "db-replica", {"app": "db", "role": "replica"}, "db"), "shop",
             asks=("namespace", "deployment/db")),
    ShopCase("seeming: the figures of mail have a Service of their own that selects nothing", "open",
             lambda w: service(w, "mail-metrics", {"app": "mail", "part": "figures"}, "mail"), "shop", asks=MAIL),
    ShopCase("seeming: a Service whose addresses something else keeps", "ok",
             lambda w: service(w, "mail", None, "mail"), "shop", asks=MAIL),
    ShopCase("seeming: a Service that is a name outside", "ok",
             lambda w: service(w, "mail", None, "mail", type="ExternalName", externalName="smtp.example.com"), "shop",
             asks=MAIL),
    ShopCase("seeming: mail is held at none, and its entrance selects nothing", "open",
             lambda w: service(zero(w, "mail"), "mail", {"app": "mail"}, "mail", type="NodePort"), "shop"),
    ShopCase("seeming: the entrance of another release selects nothing, the first one serves", "ok",
             lambda w: service(w, "front-b", {"app": "front", "release": "b"}, "front", type="NodePort"), "shop",
             asks=FRONT),
    ShopCase("seeming: an entrance with a slip of the pen", "fault", broken_entrance, "shop", ("selects no",),
             asks=("namespace", "service/front")),
    ShopCase("seeming: a Service with a slip of the pen, and its caller is refused", "fault", broken_orders, "shop",
             ("orders",), asks=("namespace", "deployment/front", "service/orders")),
    ShopCase("seeming: a nameserver on the node itself", "ok", lambda w: resolves(w, "front", "169.254.20.10"), "shop",
             asks=FRONT),
    ShopCase("seeming: nameservers of the internet behind the cluster's", "ok",
             lambda w: resolves(w, "front", "8.8.8.8", policy="ClusterFirst"), "shop", asks=FRONT),
    ShopCase("seeming: it knows no name of the cluster, and asks the internet", "ok", only_outside, "shop", asks=MAIL),
    ShopCase("seeming: the cluster's nameserver, and one of the internet", "ok",
             lambda w: resolves(w, "front", "172.30.0.10", "1.1.1.1"), "shop", asks=FRONT),
    ShopCase("seeming: a nameserver of the cluster by IPv6", "ok", lambda w: resolves(w, "front", "fd00:10:96::a"),
             "shop", asks=FRONT),
    ShopCase("seeming: a nameserver of shared space", "ok", lambda w: resolves(w, "front", "100.100.2.136"), "shop",
             asks=FRONT),
    ShopCase("seeming: the internet is asked for orders, and does not know them", "fault",
             lambda w: says(resolves(w, "front", "8.8.8.8"), "front", UNKNOWN.format("orders")), "shop", ("8.8.8.8",),
             ("front",), FRONT),
    ShopCase("seeming: calls without a name time out, and the policy lets them pass", "fault",
             lambda w: says(admits(w, "mail", "orders"), "mail", NAMELESS), "shop", (), ("mail",), MAIL,
             never=("polic", "shut", "blocked", "cache-")),
    ShopCase("seeming: a policy is closed to one that does not suffer", "open", lambda w: admits(w, "orders"), "shop",
             asks=("namespace", "deployment/cache", "deployment/mail")),
    ShopCase("seeming: calls without a name timed out an hour ago, and a policy is closed", "open",
             lambda w: admits(w, "orders").log("mail", (HOUR, NAMELESS), (HOUR - 9, NAMELESS),
                                               *((age, "sent 1 mail") for age in (250, 120, 60, 20, 4))), "shop",
             asks=("namespace", "deployment/cache", "deployment/mail")),
    ShopCase("seeming: a call with a name times out, and the policy is closed", "fault",
             lambda w: says(admits(w, "orders"), "mail", TIMED_OUT.format("172.30.235.192:6379")), "shop", ("cache",),
             asks=("namespace", "deployment/cache", "deployment/mail")),
    ShopCase("seeming: it left word at its end a day ago, and runs", "ok",
             lambda w: spoke_at_its_end(w, 1, "fatal: lost lease", 86_400), "shop", asks=MAIL),
    ShopCase("seeming: it left word as it was asked to end, an hour ago", "ok",
             lambda w: spoke_at_its_end(w, 0, "error: context canceled", HOUR), "shop", asks=MAIL),
    ShopCase("seeming: a run that is done left word of errors that it skipped", "ok", done, "shop"),
    ShopCase("seeming: two pods have one port of the node, each on its own address", "ok",
             lambda w: node_port(node_port(w, "sorter", 18_431, hostIP="127.0.0.1"), "labels", 18_431,
                                 hostIP="10.85.0.2")),
    ShopCase("seeming: the next pod waits for the port of the one that is ending", "open",
             lambda w: waits_for_port(w, 9), asks=("namespace", "deployment/labels")),
    ShopCase("seeming: a command waits for a host that a variable names", "ok", told_by_command, "shop", asks=ORDERS),
    ShopCase("seeming: it is four seconds old and tells its first refused call", "open",
             lambda w: born(w, w.pod("mail"), 4).log("mail", (2, "ERROR connect ECONNREFUSED cache:6379")),
             "shop", asks=MAIL),
)  # fmt: skip
