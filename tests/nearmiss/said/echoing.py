"""Cases of programs that pass on each other's errors, in the words of their loggers and of gRPC; and like lines in
health. The lines are of the kinds that the programs of SREGym, ITBench and the demos print.
"""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, says, zero
from tests.nearmiss.shops.suites import MAIL, once, tells
from tests.support.near_miss_world import World

ORDERS = ("namespace", "deployment/orders", "deployment/front")
DENIED = "not authorized on shop-db to execute command { find: 'orders', filter: {} }"
GO, PASSED_ON = "ERR cmd/orders/main.go:87 > Failed: {}", "ERR cmd/front/main.go:31 > Search failed: {}{}"
UNKNOWN = "rpc error: code = Unknown desc = "
DAMAGED = "WiredTiger error message: read checksum error for 4096B block at offset 12288"
REFUSED = (
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp: lookup '
    'ledger on 10.96.0.10:53: no such host"'
)
COLLECTS = "[12.3s][info][gc] GC(41) Pause Full (G1 Compaction Pause) 255M->254M(256M) 2843.112ms"


def passed_on(world: World, error: str, depth: int = 1) -> World:
    """Orders says the error itself, and front what orders answered."""
    says(world, "orders", GO.format(error))
    return says(world, "front", PASSED_ON.format(UNKNOWN * depth, error))


def asserts(world: World) -> World:
    """MongoDB tells of a read that failed, of its assertion, and of its end."""
    error = '{"t":{"$date":"2026-11-29T17:38:00Z"},"s":"E","c":"WT","msg":"WiredTiger error message","attr":{"error":5,'
    error += '"message":{"msg":"__posix_file_read:424:/data/db/collection-7--8031446190143.wt: handle-read: pread: '
    error += 'failed to read 4096 bytes at offset 24576","error_str":"Input/output error"}}}'
    world.crashing(world.pod("orders"), code=14)
    lines = (error, '{"s":"F","c":"ASSERT","msg":"Fatal assertion"}', "***aborting after fassert() failure")
    return world.log("orders", *((40 - n, line) for n, line in enumerate(lines)), previous=True)


def console(world: World, level: str, said: str) -> World:
    """.NET's console: how bad it is and who says so, and what is said in a line of its own."""
    ages = (280, 220, 160, 100, 60, 30, 12, 3)
    lines = [(age, f"{level}: mail.services.MailService[0]") for age in ages]
    said_lines = [(age - 0.001, f"      {said}") for age in ages]
    return world.log("mail", *sorted((*lines, *said_lines), reverse=True))


def not_listening(world: World) -> World:
    """Orders runs, and its port refuses the probe."""
    pod = world.pod("orders")
    world.not_ready(pod, since=400)
    world.log("orders", (390, "starting"), (380, "reads its settings"))
    says(world, "front", "ERROR cannot call: connect ECONNREFUSED orders:8080")
    where = {"target": f"pod/{pod['metadata']['name']}", "port": "8080", "path": "/healthz"}
    world.view["health"] = [{**where, "outcome": "refused", "detail": "connection refused"}]
    refused = 'Readiness probe failed: Get "http://10.85.0.7:8080/healthz": dial tcp 10.85.0.7:8080: connect: '
    refused += "connection refused"
    return world.event(pod, "Pod", "Unhealthy", refused, 5)


def waits_for(world: World) -> World:
    """Orders does not listen before it reaches its database, which is scaled to zero."""
    not_listening(world)
    zero(world, "db")
    return says(world, "orders", "ERROR cannot call: connect ECONNREFUSED db:5432")


def both_refused(world: World) -> World:
    """Two programs say the same of a third: none of them passes on what the other says."""
    says(world, "orders", GO.format(REFUSED))
    return says(world, "mail", PASSED_ON.format("", REFUSED))


