"""What logs say: errors that count, and lines that only look like errors."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, MINUTE, WELL, says
from tests.support.near_miss_world import World

FORBIDDEN = ('pods is forbidden: User "system:serviceaccount:{}:{}" cannot list resource "pods" in API group "" in the '
             'namespace "{}"')  # fmt: skip
SCAN = '10.85.0.1 - - [29/Nov/2026:17:38:00 +0000] "GET {} HTTP/1.1" {} 153 "-" "zgrab/0.x"'


def among(world: World, name: str, *lines: str) -> World:
    """These lines again and again among those of its good work."""
    rows = [(age + n, line) for age in (280, 200, 120, 60, 20) for n, line in enumerate((*lines, WELL[name]))]
    return world.log(name, *sorted(rows, reverse=True), (3, WELL[name]))


TELLING = (
    ShopCase("zero errors", "ok", lambda w: among(w, "orders", "sync done: 0 errors, 0 warnings, error_rate=0.0"),
             "shop", asks=("namespace", "deployment/orders")),
    ShopCase("strangers ask for pages that there are not", "ok",
             lambda w: among(w, "gate", SCAN.format("/wp-login.php", 404), SCAN.format("/.env", 403)),
             asks=("namespace", "deployment/gate")),
    ShopCase("a user typed a wrong password", "ok",
             lambda w: among(w, "front", "WARN login failed for user ann@example: wrong password"), "shop",
             asks=("namespace", "deployment/front")),
    ShopCase("a scanner's login at the database", "open",
             lambda w: w.log("db", (400, 'FATAL:  password authentication failed for user "root"'),
                             (5, "LOG:  checkpoint complete")), "shop"),
    ShopCase("an error's name in a path", "ok",
             lambda w: among(w, "front", "GET /docs/connection-refused-error 200 in 3ms",
                             "GET /static/error.js 200 in 1ms"), "shop"),
    ShopCase("debug lines about retries that were not needed", "ok",
             lambda w: among(w, "orders", "DEBUG retry policy: max 3, on ECONNREFUSED, ETIMEDOUT"), "shop"),
    ShopCase("a deprecation warning", "ok",
             lambda w: among(w, "front", "(node:1) [DEP0040] DeprecationWarning: The punycode module is deprecated."),
             "shop"),
    ShopCase("an exception that was handled, and said so", "open",
             lambda w: among(w, "orders", "INFO handled: cart 12 expired, customer was told"), "shop"),
    ShopCase("too many connections", "fault",
             lambda w: says(w, "orders", "ERROR FATAL:  sorry, too many clients already"), "shop",
             ("connection",), ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("a certificate is over", "fault",
             lambda w: says(w, "front", "ERROR cannot show orders: certificate has expired (CERT_HAS_EXPIRED)"), "shop",
             ("certificate",), ("front", "orders"), ("namespace", "deployment/front")),
    ShopCase("the disk is full", "fault",
             lambda w: says(w, "broker", "[error] Failed to write message store: enospc (no space left on device)"),
             words=("space",), about=("broker",), asks=("namespace", "statefulset/broker")),
    ShopCase("the disk was full for a moment, hours ago", "ok",
             lambda w: w.log("sorter", (5 * HOUR, "OSError: [Errno 28] No space left on device: '/tmp/x'"),
                             *((age, WELL["sorter"]) for age in (4 * HOUR, HOUR, 60, 3)))),
    ShopCase("its account may not list pods", "fault",
             lambda w: says(w, "sorter", FORBIDDEN.format("anyns-p-well", "default", "anyns-p-well")),
             words=("list", "pods"), about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("it tells of an account of another namespace", "open",
             lambda w: among(w, "sorter", "audit: " + FORBIDDEN.format("ci", "runner", "ci"))),
    ShopCase("too many requests, now", "fault",
             lambda w: says(w, "sorter", "ERROR carrier answered 429 Too Many Requests"), words=("429",),
             about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("one request too many, and the next went well", "ok",
             lambda w: w.log("sorter", (50 * MINUTE, "ERROR carrier answered 429 Too Many Requests"),
                             *((age, WELL["sorter"]) for age in (40 * MINUTE, 600, 60, 3)))),
    ShopCase("the heap is full", "fault",
             lambda w: says(w, "scan-intake", "java.lang.OutOfMemoryError: Java heap space"), words=("heap",),
             about=("scan-intake",), asks=("namespace", "deployment/scan-intake")),
    ShopCase("the caller gets 502 from what is well", "fault",
             lambda w: says(w, "gate", '10.85.0.1 - - [29/Nov/2026:17:38:00 +0000] "GET /track/RR7 HTTP/1.1" 502 157 '
                            '"-" "Scanner/4.2"'), words=("502",), asks=("namespace", "deployment/gate")),
    ShopCase("a table that is not there", "fault",
             lambda w: says(w, "orders", 'ERROR relation "orders_v2" does not exist'), "shop", ("orders_v2",),
             ("orders", "db"), ("namespace", "deployment/orders")),
    ShopCase("a log of JSON with a level of info and a field of errors", "ok",
             lambda w: among(w, "orders", '{"level":"info","msg":"batch done","errors":[],"error":null,"failed":0}'),
             "shop"),
    ShopCase("a log of JSON with a level of error", "fault",
             lambda w: says(w, "orders", '{"level":"error","msg":"price list missing","file":"/data/prices.csv"}'),
             "shop", ("price",), ("orders",), ("namespace", "deployment/orders")),
    ShopCase("a panic that was recovered, once, an hour ago", "open",
             lambda w: w.log("orders", (HOUR, "panic recovered: runtime error: index out of range [3]"),
                             *((age, WELL["orders"]) for age in (50 * MINUTE, 600, 60, 3))), "shop"),
)  # fmt: skip
