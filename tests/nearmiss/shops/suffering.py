"""What reads wrong, and whether somebody suffers from it: addresses, ports, selectors, policies, logins."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    TIMED_OUT,
    WELL,
    group,
    named,
    says,
    second_set,
    told,
    unread,
    waits,
)
from tests.support.near_miss_world import DAY, World

LOGIN = 'FATAL:  password authentication failed for user "{}"'
LABELS = "172.30.117.217:9090"


def named_port(world: World, *, called: bool) -> World:
    """A Service leads to a port by a name that no container has."""
    world.add_service("labels-grpc", {"app": "labels"}, {"name": "grpc", "port": 9091, "targetPort": "grpc"})
    world.endpoints("labels-grpc")
    if not called:
        return world
    told(world, "track-view", "GRPC", "labels-grpc:9091")
    return says(world, "track-view", REFUSED.format("labels-grpc:9091"))


PROBED = '10.85.0.1 - - "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.34"'


def picks_nothing(world: World, *lines: tuple[float, str]) -> World:
    """The Service that only one program calls selects no pod; what that program logs besides."""
    named(world, "services", "labels")["spec"]["selector"] = {"app": "label"}
    group(world, "labels")["addresses"] = []
    return world.log("track-view", *lines)


def strangers(world: World, *, hurt: bool) -> World:
    """A Service also picks pods of another program, which has another port."""
    world.beside("printer", {"app": "labels", "part": "printer"}, ports=[{"containerPort": 631}])
    group(world, "labels")["addresses"].append({"ip": "10.85.7.7", "pod": "printer-abc-0"})
    return says(world, "track-view", REFUSED.format(LABELS), (2, WELL["track-view"])) if hurt else world


def closed(world: World, *, hurt: bool) -> World:
    """Nothing may come in to what is called; whether the network does what policies say is not known."""
    world.policy("closed", {"matchLabels": {"app": "labels"}}, "Ingress")
    well = "INFO HTTP Request: GET http://labels:9090/label/RR7 200 OK"
    return says(world, "track-view", TIMED_OUT.format(LABELS) if hurt else well)


NO_ANSWER = "ERROR listing orders: Error: read timeout after 3000 ms, no answer from db:{}"


def unanswered(world: World, port: int = 5432) -> World:
    """In the caller's own words; the database's pod is ready, and its log says nothing."""
    return says(world, "orders", NO_ANSWER.format(port))


def unanswered_before(world: World) -> World:
    """It said so an hour ago, and serves since."""
    served = ((age, "INFO GET /orders 200") for age in (240, 120, 60, 5))
    return world.log("orders", *((HOUR + 60 * n, NO_ANSWER.format(5432)) for n in range(8)), *served)


def scanned(world: World, user: str, *, client: bool) -> World:
    """Somebody tries to log in to the database again and again; the app, which does so too, or does not."""
    world.log("db", *((age, LOGIN.format(user)) for age in (280, 200, 140, 80, 40, 9)))
    return says(world, "orders", LOGIN.format(user)) if client else world


def foreign(world: World) -> World:
    """A Service of that name is here, and not there."""
    told(world, "mail", "ORDERS", "http://orders.shop-prod:8080")
    world.view["foreignServices"] = [{"namespace": "shop-prod", "name": "orders"}]
    return world


def claim_leaves(world: World) -> World:
    """Deleted while a pod uses it: it stays until that ends."""
    claim = named(world, "persistentvolumeclaims", "data-ledger-0")
    claim["metadata"]["deletionTimestamp"] = world.ago(2 * HOUR)
    return world


def waits_long(world: World) -> World:
    """A new revision waits for its volume, which the pod before has, for ten minutes."""
    pod = second_set(world, "labels", 600)
    world.with_spec("labels", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data-broker-0"}}])
    waits(world, pod, "ContainerCreating", since=600)
    said = "Unable to attach or mount volumes: unmounted volumes=[d]: timed out waiting for the condition"
    return world.event(pod, "Pod", "FailedMount", said, 40)


SUFFERING = (
    ShopCase("a database takes calls and answers none, its caller says so in own words", "fault", unanswered, "shop",
             ("db",), ("db", "orders"), ("namespace", "deployment/front", "deployment/db", "service/db")),
    ShopCase("calls in a program's own words to a port that the Service does not serve", "fault",
             lambda w: unanswered(w, 5433), "shop", words=("5433",), never=("not-answering",)),
    ShopCase("its caller's words are an hour old", "ok", unanswered_before, "shop", never=("not-answering",),
             asks=("namespace", "deployment/db")),
    ShopCase("a port that the Service has not, and nobody says so", "open",
             lambda w: told(w, "mail", "METRICS", "http://orders:9100"), "shop",
             asks=("namespace", "deployment/mail")),
    ShopCase("a port that the Service has not, and calls time out", "fault",
             lambda w: says(told(w, "mail", "METRICS", "http://orders:9100"), "mail", TIMED_OUT.format("orders:9100")),
             "shop", ("9100",), asks=("namespace", "deployment/mail")),
    ShopCase("https to a port of http, and nobody says so", "open",
             lambda w: told(w, "mail", "ORDERS", "https://orders:8080"), "shop"),
    ShopCase("a Service that is here, called in another namespace, and nobody says so", "open", foreign, "shop"),
    ShopCase("a port by a name that no container has, of a Service that nobody calls", "open",
             lambda w: named_port(w, called=False)),
    ShopCase("a port by a name that no container has, of a Service that is called", "fault",
             lambda w: named_port(w, called=True), words=("grpc",), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks pods of another program, and all calls succeed", "open",
             lambda w: strangers(w, hurt=False), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks pods of another program, and calls are refused", "fault",
             lambda w: strangers(w, hurt=True), words=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks nothing, and its caller says nothing", "fault", picks_nothing,
             words=("labels",), about=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks nothing, and only probes of its caller are answered", "fault",
             lambda w: picks_nothing(w, *((age, PROBED) for age in (280, 120, 60, 20, 4))),
             words=("labels",), about=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks nothing, and its caller answered an hour ago", "fault",
             lambda w: picks_nothing(w, *((age, WELL["track-view"]) for age in (3700, 3650, 3600))),
             words=("labels",), about=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("a Service that picks nothing, and its caller answers now", "open",
             lambda w: picks_nothing(w, *((age, WELL["track-view"]) for age in (280, 120, 60, 20, 4))),
             asks=("namespace", "deployment/track-view")),
    ShopCase("a policy closes what answers", "open", lambda w: closed(w, hurt=False),
             asks=("namespace", "deployment/track-view")),
    ShopCase("a policy closes, and calls time out", "fault", lambda w: closed(w, hurt=True), words=("closed",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("somebody tries passwords at the database, and the app is well", "open",
             lambda w: scanned(w, "admin", client=False), "shop"),
    ShopCase("the app's password is refused", "fault", lambda w: scanned(w, "shop", client=True), "shop",
             ("password",), ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("customers type wrong passwords", "ok",
             lambda w: w.log("front", *((age + n, line) for age in (280, 160, 80, 30, 9) for n, line in enumerate(
                 ("WARN login: invalid credentials", "GET /orders 200 in 9ms")))), "shop"),
    ShopCase("a claim is deleted while it is used", "open", claim_leaves),
    ShopCase("a volume is not attached for ten minutes", "fault", waits_long, words=("volume",), about=("labels",)),
    ShopCase("its node was rebooted an hour ago", "ok",
             lambda w: [w.restarted(pod, ended=HOUR, lasted=DAY, code=255, reason="Unknown") for pod in w.view["pods"]
                        if pod["status"]["phase"] == "Running"]),
    ShopCase("a probe failed many times two hours ago", "ok",
             lambda w: w.event(w.pod("front"), "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with "
                               "statuscode: 503", 55 * MINUTE), "shop"),
    ShopCase("events and policies are unread, and all answers", "open",
             lambda w: unread(w, "events", "networkpolicies")),
    ShopCase("Services are unread, and calls are refused", "fault",
             lambda w: unread(says(w, "track-view", REFUSED.format(LABELS)), "services", "endpoints"),
             words=("refuse",)),
    ShopCase("an error in one of many lines of a worker that goes on", "open",
             lambda w: w.log("sorter", (200, "[ERROR] cannot assign RR7: unknown weight"),
                             *((age, WELL["sorter"]) for age in range(190, 0, -5)))),
)  # fmt: skip
