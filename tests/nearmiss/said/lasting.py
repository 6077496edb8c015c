"""Programs that say what they have to say at once and are silent then, as the fixtures of evaluation suites do.

What stands at the end of such a log still holds; and like logs in health. The right answers were written before the
program was asked.
"""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import born, says, waits
from tests.nearmiss.shops.suites import LOGIN, MAIL, ORDERS, entry, tells
from tests.support.near_miss_world import World

LABELS = ("namespace", "deployment/labels")


def once_said(world: World, *lines: str, ago: float = 200, name: str = "mail") -> World:
    """A container that began so long ago, said all this within a second, and nothing since."""
    born(world, world.pod(name), ago + 1)
    return world.log(name, *((ago - n / len(lines), line) for n, line in enumerate(lines)))


STOPPED = (
    "Mon Nov 30 12:00:00 UTC 2026 INFO: Application starting up",
    "Mon Nov 30 12:00:00 UTC 2026 INFO: Connecting to database",
    "Mon Nov 30 12:00:00 UTC 2026 WARN: Database connection slow",
    "Mon Nov 30 12:00:00 UTC 2026 ERROR: Failed to connect to database: connection timeout",
    "Mon Nov 30 12:00:00 UTC 2026 ERROR: Database connection failed after 3 retries",
    "Mon Nov 30 12:00:00 UTC 2026 INFO: Switching to backup database",
    "Mon Nov 30 12:00:00 UTC 2026 ERROR: Backup database also unavailable",
    "Mon Nov 30 12:00:00 UTC 2026 ERROR: Application cannot start without database",
    "Mon Nov 30 12:00:00 UTC 2026 FATAL: Shutting down application",
)
STAGING = (
    "2024-01-15T10:00:01.000Z [INFO] Successfully connected to database",
    "2024-01-15T10:01:00.000Z [HTTP] 200 GET /api/users/123 (45ms)",
    "2024-01-15T10:05:00.000Z [WARN] Configuration file change detected",
    *("2024-01-15T10:06:01.000Z [ERROR] Connection refused (db-staging.internal:5432)",
      "2024-01-15T10:06:01.100Z [HTTP] 500 GET /api/products - Connection refused",
      "2024-01-15T10:06:01.200Z [ERROR] All database queries failing: Connection refused") * 20,
    "2024-01-15T10:07:30.200Z [HTTP] 500 GET /api/health - Connection refused",
)  # fmt: skip
REPORTS = (
    '2026-11-30T12:00:00.001Z [INFO] "GET /api/users/123 HTTP/1.1" 200 45ms - Success',
    *(
        '2026-11-30T12:00:00.041Z [ERROR] "POST /api/reports/generate HTTP/1.1" 503 30000ms - Upstream timeout',
        '2026-11-30T12:00:00.042Z [INFO] "GET /api/reports/list HTTP/1.1" 200 67ms - Success',
    )
    * 6,
    "2026-11-30T12:00:00.070Z [WARN] Report generation service experiencing high latency",
    "2026-11-30T12:00:00.071Z [ERROR] 6 requests to /api/reports/generate resulted in 503 errors in the last minute",
    "2026-11-30T12:00:00.072Z [INFO] All 503 errors timeout after exactly 30 seconds",
    "2026-11-30T12:00:00.073Z [INFO] Other endpoints operating normally with avg response time 45ms",
)  # fmt: skip
SLOWER = (
    *(entry("Request processed in 120ms", "INFO"),) * 30,
    *(entry("Response time exceeding SLA", "WARN", response_time_ms=3900),) * 10,
    *(entry("Request timeout after 5000ms", response_time_ms=6000),) * 40,
)
QUERIES = (
    *("[2026-11-30 12:00:00] INFO: GET /api/users - 200 OK",
      "[2026-11-30 12:00:00] ERROR: Database query failed: SQL syntax error near 'SELCT' at line 1",
      "[2026-11-30 12:00:00] ERROR: Query execution aborted",
      "[2026-11-30 12:00:00] INFO: Health check passed") * 12,
)  # fmt: skip
FULL_HEAP = (
    *(entry("Memory usage: 4096MB (100.0%)", "WARN", memory_usage_mb=4096),) * 40,
    entry("java.lang.OutOfMemoryError: Java heap space", memory_usage_mb=4096),
    entry("Application crashed due to OutOfMemoryError"),
)
WAITED = (
    "INFO connecting to the broker",
    "ERROR broker refused the connection, trying again",
    "ERROR broker refused the connection, trying again",
    "INFO connected to the broker",
    "INFO waiting for work",
)
TESTED = (
    "INFO self test",
    "ERROR self test: a mail without an address is refused, as it should",
    "INFO self test passed",
    "INFO waiting for work",
)
BEGUN = ("INFO connecting to the broker", *("ERROR broker refused the connection",) * 3)
OWN_WORDS = 'ts=2026-11-30T12:00:00Z caller=main.go:89 Error="Unable to connect to Database" DSN="pw@tcp(db:3306)/s"'
HEALTH = "ts=2026-11-30T12:00:00Z caller=middlewares.go:131 method=Health result=2 took=30.5us"
NO_SERVERS = ";; connection timed out; no servers could be reached"
PROMO = "[TRAFFIC-GEN] Request #{}: Response status={}, latency=0.10s"

