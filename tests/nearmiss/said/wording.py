"""What logs say: whose failure it is, whether it is over, and whether anything came of it."""

from __future__ import annotations

from tests.nearmiss.said.telling import among
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, MINUTE, WELL, born, named, says, told
from tests.support.near_miss_world import World

DENIED = (
    'pods is forbidden: User "system:serviceaccount:anyns-p-well:default" cannot list resource "nodes" in API group ""'
)


def works(world: World, name: str, *early: tuple[float, str]) -> World:
    """These lines, and then its good work until now."""
    return world.log(name, *early, *((age, WELL[name]) for age in (250, 200, 120, 60, 20, 4)))


def started_late(world: World) -> World:
    """A connection was refused while it started, and was there then."""
    born(world, world.pod("orders"), 280)
    return works(world, "orders", (278, "ERROR connect ECONNREFUSED db:5432, retrying in 2s"), (274, "connected to db"))


def reloaded(world: World) -> World:
    """A setting was changed, and it has read it."""
    found = named(world, "configmaps", "shop")
    found["changedAt"] = world.ago(20 * MINUTE)
    return works(world, "orders", (20 * MINUTE - 30, "INFO configuration file changed, reloaded 5 settings"))


def rotated(world: World, *, told_new: bool) -> World:
    """The password was changed; calls failed until it was read again, or fail still."""
    line = 'ERROR password authentication failed for user "shop"'
    if told_new:
        return works(world, "orders", (700, line), (690, line), (680, "INFO credentials reloaded"))
    return says(world, "orders", line)


WORDING = (
    ShopCase("its account may not list nodes, and it goes on without", "ok",
             lambda w: works(w, "sorter", (2 * HOUR, DENIED), (2 * HOUR - 1, "INFO watching this namespace only"))),
    ShopCase("the database was late at its start", "ok", started_late, "shop"),
    ShopCase("a setting was changed, and was read again", "open", reloaded, "shop"),
    ShopCase("a password was changed, and was read again", "ok", lambda w: rotated(w, told_new=True), "shop"),
    ShopCase("a password was changed, and is refused since", "fault", lambda w: rotated(w, told_new=False), "shop",
             ("password",), ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("a collector of traces on its loopback is refused, all else is well", "open",
             lambda w: among(told(w, "orders", "OTLP", "http://localhost:4317"), "orders",
                             "traces export: rpc error: dial tcp 127.0.0.1:4317: connect: connection refused"), "shop"),
    ShopCase("customers send what is no number", "open",
             lambda w: among(w, "orders", 'WARN 400 POST /orders: quantity "many" is not a number'), "shop"),
    ShopCase("a customer's order tells of an error", "open",
             lambda w: among(w, "orders", 'INFO order note: "last time I got ERROR 500 connection refused, please '
                 'fix"'),
             "shop"),
    ShopCase("tests of errors at its start", "ok",
             lambda w: works(w, "orders", (2 * HOUR, "self-test: simulated error: connection refused ... passed")),
                 "shop"),
    ShopCase("a summary with failures of none", "ok",
             lambda w: among(w, "sorter", "batch 12: ok=431 failed=0 timeout=0 errors=[]")),
    ShopCase("a lock that was waited for once", "ok",
             lambda w: works(w, "orders", (280, "WARN lock wait 1200ms on orders, retried")), "shop"),
    ShopCase("a slow query now and then", "ok",
             lambda w: w.log("db", (200, "LOG:  duration: 812.331 ms  statement: SELECT 1"), (9,
                 "LOG:  checkpoint complete")), "shop"),
    ShopCase("the table of orders is locked again and again", "fault",
             lambda w: says(w, "orders", "ERROR: deadlock detected: Process 41 waits for ShareLock on transaction 900"),
             "shop", ("deadlock",), ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("the cache takes no more writes", "fault",
             lambda w: says(w, "orders", "ERROR MISCONF Redis is configured to save RDB snapshots, but it's "
                 "currently unable "
                            "to persist to disk."), "shop", ("persist",), ("orders", "cache"),
             ("namespace", "deployment/orders")),
    ShopCase("the cache is full", "fault",
             lambda w: says(w, "orders", "ERROR OOM command not allowed when used memory > 'maxmemory'."), "shop",
             ("maxmemory",), ("orders", "cache"), ("namespace", "deployment/orders")),
    ShopCase("it writes to a copy that is only read", "fault",
             lambda w: says(w, "orders", "ERROR READONLY You can't write against a read only replica."), "shop",
             ("read only",), ("orders", "cache"), ("namespace", "deployment/orders")),
    ShopCase("the index takes no writes, its disk is nearly full", "fault",
             lambda w: says(w, "sorter", "[ERROR] index blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded "
                 "flood-stage "
                            "watermark, index has read-only-allow-delete block]"), words=("watermark",),
                            about=("sorter",)),
    ShopCase("a topic that is not there", "fault",
             lambda w: says(w, "sorter", "[ERROR] Producer: UNKNOWN_TOPIC_OR_PARTITION: parcels.sorted"),
             words=("parcels.sorted",), about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("a call of gRPC is not answered", "fault",
             lambda w: says(w, "track-view", "E, ERROR -- : rpc error: code = Unavailable desc = connection error: "
                 "desc = "
                            '"transport: Error while dialing: dial tcp 172.30.117.217:9090: connect: connection '
                            'refused"'),
             words=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("its licence is over", "fault",
             lambda w: says(w, "scan-intake", "ERROR 1 --- license check failed: license expired on 2026-11-28"),
             words=("license",), about=("scan-intake",), asks=("namespace", "deployment/scan-intake")),
    ShopCase("one answer in a hundred is a 500", "open",
             lambda w: w.log("gate", *sorted([(age + 0.0, WELL["gate"]) for age in range(280, 3, -3)] + [
                 (150.5, WELL["gate"].replace(" 200 ", " 500 "))], reverse=True))),
    ShopCase("every answer is a 500", "fault", lambda w: says(w, "gate", WELL["gate"].replace(" 200 ", " 500 ")),
             words=("500",), about=("gate",), asks=("namespace", "deployment/gate")),
    ShopCase("an error with a stack an hour ago, and well since", "ok",
             lambda w: works(w, "orders", (HOUR, "Unhandled rejection TypeError: Cannot read properties of undefined"),
                             (HOUR, "    at Cart.total (/app/cart.js:12:9)")), "shop"),
    ShopCase("a restart policy is told of in French", "fault",
             lambda w: says(w, "scan-intake", "ERREUR 1 --- échec de la connexion: Connection refused: "
                 "172.30.8.153:3306"),
             words=("ledger",), asks=("namespace", "deployment/scan-intake")),
    ShopCase("a client that it does not know sends a bad token", "open",
             lambda w: among(w, "orders", "WARN 401 GET /orders: invalid token from 198.51.100.7"), "shop"),
)  # fmt: skip
