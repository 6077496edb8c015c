"""Builders for manifests: small functions that return Kubernetes objects as a person would write them.

Used by the application sets in this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.cluster.state.values import Object

NAMESPACE = "onyx"


@dataclass(frozen=True)
class OnyxNames:
    """What one era of Onyx calls its objects; faults are written against these, not against strings."""

    api: str
    api_service: str
    api_container: str
    web: str
    web_container: str
    web_settings: str
    api_settings: str
    database: str
    database_service: str
    cache: str = "redis"
    index: str = "document-index"
    model_server: str = "inference-model-server"
    web_service: str = "web-server"


def config_map(name: str, data: dict[str, str], labels: dict[str, str] | None = None) -> Object:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta(name, labels), "data": dict(data)}


def secret(name: str, data: dict[str, str]) -> Object:
    """An Opaque Secret from plain text."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": _meta(name, None), "stringData": dict(data)}


def service(name: str, selector: dict[str, str], ports: list[Object], labels: dict[str, str] | None = None,
            **spec: Any) -> Object:  # fmt: skip
    """A ClusterIP Service."""
    body = {"selector": dict(selector), "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(name, labels), "spec": body}


def port(number: int, target: int | str | None = None, name: str = "") -> Object:
    """A Service port."""
    return {**({"name": name} if name else {}), "port": number, "targetPort": number if target is None else target}


def container(  # noqa: PLR0913  # a builder: each argument is a field of the object, always given by name
    name: str,
    image: str,
    *,
    ports: list[Object] | None = None,
    command: list[str] | None = None,
    memory: tuple[str, str] = ("64Mi", "256Mi"),
    cpu: tuple[str, str] = ("50m", "500m"),
    env: list[Object] | None = None,
    env_from: list[str] | None = None,
    **more: Any,
) -> Object:
    """A container; memory and cpu are (request, limit)."""
    item: Object = {"name": name, "image": image}
    if command:
        item["command"] = command
    if ports:
        item["ports"] = ports
    if env_from:
        item["envFrom"] = [{"configMapRef": {"name": source}} for source in env_from]
    if env:
        item["env"] = env
    item["resources"] = {
        "requests": {"cpu": cpu[0], "memory": memory[0]},
        "limits": {"cpu": cpu[1], "memory": memory[1]},
    }
    return {**item, **more}


def http_probe(path: str, target: int | str, delay: int, period: int, **more: int) -> Object:
    """An httpGet probe."""
    return {"httpGet": {"path": path, "port": target}, "initialDelaySeconds": delay, "periodSeconds": period, **more}


def from_secret(variable: str, name: str, key: str) -> Object:
    """An environment variable from a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def deployment(  # noqa: PLR0913  # a builder: each argument is a field of the object, always given by name
    name: str,
    labels: dict[str, str],
    containers: list[Object],
    *,
    selector: dict[str, str] | None = None,
    own_labels: dict[str, str] | None = None,
    strategy: str = "RollingUpdate",
    grace: int = 30,
    replicas: int = 1,
    **pod: Any,
) -> Object:
    """A Deployment; `labels` are the pods'."""
    spec: Object = {
        "replicas": replicas,
        "selector": {"matchLabels": dict(selector or labels)},
        "strategy": {"type": strategy},
        "template": {
            "metadata": {"labels": dict(labels)},
            "spec": {"terminationGracePeriodSeconds": grace, "containers": containers, **pod},
        },
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(name, own_labels or labels), "spec": spec}


def stateful_set(name: str, labels: dict[str, str], service_name: str, containers: list[Object], *, storage: str = "",
                 **pod: Any) -> Object:  # fmt: skip
    """A StatefulSet with, optionally, a claim `data` of the given size."""
    spec: Object = {
        "replicas": 1,
        "serviceName": service_name,
        "selector": {"matchLabels": dict(labels)},
        "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": containers, **pod}},
    }
    if storage:
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
        spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": _meta(name, labels), "spec": spec}


def _meta(name: str, labels: dict[str, str] | None) -> Object:
    return {"name": name, "namespace": NAMESPACE, **({"labels": dict(labels)} if labels else {})}
