# ruff: noqa: E501
"""How the news site is broken, and what only looks so; the right answers were written before the first question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.shop import gazette_programs as g
from tests.shop import programs as q
from tests.shop.app import Object, container, http_probe
from tests.shop.depot import claim, variable
from tests.shop.gazette import DSN, Gazette
from tests.shop.row import Row

WWW, ARTICLES, SEARCH, QUEUE, PRESS = (f"deployment/{one}" for one in ("www", "articles", "search", "queue", "press"))
ARCHIVE = "statefulset/archive"


def row(name: str, change: Callable[[Any], Any], about: str, words: tuple[str, ...], **more: Any) -> Row:
    """A row of the news site; its views begin with g-."""
    return Row(
        f"g-{name}", lambda shop: change(shop) and None, about, words, shop=Gazette, entrance=WWW, strict=True, **more
    )


def says(name: str, text: str, code: int = 1) -> Callable[[Gazette], None]:
    return lambda shop: shop.box(name).update(args=[q.says_and_ends(text, code)])


def box(name: str, **more: Any) -> Callable[[Gazette], None]:
    return lambda shop: shop.box(name).update(more)


def prints(name: str, program: str, text: str) -> Callable[[Gazette], None]:
    return box(name, args=[program + ";setInterval(()=>console.error(" + repr(text) + "),2000)"])


def place(key: str, value: str) -> Callable[[Gazette], None]:
    return lambda shop: shop.find("ConfigMap", "www")["data"].update({key: value})


def claim_shared(shop: Gazette) -> None:
    """The only volume can be used by one node, and the claim asks for many."""
    made = claim()
    made["spec"]["accessModes"] = ["ReadWriteMany"]
    shop.template("archive")["volumeClaimTemplates"] = [made]


def zone(shop: Gazette) -> None:
    wanted = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1c"]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [wanted]}]}
    shop.pod("articles")["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


def host_port(shop: Gazette) -> None:
    """Two of one program on one node, each with the node's own port."""
    shop.template("search")["replicas"] = 2
    shop.box("search")["ports"] = [{"containerPort": 9200, "hostPort": 19342}]


def rotated() -> list[Object]:
    shop = Gazette()
    found = shop.find("Secret", "archive-login")
    found["stringData"] = {"password": "lintel-12", "dsn": DSN.replace("quoin-88", "lintel-12")}
    return [found]


def no_end(shop: Gazette) -> None:
    cron = shop.find("CronJob", "feed-import")["spec"]
    cron |= {"schedule": "* * * * *", "concurrencyPolicy": "Forbid"}
    cron["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"] = [
        "console.log('fetching wires');setInterval(()=>{},1e6)"
    ]


def deadline(shop: Gazette) -> None:
    shop.job("reindex", "console.log('reindexed 40 of 9000');setInterval(()=>{},1e6)", activeDeadlineSeconds=15)


def autoscaled(shop: Gazette) -> None:
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "articles"},
        "minReplicas": 1,
        "maxReplicas": 4,
        "targetCPUUtilizationPercentage": 70,
    }
    shop.add("autoscaling/v1", "HorizontalPodAutoscaler", "articles", spec=spec)


def not_executable(shop: Gazette) -> None:
    shop.add("v1", "ConfigMap", "articles-run", data={"run.sh": "#!/bin/sh\nexec /usr/bin/node\n"})
    shop.pod("articles")["volumes"] = [{"name": "run", "configMap": {"name": "articles-run", "defaultMode": 0o644}}]
    shop.box("articles").update(
        command=["/opt/run/run.sh"], args=[], volumeMounts=[{"name": "run", "mountPath": "/opt/run"}]
    )


def too_wide(shop: Gazette) -> None:
    """Everything of the site is behind this Service."""
    shop.find("Service", "articles")["spec"]["selector"] = {"site": "gazette"}


def stays(shop: Gazette) -> None:
    shop.find("Deployment", "search")["metadata"]["finalizers"] = ["gazette.example/drain-shards"]


def port_held(shop: Gazette) -> None:
    """The one beside it listens first."""
    beside = container(
        "metrics-proxy", q.HEAD + 'http.createServer((q,r)=>r.end("")).listen(8080,()=>console.log("metrics on :8080"))'
    )
    beside.pop("envFrom")
    shop.pod("articles")["containers"].append(beside)
    shop.box("articles")["args"] = ["setTimeout(()=>{" + g.ARTICLES + "},2500)"]


def limits(shop: Gazette) -> None:
    item = {
        "type": "Container",
        "max": {"memory": "256Mi"},
        "default": {"memory": "128Mi"},
        "defaultRequest": {"memory": "8Mi"},
    }
    made = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "newsroom"}, "spec": {"limits": [item]}}
    shop.objects.insert(0, made)
    shop.box("articles")["resources"] = {"requests": {"memory": "512Mi"}, "limits": {"memory": "512Mi"}}


def slots(shop: Gazette) -> None:
    more = "ERR FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute"
    shop.box("archive")["args"] = [g.ARCHIVE.replace('s.write("OK\\n")', f"s.end({more!r})")]


