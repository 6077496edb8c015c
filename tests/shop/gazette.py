"""A fifth app, a news site: a URL with a password in a Secret, a cache that may be away, a queue and its worker.

www (gunicorn's words) → articles (Rust's) → archive (StatefulSet with a claim); articles → page-cache; www → search
(OpenSearch's); press, a worker → queue (NATS). Beside them a CronJob and an Ingress.
"""

from __future__ import annotations

from typing import Any

from tests.shop import gazette_programs as g
from tests.shop.app import Object, http_probe, secret
from tests.shop.depot import Depot, variable

EDGE = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "spec": {"controller": "example.com/edge"}}
DSN = "postgres://gazette:quoin-88@archive:5432/gazette"


class Gazette(Depot):
    """The news site in which all is well."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.wide: list[Object] = []
        places = {"ARTICLES_BASE": "http://articles:8080", "SEARCH_URL": "http://search:9200"}
        self.add("v1", "ConfigMap", "www", data=places)
        self.add("v1", "Secret", "archive-login", stringData={"password": "quoin-88", "dsn": DSN})
        self.held("archive", g.ARCHIVE, 5432, env=[secret("POSTGRES_PASSWORD", "archive-login")])
        self.workload("page-cache", g.CACHE, 11211)
        self.workload("queue", g.QUEUE, 4222)
        self.workload("search", g.SEARCH, 9200, probe=http_probe(9200, "/_cluster/health"))
        settings = [secret("DATABASE_URL", "archive-login", "dsn"), variable("PAGE_CACHE", "page-cache:11211")]
        self.workload("articles", g.ARTICLES, 8080, env=settings, probe=http_probe(8080))
        self.workload("press", g.PRESS, 0, env=[variable("NATS_ADDR", "queue:4222")])
        self.workload("www", g.WWW, 8000, probe=http_probe(8000, "/ping"))
        self.box("www")["envFrom"] = [{"configMapRef": {"name": "www"}}]
        self.cron("feed-import", "console.log('imported 14 wires, 0 errors')", "20 5 * * *")
        feed = self.find("CronJob", "feed-import")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        feed["containers"][0].pop("envFrom", None)
        for name, port in (("archive", 5432), ("page-cache", 11211), ("queue", 4222), ("search", 9200)):
            self.service(name, {"app": name}, port)
        self.service("articles", {"app": "articles"}, 8080)
        self.service("www", {"app": "www"}, 80, 8000)
        self.ingress("gazette", "www", 80, "edge")
        self.wide.append({**EDGE, "metadata": {"name": "edge"}})

    def workload(self, name: str, program: str, port: int, kind: str = "Deployment", **more: Any) -> Object:
        made = super().workload(name, program, port, kind, **more)
        made["spec"]["template"]["metadata"]["labels"] = {"app": name, "site": "gazette"}
        for box in made["spec"]["template"]["spec"]["containers"]:
            box.pop("envFrom", None)
        return made

    def job(self, name: str, program: str, **more: Any) -> Object:
        made = super().job(name, program, **more)
        made["spec"]["template"]["spec"]["containers"][0].pop("envFrom", None)
        return made
