"""Neighbours, log lines and pastes: what stands near a fault and is none."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import (
    HERE,
    LOGIN,
    SERVED,
    WELL,
    crash_log,
    login_line,
)
from tests.nearmiss.variants.network import REFUSED, database, oom
from tests.nearmiss.variants.pods import PASTE
from tests.nearmiss.variants.ways import empty_service, failing
from tests.support.near_miss_world import DAY

COMPANY = (
    Variant(
        "a Postgres exporter that crashes",
        "ok",
        lambda w: w.beside("postgres-exporter", {"app": "postgres-exporter"}, ports=[{"containerPort": 9187}]).crashing(
            w.pod("postgres-exporter")
        ),
    ),
    Variant(
        "a page for Redis that is scaled to zero",
        "ok",
        lambda w: w.beside("redis-commander", {"app": "redis-commander"}, replicas=0, ports=[{"containerPort": 8081}]),
    ),
    Variant(
        "a pooler beside a Postgres outside that is down",
        "ok",
        lambda w: w.beside("pgbouncer-metrics", {"app": "pgbouncer-metrics"}, ready=False),
    ),
    Variant(
        "a database that another release uses",
        "ok",
        lambda w: database(w, "shop-postgresql", ready=False, host="onyx-pg.db.svc"),
    ),
    Variant(
        "a standby of two databases that is down",
        "ok",
        lambda w: (
            database(w, "postgresql", ready=True, host="postgresql"),
            w.beside(
                "postgresql-read",
                {"app": "postgresql-read"},
                ready=False,
                image="postgres:16",
                ports=[{"containerPort": 5432}],
            ),
        ),
    ),
    Variant(
        "the database is not ready since four seconds, and the API serves",
        "open",
        lambda w: (
            database(w, "postgresql", ready=False, host="postgresql"),
            login_line(w, "INFO:     Application startup complete.", at=3 * DAY),
        ),
    ),
    Variant(
        "the database flaps beside an API that crashes of a wrong option",
        "fault",
        lambda w: (
            database(w, "postgresql", ready=False, host="postgresql"),
            crash_log(w, (62, "usage: uvicorn [OPTIONS] APP"), (61, "Error: No such option: --portt")),
        )[1],
        ("api-crash-looping", "dependency-down"),
        ("API server keeps crashing",),
    ),
    Variant(
        "the database was late for a moment beside an API that crashes of a wrong option",
        "fault",
        lambda w: (
            database(w, "postgresql", ready=True, host="postgresql"),
            w.not_ready(w.pod("postgresql"), 5),
            crash_log(w, (62, "usage: uvicorn [OPTIONS] APP"), (61, "Error: No such option: --portt")),
        )[2],
        ("api-crash-looping",),
    ),
    Variant(
        "the database was late for a moment beside an API whose Service selects nothing",
        "fault",
        lambda w: (
            database(w, "postgresql", ready=True, host="postgresql"),
            w.not_ready(w.pod("postgresql"), 5),
            failing(empty_service(w), REFUSED.format(HERE)),
        )[2],
        ("service-selector-mismatch",),
    ),
    Variant(
        "the database has no pods, and the API crashes of it",
        "fault",
        lambda w: (
            w.beside(
                "postgresql", {"app": "postgresql"}, replicas=0, image="postgres:16", ports=[{"containerPort": 5432}]
            )
            .add_service("postgresql", {"app": "postgresql"}, {"port": 5432})
            .env("api-server", {"name": "POSTGRES_HOST", "value": "postgresql"}),
            crash_log(
                w,
                (
                    62,
                    'connection to server at "postgresql" (172.30.1.1), port 5432 failed: Connection refused',
                ),
                (61, "Application startup failed. Exiting."),
            ),
        )[1],
        ("dependency-down",),
        ("Postgres",),
    ),
    Variant(
        "a user asks about a login that failed", "open", lambda w: login_line(w, f"INFO query: why do I get '{LOGIN}'?")
    ),
    Variant(
        "a login that failed two days ago",
        "open",
        lambda w: login_line(w, f"sqlalchemy.exc.OperationalError: {LOGIN}", at=2 * DAY),
    ),
    Variant(
        "a connector's own database refuses it",
        "open",
        lambda w: login_line(w, f"ERROR connector 14 (mysql source): {LOGIN}"),
    ),
    Variant(
        "a login that failed now and then, while users are served",
        "open",
        lambda w: login_line(w, f"sqlalchemy.exc.OperationalError: {LOGIN}"),
    ),
    Variant(
        "a crash of a login that failed",
        "fault",
        lambda w: crash_log(
            w,
            (
                62,
                f'connection to server at "postgres" (172.30.1.9), port 5432 failed: {LOGIN}',
            ),
            (61, "Application startup failed. Exiting."),
        ),
    ),
    Variant(
        "a document that quotes a disk that is full",
        "ok",
        lambda w: w.log(
            "api-server", (30, "INFO indexed 'OSError: [Errno 28] No space left on device' (runbook.md)"), SERVED
        ),
    ),
    Variant(
        "a document that quotes memory that ran out",
        "ok",
        lambda w: w.log(
            "api-server",
            (30, "INFO summary: 'java.lang.OutOfMemoryError: Java heap space' is discussed in ticket 12"),
            SERVED,
        ),
    ),
    Variant("the health endpoint wants to be asked elsewhere", "open", lambda w: w.answers("http_error", 301)),
    Variant("the health endpoint is not there, and users are served", "open", lambda w: w.answers("http_error", 404)),
    Variant(
        "overload now, while everything is served",
        "open",
        lambda w: w.log(
            "api-server", (20, "QueuePool limit of size 40 overflow 10 reached, connection timed out"), SERVED
        ),
    ),
    Variant(
        "every call is answered by 401, because nobody is logged in",
        "open",
        lambda w: w.log("web-server", (40, "GET /api/me 401 in 3ms"), (5, "GET /api/me 403 in 2ms")),
    ),
    Variant(
        "every call is answered by 504",
        "open",
        lambda w: w.log(
            "web-server",
            (40, "GET /api/me 504 in 60000ms"),
            (20, "GET /api/chat 504 in 60001ms"),
            (5, "GET /api/me 504 in 60000ms"),
        ),
        not_healthy=True,
    ),
    Variant(
        "two of hundred calls failed",
        "ok",
        lambda w: w.log(
            "web-server",
            *((200.0 - i, "GET /api/me 200 in 9ms") for i in range(90)),
            (60, "GET /api/x 502 in 9ms"),
            *((50.0 - i / 2, "GET /api/me 200 in 9ms") for i in range(90)),
        ),
    ),
    Variant(
        "a worker of the web server cannot reach its cache, all else is well",
        "ok",
        lambda w: w.log("web-server", (30, REFUSED.format("127.0.0.1:6379")), WELL),
    ),
    Variant(
        "an old cluster IP of the Service that was made again is pasted",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        PASTE.format("172.30.111.9"),
    ),
    Variant(
        "a port that the Service has not is pasted",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        "[cause]: Error: connect ECONNREFUSED 172.30.234.137:5432",
    ),
    Variant(
        "a name of another company is pasted",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        "[cause]: Error: getaddrinfo ENOTFOUND api.stripe.com",
    ),
    Variant(
        "a name of one label that is nobody's is pasted",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        "[cause]: Error: getaddrinfo ENOTFOUND otel-collector",
    ),
    Variant(
        "a pod's address that is nobody's is pasted",
        "part",
        oom,
        ("api-oom-killed",),
        (),
        PASTE.format("10.85.3.99"),
    ),
    Variant(
        "the API's name with our namespace is pasted",
        "fault",
        oom,
        ("api-oom-killed",),
        (),
        "[cause]: Error: connect ECONNREFUSED 172.30.234.137:8080 api-server.onyx-healthy.svc.cluster.local",
    ),
    Variant("a healthy app, and a foreign outage is pasted", "ok", lambda w: w, paste=PASTE.format("10.200.3.4")),
    Variant(
        "a healthy app, and a foreign name is pasted",
        "ok",
        lambda w: w,
        paste="[cause]: Error: getaddrinfo ENOTFOUND api-server.staging.svc.cluster.local",
    ),
)