def wait(shop: Gazette) -> None:
    first = container("copy-theme", "setTimeout(()=>console.log('copied 212 files'),8000)")
    first.pop("envFrom")
    shop.pod("www")["initContainers"] = [first]


ROWS = (
    row("claim-shared", claim_shared, ARCHIVE, ("archive", "data-archive-0")),
    row("zone", zone, ARTICLES, ("articles", "topology.kubernetes.io/zone")),
    row("host-port", host_port, SEARCH, ("search", "host port"), front=False),
    row(
        "tiny",
        box("queue", resources={"limits": {"memory": "4Mi"}, "requests": {"memory": "4Mi"}}),
        QUEUE,
        ("queue", "4mi"),
        front=False,
    ),
    row(
        "liveness",
        box(
            "articles",
            livenessProbe={"httpGet": {"path": "/livez", "port": 8081}, "periodSeconds": 2, "failureThreshold": 2},
        ),
        ARTICLES,
        ("articles", "liveness"),
        seconds=60,
    ),
    row(
        "readiness",
        box("search", readinessProbe={"tcpSocket": {"port": 9201}, "periodSeconds": 3}),
        SEARCH,
        ("search", "9201"),
        seconds=60,
    ),
    row(
        "key",
        lambda shop: shop.box("articles")["env"].__setitem__(
            0, {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "archive-login", "key": "url"}}}
        ),
        ARTICLES,
        ("articles", "url"),
    ),
    row(
        "rotated",
        lambda _: None,
        ARTICLES,
        ("password",),
        later=rotated,
        commands=("rollout restart statefulset/archive",),
        also=("archive",),
    ),
    row(
        "queue-target",
        lambda shop: shop.find("Service", "queue")["spec"]["ports"][0].update(targetPort=4223),
        "service/queue",
        ("queue", "4223"),
        front=False,
    ),
    row("search-place", place("SEARCH_URL", "http://search.index:9200"), WWW, ("search", "index")),
    row("scheme", place("ARTICLES_BASE", "https://articles:8080"), WWW, ("articles", "https")),
    row(
        "loopback",
        box("press", env=[variable("NATS_ADDR", "127.0.0.1:4222")]),
        PRESS,
        ("press", "127.0.0.1:4222"),
        front=False,
    ),
    row(
        "wal-full",
        says(
            "archive",
            '2026-11-30 09:00:00.114 UTC [1] PANIC:  could not write to file "pg_wal/xlogtemp.44": No space left on device',
            134,
        ),
        ARCHIVE,
        ("archive", "no space left"),
    ),
    row("no-end", no_end, "cronjob/feed-import", ("feed-import",), front=False, seconds=140),
    row("deadline", deadline, "job/reindex", ("reindex", "deadline"), front=False),
    row(
        "account",
        lambda shop: shop.pod("press").update(serviceAccountName="press-bot"),
        PRESS,
        ("press", "press-bot"),
        front=False,
    ),
    row("autoscaler", autoscaled, ARTICLES, ("articles", "metrics"), front=False, seconds=60),
    row("slots", slots, ARTICLES, ("connection slots",), also=("archive",)),
    row(
        "push",
        prints(
            "press",
            g.PRESS,
            "press: push failed: POST https://push.example/v1/send answered 503 Service Unavailable, 41 devices waiting",
        ),
        PRESS,
        ("press", "503"),
        front=False,
    ),
    row(
        "heap",
        says(
            "search",
            "java.lang.OutOfMemoryError: Java heap space\n\tat org.opensearch.common.util.BigArrays.newByteArray(BigArrays.java:480)\nfatal error in thread [main], exiting",
            3,
        ),
        SEARCH,
        ("search", "heap"),
    ),
    row("not-executable", not_executable, ARTICLES, ("articles", "permission denied")),
    row("too-wide", too_wide, "service/articles", ("service articles", "also picks"), seconds=50),
    row(
        "stays",
        stays,
        SEARCH,
        ("search", "gazette.example/drain-shards"),
        front=False,
        seconds=60,
        commands=("delete deployment search --wait=false",),
        frees=(("deployment", "search"),),
    ),
    row("port-held", port_held, ARTICLES, ("articles", "8080")),
    row("limits", limits, ARTICLES, ("articles", "maximum memory")),
    row("well", lambda _: None, WWW, (), well=True),
    row(
        "well-late",
        lambda shop: shop.box("search").update(args=["setTimeout(()=>{" + g.SEARCH + "},12000)"]),
        SEARCH,
        (),
        well=True,
        seconds=90,
    ),
    row("well-init", wait, WWW, (), well=True, seconds=60),
    row(
        "well-retry",
        prints("press", g.PRESS, "press: push retried 1/5 after 503, delivered, errors=0"),
        PRESS,
        (),
        well=True,
    ),
    row("well-probe", box("www", livenessProbe=http_probe(8000, "/ping")), WWW, (), well=True),
)
