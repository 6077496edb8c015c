"""Cases after public evaluation suites: what their programs print, in our shop; and like lines in health.

The lines are of the kinds that HolmesGPT's fixtures print; the right answers were written before the program was asked.
"""

from __future__ import annotations

from typing import Any

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, group, pending, says, waits
from tests.support.near_miss_world import World

NOW = "2026-11-29T17:38:00Z"
MAIL = ("namespace", "deployment/mail")


def entry(message: str, level: str = "ERROR", **more: Any) -> str:
    """A JSON line as such a program writes it."""
    words = [f'"timestamp":"{NOW}"', f'"level":"{level}"', '"service":"backend-service"']
    words += [
        f'"{key}":{value}' if isinstance(value, int | float) else f'"{key}":"{value}"' for key, value in more.items()
    ]
    return "{" + ",".join([*words, f'"message":"{message}"']) + "}"


def tells(world: World, line: str, *between: str) -> World:
    """The worker says this again and again, and the other lines once a minute."""
    return says(world, "mail", line, *((age, text) for text in between for age in (250, 190, 130, 70, 20)))


def full(world: World) -> World:
    world.crashing(world.pod("mail"), code=1)
    lines = ("Loading historical analytics dataset...", "ERROR: Failed to initialize historical data repository",
             "CRITICAL: Unable to load required historical dataset", "[Errno 28] No space left on device")  # fmt: skip
    return world.log("mail", *((40 - n, line) for n, line in enumerate(lines)), previous=True)


def other_version(world: World) -> World:
    """The Service asks for a label that the pods have with another value."""
    for item in world.view["services"]:
        if item["metadata"]["name"] == "cache":
            item["spec"]["selector"] = {"app": "cache", "version": "v2"}
    group(world, "cache")["addresses"] = []
    told = "wget: can't connect to remote host (172.30.77.2): Connection refused"
    return tells(world, told, "Trying to connect to cache...", "ERROR: Connection to cache failed!")


def other_name(world: World) -> World:
    """It mounts a ConfigMap of nearly the name of one that is there."""
    pod = world.pod("mail")
    waits(world, pod, "ContainerCreating", since=HOUR)
    said = 'MountVolume.SetUp failed for volume "config-volume" : configmap "app-config" not found'
    return world.event(pod, "Pod", "FailedMount", said, 20)


def held(world: World, reason: str, said: str) -> World:
    """The container of orders waits for an hour."""
    return waits(world, world.pod("orders"), reason, said, since=HOUR)


def once(world: World, line: str) -> World:
    """It said this an hour ago, at its first start."""
    return world.log("mail", (HOUR, line), *((age, "sent 1 mail") for age in (200, 120, 60, 5)))


ORDERS = ("namespace", "deployment/orders", "deployment/front")
CONFLICT = "0/3 nodes are available: 1 node(s) had volume node affinity conflict, 2 node(s) were unschedulable."
NEVER = 'Container image "acme/orders:7" is not present with pull policy of Never'
ROOT = 'container has runAsNonRoot and image will run as root (pod: "orders_shop(1)", container: orders)'
NO_NAME = ('Failed to apply default image tag "Acme/Orders:1": couldn\'t parse image name "Acme/Orders:1": invalid '
           'reference format: repository name (Acme/Orders) must be lowercase')  # fmt: skip
TOPIC = "%3|1796018370.750|FAIL|rdkafka#consumer-1| [thrd:main]: Broker: Unknown topic or partition: orders-v2"
PREAD = ('{"t":{"$date":"2026-11-29T17:38:00Z"},"s":"E","c":"STORAGE","msg":"WiredTiger error","attr":{"error":5,'
         '"message":"pread: failed to read 4096 bytes at offset 16384: Input/output error"}}')  # fmt: skip
LOOKUP = ('rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp: '
          'lookup recommendation on 10.96.0.10:53: no such host"')  # fmt: skip
REVOKED = 'rpc error: code = Unknown desc = not authorized on rate-db to execute command { find: "inventory" }'
SASL = "Failed to get rates: server returned error on SASL authentication step: Authentication failed."
FLAG = '{"level":"error","message":"Error: Product Catalog Fail Feature Flag Enabled","trace_id":"a1"}'
CARD = ('{"severity":"error","message":"failed to charge card: rpc error: code = Unknown desc = Payment request failed'
        '. Invalid token. app.loyalty.level=gold"}')  # fmt: skip