ECHOING: tuple[ShopCase, ...] = (
    ShopCase("echo: what a database does not permit is passed on", "fault", lambda w: passed_on(w, DENIED), "shop",
             ("orders", "not authorized"), ("orders",), ORDERS[:2]),
    ShopCase("echo: damaged data, through two programs", "fault", lambda w: passed_on(w, DAMAGED, 2), "shop",
             ("orders", "checksum"), ("orders",), ORDERS[:2]),
    ShopCase("echo: only a caller that no setting names tells of a server's error", "open",
             lambda w: tells(w, "GET http://orders:8080/orders 500"), "shop", ("orders",), ("mail", "orders"),
             ("deployment/orders",), not_healthy=True),
    ShopCase("echo: a caller tells of a server's error by a URL", "fault",
             lambda w: tells(w, "GET http://orders:8080/orders 500"), "shop", ("mail", "500"),
             ("mail", "orders"), MAIL),
    ShopCase("echo: two programs say the same of a third", "fault", both_refused, "shop", ("ledger",), (),
             ("namespace",)),
    ShopCase("echo: the callers' words about an unknown method", "fault",
             lambda w: tells(w, "rpc error: code = Unimplemented desc = unknown service rate.Rate"), "shop",
             ("mail", "unknown service"), ("mail",), MAIL),
    ShopCase("echo: only its caller tells that it does not know a method", "open",
             lambda w: says(w, "front", "ERR > rpc error: code = Unimplemented desc = unknown service shop.Orders"),
             "shop", ("orders",), ("front", "orders"), ("deployment/orders",), not_healthy=True),
    ShopCase("echo: errors in zerolog's words", "fault", lambda w: tells(w, "ERR cmd/mail/main.go:87 > no template"),
             "shop", ("mail", "no template"), ("mail",), MAIL),
    ShopCase("echo: errors in .NET's words", "fault", lambda w: console(w, "fail", "no template was found"), "shop",
             ("mail", "no template"), ("mail",), MAIL),
    ShopCase("echo: what .NET's second line means", "fault",
             lambda w: console(w, "fail", "MongoException: " + DENIED), "shop", ("mail", "not authorized"), ("mail",),
             MAIL),
    ShopCase("echo: a warning in .NET's words", "ok",
             lambda w: console(w, "warn", "no template, the plain one is used"), "shop", asks=MAIL),
    ShopCase("echo: errors in Boost's words", "fault",
             lambda w: tells(w, "[2026-Nov-29 17:38:00.123456] <error>: (Mail.h:97:Send) no template"), "shop",
             ("mail", "no template"), ("mail",), MAIL),
    ShopCase("echo: errors in pino's words", "fault",
             lambda w: tells(w, '{"level":50,"time":1796018370750,"pid":1,"msg":"no template"}'), "shop",
             ("mail", "no template"), ("mail",), MAIL),
    ShopCase("echo: errors in Monolog's words", "fault",
             lambda w: tells(w, "[2026-11-29T17:38:00.000000+00:00] mail.ERROR: no template [] []"), "shop",
             ("mail", "no template"), ("mail",), MAIL),
    ShopCase("echo: a statement that its database does not understand", "fault",
             lambda w: tells(w, "java.sql.SQLException: You have an error in your SQL syntax; check the manual"),
             "shop", ("mail", "sql syntax"), ("mail",), MAIL),
    ShopCase("echo: it turns calls away", "fault",
             lambda w: tells(w, "too many requests: 1042 in flight, limit 200, shedding load"), "shop",
             ("mail", "overloaded"), ("mail",), MAIL),
    ShopCase("echo: it collects its garbage all the time", "fault", lambda w: tells(w, COLLECTS), "shop",
             ("mail", "garbage"), ("mail",), MAIL),
    ShopCase("echo: it ends, and why stands at the end of a long line", "fault", asserts, "shop",
             ("orders", "its disk fails"), ("orders",), ORDERS[:2]),
    ShopCase("echo: it does not listen, as it waits for a database at zero", "fault", waits_for, "shop",
             ("db",), ("db",), ORDERS[:2], never=("orders-not-listening",)),
    ShopCase("echo: it does not listen, and what it calls is well", "fault", not_listening, "shop", ("orders",),
             ("orders",), ORDERS[:2]),
    ShopCase("echo: calls that succeed at a retry", "ok",
             lambda w: says(w, "mail", "WARN retried, as it broke off by ReadTimeoutError, succeeded at attempt 2"),
             "shop", asks=MAIL),
    ShopCase("echo: a right was refused an hour ago, and is passed on no more", "ok",
             lambda w: w.log("orders", (HOUR, GO.format(DENIED)), (60, "GET /orders 200 in 8ms"),
                             (5, "GET /orders 200 in 8ms")), "shop", asks=ORDERS),
    ShopCase("echo: one answer of a program was an error, and it goes on", "ok",
             lambda w: w.log("mail", (200, PASSED_ON.format(UNKNOWN, "order 17 is not there any more")),
                             *((age, "sent 1 mail") for age in (160, 90, 40, 5))), "shop", asks=MAIL),
    ShopCase("echo: informations that quote an error", "open",
             lambda w: tells(w, "INF cmd/mail/main.go:87 > retried after: " + DENIED), "shop", asks=MAIL[:1]),
    ShopCase("echo: data was damaged an hour ago", "ok", lambda w: once(w, DAMAGED), "shop", asks=MAIL),
    ShopCase("echo: garbage was collected for long, once", "ok", lambda w: w.log(
        "mail", (100, COLLECTS), *((age, "sent 1 mail") for age in (80, 40, 5))), "shop", asks=MAIL),
    ShopCase("echo: a URL of a Service that answered well", "ok",
             lambda w: tells(w, "GET http://orders:8080/orders 200 500ms"), "shop", asks=(*MAIL, "deployment/orders")),
)  # fmt: skip
