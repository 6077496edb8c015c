"""A fourth app, a ticket shop: routes in a mounted file, an ADO connection string, an address in the arguments.

gateway (JSON lines, routes.json) → catalogue (.NET's words) → store (StatefulSet with a claim);
gateway → basket (Go's words, `--redis-addr`) → session-cache; gateway → payment (PHP's words) → bank-stub. Beside them
a mailer (a shell script) → smtp-relay, a CronJob and an Ingress. Labels as charts set them.
"""

from __future__ import annotations

from typing import Any

from tests.shop import tickets_programs as p
from tests.shop.app import Object, http_probe, pod_spec, secret
from tests.shop.depot import Depot, variable

EDGE = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "spec": {"controller": "example.com/edge"}}
LABEL = "app.kubernetes.io/name"
CONNECTION = "Host=store;Port=5432;Database=events;Username=events;Password=row-F-12"


class Tickets(Depot):
    """The ticket shop in which all is well."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.wide: list[Object] = []
        self.add("v1", "ConfigMap", "gateway-routes", data={"routes.json": p.ROUTES})
        self.add("v1", "ConfigMap", "payment-settings", data={"bank.endpoint": "http://bank-stub:9000"})
        self.add("v1", "Secret", "store", stringData={"password": "row-F-12"})
        self.held("store", p.STORE, 5432, env=[secret("PGPASS", "store")])
        self.workload("session-cache", p.CACHE, 6379)
        self.workload("bank-stub", p.BANK, 9000)
        self.workload("smtp-relay", p.RELAY, 2525)
        events = [variable("ConnectionStrings__Events", CONNECTION)]
        self.workload("catalogue", p.CATALOGUE, 8080, env=events, probe=http_probe(8080, "/health"))
        self.box("catalogue")["ports"][0]["name"] = "http"
        self.workload("basket", p.BASKET, 8080, probe=http_probe(8080))
        self.box("basket")["args"] += ["--", "--redis-addr=session-cache:6379"]
        bank = {"configMapKeyRef": {"name": "payment-settings", "key": "bank.endpoint"}}
        self.workload("payment", p.PAYMENT, 8080, env=[{"name": "BANK_ENDPOINT", "valueFrom": bank}])
        self.box("payment")["readinessProbe"] = http_probe(8080, "/ping")
        self.workload("mailer", "", 0, env=[variable("RELAY", "smtp-relay:2525")])
        self.shell("mailer", p.MAILER)
        self.workload("gateway", p.GATEWAY, 8000, probe=http_probe(8000, "/livez"))
        self.pod("gateway")["volumes"] = [{"name": "routes", "configMap": {"name": "gateway-routes"}}]
        self.box("gateway")["volumeMounts"] = [{"name": "routes", "mountPath": "/etc/gateway"}]
        self.cron("report", "", "40 2 * * *")
        self.report(p.REPORT)
        for name, port in (("store", 5432), ("session-cache", 6379), ("bank-stub", 9000), ("smtp-relay", 2525)):
            self.service(name, {LABEL: name}, port)
        for name in ("basket", "payment"):
            self.service(name, {LABEL: name}, 8080)
        self.service("catalogue", {LABEL: "catalogue"}, 80, "http")
        self.service("gateway", {LABEL: "gateway"}, 80, 8000)
        self.ingress("tickets", "gateway", 80, "edge")
        self.wide.append({**EDGE, "metadata": {"name": "edge"}})

    def workload(self, name: str, program: str, port: int, kind: str = "Deployment", **more: Any) -> Object:
        made = super().workload(name, program, port, kind, **more)
        labels = {LABEL: name, "app.kubernetes.io/part-of": "tickets"}
        made["spec"]["template"]["metadata"]["labels"] = labels
        made["spec"]["selector"]["matchLabels"] = {LABEL: name}
        for box in made["spec"]["template"]["spec"]["containers"]:
            del box["envFrom"]
        return made

    def report(self, script: str, schedule: str = "40 2 * * *") -> None:
        """Let the CronJob run this in a shell."""
        spec = self.find("CronJob", "report")["spec"]
        spec["schedule"] = schedule
        box = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        box.pop("envFrom", None)
        box.update(command=["/bin/sh", "-c"], args=[script])

    def bare(self, name: str, program: str) -> Object:
        """A pod that nothing owns."""
        spec = pod_spec(name, program, 0)
        del spec["containers"][0]["envFrom"]
        made = self.add("v1", "Pod", name, spec=spec)
        made["metadata"]["labels"] = {LABEL: name}
        return made

    def beside(self, name: str, script: str, sidecar: str, kind: str = "containers") -> Object:
        """Put a container with a shell script beside a workload's first, or before it."""
        box = pod_spec(sidecar, "", 0)["containers"][0]
        del box["envFrom"]
        box.update(command=["/bin/sh", "-c"], args=[script])
        self.pod(name).setdefault(kind, []).append(box)
        return dict(box)
