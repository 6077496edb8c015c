"""One copy of the Onyx-like app, open to change before it is applied: the fault tables break it here.

Three builders, one per way in which people run Onyx: the analysis' names, today's chart with any release name, and the
hand-written manifests of old. All pods carry `app: api-server` or `app: web-server`, as every Onyx does.
"""

import copy
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.kubectl import Object
from tests.cluster.programs import SERVE

MANIFEST = Path(__file__).parent / "onyx-like.yaml"
IMAGE = "lab.local/app:1"
ADDRESS = "172.30.154.48"


class App:
    """The objects of one app, in the order in which they are applied."""

    def __init__(self, objects: list[Object]) -> None:
        self.objects = objects

    def find(self, kind: str, part: str) -> Object:
        """The only object of this kind whose name contains `part`."""
        (found,) = [o for o in self.objects if o["kind"] == kind and part in o["metadata"]["name"]]
        return found

    @property
    def api(self) -> Object:
        return self.find("Deployment", "api-server")

    @property
    def web(self) -> Object:
        return self.find("Deployment", "web-server")

    @property
    def service(self) -> Object:
        return next(o for o in self.objects if o["kind"] == "Service" and "api-se" in o["metadata"]["name"])

    @property
    def config(self) -> Object:
        return next(o for o in self.objects if o["kind"] == "ConfigMap")

    @property
    def api_pod(self) -> Object:
        spec: Object = self.api["spec"]["template"]["spec"]
        return spec

    @property
    def api_container(self) -> Object:
        container: Object = self.api_pod["containers"][0]
        return container

    def run(self, program: str, *, memory: str | None = None) -> "App":
        """Give the API server another program and, if said, another memory limit."""
        self.api_container["args"] = [program]
        if memory:
            self.api_container["resources"] = {"requests": {"memory": "32Mi"}, "limits": {"memory": memory}}
        return self

    def probe(self, *, readiness: Object | None = None, liveness: Object | None = None) -> "App":
        """Replace both probes; None leaves one out."""
        for name, probe in (("readinessProbe", readiness), ("livenessProbe", liveness)):
            self.api_container.pop(name, None)
            if probe is not None:
                self.api_container[name] = probe
        return self

    def internal_url(self, value: str | None) -> "App":
        """Set INTERNAL_URL, or take it out of the ConfigMap."""
        data = self.config["data"]
        data.pop("INTERNAL_URL", None)
        if value is not None:
            data["INTERNAL_URL"] = value
        return self

    def add(self, *objects: Object) -> "App":
        self.objects += [copy.deepcopy(o) for o in objects]
        return self

    def drop(self, kind: str, part: str) -> "App":
        self.objects.remove(self.find(kind, part))
        return self


def http_probe(path: str = "/health", port: int | str = 8080, **more: int) -> Object:
    """A quick probe: first after 2 s, then every 3 s."""
    return {"httpGet": {"path": path, "port": port}, "initialDelaySeconds": 2, "periodSeconds": 3, **more}


@functools.cache
def _manifest() -> tuple[Object, ...]:
    return tuple(yaml.safe_load_all(MANIFEST.read_text("utf-8")))


def analysis_app() -> App:
    """The app as the lab ships it, without namespace and fixed address; its API answers 404 where it knows no path."""
    objects = [copy.deepcopy(o) for o in _manifest() if o["kind"] != "Namespace"]
    for item in objects:
        del item["metadata"]["namespace"]
        item["spec"] = item.get("spec", {})
        item["spec"].pop("clusterIP", None)
        if item["kind"] == "ConfigMap":
            del item["spec"]
    return App(objects).run(SERVE)


def deployment(name: str, labels: Mapping[str, str], container: Object, **spec: Any) -> Object:
    """A Deployment of one pod with one container; `container` needs only what differs."""
    full = {
        "name": name,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/bin/node", "-e"],
        **container,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": dict(labels)},
            "template": {
                "metadata": {"labels": dict(labels)},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [full]},
            },
            **spec,
        },
    }


def service(name: str, selector: Mapping[str, str], port: int, target: int | str, port_name: str = "") -> Object:
    """A ClusterIP Service with one port."""
    entry: Object = {"port": port, "targetPort": target}
    if port_name:
        entry["name"] = port_name
    spec = {"selector": dict(selector), "ports": [entry]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def config_map(name: str, data: Mapping[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": dict(data)}


def policy(name: str, spec: Object) -> Object:
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}, "spec": spec}


def _renamed(container: Object, name: str, ports: list[Object], config: str) -> Object:
    """A container of the analysis' app under another era's name, without the probes that era does not have."""
    kept = {k: v for k, v in container.items() if k not in ("readinessProbe", "livenessProbe", "envFrom", "ports")}
    return {**kept, "name": name, "ports": ports, "envFrom": [{"configMapRef": {"name": config}}]}


def chart_app(release: str = "onyx") -> App:
    """Today's chart (0.8): names from the release, named ports, one ConfigMap for all, a Secret, no probes."""
    base = analysis_app()
    full = release if "onyx" in release else f"{release}-onyx"
    common = {"app.kubernetes.io/name": "onyx", "app.kubernetes.io/instance": release}
    api_labels, web_labels = {**common, "app": "api-server"}, {**common, "app": "web-server"}
    api = _renamed(
        base.api_container, "api-server", [{"name": "api-server-port", "containerPort": 8080}], "env-configmap"
    )
    api["env"] = [
        {"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "onyx-postgresql", "key": "password"}}}
    ]
    web_container = base.web["spec"]["template"]["spec"]["containers"][0]
    web = _renamed(web_container, "web-server", [{"name": "http", "containerPort": 3000}], "env-configmap")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "onyx-postgresql"}}
    objects: list[Object] = [
        config_map(
            "env-configmap",
            {
                "INTERNAL_URL": f"http://{full}-api-service:8080",
                "POSTGRES_HOST": f"{release}-pg-rw",
                "REDIS_HOST": release,
                "AUTH_TYPE": "basic",
            },
        ),
        {**secret, "stringData": {"password": "canary-9f1b7d"}},
        service(f"{full}-api-service", api_labels, 8080, "api-server-port", "api-server-port"),
        service(f"{full}-webserver", web_labels, 3000, "http", "http"),
        deployment(f"{full}-api-server", api_labels, api),
        deployment(f"{full}-web-server", web_labels, web),
    ]
    for item in objects:
        item["metadata"].setdefault("labels", {}).update(
            {**common, "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "onyx-0.8.19"}
        )
    return App(objects)


def manifest_app() -> App:
    """The hand-written manifests up to 0.29: Service port 80 in front of 8080, one ConfigMap, no probes."""
    base = analysis_app()
    api = _renamed(base.api_container, "api-server", [{"containerPort": 8080}], "env-configmap")
    web_container = base.web["spec"]["template"]["spec"]["containers"][0]
    web = _renamed(web_container, "web-server", [{"containerPort": 3000}], "env-configmap")
    return App(
        [
            config_map("env-configmap", {"INTERNAL_URL": "http://api-server-service:80", "AUTH_TYPE": "basic"}),
            service("api-server-service", {"app": "api-server"}, 80, 8080, "api-server-port"),
            service("web-server-service", {"app": "web-server"}, 80, 3000, "http"),
            deployment("api-server-deployment", {"app": "api-server"}, api),
            deployment("web-server-deployment", {"app": "web-server"}, web),
        ]
    )
