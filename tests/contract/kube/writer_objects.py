"""The objects that the writer's contract changes: small ones, each with a name of its own, alike on every cluster."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

IMAGE = "lab.local/app:1"
SERVER = """
require("http").createServer((q, r) => r.end('{"success":true}')).listen(8080, "0.0.0.0",
  () => console.log("INFO:     Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)"));
"""
PASSWORD = "Tr0ub4dor-canary-9f1"


def containers() -> list[Object]:
    """A sidecar and, second in the list, the container that remedies change."""
    sidecar = {"name": "sidecar", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": ["sleep", "3600"]}
    server = {
        "name": "server",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/bin/node", "-e"],
        "args": [SERVER],
        "ports": [{"containerPort": 8080, "name": "http"}, {"containerPort": 9090, "name": "metrics"}],
        "env": [
            {"name": "DB_PASSWORD", "value": PASSWORD},
            {"name": "INTERNAL_URL", "value": "http://api:80"},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        "resources": {"requests": {"memory": "32Mi"}, "limits": {"memory": "64Mi"}},
        "readinessProbe": {"httpGet": {"path": "/wrong-but-answered", "port": 8080}, "periodSeconds": 1},
    }
    return [sidecar, server]


def deployment(name: str, namespace: str, replicas: int = 0) -> Object:
    """A Deployment of two containers."""
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": containers(), "terminationGracePeriodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": {"team": "search"}},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def stateful_set(name: str, namespace: str, replicas: int = 0) -> Object:
    """A StatefulSet of the same pods."""
    made = deployment(name, namespace, replicas)
    return {**made, "kind": "StatefulSet", "spec": {**made["spec"], "serviceName": name}}


def service(name: str, namespace: str) -> Object:
    """A Service with two ports, one of them wrong, and one label too many in its selector."""
    ports = [{"name": "http", "port": 80, "targetPort": 8081}, {"name": "metrics", "port": 9090, "targetPort": 9090}]
    spec = {"selector": {"app": name, "tier": "none"}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def config_map(name: str, namespace: str) -> Object:
    """A ConfigMap with a wrong address and a neighbour."""
    data = {"INTERNAL_URL": "http://nowhere:80", "LOG_LEVEL": "info", "DB_PASSWORD": PASSWORD}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def network_policy(name: str) -> Object:
    """What a remedy creates: web may reach the api."""
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 8080, "protocol": "TCP"}]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Ingress"], "ingress": [rule]},
    }


PATHS = {
    "deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "statefulset": "/apis/apps/v1/namespaces/{}/statefulsets",
    "service": "/api/v1/namespaces/{}/services",
    "configmap": "/api/v1/namespaces/{}/configmaps",
    "networkpolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "resourcequota": "/api/v1/namespaces/{}/resourcequotas",
    "role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "rolebinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "horizontalpodautoscaler": "/apis/autoscaling/v1/namespaces/{}/horizontalpodautoscalers",
    "serviceaccount": "/api/v1/namespaces/{}/serviceaccounts",
}
