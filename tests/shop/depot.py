"""A third app, a parcel depot: a gateway that a file configures, workers on a queue, StatefulSets with their claims.

gate (nginx's words, its upstreams in a mounted file) → track-view (Ruby's) → ledger (MySQL's, a set), labels (Go's);
gate → scan-intake (Java's) → broker (RabbitMQ's, StatefulSet) ← sorter (Python's, called by nobody) → ledger. Beside
them two CronJobs, a Job that is done, a DaemonSet and an Ingress. The sorter finds the ledger by a URL in a Secret,
scan-intake the broker by the variables that Kubernetes itself sets.
"""

from __future__ import annotations

from tests.shop import depot_programs as p
from tests.shop.app import Object, Shop, http_probe, secret

PLACE = "PLACE"
"""Stands for the namespace in any object's text."""
SIZE = "1Gi"


def claim(name: str = "data", size: str = SIZE) -> Object:
    wants = {"requests": {"storage": size}}
    return {
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": wants, "storageClassName": "shelf"},
    }


def variable(name: str, value: str) -> Object:
    return {"name": name, "value": value}


class Depot(Shop):
    """The depot in which all is well."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.wide: list[Object] = []
        self.add("v1", "ConfigMap", "shop", data={"TZ": "UTC"})
        self.add("v1", "ConfigMap", "parcels", data={"LABELS_TARGET": "labels:9090", "LEDGER_HOST": "ledger"})
        self.add("v1", "ConfigMap", "gate-conf", data={"gate.conf": p.GATE_CONF})
        self.add("v1", "Secret", "ledger", stringData={"password": "amber-61"})
        self.add("v1", "Secret", "ledger-dsn", stringData={"dsn": "mysql://parcels:amber-61@ledger:3306/parcels"})
        for name, port, target in (("ledger", 3306, 3306), ("broker", 5672, 5672), ("labels", 9090, 9090)):
            self.service(name, {"app": name}, port, target)
        for name in ("track-view", "scan-intake"):
            self.service(name, {"app": name}, 8080, "http")
        self.service("gate", {"app": "gate"}, 80, 8000)
        self.held("ledger", p.LEDGER, 3306, env=[secret("MYSQL_PASSWORD", "ledger")])
        self.held("broker", p.BROKER, 5672)
        self.workload("labels", p.LABELS, 9090)
        password = [secret("LEDGER_PASSWORD", "ledger")]
        self.workload("track-view", p.TRACK_VIEW, 8080, env=password, probe=http_probe(8080, "/up"))
        self.box("track-view")["envFrom"] = [{"configMapRef": {"name": "parcels"}}]
        queue = [variable("AMQP_ADDRESS", "$(BROKER_SERVICE_HOST):$(BROKER_SERVICE_PORT)")]
        self.workload("scan-intake", p.SCAN_INTAKE, 8080, env=queue, probe=http_probe(8080, "/actuator/health"))
        for name in ("track-view", "scan-intake"):
            self.box(name)["ports"][0]["name"] = "http"
        work = [secret("DSN", "ledger-dsn", "dsn"), variable("BROKER", "amqp://broker:5672//")]
        self.workload("sorter", p.SORTER, 0, env=work)
        self.workload("gate", p.GATE, 8000)
        self.pod("gate")["volumes"] = [{"name": "conf", "configMap": {"name": "gate-conf"}}]
        self.box("gate")["volumeMounts"] = [{"name": "conf", "mountPath": "/etc/gate"}]
        self.job("schema", "console.log('== 20261102 AddWeight: migrated (0.0041s)')")
        self.cron("nightly-manifest", p.MANIFEST, "15 3 * * *")
        self.cron("purge", "console.log('purged 0 parcels')", "0 4 * * 0")
        self.workload("node-scan", "console.log('watching /dev/ttyUSB0');setInterval(()=>{},1e6)", 0, "DaemonSet")
        self.ingress("parcels", "gate", 80, "edge")
        self.wide.append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "IngressClass",
                "metadata": {"name": "edge"},
                "spec": {"controller": "example.com/edge"},
            }
        )

    def held(self, name: str, program: str, port: int, **more: object) -> None:
        """A StatefulSet whose claim finds a volume that is kept for it."""
        made = self.workload(name, program, port, "StatefulSet", **more)
        made["spec"]["volumeClaimTemplates"] = [claim()]
        self.box(name)["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
        spec = {
            "capacity": {"storage": SIZE},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "shelf",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": PLACE, "name": f"data-{name}-0"},
            "hostPath": {"path": f"/var/tmp/depot/{PLACE}-{name}", "type": "DirectoryOrCreate"},
        }
        volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{PLACE}-{name}"}, "spec": spec}
        self.wide.append(volume)

    def template(self, name: str) -> Object:
        """The spec of the Deployment, StatefulSet or DaemonSet of that name."""
        kinds = ("Deployment", "StatefulSet", "DaemonSet")
        found = (item for item in self.objects if item["kind"] in kinds and item["metadata"]["name"] == name)
        spec: Object = next(found)["spec"]
        return spec

    def pod(self, name: str) -> Object:
        found: Object = self.template(name)["template"]["spec"]
        return found

    def tune(self, text: str, by: str) -> None:
        """Change the gateway's file."""
        data = self.find("ConfigMap", "gate-conf")["data"]
        data["gate.conf"] = data["gate.conf"].replace(text, by)
