"""The cluster below the application: nodes, cluster DNS, storage class.

Applied once when a simulated cluster is made, and again after a reset. Three workers, like a small OpenShift.
"""

from __future__ import annotations

from datetime import datetime

from bot.sandbox.cluster.apps.build import container, port
from bot.sandbox.cluster.control.nodes import node_conditions
from bot.sandbox.cluster.state.values import Object, stamp

NODES = ("worker-1", "worker-2", "worker-3")
SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease", "triage")


def node(name: str, number: int, now: datetime) -> Object:
    """A healthy worker with 32 GiB and 8 CPUs."""
    room = {"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "250"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "node-role.kubernetes.io/worker": "",
                "topology.kubernetes.io/zone": f"zone-{'abc'[number % 3]}",
            },
        },
        "spec": {"podCIDR": f"10.{128 + number}.0.0/23", "providerID": f"sandbox://{name}"},
        "status": {
            "capacity": dict(room),
            "allocatable": {**room, "cpu": "7800m", "memory": "30Gi"},
            "addresses": [
                {"type": "InternalIP", "address": f"10.0.0.{11 + number}"},
                {"type": "Hostname", "address": name},
            ],
            "conditions": node_conditions(stamp(now)),
            "nodeInfo": {
                "kubeletVersion": "v1.33.2",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "kernelVersion": "6.1.0-37-amd64",
                "containerRuntimeVersion": "containerd://2.0.5",
                "architecture": "amd64",
                "operatingSystem": "linux",
                "machineID": f"{number + 1:032x}",
                "systemUUID": f"{number + 1:032x}",
                "bootID": f"{number + 1:032x}",
                "kubeProxyVersion": "v1.33.2",
            },
        },
    }


def cluster_dns() -> list[Object]:
    """CoreDNS and its Service: without a ready pod here no name resolves."""
    labels = {"k8s-app": "kube-dns"}
    server = container(
        "coredns",
        "registry.k8s.io/coredns/coredns:v1.12.0",
        memory=("70Mi", "170Mi"),
        ports=[
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53},
            {"name": "metrics", "containerPort": 9153},
        ],
    )
    meta = {"name": "coredns", "namespace": "kube-system", "labels": labels}
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [server]}},
    }
    ports = [{**port(53, 53, "dns"), "protocol": "UDP"}, port(53, 53, "dns-tcp"), port(9153, 9153, "metrics")]
    service_meta = {**meta, "name": "kube-dns"}
    service_spec = {"clusterIP": "172.30.0.10", "selector": labels, "ports": ports}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec},
        {"apiVersion": "v1", "kind": "Service", "metadata": service_meta, "spec": service_spec},
    ]


def storage_class() -> Object:
    """The default storage class."""
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": annotations},
        "provisioner": "sandbox.local/disk",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def kubernetes_service() -> Object:
    """The API server's own Service."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default"},
        "spec": {"clusterIP": "172.30.0.1", "ports": [port(443, 6443, "https")]},
    }