TAKES = ("INFO:app:Fetching data using stored procedure: sp_CheckUserNotifications",
         "INFO:app:Database call completed in {} seconds.", "INFO:app:Page rendered in {} seconds.")  # fmt: skip


def takes(world: World, *seconds: str) -> World:
    """How long the last calls of the mailer's database took, the newest last."""
    rows = enumerate(reversed(seconds))
    return world.log("mail", *((4 + 20 * n, line.format(long)) for n, long in reversed(list(rows)) for line in TAKES))


def shut(world: World, line: str, *egress: object) -> World:
    """What calls nobody that is known says this now, and a policy closes its egress but for these rules."""
    world.policy("default-deny-egress", {"matchLabels": {"app": "labels"}}, "Egress", egress=list(egress))
    return says(world, "labels", line) if line else world


def attached(world: World, *, missing: bool) -> World:
    """It waits for its volumes; and a ConfigMap among them is not there, or nothing is known of one."""
    pod = world.pod("orders")
    waits(world, pod, "ContainerCreating", since=600)
    said = ("Unable to attach or mount volumes: unmounted volumes=[config-volume], unattached volumes=[config-volume "
            "default-token-s6bkx]: timed out waiting for the condition")  # fmt: skip
    world.event(pod, "Pod", "FailedMount", said, 60)
    if missing:
        none = 'MountVolume.SetUp failed for volume "config-volume" : configmap "app-config" not found'
        world.event(pod, "Pod", "FailedMount", none, 20)
    return world


