"""The shop in which all is well: front → orders → db, a cache, a mail worker, a CronJob, an Ingress; open to change."""

from __future__ import annotations

from typing import Any

from tests.shop import programs

IMAGE = "lab.local/app:1"
Object = dict[str, Any]


class Shop:
    """Its objects, in the order in which they are applied."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.wide: list[Object] = []
        settings = {
            "ORDERS_URL": "http://orders:8080",
            "DB_HOST": "db",
            "DB_PORT": "5432",
            "CACHE_URL": "redis://cache:6379",
            "LOG_LEVEL": "info",
        }
        self.add("v1", "ConfigMap", "shop", data=settings)
        self.add("v1", "Secret", "db", stringData={"password": "sesame-41"})
        self.workload("db", programs.DB, 5432, env=[secret("POSTGRES_PASSWORD")])
        self.workload("cache", programs.CACHE, 6379)
        self.workload("orders", programs.ORDERS, 8080, env=[secret("DB_PASSWORD")], probe=http_probe(8080))
        self.workload("front", programs.FRONT, 3000, probe=http_probe(3000))
        self.workload("mail", programs.MAIL, 0)
        self.cron("report", programs.REPORT, "*/30 * * * *")
        for name, port in (("db", 5432), ("cache", 6379), ("orders", 8080), ("front", 3000)):
            self.service(name, {"app": name}, port)

    def add(self, version: str, kind: str, name: str, **body: Any) -> Object:
        found: Object = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}
        self.objects.append(found)
        return found

    def find(self, kind: str, name: str) -> Object:
        return next(item for item in self.objects if (item["kind"], item["metadata"]["name"]) == (kind, name))

    def drop(self, kind: str, name: str) -> None:
        self.objects.remove(self.find(kind, name))

    def service(self, name: str, selector: dict[str, str], port: int, target: int | str = 0) -> Object:
        ports = [{"name": "main", "port": port, "targetPort": target or port}]
        return self.add("v1", "Service", name, spec={"selector": selector, "ports": ports})

    def workload(self, name: str, program: str, port: int, kind: str = "Deployment", **more: Any) -> Object:
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": pod_spec(name, program, port, **more)}
        spec: Object = {"selector": {"matchLabels": labels}, "template": template}
        if kind != "DaemonSet":
            spec["replicas"] = 1
        if kind == "Deployment":
            spec["strategy"] = {"type": "Recreate"}
        if kind == "StatefulSet":
            spec["serviceName"] = name
        return self.add("apps/v1", kind, name, spec=spec)

    def job(self, name: str, program: str, **more: Any) -> Object:
        template = {"spec": {**pod_spec(name, program, 0), "restartPolicy": "Never"}}
        return self.add("batch/v1", "Job", name, spec={"backoffLimit": 1, "template": template, **more})

    def cron(self, name: str, program: str, schedule: str, **more: Any) -> Object:
        template = {"spec": {**pod_spec(name, program, 0), "restartPolicy": "Never"}}
        job = {"spec": {"backoffLimit": 0, "template": template}}
        return self.add("batch/v1beta1", "CronJob", name, spec={"schedule": schedule, "jobTemplate": job, **more})

    def pod(self, name: str) -> Object:
        """The pod's spec in a Deployment's template."""
        found: Object = self.find("Deployment", name)["spec"]["template"]["spec"]
        return found

    def box(self, name: str) -> Object:
        """The Deployment's first container."""
        found: Object = self.pod(name)["containers"][0]
        return found

    def runs(self, name: str, program: str) -> None:
        """Give a Deployment's container another program."""
        self.box(name)["args"] = [program]

    def shell(self, name: str, script: str) -> None:
        """Let a shell run this instead of Node."""
        self.box(name).update(command=["/bin/sh", "-c"], args=[script])

    def set(self, key: str, value: str) -> None:
        self.find("ConfigMap", "shop")["data"][key] = value

    def ingress(self, name: str, service: str, port: int, kind: str | None = "lab", path: str = "/") -> Object:
        backend = {"service": {"name": service, "port": {"number": port}}}
        rule = {"host": "shop.example", "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
        spec: Object = {"rules": [rule], **({"ingressClassName": kind} if kind else {})}
        return self.add("networking.k8s.io/v1", "Ingress", name, spec=spec)


def secret(variable: str, name: str = "db", key: str = "password") -> Object:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def http_probe(port: int, path: str = "/healthz", **more: Any) -> Object:
    return {"httpGet": {"path": path, "port": port}, "initialDelaySeconds": 1, "periodSeconds": 3, **more}


def container(name: str, program: str, port: int = 0, env: list[Object] | None = None, **more: Any) -> Object:
    box: Object = {
        "name": name,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/bin/node", "-e"],
        "args": [program],
        "envFrom": [{"configMapRef": {"name": "shop"}}],
        "env": env or [],
        **more,
    }
    return {**box, "ports": [{"containerPort": port}]} if port else box


def pod_spec(name: str, program: str, port: int, *, probe: Object | None = None, **more: Any) -> Object:
    box = container(name, program, port, **more)
    if probe is not None:
        box["readinessProbe"] = probe
    return {"terminationGracePeriodSeconds": 1, "containers": [box]}