EXHAUSTED = entry(
    "Timeout waiting for database connection after 30000ms - Pool exhausted (100/100)", active_connections=100
)
FLAPPING = entry(
    "Network timeout: Connection to backend timed out after 30000ms", status="timeout", network_timeout_rate=0.6
)
LIMITED = entry("Too Many Requests - Rate limit exceeded (100/second)", status=429, path="/api/v1/data")
SLOW = entry("Request timeout after 5000ms", response_time_ms=5000, endpoint="/api/v1/orders")
HEAP = entry("java.lang.OutOfMemoryError: Java heap space", memory_used_mb=4096)
POOL = entry(
    "Database connection timeout: Could not acquire connection from pool after 30s", status=500, path="/api/orders"
)
WORSE = entry("Performance degradation detected", hit_rate=24.7, avg_response_ms=2310)
LOST = entry("Lost connection to Redis: Connection refused (ECONNREFUSED) redis-master:6379")
VALIDATE = entry(
    "Cannot validate user: user-service responded with 503 Service Unavailable", trace_id="trace-failure-001"
)
FORBIDDEN = ('Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:anyns-well:default" cannot '
             'list resource "pods" in API group "" in the namespace "anyns-well"')  # fmt: skip
RDS = ('pymysql.err.OperationalError: (2003, "Can\'t connect to MySQL server on '
       "'promotions-db.cp8rwothwarq.us-east-2.rds.amazonaws.com' ([Errno 110] Connection timed out)\")")  # fmt: skip
LOGIN = "[2026-11-29 17:38:00] ERROR: Login failed: {}"

