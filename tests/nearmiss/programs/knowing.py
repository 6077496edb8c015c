"""What shows whom a program calls, and whose trouble a failure is: levels that grow, stores that are full, locks, and
programs that end for a reason of their own.
"""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, says, told
from tests.support.near_miss_world import World

LAG = "2026-11-29 17:38:00 WARN  consumer group mail lag is {} on orders-0"
FULL = "Error: could not save the cart: OOM command not allowed when used memory > 'maxmemory'."
LOCKED = "ERROR failed to update product: pq: canceling statement due to lock timeout"
HUNG = "Error: 4 DEADLINE_EXCEEDED: Deadline exceeded after 3.001s,LB pick: 0.001s,remote_addr=orders:8080"
MAIL, ORDERS = ("namespace", "deployment/mail"), ("namespace", "deployment/orders")


def levels(world: World, every: float, *lag: int) -> World:
    """The consumer tells how far it is behind, until now."""
    return world.log("mail", *((every * (len(lag) - n), LAG.format(level)) for n, level in enumerate(lag)))


def killed(world: World, reason: str) -> World:
    """A variable names a Service that is not there, and the program keeps ending for this reason."""
    told(world, "mail", "PRICES_URL", "http://prices:8080")
    code = 137 if reason == "OOMKilled" else 1
    return world.crashing(world.pod("mail"), code=code, reason=reason)


def called_once(world: World, *now: str) -> World:
    """Twenty minutes ago the mailer was refused at the Service of orders; this is what it says since."""
    began = [(1_200 + age, "ERROR rpc: connect ECONNREFUSED orders:8080") for age in (4, 2)]
    return world.log("mail", *began, *((age, line) for age in (200, 140, 80, 50, 20, 10, 3) for line in now))


def silent_caller(world: World) -> World:
    """What the mailer calls keeps ending; it says nothing but that it answers with errors."""
    world.crashing(world.pod("orders"), code=1, count=9)
    return called_once(world, '2026/11/29 17:38:00 [notice] 7#7: *12 "GET /mails HTTP/1.1" 500 77')


KNOWING = (
    ShopCase("it says only that it fails, and whom it calls it said long ago", "fault", silent_caller, "shop",
             ("orders",), ("orders",), ("deployment/mail",)),
    ShopCase("it was refused by another one long ago, and is well", "ok",
             lambda w: called_once(w, '2026/11/29 17:38:00 [notice] 7#7: *12 "GET /mails HTTP/1.1" 200 77'), "shop",
             asks=(*MAIL, "deployment/orders")),
    ShopCase("it says to whom it is connected, and all is well", "ok",
             lambda w: says(w, "mail", "INFO connected to orders:8080", (250, "INFO calling http://orders:8080/mails")),
             "shop", asks=(*MAIL, "deployment/orders")),
    ShopCase("a lag that doubles within half a minute", "open", lambda w: levels(w, 3, *range(1_000, 5_000, 350)),
             "shop", ("falls behind",), asks=MAIL, not_healthy=True),
    ShopCase("a lag that is worked off for five minutes", "ok", lambda w: levels(w, 30, *range(90_000, 10_000, -8_000)),
             "shop", asks=MAIL),
    ShopCase("a lag that comes and goes within half a minute", "ok",
             lambda w: levels(w, 3, 900, 2_400, 1_100, 700, 1_900, 300, 2_600, 800, 400), "shop", asks=MAIL),
    ShopCase("a lag that rises by a tenth within half a minute", "ok",
             lambda w: levels(w, 3, *range(1_000, 1_100, 10)), "shop", asks=MAIL),
    ShopCase("the store that it writes to is full", "fault", lambda w: says(w, "mail", FULL), "shop",
             ("store that it writes to",), ("mail", "cache"), MAIL),
    ShopCase("a store was full an hour ago", "ok",
             lambda w: w.log("mail", (HOUR, FULL), *((age, "sent 1 mail") for age in (200, 120, 60, 5))), "shop",
             asks=MAIL),
    ShopCase("what a store may hold is told at its start", "ok",
             lambda w: says(w, "cache", "1:M 29 Nov 2026 17:00:00.001 * maxmemory 64mb, policy allkeys-lru"), "shop"),
    ShopCase("statements wait for locks", "fault", lambda w: says(w, "orders", LOCKED), "shop",
             ("wait for each other",), ("orders",), ORDERS),
    ShopCase("one statement waited for a lock", "ok",
             lambda w: w.log("orders", (200, LOCKED), *((age, "order 7 placed") for age in (120, 60, 20, 5))), "shop",
             asks=ORDERS),
    ShopCase("what is called hangs, says gRPC of Node", "fault", lambda w: says(w, "front", HUNG), "shop",
             ("orders", "no answer in time"), ("orders",), (*ORDERS, "deployment/front")),
    ShopCase("killed for memory, and a name in its settings is nobody's", "fault", lambda w: killed(w, "OOMKilled"),
             "shop", ("killed for memory",), ("mail",), MAIL, never=("missing",)),
    ShopCase("it keeps ending, and a name in its settings is nobody's", "fault", lambda w: killed(w, "Error"), "shop",
             ("prices",), ("mail", "prices"), MAIL),
)  # fmt: skip