LASTING = (
    ShopCase("at once: it says that it shuts down, and still stands there", "fault", lambda w: once_said(w, *STOPPED),
             "shop", ("mail", "database"), ("mail",), MAIL),
    ShopCase("at once: its configuration leads to a place that refuses", "fault", lambda w: once_said(w, *STAGING),
             "shop", ("mail", "refused"), ("mail",), MAIL),
    # It ends with good words, and with trouble of before: told, and nobody is accused.
    ShopCase("at once: one kind of call is answered with 503", "open",
             lambda w: once_said(w, *REPORTS, name="orders", ago=100), "shop", ("orders", "report"),
             ("orders", "front"), ORDERS[:2], not_healthy=True),
    ShopCase("at once: calls became slower, until they timed out", "fault", lambda w: once_said(w, *SLOWER), "shop",
             ("mail", "timeout"), ("mail",), MAIL),
    ShopCase("at once: a query that is no SQL", "open", lambda w: once_said(w, *QUERIES), "shop",
             ("mail", "error"), ("mail",), MAIL, not_healthy=True),
    ShopCase("queries that are no SQL fail, and are aborted", "fault", lambda w: tells(w, *QUERIES[1:3], QUERIES[0]),
             "shop", ("mail", "SQL syntax error"), ("mail",), MAIL),
    ShopCase("at once: the heap is full", "fault", lambda w: once_said(w, *FULL_HEAP), "shop", ("mail", "heap"),
             ("mail",), MAIL),
    ShopCase("at once: logins failed", "open",
             lambda w: once_said(w, *(LOGIN.format("Connection to Redis timed out after 5000ms"),
                                      "[2026-11-29 17:38:00] INFO: User 4711 accessing dashboard") * 9), "shop",
             ("mail", "reports"), ("mail",), MAIL, not_healthy=True),
    ShopCase("at once: what it waited for came", "ok", lambda w: once_said(w, *WAITED), "shop", asks=MAIL),
    ShopCase("at once: its own test tells of an error", "ok", lambda w: once_said(w, *TESTED), "shop", asks=MAIL),
    # A neighbour began later, as everywhere, and such programs say nothing of it.
    ShopCase("at once: it was refused three times, and nothing since", "ok", lambda w: once_said(w, *BEGUN), "shop",
             asks=MAIL),
    ShopCase("at once: it was refused twenty times, and nothing since", "open",
             lambda w: once_said(w, BEGUN[0], *BEGUN[1:2] * 20), "shop", asks=MAIL),
    ShopCase("at once: it gave up an hour ago, and serves", "ok", lambda w: once_said(w, *STOPPED, ago=3_700), "shop",
             asks=MAIL),
    ShopCase("at once: it failed until it worked", "ok", lambda w: once_said(w, *STOPPED[:6], "INFO: 3 mails processed",
                                                                            "INFO: backup database connected"), "shop",
             asks=MAIL),
    ShopCase("at once: queries fail amid work, twenty seconds ago", "open", lambda w: once_said(w, *QUERIES, ago=20),
             "shop", ("mail", "error"), ("mail",), MAIL, not_healthy=True),
    ShopCase("at once: what failed twice amid its work is done at last", "ok",
             lambda w: once_said(w, "INFO: GET /api/users - 200 OK", *("ERROR: import failed", "INFO: again") * 3,
                                 "INFO: import completed", ago=20), "shop", asks=MAIL),
    ShopCase("at once: it gives up, and says a thousand times that it is healthy", "open",
             lambda w: once_said(w, *STOPPED, *("INFO: Status healthy",) * 300, ago=60), "shop", ("mail", "reports"),
             ("mail",), MAIL, not_healthy=True),
    ShopCase("what it starts again and again ends with a segmentation fault", "fault",
             lambda w: says(w, "mail", "Segmentation fault (core dumped)"), "shop", ("mail", "Segmentation fault"),
             ("mail",), MAIL),
    ShopCase("what it starts ended once with a segmentation fault, an hour ago", "ok",
             lambda w: w.log("mail", (3_600, "Segmentation fault"), *((n, "sent 1 mail") for n in (600, 60, 20, 4))),
             "shop", asks=MAIL),
    ShopCase("at once: it says so for half a minute only", "ok", lambda w: once_said(w, *BEGUN, ago=25), "shop",
             asks=MAIL),
    ShopCase("an error as the value of a field of its line", "fault", lambda w: tells(w, OWN_WORDS, HEALTH), "shop",
             ("mail", "unable to connect"), ("mail", "db"), MAIL),
    ShopCase("no error as the value of a field of its line", "ok",
             lambda w: tells(w, 'ts=2026-11-30T12:00:00Z caller=main.go:89 msg="sent" err=null', 'error="" sent=1',
                             "err=<nil> method=Health"), "shop", asks=MAIL),
    ShopCase("half of its calls are answered with errors, in its own words", "fault",
             lambda w: tells(w, PROMO.format(4, "error(500)"), PROMO.format(5, "success")), "shop",
             ("mail", "500"), ("mail",), MAIL),
    ShopCase("a request failed, in its own words", "fault",
             lambda w: tells(w, "[CHECKOUT] Request failed", "[CHECKOUT] Completed checkout request"), "shop",
             ("mail", "failed"), ("mail",), MAIL),
    ShopCase("one request in a hundred failed, in its own words", "ok",
             lambda w: w.log("mail", (250, "[CHECKOUT] Request failed"),
                             *((200 - n, "[CHECKOUT] Completed checkout request") for n in range(0, 195, 2))), "shop",
             asks=MAIL),
    # It works: told, and nobody is accused.
    ShopCase("each call of its database takes ten seconds", "open", lambda w: takes(w, *["10.01"] * 6), "shop",
             ("mail", "seconds"), ("mail",), MAIL, not_healthy=True),
    ShopCase("calls of its database take a third of a second", "ok", lambda w: takes(w, *["0.31"] * 6), "shop",
             asks=MAIL),
    ShopCase("a quarter of the calls of its database take six seconds", "ok",
             lambda w: takes(w, *["6.02", "0.31", "0.30", "0.29"] * 4), "shop", asks=MAIL),
    ShopCase("it dumps a database, which takes five minutes", "ok",
             lambda w: tells(w, "backup: database query took 312 s", "backup done"), "shop", asks=MAIL),
    ShopCase("it gets no answer from the DNS, which a policy closes to it", "fault",
             lambda w: shut(w, NO_SERVERS), words=("default-deny-egress",),
             about=("labels",), asks=LABELS),
    ShopCase("it gets no answer from the DNS, which a policy opens to it", "fault",
             lambda w: shut(w, NO_SERVERS, {"ports": [{"port": 53, "protocol": "UDP"}]}), words=("labels",),
             about=("labels",), asks=LABELS, never=("egress-closed",)),
    ShopCase("a policy closes the egress of what calls nobody", "ok", lambda w: shut(w, ""), asks=LABELS),
    ShopCase("a name is not known, and a policy closes the DNS", "fault",
             lambda w: shut(w, "curl: (6) Could not resolve host: rates.partner.example"), words=("labels",),
             about=("labels",), asks=LABELS, never=("egress-closed",)),
    ShopCase("its volumes are late, as a ConfigMap is not there", "fault", lambda w: attached(w, missing=True), "shop",
             ("app-config",), ("orders",), ORDERS, never=("volume-unattached",)),
    ShopCase("its volumes are late", "fault", lambda w: attached(w, missing=False), "shop", ("volume",), ("orders",),
             ORDERS),
)  # fmt: skip