SUITES = (
    ShopCase("public: a pool of connections is used up", "fault", lambda w: tells(w, EXHAUSTED), "shop",
             ("mail", "pool exhausted"), ("mail",), MAIL),
    ShopCase("public: most calls to the backend time out", "fault",
             lambda w: tells(w, FLAPPING, entry("Request completed - Status: success", "INFO", response_time_ms=120)),
             "shop", ("mail", "timed out"), ("mail",), MAIL),
    ShopCase("public: a limiter refuses too many requests", "fault", lambda w: tells(w, LIMITED), "shop",
             ("mail", "rate limit"), ("mail",), MAIL),
    ShopCase("public: requests time out after five seconds", "fault", lambda w: tells(w, SLOW), "shop",
             ("mail", "timeout"), ("mail",), MAIL),
    ShopCase("public: the heap is full, and it goes on", "fault", lambda w: tells(w, HEAP), "shop", ("mail", "heap"),
             ("mail",), MAIL),
    ShopCase("public: no connection could be got from the pool", "fault", lambda w: tells(w, POOL), "shop",
             ("mail", "pool"), ("mail",), MAIL),
    ShopCase("public: a cache is slow after its configuration was read again", "fault",
             lambda w: tells(w, WORSE, entry("Configuration reloaded successfully", "INFO")), "shop",
             ("mail", "degradation"), ("mail",), MAIL),
    ShopCase("public: Redis is lost, by a name that is no Service", "fault", lambda w: tells(w, LOST), "shop",
             ("redis-master",), (), MAIL),
    ShopCase("public: a service further on answers 503", "fault", lambda w: tells(w, VALIDATE), "shop",
             ("mail", "503"), ("mail",), MAIL),
    ShopCase("public: its account may not list pods", "fault",
             lambda w: tells(w, FORBIDDEN, "Attempting to list pods in namespace...",
                             "ERROR: Permission denied - cannot list pods"), "shop",
             ("list", "pods", "default"), ("mail",), MAIL),
    ShopCase("public: a database of a cloud is stopped", "fault", lambda w: tells(w, RDS), "shop",
             ("promotions-db",), (), MAIL),
    ShopCase("public: logins fail, as Redis does not answer", "fault",
             lambda w: tells(w, LOGIN.format("Connection to Redis timed out after 5000ms"),
                             "[2026-11-29 17:38:00] WARN: Authentication service degraded"), "shop",
             ("mail", "redis"), ("mail",), MAIL),
    ShopCase("public: logins fail, as a certificate has expired", "fault",
             lambda w: tells(w, LOGIN.format("SSL certificate verification failed: certificate has expired")), "shop",
             ("mail", "certificate"), ("mail",), MAIL),
    ShopCase("public: a connection is tried again and again", "fault",
             lambda w: tells(w, "ERROR: Database connection failed: ETIMEDOUT",
                             "ERROR: Connection retry failed (attempt 2/3)"),
             "shop", ("mail", "etimedout"), ("mail",), MAIL),
    ShopCase("public: a query that is no SQL", "fault",
             lambda w: tells(w, "ERROR: Query execution failed: Syntax error at position 23, unexpected token 'SELCT'"),
             "shop", ("mail", "syntax error"), ("mail",), MAIL),
    ShopCase("public: the volume is full, and it ends", "fault", full, "shop", ("mail", "no space left"),
             ("mail",), MAIL),
    ShopCase("public: a Service asks for another version's label", "fault", other_version, "shop",
             ("service cache", "version=v2"), (), (*MAIL, "service/cache")),
    ShopCase("public: a ConfigMap of nearly that name", "fault", other_name, "shop", ("app-config",),
             ("mail",), MAIL),
    ShopCase("public: the pool is busy, and everything is served", "ok",
             lambda w: tells(w, entry("Database pool status: 20/100 connections active", "INFO", pool_usage=20)),
             "shop", asks=MAIL),
    ShopCase("public: users log in", "ok",
             lambda w: tells(w, "[2026-11-29 17:38:00] INFO: User 4711 logged in successfully",
                             "[2026-11-29 17:38:00] INFO: 0 login failures in the last minute"), "shop", asks=MAIL),
    ShopCase("public: a volume is bound to another node", "fault",
             lambda w: pending(w, w.pod("orders"), CONFLICT), "shop", ("orders", "volume"), ("orders",), ORDERS),
    ShopCase("public: its image would run as root", "fault", lambda w: held(w, "CreateContainerConfigError", ROOT),
             "shop", ("orders", "runasnonroot"), ("orders",), ORDERS),
    ShopCase("public: an image name that is none", "fault", lambda w: held(w, "InvalidImageName", NO_NAME),
             "shop", ("orders", "acme/orders"), ("orders",), ORDERS),
    ShopCase("public: an image that is not there and may not be pulled", "fault",
             lambda w: held(w, "ErrImageNeverPull", NEVER), "shop", ("orders", "acme/orders:7"), ("orders",), ORDERS),
    ShopCase("public: MongoDB refuses its user", "fault", lambda w: tells(w, SASL), "shop",
             ("mail", "authentication failed"), ("mail",), MAIL),
    ShopCase("public: a role of MongoDB was taken away", "fault", lambda w: tells(w, REVOKED), "shop",
             ("mail", "not authorized"), ("mail",), MAIL),
    ShopCase("public: Valkey wants a password", "fault",
             lambda w: tells(w, "redis.exceptions.AuthenticationError: NOAUTH Authentication required."), "shop",
             ("mail", "noauth"), ("mail",), MAIL),
    ShopCase("public: a topic that is not there", "fault", lambda w: tells(w, TOPIC), "shop",
             ("mail", "unknown topic"), ("mail",), MAIL),
    ShopCase("public: a disk with read errors", "fault", lambda w: tells(w, PREAD), "shop",
             ("mail", "input/output error"), ("mail",), MAIL),
    ShopCase("public: gRPC to a name that is no Service", "fault", lambda w: tells(w, LOOKUP), "shop",
             ("recommendation",), (), MAIL),
    ShopCase("public: a feature flag makes it fail", "fault", lambda w: tells(w, FLAG), "shop",
             ("mail", "feature flag"), ("mail",), MAIL),
    ShopCase("public: a payment is refused for its token", "fault", lambda w: tells(w, CARD), "shop",
             ("mail", "invalid token"), ("mail",), MAIL),
    ShopCase("public: a topic was not there at its first start", "ok", lambda w: once(w, TOPIC), "shop", asks=MAIL),
    ShopCase("public: a block could not be read, an hour ago", "ok", lambda w: once(w, PREAD), "shop", asks=MAIL),
)  # fmt: skip
